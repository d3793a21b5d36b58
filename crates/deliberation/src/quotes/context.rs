//! What stands around the words a quote was laid over. A quote found as written may stop
//! where it likes; one that is only near must not lose a "not", an "unless", a "far from" or a
//! question mark by stopping there.

use std::ops::Range;

use super::align::Step;
use super::doubts;
use super::lexicon::{self, Language};
use super::markup::ROW_END;
use super::overlay::Overlay;

impl Overlay<'_> {
    /// Whether words just outside the passage turn its meaning, so that only a quote found
    /// as written may leave them out.
    pub fn is_turned_by_context(&self) -> bool {
        let words = self.found.source();
        let (before, after) = (
            self.clause_before(words.start),
            self.clause_after(words.end),
        );
        let denied = before
            .iter()
            .chain(&after)
            .any(|word| lexicon::is_negation(word) || doubts::is_doubt(word));
        let clause = words.start - before.len()..words.end + after.len();
        // "Every consumer", "ten thousand", "20 ms": the neighbour belongs to the word.
        let bound = [before.first(), after.first()]
            .into_iter()
            .flatten()
            .any(|word| lexicon::is_fixed(word));
        let counted = before
            .first()
            .is_some_and(|word| self.language.is_article(word))
            && lexicon::is_quantity(&self.source.word(words.start).to_lowercase());
        // An article put before the passage must not stand for a word that was there.
        let replaced =
            matches!(self.found.steps.first(), Some(Step::Added { .. })) && !before.is_empty();
        let end = self.source.words[words.end - 1].range.end;
        let asked = self.sentence_rest(end).contains('?') && !self.quote.text.ends_with('?');
        denied
            || bound
            || counted
            || replaced
            || asked
            || self.turns_outside(&words, clause)
            || self.breaks_off(words.end)
            || self.next_clause_limits(words.end)
    }

    /// Whether a clause has words around those of the passage that turn it, be it together with
    /// some of them ("fails" of "fails to").
    fn turns_outside(&self, words: &Range<usize>, clause: Range<usize>) -> bool {
        let lower: Vec<String> = clause
            .clone()
            .map(|index| self.source.word(index).to_lowercase())
            .collect();
        let turns = doubts::turns(&lower, self.language).into_iter();
        turns
            .map(|at| clause.start + at)
            .any(|at| !words.contains(&at))
    }

    /// A full stop where the source goes straight on with a word hides that words are missing.
    fn breaks_off(&self, end: usize) -> bool {
        if end >= self.source.words.len() {
            return false;
        }
        let between = self.source.between(end - 1);
        self.quote_margins().1.contains(['.', '!'])
            && between.trim().is_empty()
            && !self.source.opens_sentence(end)
    }

    /// From a folded byte to the beginning of the next sentence.
    fn sentence_rest(&self, from: usize) -> &str {
        let next = self
            .source
            .openings
            .partition_point(|opening| *opening < from);
        let end = self.source.openings.get(next).copied();
        &self.source.text[from..end.unwrap_or(self.source.text.len())]
    }

    fn clause_before(&self, first: usize) -> Vec<String> {
        let mut words = Vec::new();
        for index in (0..first).rev() {
            let between = self.source.between(index);
            if ends_clause(between) || self.source.opens_sentence(index + 1) {
                break;
            }
            words.push(self.source.word(index).to_lowercase());
        }
        words
    }

    fn clause_after(&self, end: usize) -> Vec<String> {
        let mut words = Vec::new();
        for index in end..self.source.words.len() {
            let between = self.source.between(index - 1);
            if ends_clause(between) || self.source.opens_sentence(index) {
                break;
            }
            words.push(self.source.word(index).to_lowercase());
        }
        words
    }

    /// "…, unless the replica lags": the condition belongs to what stands before it.
    fn next_clause_limits(&self, end: usize) -> bool {
        if end >= self.source.words.len() {
            return false;
        }
        let between = self.source.between(end - 1);
        !between.contains(['.', '!'])
            && !self.source.opens_sentence(end)
            && lexicon::is_condition(&self.source.word(end).to_lowercase(), Language::Other)
    }
}

fn ends_clause(between: &str) -> bool {
    between.contains([',', ';', ':', '.', '!', '(', ')', '"'])
        || between.contains(" - ")
        || between.contains(ROW_END)
}
