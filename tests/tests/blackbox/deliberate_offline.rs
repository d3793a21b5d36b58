//! A whole deliberation from one line, without network and without any key.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use husting_tests::home::{Home, Ran, run};
use husting_tests::program::{fixture, husting};
use husting_tests::tools::{NO_NETWORK, require_namespace};
use serde_json::Value;

const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";

#[tokio::test]
async fn a_panel_answers_from_the_document_with_no_network_and_no_key() {
    let document = fixture("reference-event-store.md");
    let text = fs::read_to_string(&document).unwrap();
    assert!(
        text.split_whitespace().count() > 5_000,
        "the document is a long one"
    );
    let record: Value = deliberate(&document).await.json();
    assert_eq!(record["rehearsal"], true);
    let rounds = list(&record["rounds"]);
    assert_eq!(rounds.len(), 2);
    for round in rounds {
        assert_eq!(round["round_status"], "complete");
        let answers = list(&round["responses"]);
        assert_eq!(answers.len(), 3);
        for answer in answers {
            quotes_the_document(answer, &text);
            reacts_to_the_others(answer, rounds);
        }
    }
}

#[tokio::test]
async fn the_same_line_says_the_same_bytes() {
    let document = fixture("reference-event-store.md");
    let (one, other) = tokio::join!(deliberate(&document), deliberate(&document));
    assert_ne!(
        one.stdout, other.stdout,
        "ids and times differ, so both runs were made"
    );
    let [one, other] = [one, other].map(|ran| without_ids_and_times(&ran.stdout));
    assert!(one.contains("<id>") && one.contains("<time>"));
    assert!(one == other, "{}", first_difference(&one, &other));
}

#[tokio::test]
async fn another_document_gives_other_sentences() {
    let mut quoted = Vec::new();
    for name in ["reference-event-store.md", "reference-river-gauges.md"] {
        let document = fixture(name);
        let text = fs::read_to_string(&document).unwrap();
        let record: Value = deliberate(&document).await.json();
        let answers = list(&record["rounds"])
            .iter()
            .flat_map(|round| list(&round["responses"]));
        let sentences: BTreeSet<String> = answers
            .flat_map(|answer| sentences_in(answer, &text))
            .map(|(_, sentence)| sentence)
            .collect();
        assert!(
            sentences.len() >= 9,
            "{name} is hardly quoted: {sentences:?}"
        );
        quoted.push(sentences);
    }
    assert!(quoted[0].is_disjoint(&quoted[1]));
}

/// Runs the line in a fresh data folder, where no network can be reached.
async fn deliberate(document: &Path) -> Ran {
    require_namespace(NO_NETWORK, "to run without any network");
    let home = Home::new();
    let [unshare, rest @ ..] = NO_NETWORK else {
        unreachable!("a command has a name")
    };
    let mut command = home.bare_command(unshare);
    command
        .args(rest)
        .arg(husting())
        .args(["deliberate", QUESTION, "--reference"])
        .arg(document);
    command.args(["--rounds", "2", "--json"]);
    run(command, None).await.done()
}

/// At least three sentences are byte for byte in the document, some of them in its last third.
fn quotes_the_document(answer: &Value, document: &str) {
    let found = sentences_in(answer, document);
    assert!(
        found.len() >= 3,
        "only {found:?} of {} stand in the document",
        answer["text"]
    );
    let last_third = document.len() * 2 / 3;
    assert!(
        found.iter().any(|(at, _)| *at >= last_third),
        "nothing of the last third: {found:?}"
    );
}

/// Sentences of an answer that stand in the document, with their places.
fn sentences_in(answer: &Value, document: &str) -> Vec<(usize, String)> {
    let lines = answer["text"]
        .as_str()
        .unwrap()
        .lines()
        .map(|line| line.trim_start_matches("- "));
    let sentences = lines
        .flat_map(|line| line.split_inclusive(". "))
        .map(str::trim);
    sentences
        .filter(|sentence| sentence.len() >= 40 && sentence.ends_with(['.', '!', '?']))
        .filter_map(|sentence| Some((document.find(sentence)?, sentence.to_owned())))
        .collect()
}

/// At least two reactions carry words that another seat wrote, and say so.
fn reacts_to_the_others(answer: &Value, rounds: &[Value]) {
    let own = &answer["model"];
    let good = list(&answer["snippets"]).iter().filter(|snippet| {
        let author = &snippet["quoted_model"];
        let quote = snippet["quote"].as_str().unwrap();
        let answers = rounds.iter().flat_map(|round| list(&round["responses"]));
        let said = |answer: &Value| {
            answer["model"] == *author && answer["text"].as_str().unwrap().contains(quote)
        };
        author != own && snippet["quote_status"] == "exact" && answers.into_iter().any(said)
    });
    assert!(
        good.count() >= 2,
        "{own} hardly reacts: {}",
        answer["snippets"]
    );
}

fn without_ids_and_times(text: &str) -> String {
    let mut parts: Vec<String> = text.split('"').map(str::to_owned).collect();
    for part in &mut parts {
        if is_id(part) {
            "<id>".clone_into(part);
        } else if is_time(part) {
            "<time>".clone_into(part);
        }
    }
    parts.join("\"")
}

fn is_id(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// RFC 3339 in UTC.
fn is_time(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T' && digits >= 14
}

fn first_difference(one: &str, other: &str) -> String {
    let lines = one
        .lines()
        .zip(other.lines())
        .find(|(one, other)| one != other);
    format!("{lines:?}")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
