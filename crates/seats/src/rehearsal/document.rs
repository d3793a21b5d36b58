//! The document as the seats of a panel share it: every sentence is one part's, in everybody's eyes,
//! so that no two seats say the same words in one round.

use std::cmp::Reverse;

use super::part::Part;
use super::passages::{self, Passage};
use super::ranking::{self, Candidate, Weights};
use super::reading::Reading;

/// Sentences taken from each third of a document.
const PER_THIRD: usize = 2;

/// What can be quoted of the reference, weighed and shared out.
pub(super) struct Document<'a> {
    sentences: Vec<Sentence<'a>>,
    weights: Weights,
}

struct Sentence<'a> {
    candidate: Candidate<'a>,
    /// The third of the document it stands in.
    third: usize,
    /// Whose it is, the same in everybody's eyes, so that no two seats say it in one round.
    owner: Part,
}

impl<'a> Document<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let passages = passages::quotable(text).into_iter();
        let mut sentences: Vec<_> = passages
            .map(|passage: Passage<'_>| Sentence {
                candidate: Candidate::new(passage.text),
                third: passage.at * 3 / text.len().max(1),
                owner: ranking::owner(passage.text),
            })
            .collect();
        for third in 0..3 {
            share_out(&mut sentences, |one| one.third == third);
        }
        // Of a few sentences most thirds have one or two, and a part may have none of any.
        share_out(&mut sentences, |_| true);
        let weights = Weights::of(sentences.iter().map(|sentence| &sentence.candidate));
        Self { sentences, weights }
    }

    /// Whether there is nothing to quote.
    pub(super) fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    /// The part's sentences in the document's order, none it has said before or that the moderator
    /// holds up.
    pub(super) fn pick(&self, part: Part, reading: &Reading<'_>, taken: &[&str]) -> Vec<&'a str> {
        let question = Candidate::new(reading.question);
        let score = |candidate: &Candidate<'_>| {
            let leaning =
                f64::from(u8::try_from(part.leaning(candidate.text).min(4)).unwrap_or(4)) / 4.0;
            self.weights.centrality(candidate)
                + self.weights.kinship(candidate, &question) / 2.0
                + leaning
        };
        let draw = |candidate: &Candidate<'_>| part.draw(candidate.text, reading);
        let mut chosen: Vec<&str> = Vec::new();
        for third in 0..3 {
            let new = |is_mine: &dyn Fn(&Sentence<'_>) -> bool| -> Vec<&Candidate<'a>> {
                let here = self.new_to(reading, taken);
                here.filter(|sentence| sentence.third == third && is_mine(sentence))
                    .map(|sentence| &sentence.candidate)
                    .collect()
            };
            let own = new(&|sentence| sentence.owner == part);
            let mut best = ranking::best(&own, PER_THIRD, score);
            if best.is_empty() {
                let heard = new(&|sentence| sentence.passes_to(part, reading));
                best = ranking::best(&heard, 1, draw);
            }
            chosen.extend(best.into_iter().map(|candidate| candidate.text));
        }
        if chosen.is_empty() && taken.is_empty() {
            // A document too short for three parts.
            let any = self.new_to(reading, taken).map(|one| &one.candidate);
            let best = ranking::best(&any.collect::<Vec<_>>(), 1, draw);
            chosen.extend(best.into_iter().map(|candidate| candidate.text));
        }
        self.sentences
            .iter()
            .map(|sentence| sentence.candidate.text)
            .filter(|text| chosen.contains(text))
            .collect()
    }

    /// The part's own sentence that has most in common with `quote`, unless it was said or held up
    /// already; `None` where there is nothing in common.
    pub(super) fn nearest(
        &self,
        part: Part,
        quote: &str,
        reading: &Reading<'_>,
        taken: &[&str],
    ) -> Option<&'a str> {
        let wanted = Candidate::new(quote);
        let kinship = |candidate: &Candidate<'_>| self.weights.kinship(candidate, &wanted);
        let own = self
            .new_to(reading, taken)
            .filter(|sentence| sentence.owner == part)
            .map(|sentence| &sentence.candidate);
        let akin: Vec<_> = own.filter(|own| kinship(own) > 0.0).collect();
        let nearest = ranking::best(&akin, 1, kinship);
        nearest.first().map(|candidate| candidate.text)
    }

    /// Sentences that the seat has not said, has not `taken`, and that the moderator does not hold up.
    fn new_to(&self, reading: &Reading<'_>, taken: &[&str]) -> impl Iterator<Item = &Sentence<'a>> {
        self.sentences.iter().filter(|sentence| {
            let text = sentence.candidate.text;
            !reading.has_said(text) && !reading.holds_up(text) && !taken.contains(&text)
        })
    }
}

impl Sentence<'_> {
    /// Whether `part` may say it now that its owner has: one of the other two draws it.
    fn passes_to(&self, part: Part, reading: &Reading<'_>) -> bool {
        let text = self.candidate.text;
        let others = Part::ALL.into_iter().filter(|other| *other != self.owner);
        let drawn = others.max_by(|one, other| {
            let draw = |part: &Part| part.draw(text, reading);
            draw(one).total_cmp(&draw(other))
        });
        drawn == Some(part) && reading.has_heard(text)
    }
}

/// Gives a part that has no sentence `here` one of whoever has most of them, the one that leans least to
/// its owner and most to it.
fn share_out(sentences: &mut [Sentence<'_>], here: impl Fn(&Sentence<'_>) -> bool) {
    let count = |sentences: &[Sentence<'_>], part| {
        let own = sentences.iter().filter(|one| one.owner == part);
        own.filter(|one| here(one)).count()
    };
    for poor in Part::ALL {
        let rich = Part::ALL
            .into_iter()
            .max_by_key(|part| count(sentences, *part))
            .filter(|part| count(sentences, *part) > 1);
        let Some(rich) = rich.filter(|_| count(sentences, poor) == 0) else {
            continue;
        };
        let of_rich = sentences
            .iter_mut()
            .filter(|one| one.owner == rich && here(one));
        let given = of_rich.min_by_key(|one| {
            let text = one.candidate.text;
            (rich.leaning(text), Reverse(poor.leaning(text)))
        });
        if let Some(given) = given {
            given.owner = poor;
        }
    }
}
