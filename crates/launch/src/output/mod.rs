//! The end of a program's output as plain text, fit to be shown: bounded, without control sequences
//! and characters that cannot be seen, and without secrets.

mod page;
mod secrets;

use vte::{Params, Parser, Perform};

use self::page::Page;

/// The last part of an output.
///
/// What a program overwrites is gone here as well: a line drawn again after a carriage return, and
/// lines that it goes back to, which is how runners draw their screens.
#[derive(Default)]
pub struct Tail {
    parser: Parser,
    page: Page,
}

impl std::fmt::Debug for Tail {
    /// Without the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").finish_non_exhaustive()
    }
}

impl Tail {
    /// A tail of which at most `limit` bytes are shown. At most some multiple of it is kept.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            parser: Parser::new(),
            page: Page::new(limit),
        }
    }

    /// Takes in the next piece; a sequence, a line or a token may be cut between two.
    pub fn push(&mut self, output: &str) {
        self.parser.advance(&mut self.page, output.as_bytes());
    }

    /// The text: at most `limit` bytes of whole characters, lines divided by `\n`, none at the end.
    #[must_use]
    pub fn text(&self) -> String {
        self.page.text()
    }
}

/// The sequences by which lines are drawn anew; all others leave no trace.
impl Perform for Page {
    fn print(&mut self, char: char) {
        self.put(char);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | 0x0b | 0x0c => self.new_line(),
            b'\r' => self.move_to_column(0),
            0x08 => self.move_to_column(self.column().saturating_sub(1)),
            b'\t' => self.move_to_column((self.column() / 8 + 1) * 8),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        if ignore || !intermediates.is_empty() {
            return;
        }
        let mut params = params.iter().filter_map(|param| param.first().copied());
        let first = params.next().unwrap_or(0);
        // Where a count or a place is meant, nothing and 0 mean 1.
        let count = usize::from(first.max(1));
        match action {
            'A' => self.up(count),
            'B' => self.down(count),
            'C' => self.move_to_column(self.column() + count),
            'D' => self.move_to_column(self.column().saturating_sub(count)),
            'E' => {
                self.down(count);
                self.move_to_column(0);
            }
            'F' => {
                self.up(count);
                self.move_to_column(0);
            }
            'G' => self.move_to_column(count - 1),
            'H' | 'f' => {
                let column = usize::from(params.next().unwrap_or(1).max(1));
                self.move_to_place(count - 1, column - 1);
            }
            'J' if first == 0 => self.clear_below(),
            'J' => self.new_screen(),
            'K' if first == 0 => self.clear_right(),
            'K' if first == 1 => self.clear_left(),
            'K' => self.clear_line(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
