//! Servers and channels that the bot sees.

use std::convert::Infallible;
use std::sync::Weak;

use husting_discord::examination::{SeenChannel, SeenServer, invitation, lacking_in, servers};
use husting_discord::gateway::Health;
use husting_discord::sender::Sender;
use husting_domain::discord::Snowflake;
use husting_wire::discord::{ChannelView, DiscordServers, ServerView};
use husting_wire::errors::Error;
use tokio::sync::watch;

use super::editing::refused;
use super::seen::words;
use crate::Inner;

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
}

/// Asks what the bot may do in the channels of the map whenever it is connected anew: what was known is lost with the
/// program, and may have changed while the connection was away.
pub(super) async fn keep_looking(
    console: Weak<Inner>,
    sender: Sender,
    bot: Snowflake,
    mut gateway: watch::Receiver<Health>,
) -> Infallible {
    let mut looked_in = None;
    loop {
        let is_anew =
            |health: &Health| health.live_since.is_some() && health.live_since != looked_in;
        let live = gateway.wait_for(is_anew).await;
        let live_since = live.map(|health| health.live_since);
        let routes = console
            .upgrade()
            .map(|console| console.bridge.setup().routes);
        let (Ok(live_since), Some(routes)) = (live_since, routes) else {
            // The bridge is about to end.
            return std::future::pending().await;
        };
        looked_in = live_since;
        let lacking = lacking_in(&sender, bot, routes.into_keys()).await;
        if let Some(console) = console.upgrade() {
            // Another bot, that was set up meanwhile, may do other things.
            if console.bot_id().ok() != Some(bot) {
                continue;
            }
            console.bridge.seen.learn(lacking);
            console.bridge.moved.notify_one();
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
