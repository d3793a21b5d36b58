//! Words that were said in deliberations: what holds them, and where.

use std::ops::Range;

use husting_domain::ids::TenantId;
use husting_wire::errors::Error;
use husting_wire::ranges;
use husting_wire::search::{FoundPassage, FoundPassages, SearchPassages};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::Inner;
use crate::errors::Outward;

/// How many passages are found where nobody says.
const USUAL: u32 = 20;
/// Letters of a passage that are shown before what was found in it.
const BEFORE: usize = 40;
/// The same behind it.
const AFTER: usize = 120;
/// Most letters of a sentence that is told whole; what is longer is no sentence, but a listing.
const SENTENCE: usize = 1_000;

impl Inner {
    /// # Errors
    /// `invalid_request` for a number that is out of range.
    pub(crate) async fn search_passages(
        &self,
        tenant: &TenantId,
        asked: SearchPassages,
    ) -> Result<FoundPassages, Error> {
        let limit = asked.limit.unwrap_or(USUAL);
        ranges::FOUND.check("limit", limit.into())?;
        let found = self.store.passages(tenant, &asked.query, limit).await;
        let passages = found.outward()?.into_iter().map(|passage| {
            let Excerpt {
                before,
                hit,
                after,
                sentence,
            } = excerpt(&passage.text, &asked.query);
            FoundPassage {
                session_id: passage.session,
                title: passage.title,
                round_index: passage.round_index,
                kind: passage.kind,
                model: passage.model,
                before,
                hit,
                after,
                sentence,
                at: passage.at,
            }
        });
        Ok(FoundPassages {
            passages: passages.collect(),
        })
    }
}

/// A place in a text, on one line.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt {
    before: String,
    hit: String,
    after: String,
    sentence: String,
}

/// The first place in `text` where the words of `query` stand in a row, or else where its first word
/// stands that stands anywhere; the beginning of the text where that is nowhere. The last word may go on.
fn excerpt(text: &str, query: &str) -> Excerpt {
    let wanted: Vec<String> = query.unicode_words().map(folded).collect();
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    let said: Vec<String> = words.iter().map(|(_, word)| folded(word)).collect();
    let fits = |word: &String, place: usize| {
        let is_last = place + 1 == wanted.len();
        word == &wanted[place] || is_last && word.starts_with(&wanted[place])
    };
    let in_a_row = said.windows(wanted.len().max(1)).position(|words| {
        !wanted.is_empty() && words.iter().enumerate().all(|(at, word)| fits(word, at))
    });
    let one = || {
        let places = 0..wanted.len();
        let mut first = places.filter_map(|at| said.iter().position(|word| fits(word, at)));
        first.next().map(|at| (at, at))
    };
    let found = in_a_row.map(|at| (at, at + wanted.len() - 1)).or_else(one);
    let hit = found.and_then(|(first, last)| {
        let (begin, (end, word)) = (words.get(first)?.0, words.get(last)?);
        Some(begin..end + word.len())
    });
    let hit = hit.unwrap_or(0..0);
    Excerpt {
        before: end_of(&text[..hit.start]),
        hit: on_one_line(&text[hit.clone()]),
        after: beginning_of(&text[hit.end..]),
        sentence: sentence_around(text, &hit),
    }
}

/// The sentence that has a place, on one line; all of them, where the place has a part of several.
fn sentence_around(text: &str, place: &Range<usize>) -> String {
    let pieces: Vec<(usize, &str)> = text.split_sentence_bound_indices().collect();
    let has = |at: usize| pieces.iter().rposition(|(begin, _)| *begin <= at);
    let within = place.end.checked_sub(1).filter(|last| *last >= place.start);
    let (Some(mut first), Some(mut last)) = (within.and(has(place.start)), within.and_then(has))
    else {
        return String::new();
    };
    while first > 0 && goes_on(pieces[first - 1].1, pieces[first].1) {
        first -= 1;
    }
    while last + 1 < pieces.len() && goes_on(pieces[last].1, pieces[last + 1].1) {
        last += 1;
    }
    let sentence: String = pieces[first..=last]
        .iter()
        .map(|(_, piece)| *piece)
        .collect();
    if sentence.graphemes(true).count() > SENTENCE {
        return String::new();
    }
    // At the beginning of a line, where marks may stand.
    on_one_line(&format!("\n{sentence}")).trim().to_owned()
}

/// Whether a sentence was only broken into lines here. The end of a line ends a heading and an item of a list as
/// well, which have no other end; what follows these does not begin with a small letter.
fn goes_on(line: &str, next: &str) -> bool {
    line.ends_with('\n') && !line.trim().is_empty() && next.starts_with(char::is_lowercase)
}

/// As the search compares words: without case and accents.
fn folded(word: &str) -> String {
    let plain = word.nfd().filter(|c| !is_combining_mark(*c));
    plain.flat_map(char::to_lowercase).collect()
}

/// Every run of white space as one space, so that nothing is broken off where it is shown; without the marks
/// of Markdown, which a reader of the whole answer does not see.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut begins = false;
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let is_mark = match c {
            '`' => true,
            // Between two letters, or alone, it stands for itself.
            '*' => {
                before.is_alphanumeric() != next.is_alphanumeric() || before == '*' || next == '*'
            }
            '#' | '>' | '-' => begins && (next == c || next.is_whitespace()),
            _ => false,
        };
        begins = c == '\n' || (begins && (is_mark || c.is_whitespace()));
        before = c;
        match c.is_whitespace() {
            _ if is_mark => {}
            true if line.ends_with(' ') => {}
            true => line.push(' '),
            false => line.push(c),
        }
    }
    line
}

/// The last letters of a text, from a word's beginning.
fn end_of(text: &str) -> String {
    let letters = text.grapheme_indices(true).rev();
    let Some((cut, _)) = letters.take(BEFORE + 1).nth(BEFORE) else {
        return on_one_line(text).trim_start().to_owned();
    };
    let tail = &text[cut..];
    let words = tail.split_once(char::is_whitespace);
    format!("…{}", on_one_line(words.map_or(tail, |(_, rest)| rest)))
}

/// The first letters of a text, to a word's end.
fn beginning_of(text: &str) -> String {
    let Some((cut, _)) = text.grapheme_indices(true).nth(AFTER) else {
        return on_one_line(text).trim_end().to_owned();
    };
    let head = &text[..cut];
    let words = head.rsplit_once(char::is_whitespace);
    format!("{}…", on_one_line(words.map_or(head, |(rest, _)| rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::in_a_row("A second depot costs. Second depots pay.", "second depots", ("A second depot costs. ", "Second depots", " pay."))]
    #[case::the_last_goes_on("The manifest says forty.", "MANI", ("The ", "manifest", " says forty."))]
    #[case::only_the_last_goes_on("A depot costs.", "dep costs", ("A depot ", "costs", "."))]
    #[case::apart("Forty pallets a day", "day forty", ("Forty pallets a ", "day", ""))]
    #[case::accents("In Köln\n\n  and Łódź", "koln", ("In ", "Köln", " and Łódź"))]
    #[case::nowhere("Only   this", "that", ("", "", "Only this"))]
    #[case::no_word("Only this", "(*", ("", "", "Only this"))]
    #[case::no_text("", "that", ("", "", ""))]
    #[case::marks("It has\n\n> ## **Stance:** a *price* of `2 * 3`.\n\n- So be it", "stance", ("It has ", "Stance", ": a price of 2 * 3. So be it"))]
    #[case::marks_within("The pump **housings** go.", "pump housings", ("The ", "pump housings", " go."))]
    #[case::no_marks("a*b - c > d # e", "c", ("a*b - ", "c", " > d # e"))]
    fn what_was_found_stands_between_what_is_around_it(
        #[case] text: &str,
        #[case] query: &str,
        #[case] (before, hit, after): (&str, &str, &str),
    ) {
        let shown = excerpt(text, query);
        assert_eq!(
            [before, hit, after],
            [&shown.before, &shown.hit, &shown.after].map(String::as_str)
        );
    }

    #[rstest]
    #[case::between_its_neighbours(
        "It is late. Pick seats, now! Then wait.",
        "seats",
        "Pick seats, now!"
    )]
    #[case::with_what_denies_it("It is late. Do not pick seats.", "seats", "Do not pick seats.")]
    #[case::below_a_heading("## What to charge for\nPick **seats**.", "seats", "Pick seats.")]
    #[case::the_heading("What to charge for\n\nPick seats.", "charge", "What to charge for")]
    #[case::an_item("So:\n- Pick seats\n- Pick usage", "seats", "Pick seats")]
    #[case::broken_into_lines(
        "It is late. Do not\npick seats,\nas I said.",
        "seats",
        "Do not pick seats, as I said."
    )]
    #[case::over_several(
        "Pick seats. Then wait. So be it.",
        "seats then",
        "Pick seats. Then wait."
    )]
    #[case::nowhere("Pick seats.", "usage", "")]
    fn the_sentence_is_whole(#[case] text: &str, #[case] query: &str, #[case] sentence: &str) {
        assert_eq!(excerpt(text, query).sentence, sentence);
    }

    #[test]
    fn a_listing_is_no_sentence() {
        let most = format!("needle {}x.", "hay ".repeat(SENTENCE / 4 - 3));
        assert!(!excerpt(&most, "needle").sentence.is_empty());
        assert_eq!(excerpt(&format!("hay {most}"), "needle").sentence, "");
    }

    #[test]
    fn long_texts_are_cut_between_words() {
        let text = format!(
            "{}needle {}",
            "hay stack ".repeat(40),
            "straw bale ".repeat(40)
        );
        let found = excerpt(&text, "needle");
        assert_eq!(found.hit, "needle");
        assert_eq!(found.before, format!("…{}", "hay stack ".repeat(4)));
        assert!(found.after.starts_with(" straw bale "), "{found:?}");
        assert!(
            found.after.ends_with(" straw…") || found.after.ends_with(" bale…"),
            "{found:?}"
        );
        assert!(
            found.after.graphemes(true).count() <= AFTER + 1,
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn an_excerpt_is_a_part_of_its_text(text in "[a-zé \\n]{0,600}", query in "[a-zé ]{0,12}") {
            let Excerpt { before, hit, after, sentence } = excerpt(&text, &query);
            let shown = format!("{}{hit}{}", before.trim_start_matches('…'), after.trim_end_matches('…'));
            prop_assert!(on_one_line(&text).contains(shown.trim()), "{shown:?}");
            prop_assert!(before.graphemes(true).count() <= BEFORE + 2);
            prop_assert!(!shown.contains('\n'));
            prop_assert!(on_one_line(&text).contains(&sentence) && sentence.contains(&hit), "{sentence:?}");
        }
    }
}
