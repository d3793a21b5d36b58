//! Lines on which a program draws: a terminal's screen with as much of what went before as fits.

use std::collections::VecDeque;

use husting_domain::secrets::redact;

use super::secrets::{drop_rest_of_a_secret, ends_in_a_secret};

/// How far back a program may go: as many lines as its screen has, ours being unknown.
const SCREEN: usize = 50;
/// How far right it may go without writing.
const WIDEST_GAP: usize = 1000;
const USUAL_LIMIT: usize = 64 * 1024;

pub(super) struct Page {
    lines: VecDeque<Vec<char>>,
    row: usize,
    column: usize,
    /// Where the screen begins that was last cleared.
    top: usize,
    /// Of all lines with their line breaks, in UTF-8.
    bytes: usize,
    limit: usize,
    /// What is first may be the rest of a token whose beginning is gone.
    cut: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self::new(USUAL_LIMIT)
    }
}

impl Page {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            lines: VecDeque::from([Vec::new()]),
            row: 0,
            column: 0,
            top: 0,
            bytes: 1,
            limit,
            cut: false,
        }
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    pub(super) fn put(&mut self, char: char) {
        if is_hidden(char) {
            return;
        }
        let column = self.column;
        let line = &mut self.lines[self.row];
        if line.len() < column {
            self.bytes += column - line.len();
            line.resize(column, ' ');
        }
        self.bytes += char.len_utf8();
        if let Some(there) = line.get_mut(column) {
            self.bytes -= there.len_utf8();
            *there = char;
        } else {
            line.push(char);
        }
        self.column += 1;
        self.shrink();
    }

    pub(super) fn new_line(&mut self) {
        self.down(1);
        self.column = 0;
    }

    pub(super) fn move_to_column(&mut self, column: usize) {
        let furthest = self.lines[self.row].len() + WIDEST_GAP;
        self.column = column.min(furthest);
    }

    pub(super) fn up(&mut self, count: usize) {
        self.row = self
            .row
            .saturating_sub(count)
            .max(self.screen_top().min(self.row));
    }

    pub(super) fn down(&mut self, count: usize) {
        for _ in 0..count.min(SCREEN) {
            self.row += 1;
            if self.row == self.lines.len() {
                self.lines.push_back(Vec::new());
                self.bytes += 1;
            }
        }
        self.shrink();
    }

    pub(super) fn move_to_place(&mut self, row: usize, column: usize) {
        let from = self.screen_top();
        self.row = from.min(self.lines.len() - 1);
        self.down(row.min(SCREEN - 1));
        self.move_to_column(column);
    }

    fn screen_top(&self) -> usize {
        self.top.max(self.lines.len().saturating_sub(SCREEN))
    }

    /// What was there stays, as in a terminal that can be scrolled back.
    pub(super) fn new_screen(&mut self) {
        self.row = self.lines.len() - 1;
        if !self.lines[self.row].is_empty() {
            self.down(1);
        }
        self.top = self.row;
        self.column = 0;
    }

    pub(super) fn clear_below(&mut self) {
        self.clear_right();
        let gone = self.lines.drain(self.row + 1..);
        self.bytes -= gone.map(|line| size(&line)).sum::<usize>();
    }

    pub(super) fn clear_right(&mut self) {
        let from = self.column.min(self.lines[self.row].len());
        let gone = self.lines[self.row].drain(from..);
        self.bytes -= gone.map(char::len_utf8).sum::<usize>();
    }

    pub(super) fn clear_left(&mut self) {
        let column = self.column;
        for there in self.lines[self.row].iter_mut().take(column + 1) {
            self.bytes -= there.len_utf8() - 1;
            *there = ' ';
        }
    }

    pub(super) fn clear_line(&mut self) {
        self.bytes -= size(&self.lines[self.row]) - 1;
        self.lines[self.row].clear();
    }

    /// Takes away from the front, seldom and much, so that it costs nothing for each character.
    fn shrink(&mut self) {
        if self.bytes <= self.limit.saturating_mul(2).saturating_add(SCREEN) {
            return;
        }
        while self.bytes > self.limit && self.lines.len() > 1 {
            let Some(gone) = self.lines.pop_front() else {
                return;
            };
            self.bytes -= size(&gone);
            self.cut = ends_in_a_secret(&gone);
            if self.row == 0 {
                self.column = 0;
            }
            self.row = self.row.saturating_sub(1);
            self.top = self.top.saturating_sub(1);
        }
        self.shorten_last_line();
    }

    fn shorten_last_line(&mut self) {
        if self.bytes <= self.limit {
            return;
        }
        let mut over = self.bytes - self.limit;
        let line = &mut self.lines[0];
        let mut count = 0;
        for char in line.iter() {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(char.len_utf8());
            count += 1;
        }
        let gone = line.drain(..count).map(char::len_utf8).sum::<usize>();
        self.bytes -= gone;
        self.column = self.column.saturating_sub(count);
        self.cut = true;
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes);
        for line in &self.lines {
            text.extend(line);
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        let whole = match self.cut {
            true => drop_rest_of_a_secret(&text),
            false => &text,
        };
        // Shortened after the tokens are gone, so that no part of one is left over.
        let shown = redact(whole);
        let mut from = shown.len().saturating_sub(self.limit);
        while !shown.is_char_boundary(from) {
            from += 1;
        }
        shown[from..].to_owned()
    }
}

fn size(line: &[char]) -> usize {
    1 + line.iter().map(|char| char.len_utf8()).sum::<usize>()
}

/// Controls, and what changes the direction of a text or takes no place in it.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}
