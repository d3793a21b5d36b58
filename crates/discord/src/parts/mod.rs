//! A reply as messages of Discord's: as many as it takes, or a summary with a file.
//!
//! Each is cut at a paragraph, else at a line, else at a word, else between two characters as people see
//! them; a code block that is cut is closed, and opened again in the next message.

mod atoms;
mod chunks;
mod cut;
mod fences;
mod length;
mod nonce;

use self::chunks::chunks;
use self::length::units;

pub use self::nonce::nonce;

/// Most characters of a message, in UTF-16 code units. Discord's documentation says "characters"
/// (<https://docs.discord.com/developers/resources/message#create-message>), and its staff that code
/// points are counted (<https://github.com/discord/discord-api-docs/issues/1315>). Its clients count
/// UTF-16 code units, of which a text never has fewer: within this number it fits on every count.
pub const MOST_UNITS: usize = 2_000;
/// Most messages of a reply; a longer one becomes a file.
pub const MOST_PARTS: usize = 5;
/// What the file of a long reply is called.
pub const FILE_NAME: &str = "reply.md";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// At most [`MOST_UNITS`], and never blank.
    pub content: String,
    /// A file beside it: its name and words.
    pub file: Option<(String, String)>,
}

/// A reply as messages; none of a blank text. More than [`MOST_PARTS`] become one with a summary and a
/// file.
#[must_use]
pub fn split(text: &str) -> Vec<Part> {
    let parts = without_file(text);
    if parts.len() <= MOST_PARTS {
        return parts;
    }
    vec![summary(text)]
}

/// A reply as messages, however many: for a channel in which the bot may not attach files.
#[must_use]
pub fn without_file(text: &str) -> Vec<Part> {
    let part = |content| Part {
        content,
        file: None,
    };
    chunks(text, MOST_UNITS).into_iter().map(part).collect()
}

/// The beginning, and where the rest is.
fn summary(text: &str) -> Part {
    let length = text.chars().count();
    let note =
        format!("\n\n… *The whole reply, {length} characters, is in the file* `{FILE_NAME}`*.*");
    let beginning = chunks(text, MOST_UNITS - units(&note)).into_iter().next();
    Part {
        content: beginning.unwrap_or_default() + &note,
        file: Some((FILE_NAME.to_owned(), text.to_owned())),
    }
}

#[cfg(test)]
mod tests;
