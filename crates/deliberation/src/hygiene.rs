//! What a model wrote is data: invisible and terminal-steering characters leave it at the door.

/// Removes ANSI sequences, control characters but line feed and tab, bidi controls and
/// zero-width characters. Carriage returns become line feeds. Joiners inside scripts and emoji
/// that need them are kept.
#[must_use]
pub fn cleaned(text: &str) -> String {
    let mut sieve = Sieve::default();
    let mut clean = sieve.push(text);
    clean.push_str(&sieve.rest());
    clean
}

/// Whether nothing of it is left to be read.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    cleaned(text).trim().is_empty()
}

/// The same for a text that comes in pieces.
#[derive(Debug, Default)]
pub struct Sieve {
    state: State,
    // What came last, where the next character decides whether it stays.
    last_kept: Option<char>,
    pending_joiner: Option<char>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    CarriageReturn,
    Escape,
    // A control sequence: parameters until a final byte.
    Sequence,
    // An operating-system command: everything until BEL or ESC \.
    Command,
    CommandEscape,
}

impl Sieve {
    /// Takes the next piece and returns what may be shown of it.
    pub fn push(&mut self, piece: &str) -> String {
        let mut clean = String::with_capacity(piece.len());
        for c in piece.chars() {
            self.take(c, &mut clean);
        }
        clean
    }

    /// What was held back waiting for more.
    pub fn rest(&mut self) -> String {
        let held = if self.state == State::CarriageReturn {
            "\n"
        } else {
            ""
        };
        *self = Self::default();
        held.to_owned()
    }

    fn take(&mut self, c: char, clean: &mut String) {
        match (self.state, c) {
            (State::Text | State::CarriageReturn, '\u{1b}') => {
                self.end_line(clean);
                self.state = State::Escape;
            }
            (State::Text | State::CarriageReturn, '\u{9b}') => {
                self.end_line(clean);
                self.state = State::Sequence;
            }
            (State::CarriageReturn, '\n') => self.end_line(clean),
            (State::CarriageReturn, _) => {
                self.end_line(clean);
                self.take(c, clean);
            }
            (State::Text, '\r') => self.state = State::CarriageReturn,
            (State::Text, _) => self.keep(c, clean),
            (State::Escape, '[') => self.state = State::Sequence,
            (State::Escape, ']' | 'P' | '_' | '^' | 'X') => self.state = State::Command,
            (State::Escape, ' '..='/') => {}
            (State::Escape, _) => self.state = State::Text,
            (State::Sequence, '\u{40}'..='\u{7e}') => self.state = State::Text,
            (State::Sequence, '\n') => {
                // No sequence spans lines: it was a stray escape.
                self.state = State::Text;
                self.keep(c, clean);
            }
            (State::Sequence, _) => {}
            (State::Command, '\u{7}') => self.state = State::Text,
            (State::Command, '\u{1b}') => self.state = State::CommandEscape,
            (State::Command, '\n') => {
                self.state = State::Text;
                self.keep(c, clean);
            }
            (State::Command, _) => {}
            (State::CommandEscape, '\\') => self.state = State::Text,
            (State::CommandEscape, _) => self.state = State::Command,
        }
    }

    fn end_line(&mut self, clean: &mut String) {
        if self.state == State::CarriageReturn {
            self.state = State::Text;
            self.keep('\n', clean);
        }
    }

    fn keep(&mut self, c: char, clean: &mut String) {
        if matches!(c, '\u{200c}' | '\u{200d}') {
            // A joiner stays only between characters that join; else it hides text.
            self.pending_joiner = self.last_kept.filter(|last| joins(*last)).map(|_| c);
            return;
        }
        if is_unseen(c) {
            return;
        }
        if let Some(joiner) = self.pending_joiner.take()
            && joins(c)
        {
            clean.push(joiner);
        }
        clean.push(c);
        self.last_kept = Some(c);
    }
}

/// Scripts that shape by joiners, and emoji.
fn joins(c: char) -> bool {
    matches!(u32::from(c), 0x0600..=0x08FF | 0x0900..=0x0DFF | 0xFE0F | 0x2190..=0x2BFF | 0x1F000..=0x1FAFF)
}

fn is_unseen(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{180e}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' => true,
        // Soft hyphen, joiners and fillers that show nothing, and variation selectors but the
        // one that makes an emoji.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0e}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_a_terminal_or_hides_is_gone() {
        let cases = [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;http://x\u{1b}\\link", "link"),
            ("a\u{202e}b\u{2066}c", "abc"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("tag\u{e0041}\u{e0042}", "tag"),
            ("bell\u{7}null\u{0}", "bellnull"),
            ("one\r\ntwo\rthree\r", "one\ntwo\nthree\n"),
            ("tab\tstays", "tab\tstays"),
            ("\u{9b}2Jcleared", "cleared"),
        ];
        for (dirty, clean) in cases {
            assert_eq!(cleaned(dirty), clean);
        }
    }

    #[test]
    fn joiners_stay_where_they_join_and_go_where_they_hide() {
        assert_eq!(cleaned("👩\u{200d}💻"), "👩\u{200d}💻");
        assert_eq!(cleaned("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(cleaned("ig\u{200d}nore"), "ignore");
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(text in "(\\PC|\\x1b\\[|\\r|\\n|[\\u{200b}-\\u{200f}]|\\x1b\\]){0,60}", cut in 0_usize..60) {
            let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
            let mut sieve = Sieve::default();
            let pieces = format!("{}{}{}", sieve.push(&text[..cut]), sieve.push(&text[cut..]), sieve.rest());
            prop_assert_eq!(pieces, cleaned(&text));
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in "(\\PC|\\x1b\\[|\\r|[\\u{ad}\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}]){0,80}") {
            let once = cleaned(&text);
            prop_assert_eq!(cleaned(&once), once);
        }
    }
}
