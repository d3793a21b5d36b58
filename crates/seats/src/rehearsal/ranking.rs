//! Which sentences matter, by counting: words that many sentences share but not all (tf-idf) make a
//! sentence central, words of the question make it relevant, and a part's cues make it that part's.

use std::collections::{BTreeMap, BTreeSet};

use unicode_segmentation::UnicodeSegmentation;

use super::part::Part;
use super::words;

/// A sentence that may be chosen, and the words that carry its meaning.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub text: &'a str,
    words: BTreeSet<String>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            words: words::telling(text),
        }
    }
}

/// The words of a set of sentences and how much each tells.
pub(super) struct Weights {
    weights: BTreeMap<String, f64>,
}

impl Weights {
    pub(super) fn of<'c, 'a: 'c>(candidates: impl IntoIterator<Item = &'c Candidate<'a>>) -> Self {
        let mut sentences_with: BTreeMap<&str, u32> = BTreeMap::new();
        let mut total = 0_u32;
        for candidate in candidates {
            total += 1;
            for word in &candidate.words {
                *sentences_with.entry(word).or_default() += 1;
            }
        }
        // A word of one sentence tells something of that sentence, hardly anything of the whole.
        let weigh = |count: u32| {
            (0.2 + f64::from(count).ln()) * (f64::from(total + 1) / f64::from(count)).ln()
        };
        Self {
            weights: sentences_with
                .into_iter()
                .map(|(word, count)| (word.to_owned(), weigh(count)))
                .collect(),
        }
    }

    fn weight(&self, word: &str) -> f64 {
        self.weights.get(word).copied().unwrap_or(0.0)
    }

    /// How much a sentence is about what all are about.
    pub(super) fn centrality(&self, candidate: &Candidate<'_>) -> f64 {
        let sum: f64 = candidate.words.iter().map(|word| self.weight(word)).sum();
        // Long sentences hold more words; beyond eight they gain nothing from it.
        sum / f64::from(u32::try_from(candidate.words.len().max(8)).unwrap_or(u32::MAX))
    }

    /// How much two sentences have in common.
    pub(super) fn kinship(&self, one: &Candidate<'_>, other: &Candidate<'_>) -> f64 {
        one.words
            .intersection(&other.words)
            .map(|word| self.weight(word))
            .sum()
    }

    /// The word of a sentence that tells most of what it is about, as it stands there.
    pub(super) fn topic<'a>(&self, candidate: &Candidate<'a>) -> Option<&'a str> {
        let is_topic = |word: &&str| {
            let lower = word.to_lowercase();
            let names = lower.len() > 3 && !lower.starts_with(|c: char| c.is_ascii_digit());
            // What a part takes for a cue judges a thing and is none.
            let judges = Part::ALL.iter().any(|part| part.leaning(&lower) > 0);
            names && !judges && !words::is_filler(&lower) && candidate.words.contains(&lower)
        };
        let words = candidate.text.unicode_words().filter(is_topic);
        let weighed = words.map(|word| (self.weight(&word.to_lowercase()), word));
        // Among equals the first one in the sentence.
        let most = weighed.reduce(|most, next| if next.0 > most.0 { next } else { most });
        most.map(|(_, word)| word)
    }
}

/// The part a sentence falls to: by its cues, else by its bytes. It falls to one only, so that the
/// seats of a panel say different things.
pub(super) fn owner(text: &str) -> Part {
    let leanings = Part::ALL.map(|part| (part.leaning(text), part));
    let most = leanings
        .iter()
        .map(|(leaning, _)| *leaning)
        .max()
        .unwrap_or(0);
    let leaders: Vec<Part> = leanings
        .iter()
        .filter(|(leaning, _)| *leaning == most)
        .map(|(_, part)| *part)
        .collect();
    let pick = words::fingerprint(text) % leaders.len().max(1) as u64;
    leaders
        .get(usize::try_from(pick).unwrap_or(0))
        .copied()
        .unwrap_or(Part::Advocate)
}

/// The best `count` of `candidates` by `score`, in that order; what says nearly the same as a better
/// one is taken only when nothing else is left.
pub(super) fn best<'c, 'a>(
    candidates: &[&'c Candidate<'a>],
    count: usize,
    score: impl Fn(&Candidate<'a>) -> f64,
) -> Vec<&'c Candidate<'a>> {
    let mut ranked: Vec<(f64, &Candidate<'a>)> = candidates
        .iter()
        .map(|candidate| (score(candidate), *candidate))
        .collect();
    // A stable sort: among equals the first one in the text.
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut chosen: Vec<&Candidate<'a>> = Vec::new();
    let mut repetitions = Vec::new();
    for (_, candidate) in ranked {
        if chosen.iter().any(|said| is_repetition(said, candidate)) {
            repetitions.push(candidate);
        } else if chosen.len() < count {
            chosen.push(candidate);
        }
    }
    chosen.into_iter().chain(repetitions).take(count).collect()
}

fn is_repetition(said: &Candidate<'_>, new: &Candidate<'_>) -> bool {
    let shared = said.words.intersection(&new.words).count();
    shared > 0 && shared * 5 >= said.words.len().min(new.words.len()) * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_sentences_speak_of_is_central() {
        let sentences = [
            "Events are stored in order.",
            "Stored events never change.",
            "Lunch is at noon.",
            "Events replay in order.",
        ];
        let candidates = sentences.map(Candidate::new);
        let weights = Weights::of(&candidates);
        assert!(weights.centrality(&candidates[0]) > weights.centrality(&candidates[2]));
        assert_eq!(weights.topic(&candidates[1]), Some("Stored"));
    }

    #[test]
    fn a_repetition_is_chosen_last() {
        let sentences = [
            "The log is kept for ninety days.",
            "The log is kept ninety days.",
            "Snapshots speed up recovery.",
        ];
        let candidates = sentences.map(Candidate::new);
        let all: Vec<&Candidate<'_>> = candidates.iter().collect();
        let texts = |count| {
            best(&all, count, |_| 1.0)
                .into_iter()
                .map(|candidate| candidate.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(2), [sentences[0], sentences[2]]);
        assert_eq!(texts(3), [sentences[0], sentences[2], sentences[1]]);
    }

    #[test]
    fn a_sentence_is_about_a_thing_that_it_names_as_it_names_it() {
        let topic = |text: &'static str| {
            let candidate = Candidate::new(text);
            Weights::of([&candidate]).topic(&candidate)
        };
        assert_eq!(
            topic("Nobody on the team has run MongoDB in production."),
            Some("MongoDB")
        );
        assert_eq!(
            topic("Backups are tested each week, first of all."),
            Some("Backups")
        );
        assert_eq!(topic("Each of these points has a limit."), None);
    }
}
