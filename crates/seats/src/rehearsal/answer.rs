//! A rehearsal seat's answer: real sentences of the document, from its beginning, middle and end,
//! with fixed, labelled sentences of its stance in between.

use super::part::{Lines, Part};
use super::passages::{self, Passage};
use super::ranking::{self, Candidate, Weights};
use super::reading::{Framing, Reading};

/// Sentences taken from each third of a document.
const PER_THIRD: usize = 2;

/// Snippets of the moderator that are taken up.
const FRAMINGS: usize = 3;

pub(super) fn write(part: Part, reading: &Reading<'_>) -> String {
    let document = Document::of(reading.reference.unwrap_or_default());
    let lines = part.lines();
    let mut blocks = vec![lines.opening.to_owned()];
    blocks.extend(
        reading
            .snippets
            .iter()
            .take(FRAMINGS)
            .flat_map(|snippet| take_up(snippet, reading, &document, &lines)),
    );
    if document.sentences.is_empty() {
        blocks.extend(from_the_question(reading, &lines));
    } else {
        blocks.extend(from_the_document(document.pick(part, reading), &lines));
    }
    blocks.join("\n\n")
}

/// What can be quoted of the reference, weighed.
struct Document<'a> {
    /// Each with the third of the document it stands in.
    sentences: Vec<(usize, Candidate<'a>)>,
    weights: Weights,
}

impl<'a> Document<'a> {
    fn of(text: &'a str) -> Self {
        let third = |passage: &Passage<'_>| passage.at * 3 / text.len().max(1);
        let passages = passages::quotable(text).into_iter();
        let sentences: Vec<_> = passages
            .map(|passage| (third(&passage), Candidate::new(passage.text)))
            .collect();
        let weights = Weights::of(sentences.iter().map(|(_, candidate)| candidate));
        Self { sentences, weights }
    }

    /// The part's sentences in the document's order, none it has said before.
    fn pick(&self, part: Part, reading: &Reading<'_>) -> Vec<&'a str> {
        let question = Candidate::new(reading.question);
        let score = |candidate: &Candidate<'_>| {
            let leaning =
                f64::from(u8::try_from(part.leaning(candidate.text).min(4)).unwrap_or(4)) / 4.0;
            self.weights.centrality(candidate)
                + self.weights.kinship(candidate, &question) / 2.0
                + leaning
        };
        let mut chosen: Vec<&str> = Vec::new();
        for third in 0..3 {
            let new = self
                .sentences
                .iter()
                .filter(|(place, candidate)| *place == third && !reading.has_said(candidate.text));
            let (own, others): (Vec<_>, Vec<_>) = new
                .map(|(_, candidate)| candidate)
                .partition(|candidate| ranking::owner(candidate.text) == part);
            let mut best = ranking::best(&own, PER_THIRD, score);
            // Where a third has too little for this part, it reads what is there.
            best.extend(ranking::best(&others, PER_THIRD - best.len(), score));
            chosen.extend(best.into_iter().map(|candidate| candidate.text));
        }
        self.sentences
            .iter()
            .map(|(_, candidate)| candidate.text)
            .filter(|text| chosen.contains(text))
            .collect()
    }

    /// The sentence that has most in common with `quote`.
    fn nearest(&self, quote: &str) -> Option<&'a str> {
        let wanted = Candidate::new(quote);
        let others = self
            .sentences
            .iter()
            .map(|(_, candidate)| candidate)
            .filter(|candidate| !quote.contains(candidate.text));
        let others: Vec<_> = others.collect();
        ranking::best(&others, 1, |candidate| {
            self.weights.kinship(candidate, &wanted)
        })
        .first()
        .map(|candidate| candidate.text)
    }
}

fn from_the_document(mut picked: Vec<&str>, lines: &Lines) -> Vec<String> {
    // The document's last word stands last, after what leads up to it.
    let closing = if picked.len() > 2 { picked.pop() } else { None };
    let lead = if picked.is_empty() {
        None
    } else {
        Some(picked.remove(0))
    };
    let mut blocks = vec![stance(lines.first_stance)];
    blocks.extend(lead.map(str::to_owned));
    if !picked.is_empty() {
        blocks.push(lines.heading.to_owned());
        blocks.push(list(&picked));
    }
    blocks.push(stance(lines.second_stance));
    blocks.extend(closing.map(str::to_owned));
    blocks.push(stance(lines.closing));
    blocks
}

fn from_the_question(reading: &Reading<'_>, lines: &Lines) -> Vec<String> {
    let sentences = passages::sentences(reading.question);
    let asked: Vec<&str> = sentences
        .iter()
        .map(|passage| passage.text)
        .take(4)
        .collect();
    let mut blocks = vec![stance(lines.first_stance)];
    if !asked.is_empty() {
        blocks.push("There is no document, so this rests on the question alone:".to_owned());
        blocks.push(quoted(&asked.join("\n")));
    }
    let stances: Vec<String> = lines
        .without_document
        .iter()
        .map(|line| stance(line))
        .collect();
    blocks.push(lines.heading.to_owned());
    blocks.push(list(
        &stances.iter().map(String::as_str).collect::<Vec<_>>(),
    ));
    blocks.push(stance(lines.second_stance));
    blocks
}

/// The words the moderator holds up, what this seat says to them, and the document's word on it.
fn take_up(
    snippet: &Framing<'_>,
    reading: &Reading<'_>,
    document: &Document<'_>,
    lines: &Lines,
) -> Vec<String> {
    let whose = match snippet.letter {
        Some(letter) if Some(letter) == reading.own_letter => "this seat".to_owned(),
        Some(letter) => format!("panelist {letter}"),
        None => "the moderator".to_owned(),
    };
    let framing = match snippet.kind {
        "CHALLENGE" => "The moderator challenges words of",
        "EXPLORE" => "The moderator asks to explore words of",
        "CORE" => "The moderator sees the core in words of",
        "SHIFT" => "The moderator was moved by words of",
        _ => "The moderator keeps words of",
    };
    let reply = if snippet.kind == "CHALLENGE" {
        lines.challenged
    } else {
        lines.asked
    };
    let mut blocks = vec![
        format!("{framing} {whose}:"),
        quoted(snippet.quote),
        stance(reply),
    ];
    blocks.extend(document.nearest(snippet.quote).map(str::to_owned));
    blocks
}

fn stance(line: &str) -> String {
    format!("**{STANCE_LABEL}** {line}")
}

/// Stands before every fixed sentence.
pub(super) const STANCE_LABEL: &str = "Stance:";

fn list(items: &[&str]) -> String {
    items
        .iter()
        .map(|item| format!("- {item}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn quoted(text: &str) -> String {
    text.lines()
        .map(|line| format!("> {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
