//! A rehearsal seat's summaries: of a round, each panelist's own first sentences under a heading; of
//! a session, where it set out from. Nothing is judged, and nothing is said that nobody wrote.

use husting_domain::exchange::{AnswerShape, Prompt, Role};
use husting_domain::recaps::{RecapSection, RoundRecap, SessionSynthesis, SynthesisArc};

use super::fences::fences;
use super::passages;
use super::reading::Reading;

/// Sentences taken of each text.
const SENTENCES: usize = 2;

/// Words of a question that make a title.
const TITLE_WORDS: usize = 8;

pub(super) fn write(prompt: &Prompt, reading: &Reading<'_>) -> String {
    let sections = sections(prompt, reading);
    let title = title(reading.question);
    let tldr = match sections.len() {
        1 => "A rehearsal: one text was read, and its first words stand below.".to_owned(),
        count => {
            format!("A rehearsal: {count} texts were read, and their first words stand below.")
        }
    };
    let written = if prompt.shape == AnswerShape::Synthesis {
        serde_json::to_string(&synthesis(title, tldr, reading, sections))
    } else {
        serde_json::to_string(&recap(title, tldr, sections))
    };
    // Plain strings in plain lists always can be written.
    written.unwrap_or_default()
}

fn recap(title: String, tldr: String, sections: Vec<RecapSection>) -> RoundRecap {
    let agenda = sections.iter().map(|section| section.heading.clone());
    RoundRecap {
        title,
        tldr,
        agenda: agenda.collect(),
        sections,
    }
}

fn synthesis(
    title: String,
    tldr: String,
    reading: &Reading<'_>,
    sections: Vec<RecapSection>,
) -> SessionSynthesis {
    let arc = |section: RecapSection| SynthesisArc {
        title: section.heading,
        body: section.body,
        // The first round is the one that every session has.
        round_indexes: vec![0],
    };
    SessionSynthesis {
        title,
        tldr,
        origin: first_sentences(reading.question),
        arcs: sections.into_iter().map(arc).collect(),
    }
}

/// One for each answer; where none is marked as one, for each text that was given to read.
fn sections(prompt: &Prompt, reading: &Reading<'_>) -> Vec<RecapSection> {
    let answers = reading.others.iter().map(|answer| {
        let sentences: Vec<&str> = answer.sentences.iter().take(SENTENCES).copied().collect();
        section(format!("Panelist {}", answer.letter), sentences.join(" "))
    });
    let answers: Vec<RecapSection> = answers.collect();
    if !answers.is_empty() {
        return answers;
    }
    let given = prompt
        .messages
        .iter()
        .filter(|message| message.role == Role::User)
        .flat_map(|message| fences(&message.text).0)
        .filter(|fence| fence.kind != "question");
    given
        .map(|fence| {
            section(
                heading(fence.kind, &fence.about),
                first_sentences(fence.body),
            )
        })
        .collect()
}

fn section(heading: String, body: String) -> RecapSection {
    RecapSection {
        heading,
        body,
        claim_ids: Vec::new(),
    }
}

/// `recap 2` as people write it: `Recap 2`.
fn heading(kind: &str, about: &[&str]) -> String {
    let words = [&[kind], about].concat().join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn first_sentences(text: &str) -> String {
    let sentences = passages::sentences(text);
    let first = sentences.iter().take(SENTENCES).map(|passage| passage.text);
    first.collect::<Vec<_>>().join(" ")
}

fn title(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().take(TITLE_WORDS).collect();
    if words.is_empty() {
        "Rehearsal".to_owned()
    } else {
        format!("Rehearsal: {}", words.join(" "))
    }
}
