//! Numbers the sentences of an answer, so that a reaction can cite `[A.12]` and the console
//! can mark words inside rendered Markdown. Sentences follow UAX #29, refined where Markdown
//! or an abbreviation says better: a block ends every sentence; a heading, a table row and
//! a code block are one each.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::quotes::{Kind, Line, lines};

/// One sentence of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Counts from 1.
    pub number: u32,
    /// First UTF-8 byte of the text as served; marks of lists and headings stand before it.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The sentences of a text, in order, without the white space between them.
#[must_use]
pub fn split(text: &str) -> Vec<Sentence> {
    let mut ranges = Vec::new();
    let lines = lines(text);
    let mut rest = lines.as_slice();
    while let Some(first) = rest.first() {
        let length = block(rest);
        let (lines, behind) = rest.split_at(length);
        let end = lines.last().map_or(first.end, |line| line.end);
        match first.kind {
            Kind::Text | Kind::Item => ranges.extend(sentences(text, lines)),
            Kind::Heading => ranges.push(first.content..end),
            Kind::Row => ranges.push(cells(text, first.content..end)),
            Kind::Code => ranges.push(first.start..end),
            Kind::Blank | Kind::Rule | Kind::RowRule | Kind::Fence => {}
        }
        rest = behind;
    }
    let spoken = ranges
        .into_iter()
        .map(|range| trimmed(text, range))
        .filter(|range| !range.is_empty());
    (1..)
        .zip(spoken)
        .map(|(number, range)| Sentence {
            number,
            start: range.start,
            end: range.end,
        })
        .collect()
}

/// How many lines the first block of these has: a paragraph or item runs on until another
/// block begins, code until its fence.
fn block(lines: &[Line]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    let continues = match first.kind {
        Kind::Text | Kind::Item => Kind::Text,
        Kind::Code => Kind::Code,
        _ => return 1,
    };
    1 + lines[1..]
        .iter()
        .take_while(|line| line.kind == continues)
        .count()
}

/// The words of a table row, without its outer pipes.
fn cells(text: &str, row: Range<usize>) -> Range<usize> {
    let outer = |c: char| c == '|' || c.is_whitespace();
    let words = &text[row.clone()];
    let start = row.start + words.len() - words.trim_start_matches(outer).len();
    start..start.max(row.start + words.trim_end_matches(outer).len())
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let words = &text[range.clone()];
    let start = range.start + words.len() - words.trim_start().len();
    start..start + words.trim().len()
}

/// Sentences of a paragraph whose lines were wrapped.
fn sentences(text: &str, lines: &[Line]) -> Vec<Range<usize>> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Vec::new();
    };
    let paragraph = unwrapped(&text[first.content..last.end], first.content, lines);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut opened = 0;
    for (at, piece) in paragraph.split_sentence_bound_indices() {
        let start = first.content + at - opened;
        // UAX #29 leaves a bracket that opens the next sentence at the end of this one.
        let said = piece.trim_end_matches(OPENING);
        opened = if said.is_empty() {
            0
        } else {
            piece.len() - said.len()
        };
        let end = first.content + at + piece.len() - opened;
        match ranges.last_mut() {
            Some(open) if runs_on(&paragraph[open.start - first.content..at], piece) => {
                open.end = end
            }
            _ => ranges.push(start..end),
        }
    }
    // The mark at the start of the next line is no word of the sentence before it.
    for range in &mut ranges {
        let said = &paragraph[range.start - first.content..range.end - first.content];
        range.end = range.start + said.trim_end().len();
    }
    ranges
}

/// Marks that open what follows them.
const OPENING: [char; 8] = ['「', '『', '（', '〈', '《', '【', '“', '„'];

/// The paragraph on one line, byte for byte as long: line feeds and the marks at the start
/// of a line become spaces.
fn unwrapped(paragraph: &str, offset: usize, lines: &[Line]) -> String {
    let mut plain = String::with_capacity(paragraph.len());
    let mut from = offset;
    for pair in lines.windows(2) {
        plain.push_str(&paragraph[from - offset..pair[0].end - offset]);
        plain.push_str(&" ".repeat(pair[1].content - pair[0].end));
        from = pair[1].content;
    }
    plain.push_str(&paragraph[from - offset..]);
    plain
}

/// Abbreviations after which a sentence goes on, in lower case.
#[rustfmt::skip]
const ABBREVIATIONS: [&str; 40] = [
    "e.g.", "i.e.", "cf.", "vs.", "viz.", "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "fig.",
    "figs.", "eq.", "sec.", "approx.", "resp.", "incl.", "esp.", "ca.", "bzw.", "vgl.", "ggf.",
    "evtl.", "inkl.", "exkl.", "sog.", "abs.", "art.", "hr.", "fr.", "z.", "d.", "u.", "z.b.",
    "d.h.", "u.a.", "p.", "mme.", "env.",
];
/// Letters that abbreviate only behind the first ("z. B.", "d. h.", "p. ex."); "Plan B." ends.
const SECOND_PARTS: [&str; 4] = ["b.", "h.", "a.", "ex."];
/// Abbreviations only before a number ("No. 5"); otherwise words of their own.
const BEFORE_NUMBERS: [&str; 5] = ["no.", "nr.", "nos.", "num.", "vol."];
/// Months, before which a number and a dot is a day ("am 3. März").
#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
];

/// Whether a piece that UAX #29 parts from what stands before it still belongs to it.
fn runs_on(before: &str, piece: &str) -> bool {
    let before = before.trim_end();
    let mut words = before.rsplit(char::is_whitespace);
    let last = words
        .next()
        .unwrap_or_default()
        .trim_start_matches(['(', '[', '"', '“', '„', '*', '_']);
    let lower = last.to_lowercase();
    if BEFORE_NUMBERS.contains(&lower.as_str()) {
        return piece.starts_with(|c: char| c.is_ascii_digit());
    }
    if SECOND_PARTS.contains(&lower.as_str()) {
        return words
            .next()
            .is_some_and(|word| matches!(word.to_lowercase().as_str(), "z." | "d." | "u." | "p."));
    }
    let day = last
        .strip_suffix('.')
        .is_some_and(|day| day.len() <= 2 && day.bytes().all(|c| c.is_ascii_digit()));
    if day && !last.starts_with('.') {
        return MONTHS.iter().any(|month| piece.starts_with(month));
    }
    ABBREVIATIONS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .map(|sentence| &text[sentence.start..sentence.end])
            .collect()
    }

    #[test]
    fn the_marks_of_a_quoted_paragraph_are_no_words_of_it() {
        assert_eq!(
            of("> One is said.\n> Two is said."),
            ["One is said.", "Two is said."]
        );
    }

    #[test]
    fn prose() {
        assert_eq!(
            of("One. Two? Three!  Four"),
            ["One.", "Two?", "Three!", "Four"]
        );
        assert_eq!(
            of("It costs $3.5 a day. In v1.2.3 too."),
            ["It costs $3.5 a day.", "In v1.2.3 too."]
        );
        assert_eq!(of("“Yes.” He left."), ["“Yes.”", "He left."]);
        assert_eq!(
            of("A line\nwrapped here. Next."),
            ["A line\nwrapped here.", "Next."]
        );
    }

    #[test]
    fn abbreviations_do_not_end_a_sentence() {
        for text in [
            "Use a queue, e.g. Kafka or i.e. Postgres.",
            "Dr. Smith vs. Mr. Jones, cf. Fig. 3 and No. 5.",
            "Viele, z. B. Sicherungen, d. h. Kopien.",
            "Am 3. März fiel er aus.",
            "Quelques-uns, p. ex. Postgres.",
        ] {
            assert_eq!(of(text), [text]);
        }
        assert_eq!(
            of("Is it? No. Take plan B. Then go."),
            ["Is it?", "No.", "Take plan B.", "Then go."]
        );
    }

    #[test]
    fn chinese_and_japanese_stops() {
        assert_eq!(
            of("你好。世界！真的？是。"),
            ["你好。", "世界！", "真的？", "是。"]
        );
        assert_eq!(
            of("高い。「安い」は違う。“好”。"),
            ["高い。", "「安い」は違う。", "“好”。"]
        );
    }

    #[test]
    fn markdown_blocks() {
        let text = "# Title. Two\n\nIntro. More.\n- One. Two\n- three\n\n| a | b |\n|---|---|\n| c. d | e |\n\n```rs\nlet a = 1. ;\n\nb\n```\n> said\n> twice.\n\n1. first";
        assert_eq!(
            of(text),
            [
                "Title. Two",
                "Intro.",
                "More.",
                "One.",
                "Two",
                "three",
                "a | b",
                "c. d | e",
                "let a = 1. ;\n\nb",
                "said\n> twice.",
                "first"
            ]
        );
    }

    #[test]
    fn numbers_count_from_one() {
        assert_eq!(
            split("A. B.")
                .iter()
                .map(|sentence| sentence.number)
                .collect::<Vec<_>>(),
            [1, 2]
        );
        assert!(split(" \n\n---\n").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sentences_are_in_order_on_character_boundaries_and_miss_no_word(text in "(\\PC|[-\n.!?。| #>`*a1]){0,80}") {
            let sentences = split(&text);
            let mut from = 0;
            for sentence in &sentences {
                prop_assert!(from <= sentence.start && sentence.start < sentence.end);
                prop_assert!(text.is_char_boundary(sentence.start) && text.is_char_boundary(sentence.end));
                from = sentence.end;
            }
        }
    }
}
