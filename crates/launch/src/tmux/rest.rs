//! What a program wrote last and tmux did not tell.
//!
//! When a program ends, tmux drops what it had not yet passed on to its control clients, which often is
//! the sentence that says why the program ended. It stands in the pane all the same.

use crate::output::Tail;

/// What is kept of the output, in bytes, up to twice as much.
const REMEMBERED: usize = 8192;
/// By so much of what was told its end is looked for in the pane, in bytes.
const KEY: usize = 400;
/// Where it is not found there, so many lines of the pane are told once more.
const LINES: usize = 50;

/// What was told last, as it was told.
#[derive(Debug, Default)]
pub(super) struct Told(String);

impl Told {
    /// Keeps the end of it.
    pub(super) fn push(&mut self, output: &str) {
        self.0.push_str(output);
        if self.0.len() > 2 * REMEMBERED {
            let mut from = self.0.len() - REMEMBERED;
            while !self.0.is_char_boundary(from) {
                from += 1;
            }
            self.0.drain(..from);
        }
    }

    /// Nothing was told yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What of `pane`, the pane's last text, comes after `told`, each line at its end.
pub(super) fn rest(told: &Told, pane: &str) -> String {
    match unsaid(told, pane) {
        rest if rest.is_empty() => rest,
        rest => rest + "\r\n",
    }
}

/// The same without the last line's end, which the program may not have written yet.
pub(super) fn unsaid(told: &Told, pane: &str) -> String {
    let blanks = told.0.len() - told.0.trim_end_matches(' ').len();
    let [told, whole] = [&told.0, pane].map(|text| {
        let mut tail = Tail::new(text.len().max(1));
        tail.push(text);
        tail.text()
    });
    let mut from = told.len().saturating_sub(KEY);
    while !told.is_char_boundary(from) {
        from += 1;
    }
    let key = &told[from..];
    let rest = match whole.rfind(key) {
        _ if key.is_empty() => &whole,
        Some(at) => without_blanks(&whole[at + key.len()..], blanks).trim_start_matches('\n'),
        None => last_lines(&whole),
    };
    rest.replace('\n', "\r\n")
}

/// `rest` without the blanks that were told: a line's last ones are in no tail.
fn without_blanks(rest: &str, told: usize) -> &str {
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    &rest[blanks.min(told)..]
}

fn last_lines(text: &str) -> &str {
    let breaks = text.rmatch_indices('\n');
    let at = breaks.map(|(at, _)| at + 1).nth(LINES - 1).unwrap_or(0);
    &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", "all\n", "all\r\n")]
    #[case("one\r\n", "one\n", "")]
    #[case("one\r\n", "one\ntwo\nthree\n\n", "two\r\nthree\r\n")]
    #[case("one\r\ntw", "one\ntwo", "o\r\n")]
    #[case("one\r\ntwo ", "one\ntwo three", "three\r\n")]
    #[case("one\r\ntwo ", "one\ntwo   three", "  three\r\n")]
    #[case("\x1b[31mone\x1b[m\r\n", "one\ntwo", "two\r\n")]
    #[case("drawn away", "a\nb", "a\r\nb\r\n")]
    fn what_was_not_told_is_found(#[case] told: &str, #[case] pane: &str, #[case] expected: &str) {
        let mut so_far = Told::default();
        so_far.push(told);
        assert_eq!(rest(&so_far, pane), expected);
    }

    #[test]
    fn only_the_last_lines_are_told_once_more() {
        let mut told = Told::default();
        told.push("else");
        let pane: Vec<String> = (0..200).map(|line| line.to_string()).collect();
        let rest = rest(&told, &pane.join("\n"));
        assert_eq!(rest.lines().next(), Some("150"));
        assert_eq!(rest.lines().count(), LINES);
    }
}
