//! Setting the bridge up: who is asked where, how it speaks, which bot it is.

use std::collections::BTreeMap;
use std::time::Duration;

use husting_discord::sender::{SendError, Sender, SenderError};
use husting_domain::agents::{AgentKind, AgentStatus, Name};
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_wire::discord::{DiscordView, EditDiscord, SetRoute};
use husting_wire::errors::{Error, ErrorCode};
use secrecy::SecretString;
use serde_json::json;

use super::stored_setup::TOKEN;
use crate::Inner;

/// Most rounds of panels in a day.
const MOST_PANELS: u32 = 1_000;
/// How long an answer waits for what Discord says of a channel that was mapped; what it says later is shown later.
const LOOK: Duration = Duration::from_secs(2);

impl Inner {
    /// Changes the set-up. All of it, or nothing.
    ///
    /// # Errors
    /// `invalid_body` with field and rule.
    pub(crate) async fn edit_discord(&self, asked: EditDiscord) -> Result<DiscordView, Error> {
        let routes = asked.routes.as_deref().unwrap_or_default();
        for agent in routes.iter().filter_map(|route| route.agent.as_ref()) {
            self.askable("routes", agent)?;
        }
        if let Some(agent) = &asked.default_agent {
            self.askable("default_agent", agent)?;
        }
        if asked.panels_per_day.is_some_and(|most| most > MOST_PANELS) {
            let words = "Rounds of panels in a day are 0 to 1,000.".to_owned();
            return Err(broken("panels_per_day", words));
        }
        let mapped = routes.iter().filter(|route| route.agent.is_some());
        let mapped: Vec<_> = mapped.map(|route| route.channel_id).collect();
        self.change_setup(|setup| {
            put_routes(&mut setup.routes, asked.routes.unwrap_or_default());
            setup.application_id = asked.application_id.or(setup.application_id);
            if let Some(agent) = asked.default_agent {
                setup.default_agent = agent;
            }
            setup.marks = asked.marks.unwrap_or(setup.marks);
            setup.own_names = asked.own_names.unwrap_or(setup.own_names);
            setup.panels_per_day = asked.panels_per_day.unwrap_or(setup.panels_per_day);
            Ok(())
        })
        .await?;
        self.look_in(&mapped).await;
        self.discord_view().await
    }

    /// Has channels looked at that were mapped, and waits a little for what comes of it: by the bridge where it is
    /// connected, which asks in its turn, else at once. Before a bot is set up there is nobody to ask for.
    async fn look_in(&self, channels: &[Snowflake]) {
        let is_known = |channel: &Snowflake| self.bridge.seen.lacking(*channel).is_some();
        let setup = self.bridge.setup();
        if setup.bot.is_none() || channels.iter().all(is_known) {
            return;
        }
        let health = self.bridge_health();
        // One that was told to stop shows its health until it has ended, and listens to nothing any more.
        let is_connected =
            setup.runs && health.is_some_and(|health| health.connected_since.is_some());
        if !is_connected {
            let mut unknown = channels.to_vec();
            unknown.retain(|channel| !is_known(channel));
            return self.look_into(unknown, LOOK).await;
        }
        let known = self.bridge.seen.until(|| channels.iter().all(is_known));
        self.bridge.mapped.notify_one();
        if tokio::time::timeout(LOOK, known).await.is_err() {
            tracing::info!("Discord has not said yet what the bot may do in a mapped channel");
        }
    }

    /// Whether an agent can be asked by the bridge: it is there, or is one that Husting runs and can be
    /// activated, and is no bridge itself.
    fn askable(&self, field: &str, agent: &Name) -> Result<(), Error> {
        let found = self.agents.by_name(&TenantId::local(), agent);
        let found = found.filter(|found| found.agent.status != AgentStatus::Revoked);
        let is_bridge = found
            .as_ref()
            .is_some_and(|found| found.agent.kind == AgentKind::Connector);
        if is_bridge || *agent == Name::connector() {
            let words = format!(
                "{agent} is the bridge's own agent, and the bridge does not answer itself. Name another."
            );
            return Err(broken(field, words));
        }
        if found.is_some() || agent.is_managed() {
            return Ok(());
        }
        let words = format!("No agent is called {agent}. `husting agent mint {agent}` makes one.");
        Err(broken(field, words))
    }

    /// Stops the bridge and forgets the bot's token. The journal stays.
    ///
    /// # Errors
    /// `secrets_unavailable` where the token cannot be taken away.
    pub(crate) async fn forget_bot(&self) -> Result<DiscordView, Error> {
        self.keys.delete(TOKEN).await?;
        self.change_setup(|setup| {
            setup.bot = None;
            setup.runs = false;
            Ok(())
        })
        .await?;
        self.bridge.seen.forget();
        self.discord_view().await
    }

    /// Asks Discord with the token that is kept.
    ///
    /// # Errors
    /// `invalid_state` where none is, or it is of another Discord; `secrets_unavailable`.
    pub(super) async fn kept_sender(&self) -> Result<Sender, Error> {
        self.refuse_other_discord()?;
        let token = self.keys.find(TOKEN).await?.ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidState,
                "No bot's token is kept. Give one, on the Discord screen or with `husting discord bot \
                 --token-stdin`.",
            )
        })?;
        self.sender(token)
    }

    /// Asks Discord with a token.
    ///
    /// # Errors
    /// `invalid_request` for a token that no header can carry.
    pub(super) fn sender(&self, token: SecretString) -> Result<Sender, Error> {
        let base = self.discord.api_base.clone();
        Sender::new(token, base, self.clock.clone()).map_err(|fault| {
            let code = match fault {
                SenderError::Token => ErrorCode::InvalidRequest,
                SenderError::Address(_) | SenderError::Client(_) => ErrorCode::Internal,
            };
            Error::new(code, format!("{fault}."))
        })
    }
}

/// What Discord refused or did not answer.
pub(super) fn refused(fault: &SendError) -> Error {
    let error = Error::new(ErrorCode::ProviderError, format!("{fault}."));
    match fault {
        SendError::Refused { message, .. } => error.with(json!({ "message": message })),
        SendError::Unreachable(_) | SendError::Blocked { .. } | SendError::Unauthorized => error,
    }
}

/// A member of the set-up breaks its rule; programs are told which.
pub(super) fn broken(field: &str, words: String) -> Error {
    let details = json!({ "field": field, "rule": words });
    Error::new(ErrorCode::InvalidBody, words).with(details)
}

fn put_routes(routes: &mut BTreeMap<Snowflake, Name>, asked: Vec<SetRoute>) {
    for SetRoute { channel_id, agent } in asked {
        match agent {
            Some(agent) => routes.insert(channel_id, agent),
            None => routes.remove(&channel_id),
        };
    }
}
