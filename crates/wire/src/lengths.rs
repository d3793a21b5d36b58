//! How long the texts of a deliberation may be and how many there may be, once for every door.

/// Most characters of a question, and of what steers a later round.
pub const PROMPT: usize = 64_000;
/// Most characters of the name of whoever steers, and of the client.
pub const NAME: usize = 100;
/// Most snippets that are forwarded to one round.
pub const SNIPPETS: usize = 50;
/// Most characters of a snippet's quote.
pub const QUOTE: usize = 8_000;
/// Most characters of a snippet's comment.
pub const COMMENT: usize = 4_000;
