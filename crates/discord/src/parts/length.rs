//! How long a text is to Discord.

/// In UTF-16 code units.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte up to which a text has at most so many.
pub(super) fn fitting(text: &str, most: usize) -> usize {
    let mut count = 0;
    for (at, char) in text.char_indices() {
        count += char.len_utf16();
        if count > most {
            return at;
        }
    }
    text.len()
}
