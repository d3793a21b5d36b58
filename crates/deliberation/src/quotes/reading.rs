//! One answer as the verifier reads it: folded, with what is looked up in it again and
//! again. Each part is made when it is first needed.

use std::iter;
use std::ops::Range;
use std::sync::OnceLock;

use super::doubts;
use super::edges;
use super::folded::Folded;
use super::lexicon::{self, Language};
use super::markup::Numbers;
use super::script;
use super::words::Words;
use crate::sentences;

/// Words that tell an answer's language.
const SAMPLE: usize = 2_000;

/// A folded answer and its lookups. All offsets are bytes of the folded text.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    original: &'a str,
    pub folded: Folded,
    words: OnceLock<Words>,
    openings: OnceLock<Vec<usize>>,
    hinges: OnceLock<Hinges>,
    language: OnceLock<Language>,
}

/// Where an answer denies or doubts, and where it limits or turns what it says; sorted.
#[derive(Debug)]
pub(crate) struct Hinges {
    pub negations: Vec<usize>,
    pub conditions: Vec<usize>,
}

impl<'a> Reading<'a> {
    pub fn new(original: &'a str, numbers: Numbers) -> Self {
        Self {
            original,
            folded: Folded::new(original, numbers),
            words: OnceLock::new(),
            openings: OnceLock::new(),
            hinges: OnceLock::new(),
            language: OnceLock::new(),
        }
    }

    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::new(&self.folded.text))
    }

    /// Where the first word of each sentence stands.
    pub fn openings(&self) -> &[usize] {
        self.openings.get_or_init(|| {
            let image = |start| self.folded.image(&(start..self.original.len())).start;
            let starts = sentences::split(self.original).into_iter();
            let words =
                starts.filter_map(|sentence| first_word(&self.folded.text, image(sentence.start)));
            words.collect()
        })
    }

    pub fn hinges(&self) -> &Hinges {
        self.hinges.get_or_init(|| {
            let text = self.folded.text.as_str();
            let language = self.language();
            let list = &self.words().list;
            let lower: Vec<String> = list
                .iter()
                .map(|word| text[word.range.clone()].to_lowercase())
                .collect();
            let (mut negations, mut conditions) = (Vec::new(), Vec::new());
            for (word, lower) in list.iter().zip(&lower) {
                let denies = lexicon::is_negation(lower) || doubts::is_doubt(lower);
                negations.extend(denies.then_some(word.range.start));
                let limits = lexicon::is_condition(lower, language);
                conditions.extend(limits.then_some(word.range.start));
            }
            let turns = doubts::turns(&lower, language).into_iter();
            conditions.extend(turns.map(|at| list[at].range.start));
            negations.extend(lexicon::unspaced_negations(text));
            negations.extend(doubts::unspaced_doubts(text));
            conditions.extend(lexicon::unspaced_conditions(text));
            conditions.extend(doubts::unspaced_turns(text));
            negations.sort_unstable();
            conditions.sort_unstable();
            Hinges {
                negations,
                conditions,
            }
        })
    }

    pub fn language(&self) -> Language {
        *self.language.get_or_init(|| {
            let sample = self.words().list.iter().take(SAMPLE);
            let words: Vec<String> = sample
                .map(|word| self.folded.text[word.range.clone()].to_lowercase())
                .collect();
            Language::of(words.iter().map(String::as_str))
        })
    }

    /// The first place where folded words stand between words; as written before one that
    /// differs by the capital of its sentence.
    pub fn first(&self, needle: &str) -> Option<Range<usize>> {
        let capital = capitalised(needle)?;
        clean_places(&self.folded.text, needle).next().or_else(|| {
            clean_places(&self.folded.text, &capital).find(|place| self.opens_sentence(place.start))
        })
    }

    /// Every such place, in order.
    pub fn all(&self, needle: &str) -> Vec<Range<usize>> {
        let Some(capital) = capitalised(needle) else {
            return Vec::new();
        };
        let mut places: Vec<Range<usize>> = clean_places(&self.folded.text, needle).collect();
        if capital != needle {
            let lowered = clean_places(&self.folded.text, &capital)
                .filter(|place| self.opens_sentence(place.start));
            places.extend(lowered);
            places.sort_by_key(|place| place.start);
        }
        places
    }

    /// Whether the first word of a sentence stands at a folded byte.
    pub fn opens_sentence(&self, at: usize) -> bool {
        self.openings().binary_search(&at).is_ok()
    }
}

/// Where the first word of each sentence of a folded text stands.
pub(crate) fn openings(folded: &str) -> Vec<usize> {
    let starts = sentences::split(folded).into_iter();
    starts
        .filter_map(|sentence| first_word(folded, sentence.start))
        .collect()
}

fn first_word(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .find(script::is_word)
        .map(|offset| from + offset)
}

/// Bytes that may be compared for one needle, so that no text makes a search endless.
const EFFORT: usize = 50_000_000;

/// Passages equal to `needle` that cut through no word, in order.
pub(crate) fn clean_places<'t>(
    text: &'t str,
    needle: &'t str,
) -> impl Iterator<Item = Range<usize>> + 't {
    let step = needle.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    let mut tries = EFFORT / needle.len().max(1);
    iter::from_fn(move || {
        loop {
            tries = tries.checked_sub(1)?;
            let start = from + text.get(from..)?.find(needle)?;
            from = start + step;
            let place = start..start + needle.len();
            if edges::is_clean(text, &place) {
                return Some(place);
            }
        }
    })
}

/// A quote that begins inside a sentence lowers the capital of the one it quotes.
fn capitalised(needle: &str) -> Option<String> {
    let first = needle.chars().next()?;
    Some(
        first
            .to_uppercase()
            .chain(needle[first.len_utf8()..].chars())
            .collect(),
    )
}
