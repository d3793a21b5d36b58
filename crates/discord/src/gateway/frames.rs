//! What comes over the socket: <https://docs.discord.com/developers/events/gateway-events#payload-structure>.

use std::borrow::Cow;

use husting_domain::discord::Snowflake;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One frame. An opcode that is not here needs nothing done: twilight answers to those that need an
/// answer.
#[derive(Debug)]
pub(super) enum Frame {
    Event {
        sequence: u64,
        name: String,
        data: Box<RawValue>,
    },
    /// Op 7: reconnect and resume.
    Reconnect,
    /// Op 9, and whether the session can be resumed.
    InvalidSession(bool),
    /// Op 10: the connection can be used.
    Hello,
    /// Op 11.
    HeartbeatAck,
    Other,
}

/// READY, as far as it is read here.
#[derive(Debug, Deserialize)]
pub(super) struct Ready {
    pub session_id: String,
    pub resume_gateway_url: String,
    pub user: User,
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub id: Snowflake,
}

#[derive(Deserialize)]
struct Payload<'a> {
    op: u8,
    s: Option<u64>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
}

impl Frame {
    /// Reads a frame; what is none, or an event without name or number, is `Other`.
    pub fn read(text: &str) -> Self {
        // The error is not looked at: it repeats what somebody wrote.
        let Ok(payload) = serde_json::from_str::<Payload<'_>>(text) else {
            return Self::Other;
        };
        let data = payload.d.unwrap_or(RawValue::NULL);
        match (payload.op, payload.s, payload.t) {
            (0, Some(sequence), Some(name)) => Self::Event {
                sequence,
                name: name.into_owned(),
                data: data.to_owned(),
            },
            (7, ..) => Self::Reconnect,
            (9, ..) => Self::InvalidSession(data.get() == "true"),
            (10, ..) => Self::Hello,
            (11, ..) => Self::HeartbeatAck,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn an_event_is_handed_over_as_discord_wrote_it() {
        let text = r#"{"t":"MESSAGE_CREATE","s":7,"op":0,"d":{"content":"a\u00e9" , "x": 1.50}}"#;
        let Frame::Event {
            sequence,
            name,
            data,
        } = Frame::read(text)
        else {
            panic!("no event");
        };
        assert_eq!((sequence, name.as_str()), (7, "MESSAGE_CREATE"));
        assert_eq!(data.get(), r#"{"content":"a\u00e9" , "x": 1.50}"#);
    }

    #[rstest]
    #[case(r#"{"op":7,"d":null}"#, "Reconnect")]
    #[case(r#"{"op":9,"d":true}"#, "InvalidSession(true)")]
    #[case(r#"{"op":9,"d":false}"#, "InvalidSession(false)")]
    #[case(r#"{"op":10,"d":{"heartbeat_interval":45000}}"#, "Hello")]
    #[case(r#"{"op":11}"#, "HeartbeatAck")]
    #[case(r#"{"op":1,"d":null}"#, "Other")]
    #[case(r#"{"op":0,"t":"X","d":{}}"#, "Other")]
    #[case(r#"{"op":0"#, "Other")]
    fn a_frame_is_known_by_its_opcode(#[case] text: &str, #[case] frame: &str) {
        assert_eq!(format!("{:?}", Frame::read(text)), frame);
    }
}
