//! Writes folded text, character by character, and remembers where each came from.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::folded::Folded;
use super::script;

/// Writes folded text and keeps the small state that folding spaces and dashes needs.
pub(crate) struct Pen<'a> {
    original: &'a str,
    pub folded: Folded,
    /// Origin of a space that is written once something follows it.
    space: Option<Range<usize>>,
    /// The next space is the padding of an opening mark.
    padded: bool,
    /// The last character came from a long dash.
    dashed: bool,
    /// The last character was raised or lowered, and is written as a plain one.
    raised: bool,
}

impl<'a> Pen<'a> {
    pub fn new(original: &'a str) -> Self {
        let folded = Folded {
            text: String::with_capacity(original.len()),
            code: Vec::new(),
            starts: Vec::with_capacity(original.len()),
            ends: Vec::with_capacity(original.len()),
        };
        Self {
            original,
            folded,
            space: None,
            padded: false,
            dashed: false,
            raised: false,
        }
    }

    /// Writes a stretch of the original.
    pub fn write(&mut self, from: usize, to: usize) {
        let original = self.original;
        let mut skip = from;
        for (at, cluster) in original[from..to].grapheme_indices(true) {
            let (start, end) = (from + at, from + at + cluster.len());
            if start < skip {
                continue;
            }
            skip = match cluster.chars().next() {
                Some(c) if is_short_dash(c) && cluster.len() == c.len_utf8() => {
                    self.short_dashes(start)
                }
                Some(c) if c.is_ascii() && cluster.len() == 1 => self.put(c, start, end),
                _ => self.cluster(cluster, start, end),
            };
        }
    }

    fn cluster(&mut self, cluster: &str, start: usize, end: usize) -> usize {
        let mut chars = cluster.chars();
        if let (Some(only), None) = (chars.next(), chars.next())
            && self.kept_apart(only, start, end)
        {
            return end;
        }
        for c in cluster.nfkc() {
            self.put(c, start, end);
        }
        end
    }

    /// Forms whose folding would run into the number before them: 10² is not 102, and 5½ is
    /// not 51/2. Says whether the character is written.
    fn kept_apart(&mut self, c: char, start: usize, end: usize) -> bool {
        let after_number = self.space.is_none() && self.folded.text.ends_with(char::is_numeric);
        if is_raised(c) {
            if after_number && !self.raised {
                self.emit(c, start, end);
                return true;
            }
            for folded in c.nfkc() {
                self.put(folded, start, end);
            }
            self.raised = true;
            return true;
        }
        if after_number && matches!(c, '\u{bc}'..='\u{be}' | '\u{2150}'..='\u{215e}') {
            self.space = Some(start..end);
        }
        false
    }

    /// Two or three short dashes between words are a long one; before a word they are a flag.
    fn short_dashes(&mut self, start: usize) -> usize {
        let mut dashes = Vec::with_capacity(4);
        let mut behind = None;
        for (at, c) in self.original[start..].char_indices() {
            if is_short_dash(c) && dashes.len() < 4 {
                dashes.push(start + at + c.len_utf8());
            } else if !is_invisible(c) {
                behind = Some(c);
                break;
            }
        }
        let last = self.folded.text.chars().next_back();
        let opens = self.space.is_some() || last.is_none_or(script::takes_no_space);
        let flag = opens && behind.is_some_and(char::is_alphanumeric);
        match dashes.as_slice() {
            [_, .., end] if dashes.len() < 4 && !flag => {
                self.long_dash(start, *end);
                *end
            }
            _ => self.put('-', start, dashes.first().copied().unwrap_or(start + 1)),
        }
    }

    fn put(&mut self, c: char, start: usize, end: usize) -> usize {
        if is_invisible(c) {
            return end;
        }
        if c.is_whitespace() {
            self.space.get_or_insert(start..end);
            return end;
        }
        match c {
            '\u{2014}' | '\u{2015}' | '\u{2e3a}' | '\u{2e3b}' => self.long_dash(start, end),
            '\u{ab}' => {
                self.emit('"', start, end);
                self.padded = true;
            }
            '\u{bb}' => {
                self.space = None;
                self.emit('"', start, end);
            }
            '\u{22ef}' => "...".chars().for_each(|dot| self.emit(dot, start, end)),
            ';' | ':' | '!' | '?' if self.ends_clause(end) => {
                self.space = None;
                self.emit(c, start, end);
            }
            _ => self.emit(plain(c), start, end),
        }
        end
    }

    /// Spaces before these marks are a habit of French typography.
    fn ends_clause(&self, end: usize) -> bool {
        self.next_visible(end)
            .is_none_or(|c| !script::is_word(c) && c != '=')
    }

    fn next_visible(&self, from: usize) -> Option<char> {
        self.original[from..].chars().find(|c| !is_invisible(*c))
    }

    fn long_dash(&mut self, start: usize, end: usize) {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let before = self
            .folded
            .text
            .chars()
            .next_back()
            .filter(|_| self.space.is_none());
        if digit(before) && digit(self.next_visible(end)) {
            return self.emit('-', start, end);
        }
        if !(self.dashed && self.folded.text.ends_with('-')) {
            self.spaced('-', start, end);
        }
        self.dashed = true;
    }

    /// Writes a character with a space on both sides.
    pub fn spaced(&mut self, c: char, start: usize, end: usize) {
        self.space.get_or_insert(start..end);
        if c != ' ' {
            self.emit(c, start, end);
            self.space = Some(start..end);
        }
    }

    fn emit(&mut self, c: char, start: usize, end: usize) {
        if let Some(space) = self.space.take()
            && self.wants_space(c)
        {
            self.push(' ', space.start, space.end);
        }
        self.push(c, start, end);
        self.padded = false;
        self.dashed = false;
        self.raised = false;
    }

    fn wants_space(&self, next: char) -> bool {
        // A fullwidth comma is a plain one by now, and takes no space either.
        let mut written = self.folded.text.chars().rev();
        let last = written
            .next()
            .filter(|c| !",.;:!?".contains(*c))
            .or_else(|| written.next());
        !self.padded
            && !script::takes_no_space(next)
            && last.is_some_and(|last| !script::takes_no_space(last))
    }

    fn push(&mut self, c: char, start: usize, end: usize) {
        self.folded.text.push(c);
        self.folded.starts.resize(self.folded.text.len(), start);
        self.folded.ends.resize(self.folded.text.len(), end);
    }
}

/// Marks that differ by keyboard, country or font only.
fn plain(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{60}'
        | '\u{b4}' => '\'',
        '\u{201c}'..='\u{201f}'
        | '\u{2033}'
        | '\u{2036}'
        | '\u{300c}'..='\u{300f}'
        | '\u{301d}'..='\u{301f}' => '"',
        '\u{301c}' => '~',
        '\u{2044}' => '/',
        dash if is_short_dash(dash) => '-',
        other => other,
    }
}

fn is_short_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2013}' | '\u{2043}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// Controls, joiners, direction marks, variation selectors, soft hyphens.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || (c.is_control() && !c.is_whitespace())
}

fn is_raised(c: char) -> bool {
    matches!(c, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}'..='\u{209c}')
}
