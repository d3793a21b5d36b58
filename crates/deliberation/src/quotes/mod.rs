//! Verifies that a quote was said, where, and by whom (the table of 4.4). Pure: text in,
//! verdict out. A quote is believed when it is found as written, or when only typography,
//! an honest ellipsis or harmless grammar stands between it and the source; similarity
//! alone only shows a reader where to look.

mod align;
mod blocks;
mod edges;
mod elision;
mod folded;
mod inflection;
mod lexicon;
mod markup;
mod reading;
mod script;
mod snap;
mod words;

use std::ops::Range;
use std::sync::OnceLock;

pub use husting_domain::quotes::{Difference, QuoteStatus};

use align::Side;
use lexicon::Language;
use markup::Numbers;
use reading::Reading;
use snap::Overlay;
use words::Word;

pub(crate) use blocks::{Kind, Line, lines};

/// Words found in order, per mille of the quote's, from which on a passage counts as what
/// the quote was altered from.
const ALTERED: usize = 600;

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
        let (nearest, differences) = near.map(|near| (near.found, near.differences)).unzip();
        Self {
            status,
            found: None,
            nearest,
            alteration: differences.filter(|_| altered).unwrap_or_default(),
        }
    }
}

/// A quote as it is looked for.
struct Quote {
    /// Without the white space around it.
    written: String,
    /// Folded, and folded without quote marks and ellipses around it.
    folded: String,
    bare: String,
    words: Vec<Word>,
    numbers: Numbers,
    language: Language,
}

impl Quote {
    fn read(quote: &str) -> Option<Self> {
        let written = quote.trim();
        let inner = unwrapped(written);
        let numbered = lines(inner).iter().any(|line| line.number.is_some());
        let numbers = if numbered {
            Numbers::Shown
        } else {
            Numbers::Hidden
        };
        let fold = |text| folded::Folded::new(text, numbers).text;
        let inner = fold(inner);
        let bare = match elision::fragments(unwrapped(&inner)).as_slice() {
            [] => return None,
            [only] => only,
            _ => unwrapped(&inner),
        };
        // Cells without their row's outer pipes.
        let bare = bare.replace(" | ", " ");
        let words = words::split(&bare);
        let lower: Vec<String> = words
            .iter()
            .map(|word| bare[word.range.clone()].to_lowercase())
            .collect();
        let language = Language::of(lower.iter().map(String::as_str));
        Some(Self {
            written: written.to_owned(),
            folded: fold(written),
            bare,
            words,
            numbers,
            language,
        })
    }

    fn fragments(&self) -> Vec<&str> {
        elision::fragments(&self.bare)
    }

    fn side(&self) -> Side<'_> {
        Side {
            text: &self.bare,
            words: &self.words,
        }
    }
}

/// Takes off pairs of quote marks around a whole text.
fn unwrapped(text: &str) -> &str {
    let mark = |c: char| "\"'“”„‟«»‘’‚‹›「」『』".contains(c);
    let mut inner = text.trim();
    while let (Some(first), Some(last)) = (inner.chars().next(), inner.chars().next_back())
        && mark(first)
        && mark(last)
        && inner.len() > first.len_utf8()
    {
        inner = inner[first.len_utf8()..inner.len() - last.len_utf8()].trim();
    }
    inner
}

enum Check {
    Believed(Verdict),
    Refused(Option<Near>),
}

/// The words a refused quote comes nearest to.
struct Near {
    found: Found,
    likeness: usize,
    differences: Vec<Difference>,
}

/// An answer, with and without the numbers of its list items as words.
#[derive(Debug)]
struct Answer<'a> {
    source: Source<'a>,
    plain: OnceLock<Reading<'a>>,
    numbered: OnceLock<Reading<'a>>,
}

impl<'a> Answer<'a> {
    fn new(source: Source<'a>) -> Self {
        Self {
            source,
            plain: OnceLock::new(),
            numbered: OnceLock::new(),
        }
    }

    fn reading(&self, numbers: Numbers) -> &Reading<'a> {
        let slot = match numbers {
            Numbers::Hidden => &self.plain,
            Numbers::Shown => &self.numbered,
        };
        slot.get_or_init(|| Reading::new(self.source.text, numbers))
    }

    fn check(&self, quote: &Quote) -> Check {
        let reading = self.reading(quote.numbers);
        if let Some(place) = self.exact(quote) {
            return Check::Believed(Verdict::believed(QuoteStatus::Exact, self.at(&place)));
        }
        if let Some(place) = reading
            .first(&quote.folded)
            .or_else(|| reading.first(&quote.bare))
        {
            return Check::Believed(Verdict::believed(
                QuoteStatus::Typographic,
                self.found(reading, &place),
            ));
        }
        if let Some(place) = elision::find(reading, &quote.fragments()) {
            return Check::Believed(Verdict::believed(
                QuoteStatus::Elided,
                self.found(reading, &place),
            ));
        }
        self.compare(quote, reading)
    }

    /// The quote as written, where it cuts through no word, neither in the bytes nor as read.
    fn exact(&self, quote: &Quote) -> Option<Range<usize>> {
        reading::clean_places(self.source.text, &quote.written).find(|place| {
            let folded = &self.reading(Numbers::Hidden).folded;
            edges::is_clean(&folded.text, &folded.image(place))
        })
    }

    fn compare(&self, quote: &Quote, reading: &Reading<'a>) -> Check {
        let language = if quote.language == Language::Other {
            reading.language()
        } else {
            quote.language
        };
        let source = Side {
            text: &reading.folded.text,
            words: &reading.words().list,
        };
        let matches = align::locate(quote.side(), source.text, reading.words(), language);
        let elided = quote.fragments().len() > 1 || quote.words.len() > align::LONGEST;
        let overlays = matches.iter().map(|found| Overlay {
            quote: quote.side(),
            source,
            found,
            language,
            openings: reading.openings(),
            code: &reading.folded.code,
        });
        let mut nearest = None;
        for overlay in overlays {
            let found = self.found(reading, &overlay.passage());
            if !elided && overlay.may_snap() {
                let alteration = overlay.differences();
                return Check::Believed(Verdict {
                    alteration,
                    ..Verdict::believed(QuoteStatus::Snapped, found)
                });
            }
            let likeness = overlay.found.likeness;
            nearest.get_or_insert_with(|| Near {
                found,
                likeness,
                differences: overlay.differences(),
            });
        }
        Check::Refused(nearest)
    }

    fn found(&self, reading: &Reading<'_>, place: &Range<usize>) -> Found {
        self.at(&reading.folded.origin(place))
    }

    fn at(&self, place: &Range<usize>) -> Found {
        Found {
            seat: self.source.seat,
            start: place.start,
            end: place.end,
        }
    }
}
