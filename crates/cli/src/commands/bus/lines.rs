//! A message as people read it. What agents wrote is data: it can move no cursor and forge no line.

use std::borrow::Cow;

use husting_domain::messages::{MessageState, Parking, Reach};
use husting_domain::worded::Worded;
use husting_wire::bus::messages::MessageView;

use crate::output::words::{indented, moment, plain};

const PERSISTED: &str = "persisted";
const PARKED: &str = "parked";
const WITHDRAWN: &str = "withdrawn";

/// Head, facts, and the text below them, indented.
pub(super) fn message(message: &MessageView) -> String {
    let text = if message.erased {
        "  (erased)".to_owned()
    } else {
        // An answer's mark stays: it may say that something failed.
        let whole = Worded {
            in_reply_to: None,
            ..worded(message)
        };
        indented(&whole.words())
    };
    format!(
        "{}  {} → {}  {}\n  id {}{}\n{text}\n",
        moment(message.sent_at),
        plain(&message.from),
        recipient(message),
        state(message),
        message.message_id,
        marks(message),
    )
}

/// The words alone, by which a message is found: a question's id and what an answer answers stand among the facts.
pub(in crate::commands) fn said(message: &MessageView) -> Cow<'_, str> {
    worded(message).words()
}

fn worded(message: &MessageView) -> Worded<'_> {
    Worded {
        text: &message.text,
        origin: message.origin,
        request_id: message.request_id.as_deref(),
        in_reply_to: message.in_reply_to,
    }
}

/// To whom; a broadcast that stands once, to all whom it was for.
fn recipient(message: &MessageView) -> String {
    match (message.reach, &message.squad) {
        (None, _) => message.to.to_string(),
        (Some(_), Some(squad)) => format!("#{squad}"),
        (Some(_), None) => "all agents".to_owned(),
    }
}

/// Where it is in the window's words, and since when; a broadcast in many mailboxes, how far it came.
fn state(message: &MessageView) -> String {
    if let Some(reach) = message.reach.filter(|reach| reach.mailboxes > 1) {
        return format!("[{}]", reached(reach));
    }
    let facts = [
        message
            .fetched_at
            .map(|at| format!("fetched {}", moment(at))),
        message
            .acknowledged_at
            .map(|at| format!("acknowledged {}", moment(at))),
        message
            .answered_at
            .map(|at| format!("answered {}", moment(at))),
        (message.state == MessageState::Leased).then(|| "leased".to_owned()),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let facts = facts.join(", ");
    let rests = match message.state {
        MessageState::Waiting | MessageState::Leased | MessageState::Done => None,
        MessageState::Unacknowledged => Some("unacknowledged"),
        MessageState::Parked => Some(parked(message)),
        MessageState::Withdrawn => Some(WITHDRAWN),
        MessageState::Held => Some("held"),
    };
    match (rests, facts.as_str()) {
        (None, "") => format!("[{PERSISTED}]"),
        (None, facts) => format!("[{facts}]"),
        (Some(rests), "") => format!("[{rests}]"),
        (Some(rests), facts) => format!("[{rests}: {facts}]"),
    }
}

/// Parked, and why.
fn parked(message: &MessageView) -> &'static str {
    match Parking::of(message.request_id.is_some(), message.deliveries) {
        Parking::Tries => "parked, as nobody acknowledged it",
        Parking::Reader => "parked, as its reader was revoked",
    }
}

/// As far as it came anywhere, and in how many mailboxes.
fn reached(reach: Reach) -> String {
    let of_all = |done: &str, count: u32| format!("{done} {count} of {}", reach.mailboxes);
    match reach {
        Reach {
            withdrawn,
            mailboxes,
            ..
        } if withdrawn == mailboxes => WITHDRAWN.to_owned(),
        Reach {
            parked, mailboxes, ..
        } if parked == mailboxes => PARKED.to_owned(),
        Reach { answered: 1.., .. } => of_all("answered by", reach.answered),
        Reach {
            acknowledged: 1.., ..
        } => of_all("acknowledged by", reach.acknowledged),
        Reach { fetched: 1.., .. } => of_all("fetched by", reach.fetched),
        Reach { .. } => PERSISTED.to_owned(),
    }
}

fn marks(message: &MessageView) -> String {
    let marks = [
        message
            .request_id
            .as_ref()
            .map(|id| format!("  request {}", plain(id))),
        message.in_reply_to.map(|id| format!("  answers {id}")),
        message
            .squad
            .as_ref()
            .filter(|_| message.reach.is_none())
            .map(|squad| format!("  to squad {squad}")),
        (message.deliveries > 1).then(|| format!("  delivered {} times", message.deliveries)),
    ];
    marks.into_iter().flatten().collect()
}

#[cfg(test)]
pub mod tests {
    use husting_domain::agents::Name;
    use husting_domain::messages::{MOST_DELIVERIES, Origin};
    use serde_json::json;

    use super::*;

    pub fn sent(text: &str) -> MessageView {
        serde_json::from_value(json!({
            "message_id": "0199d1f0-0000-7000-8000-000000000001", "place": 1,
            "mailbox": "0199d1f0-0000-7000-8000-000000000002", "seq": 1, "from": "agent:kasra",
            "from_agent": null, "to": "bruno-voice", "origin": "agent", "text": text, "erased": false, "broadcast": false,
            "sent_at": "2026-11-20T10:00:00Z", "request_id": "q1", "in_reply_to": null, "squad": null,
            "hops": 1, "state": "parked", "deliveries": 5, "fetched_at": "2026-11-20T10:01:00Z",
            "acknowledged_at": null, "acknowledged_by": null, "answered_at": null, "answered_by": null,
            "ended_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_message_tells_its_state_and_its_facts() {
        assert_eq!(
            message(&sent("One.\nTwo.")),
            "2026-11-20 10:00 UTC  agent:kasra → bruno-voice  [parked, as nobody acknowledged it: fetched 2026-11-20 10:01 UTC]\n  \
             id 0199d1f0-0000-7000-8000-000000000001  request q1  delivered 5 times\n  One.\n  Two.\n"
        );
    }

    #[test]
    fn a_message_stands_in_the_words_of_the_window() {
        let since = |minute: u32| {
            serde_json::from_value(json!(format!("2026-11-20T10:0{minute}:00Z"))).unwrap()
        };
        let told = |message_state, minutes: [Option<u32>; 3]| {
            let [fetched_at, acknowledged_at, answered_at] =
                minutes.map(|minute| minute.map(since));
            state(&MessageView {
                state: message_state,
                fetched_at,
                acknowledged_at,
                answered_at,
                ..sent("One.")
            })
        };
        use MessageState::{Done, Held, Leased, Unacknowledged, Waiting};
        let fetched = "fetched 2026-11-20 10:01 UTC";
        let acknowledged = "acknowledged 2026-11-20 10:02 UTC";
        let answered = "answered 2026-11-20 10:03 UTC";
        for (told, words) in [
            (told(Waiting, [None; 3]), "persisted".to_owned()),
            (
                told(Leased, [Some(1), None, None]),
                format!("{fetched}, leased"),
            ),
            (told(Waiting, [Some(1), None, None]), fetched.to_owned()),
            (
                told(Done, [Some(1), Some(2), None]),
                format!("{fetched}, {acknowledged}"),
            ),
            (
                told(Done, [Some(1), Some(2), Some(3)]),
                format!("{fetched}, {acknowledged}, {answered}"),
            ),
            (
                told(Unacknowledged, [Some(1), None, None]),
                format!("unacknowledged: {fetched}"),
            ),
            (told(Held, [None; 3]), "held".to_owned()),
        ] {
            assert_eq!(told, format!("[{words}]"));
        }
    }

    #[test]
    fn a_parked_message_says_why() {
        let tries = sent("One.");
        let plain = MessageView {
            request_id: None,
            ..sent("One.")
        };
        let early = MessageView {
            deliveries: MOST_DELIVERIES - 1,
            ..sent("One.")
        };
        assert!(state(&tries).starts_with("[parked, as nobody acknowledged it: "));
        for of_revoked in [plain, early] {
            assert!(state(&of_revoked).starts_with("[parked, as its reader was revoked: "));
        }
    }

    #[test]
    fn a_question_from_discord_is_told_in_its_words() {
        let id = "7c1e3a52-0c7e-4d0f-9a64-0f2f6f3a9b11";
        let block =
            format!("<!--mumega-discord-ctx:{{\"guild_id\":null,\"request_id\":\"{id}\"}}-->");
        let told = |origin, text: &str| {
            message(&MessageView {
                origin,
                request_id: Some(id.to_owned()),
                ..sent(&format!("[request_id:{id}] {text}\n\n{block}"))
            })
        };
        let asked = told(Origin::Discord, "Why?\n\n(Ines wrote this.)");
        assert!(
            asked.ends_with(&format!(
                "request {id}  delivered 5 times\n  Why?\n  \n  (Ines wrote this.)\n"
            )),
            "{asked}"
        );
        let said = told(Origin::Agent, "Why?");
        assert!(
            said.contains(&block),
            "an agent's words are its own: {said}"
        );
    }

    #[test]
    fn an_answer_keeps_its_mark_where_it_stands_whole() {
        let answer = MessageView {
            in_reply_to: Some(sent("One.").message_id),
            ..sent("It broke. {ack_for:q1, ok:false}")
        };
        assert!(message(&answer).ends_with("\n  It broke. {ack_for:q1, ok:false}\n"));
        assert_eq!(said(&answer), "It broke.");
    }

    #[test]
    fn a_broadcast_that_stands_once_tells_how_far_it_came() {
        let cast = |reach: Reach| MessageView {
            squad: Name::parse("sales").ok(),
            request_id: None,
            deliveries: 1,
            reach: Some(Reach {
                mailboxes: 3,
                ..reach
            }),
            ..sent("Hold the quotes.")
        };
        let of = Reach::default();
        assert_eq!(
            message(&cast(Reach { fetched: 2, ..of })),
            "2026-11-20 10:00 UTC  agent:kasra → #sales  [fetched by 2 of 3]\n  \
             id 0199d1f0-0000-7000-8000-000000000001\n  Hold the quotes.\n"
        );
        for (reach, told) in [
            (of, "persisted"),
            (
                Reach {
                    fetched: 3,
                    acknowledged: 3,
                    ..of
                },
                "acknowledged by 3 of 3",
            ),
            (
                Reach {
                    fetched: 3,
                    acknowledged: 2,
                    answered: 1,
                    ..of
                },
                "answered by 1 of 3",
            ),
            (Reach { withdrawn: 3, ..of }, "withdrawn"),
            (
                Reach {
                    fetched: 1,
                    parked: 3,
                    ..of
                },
                "parked",
            ),
        ] {
            assert_eq!(state(&cast(reach)), format!("[{told}]"));
        }
        let to_all = MessageView {
            squad: None,
            ..cast(of)
        };
        assert_eq!(recipient(&to_all), "all agents");
        let alone = MessageView {
            reach: Some(Reach { mailboxes: 1, ..of }),
            ..cast(of)
        };
        assert_eq!(
            state(&alone),
            "[parked, as its reader was revoked: fetched 2026-11-20 10:01 UTC]"
        );
    }

    #[test]
    fn a_text_can_neither_move_the_cursor_nor_forge_a_line() {
        let told = message(&sent(
            "a\u{1b}[2Jb\rc\u{202e}d\n2026-11-20 10:00 UTC  human:operator → you",
        ));
        assert!(!told.contains(['\u{1b}', '\r', '\u{202e}']), "{told:?}");
        let last = told.lines().last().unwrap();
        assert!(last.starts_with("  2026"), "{last}");
        assert_eq!(told.lines().count(), 4);
    }
}
