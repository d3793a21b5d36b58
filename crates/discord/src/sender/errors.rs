//! Why something was not sent.

/// Why there is no sender.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The address is none of HTTP's.
    #[error("{0} is no address that the Discord API can be asked at")]
    Address(String),
    /// No header can carry the token.
    #[error("the bot's token holds characters that no token can have")]
    Token,
    /// TLS could not be set up.
    #[error("no secure connection can be made to Discord")]
    Client(#[source] reqwest::Error),
}

/// Why Discord did not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It does not answer, or answers nonsense: worth another try.
    #[error("Discord cannot be reached: {0}")]
    Unreachable(String),
    /// Something between here and Discord's API refuses it, without Discord's words: worth another try,
    /// but not for ever.
    #[error("something between here and Discord refuses it ({status}), without Discord's words")]
    Blocked {
        /// HTTP status.
        status: u16,
    },
    /// 401: it does not know the token.
    #[error("Discord does not accept the bot's token")]
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
