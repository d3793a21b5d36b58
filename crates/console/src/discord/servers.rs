//! Servers and channels that the bot sees.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

use husting_discord::examination::{
    Lacking, SeenChannel, SeenServer, invitation, lacking_in, servers,
};
use husting_discord::gateway::Health;
use husting_discord::sender::Sender;
use husting_domain::discord::Snowflake;
use husting_wire::discord::{ChannelView, DiscordServers, ServerView};
use husting_wire::errors::Error;
use tokio::sync::{Notify, watch};

use super::editing::refused;
use super::seen::words;
use crate::Inner;

/// How long Discord may take to say what the bot may do in all channels of the map.
const PATIENCE: Duration = Duration::from_secs(10);

impl Inner {
    /// Servers by name, with the channels in which the bot could be written to.
    ///
    /// # Errors
    /// `invalid_state` where no bot is set up; `provider_error` with what Discord says.
    pub(crate) async fn list_servers(&self) -> Result<DiscordServers, Error> {
        let bot = self.bot_id()?;
        let sender = self.kept_sender().await?;
        let seen = servers(&sender, bot)
            .await
            .map_err(|fault| refused(&fault))?;
        let channels = seen.iter().flat_map(|server| &server.channels);
        let learnt = channels.map(|channel| (channel.id, channel.lacking.clone()));
        self.bridge.seen.learn(learnt);
        let application = self.bridge.setup().application_id;
        let shown = seen.into_iter().map(|server| shown(server, application));
        Ok(DiscordServers {
            servers: shown.collect(),
        })
    }

    /// Asks Discord what the bot may do in the channels of the map now. What it does not say in time stays as it was
    /// seen last.
    pub(crate) async fn look_anew(&self) {
        let channels = self.bridge.setup().routes.into_keys();
        self.look_into(channels, PATIENCE).await;
    }

    /// Asks Discord what the bot may do in `channels`. Of what it does not say within `patience` nothing is learnt.
    pub(super) async fn look_into(
        &self,
        channels: impl IntoIterator<Item = Snowflake>,
        patience: Duration,
    ) {
        let looking = async {
            let (bot, sender) = (self.bot_id()?, self.kept_sender().await?);
            let lacking = lacking_in(&sender, bot, channels).await;
            self.learn_of(bot, lacking);
            Ok::<(), Error>(())
        };
        match tokio::time::timeout(patience, looking).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::info!(%fault, "the channels of the map were not looked at"),
            Err(_) => tracing::info!("Discord has not said what the bot may do in time"),
        }
    }

    /// This is what the bot may not do, unless another one was set up meanwhile, which may do other things.
    fn learn_of(&self, bot: Snowflake, lacking: BTreeMap<Snowflake, Lacking>) {
        if self.bot_id().ok() == Some(bot) {
            self.bridge.seen.learn(lacking);
            self.bridge.moved.notify_one();
        }
    }
}

/// Asks what the bot may do in the channels of the map whenever it is connected anew: what was known is lost with the
/// program, and may have changed while the connection was away. In those that are `mapped` later it is asked at once.
pub(super) async fn keep_looking(
    console: Weak<Inner>,
    sender: Sender,
    bot: Snowflake,
    mut gateway: watch::Receiver<Health>,
    mapped: Arc<Notify>,
) -> Infallible {
    let mut looked_in = None;
    loop {
        let is_anew =
            |health: &Health| health.live_since.is_some() && health.live_since != looked_in;
        let connected = async {
            let live = gateway.wait_for(is_anew).await;
            live.map(|health| health.live_since)
        };
        let live_since = tokio::select! {
            live_since = connected => Some(live_since),
            () = mapped.notified() => None,
        };
        let (Ok(live_since), Some(inner)) = (live_since.transpose(), console.upgrade()) else {
            // The bridge is about to end.
            return std::future::pending().await;
        };
        let mut channels: Vec<_> = inner.bridge.setup().routes.into_keys().collect();
        match live_since {
            Some(since) => looked_in = since,
            None => channels.retain(|channel| inner.bridge.seen.lacking(*channel).is_none()),
        }
        drop(inner);
        let lacking = lacking_in(&sender, bot, channels).await;
        if let Some(console) = console.upgrade() {
            console.learn_of(bot, lacking);
        }
    }
}

fn shown(server: SeenServer, application: Option<Snowflake>) -> ServerView {
    let invited = application.map(|id| invitation(id, Some(server.id)));
    let channels = server.channels.into_iter();
    ServerView {
        id: server.id,
        name: server.name,
        channels: channels
            .map(|channel| channel_view(channel, invited.as_deref()))
            .collect(),
    }
}

fn channel_view(channel: SeenChannel, invitation: Option<&str>) -> ChannelView {
    let lacking = words(&channel.lacking.needed);
    let extras_lacking = words(&channel.lacking.extras);
    let is_whole = lacking.is_empty() && extras_lacking.is_empty();
    ChannelView {
        id: channel.id,
        name: channel.name,
        category: channel.category,
        parent_id: channel.parent,
        invitation: invitation.filter(|_| !is_whole).map(str::to_owned),
        lacking,
        extras_lacking,
    }
}
