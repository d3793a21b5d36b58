//! Where a reply belongs.

use husting_domain::discord::{
    ANSWERABLE_SECONDS, Inbound, MOST_REPLIES, Place, RequestId, Snowflake,
};
use husting_domain::time::Timestamp;

use super::ReadReply;

/// Where a reply belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placing {
    /// It answers a question.
    At {
        /// Which.
        request: RequestId,
        /// Where it is posted.
        place: Place,
        /// The message it is shown as a reply to.
        reply_to: Snowflake,
    },
    /// It names no question, and the operator said where such replies of its agent go.
    Fixed {
        /// Where it is posted.
        place: Place,
    },
    /// Nobody can tell; the operator may place it.
    Unplaced(String),
    /// It must not be posted there, and the operator is shown why.
    Refused(String),
}

/// Places a reply. `from` is who wrote it, as the bus proves; `question` is the first of
/// [`ReadReply::requests`] that the journal knows, and the place is taken from there alone.
/// `replies_so_far` are those that the question has.
#[must_use]
pub fn place(
    read: &ReadReply,
    from: &str,
    question: Option<&Inbound>,
    replies_so_far: u32,
    now: Timestamp,
) -> Placing {
    let known = question.filter(|question| read.requests().any(|named| named == question.request));
    let Some(question) = known else {
        return Placing::Unplaced(unknown(read));
    };
    if from != question.agent.as_str() {
        return not_asked(read, from, question);
    }
    if is_past(question, now) {
        return Placing::Unplaced("its question was asked more than seven days ago".to_owned());
    }
    if replies_so_far >= MOST_REPLIES {
        return Placing::Refused(format!("its question has {MOST_REPLIES} replies already"));
    }
    Placing::At {
        request: question.request,
        place: question.place,
        reply_to: question.message,
    }
}

fn unknown(read: &ReadReply) -> String {
    let why = match (read.ack_for, read.ctx) {
        (None, None) => "it names no question, neither by {ack_for:…} nor by a context block",
        (Some(_), _) => "its {ack_for:…} names no question that is known here",
        (None, Some(_)) => "its context block names no question that is known here",
    };
    why.to_owned()
}

/// A token of somebody else's question is an attempt to answer for them. A block may have been quoted, and
/// only counts when it is the agent's own.
fn not_asked(read: &ReadReply, from: &str, question: &Inbound) -> Placing {
    let asked = &question.agent;
    if read.ack_for == Some(question.request) {
        return Placing::Refused(format!("{from} answers a question that {asked} was asked"));
    }
    let names = if read.ctx == Some(question.request) {
        "its context block is of"
    } else {
        "it was sent as an answer to"
    };
    Placing::Unplaced(format!(
        "{names} a question that {asked} was asked, not {from}"
    ))
}

/// A question that was held is answerable from when it was sent.
fn is_past(question: &Inbound, now: Timestamp) -> bool {
    let asked = question
        .sent_at
        .map_or(question.received_at, |sent| sent.max(question.received_at));
    now.millis_since(asked) > ANSWERABLE_SECONDS * 1_000
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::inbound::samples::{question, snowflake};

    const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000;

    fn naming(ack_for: Option<RequestId>, ctx: Option<RequestId>) -> ReadReply {
        ReadReply {
            ack_for,
            ok: true,
            ctx,
            answers: None,
            text: "Done.".to_owned(),
        }
    }

    /// A reply of `from` to a question of `kasra`, so many milliseconds after it was heard.
    fn placed(by_token: bool, from: &str, replies_so_far: u32, after: i64) -> Placing {
        let asked = question("why?");
        let named = Some(asked.request);
        let read = if by_token {
            naming(named, None)
        } else {
            naming(None, named)
        };
        let now = asked.received_at.plus_millis(after);
        place(&read, from, Some(&asked), replies_so_far, now)
    }

    fn said(placing: &Placing) -> (&'static str, &str) {
        match placing {
            Placing::At { .. } => ("at", ""),
            Placing::Fixed { .. } => ("fixed", ""),
            Placing::Unplaced(why) => ("unplaced", why),
            Placing::Refused(why) => ("refused", why),
        }
    }

    #[test]
    fn a_reply_goes_to_the_thread_of_its_question() {
        let mut asked = question("why?");
        asked.place.thread = Some(snowflake(50));
        let read = naming(Some(asked.request), None);
        let placing = place(&read, "kasra", Some(&asked), 0, asked.received_at);
        let expected = Placing::At {
            request: asked.request,
            place: asked.place,
            reply_to: asked.message,
        };
        assert_eq!(placing, expected);
    }

    #[test]
    fn a_block_of_the_agents_own_question_places_as_a_token_does() {
        assert_eq!(said(&placed(false, "kasra", 0, 0)).0, "at");
    }

    #[test]
    fn nobody_answers_for_somebody_else() {
        let token = placed(true, "loom", 0, 0);
        assert_eq!(
            said(&token),
            ("refused", "loom answers a question that kasra was asked")
        );
        let block = placed(false, "loom", 0, 0);
        assert_eq!(
            said(&block),
            (
                "unplaced",
                "its context block is of a question that kasra was asked, not loom"
            )
        );
        assert_eq!(
            said(&placed(true, "Kasra", 0, 0)).0,
            "refused",
            "names are compared as they are"
        );
    }

    #[test]
    fn a_question_is_answerable_for_seven_days_and_twenty_times() {
        assert_eq!(said(&placed(true, "kasra", 0, WEEK)).0, "at");
        assert_eq!(said(&placed(true, "kasra", 0, WEEK + 1)).0, "unplaced");
        assert_eq!(said(&placed(true, "kasra", 19, 0)).0, "at");
        assert_eq!(
            said(&placed(true, "kasra", 20, 0)),
            ("refused", "its question has 20 replies already")
        );
    }

    #[test]
    fn a_question_that_was_held_is_answerable_from_when_it_was_sent() {
        let mut asked = question("why?");
        asked.sent_at = Some(asked.received_at.plus_millis(WEEK));
        let now = asked.received_at.plus_millis(2 * WEEK);
        let read = naming(Some(asked.request), None);
        assert_eq!(said(&place(&read, "kasra", Some(&asked), 0, now)).0, "at");
    }

    #[test]
    fn what_names_nothing_known_is_unplaced_with_the_reason() {
        let request = Some(RequestId(Uuid::from_u128(5)));
        for (read, why) in [
            (
                naming(None, None),
                "it names no question, neither by {ack_for:…} nor by a context block",
            ),
            (
                naming(request, None),
                "its {ack_for:…} names no question that is known here",
            ),
            (
                naming(None, request),
                "its context block names no question that is known here",
            ),
        ] {
            let now = Timestamp::from_micros(0);
            assert_eq!(
                said(&place(&read, "kasra", None, 0, now)),
                ("unplaced", why)
            );
            let another = question("why?");
            assert_eq!(
                said(&place(&read, "kasra", Some(&another), 0, now)),
                ("unplaced", why)
            );
        }
    }
}
