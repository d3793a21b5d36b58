//! Finds the stretches of a source that a quote may come from. Nothing here makes a quote
//! acceptable; it only says where to look.

use std::collections::HashMap;

use super::align::{Match, Side, align};
use super::lexicon::Language;
use super::words::{Word, Words};

/// Longer quotes are located by their beginning.
pub(crate) const LONGEST: usize = 400;
/// Stretches that are looked at closely.
const CANDIDATES: usize = 3;

/// The stretches of a source that share most with a quote, the likeliest first.
pub(crate) fn locate(
    quote: Side<'_>,
    source: Side<'_>,
    places: &Words,
    language: Language,
) -> Vec<Match> {
    let quote = Side {
        words: &quote.words[..quote.words.len().min(LONGEST)],
        ..quote
    };
    let length = quote.words.len();
    let mut matches: Vec<Match> = candidates(quote.words, places)
        .into_iter()
        .map(|offset| {
            let slack = length / 2 + 8;
            let start = offset.saturating_sub(slack);
            let end = (offset + length + length / 2 + slack).min(source.words.len());
            let side = Side {
                words: &source.words[..end],
                ..source
            };
            align(quote, side, start, language)
        })
        .collect();
    matches.sort_by_key(|found| std::cmp::Reverse(found.likeness));
    matches
}

/// Words at which the quote may begin in the source, by votes of its rarer words.
fn candidates(quote: &[Word], source: &Words) -> Vec<usize> {
    let width = (quote.len() / 2).max(4);
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (index, word) in quote.iter().enumerate() {
        for place in source.places(word.key) {
            *votes
                .entry((place + quote.len() - index) / width)
                .or_default() += 1;
        }
    }
    let mut ranked: Vec<(usize, usize)> = votes
        .iter()
        .map(|(slot, count)| {
            (
                count + votes.get(&(slot + 1)).copied().unwrap_or_default(),
                *slot,
            )
        })
        .collect();
    ranked.sort_by_key(|(count, slot)| (std::cmp::Reverse(*count), *slot));
    let enough = ranked.first().map_or(0, |(count, _)| count / 2);
    ranked
        .into_iter()
        .take_while(|(count, _)| *count > enough)
        .take(CANDIDATES)
        .map(|(_, slot)| (slot * width).saturating_sub(quote.len()))
        .collect()
}
