//! The sender: everything that is asked of Discord's REST API, within its limits.

use husting_domain::discord::Snowflake;

/// One message to post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// At most 2,000 characters.
    pub content: String,
    /// The message it is shown as a reply to; when that one is gone it is posted without.
    pub reply_to: Option<Snowflake>,
    /// A file beside it: its name and words.
    pub file: Option<(String, String)>,
    /// By which Discord knows a second try: at most 25 characters.
    pub nonce: String,
}

/// Why Discord did not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It does not answer, or answers nonsense: worth another try.
    #[error("Discord cannot be reached: {0}")]
    Unreachable(String),
    /// 401: it does not know the token.
    #[error("Discord does not take the bot's token")]
    Unauthorized,
    /// It refuses this one thing, in its own words.
    #[error("Discord refuses it ({status}, {code}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Discord's code: <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>.
        code: u32,
        /// Its words.
        message: String,
    },
}

/// What a refusal means to the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bot may not: not to be tried again in this place until permissions change.
    Forbidden,
    /// The channel or message is gone.
    Gone,
    /// What was sent is not valid; trying again changes nothing.
    Invalid,
}
