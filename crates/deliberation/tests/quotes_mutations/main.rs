//! Thousands of seeded mutations of sample texts: what changes the words is never believed,
//! what keeps them always is, with the right bytes. Run with `--nocapture` for the tables;
//! `QUOTES_SEED` sets the seed.

#![allow(
    clippy::unwrap_used,
    reason = "what a test cannot read or find must stop it"
)]

mod doubts;
mod honest;
mod lies;
mod tally;
mod texts;

use std::env;

use husting_deliberation::quotes::{Answers, QuoteStatus, Source, Verdict};
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use tally::{Class, Tally};
use texts::{KINDS, Text, squeezed};

const SEED: u64 = 2_026;

/// Two samples of one kind: the mutated one is seat 0, the other seat 1.
struct Panel<'a> {
    text: &'a Text,
    other: &'a Text,
    answers: Answers<'a>,
}

impl<'a> Panel<'a> {
    fn new(text: &'a Text, other: &'a Text) -> Self {
        let answers = Answers::new(&[
            Source {
                seat: 0,
                text: &text.body,
            },
            Source {
                seat: 1,
                text: &other.body,
            },
        ]);
        Self {
            text,
            other,
            answers,
        }
    }

    /// Words that stand somewhere in the panel are no lie, however they came about.
    fn was_said(&self, quote: &str) -> bool {
        let quote = squeezed(quote);
        [self.text, self.other].iter().any(|text| {
            squeezed(&text.body).contains(&quote)
                || squeezed(&texts::rendered(&text.body)).contains(&quote)
        })
    }

    fn tell_lies(
        &self,
        sentence: usize,
        rng: &mut ChaCha8Rng,
        mut judge: impl FnMut(&'static str, &str, Verdict),
    ) {
        let plain = self.text.plain(sentence);
        let mut lies = lies::about(&plain, rng);
        let strange = self
            .other
            .plain((sentence * 3 + 1) % self.other.sentences.len());
        lies.extend(lies::spliced(&plain, &strange));
        for lie in lies.iter().filter(|lie| !self.was_said(&lie.quote)) {
            judge(lie.made_by, &lie.quote, self.answers.verify(&lie.quote, 0));
            let disguises = honest::typography(&lie.quote, rng);
            if let Some((_, disguised)) = disguises.choose(rng) {
                judge(lie.made_by, disguised, self.answers.verify(disguised, 0));
            }
        }
    }

    fn tell_truths(&self, sentence: usize, rng: &mut ChaCha8Rng, tally: &mut Tally) {
        let mut truths = honest::about(self.text, sentence, rng);
        truths.extend(honest::elided_sentence(self.text, sentence));
        truths.extend(honest::grammar(self.text, sentence));
        for truth in &truths {
            tally.truth(
                self.text,
                truth,
                &self.answers.verify(&truth.quote, 0),
                truth.status,
            );
            // A few words may stand in both texts; then the claimed seat did say them.
            if squeezed(&self.other.body).contains(&squeezed(&truth.quote)) {
                continue;
            }
            let verdict = self.answers.verify(&truth.quote, 1);
            tally.truth(self.text, truth, &verdict, QuoteStatus::Misattributed);
        }
    }
}

fn seed() -> u64 {
    env::var("QUOTES_SEED")
        .ok()
        .map_or(SEED, |seed| seed.parse().unwrap())
}

/// Calls back with every sentence of every panel.
fn each_sentence(mut visit: impl FnMut(&Panel<'_>, usize)) {
    for kind in KINDS {
        let texts = Text::of(kind);
        for (index, text) in texts.iter().enumerate() {
            let panel = Panel::new(text, &texts[(index + 1) % texts.len()]);
            (0..text.sentences.len()).for_each(|sentence| visit(&panel, sentence));
        }
    }
}

#[test]
fn no_lie_is_believed_and_every_truth_is() {
    let seed = seed();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tally = Tally::default();
    each_sentence(|panel, sentence| {
        panel.tell_lies(sentence, &mut rng, |made_by, quote, verdict| {
            tally.lie(panel.text.kind, made_by, quote, &verdict);
        });
        panel.tell_truths(sentence, &mut rng, &mut tally);
    });
    println!("seed {seed}");
    tally.print();
    let (changed, kept) = (tally.sum(Class::Changed), tally.sum(Class::Kept));
    assert!(
        tally.complaints.is_empty(),
        "seed {seed}:\n{}",
        tally.complaints.join("\n")
    );
    assert_eq!(
        (changed.accepted, kept.false_accepts, kept.false_refusals),
        (0, 0, 0)
    );
    assert_eq!(tally.sum(Class::Grammar).false_accepts, 0);
    assert!(
        changed.generated >= 2_000 && kept.generated >= 2_000,
        "too few mutations were made"
    );
}

/// The lies are near enough to be dangerous: likeness alone, the usual way to check quotes,
/// believes many of them. A set of lies nobody would believe would prove nothing.
#[test]
fn likeness_alone_would_believe_the_lies() {
    let mut rng = ChaCha8Rng::seed_from_u64(seed());
    let (mut lies, mut believed) = (0, 0);
    each_sentence(|panel, sentence| {
        if sentence % 3 > 0 {
            return;
        }
        panel.tell_lies(sentence, &mut rng, |_, quote, verdict| {
            lies += 1;
            let near = verdict.nearest.filter(|near| near.seat == 0);
            let said = near
                .map(|near| &panel.text.body[near.start..near.end])
                .unwrap_or_default();
            believed += usize::from(likeness(quote, said) > 0.8);
        });
    });
    println!("{believed} of {lies} lies are more than 80 % like the source");
    assert!(believed * 2 > lies, "{believed} of {lies}");
}

/// Share of letters in common order.
fn likeness(one: &str, other: &str) -> f32 {
    similar::TextDiff::from_chars(squeezed(one).as_str(), squeezed(other).as_str()).ratio()
}
