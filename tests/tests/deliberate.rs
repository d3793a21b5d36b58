//! A whole deliberation from the command line, without key and without network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod program;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use crate::program::{Program, fixture};

const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";
const LONG: &str = "reference-event-store.md";
const OTHER: &str = "reference-river-gauges.md";

/// The printed document of two rounds on a text, in a fresh data folder.
fn deliberated(file: &str) -> String {
    let (program, file) = (Program::new(), fixture(file));
    let file = file.to_str().unwrap();
    let arguments = [
        "deliberate",
        QUESTION,
        "--reference",
        file,
        "--rounds",
        "2",
        "--json",
    ];
    let ended = program.run_without_network(&arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.out
}

fn long() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| deliberated(LONG))
}

fn other() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| deliberated(OTHER))
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(fixture(file)).unwrap()
}

/// Every answer of every round.
fn answers(document: &str) -> Vec<Value> {
    let session: Value = serde_json::from_str(document).unwrap();
    let rounds = session["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 2);
    rounds
        .iter()
        .flat_map(|round| round["responses"].as_array().unwrap().clone())
        .collect()
}

/// The sentences of a text with their places: what stands between full stops on one line, and is
/// long enough not to stand somewhere by chance.
fn sentences(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let mut start = line_start;
        for sentence in line.split_inclusive(". ") {
            let words = sentence.trim();
            if words.split_whitespace().count() >= 6
                && words.ends_with('.')
                && !words.starts_with('#')
            {
                found.push((start, words));
            }
            start += sentence.len();
        }
        line_start += line.len();
    }
    found
}

/// Sentences of `text` that stand in `answer` byte for byte, with their places in `text`.
fn taken<'t>(answer: &str, text: &'t str) -> Vec<(usize, &'t str)> {
    sentences(text)
        .into_iter()
        .filter(|(_, sentence)| answer.contains(sentence))
        .collect()
}

#[test]
fn the_long_text_is_long() {
    assert!(text_of(LONG).split_whitespace().count() > 5_000);
}

#[test]
fn the_same_question_gives_the_same_bytes_but_for_ids_and_times() {
    let (first, second) = (long(), deliberated(LONG));
    assert_ne!(
        first, second,
        "ids and times differ, or nothing was held twice"
    );
    assert_eq!(without_ids_and_times(first), without_ids_and_times(&second));
}

/// Puts one word in the place of every id and every moment.
fn without_ids_and_times(document: &str) -> String {
    let mut strings = BTreeSet::new();
    collect(&serde_json::from_str(document).unwrap(), &mut strings);
    let passing = strings.iter().filter(|text| is_id(text) || is_moment(text));
    passing.fold(document.to_owned(), |text, word| {
        text.replace(word.as_str(), "…")
    })
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, into)),
        _ => {}
    }
}

/// `01a1f845-755d-72ff-94d9-885466f33513`.
fn is_id(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// `2026-11-20T09:24:24.029Z`.
fn is_moment(text: &str) -> bool {
    text.len() >= 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z') && !text.contains(' ')
}

#[test]
fn every_answer_is_made_of_sentences_from_all_over_the_document() {
    let text = text_of(LONG);
    for answer in answers(long()) {
        let (model, words) = (&answer["model"], answer["text"].as_str().unwrap());
        let found = taken(words, &text);
        assert!(found.len() >= 3, "{model} took {found:?}");
        let late = found
            .iter()
            .filter(|(start, _)| *start >= text.len() / 3 * 2);
        assert!(
            late.count() >= 1,
            "{model} did not read to the end: {found:?}"
        );
    }
}

#[test]
fn every_seat_reacts_to_true_words_of_another() {
    let session: Value = serde_json::from_str(long()).unwrap();
    for round in session["rounds"].as_array().unwrap() {
        let responses = round["responses"].as_array().unwrap();
        assert_eq!(responses.len(), 3);
        for seat in responses {
            let true_words = seat["snippets"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|snippet| {
                    let said_by = |other: &&Value| {
                        other["model"] == snippet["quoted_model"] && other["model"] != seat["model"]
                    };
                    let author = responses.iter().find(said_by);
                    author.is_some_and(|author| {
                        author["text"]
                            .as_str()
                            .unwrap()
                            .contains(snippet["quote"].as_str().unwrap())
                    })
                });
            let count = true_words.count();
            assert!(
                count >= 2,
                "{} reacted {count} times in round {}",
                seat["model"],
                round["round_index"]
            );
        }
    }
}

#[test]
fn the_second_round_is_steered_by_the_first() {
    let session: Value = serde_json::from_str(long()).unwrap();
    let rounds = session["rounds"].as_array().unwrap();
    assert_eq!(rounds[0]["prompt"], QUESTION);
    assert_ne!(rounds[1]["prompt"], QUESTION);
    assert!(
        !rounds[0]["claim_map"]["claims"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn another_document_gives_other_sentences() {
    let (text, other_text) = (text_of(LONG), text_of(OTHER));
    for answer in answers(other()) {
        let words = answer["text"].as_str().unwrap();
        assert!(
            taken(words, &text).is_empty(),
            "{} knows the other document",
            answer["model"]
        );
        assert!(taken(words, &other_text).len() >= 3, "{}", answer["model"]);
    }
}

#[test]
fn a_rehearsal_says_so_and_costs_nothing() {
    let session: Value = serde_json::from_str(long()).unwrap();
    assert_eq!(session["rehearsal"], true);
    assert_eq!(session["total_cost_usd"], 0);
    assert!(
        answers(long())
            .iter()
            .all(|answer| answer["text"].as_str().unwrap().contains("rehearsal"))
    );
}
