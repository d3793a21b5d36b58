//! One answer of the panel, and the search for a quote in it.

use std::ops::Range;
use std::sync::OnceLock;

use super::align::Side;
use super::edges;
use super::elision;
use super::lexicon::Language;
use super::locate;
use super::markup::Numbers;
use super::overlay::Overlay;
use super::quote::Quote;
use super::reading::{self, Reading};
use super::{Difference, Found, QuoteStatus, Source, Verdict};

/// What one answer says to a quote.
pub(crate) enum Check {
    Believed(Verdict),
    Refused(Option<Near>),
}

/// The words a refused quote comes nearest to.
pub(crate) struct Near {
    pub found: Found,
    /// Words of the quote found in order, per mille.
    pub likeness: usize,
    pub differences: Vec<Difference>,
}

/// An answer, with and without the numbers of its list items as words.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub source: Source<'a>,
    plain: OnceLock<Reading<'a>>,
    numbered: OnceLock<Reading<'a>>,
}

impl<'a> Answer<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Self {
            source,
            plain: OnceLock::new(),
            numbered: OnceLock::new(),
        }
    }

    pub fn reading(&self, numbers: Numbers) -> &Reading<'a> {
        let slot = match numbers {
            Numbers::Hidden => &self.plain,
            Numbers::Shown => &self.numbered,
        };
        slot.get_or_init(|| Reading::new(self.source.text, numbers))
    }

    /// Looks for a quote, by the strictest state first.
    pub fn check(&self, quote: &Quote) -> Check {
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
            openings: reading.openings(),
        };
        let matches = locate::locate(quote.side(), source, reading.words(), language);
        let elided = quote.fragments().len() > 1 || quote.words.len() > locate::LONGEST;
        let overlays = matches.iter().map(|found| Overlay {
            quote: quote.side(),
            source,
            found,
            language,
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
