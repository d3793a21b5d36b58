//! A message as people read it: its words, without what stands around them for agents and for the bridge to
//! Discord. The console's pages have the same rule (`ui/src/features/bus/worded.ts`), and `tests/fixtures/worded.json`
//! holds both to the same rows.

use std::borrow::Cow;

use serde::Deserialize;

use crate::discord::RequestId;
use crate::ids::MessageId;
use crate::messages::{Message, Origin};

/// What a block begins with that says where a question was asked.
pub const BLOCK_BEGIN: &str = "<!--mumega-discord-ctx:";
/// What it ends with.
pub const BLOCK_END: &str = "-->";

/// What a message's words are told by.
#[derive(Clone, Copy, Debug)]
pub struct Worded<'m> {
    /// As it was written.
    pub text: &'m str,
    /// Where it comes from.
    pub origin: Origin,
    /// What its sender calls it.
    pub request_id: Option<&'m str>,
    /// What it answers.
    pub in_reply_to: Option<MessageId>,
}

impl<'m> Worded<'m> {
    /// The words: of a question from Discord those of the person, of an answer all but the mark that names what it
    /// answers. Whatever else looks like either is somebody's words.
    #[must_use]
    pub fn words(self) -> Cow<'m, str> {
        if let Some(words) = self.request().and_then(|id| asked(self.text, id)) {
            return Cow::Borrowed(words);
        }
        match self.in_reply_to {
            Some(_) => answered(self.text),
            None => Cow::Borrowed(self.text),
        }
    }

    /// As the bridge gives it, and as the marker has it.
    fn request(self) -> Option<RequestId> {
        let id = self.request_id.filter(|_| self.origin == Origin::Discord)?;
        let request = id.parse().ok().map(RequestId);
        request.filter(|request| request.to_string() == id)
    }
}

impl<'m> From<&'m Message> for Worded<'m> {
    fn from(message: &'m Message) -> Self {
        Self {
            text: &message.text,
            origin: message.from.origin(),
            request_id: message.request_id.as_deref(),
            in_reply_to: message.in_reply_to,
        }
    }
}

/// What the text of a question begins with.
#[must_use]
pub fn marker(request: RequestId) -> String {
    format!("[request_id:{request}] ")
}

/// How the sentence ends that tells an agent how to reply, by which it is told from a person's words: in those no
/// such id is left.
#[must_use]
pub fn reply_ends(request: RequestId) -> String {
    format!(" with {{ack_for:{request}}} in its text; what else you write in it is posted there.)")
}

/// A question without its marker before it, and how to reply and the block behind it; none where the marker is
/// another's.
fn asked(text: &str, request: RequestId) -> Option<&str> {
    let words = text.strip_prefix(&marker(request))?;
    let before = words.rfind(BLOCK_BEGIN).filter(|at| {
        let inside = words[at + BLOCK_BEGIN.len()..]
            .trim_end()
            .strip_suffix(BLOCK_END);
        inside.is_some_and(|json| is_of(json, request))
    });
    let words = before.map_or(words, |at| words[..at].trim_end());
    let note = words
        .rfind("\n\n(")
        .filter(|_| words.ends_with(&reply_ends(request)));
    Some(note.map_or(words, |at| &words[..at]))
}

/// Whether a block's JSON, in which nothing begins or ends a comment, is of this question.
fn is_of(json: &str, request: RequestId) -> bool {
    #[derive(Deserialize)]
    struct Named {
        request_id: RequestId,
    }
    let named: Option<Named> = serde_json::from_str(json).ok();
    !json.contains(['<', '>']) && named.is_some_and(|named| named.request_id == request)
}

/// An answer without the first mark that names what it answers; an acknowledgement alone has no other words.
fn answered(text: &str) -> Cow<'_, str> {
    let Some((before, behind)) = around_mark(text) else {
        return Cow::Borrowed(text);
    };
    let before = before.strip_suffix(' ').unwrap_or(before);
    let words = format!("{before}{behind}");
    match words.trim() {
        "" => Cow::Borrowed(text),
        words => Cow::Owned(words.to_owned()),
    }
}

/// What stands before and behind `{ack_for:<id>[, ok:true]}`.
fn around_mark(text: &str) -> Option<(&str, &str)> {
    const BEGIN: &str = "{ack_for:";
    text.match_indices(BEGIN).find_map(|(at, _)| {
        let (inside, behind) = text[at + BEGIN.len()..].split_once('}')?;
        let id = [", ok:true", ", ok:false"]
            .iter()
            .find_map(|ok| inside.strip_suffix(ok))
            .unwrap_or(inside);
        let is_id = !id.is_empty() && !id.contains(|c: char| c == '{' || c.is_whitespace());
        is_id.then_some((&text[..at], behind))
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[derive(Deserialize)]
    struct Table {
        request: String,
        rows: Vec<Row>,
        answers: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        name: String,
        text: String,
        words: String,
    }

    fn table() -> Table {
        let table = include_str!("../../../tests/fixtures/worded.json");
        serde_json::from_str(table).unwrap()
    }

    #[test]
    fn people_read_a_question_without_its_id_and_its_block_and_with_all_else_that_looks_so() {
        let Table { request, rows, .. } = table();
        for Row { name, text, words } in &rows {
            let of = |origin, id| Worded {
                text,
                origin,
                request_id: Some(id),
                in_reply_to: None,
            };
            assert_eq!(of(Origin::Discord, &request).words(), *words, "{name}");
            // Only of a message that came from Discord under that very id.
            let upper = request.to_uppercase();
            for other in ["q-1", &upper] {
                assert_eq!(of(Origin::Discord, other).words(), *text, "{name}");
            }
            assert_eq!(of(Origin::Agent, &request).words(), *text, "{name}");
        }
    }

    #[test]
    fn people_read_an_answer_without_the_mark_that_names_what_it_answers() {
        for Row { name, text, words } in &table().answers {
            let of = |in_reply_to| Worded {
                text,
                origin: Origin::Agent,
                request_id: None,
                in_reply_to,
            };
            let question = MessageId(Uuid::from_u128(7));
            assert_eq!(of(Some(question)).words(), *words, "{name}");
            assert_eq!(of(None).words(), *text, "{name}");
        }
    }
}
