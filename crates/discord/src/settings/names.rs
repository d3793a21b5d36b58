//! Every setting once: its variable and what it means.

use husting_domain::agents::CONNECTOR;

use super::{DEFAULT_AGENT, DISCORD_API, LOCAL_BUS};

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its environment variable.
    pub variable: &'static str,
    /// In words.
    pub meaning: &'static str,
    /// What it is where it is not set, as it is written; nothing where that is no value.
    pub default: Option<&'static str>,
    /// Whether only its end is ever shown.
    pub is_secret: bool,
}

/// All settings, in the order in which they are told.
pub const SETTINGS: [Setting; 12] = [
    secret("DISCORD_BOT_TOKEN", "the bot's token"),
    secret("MUMEGA_BUS_TOKEN", "the bus token of the bridge's agent"),
    plain("MUMEGA_BUS_URL", LOCAL_BUS, "the bus"),
    plain("MUMEGA_AGENT_MAP", "{}", "who is asked in which channel"),
    plain(
        "MUMEGA_DEFAULT_AGENT",
        DEFAULT_AGENT,
        "who is asked elsewhere",
    ),
    plain(
        "CONNECTOR_AGENT_NAME",
        CONNECTOR,
        "the bridge's name on the bus",
    ),
    plain(
        "POLL_INTERVAL",
        "15",
        "seconds between two looks for replies",
    ),
    plain("ENABLE_REPLY_LOOP", "1", "whether replies are posted"),
    plain("DRY_RUN", "0", "whether no socket is opened"),
    plain("PENDING_STORE_PATH", "", "a file of what waits for a reply"),
    plain(
        "DISCORD_API_BASE",
        DISCORD_API,
        "Discord, or a stand-in here",
    ),
    plain("DISCORD_GATEWAY_URL", "", "a stand-in for its gateway here"),
];

const fn plain(variable: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting {
        variable,
        meaning,
        default: Some(default),
        is_secret: false,
    }
}

const fn secret(variable: &'static str, meaning: &'static str) -> Setting {
    Setting {
        variable,
        meaning,
        default: None,
        is_secret: true,
    }
}

/// Whether a variable is one of ours.
pub(super) fn is_ours(variable: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.variable == variable)
}

/// Whether a variable looks like one of ours that was mistyped.
pub(super) fn is_like_ours(variable: &str) -> bool {
    let starts = ["MUMEGA_", "DISCORD_", "CONNECTOR_"];
    !is_ours(variable) && starts.iter().any(|start| variable.starts_with(start))
}
