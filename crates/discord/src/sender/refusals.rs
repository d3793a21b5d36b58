//! What a refusal means to the bridge, by Discord's codes:
//! <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>.

use super::SendError;

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

impl SendError {
    /// What it means where Discord refused this one thing; none where it did not answer, or where it
    /// is the token that it does not take.
    #[must_use]
    pub const fn means(&self) -> Option<Refusal> {
        match self {
            Self::Refused { status, code, .. } => Some(meaning(*status, *code)),
            Self::Unreachable(_) | Self::Blocked { .. } | Self::Unauthorized => None,
        }
    }
}

const fn meaning(status: u16, code: u32) -> Refusal {
    match code {
        // Channel, server, message, user, webhook unknown; a webhook's token (50027).
        10003 | 10004 | 10008 | 10013 | 10015 | 50027 => Refusal::Gone,
        // No access (50001), no permission (50013), closed direct messages (50007, 50278), the server's
        // level of verification (50009); an archived thread for what does not wake it up (50083), no
        // reading of history and so no reply (160002), a locked thread (160005).
        50001 | 50007 | 50009 | 50013 | 50083 | 50278 | 160_002 | 160_005 => Refusal::Forbidden,
        // What AutoMod blocks (200000, 200001) comes with 400 or 403 and is about the words.
        200_000 | 200_001 => Refusal::Invalid,
        _ => match status {
            403 => Refusal::Forbidden,
            404 | 410 => Refusal::Gone,
            _ => Refusal::Invalid,
        },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_access(403, 50001, Refusal::Forbidden)]
    #[case::no_permission(403, 50013, Refusal::Forbidden)]
    #[case::archived(400, 50083, Refusal::Forbidden)]
    #[case::no_history(400, 160_002, Refusal::Forbidden)]
    #[case::locked(400, 160_005, Refusal::Forbidden)]
    #[case::no_channel(404, 10003, Refusal::Gone)]
    #[case::no_guild(404, 10004, Refusal::Gone)]
    #[case::no_message(404, 10008, Refusal::Gone)]
    #[case::form(400, 50035, Refusal::Invalid)]
    #[case::empty(400, 50006, Refusal::Invalid)]
    #[case::too_large(413, 40005, Refusal::Invalid)]
    #[case::automod(403, 200_000, Refusal::Invalid)]
    #[case::another_403(403, 0, Refusal::Forbidden)]
    #[case::another_404(404, 0, Refusal::Gone)]
    fn a_refusal_means_one_of_three_things(
        #[case] status: u16,
        #[case] code: u32,
        #[case] meaning: Refusal,
    ) {
        let refused = SendError::Refused {
            status,
            code,
            message: String::new(),
        };
        assert_eq!(refused.means(), Some(meaning));
    }

    #[test]
    fn no_answer_and_no_token_are_no_refusal_of_this_one_thing() {
        assert_eq!(SendError::Unauthorized.means(), None);
        assert_eq!(SendError::Unreachable("cut".into()).means(), None);
    }
}
