//! A text with its typography folded away and a way back to its bytes. Folded are
//! compatibility forms (NFKC), dashes, quote marks, spaces, invisible characters and
//! Markdown; never case, never a word.

use std::ops::Range;

use super::markup::{self, Numbers};
use super::pen::Pen;

/// Folded text; every byte of it knows the bytes it came from.
#[derive(Debug)]
pub(crate) struct Folded {
    pub text: String,
    /// Stretches of `text` that are code, in order.
    pub code: Vec<Range<usize>>,
    /// For each byte of `text`: first byte of its origin. Never falls.
    pub starts: Vec<usize>,
    /// For each byte of `text`: one past the last byte of its origin. Never falls.
    pub ends: Vec<usize>,
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
