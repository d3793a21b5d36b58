//! Words of any language: for counting, comparing and cutting text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

/// Too common to tell what a sentence is about.
const COMMON: &str = "a an and are as at be been but by can for from had has have he her his how i if in into is it its more \
    most no not of on one or our out over she so some such than that the their them then there these they this those to \
    up us was we were what when which who why will with would you your \
    aber als am auch auf aus bei bis da das dass dem den der des die durch ein eine einem einen einer es für hat ich im \
    ist kann mit nach nicht noch nur oder sich sie sind über um und von vor war wenn werden wie wir zu zum zur \
    au aux avec ce ces cette comme dans de des du elle en est et il ils je la le les leur lui mais ne nous on ou par pas \
    plus pour que qui sa se ses son sont sur un une vous";

/// Words that stand for a thing without naming one: a sentence is about none of them.
const FILLERS: &str = "also already answer answered anybody anything because between case could does done else everybody \
    everything going have just like made make many much need nobody nothing only other others part point points question \
    really same should somebody something stands stated stay stays still take team that thing things today want whatever whoever words \
    alles etwas jemand niemand sache sachen schon viel viele autre chose choses quelque rien tout toute toutes";

static IS_FILLER: LazyLock<BTreeSet<&str>> = LazyLock::new(|| FILLERS.split_whitespace().collect());

static IS_COMMON: LazyLock<BTreeSet<&str>> = LazyLock::new(|| COMMON.split_whitespace().collect());

/// Whether a word, in lower case, names nothing that one could talk about.
pub(super) fn is_filler(word: &str) -> bool {
    IS_FILLER.contains(word)
}

/// The words of `text` in lower case, in order.
pub(super) fn lower(text: &str) -> Vec<String> {
    text.unicode_words().map(str::to_lowercase).collect()
}

/// The words that carry the meaning of `text`, each once.
pub(super) fn telling(text: &str) -> BTreeSet<String> {
    let is_telling = |word: &String| word.len() > 2 && !IS_COMMON.contains(word.as_str());
    lower(text).into_iter().filter(is_telling).collect()
}

/// How many words `text` has; a language written without spaces counts three characters as two.
pub(super) fn count(text: &str) -> usize {
    let dense = text.chars().filter(|c| is_dense(*c)).count();
    let spaced = text
        .unicode_words()
        .filter(|word| !word.chars().any(is_dense))
        .count();
    spaced + dense * 2 / 3
}

/// Whether `c` belongs to a script without spaces between words.
pub(super) fn is_dense(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// The pieces of `text` in which it is spoken, each of `size` words with the spaces after them.
pub(super) fn chunks(text: &str, size: usize) -> Vec<&str> {
    let mut chunks = Vec::new();
    let (mut from, mut words) = (0, 0);
    for (at, piece) in text.split_word_bound_indices() {
        if piece.trim().is_empty() {
            continue;
        }
        if words == size {
            chunks.push(&text[from..at]);
            (from, words) = (at, 0);
        }
        words += 1;
    }
    if from < text.len() {
        chunks.push(&text[from..]);
    }
    chunks
}

/// The longest beginning of `text` within `bytes`, on a character boundary.
pub(super) fn cut(text: &str, bytes: u64) -> &str {
    let mut at = usize::try_from(bytes).unwrap_or(usize::MAX).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// A number that depends on the bytes of `text` alone (FNV-1a), to spread choices evenly.
pub(super) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_lose_nothing() {
        let text = "- One, two;  three.\n\nÄpfel 漢字と仮名 end\n";
        for size in [1, 2, 16] {
            assert_eq!(chunks(text, size).concat(), text);
        }
        assert!(chunks(text, 1).len() > 8);
    }

    #[test]
    fn a_cut_stays_on_a_boundary() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", u64::MAX), "aé");
    }
}
