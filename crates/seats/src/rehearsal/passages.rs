//! The sentences of a document that can be quoted byte for byte inside a Markdown answer.
//!
//! Sentence borders are Unicode's (UAX 29), corrected for abbreviations. Headings, tables, code and
//! anything whose markup would change its meaning inside a list are passed over.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::words;

const ABBREVIATIONS: [&str; 27] = [
    "al.", "approx.", "bzw.", "ca.", "cf.", "co.", "corp.", "dr.", "e.g.", "etc.", "fig.", "i.e.",
    "inc.", "ltd.", "mr.", "mrs.", "ms.", "no.", "nr.", "p.", "pp.", "prof.", "sec.", "st.",
    "u.s.", "vs.", "z.b.",
];

/// A sentence and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passage<'a> {
    pub text: &'a str,
    /// Byte offset in the document.
    pub at: usize,
}

/// All sentences of `document` worth quoting, in order, each once. Where there are hardly any, those
/// with inline markup too.
pub(super) fn quotable(document: &str) -> Vec<Passage<'_>> {
    let mut all = sentences(document);
    let mut seen = BTreeSet::new();
    all.retain(|passage| seen.insert(passage.text));
    let plain: Vec<_> = all
        .iter()
        .copied()
        .filter(|passage| is_quotable(passage.text, PLAIN))
        .collect();
    if plain.len() >= 24 {
        return plain;
    }
    all.into_iter()
        .filter(|passage| is_quotable(passage.text, LENIENT))
        .collect()
}

/// All sentences of the prose in `document`.
pub(super) fn sentences(document: &str) -> Vec<Passage<'_>> {
    blocks(document)
        .into_iter()
        .flat_map(|block| split(&document[block.clone()], block.start))
        .collect()
}

/// The same without what `document` itself quotes.
pub(super) fn own_sentences(document: &str) -> Vec<Passage<'_>> {
    let is_own = |block: &std::ops::Range<usize>| {
        let line = document[..block.start].rfind('\n').map_or(0, |at| at + 1);
        !document[line..].trim_start().starts_with('>')
    };
    let blocks = blocks(document).into_iter().filter(is_own);
    blocks
        .flat_map(|block| split(&document[block.clone()], block.start))
        .collect()
}

/// Characters no quoted sentence may hold, since they are markup.
const PLAIN: &[char] = &[
    '`', '|', '[', ']', '<', '>', '*', '_', '{', '}', '\\', '~', '\t',
];
const LENIENT: &[char] = &['|', '<', '>', '\t', '~'];

fn is_quotable(text: &str, forbidden: &[char]) -> bool {
    let begins_well = text.starts_with(|c: char| {
        (c.is_alphanumeric() && !c.is_lowercase()) || "\"“„«「(".contains(c)
    });
    let ends_well = text
        .trim_end_matches(['"', '”', '“', '»', '」', ')', '’'])
        .ends_with(['.', '!', '?', '。', '！', '？']);
    begins_well
        && ends_well
        && text.len() <= 480
        && (6..=45).contains(&words::count(text))
        && !text.contains(forbidden)
        && !text.contains("://")
        && !text.chars().any(is_unseen)
        && text.lines().skip(1).all(continues_a_paragraph)
}

/// Characters that the program takes out of an answer, so that the bytes would differ.
fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn continues_a_paragraph(line: &str) -> bool {
    let line = line.trim_start();
    list_marker(line) == 0 && !line.starts_with(['#', '>', '=', '-', '+'])
}

/// Byte ranges of paragraphs and list items.
fn blocks(document: &str) -> Vec<std::ops::Range<usize>> {
    let mut blocks: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut at, mut open, mut in_code) = (0, false, false);
    for line in document.split_inclusive('\n') {
        let (from, bare) = (at, line.trim());
        at += line.len();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            (in_code, open) = (!in_code, false);
            continue;
        }
        if in_code || is_no_prose(bare) {
            open = false;
            continue;
        }
        let marker = list_marker(bare);
        if open && marker == 0 && !bare.starts_with('>') {
            if let Some(last) = blocks.last_mut() {
                last.end = at;
            }
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        blocks.push(from + indent + marker..at);
        open = true;
    }
    blocks
}

fn is_no_prose(line: &str) -> bool {
    line.is_empty()
        || line.starts_with(['#', '|', '<'])
        || line
            .chars()
            .all(|c| matches!(c, '-' | '=' | '*' | '_' | ' '))
}

/// Bytes of the bullet, number or quotation mark that `line` begins with.
fn list_marker(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    let marker = if digits == 0 {
        ["- ", "* ", "+ ", "• ", "> "].as_slice()
    } else {
        [". ", ") "].as_slice()
    };
    marker
        .iter()
        .find(|marker| rest.starts_with(**marker))
        .map_or(0, |marker| digits + marker.len())
}

fn split(block: &str, offset: usize) -> Vec<Passage<'_>> {
    // A line end is a sentence border to UAX 29, but not in wrapped text; the bytes stay in place.
    let joined = block.replace(['\n', '\r'], " ");
    let mut ends: Vec<usize> = Vec::new();
    for (at, sentence) in joined.split_sentence_bound_indices() {
        let end = at + sentence.len();
        match ends.last_mut() {
            Some(last) if is_abbreviated(&joined[..*last]) => *last = end,
            _ => ends.push(end),
        }
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(&ends)
        .filter_map(|(from, to)| trimmed(&block[from..*to], offset + from))
        .collect()
}

/// Whether what stands before a border ends in `e.g.`, `Dr.` or an initial.
fn is_abbreviated(before: &str) -> bool {
    let last = before
        .split_whitespace()
        .next_back()
        .unwrap_or_default()
        .trim_start_matches(['(', '"', '“', '„']);
    let lower = last.to_lowercase();
    let is_initial = last.len() == 2 && last.ends_with('.') && last.starts_with(char::is_uppercase);
    is_initial || ABBREVIATIONS.contains(&lower.as_str())
}

fn trimmed(text: &str, at: usize) -> Option<Passage<'_>> {
    let indent = text.len() - text.trim_start().len();
    let text = text.trim();
    (!text.is_empty()).then_some(Passage {
        text,
        at: at + indent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(document: &str) -> Vec<&str> {
        sentences(document)
            .into_iter()
            .map(|passage| passage.text)
            .collect()
    }

    #[test]
    fn abbreviations_decimals_and_wrapped_lines_do_not_end_a_sentence() {
        let text =
            "Dr. Weber measured 3.5 ms, e.g. on a laptop.\nThe next\nline goes on! Is it so?";
        assert_eq!(
            texts(text),
            [
                "Dr. Weber measured 3.5 ms, e.g. on a laptop.",
                "The next\nline goes on!",
                "Is it so?"
            ]
        );
    }

    #[test]
    fn markup_is_passed_over_and_offsets_are_the_documents() {
        let text = "# Title.\n\n- First item of a list here.\n2. Second one, too.\n\n```\ncode. More.\n```\n| a. | b. |\n> Said so.\n";
        assert_eq!(
            texts(text),
            ["First item of a list here.", "Second one, too.", "Said so."]
        );
        for passage in sentences(text) {
            assert_eq!(
                &text[passage.at..passage.at + passage.text.len()],
                passage.text
            );
        }
    }

    #[test]
    fn what_a_text_quotes_is_not_its_own() {
        let text = "Mine.\n\n> Theirs. And theirs\ngoes on.\n\n- Mine too.\n >So not this.\n";
        let own: Vec<&str> = own_sentences(text).iter().map(|one| one.text).collect();
        assert_eq!(own, ["Mine.", "Mine too."]);
    }

    #[test]
    fn languages_without_spaces_have_sentences() {
        let text = "事件存储应该只追加写入，从不修改旧的记录。数据库必须保证顺序！";
        assert_eq!(quotable(text).len(), 2);
    }

    #[test]
    fn a_sentence_whose_bytes_would_not_survive_is_not_quoted() {
        for text in [
            "One zero\u{200b}width space makes this sentence unsafe to quote.",
            "This sentence is\r\nbroken by a foreign line end here.",
            "This one holds <b>markup</b> that a page would show otherwise.",
            "Too short.",
        ] {
            assert_eq!(quotable(text), [], "{text:?}");
        }
    }
}
