//! How secrets look: Husting's own tokens, and the keys of others that their vendors mark. What looks like
//! one stands in no command, and is left out of what is kept and shown.

mod looks;

use looks::{FOREIGN, Look, OWN, bot_token, may_begin};

/// Marks that begin ordinary words too, and keys where somebody speaks of keys.
const AMONG_KEYS: [&str; 3] = ["pk-", "rk-", "key-"];
/// A shorter word than this is no key, in bytes.
const SHORTEST_WORD: usize = 10;

/// A secret in a text, by bytes.
struct Found {
    begin: usize,
    /// What may be shown of it.
    mark: usize,
    end: usize,
}

/// `text` with each secret as its mark and `…`: those in one piece, and those that a program broke over
/// several lines to fit its width.
#[must_use]
pub fn redact(text: &str) -> String {
    without(text, first)
}

/// `text` with each of Husting's own tokens and keys as its mark and `…`.
#[must_use]
pub fn without_own(text: &str) -> String {
    without(text, own_at)
}

/// Husting's own tokens and keys in `text`, in their order.
#[must_use]
pub fn own_in(text: &str) -> Vec<&str> {
    let mut own = Vec::new();
    let mut from = 0;
    while let Some(found) = own_at(text, from) {
        own.push(&text[found.begin..found.end]);
        from = found.end;
    }
    own
}

/// Whether a secret stands in a command, as it is written or once its quotes are gone.
#[must_use]
pub fn stand_in(command: &str) -> bool {
    let unquoted = command.replace(['\'', '"', '\\'], "");
    [command, &unquoted]
        .into_iter()
        .any(|text| first(text, 0).is_some())
}

/// Whether a word that is said where keys are spoken of, as in a provider's refusal, is one or shows part
/// of one. Ordinary words that begin like a key are taken for one as well.
#[must_use]
pub fn may_be_one(word: &str) -> bool {
    let mut marks = OWN.iter().chain(FOREIGN).map(|look| look.mark);
    let is_marked = marks.any(|mark| word.starts_with(mark))
        || AMONG_KEYS.iter().any(|mark| word.starts_with(mark));
    (word.len() >= SHORTEST_WORD && is_marked) || first(word, 0).is_some()
}

/// Whether a mark stands in `word`, which may be cut off after it.
#[must_use]
pub fn may_begin_in(word: &str) -> bool {
    let looks = || OWN.iter().chain(FOREIGN);
    places(word, 0).any(|at| looks().any(|look| look.begins(word, at)))
}

/// Whether a secret may have this character behind its mark.
#[must_use]
pub fn is_letter(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.')
}

fn without(text: &str, next: impl Fn(&str, usize) -> Option<Found>) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = next(text, from) {
        shown.push_str(&text[from..found.begin + found.mark]);
        shown.push('…');
        from = found.end;
    }
    shown.push_str(&text[from..]);
    shown
}

/// The first secret at or after `from`. Looks no further than to it, so that many are found in little time.
fn first(text: &str, from: usize) -> Option<Found> {
    places(text, from).find_map(|at| {
        marked(text, at, OWN)
            .or_else(|| marked(text, at, FOREIGN))
            .or_else(|| match bot_token(text, at) {
                0 => None,
                length => Some(Found {
                    begin: at,
                    mark: 0,
                    end: at + length,
                }),
            })
    })
}

/// The first of Husting's own at or after `from`.
fn own_at(text: &str, from: usize) -> Option<Found> {
    places(text, from).find_map(|at| marked(text, at, OWN))
}

/// Where a secret may begin.
fn places(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let pairs = text.as_bytes()[from..].windows(2).enumerate();
    pairs
        .filter(|(_, pair)| may_begin(pair[0], pair[1]))
        .map(move |(at, _)| from + at)
}

fn marked(text: &str, at: usize, looks: &[Look]) -> Option<Found> {
    // Marks are ASCII: there is none in the midst of a character.
    let here = looks.iter().filter(|look| look.begins(text, at));
    here.map(|look| (look, at + look.mark.len()))
        .map(|(look, after)| (look, after, look.length(&text[after..])))
        .find(|(.., length)| *length > 0)
        .map(|(look, after, length)| Found {
            begin: at,
            mark: look.mark.len(),
            end: after + length,
        })
}

#[cfg(test)]
mod tests;
