//! What Discord answers, as far as the bridge reads it. What it adds later changes nothing here.

use husting_domain::discord::Snowflake;
use serde::Deserialize;
use twilight_model::channel::Channel;

/// The flags that say that Message Content is granted, to a verified bot or to one in few servers:
/// <https://docs.discord.com/developers/resources/application#application-object-application-flags>.
const MESSAGE_CONTENT: u64 = 1 << 18 | 1 << 19;

/// The bot's user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bot {
    /// Its id.
    pub id: Snowflake,
    /// What it is called.
    pub username: String,
}

/// The bot's application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Application {
    /// Its id, which the invite URL needs.
    pub id: Snowflake,
    /// What it is called.
    pub name: String,
    /// Discord's flags of it.
    #[serde(default)]
    pub flags: u64,
    /// Where slash commands and buttons go instead of to the gateway.
    #[serde(default)]
    pub interactions_endpoint_url: Option<String>,
}

impl Application {
    /// Whether the Message Content intent is granted.
    #[must_use]
    pub const fn may_read_content(&self) -> bool {
        self.flags & MESSAGE_CONTENT != 0
    }
}

/// Where the gateway is, and how often it may be entered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GatewayBot {
    /// Its address.
    pub url: String,
    /// How many sessions may still be started.
    pub session_start_limit: SessionStarts,
}

/// How many gateway sessions may be started; who starts more loses the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct SessionStarts {
    /// In a day.
    pub total: u32,
    /// Of these, left.
    pub remaining: u32,
    /// Until all are there again, in milliseconds.
    pub reset_after: u64,
}

/// A server the bot is in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Guild {
    /// Its id.
    pub id: Snowflake,
    /// What it is called.
    pub name: String,
    /// What the bot's roles allow there before any channel says otherwise: Discord's bits, as text.
    pub permissions: String,
}

/// A role of a server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// Its id; of everybody's role the server's own.
    pub id: Snowflake,
    /// Discord's bits, as text.
    pub permissions: String,
    /// Whose it is, where it is not a person's to give.
    #[serde(default)]
    pub tags: Option<RoleTags>,
}

/// Whose a role is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RoleTags {
    /// The bot that Discord made it for.
    #[serde(default)]
    pub bot_id: Option<Snowflake>,
}

/// The bot as a member of a server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// Its roles, everybody's left out.
    pub roles: Vec<Snowflake>,
}

/// Threads of a server, of which the bot is in some.
#[derive(Debug, Deserialize)]
pub(super) struct ActiveThreads {
    pub threads: Vec<Channel>,
}

/// What was made, by its id.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub id: Snowflake,
}
