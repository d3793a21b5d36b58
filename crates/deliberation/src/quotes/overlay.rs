//! A quote laid over the stretch of its source that it is nearest to: which words of the
//! source it covers, and where the two differ.

use std::ops::Range;

use husting_domain::quotes::Difference;

use super::align::{Match, Side, Step};
use super::edges;
use super::lexicon::Language;

/// A quote and the words of its source it was paired with.
pub(crate) struct Overlay<'a> {
    pub quote: Side<'a>,
    pub source: Side<'a>,
    pub found: &'a Match,
    pub language: Language,
    /// Folded bytes of the source that are code.
    pub code: &'a [Range<usize>],
}

impl Overlay<'_> {
    /// The folded bytes of the source's words, never cut through a word.
    pub fn passage(&self) -> Range<usize> {
        edges::widened(self.source.text, self.stretch())
    }

    /// The words that were paired, cut or not, with closing marks where the quote has some.
    pub fn stretch(&self) -> Range<usize> {
        let words = self.found.source();
        if words.is_empty() {
            return 0..0;
        }
        let mut start = self.source.words[words.start].range.start;
        let mut end = self.source.words[words.end - 1].range.end;
        let (head, tail) = self.quote_margins();
        if !head.trim().is_empty() {
            let before = &self.source.text[..start];
            start = before.trim_end_matches(['"', '\'', '(', '[']).len();
        }
        if !tail.trim().is_empty() {
            let behind = &self.source.text[end..];
            end += behind.len()
                - behind
                    .trim_start_matches(['.', ',', ';', ':', '!', '"', '\'', ')', ']', '。'])
                    .len();
        }
        start..end
    }

    /// Where quote and source differ, word by word.
    pub fn differences(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut open: Option<(Range<usize>, Range<usize>)> = None;
        for (index, step) in self.found.steps.iter().enumerate() {
            if self.is_verbatim(step) {
                differences.extend(
                    open.take()
                        .map(|(quote, source)| self.difference(&quote, &source)),
                );
                differences.extend(self.punctuation(index));
                continue;
            }
            open = Some(match open {
                Some((quote, source)) => (
                    joined(&quote, &step.quote()),
                    joined(&source, &step.source()),
                ),
                None => (step.quote(), step.source()),
            });
        }
        differences.extend(open.map(|(quote, source)| self.difference(&quote, &source)));
        if differences.is_empty() {
            // Only spaces, or marks before the first word.
            differences.push(self.difference(&(0..self.quote.words.len()), &self.found.source()));
        }
        differences
    }

    /// What the quote has before its first and behind its last word.
    pub fn quote_margins(&self) -> (&str, &str) {
        match (self.quote.words.first(), self.quote.words.last()) {
            (Some(first), Some(last)) => (
                &self.quote.text[..first.range.start],
                &self.quote.text[last.range.end..],
            ),
            _ => ("", ""),
        }
    }

    /// Whether a word stands in both as it is.
    pub fn is_verbatim(&self, step: &Step) -> bool {
        matches!(step, Step::Same { quote, source } if self.quote.word(*quote) == self.source.word(*source))
    }

    /// A difference in the punctuation behind a word that is itself the same.
    pub fn punctuation(&self, index: usize) -> Option<Difference> {
        let (Step::Same { quote, source }, next) =
            (&self.found.steps[index], self.found.steps.get(index + 1))
        else {
            return None;
        };
        let dressed = |side: Side<'_>, word: usize| {
            let start = side.words[word].range.start;
            let until = side
                .words
                .get(word + 1)
                .map_or(side.text.len(), |next| next.range.start);
            let text = &side.text[start..until];
            text.split(' ').next().unwrap_or(text).to_owned()
        };
        let (quoted, said) = (dressed(self.quote, *quote), dressed(self.source, *source));
        let stops = next.is_none() && quoted == self.quote.word(*quote);
        let adjoins = next.is_none_or(|next| self.is_verbatim(next));
        (quoted != said && !stops && adjoins).then_some(Difference {
            quoted,
            source: said,
        })
    }

    fn difference(&self, quote: &Range<usize>, source: &Range<usize>) -> Difference {
        let slice = |side: Side<'_>, range: &Range<usize>| {
            let words = side.words.get(range.clone()).unwrap_or_default();
            match (words.first(), words.last()) {
                (Some(first), Some(last)) => {
                    side.text[first.range.start..last.range.end].to_owned()
                }
                _ => String::new(),
            }
        };
        Difference {
            quoted: slice(self.quote, quote),
            source: slice(self.source, source),
        }
    }
}

fn joined(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    if one.is_empty() {
        return other.clone();
    }
    if other.is_empty() {
        return one.clone();
    }
    one.start..other.end
}
