//! A text without some of its parts, and without the holes that they would leave.

use std::ops::Range;

/// The text without these parts, which are in order and do not overlap. A line that held nothing else
/// goes with them; of the spaces around a part one stays. Everything else is as written.
pub(super) fn without(text: &str, parts: &[Range<usize>]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for part in parts {
        left.push_str(&text[from..part.start]);
        from = part.end;
        from += hole(&mut left, &text[from..]);
    }
    left.push_str(&text[from..]);
    trimmed(&left).to_owned()
}

/// How much behind a part goes with it: the space where one stands before it, the rest of an empty line.
fn hole(left: &mut String, after: &str) -> usize {
    let spaces = after.len() - after.trim_start_matches([' ', '\t']).len();
    let behind = &after[spaces..];
    let ends_line = behind.is_empty() || behind.starts_with(['\n', '\r']);
    if !ends_line {
        let is_spaced = left.is_empty() || left.ends_with(char::is_whitespace);
        return if is_spaced { spaces } else { 0 };
    }
    left.truncate(left.trim_end_matches([' ', '\t']).len());
    if !left.is_empty() && !left.ends_with('\n') {
        return spaces;
    }
    let own = line_break(behind);
    // Of two empty lines that come together one stays.
    let is_after_empty = left.ends_with("\n\n") || left.ends_with("\n\r\n");
    let next = if is_after_empty {
        line_break(&behind[own..])
    } else {
        0
    };
    spaces + own + next
}

fn line_break(text: &str) -> usize {
    match text {
        text if text.starts_with("\r\n") => 2,
        text if text.starts_with('\n') => 1,
        _ => 0,
    }
}

/// Without empty lines at the beginning and without space at the end; the first line keeps its place.
fn trimmed(text: &str) -> &str {
    let text = text.trim_end();
    let begin = text.len() - text.trim_start().len();
    let line = text[..begin].rfind('\n').map_or(0, |at| at + 1);
    &text[line..]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// `T` stands for a part that goes.
    #[rstest]
    #[case("T done", "done")]
    #[case("done T", "done")]
    #[case("it is T done", "it is done")]
    #[case("it is T. Done", "it is . Done")]
    #[case("T\nDone", "Done")]
    #[case("Done\n\nT", "Done")]
    #[case("one\nT\ntwo", "one\ntwo")]
    #[case("one\n\nT\n\ntwo", "one\n\ntwo")]
    #[case("one\r\nT\r\ntwo", "one\r\ntwo")]
    #[case("T T T", "")]
    #[case("  T", "")]
    #[case("```\n    code  T\n    more\n```", "```\n    code\n    more\n```")]
    #[case("T\n    code", "    code")]
    #[case("  two  spaces  ", "  two  spaces")]
    fn what_goes_leaves_no_hole(#[case] text: &str, #[case] left: &str) {
        let parts: Vec<_> = text.match_indices('T').map(|(at, _)| at..at + 1).collect();
        assert_eq!(without(text, &parts), left);
    }
}
