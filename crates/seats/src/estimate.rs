//! Tokens of a call whose provider sent no figures: four bytes of UTF-8 each, rounded up.

use husting_domain::exchange::Prompt;
use husting_domain::money::Usage;

const BYTES_PER_TOKEN: u64 = 4;

/// Tokens in `bytes` of text.
pub(crate) const fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Bytes that `tokens` pay for.
pub(crate) const fn bytes(tokens: u64) -> u64 {
    tokens.saturating_mul(BYTES_PER_TOKEN)
}

/// A call that read `prompt` and wrote `text`.
pub(crate) fn usage(prompt: &Prompt, text: &str) -> Usage {
    Usage {
        input: tokens(prompt.bytes()),
        output: tokens(text.len() as u64),
        estimated: true,
        ..Usage::default()
    }
}
