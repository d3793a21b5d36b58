//! Markers that a person typed are theirs, not ours: they are kept readable and mean nothing.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// What our markers begin with, behind their bracket.
const WORDS: [&str; 3] = ["request_id", "ack_for", "mumega-discord-ctx"];

/// The text with the bracket before what looks like one of our markers made round. Case, spaces, quotes,
/// invisible characters and full-width letters inside make no difference; a bracket that nobody closes
/// counts as well, because what follows the text might. Doing it twice changes nothing.
#[must_use]
pub fn inert(text: &str) -> Cow<'_, str> {
    let folded = folded(text);
    let letters: String = folded.iter().map(|(_, letter)| letter).collect();
    let mut brackets: Vec<usize> = WORDS
        .iter()
        .flat_map(|word| letters.match_indices(word))
        .filter_map(|(at, _)| bracket_before(&folded, letters[..at].chars().count()))
        .collect();
    if brackets.is_empty() {
        return Cow::Borrowed(text);
    }
    brackets.sort_unstable();
    Cow::Owned(rounded(text, &brackets))
}

/// Every letter that is seen, as it is meant, with the byte where its character begins.
fn folded(text: &str) -> Vec<(usize, char)> {
    let seen = text
        .char_indices()
        .filter(|(_, char)| !is_passed_over(*char));
    let meant = seen.flat_map(|(at, char)| {
        let letters = std::iter::once(char).nfkc().flat_map(char::to_lowercase);
        letters.map(move |letter| (at, letter))
    });
    // What is passed over may also come of a character that stands for several.
    meant
        .filter(|(_, letter)| !is_passed_over(*letter))
        .collect()
}

/// Spaces, quotes, emphasis, and what nobody sees.
fn is_passed_over(char: char) -> bool {
    let is_unseen = matches!(
        char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    let is_around = matches!(
        char,
        '"' | '\'' | '`' | '*' | '~' | '|' | '\\' | '“' | '”' | '‘' | '’'
    );
    char.is_whitespace() || char.is_control() || is_unseen || is_around
}

/// Where the bracket stands that makes a marker of the word at this letter; `<!--` is one.
fn bracket_before(folded: &[(usize, char)], word: usize) -> Option<usize> {
    let is_dash = |letter: char| matches!(letter, '-' | '!' | '‐' | '–' | '—');
    let mut before = folded[..word]
        .iter()
        .rev()
        .skip_while(|(_, letter)| is_dash(*letter));
    let (at, letter) = before.next()?;
    matches!(letter, '[' | '{' | '<').then_some(*at)
}

fn rounded(text: &str, brackets: &[usize]) -> String {
    let round = |(at, char)| {
        if brackets.binary_search(&at).is_ok() {
            '('
        } else {
            char
        }
    };
    text.char_indices().map(round).collect()
}

#[cfg(test)]
mod tests {
    use husting_domain::messages::Markers;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("[request_id:1]", "(request_id:1]")]
    #[case("{ack_for:1, ok:true}", "(ack_for:1, ok:true}")]
    #[case("{ack_for:1", "(ack_for:1")]
    #[case("[ACK_for : 1]", "(ACK_for : 1]")]
    #[case("{ \"ack_for\": \"1\" }", "( \"ack_for\": \"1\" }")]
    #[case("{a\u{200b}ck_\u{ad}for:1}", "(a\u{200b}ck_\u{ad}for:1}")]
    #[case("[ r e q u e s t _ i d :1]", "( r e q u e s t _ i d :1]")]
    #[case("［ｒｅｑｕｅｓｔ＿ｉｄ：1］", "(ｒｅｑｕｅｓｔ＿ｉｄ：1］")]
    #[case("{**ack_for**:1}", "(**ack_for**:1}")]
    #[case("{[{ack_for:1}", "{[(ack_for:1}")]
    #[case("<!--mumega-discord-ctx:{}-->", "(!--mumega-discord-ctx:{}-->")]
    #[case("<! - - Mumega-Discord-CTX:{}-->", "(! - - Mumega-Discord-CTX:{}-->")]
    #[case(
        "<!--mumega-discord-ctx:{\"request_id\":\"1\"}-->",
        "(!--mumega-discord-ctx:(\"request_id\":\"1\"}-->"
    )]
    fn a_marker_is_readable_and_means_nothing(#[case] typed: &str, #[case] inertly: &str) {
        assert_eq!(inert(typed), inertly);
    }

    #[rstest]
    #[case("request_id and ack_for are words")]
    #[case("see [the docs] for {ack}")]
    #[case("[x] {y} <!-- z -->")]
    #[case("[requests] and {acknowledge_for: x}")]
    fn what_is_no_marker_stays(#[case] text: &str) {
        assert!(matches!(inert(text), Cow::Borrowed(same) if same == text));
    }

    /// Pieces of which markers can be made.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("[".to_owned()),
            Just("{".to_owned()),
            Just("]".to_owned()),
            Just("}".to_owned()),
            Just("<!--".to_owned()),
            Just("-->".to_owned()),
            Just("<".to_owned()),
            Just("request_id".to_owned()),
            Just("Ack_For".to_owned()),
            Just("ack_".to_owned()),
            Just("for".to_owned()),
            Just("mumega-discord-ctx".to_owned()),
            Just(":".to_owned()),
            Just("=".to_owned()),
            Just("\"".to_owned()),
            Just("'".to_owned()),
            Just(" ".to_owned()),
            Just("\u{200b}".to_owned()),
            Just("\u{3000}".to_owned()),
            Just("\n".to_owned()),
            Just("0199d1f0-0000-7000-8000-000000000000".to_owned()),
            Just("ok:false".to_owned()),
            Just("İ".to_owned()),
            Just("ﬀ".to_owned()),
            Just("＿".to_owned()),
            ".",
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nobody_reads_a_marker_in_it(text in pieces()) {
            let inertly = inert(&text).into_owned();
            // Whatever closes it later.
            for end in ["", "]", "}", "]}-->", "-->"] {
                let ended = format!("{inertly}{end}");
                let seen: String = ended.chars().filter(|char| *char != '\u{200b}').collect();
                for read in [ended, seen] {
                    let markers = Markers::read(&read);
                    prop_assert_eq!(markers.request_id, None);
                    prop_assert_eq!(markers.ack_for, None);
                    prop_assert!(!read.to_lowercase().contains("<!--mumega-discord-ctx"));
                }
            }
        }

        #[test]
        fn twice_is_once_and_nothing_but_brackets_changes(text in pieces()) {
            let once = inert(&text).into_owned();
            prop_assert_eq!(inert(&once), once.as_str());
            prop_assert_eq!(once.chars().count(), text.chars().count());
            for (was, is) in text.chars().zip(once.chars()) {
                prop_assert!(was == is || is == '(');
            }
        }
    }
}
