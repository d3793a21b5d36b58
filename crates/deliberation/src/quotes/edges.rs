//! Where a passage may be cut out of a text. A cut through a word, a number, a range, a
//! compound or a unit makes other words of it ("able" out of "unable", "5" out of "3–5",
//! "blocking" out of "non-blocking"), so such a passage is not found there.

use std::ops::Range;

use super::script::{is_han_numeral, is_hangul, is_katakana, is_unspaced, is_word};

/// Whether both ends of a passage lie between words.
pub(crate) fn is_clean(text: &str, passage: &Range<usize>) -> bool {
    !splits_word(text, passage.start) && !splits_word(text, passage.end)
}

/// The smallest clean passage around this one.
pub(crate) fn widened(text: &str, passage: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = passage;
    while splits_word(text, start) {
        start -= text[..start]
            .chars()
            .next_back()
            .map_or(start, char::len_utf8);
    }
    while splits_word(text, end) {
        end += text[end..]
            .chars()
            .next()
            .map_or(text.len() - end, char::len_utf8);
    }
    start..end
}

fn splits_word(text: &str, at: usize) -> bool {
    if let Some((before, after)) = around_marks(text, at) {
        return splits_letters(before, after);
    }
    let mut before = text[..at].chars().rev();
    let mut after = text[at..].chars();
    let (Some(left), Some(right)) = (before.next(), after.next()) else {
        return false;
    };
    match (is_word(left), is_word(right)) {
        (true, true) => splits_letters(&text[..at], &text[at..]),
        (true, false) => {
            joins(left, right, after.next().filter(|c| is_word(*c)))
                || (left.is_numeric() && is_number_suffix(right))
        }
        (false, true) => {
            joins_back(left, right, before.next().filter(|c| is_word(*c)))
                || (right.is_numeric() && is_number_prefix(left))
        }
        (false, false) => false,
    }
}

/// Nobody writes more on one side of a place; so that a long run of them stays cheap.
const MOST_MARKS: usize = 8;
/// How far the other end of a link is looked for, in bytes; for the same reason.
const MOST_LINK: usize = 2_048;

/// Marks that a place lies in or beside and that are not seen, where letters stand at both sides of them: they are
/// seen as one word ("**un**able", "un[able](#why)"), and multiplication is cut as little. What stands before the
/// marks, and what behind.
fn around_marks(text: &str, at: usize) -> Option<(&str, &str)> {
    // In the middle of a link's end there is nothing to be cut: "[un]" and "(#why)able".
    let inside = destination_around(text, at).unwrap_or(at..at);
    let (before, after) = (
        seen_before(text, inside.start),
        seen_after(text, inside.end),
    );
    let has_marks = before.len() + after.len() < text.len();
    let are_inside = before.ends_with(is_word) && after.starts_with(is_word);
    (has_marks && are_inside).then_some((before, after))
}

/// What stands before a place, without the marks that end it.
fn seen_before(text: &str, at: usize) -> &str {
    let mut seen = &text[..at];
    for _ in 0..MOST_MARKS {
        let label = seen
            .strip_suffix('[')
            .filter(|seen| is_link(&text[seen.len()..]));
        let emphasis = seen.strip_suffix(['*', '~']);
        match emphasis.or(label).or_else(|| before_destination(seen)) {
            Some(rest) => seen = rest,
            None => break,
        }
    }
    seen
}

/// What stands behind a place, without the marks that begin it.
fn seen_after(text: &str, at: usize) -> &str {
    let mut seen = &text[at..];
    for _ in 0..MOST_MARKS {
        let label = seen.strip_prefix('[').filter(|_| is_link(seen));
        let emphasis = seen.strip_prefix(['*', '~']);
        let behind = || destination(seen).map(|length| &seen[length..]);
        match emphasis.or(label).or_else(behind) {
            Some(rest) => seen = rest,
            None => break,
        }
    }
    seen
}

/// Whether a bracket opens the label of a link: `[label](destination)`, `[label][name]`.
fn is_link(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: &u8| matches!(byte, b'[' | b']');
    let label = bytes.iter().skip(1).take(MOST_LINK).position(ends);
    label.is_some_and(|label| destination(&text[1 + label..]).is_some())
}

/// The length of `](destination)` or `][name]` that a text begins with. Brackets in it come in pairs.
fn destination(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (open, close) = match bytes {
        [b']', open @ b'(', ..] => (*open, b')'),
        [b']', open @ b'[', ..] => (*open, b']'),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(1).take(MOST_LINK) {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// `label` of `label](destination)` and `label][name]`.
fn before_destination(text: &str) -> Option<&str> {
    if !text.ends_with([')', ']']) {
        return None;
    }
    let from = text.len().saturating_sub(MOST_LINK);
    let mut ends = label_ends(text, from, text.len());
    let end = ends.find(|at| destination(&text[*at..]) == Some(text.len() - at))?;
    Some(&text[..end])
}

/// The `](destination)` or `][name]` in which a place lies, and not at either end of it.
fn destination_around(text: &str, at: usize) -> Option<Range<usize>> {
    // Nearly every place is in a word of prose, with a blank a few letters before it.
    let word = text.as_bytes()[..at].iter().rev().take(MOST_LINK);
    let word = word.take_while(|byte| !byte.is_ascii_whitespace()).count();
    label_ends(text, at - word, at).find_map(|begin| {
        let end = begin + destination(&text[begin..])?;
        (end > at).then_some(begin..end)
    })
}

/// Where labels may end between two places, the last first.
fn label_ends(text: &str, from: usize, to: usize) -> impl Iterator<Item = usize> {
    let near = text.as_bytes()[from..to].iter().enumerate().rev();
    let ends = near.filter(|(_, byte)| **byte == b']');
    ends.take(MOST_MARKS).map(move |(place, _)| from + place)
}

/// Whether two stretches that letters end and begin are one word where they meet.
fn splits_letters(before: &str, after: &str) -> bool {
    let (Some(left), Some(right)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    let numeral = |c: char| c.is_numeric() || is_han_numeral(c);
    if numeral(left) && numeral(right) || is_katakana(left) && is_katakana(right) {
        return true;
    }
    if is_unspaced(left) || is_unspaced(right) {
        return splits_negation(before, after);
    }
    // "Postgres에" is a name and its particle; within one script it is one word.
    is_hangul(left) == is_hangul(right)
}

/// Chinese and Japanese negations are parts of words.
fn splits_negation(before: &str, after: &str) -> bool {
    const BEFORE: [&str; 15] = [
        "不", "没", "沒", "没有", "沒有", "無", "无", "未", "非", "否", "勿", "别", "別", "莫",
        "甭",
    ];
    const AFTER: [&str; 14] = [
        "不",
        "没",
        "沒",
        "無",
        "无",
        "未",
        "ない",
        "なかっ",
        "なく",
        "なけ",
        "なし",
        "ません",
        "ありません",
        "ず",
    ];
    const OTHER_WORDS: [&str; 6] = ["未来", "未來", "无论", "無論", "ずっと", "ずつ"];
    let follows_negation =
        BEFORE.iter().any(|word| before.ends_with(word)) && after.starts_with(is_unspaced);
    let meets_negation = AFTER.iter().any(|word| after.starts_with(word))
        && before.ends_with(is_unspaced)
        && !OTHER_WORDS.iter().any(|word| after.starts_with(word));
    follows_negation || meets_negation
}

/// Whether `mark` ties the word before it to the one after it.
fn joins(left: char, mark: char, right: Option<char>) -> bool {
    let Some(right) = right else { return false };
    match mark {
        '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' | '/' | '\'' | '\u{2019}' => true,
        '.' | ',' | ':' | '^' => left.is_numeric() && right.is_numeric(),
        _ => false,
    }
}

fn joins_back(mark: char, right: char, left: Option<char>) -> bool {
    left.is_some_and(|left| joins(left, mark, Some(right)))
}

fn is_number_suffix(c: char) -> bool {
    "%‰°€$£¥₩".contains(c)
}

fn is_number_prefix(c: char) -> bool {
    "-+\u{2212}±~≈<>≤≥=.€$£¥₩#".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[` and `]` mark the passage.
    fn clean(marked: &str) -> bool {
        let start = marked.find('[').unwrap();
        let end = marked.find(']').unwrap() - 1;
        is_clean(&marked.replace(['[', ']'], ""), &(start..end))
    }

    #[test]
    fn passages_between_words_are_clean() {
        for text in [
            "a [b c] d",
            "([b])",
            "“[b]”",
            "b, [c.] d",
            "用[Postgres]存储",
            "is **[able]** now",
            "**[able] to**",
            "这是**[重要]**的",
            "2 * [3]",
            "[Postgres]에",
            "系统[可靠]。",
        ] {
            assert!(clean(text), "{text}");
        }
    }

    #[test]
    fn what_a_link_ties_to_a_word_is_a_part_of_it() {
        let clean = |text: &str, words: &str| {
            let start = text.find(words).unwrap();
            is_clean(text, &(start..start + words.len()))
        };
        for (text, words) in [
            ("un[able](#a)", "able"),
            ("un[able](#a \"why\") to", "able"),
            ("[un](#a)able", "able"),
            ("[un](#a)able", "un"),
            ("[un](#a)able", "[un]"),
            ("[un](#a)able", "(#a)able"),
            ("un[**able**](#a)", "able"),
            ("**[un](#a)**able", "able"),
            ("un[](#a)able", "able"),
            ("[un](https://e.org/A_(b))able", "able"),
            ("[un](https://e.org/A_(b))able", "un"),
            ("un[able\nto](#a)", "able"),
            ("un[able][why]", "able"),
            ("[un][why]able", "able"),
            ("[un][why]able", "un"),
            ("这[不](#a)可靠", "可靠"),
        ] {
            assert!(!clean(text, words), "{words} of {text}");
        }
        for (text, words) in [
            ("is [able](#a) to", "able"),
            ("is [able](#a), un", "able"),
            ("[one](#a) able", "able"),
            ("f(x)[able]", "able"),
            ("array[index]", "index"),
            ("see [able]\n(#a)", "able"),
            ("(un)[able](#a)", "able"),
            ("see [un] (#a)able", "un"),
        ] {
            assert!(clean(text, words), "{words} of {text}");
        }
        assert_eq!(widened("[un](#a)able", 1..3), 1..12);
    }

    #[test]
    fn a_link_of_any_length_is_looked_at_as_far_as_it_goes() {
        let un = |length: usize| format!("[un]({})able", "x".repeat(length));
        let able = |text: &str| {
            let start = text.len() - "able".len();
            is_clean(text, &(start..text.len()))
        };
        assert!(!able(&un(MOST_LINK - 3)));
        // What is longer is no link to anybody who reads.
        assert!(able(&un(MOST_LINK)));
        for hostile in ["[", "]", "](", "[](", ")"] {
            let text = hostile.repeat(20_000);
            assert!(is_clean(&text, &(0..text.len())), "{hostile}");
        }
    }

    #[test]
    fn passages_through_words_are_not() {
        for text in [
            "un[able]",
            "**un**[able]",
            "un**[able]**",
            "un*[*able]",
            "[un]***able*",
            "~~un~~[able]",
            "2*[3]",
            "这**不**[可靠]",
            "non-[blocking]",
            "[is]n't",
            "[is]n’t",
            "3.[5] ms",
            "3–[5] days",
            "1,[200]",
            "$[5]",
            "[5]%",
            "-[5]",
            "<[5] ms",
            "[2 MB]/s",
            "snake[_case]",
            "不[可靠]",
            "三[百]",
            "ク[ラスタ]",
            "[必要]ありません",
            "没有[问题]",
            "저[장]",
        ] {
            assert!(!clean(text), "{text}");
        }
    }
}
