//! A rehearsal seat's answer: real sentences of the document, from its beginning, middle and end,
//! with fixed, labelled sentences of its stance in between.

use super::document::Document;
use super::part::{Lines, Part};
use super::passages;
use super::reading::{Framing, Reading};

/// Snippets of the moderator that are taken up.
const FRAMINGS: usize = 3;

/// Fixed sentences of an answer without a document.
const STANCES: usize = 3;

pub(super) fn write(part: Part, reading: &Reading<'_>) -> String {
    let document = Document::of(reading.reference.unwrap_or_default());
    let lines = part.lines();
    let mut blocks = vec![lines.opening.to_owned()];
    let mut taken = Vec::new();
    for snippet in reading.snippets.iter().take(FRAMINGS) {
        let near = document.nearest(part, snippet.quote, reading, &taken);
        taken.extend(near);
        blocks.extend(take_up(snippet, reading, near, &lines));
    }
    if document.is_empty() {
        blocks.extend(from_the_question(reading, &lines));
    } else {
        let picked = document.pick(part, reading, &taken);
        blocks.extend(from_the_document(picked, &lines));
    }
    blocks.join("\n\n")
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
        let why = match reading
            .reference
            .is_some_and(|text| !text.trim().is_empty())
        {
            true => "The document has no sentence that fixed rules can quote",
            false => "There is no document",
        };
        blocks.push(format!("{why}, so this rests on the question alone:"));
        blocks.extend(asked.into_iter().map(quoted));
    }
    // Every round begins where the one before left off.
    let stances = lines.without_document.iter().cycle();
    let stances: Vec<String> = stances
        .skip(reading.said.len() * STANCES)
        .take(STANCES)
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
    near: Option<&str>,
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
    blocks.extend(near.map(str::to_owned));
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

/// Somebody else's words, on one line, so that none of them can pass for this seat's.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("> {}", words.join(" "))
}
