//! Tokens as these fakes count them: four bytes of UTF-8 each, so that a test can compute a bill.

use serde::{Deserialize, Serialize};

const BYTES_PER_TOKEN: usize = 4;

/// What a call is billed for, in tokens, as reported on the wire and kept in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The whole prompt, cached parts included.
    pub input: u64,
    /// The part of `input` read from the provider's cache.
    pub cache_read: u64,
    /// The part of `input` written to the provider's cache (Anthropic only).
    pub cache_write: u64,
    /// Everything produced, reasoning included.
    pub output: u64,
    /// The part of `output` spent on reasoning.
    pub reasoning: u64,
}

impl Usage {
    /// The part of the prompt billed at the full rate; what Anthropic calls `input_tokens`.
    pub fn uncached(&self) -> u64 {
        self.input - self.cache_read - self.cache_write
    }
}

/// Tokens in `bytes` of text, rounded up.
pub fn estimate(bytes: usize) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN) as u64
}

/// Cuts an answer into the pieces streamed one by one. Sizes are bytes, used in turn; a piece that
/// would end inside a character is lengthened to its end, because JSON cannot carry half of one.
pub(crate) fn split(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut sizes = sizes.iter().copied().filter(|size| *size > 0).cycle();
    let mut rest = text;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let at = boundary_from(rest, sizes.next().unwrap_or(BYTES_PER_TOKEN));
        pieces.push(rest[..at].to_owned());
        rest = &rest[at..];
    }
    pieces
}

/// The longest prefix that costs no more than `tokens`.
pub(crate) fn truncate(text: &str, tokens: u64) -> &str {
    let limit = usize::try_from(tokens)
        .unwrap_or(usize::MAX)
        .saturating_mul(BYTES_PER_TOKEN);
    if text.len() <= limit {
        return text;
    }
    let mut at = limit;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

fn boundary_from(text: &str, size: usize) -> usize {
    let mut at = size.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_take_their_sizes_in_turn_and_never_split_a_character() {
        assert_eq!(split("abcdefg", &[1, 3]), ["a", "bcd", "e", "fg"]);
        assert_eq!(split("é漢!", &[1]), ["é", "漢", "!"]);
        assert_eq!(split("abcde", &[]), ["abcd", "e"]);
    }

    #[test]
    fn truncation_stays_within_the_tokens_and_on_a_boundary() {
        assert_eq!(truncate("abcdefgh", 1), "abcd");
        assert_eq!(truncate("abc漢", 1), "abc");
        assert_eq!(truncate("abc", 1), "abc");
    }
}
