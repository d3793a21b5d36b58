//! What follows the end of a connection:
//! <https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>.

use super::Stop;

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// `stop` was cancelled.
    Asked,
    /// Message Content is granted by now: a session with it is to be begun.
    Upgrade,
    /// Discord closed it, with a code where it said one.
    Closed { code: Option<u16>, words: String },
    /// Op 7.
    Reconnect,
    /// Op 9, and whether the session can be resumed.
    Invalid { resumable: bool },
    /// It never came about.
    Unreachable(String),
    /// IDENTIFY or RESUME was not answered.
    Unanswered,
    /// What came could not be read.
    Unreadable,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing any more.
    Stop(Stop),
    /// The same session, if Discord lets it.
    Resume,
    /// The same session, which Discord did not take up this time.
    ResumeRefused,
    /// A new session.
    Identify,
    /// A new session without Message Content.
    WithoutContent,
}

impl Ending {
    /// What follows. `without_content` is whether the connection asked for no Message Content.
    pub fn next(&self, without_content: bool) -> Next {
        match self {
            Self::Asked => Next::Stop(Stop::Asked),
            Self::Upgrade | Self::Invalid { resumable: false } => Next::Identify,
            Self::Invalid { resumable: true } | Self::Unanswered => Next::ResumeRefused,
            Self::Closed { code, words } => after_close(*code, words, without_content),
            Self::Reconnect | Self::Unreachable(_) | Self::Unreadable => Next::Resume,
        }
    }

    /// In words, for the console.
    pub fn words(&self) -> String {
        match self {
            Self::Asked => "it was stopped".to_owned(),
            Self::Upgrade => "Message Content is granted now".to_owned(),
            Self::Closed { code: None, .. } => "the connection was closed".to_owned(),
            Self::Closed {
                code: Some(1006), ..
            } => "the connection was lost".to_owned(),
            Self::Closed {
                code: Some(code),
                words,
            } => format!("Discord closed the connection ({code}): {words}"),
            Self::Reconnect => "Discord asked for a new connection".to_owned(),
            Self::Invalid { .. } => "Discord ended the session".to_owned(),
            Self::Unreachable(why) => format!("Discord cannot be reached: {why}"),
            Self::Unanswered => "Discord did not answer".to_owned(),
            Self::Unreadable => "what Discord sent could not be read".to_owned(),
        }
    }
}

fn after_close(code: Option<u16>, words: &str, without_content: bool) -> Next {
    let refused = |code: u16, meaning: &str| {
        let why = format!("{words} {meaning}").trim().to_owned();
        Next::Stop(Stop::Refused { code, why })
    };
    match code {
        Some(4004) => Next::Stop(Stop::TokenRejected),
        Some(code @ 4010) => refused(code, "(The bridge asked for a shard that cannot be.)"),
        Some(code @ 4011) => refused(
            code,
            "(The bot is in more servers than one connection may have.)",
        ),
        Some(code @ 4012) => refused(code, "(Discord does not speak version 10 any more.)"),
        Some(code @ 4013) => refused(
            code,
            "(Discord does not know an intent that was asked for.)",
        ),
        // What is asked for without Message Content needs nobody's leave.
        Some(code @ 4014) if without_content => refused(
            code,
            "(Discord withholds an intent that needs no permission.)",
        ),
        Some(4014) => Next::WithoutContent,
        // The number of the last event is wrong, or the session is too old: it cannot be resumed.
        Some(4007 | 4009) => Next::Identify,
        _ => Next::Resume,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn closed(code: impl Into<Option<u16>>) -> Ending {
        Ending::Closed {
            code: code.into(),
            words: "So it is.".into(),
        }
    }

    #[rstest]
    #[case(closed(4004), Next::Stop(Stop::TokenRejected))]
    #[case(closed(4014), Next::WithoutContent)]
    #[case(closed(4007), Next::Identify)]
    #[case(closed(4009), Next::Identify)]
    #[case(closed(4000), Next::Resume)]
    #[case(closed(4008), Next::Resume)]
    #[case(closed(1001), Next::Resume)]
    #[case(closed(1006), Next::Resume)]
    #[case(closed(None), Next::Resume)]
    #[case(Ending::Reconnect, Next::Resume)]
    #[case(Ending::Invalid { resumable: false }, Next::Identify)]
    #[case(Ending::Invalid { resumable: true }, Next::ResumeRefused)]
    #[case(Ending::Unanswered, Next::ResumeRefused)]
    #[case(Ending::Upgrade, Next::Identify)]
    #[case(Ending::Asked, Next::Stop(Stop::Asked))]
    fn each_end_has_its_consequence(#[case] ending: Ending, #[case] next: Next) {
        assert_eq!(ending.next(false), next);
    }

    #[rstest]
    fn what_cannot_be_mended_stops_with_discords_words(
        #[values(4010, 4011, 4012, 4013)] refused: u16,
    ) {
        let Next::Stop(Stop::Refused { code, why }) = closed(refused).next(false) else {
            panic!("{refused} goes on");
        };
        assert_eq!(code, refused);
        assert!(why.starts_with("So it is. ("), "{why}");
    }

    #[test]
    fn a_refused_intent_that_was_not_asked_for_stops() {
        let next = closed(4014).next(true);
        assert!(matches!(next, Next::Stop(Stop::Refused { code: 4014, .. })));
    }
}
