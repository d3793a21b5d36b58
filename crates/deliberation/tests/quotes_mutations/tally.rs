//! Counts verdicts and prints them as tables.

use std::collections::BTreeMap;

use husting_deliberation::quotes::{QuoteStatus, Verdict};

use crate::honest::Truth;
use crate::texts::Text;

/// What a mutation did to a sentence, and so what is owed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Its words changed: never believed.
    Changed,
    /// Its words are the same: always believed.
    Kept,
    /// Articles, endings, case or punctuation differ: believed with the true words, or
    /// refused when the verifier sees a risk ("a few", "2 seconds").
    Grammar,
}

#[derive(Clone, Copy, Default)]
pub struct Count {
    pub generated: usize,
    pub accepted: usize,
    pub false_accepts: usize,
    pub false_refusals: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.generated += other.generated;
        self.accepted += other.accepted;
        self.false_accepts += other.false_accepts;
        self.false_refusals += other.false_refusals;
    }
}

type Key = (&'static str, Class, &'static str);

/// Verdicts by kind of text, class and mutation.
#[derive(Default)]
pub struct Tally {
    counts: BTreeMap<Key, Count>,
    pub complaints: Vec<String>,
}

impl Tally {
    pub fn lie(
        &mut self,
        kind: &'static str,
        made_by: &'static str,
        quote: &str,
        verdict: &Verdict,
    ) {
        let believed = usize::from(verdict.status.carries_stance());
        let count = Count {
            generated: 1,
            accepted: believed,
            false_accepts: believed,
            false_refusals: 0,
        };
        self.counts
            .entry((kind, Class::Changed, made_by))
            .or_default()
            .add(count);
        if believed > 0 {
            self.complaints.push(format!(
                "{kind}, {made_by}: {:?} for {quote:?}",
                verdict.status
            ));
        }
    }

    /// A believed quote with other words than the true ones is a false accept.
    pub fn truth(&mut self, text: &Text, truth: &Truth, verdict: &Verdict, expected: QuoteStatus) {
        let class = if truth.status == QuoteStatus::Snapped {
            Class::Grammar
        } else {
            Class::Kept
        };
        let made_by = if expected == QuoteStatus::Misattributed {
            "misattributed"
        } else {
            truth.made_by
        };
        let believed = verdict.status.carries_stance();
        let right = verdict.status == expected && is_right(text, truth, verdict);
        let count = Count {
            generated: 1,
            accepted: usize::from(believed),
            false_accepts: usize::from(believed && !right),
            false_refusals: usize::from(!believed),
        };
        self.counts
            .entry((text.kind, class, made_by))
            .or_default()
            .add(count);
        if !right && (believed || class == Class::Kept) {
            self.complain(text, truth, verdict, expected);
        }
    }

    fn complain(&mut self, text: &Text, truth: &Truth, verdict: &Verdict, expected: QuoteStatus) {
        let found = verdict.found.or(verdict.nearest);
        self.complaints.push(format!(
            "{}, {}: {:?} {found:?} for {:?}, expected {expected:?} {}..{}",
            text.kind, truth.made_by, verdict.status, truth.quote, truth.start, truth.end
        ));
    }

    /// The sum over one class.
    pub fn sum(&self, class: Class) -> Count {
        let mut sum = Count::default();
        self.counts
            .iter()
            .filter(|((_, of, _), _)| *of == class)
            .for_each(|(_, count)| sum.add(*count));
        sum
    }

    /// Prints a table by kind and one by mutation.
    pub fn print(&self) {
        self.table("kind", |kind, _| kind);
        self.table("mutation", |_, made_by| made_by);
    }

    fn table(&self, title: &str, row: impl Fn(&'static str, &'static str) -> &'static str) {
        let mut rows: BTreeMap<(&str, Class), Count> = BTreeMap::new();
        for ((kind, class, made_by), count) in &self.counts {
            rows.entry((row(kind, made_by), *class))
                .or_default()
                .add(*count);
        }
        println!(
            "\n{title:<24} words    generated accepted  refused  false accepts  false refusals"
        );
        for ((name, class), count) in rows {
            let refused = count.generated - count.accepted;
            println!(
                "{name:<24} {:<8} {:>9} {:>8} {refused:>8} {:>14} {:>15}",
                format!("{class:?}").to_lowercase(),
                count.generated,
                count.accepted,
                count.false_accepts,
                count.false_refusals
            );
        }
    }
}

/// Whether the found bytes are the true words but for marks and space at the edges.
fn is_right(text: &Text, truth: &Truth, verdict: &Verdict) -> bool {
    let Some(found) = verdict.found else {
        return false;
    };
    let mark = |c: char| "*_`|>#[ \n“”\"«»;,".contains(c);
    let edge =
        |one: usize, other: usize| text.body[one.min(other)..one.max(other)].chars().all(mark);
    edge(truth.start, found.start) && edge(truth.end, found.end)
}
