//! Decides whether a quote that is only near its source may be snapped onto it: articles,
//! inflection, case, punctuation and spacing may differ, nothing else. When in doubt the
//! answer is no; a refused quote is shown, a false one would be believed.

use std::ops::Range;

use husting_domain::quotes::Difference;

use super::align::{Match, Side, Step};
use super::edges;
use super::lexicon::{self, Language};
use super::script;

/// Fewer words than this prove nothing.
const FEWEST: usize = 3;
/// Words that must be the same, per mille of the quote's.
const SAME: usize = 600;
/// Signs of code and arithmetic, where punctuation is meaning.
const CODE: &str = "=<>+*^{}\\|~@";

/// A quote laid over a stretch of its source.
pub(crate) struct Overlay<'a> {
    pub quote: Side<'a>,
    pub source: Side<'a>,
    pub found: &'a Match,
    pub language: Language,
    /// Where the sentences of the source begin (folded bytes of their first words).
    pub openings: &'a [usize],
    /// Folded bytes of the source that are code.
    pub code: &'a [Range<usize>],
}

impl Overlay<'_> {
    /// Whether the source's words may take the quote's place.
    pub fn may_snap(&self) -> bool {
        let passage = self.stretch();
        self.is_evidence()
            && !self.quote.text.chars().any(script::is_cjk)
            && !self.source.text[passage.clone()].contains(|c| CODE.contains(c))
            && edges::is_clean(self.source.text, &passage)
            && self.found.steps.iter().all(|step| self.allows(step))
            && self.keeps_code()
            && !self.turned_by_context()
    }

    /// The folded bytes of the source's words, never cut through a word.
    pub fn passage(&self) -> Range<usize> {
        edges::widened(self.source.text, self.stretch())
    }

    /// The words that were paired, with closing marks where the quote has some.
    fn stretch(&self) -> Range<usize> {
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
        differences
    }

    fn quote_margins(&self) -> (&str, &str) {
        match (self.quote.words.first(), self.quote.words.last()) {
            (Some(first), Some(last)) => (
                &self.quote.text[..first.range.start],
                &self.quote.text[last.range.end..],
            ),
            _ => ("", ""),
        }
    }

    fn is_evidence(&self) -> bool {
        let same = self
            .found
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Same { .. }));
        let same = same.count();
        let telling = self.found.steps.iter().filter(|step| match step {
            Step::Same { quote, .. } => !self
                .language
                .is_article(&self.quote.word(*quote).to_lowercase()),
            _ => false,
        });
        let total = self.quote.words.len().max(self.found.source().len());
        self.quote.words.len() >= FEWEST && telling.count() >= 2 && same * 1_000 >= total * SAME
    }

    fn allows(&self, step: &Step) -> bool {
        match step {
            Step::Same { quote, source } => self.allows_case(*quote, *source),
            Step::Near { quote, source } => self.allows_form(*quote, *source),
            Step::Added { quote } => self.allows_article(self.quote, *quote),
            Step::Dropped { source } => self.allows_article(self.source, *source),
            Step::Joined { quote, source } => {
                let fixed = |side: Side<'_>, range: &Range<usize>| {
                    range
                        .clone()
                        .any(|index| lexicon::is_fixed(&side.word(index).to_lowercase()))
                };
                !fixed(self.quote, quote) && !fixed(self.source, source)
            }
            Step::Swapped { .. } => false,
        }
    }

    /// In code every character counts.
    fn keeps_code(&self) -> bool {
        let in_code = |source: usize| {
            let at = self.source.words.get(source).map(|word| word.range.start);
            at.is_some_and(|at| self.code.iter().any(|code| code.contains(&at)))
        };
        let mut steps = self.found.steps.iter().enumerate();
        steps.all(|(index, step)| {
            let words = step.source();
            let within = in_code(words.start) && in_code(words.end);
            let kept = self.is_verbatim(step) && (!within || self.punctuation(index).is_none());
            kept || !words.into_iter().any(in_code)
        })
    }

    fn allows_case(&self, quote: usize, source: usize) -> bool {
        let (quoted, said) = (self.quote.word(quote), self.source.word(source));
        if quoted == said {
            return true;
        }
        let lower = said.to_lowercase();
        let after_number = |side: Side<'_>, index: usize| {
            index.checked_sub(1).is_some_and(|before| {
                let word = side.word(before);
                word == "/" || word.ends_with(char::is_numeric)
            })
        };
        let symbol = lower.chars().count() <= 4 && lexicon::is_unit_or_date(&lower);
        if self.is_shouted() {
            return !symbol;
        }
        if (after_number(self.source, source) && !self.opens_sentence(self.source, source))
            || (lexicon::is_named_by_case(&lower) && quote > 0)
        {
            return false;
        }
        // "IT" is no "it", unless everything is shouted.
        let capitals =
            |word: &str| word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
        said.chars().count() > 3 || capitals(quoted) == capitals(said)
    }

    fn is_shouted(&self) -> bool {
        self.quote.words.len() >= FEWEST && !self.quote.text.chars().any(char::is_lowercase)
    }

    fn allows_form(&self, quote: usize, source: usize) -> bool {
        let (quoted, said) = (self.quote.word(quote), self.source.word(source));
        if self
            .language
            .same_article(&quoted.to_lowercase(), &said.to_lowercase())
        {
            return self.is_plain_article(self.quote, quote)
                && self.is_plain_article(self.source, source);
        }
        let inner_capital = |word: &str| word.chars().skip(1).any(char::is_uppercase);
        if inner_capital(said) || (inner_capital(quoted) && !self.is_shouted()) {
            return false;
        }
        let capital =
            said.starts_with(char::is_uppercase) && !self.opens_sentence(self.source, source);
        // In German every noun has a capital; a name would take an "s".
        !capital
            || (self.language == Language::German && !quoted.ends_with('s') && !said.ends_with('s'))
    }

    fn allows_article(&self, side: Side<'_>, index: usize) -> bool {
        self.language.is_article(&side.word(index).to_lowercase())
            && self.is_plain_article(side, index)
    }

    /// An article may change unless it counts ("a few"), measures ("$5 a month") or names
    /// ("plan A").
    fn is_plain_article(&self, side: Side<'_>, index: usize) -> bool {
        let word = side.word(index);
        let lower = word.to_lowercase();
        let named = word != lower && index != 0 && !self.opens_sentence(side, index);
        let neighbour = |at: Option<usize>| {
            at.filter(|at| *at < side.words.len())
                .map(|at| side.word(at).to_lowercase())
        };
        let weighty = |word: &String| {
            lexicon::is_quantity(word) || lexicon::is_condition(word, Language::Other)
        };
        let (before, after) = (
            neighbour(index.checked_sub(1)),
            neighbour(index.checked_add(1)),
        );
        let after_sign = before
            .as_ref()
            .is_some_and(|word| !word.contains(char::is_alphanumeric));
        !named
            && !after_sign
            && !before.as_ref().is_some_and(weighty)
            && !after.as_ref().is_some_and(weighty)
    }

    fn opens_sentence(&self, side: Side<'_>, index: usize) -> bool {
        let start = side.words[index].range.start;
        if std::ptr::eq(side.words, self.source.words) {
            return self.openings.binary_search(&start).is_ok();
        }
        start == 0 || side.text[..start].trim_end().ends_with(['.', '!', '?'])
    }

    /// Whether words just outside the passage turn its meaning, so that only a quote found
    /// as written may leave them out.
    fn turned_by_context(&self) -> bool {
        let words = self.found.source();
        let (before, after) = (
            self.clause_before(words.start),
            self.clause_after(words.end),
        );
        let denied = before
            .iter()
            .chain(&after)
            .any(|word| lexicon::is_negation(word));
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
            || self.breaks_off(words.end)
            || self.next_clause_limits(words.end)
    }

    /// A full stop where the source goes straight on with a word hides that words are missing.
    fn breaks_off(&self, end: usize) -> bool {
        let Some(next) = self.source.words.get(end) else {
            return false;
        };
        let between = &self.source.text[self.source.words[end - 1].range.end..next.range.start];
        self.quote_margins().1.contains(['.', '!'])
            && between.trim().is_empty()
            && !self.opens_sentence(self.source, end)
    }

    /// From a folded byte to the beginning of the next sentence.
    fn sentence_rest(&self, from: usize) -> &str {
        let next = self.openings.partition_point(|opening| *opening < from);
        &self.source.text[from..self
            .openings
            .get(next)
            .copied()
            .unwrap_or(self.source.text.len())]
    }

    fn clause_before(&self, first: usize) -> Vec<String> {
        let mut words = Vec::new();
        for index in (0..first).rev() {
            let between = &self.source.text
                [self.source.words[index].range.end..self.source.words[index + 1].range.start];
            if ends_clause(between) || self.opens_sentence(self.source, index + 1) {
                break;
            }
            words.push(self.source.word(index).to_lowercase());
        }
        words
    }

    fn clause_after(&self, end: usize) -> Vec<String> {
        let mut words = Vec::new();
        for index in end..self.source.words.len() {
            let between = &self.source.text
                [self.source.words[index - 1].range.end..self.source.words[index].range.start];
            if ends_clause(between) || self.opens_sentence(self.source, index) {
                break;
            }
            words.push(self.source.word(index).to_lowercase());
        }
        words
    }

    /// "…, unless the replica lags": the condition belongs to what stands before it.
    fn next_clause_limits(&self, end: usize) -> bool {
        let Some(next) = self.source.words.get(end) else {
            return false;
        };
        let between = &self.source.text[self.source.words[end - 1].range.end..next.range.start];
        !between.contains(['.', '!'])
            && !self.opens_sentence(self.source, end)
            && lexicon::is_condition(&self.source.word(end).to_lowercase(), Language::Other)
    }

    fn is_verbatim(&self, step: &Step) -> bool {
        matches!(step, Step::Same { quote, source } if self.quote.word(*quote) == self.source.word(*source))
    }

    /// A difference in the punctuation behind a word that is itself the same.
    fn punctuation(&self, index: usize) -> Option<Difference> {
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

fn ends_clause(between: &str) -> bool {
    between.contains([',', ';', ':', '.', '!', '(', ')', '"'])
        || between.contains(" - ")
        || between.contains('\u{241e}')
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
