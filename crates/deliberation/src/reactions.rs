//! Reading a seat's reactions: strict JSON where the provider gives it, a tolerant reading where not.

use husting_domain::models::ModelId;
use husting_domain::snippets::{Snippet, SnippetType};
use serde_json::Value;

use crate::confidence::untag_comment;
use crate::hygiene::cleaned;
use crate::roster::Roster;
use crate::tolerant;

/// Most snippets taken from one reaction.
pub const MOST_SNIPPETS: usize = 50;
/// Most characters of one quote or comment.
const MOST_CHARACTERS: usize = 4_000;

/// Why a reaction could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReactionError {
    /// There is no JSON in it.
    #[error("no JSON object with \"snippets\" was found")]
    NoJson,
    /// There is JSON, but no usable snippet although some were given.
    #[error("none of the {given} snippets had a known type and a quote")]
    NothingUsable {
        /// How many were given.
        given: usize,
    },
}

/// Reads `{"snippets":[…]}` out of `text`: code fences, prose around, single quotes, trailing
/// commas and bare arrays are put up with. A snippet that names nobody on the panel is kept as said
/// of another seat: verifying finds who said it, or that nobody did. Only what has no known type
/// or no quote is left out; an empty list is a valid reaction.
///
/// # Errors
/// [`ReactionError`] when asking once more is worth it.
pub fn read(text: &str, reader: &ModelId, roster: &Roster) -> Result<Vec<Snippet>, ReactionError> {
    let items = tolerant::find(text, items_of).ok_or(ReactionError::NoJson)?;
    let given = items.len();
    let snippets: Vec<Snippet> = items
        .iter()
        .take(MOST_SNIPPETS)
        .filter_map(|item| snippet_of(item, reader, roster))
        .collect();
    if snippets.is_empty() && given > 0 {
        return Err(ReactionError::NothingUsable { given });
    }
    Ok(snippets)
}

fn snippet_of(item: &Value, reader: &ModelId, roster: &Roster) -> Option<Snippet> {
    let words = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| item.get(name)?.as_str())
            .map(str::trim)
    };
    let kind = words(&["type"])?.to_ascii_uppercase();
    let kind = SnippetType::ALL
        .into_iter()
        .find(|known| known.word() == kind)?;
    let quote = bounded(&cleaned(words(&["quote"])?));
    let place = words(&["quoted_model", "panelist", "model"])
        .and_then(|name| roster.find(name))
        .or_else(|| citation_letter(&quote).and_then(|letter| roster.find(&letter.to_string())))
        .or_else(|| roster.places().iter().find(|place| place.model != *reader))?;
    if quote.trim().is_empty() {
        return None;
    }
    let (comment, tagged) =
        untag_comment(&bounded(&cleaned(words(&["comment"]).unwrap_or_default())));
    let stated = item
        .get("confidence")
        .and_then(|value| untag_comment(&format!("[confidence: {value}]")).1);
    Some(Snippet {
        kind,
        quote,
        quoted_model: place.model.clone(),
        comment: (!comment.is_empty()).then_some(comment),
        confidence: tagged.or(stated),
        said_by: None,
    })
}

fn bounded(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

/// `B` of `[B.12]` at the start of a quote.
fn citation_letter(quote: &str) -> Option<char> {
    let mut characters = quote.trim().strip_prefix('[')?.chars();
    let letter = characters.next().filter(char::is_ascii_uppercase)?;
    (characters.next() == Some('.')).then_some(letter)
}

/// The list of snippets, if this is one or holds one.
fn items_of(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Object(fields) => match fields.get("snippets")? {
            Value::Array(items) => Some(items.clone()),
            _ => None,
        },
        Value::Array(items) if items.iter().any(|item| item.get("quote").is_some()) => {
            Some(items.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::panel;
    use proptest::prelude::*;

    fn reader_and_other() -> (Roster, ModelId, ModelId, char) {
        let roster = panel(&["m1", "m2", "m3"]);
        let other = roster.places()[1].clone();
        (
            roster.clone(),
            roster.places()[0].model.clone(),
            other.model,
            other.letter,
        )
    }

    fn read_as_m1(text: &str) -> Result<Vec<(SnippetType, String, Option<String>)>, ReactionError> {
        let (roster, reader, ..) = reader_and_other();
        let snippets = read(text, &reader, &roster)?;
        Ok(snippets
            .into_iter()
            .map(|snippet| (snippet.kind, snippet.quote, snippet.comment))
            .collect())
    }

    #[test]
    fn many_dialects_of_json_say_the_same() {
        let (_, _, _, b) = reader_and_other();
        let plain = format!(
            r#"{{"snippets":[{{"type":"KEEP","quote":"It's so.","quoted_model":"{b}","comment":"Yes."}}]}}"#
        );
        let dialects = [
            plain.clone(),
            format!("```json\n{plain}\n```"),
            format!("Here {{is}} my reaction:\n{plain}\nThat is all."),
            format!(
                "{{'snippets': [{{'type': 'keep', 'quote': 'It\\'s so.', 'quoted_model': '{b}', 'comment': 'Yes.',}},],}}"
            ),
            format!(
                "{{'snippets': [{{'type': 'KEEP', 'quote': 'It's so.', 'quoted_model': 'panelist {b}', 'comment': 'Yes.'}}]}}"
            ),
            r#"[{"type":"KEEP","quote":"It's so.","quoted_model":"m2","comment":"Yes."}]"#
                .to_owned(),
        ];
        for dialect in dialects {
            let expected = vec![(
                SnippetType::Keep,
                "It's so.".to_owned(),
                Some("Yes.".to_owned()),
            )];
            assert_eq!(read_as_m1(&dialect), Ok(expected), "{dialect}");
        }
    }

    #[test]
    fn what_asks_for_a_repair_and_what_does_not() {
        assert_eq!(
            read_as_m1("I agree with everybody."),
            Err(ReactionError::NoJson)
        );
        assert_eq!(
            read_as_m1(r#"{"snippets":[{"type":"LIKE","quote":"x","quoted_model":"B"}]}"#),
            Err(ReactionError::NothingUsable { given: 1 })
        );
        assert_eq!(read_as_m1(r#"{"snippets":[]}"#), Ok(vec![]));
    }

    #[test]
    fn a_snippet_of_nobody_or_of_ones_own_is_kept_for_the_verifier() {
        let (roster, reader, other, b) = reader_and_other();
        let own = roster.place(&reader).unwrap().letter;
        let text = format!(
            r#"{{"snippets":[{{"type":"KEEP","quote":"mine","quoted_model":"{own}"}},
                {{"type":"CORE","quote":"theirs","quoted_model":"{b}"}},
                {{"type":"SHIFT","quote":"whose?","quoted_model":"the tall one"}}]}}"#
        );
        let quoted: Vec<ModelId> = read(&text, &reader, &roster)
            .unwrap()
            .into_iter()
            .map(|snippet| snippet.quoted_model)
            .collect();
        assert_eq!(quoted[..2], [reader.clone(), other]);
        assert_ne!(quoted[2], reader);
    }

    #[test]
    fn a_citation_names_its_panelist() {
        let (_, _, _, b) = reader_and_other();
        let text = format!(r#"{{"snippets":[{{"type":"EXPLORE","quote":"[{b}.3]"}}]}}"#);
        assert_eq!(
            read_as_m1(&text),
            Ok(vec![(SnippetType::Explore, format!("[{b}.3]"), None)])
        );
    }

    #[test]
    fn a_comments_confidence_becomes_a_score() {
        let (roster, reader, _, b) = reader_and_other();
        let text = format!(
            r#"{{"snippets":[{{"type":"KEEP","quote":"q","quoted_model":"{b}","comment":"Yes. [confidence: 0.7]"}},{{"type":"KEEP","quote":"r","quoted_model":"{b}","confidence":0.5}}]}}"#
        );
        let scores: Vec<_> = read(&text, &reader, &roster)
            .unwrap()
            .into_iter()
            .map(|s| s.confidence.map(|c| c.thousandths()))
            .collect();
        assert_eq!(scores, [Some(700), Some(500)]);
    }

    proptest! {
        #[test]
        fn no_text_brings_the_reader_down(text in "\\PC{0,200}", shape in "[\\[\\]{}'\",:a-z ]{0,200}") {
            let (roster, reader, ..) = reader_and_other();
            for text in [text, shape] {
                // Only termination without a panic is claimed here.
                drop(read(&text, &reader, &roster));
            }
        }
    }
}
