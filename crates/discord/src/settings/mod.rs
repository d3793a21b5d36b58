//! The bridge's settings: environment variables, as the public page names them, over an env file.

mod endpoints;
mod env_file;
mod fault;
mod map;
mod names;
mod secret;
mod values;
mod variables;
mod warnings;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use reqwest::Url;
use secrecy::SecretString;

pub use self::endpoints::Endpoints;
pub use self::env_file::EnvFileError;
pub use self::fault::SettingFault;
pub use self::names::{SETTINGS, Setting};
pub use self::secret::{bot_id, redacted};
pub use self::values::broken_token_rule;
pub use self::variables::{Source, Variables, VariablesError};
pub use self::warnings::Warning;

use self::values::Reader;

/// The bus of this machine, which is asked unless another is named.
pub const LOCAL_BUS: &str = "http://127.0.0.1:6070/mcp";
/// Discord's own REST API.
pub const DISCORD_API: &str = "https://discord.com/api/v10";
/// Who is asked where the map names nobody.
pub const DEFAULT_AGENT: &str = "kasra";

/// How the bridge is set up. `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot's token. Empty only in a dry run, which sends it to nobody.
    pub bot_token: SecretString,
    /// The token of the bridge's agent on the bus. Empty only in a dry run.
    pub bus_token: SecretString,
    /// The bus; its path ends in `/mcp` or `/sse`.
    pub bus_url: Url,
    /// Who is asked in which channel or thread.
    pub agent_map: BTreeMap<Snowflake, Name>,
    /// Who is asked elsewhere.
    pub default_agent: Name,
    /// The bridge's own name on the bus, to which agents reply.
    pub connector: Name,
    /// How often replies are asked for where the bus cannot push; more than zero.
    pub poll_interval: Duration,
    /// Whether replies are taken from the bus at all, by push or by poll.
    pub reply_loop: bool,
    /// Whether no socket is opened.
    pub dry_run: bool,
    /// A JSON file of what waits for a reply, kept beside the journal.
    pub pending_store: Option<PathBuf>,
    /// Discord's REST API, ending in `/api/v10`: Discord's own, or one on this machine.
    pub api_base: String,
    /// A gateway on this machine in place of Discord's own.
    pub gateway_url: Option<String>,
}

impl Settings {
    /// Reads all settings for a bridge that is to run.
    ///
    /// # Errors
    /// All that is wrong, each with its variable and its rule.
    pub fn read(variables: &Variables) -> Result<Self, Vec<SettingFault>> {
        Self::read_with(variables, |reader, name| reader.required_secret(name))
    }

    /// Reads all settings for a dry run, which needs no tokens.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn read_dry(variables: &Variables) -> Result<Self, Vec<SettingFault>> {
        Self::read_with(variables, |reader, name| reader.optional_secret(name))
    }

    /// Whether a dry run is asked for; a value that cannot be read is told by [`Settings::read`].
    #[must_use]
    pub fn asks_for_dry_run(variables: &Variables) -> bool {
        Reader::new(variables).switch("DRY_RUN", false)
    }

    /// Whether the bus is on this machine.
    #[must_use]
    pub fn has_local_bus(&self) -> bool {
        values::is_loopback(&self.bus_url)
    }

    /// What is worth a look and refuses nothing, in the env file and in settings that are well.
    #[must_use]
    pub fn warnings_of(settings: Option<&Self>, variables: &Variables) -> Vec<Warning> {
        let mut all = warnings::in_file(variables);
        all.extend(settings.map(warnings::in_settings).unwrap_or_default());
        all
    }

    fn read_with(
        variables: &Variables,
        secret: fn(&mut Reader<'_>, &'static str) -> SecretString,
    ) -> Result<Self, Vec<SettingFault>> {
        let mut reader = Reader::new(variables);
        let Endpoints {
            api_base,
            gateway_url,
        } = Endpoints::of(&mut reader);
        let settings = Self {
            bot_token: secret(&mut reader, "DISCORD_BOT_TOKEN"),
            bus_token: secret(&mut reader, "MUMEGA_BUS_TOKEN"),
            bus_url: reader.bus_url("MUMEGA_BUS_URL"),
            agent_map: reader.agent_map("MUMEGA_AGENT_MAP"),
            default_agent: reader.name("MUMEGA_DEFAULT_AGENT", DEFAULT_AGENT),
            connector: reader.name("CONNECTOR_AGENT_NAME", husting_domain::agents::CONNECTOR),
            poll_interval: reader.seconds("POLL_INTERVAL", Duration::from_secs(15)),
            reply_loop: reader.switch("ENABLE_REPLY_LOOP", true),
            dry_run: reader.switch("DRY_RUN", false),
            pending_store: reader.path("PENDING_STORE_PATH"),
            api_base,
            gateway_url,
        };
        settings.in_order(reader)
    }

    fn in_order(self, mut reader: Reader<'_>) -> Result<Self, Vec<SettingFault>> {
        let own = |agent: &Name| *agent == self.connector;
        if own(&self.default_agent) {
            reader.answers_itself("MUMEGA_DEFAULT_AGENT");
        }
        if self.agent_map.values().any(own) {
            reader.answers_itself("MUMEGA_AGENT_MAP");
        }
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(faults)
        }
    }
}

#[cfg(test)]
mod tests;
