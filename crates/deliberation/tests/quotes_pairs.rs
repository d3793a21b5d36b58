//! The pairs written by hand before the verifier: each quote gets the state, the author and
//! the true words that its pair says. A change that breaks one is a change of the contract.

#![allow(
    clippy::unwrap_used,
    reason = "what a test cannot read or find must stop it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use husting_deliberation::quotes::{Answers, QuoteStatus, Source, verify};
use serde::Deserialize;

#[derive(Deserialize)]
struct Sheet {
    kind: String,
    panels: BTreeMap<String, BTreeMap<String, String>>,
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    panel: String,
    claimed: String,
    quote: String,
    state: QuoteStatus,
    seat: Option<String>,
    words: Option<String>,
}

fn sheets() -> Vec<Sheet> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/quotes");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths
        .iter()
        .map(|path| toml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        .collect()
}

/// Seat letters count from `a`.
fn seat(letter: &str) -> usize {
    usize::from(letter.as_bytes()[0] - b'a')
}

fn sources(panel: &BTreeMap<String, String>) -> Vec<Source<'_>> {
    panel
        .iter()
        .map(|(letter, text)| Source {
            seat: seat(letter),
            text,
        })
        .collect()
}

/// What is wrong with the verdict on a pair.
fn complaint(pair: &Pair, panel: &BTreeMap<String, String>) -> Option<String> {
    let author = pair.seat.as_ref().unwrap_or(&pair.claimed);
    let verdict = verify(&pair.quote, seat(&pair.claimed), &sources(panel));
    let believed = pair.state.carries_stance();
    let words = pair.words.as_ref().or(believed.then_some(&pair.quote));
    let found = if believed {
        verdict.found
    } else {
        verdict.nearest
    };
    let slice = found.map(|found| {
        (
            found.seat,
            &panel[&letter(found.seat)][found.start..found.end],
        )
    });
    let right_words = words.is_none_or(|words| slice == Some((seat(author), words)));
    let right = verdict.status == pair.state && right_words && verdict.found.is_some() == believed;
    (!right).then(|| {
        format!(
            "{}: {:?} {slice:?}, expected {:?} {words:?}",
            pair.name, verdict.status, pair.state
        )
    })
}

fn letter(seat: usize) -> String {
    char::from(b'a' + u8::try_from(seat).unwrap()).to_string()
}

#[test]
fn every_pair_gets_its_verdict() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for sheet in sheets() {
        let (mut accepts, mut refusals) = (0, 0);
        for pair in &sheet.pair {
            count += 1;
            let panel = &sheet.panels[&pair.panel];
            let believed = verify(&pair.quote, seat(&pair.claimed), &sources(panel))
                .status
                .carries_stance();
            accepts += usize::from(believed && !pair.state.carries_stance());
            refusals += usize::from(!believed && pair.state.carries_stance());
            complaints.extend(complaint(pair, panel).map(|said| format!("{}: {said}", sheet.kind)));
        }
        println!(
            "{:<10} {:>4} pairs, {accepts} false accepts, {refusals} false refusals",
            sheet.kind,
            sheet.pair.len()
        );
    }
    assert!(
        complaints.is_empty(),
        "{} of {count}:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    assert!(count >= 80, "only {count} pairs were read");
}

#[test]
fn answers_read_once_judge_like_answers_read_anew() {
    for sheet in sheets() {
        for (name, panel) in &sheet.panels {
            let sources = sources(panel);
            let answers = Answers::new(&sources);
            for pair in sheet.pair.iter().filter(|pair| &pair.panel == name) {
                let claimed = seat(&pair.claimed);
                assert_eq!(
                    answers.verify(&pair.quote, claimed),
                    verify(&pair.quote, claimed, &sources),
                    "{}",
                    pair.name
                );
            }
        }
    }
}

#[test]
fn a_refused_quote_says_what_differs() {
    let said = "Seats are easier to sell. Usage aligns incentives.";
    let verdict = verify(
        "Seats are not harder to sell",
        0,
        &[Source {
            seat: 0,
            text: said,
        }],
    );
    let differences: Vec<_> = verdict
        .alteration
        .iter()
        .map(|difference| (difference.quoted.as_str(), difference.source.as_str()))
        .collect();
    assert_eq!(verdict.status, QuoteStatus::Altered);
    assert_eq!(differences, [("not harder", "easier")]);
}

#[test]
fn a_snapped_quote_keeps_its_alteration() {
    let said = "Each shard keeps a copy of the events, and the owner pays.";
    let verdict = verify(
        "each shards keeps the copy of events and the owner pays!",
        0,
        &[Source {
            seat: 0,
            text: said,
        }],
    );
    let differences: Vec<_> = verdict
        .alteration
        .iter()
        .map(|difference| (difference.quoted.as_str(), difference.source.as_str()))
        .collect();
    assert_eq!(verdict.status, QuoteStatus::Snapped);
    assert_eq!(
        differences,
        [
            ("each shards", "Each shard"),
            ("the", "a"),
            ("", "the"),
            ("events", "events,"),
            ("pays!", "pays.")
        ]
    );
}

/// Whatever stands between the halves of a word and is not seen as a space.
#[test]
fn half_a_word_is_never_believed() {
    for unable in [
        "unable",
        "un\u{ad}able",
        "un\u{200b}able",
        "un\u{2060}able",
        "un`able`",
        "**un**able",
        "un**able**",
        "un*able*",
        "*un*able",
        "~~un~~able",
        "un[able](#why)",
        "[un](#why)able",
        "un[**able**](#why)",
        "**un[able](#why)**",
        "[un](https://e.org/A_(b))able",
        "un[able][why]",
    ] {
        let answer = format!("The carrier is {unable} to ship on Friday before noon.");
        let sources = [Source {
            seat: 0,
            text: &answer,
        }];
        for quote in [
            "able",
            "able to ship on Friday",
            "**able** to ship on Friday",
        ] {
            let verdict = verify(quote, 0, &sources);
            assert_eq!(verdict.found, None, "{quote:?} of {unable:?}: {verdict:?}");
        }
    }
}
