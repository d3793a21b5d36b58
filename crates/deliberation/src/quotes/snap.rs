//! Decides whether a quote that is only near its source may be snapped onto it: articles,
//! inflection, case, punctuation and spacing may differ, nothing else. When in doubt the
//! answer is no; a refused quote is shown, a false one would be believed.

use std::ops::Range;

use super::align::{Side, Step};
use super::edges;
use super::lexicon::{self, Language};
use super::overlay::Overlay;
use super::script;

/// Fewer words than this prove nothing.
const FEWEST: usize = 3;
/// Words that must be the same, per mille of the quote's.
const SAME: usize = 600;
/// Signs of code and arithmetic, where punctuation is meaning.
const CODE: &str = "=<>+*^{}\\|~@";

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
            && !self.is_turned_by_context()
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
        if (after_number(self.source, source) && !self.source.opens_sentence(source))
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
        let capital = said.starts_with(char::is_uppercase) && !self.source.opens_sentence(source);
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
        let named = word != lower && index != 0 && !side.opens_sentence(index);
        let neighbour = |at: Option<usize>| {
            at.filter(|at| *at < side.words.len())
                .map(|at| side.word(at).to_lowercase())
        };
        let weighty = |word: &String| {
            lexicon::is_quantity(word)
                || lexicon::is_unit_or_date(word)
                || lexicon::is_condition(word, Language::Other)
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
}
