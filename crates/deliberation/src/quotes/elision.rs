//! Quotes that leave something out and say so. Their fragments must stand in one answer, in
//! order, and what was left out must not have turned the meaning: no negation and no doubt anywhere
//! in it, no condition and nothing that takes a statement back in the sentences that were cut.

use std::ops::Range;

use super::lexicon;
use super::reading::Reading;
use super::script;
use super::words;

/// Fragments of fewer words must stay within one sentence with their neighbours.
const SHORT: usize = 3;
/// More fragments than this are no quote.
const MOST: usize = 20;

/// The fragments of a folded quote between its ellipses; empty ones are left out. A comma
/// beside an ellipsis belongs to it.
pub(crate) fn fragments(text: &str) -> Vec<&str> {
    let mut fragments = Vec::new();
    let mut from = 0;
    while let Some(gap) = next_ellipsis(text, from) {
        fragments.push(beside_gaps(&text[from..gap.start], from > 0, true));
        from = gap.end;
    }
    fragments.push(beside_gaps(&text[from..], from > 0, false));
    fragments.retain(|fragment| script::has_words(fragment));
    fragments
}

fn beside_gaps(fragment: &str, before: bool, after: bool) -> &str {
    let comma = |c: char| " ,;".contains(c);
    let fragment = if before {
        fragment.trim_start_matches(comma)
    } else {
        fragment
    };
    let fragment = if after {
        fragment.trim_end_matches(comma)
    } else {
        fragment
    };
    fragment.trim()
}

/// Dots that stand for words, with the brackets around them.
fn next_ellipsis(text: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let start = at + text[at..].find('.')?;
        let run = text[start..].len() - text[start..].trim_start_matches('.').len();
        let spaced = ". . .";
        let length = if text[start..].starts_with(spaced) {
            spaced.len()
        } else {
            run
        };
        if length >= 3 {
            return Some(with_brackets(text, start..start + length, from));
        }
        at = start + run;
    }
}

fn with_brackets(text: &str, dots: Range<usize>, from: usize) -> Range<usize> {
    let before = text[from..dots.start].trim_end();
    let behind = text[dots.end..].trim_start();
    let bracketed = (before.ends_with('[') && behind.starts_with(']'))
        || (before.ends_with('(') && behind.starts_with(')'));
    if bracketed {
        from + before.len() - 1..text.len() - behind.len() + 1
    } else {
        dots
    }
}

/// Where the fragments stand in one answer, from the first one's start to the last one's
/// end, with nothing but harmless gaps between.
pub(crate) fn find(reading: &Reading<'_>, fragments: &[&str]) -> Option<Range<usize>> {
    let counts: Vec<usize> = fragments
        .iter()
        .map(|fragment| words::split(fragment).len())
        .collect();
    if !(2..=MOST).contains(&fragments.len()) || counts.iter().sum::<usize>() < SHORT {
        return None;
    }
    let mut reached = reading.all(fragments[0]);
    for (index, fragment) in fragments.iter().enumerate().skip(1) {
        let short = counts[index - 1] < SHORT || counts[index] < SHORT;
        let follow = |place: Range<usize>| {
            let before = reached
                .partition_point(|passage| passage.end <= place.start)
                .checked_sub(1)?;
            let passage = &reached[before];
            is_harmless(reading, &(passage.end..place.start), short)
                .then_some(passage.start..place.end)
        };
        reached = reading
            .all(fragment)
            .into_iter()
            .filter_map(follow)
            .collect();
    }
    reached.into_iter().next()
}

fn is_harmless(reading: &Reading<'_>, gap: &Range<usize>, short: bool) -> bool {
    let hinges = reading.hinges();
    if !within(&hinges.negations, gap).is_empty() {
        return false;
    }
    // The opening of the sentence that follows the gap counts too.
    let sentences = within(reading.openings(), &(gap.start..gap.end + 1));
    if short && (!sentences.is_empty() || lexicon::contrasts(&reading.folded.text[gap.clone()])) {
        return false;
    }
    // A condition in a sentence that is left out whole limits nothing that is quoted.
    let whole = match sentences {
        [first, .., last] => *first..*last,
        _ => 0..0,
    };
    within(&hinges.conditions, gap)
        .iter()
        .all(|at| whole.contains(at))
}

/// Those of some sorted places that lie within a range.
fn within<'p>(places: &'p [usize], range: &Range<usize>) -> &'p [usize] {
    let first = places.partition_point(|at| *at < range.start);
    let last = places.partition_point(|at| *at < range.end);
    &places[first..last.max(first)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_ellipsis() {
        for text in [
            "a ... b",
            "a [...] b",
            "a (...) b",
            "a [ ... ] b",
            "a, ... b",
            "a...... b",
            "a . . . b",
        ] {
            assert_eq!(fragments(text), ["a", "b"], "{text}");
        }
        assert_eq!(fragments("... a ..."), ["a"]);
        assert_eq!(fragments("v1.2 is out. So."), ["v1.2 is out. So."]);
    }
}
