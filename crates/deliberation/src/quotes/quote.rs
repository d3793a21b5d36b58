//! A quote as it is looked for: as written, folded, and freed of the marks that reactors
//! put around quotes.

use super::align::Side;
use super::blocks::lines;
use super::elision;
use super::folded::Folded;
use super::lexicon::Language;
use super::markup::Numbers;
use super::reading;
use super::words::{self, Word};

/// A quote as it is looked for.
pub(crate) struct Quote {
    /// Without the white space around it.
    pub written: String,
    /// Folded, and folded without quote marks and ellipses around it.
    pub folded: String,
    pub bare: String,
    pub words: Vec<Word>,
    /// Where the sentences of `bare` begin.
    openings: Vec<usize>,
    pub numbers: Numbers,
    pub language: Language,
}

impl Quote {
    /// Reads a quote; there is nothing to look for in one without words.
    pub fn read(quote: &str) -> Option<Self> {
        let written = quote.trim();
        let inner = unwrapped(written);
        let numbered = lines(inner).iter().any(|line| line.number.is_some());
        let numbers = if numbered {
            Numbers::Shown
        } else {
            Numbers::Hidden
        };
        let fold = |text| Folded::new(text, numbers).text;
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
            openings: reading::openings(&bare),
            bare,
            words,
            numbers,
            language,
        })
    }

    /// Its parts between ellipses.
    pub fn fragments(&self) -> Vec<&str> {
        elision::fragments(&self.bare)
    }

    pub fn side(&self) -> Side<'_> {
        Side {
            text: &self.bare,
            words: &self.words,
            openings: &self.openings,
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
