//! Folded text as a row of words, for comparing what typography alone does not make equal.

use std::collections::HashMap;
use std::ops::Range;

use super::script;

/// One word, number, sign, or one character of writing without spaces.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub range: Range<usize>,
    /// Equal for words that differ at most in case.
    pub key: u64,
}

/// The words of a folded text.
#[derive(Debug)]
pub(crate) struct Words {
    pub list: Vec<Word>,
    places: HashMap<u64, Vec<usize>>,
}

/// Words that stand at more places than this locate nothing.
const TOO_COMMON: usize = 200;

impl Words {
    pub fn new(text: &str) -> Self {
        let list = split(text);
        let mut places: HashMap<u64, Vec<usize>> = HashMap::with_capacity(list.len());
        for (index, word) in list.iter().enumerate() {
            places.entry(word.key).or_default().push(index);
        }
        Self { list, places }
    }

    /// Indices of words with this key, unless it is too common to tell anything.
    pub fn places(&self, key: u64) -> &[usize] {
        self.places
            .get(&key)
            .map(Vec::as_slice)
            .filter(|places| places.len() <= TOO_COMMON)
            .unwrap_or_default()
    }
}

/// Splits folded text into words. Punctuation between words is skipped; signs that mean
/// something (`?`, `%`, `$`, `<`, a minus, the dash of a range) are words.
pub(crate) fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let end = at
            + if c.is_whitespace() {
                c.len_utf8()
            } else {
                length(text, at, c)
            };
        if script::is_word(c) || is_sign(text, at, c) {
            words.push(Word {
                range: at..end,
                key: key(&text[at..end]),
            });
        }
        at = end;
    }
    words
}

/// FNV-1a over the lower-case characters.
fn key(word: &str) -> u64 {
    let lower = word.chars().flat_map(char::to_lowercase);
    lower.fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Bytes of the word that starts at `at` with `first`.
fn length(text: &str, at: usize, first: char) -> usize {
    if !script::is_word(first) || script::is_unspaced(first) {
        return first.len_utf8();
    }
    let mut rest = text[at..].char_indices().peekable();
    let mut last = first;
    while let Some((offset, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let tied = match c {
            '\'' => last.is_alphabetic() && next.is_some_and(char::is_alphabetic),
            '.' | ',' | ':' => last.is_numeric() && next.is_some_and(char::is_numeric),
            _ => false,
        };
        if !tied && (!script::is_word(c) || (offset > 0 && parts(last, c))) {
            return offset;
        }
        last = c;
    }
    text.len() - at
}

/// Whether a word ends between two characters of words.
fn parts(last: char, c: char) -> bool {
    let tied_before = !script::is_word(last);
    !tied_before
        && (script::is_unspaced(c)
            || script::is_hangul(c) != script::is_hangul(last)
            || (last.is_numeric() != c.is_numeric()
                && c.is_alphanumeric()
                && last.is_alphanumeric()))
}

/// Whether a character that belongs to no word means something by itself.
fn is_sign(text: &str, at: usize, c: char) -> bool {
    let behind = &text[at + c.len_utf8()..];
    let before = text[..at].chars().next_back();
    let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    match c {
        '-' => {
            let from_number = digit(text[..at].trim_end().chars().next_back());
            let to_number = digit(behind.trim_start().chars().next());
            let glued = digit(behind.chars().next()) && !before.is_some_and(script::is_word);
            (from_number && to_number) || glued
        }
        '.' | ',' => digit(behind.chars().next()) && !before.is_some_and(char::is_alphanumeric),
        '!' => {
            behind.starts_with('=')
                || !before.is_some_and(|c| c.is_alphanumeric() || ")]\"'!".contains(c))
        }
        '\'' | '"' => digit(before),
        ';' | ':' | '(' | ')' | '[' | ']' | '、' | '。' | '・' | '〈' | '〉' | '《' | '》' => {
            false
        }
        _ => !c.is_whitespace() && !script::is_word(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .map(|word| &text[word.range])
            .collect()
    }

    #[test]
    fn words_numbers_and_signs() {
        for (text, words) in [
            (
                "It isn't \"so\", is it?",
                vec!["It", "isn't", "so", "is", "it", "?"],
            ),
            (
                "$1,200 at 10ms - not 5%",
                vec!["$", "1,200", "at", "10", "ms", "not", "5", "%"],
            ),
            (
                "3-5 days, -5 and 7 - 2",
                vec!["3", "-", "5", "days", "-", "5", "and", "7", "-", "2"],
            ),
            (
                "non-blocking. event-log!",
                vec!["non", "blocking", "event", "log"],
            ),
            ("a != b and .5", vec!["a", "!", "=", "b", "and", ".", "5"]),
            (
                "用Postgres存20毫秒",
                vec!["用", "Postgres", "存", "20", "毫", "秒"],
            ),
            ("Postgres에 저장", vec!["Postgres", "에", "저장"]),
            ("snake_case 3.5.1", vec!["snake_case", "3.5.1"]),
        ] {
            assert_eq!(of(text), words, "{text}");
        }
    }
}
