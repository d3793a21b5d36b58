//! A text with its typography folded away and a way back to its bytes. Folded are
//! compatibility forms (NFKC), dashes, quote marks, spaces, invisible characters and
//! Markdown; never case, never a word.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::markup::{self, Numbers};
use super::script;

/// Folded text; every byte of it knows the bytes it came from.
#[derive(Debug)]
pub(crate) struct Folded {
    pub text: String,
    /// Stretches of `text` that are code, in order.
    pub code: Vec<Range<usize>>,
    /// For each byte of `text`: first byte of its origin. Never falls.
    starts: Vec<usize>,
    /// For each byte of `text`: one past the last byte of its origin.
    ends: Vec<usize>,
}

impl Folded {
    pub fn new(text: &str, numbers: Numbers) -> Self {
        let mut pen = Pen::new(text);
        let mut from = 0;
        let markup = markup::read(text, numbers);
        for edit in markup.edits {
            pen.write(from, edit.start);
            if let Some(shown) = edit.shown {
                pen.spaced(shown, edit.start, edit.end);
            }
            from = edit.end;
        }
        pen.write(from, text.len());
        let mut folded = pen.folded;
        folded.code = markup.code.iter().map(|code| folded.image(code)).collect();
        folded
    }

    /// The bytes of the original that a range of `text` came from.
    pub fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.starts.get(range.start).copied().unwrap_or_default();
        let end = range
            .end
            .checked_sub(1)
            .and_then(|last| self.ends.get(last))
            .copied();
        start..end.unwrap_or(start).max(start)
    }

    /// The range of `text` that lies within some bytes of the original.
    pub fn image(&self, origin: &Range<usize>) -> Range<usize> {
        let start = self.starts.partition_point(|byte| *byte < origin.start);
        let end = self.ends.partition_point(|byte| *byte <= origin.end);
        start..end.max(start)
    }
}

/// Writes folded text and keeps the small state that folding spaces and dashes needs.
struct Pen<'a> {
    original: &'a str,
    folded: Folded,
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
    fn new(original: &'a str) -> Self {
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

    fn write(&mut self, from: usize, to: usize) {
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
        let rest = &self.original[start..];
        let behind = rest.trim_start_matches(|c| is_short_dash(c) || is_invisible(c));
        let count = rest[..rest.len() - behind.len()]
            .chars()
            .filter(|c| is_short_dash(*c))
            .count();
        let opens = self.space.is_some()
            || self
                .folded
                .text
                .chars()
                .next_back()
                .is_none_or(script::takes_no_space);
        if !(2..=3).contains(&count) || (opens && behind.starts_with(char::is_alphanumeric)) {
            let end = start + rest.chars().next().map_or(1, char::len_utf8);
            return self.put('-', start, end);
        }
        let end = start + rest.len() - behind.len();
        self.long_dash(start, end);
        end
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
    fn spaced(&mut self, c: char, start: usize, end: usize) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(text: &str) -> String {
        Folded::new(text, Numbers::Hidden).text
    }

    #[test]
    fn folds_what_differs_by_keyboard_only() {
        for (written, folded) in [
            ("a\u{a0}\u{2009}b\r\n c ", "a b c"),
            ("3\u{2013}5, 3\u{2014}5 and \u{2212}5", "3-5, 3-5 and -5"),
            (
                "cheap\u{2014}and slow -- or --flag",
                "cheap - and slow - or --flag",
            ),
            ("\u{ab}\u{a0}oui\u{a0}\u{bb} : non !", "\"oui\": non!"),
            ("\u{fb01}t \u{ff21}\u{ff11}\u{2026}", "fit A1..."),
            ("so\u{ad}ft\u{200b}", "soft"),
            ("n\u{b2}, 10\u{b2}, 5\u{bd}", "n2, 10\u{b2}, 5 1/2"),
            (
                "你好， world 世界 \u{ff12}\u{ff10} 天",
                "你好,world世界20天",
            ),
        ] {
            assert_eq!(fold(written), folded, "{written:?}");
        }
    }

    #[test]
    fn folds_markdown_and_leaves_code_and_arithmetic() {
        for (written, folded) in [
            (
                "**Note:**text, *a* __b__ and ***c***",
                "Note:text, a b and c",
            ),
            (
                "2 * 3, 2**10, snake_case, a*b",
                "2 * 3, 2**10, snake_case, a*b",
            ),
            (
                "`*ptr` and ``a`b``",
                "*ptr and a`b".replace('`', "'").as_str(),
            ),
            (
                "see [the *page*](http://x.org/a_(b)) and ![pic](p.png), a[0](1)",
                "see the page and pic, a[0](1)",
            ),
            (
                "# Head\n\n- one\n* two\n3. three\n> said",
                "Head one two three said",
            ),
            ("| a | b |\n|---|---|\n| c | d |", "a b \u{241e} c d"),
            ("```rs\nlet a = *b;\n```\nend", "let a = *b; end"),
            ("这是**重要**的", "这是重要的"),
            (
                "snake\\_case, \\*no\\* and `\\_`",
                "snake_case, *no* and \\_",
            ),
        ] {
            assert_eq!(fold(written), folded, "{written:?}");
        }
    }

    #[test]
    fn numbers_of_items_are_words_on_request() {
        assert_eq!(Folded::new("2. Use *it*", Numbers::Shown).text, "2. Use it");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn origins_are_character_boundaries_in_order(text in "\\PC*|[-a-z0-9 *_`|#>.\n\u{300}\u{ad}…—½²不ﬁ\\[\\]\\(\\)]{0,60}") {
            let folded = Folded::new(&text, Numbers::Hidden);
            prop_assert_eq!(folded.starts.len(), folded.text.len());
            prop_assert!(folded.starts.is_sorted() && folded.ends.is_sorted());
            for (at, c) in folded.text.char_indices() {
                let origin = folded.origin(&(at..at + c.len_utf8()));
                prop_assert!(!text[origin].is_empty());
            }
        }

        // Without `*` and `_`: whether they are emphasis depends on neighbours that folding changes.
        #[test]
        fn folding_twice_changes_nothing(text in "([-a-z0-9 .,;:!?…—–«»“”½²³不い、ﬁｱ\u{ad}\u{a0}]|u\u{308}){0,40}") {
            let once = fold(&format!("x {text} x"));
            prop_assert_eq!(fold(&once), once);
        }
    }
}
