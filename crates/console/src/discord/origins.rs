//! Which questions a reply without a place may answer.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use husting_domain::discord::{ANSWERABLE_SECONDS, Inbound, InboundState, Reply, RequestId};
use unicode_segmentation::UnicodeSegmentation;

use super::places::Places;

/// Most questions that are offered.
pub(super) const MOST: usize = 5;
/// Most words that are shown of those that stand in both.
const MOST_WORDS: usize = 3;
/// Shorter ones stand in every text.
const SHORTEST_WORD: usize = 4;

/// A question that a reply may answer.
#[derive(Debug)]
pub(super) struct Likely<'q> {
    pub question: &'q Inbound,
    /// Words that stand in both, the longest first.
    pub shared_words: Vec<String>,
}

/// Questions with the words that their authors gave them last, newest first as they came. Those that are
/// notes of an edit are left out.
pub(super) fn as_edited(newest_first: Vec<Inbound>) -> Vec<Inbound> {
    let mut edited: BTreeMap<RequestId, String> = BTreeMap::new();
    let mut questions = Vec::with_capacity(newest_first.len());
    for each in newest_first {
        match each.amends {
            Some(amended) => {
                edited.entry(amended).or_insert(each.text);
            }
            None => questions.push(each),
        }
    }
    for question in &mut questions {
        if let Some(text) = edited.remove(&question.request) {
            question.text = text;
        }
    }
    questions
}

/// The likeliest first: one that stands before one whose message was deleted and one that a person
/// stopped, one that the same agent was asked before another's, an open one before one that was answered,
/// the one with more words in common, the later one.
///
/// What had not reached an agent when the reply arrived is no answer's question, and what was asked more
/// than seven days before is past.
pub(super) fn ranked<'q>(
    reply: &Reply,
    questions: &'q [Inbound],
    places: &Places,
) -> Vec<Likely<'q>> {
    let words = words(&reply.text);
    let possible = questions.iter().filter(|asked| is_possible(asked, reply));
    let mut ranked: Vec<_> = possible
        .map(|question| (shared(&words, &question.text), question))
        .collect();
    ranked.sort_by_key(|(shared, question)| {
        Reverse((
            !places.is_stopped(question),
            question.deleted_at.is_none(),
            question.agent.as_str() == reply.agent,
            question.answered_at.is_none(),
            shared.len(),
            question.received_at,
            question.request,
        ))
    });
    let likely = ranked.into_iter().take(MOST);
    likely
        .map(|(mut shared_words, question)| {
            shared_words.truncate(MOST_WORDS);
            Likely {
                question,
                shared_words,
            }
        })
        .collect()
}

fn is_possible(question: &Inbound, reply: &Reply) -> bool {
    let age = reply.arrived_at.millis_since(question.received_at);
    let had_reached = question
        .sent_at
        .is_some_and(|sent| sent <= reply.arrived_at);
    question.amends.is_none()
        && question.bot == reply.bot
        && question.state != InboundState::Withdrawn
        && had_reached
        && age <= ANSWERABLE_SECONDS * 1_000
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.unicode_words();
    words
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .map(str::to_lowercase)
        .collect()
}

/// Longest first.
fn shared(words: &BTreeSet<String>, text: &str) -> Vec<String> {
    let mut shared: Vec<String> = self::words(text).intersection(words).cloned().collect();
    shared.sort_by_key(|word| Reverse(word.chars().count()));
    shared
}

#[cfg(test)]
mod tests {
    use husting_domain::agents::Name;
    use husting_domain::discord::{Author, Place, ReplyState, Snowflake};
    use husting_domain::time::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const WEEK: i64 = ANSWERABLE_SECONDS;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    /// Heard and sent at a second.
    fn question(n: u128, agent: &str, text: &str, second: i64) -> Inbound {
        let at = Timestamp::from_micros(second * 1_000_000);
        Inbound {
            request: RequestId(Uuid::from_u128(n)),
            amends: None,
            bot: id(1),
            message: id(2),
            place: Place {
                guild: None,
                channel: id(3),
                thread: None,
            },
            author: Author {
                id: id(4),
                name: "Zoë".to_owned(),
            },
            text: text.to_owned(),
            attachments: Vec::new(),
            received_at: at,
            agent: Name::parse(agent).unwrap(),
            state: InboundState::Sent,
            bus_id: Some("m".to_owned()),
            sent_at: Some(at),
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            fault: None,
        }
    }

    fn answered(question: Inbound) -> Inbound {
        Inbound {
            state: InboundState::Answered,
            answered_at: question.sent_at,
            ..question
        }
    }

    fn reply(text: &str, second: i64) -> Reply {
        Reply {
            id: Uuid::from_u128(99),
            bot: id(1),
            bus_id: "r".to_owned(),
            agent: "kasra".to_owned(),
            text: text.to_owned(),
            ok: true,
            request: None,
            place: None,
            reply_to: None,
            arrived_at: Timestamp::from_micros(second * 1_000_000),
            state: ReplyState::Unplaced,
            rested_at: None,
            fault: None,
        }
    }

    fn numbers(reply: &Reply, questions: &[Inbound]) -> Vec<u128> {
        let likely = ranked(reply, questions, &Places::default());
        let numbers = likely
            .iter()
            .map(|likely| likely.question.request.0.as_u128());
        numbers.collect()
    }

    #[test]
    fn the_asked_agent_then_what_is_open_then_words_then_the_later_one() {
        let questions = [
            question(1, "loom", "Does the train to Hamburg leave on Friday?", 9),
            answered(question(2, "kasra", "Train Hamburg Friday leave?", 8)),
            question(3, "kasra", "What is for lunch?", 7),
            question(4, "kasra", "Which train goes to Hamburg?", 5),
            question(5, "kasra", "And for dinner?", 6),
        ];
        let reply = reply("The TRAIN to Hamburg leaves at ten.", 10);
        assert_eq!(numbers(&reply, &questions), [4, 3, 5, 2, 1]);
        let words = &ranked(&reply, &questions, &Places::default())[0].shared_words;
        assert_eq!(words, &["hamburg", "train"]);
    }

    #[test]
    fn what_was_deleted_comes_after_what_stands() {
        let deleted = Inbound {
            deleted_at: Some(Timestamp::from_micros(9_000_000)),
            ..question(1, "kasra", "Which train goes to Hamburg?", 5)
        };
        let questions = [
            deleted,
            question(2, "loom", "What is for lunch?", 4),
            question(3, "kasra", "And for dinner?", 3),
        ];
        let reply = reply("The train to Hamburg leaves at ten.", 10);
        assert_eq!(numbers(&reply, &questions), [3, 2, 1]);
    }

    #[test]
    fn a_question_has_the_words_of_its_last_edit() {
        let note = |n: u128, text: &str, second| Inbound {
            amends: Some(RequestId(Uuid::from_u128(1))),
            ..question(n, "kasra", text, second)
        };
        let newest_first = vec![
            note(4, "Which boat?", 8),
            note(3, "Which bus?", 7),
            question(2, "kasra", "And lunch?", 6),
            question(1, "kasra", "Which train?", 5),
        ];
        let edited = as_edited(newest_first);
        let texts: Vec<_> = edited.iter().map(|each| each.text.as_str()).collect();
        assert_eq!(texts, ["And lunch?", "Which boat?"]);
    }

    #[test]
    fn what_cannot_have_been_answered_is_not_offered() {
        let asked = || question(1, "kasra", "Why?", 0);
        let note = Inbound {
            amends: Some(RequestId(Uuid::from_u128(2))),
            ..asked()
        };
        let withdrawn = Inbound {
            state: InboundState::Withdrawn,
            ..asked()
        };
        let unsent = Inbound {
            state: InboundState::Journalled,
            sent_at: None,
            ..asked()
        };
        let of_another_bot = Inbound {
            bot: id(7),
            ..asked()
        };
        let later = question(1, "kasra", "Why?", 11);
        for (case, impossible) in [note, withdrawn, unsent, of_another_bot, later]
            .into_iter()
            .enumerate()
        {
            assert!(
                numbers(&reply("So.", 10), &[impossible]).is_empty(),
                "{case}"
            );
        }
        assert_eq!(numbers(&reply("So.", WEEK), &[asked()]), [1]);
        assert!(numbers(&reply("So.", WEEK + 1), &[asked()]).is_empty());
    }

    fn any_question() -> impl Strategy<Value = Inbound> {
        let agent = prop_oneof![Just("kasra"), Just("loom")];
        let text = prop::collection::vec(
            prop_oneof![Just("train"), Just("Hamburg"), Just("lunch"), Just("größe")],
            0..4,
        );
        (any::<u32>(), agent, text, 0..20_i64, any::<bool>()).prop_map(
            |(n, agent, text, second, is_answered)| {
                let asked = question(u128::from(n), agent, &text.join(" "), second);
                if is_answered { answered(asked) } else { asked }
            },
        )
    }

    proptest! {
        #[test]
        fn the_order_of_the_journal_does_not_matter(
            questions in prop::collection::vec(any_question(), 0..20),
        ) {
            let mut questions = questions;
            questions.sort_by_key(|asked| asked.request);
            questions.dedup_by_key(|asked| asked.request);
            let reply = reply("The train to Hamburg, GRÖSSE größe.", 10);
            let forwards = numbers(&reply, &questions);
            questions.reverse();
            prop_assert_eq!(numbers(&reply, &questions), forwards);
        }

        #[test]
        fn nothing_likelier_is_left_out(questions in prop::collection::vec(any_question(), 0..20)) {
            let reply = reply("train", 10);
            let offered = ranked(&reply, &questions, &Places::default());
            prop_assert!(offered.len() <= MOST);
            let possible = questions.iter().filter(|asked| is_possible(asked, &reply));
            prop_assert_eq!(offered.len(), possible.clone().count().min(MOST));
            let own = |asked: &Inbound| asked.agent.as_str() == "kasra";
            let offered_own = offered.iter().filter(|likely| own(likely.question)).count();
            prop_assert_eq!(offered_own, possible.filter(|asked| own(asked)).count().min(MOST));
        }
    }
}
