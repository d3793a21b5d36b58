//! Secrets of which the beginning is gone from the front of what is kept. Whole ones are left out by
//! [`redact`](husting_domain::secrets::redact).

use husting_domain::secrets::{is_letter, may_begin_in};

/// Whether a line's last word is a secret, which the next line may go on with.
pub(super) fn ends_in_a_secret(line: &[char]) -> bool {
    let line: String = line.iter().collect();
    let line = line.trim_end_matches([' ', '│', '|']);
    let word = line.rfind(|char| !is_letter(char));
    may_begin_in(word.map_or(line, |at| &line[at..]))
}

/// `text`, whose beginning is gone, without what may be a secret's last part.
pub(super) fn drop_rest_of_a_secret(text: &str) -> &str {
    text.trim_start_matches([' ', '│', '|', '>'])
        .trim_start_matches(is_letter)
}
