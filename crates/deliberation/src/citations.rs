//! Sentences that are named instead of quoted: `[B.12]`.

use crate::roster::{Place, Roster};
use crate::sentences;

/// A panelist's sentence by its number. Which answer it is of, only whoever numbered it can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Citation<'a> {
    /// Whose sentence.
    pub place: &'a Place,
    number: u32,
}

impl<'a> Citation<'a> {
    /// Reads words that are a citation and nothing else.
    pub fn read(words: &str, roster: &'a Roster) -> Option<Self> {
        let inside = words.trim().strip_prefix('[')?.strip_suffix(']')?;
        let (letter, number) = inside.split_once('.')?;
        Some(Self {
            place: roster.find(letter)?,
            number: number.parse().ok()?,
        })
    }

    /// Where the sentence stands in its panelist's answer.
    pub fn sentence(&self, answer: &str) -> Option<std::ops::Range<usize>> {
        let mut sentences = sentences::split(answer).into_iter();
        let cited = sentences.find(|sentence| sentence.number == self.number)?;
        Some(cited.start..cited.end)
    }
}
