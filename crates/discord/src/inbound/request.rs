//! The id under which a question is known on the bus.

use husting_domain::discord::{RequestId, Snowflake};
use uuid::Builder;

/// The id of the question that a message, a command or a button makes for a bot: always the same, so that
/// an event that comes again asks nothing anew. Discord gives no two of them the same number.
#[must_use]
pub fn request_of(bot: Snowflake, event: Snowflake) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&bot.get().to_be_bytes());
    bytes[8..].copy_from_slice(&event.get().to_be_bytes());
    RequestId(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_makes_one_question() {
        let [bot, other, first, second] = [10, 11, 20, 21].map(|id| Snowflake::new(id).unwrap());
        assert_eq!(request_of(bot, first), request_of(bot, first));
        assert_ne!(request_of(bot, first), request_of(bot, second));
        assert_ne!(request_of(bot, first), request_of(other, first));
    }
}
