//! The Markdown in a text that is seen as form and not as words: marks of lists, headings,
//! quotes and emphasis, code ticks, table pipes, link targets.

use std::ops::Range;

use super::blocks::{self, Kind, Line};
use super::script;

/// Stands for the end of a table row, so that cells of two rows never read as neighbours.
pub(crate) const ROW_END: char = '\u{241e}';

/// Whether the numbers of ordered items are read as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    Hidden,
    Shown,
}

/// A stretch of text to leave out, or to read as one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub start: usize,
    pub end: usize,
    pub shown: Option<char>,
}

/// The longest link that is looked for, so that stray brackets stay cheap.
const LONGEST_LINK: usize = 1_000;

/// The Markdown of a text.
#[derive(Default)]
pub(crate) struct Markup {
    /// What to edit, in order, never overlapping.
    pub edits: Vec<Edit>,
    /// Stretches that are code, in order.
    pub code: Vec<Range<usize>>,
}

/// Finds the Markdown in a text.
pub(crate) fn read(text: &str, numbers: Numbers) -> Markup {
    let lines = blocks::lines(text);
    let mut marks = Marks {
        text,
        markup: Markup::default(),
    };
    for (index, line) in lines.iter().enumerate() {
        marks.line(line, numbers, lines.get(index + 1).map(|next| next.kind));
    }
    marks.markup
}

struct Marks<'a> {
    text: &'a str,
    markup: Markup,
}

impl Marks<'_> {
    fn line(&mut self, line: &Line, numbers: Numbers, next: Option<Kind>) {
        match line.kind {
            Kind::Blank => {}
            Kind::Code => self.markup.code.push(line.start..line.end),
            Kind::Fence | Kind::Rule | Kind::RowRule => self.hide(line.start, line.end),
            Kind::Text | Kind::Heading | Kind::Item | Kind::Row => {
                let words = match (numbers, line.number) {
                    (Numbers::Shown, Some(number)) => number,
                    _ => line.content,
                };
                self.hide(line.start, words);
                self.inline(words, line.end, line.kind == Kind::Row);
                if line.kind == Kind::Row && matches!(next, Some(Kind::Row | Kind::RowRule)) {
                    self.markup.edits.push(Edit {
                        start: line.end,
                        end: line.end + 1,
                        shown: Some(ROW_END),
                    });
                }
            }
        }
    }

    fn hide(&mut self, start: usize, end: usize) {
        if start < end {
            self.markup.edits.push(Edit {
                start,
                end,
                shown: None,
            });
        }
    }

    fn inline(&mut self, start: usize, end: usize, row: bool) {
        let mut at = start;
        // Ends of links whose text is being read: from the bracket to behind the target.
        let mut targets: Vec<(usize, usize)> = Vec::new();
        while let Some(c) = self.text[at..end].chars().next() {
            let rest = &self.text[at..end];
            if let Some(&(from, to)) = targets.last()
                && from == at
            {
                targets.pop();
                self.hide(from, to);
                at = to;
                continue;
            }
            at += match c {
                '`' => self.code(at, end),
                '*' | '_' => self.emphasis(at, end),
                '\\' if rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) => {
                    self.hide(at, at + 1);
                    2
                }
                '[' if !self.before(at).is_some_and(|c| c.is_ascii_alphanumeric()) => {
                    if let Some((close, behind)) = link(rest) {
                        let image = self.before(at) == Some('!');
                        self.hide(at - usize::from(image), at + 1);
                        targets.push((at + close, at + behind));
                    }
                    1
                }
                '|' if row => {
                    self.markup.edits.push(Edit {
                        start: at,
                        end: at + 1,
                        shown: Some(' '),
                    });
                    1
                }
                _ => c.len_utf8(),
            };
        }
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// Hides the ticks and passes over the code between them, which is read as it stands.
    fn code(&mut self, at: usize, end: usize) -> usize {
        let rest = &self.text[at..end];
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        self.hide(at, at + ticks);
        let Some(close) = closing_ticks(&rest[ticks..], ticks) else {
            return ticks;
        };
        self.markup.code.push(at + ticks..at + ticks + close);
        self.hide(at + ticks + close, at + ticks + close + ticks);
        ticks + close + ticks
    }

    /// Hides a run of `*` and `_` that can only open or only close emphasis; runs between
    /// spaces or inside words (`2 * 3`, `snake_case`, `2**10`) are words.
    fn emphasis(&mut self, at: usize, end: usize) -> usize {
        let rest = &self.text[at..end];
        let length = rest.len() - rest.trim_start_matches(['*', '_']).len();
        let line_start = self.text[..at].ends_with('\n');
        let before = self.before(at).filter(|_| !line_start);
        let after = rest[length..].chars().next();
        let (opens, closes) = (flanks(before, after), flanks(after, before));
        let inside_cjk =
            opens && closes && [before, after].into_iter().flatten().any(script::is_cjk);
        if opens != closes || inside_cjk {
            self.hide(at, at + length);
        }
        length
    }
}

/// CommonMark's flanking rule: a run faces `near` when it is not space and, if it is
/// punctuation, what stands behind the run is space or punctuation too.
fn flanks(behind: Option<char>, near: Option<char>) -> bool {
    let Some(near) = near.filter(|c| !c.is_whitespace()) else {
        return false;
    };
    near.is_alphanumeric() || behind.is_none_or(|c| !c.is_alphanumeric())
}

/// For a text that starts with `[`: where its bracket closes and where the target ends.
fn link(rest: &str) -> Option<(usize, usize)> {
    let close = closing(rest, b'[', b']')?;
    let target = rest[close + 1..].starts_with('(').then_some(close + 1)?;
    Some((close, target + closing(&rest[target..], b'(', b')')? + 1))
}

fn closing(rest: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate().take(LONGEST_LINK) {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Where a run of exactly `count` ticks starts.
fn closing_ticks(rest: &str, count: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = rest[at..].find('`') {
        let start = at + found;
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        if run == count {
            return Some(start);
        }
        at = start + run;
    }
    None
}
