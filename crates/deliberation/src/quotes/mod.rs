//! Verifies that a quote was said, where, and by whom (the table of 4.4). Pure: text in,
//! verdict out. A quote is believed when it is found as written, or when only typography,
//! an honest ellipsis or harmless grammar stands between it and the source; similarity
//! alone only shows a reader where to look.

mod align;
mod answer;
mod blocks;
mod context;
mod doubts;
mod edges;
mod elision;
mod folded;
mod inflection;
mod lexicon;
mod locate;
mod markup;
mod overlay;
mod pen;
mod quote;
mod reading;
mod script;
mod snap;
mod words;

pub use husting_domain::quotes::{Difference, QuoteStatus};

use answer::{Answer, Check, Near};
use quote::Quote;

pub(crate) use blocks::{Kind, Line, lines};

/// Words found in order, per mille of the quote's, from which on a passage counts as what
/// the quote was altered from.
const ALTERED: usize = 600;
/// Passages less like the quote than this are not worth showing beside it.
const NEAREST: usize = 300;

/// One answer the quote may come from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Who said it.
    pub seat: usize,
    /// The text as served: without confidence tags and control characters.
    pub text: &'a str,
}

/// What became of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The state of 4.4.
    pub status: QuoteStatus,
    /// The true words, when the quote is believed.
    pub found: Option<Found>,
    /// When it is not: the nearest words, if any come near.
    pub nearest: Option<Found>,
    /// Where a snapped or altered quote differs from its source.
    pub alteration: Vec<Difference>,
}

/// A passage of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who said it.
    pub seat: usize,
    /// First UTF-8 byte of the source's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Verifies one quote. For several quotes of the same answers [`Answers`] reads them once.
#[must_use]
pub fn verify(quote: &str, claimed: usize, sources: &[Source<'_>]) -> Verdict {
    Answers::new(sources).verify(quote, claimed)
}

/// The answers of a round, read once for all of its quotes.
#[derive(Debug)]
pub struct Answers<'a> {
    list: Vec<Answer<'a>>,
}

impl<'a> Answers<'a> {
    /// Takes the answers in the order in which equal finds are preferred.
    #[must_use]
    pub fn new(sources: &[Source<'a>]) -> Self {
        Self {
            list: sources.iter().copied().map(Answer::new).collect(),
        }
    }

    /// Verifies a quote said to be `claimed`'s, whose answers are looked at first.
    #[must_use]
    pub fn verify(&self, quote: &str, claimed: usize) -> Verdict {
        let Some(quote) = Quote::read(quote) else {
            return Verdict::refused(QuoteStatus::NotFound, None);
        };
        let (own, others): (Vec<_>, Vec<_>) = self
            .list
            .iter()
            .partition(|answer| answer.source.seat == claimed);
        let mut nearest: Option<Near> = None;
        for answer in own.into_iter().chain(others) {
            match answer.check(&quote) {
                Check::Believed(verdict) if answer.source.seat == claimed => return verdict,
                Check::Believed(verdict) => {
                    return Verdict {
                        status: QuoteStatus::Misattributed,
                        ..verdict
                    };
                }
                Check::Refused(near) => {
                    let better = |near: &Near| {
                        nearest
                            .as_ref()
                            .is_none_or(|best| near.likeness > best.likeness)
                    };
                    nearest = near.filter(better).or(nearest);
                }
            }
        }
        self.refuse(&quote, nearest)
    }

    /// Fragments that were all said, but not together, are an altered quote too.
    fn refuse(&self, quote: &Quote, nearest: Option<Near>) -> Verdict {
        let near = nearest
            .as_ref()
            .is_some_and(|near| near.likeness >= ALTERED);
        let spliced = || {
            quote.fragments().len() > 1
                && quote.fragments().iter().all(|part| self.says(part, quote))
        };
        let status = if near || spliced() {
            QuoteStatus::Altered
        } else {
            QuoteStatus::NotFound
        };
        Verdict::refused(status, nearest)
    }

    fn says(&self, fragment: &str, quote: &Quote) -> bool {
        self.list
            .iter()
            .any(|answer| answer.reading(quote.numbers).first(fragment).is_some())
    }
}

impl Verdict {
    fn believed(status: QuoteStatus, found: Found) -> Self {
        Self {
            status,
            found: Some(found),
            nearest: None,
            alteration: Vec::new(),
        }
    }

    fn refused(status: QuoteStatus, near: Option<Near>) -> Self {
        let altered = status == QuoteStatus::Altered;
        let near = near.filter(|near| near.likeness >= NEAREST);
        let (nearest, differences) = near.map(|near| (near.found, near.differences)).unzip();
        Self {
            status,
            found: None,
            nearest,
            alteration: differences.filter(|_| altered).unwrap_or_default(),
        }
    }
}
