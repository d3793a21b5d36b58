//! What a rehearsal seat says: real sentences of the document, real sentences of the others, the same
//! words for the same prompt.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{NONCE, ask, ask_about, call, clock, once_waiting, shared, terms};
use husting_domain::exchange::{AnswerShape, Message, Prompt, Role, SeatEvent};
use husting_domain::models::{ModelId, REHEARSAL_MODELS};
use husting_seats::Seat;
use husting_seats::rehearsal::RehearsalSeat;
use tokio::sync::mpsc;

const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";
const OTHER_NONCE: &str = "ffeeddccbbaa9988";

fn seat(model: &str, tokens_per_second: Option<u32>) -> RehearsalSeat {
    RehearsalSeat::new(
        &ModelId::parse(model).unwrap(),
        tokens_per_second,
        shared(&clock()),
    )
}

/// Paragraphs about `subject`, no two sentences alike, wrapped and decorated as people do.
fn document(subject: &str) -> String {
    let things = [
        "the log",
        "a snapshot",
        "the index",
        "one writer",
        "the backup",
        "a replica",
        "the schema",
        "each reader",
    ];
    let mut paragraphs = vec![format!("# About {subject}\n")];
    for (number, thing) in (1..).zip(things.iter().cycle().take(40)) {
        let days = number * 7;
        paragraphs.push(format!(
            "In case {number} {thing} of {subject} is simple and works well under load. However, {thing} cannot keep more than \
             {days} events without risk to {subject}. First measure {thing} for {days} days, then set a limit for {subject}.\n"
        ));
        paragraphs.push(format!("- Item {number} says that {subject} keeps {thing} in order.\n\n| {number} | {days}. |\n"));
    }
    paragraphs.join("\n")
}

async fn say(model: &str, prompt: &Prompt) -> String {
    call(&seat(model, None), prompt, terms())
        .await
        .outcome
        .unwrap()
        .text
}

/// The sentences of `answer` that stand in `document`, as they are written there.
fn taken<'a>(answer: &'a str, document: &str) -> Vec<&'a str> {
    let lines = answer
        .lines()
        .map(|line| line.strip_prefix("- ").unwrap_or(line));
    lines
        .filter(|line| line.len() > 20 && document.contains(line))
        .collect()
}

fn react(letter: &str, answers: &[(&str, &str)], nonce: &str) -> Prompt {
    let number = |letter: &str, text: &str| {
        let sentences = text.lines().filter(|line| !line.is_empty()).zip(1..);
        sentences
            .map(|(line, n)| format!("[{letter}.{n}] {line}\n"))
            .collect::<String>()
    };
    let fences = answers.iter().map(|(letter, text)| {
        format!(
            "<<<answer {letter} {nonce}>>>\n{}<<<end {nonce}>>>\n",
            number(letter, text)
        )
    });
    let mut prompt = ask(&fences.collect::<String>());
    prompt.system = format!("You are panelist {letter}.");
    prompt.shape = AnswerShape::Snippets;
    prompt
}

#[tokio::test]
async fn an_answer_quotes_the_document_from_all_over() {
    let text = document("the store");
    for model in REHEARSAL_MODELS {
        let answer = say(model, &ask_about(&text, QUESTION, NONCE)).await;
        let taken = taken(&answer, &text);
        assert!(taken.len() >= 5, "{model} took {taken:?}");
        for third in 0..3 {
            let here = |quote: &&&str| {
                text.find(**quote)
                    .is_some_and(|at| at * 3 / text.len() == third)
            };
            assert!(
                taken.iter().filter(here).count() >= 1,
                "{model} took nothing from third {third}"
            );
        }
    }
}

#[tokio::test]
async fn the_seats_of_a_panel_say_different_things() {
    let text = document("the store");
    let prompt = ask_about(&text, QUESTION, NONCE);
    let mut all = Vec::new();
    for model in REHEARSAL_MODELS {
        let answer = say(model, &prompt).await;
        all.extend(taken(&answer, &text).into_iter().map(str::to_owned));
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
}

/// Three are the fewest that three seats can share.
#[tokio::test]
async fn of_a_few_sentences_each_seat_says_its_own() {
    let few = [
        "Rostock loads 40 pallets a night.",
        "Moving saves two hours of driving.",
        "The second depot costs 120000 a year.",
        "Nobody has measured the queue in winter.",
        "The lease in Hamburg ends in May.",
    ];
    for count in 3..=few.len() {
        let text = few[..count].join(" ");
        let prompt = ask_about(&text, QUESTION, NONCE);
        let mut said: Vec<&str> = Vec::new();
        for model in REHEARSAL_MODELS {
            let answer = say(model, &prompt).await;
            let mine: Vec<&str> = few.into_iter().filter(|one| answer.contains(one)).collect();
            assert!(!mine.is_empty(), "{model} says none of {count}");
            said.extend(mine);
        }
        said.sort_unstable();
        let all = said.len();
        said.dedup();
        assert_eq!(said.len(), all, "of {count}");
    }
}

#[tokio::test]
async fn each_says_what_its_name_says() {
    let text = document("the store");
    let prompt = ask_about(&text, QUESTION, NONCE);
    for (model, cue) in REHEARSAL_MODELS
        .into_iter()
        .zip(["works well", "However", "measure"])
    {
        let answer = say(model, &prompt).await;
        let own = taken(&answer, &text)
            .iter()
            .filter(|sentence| sentence.contains(cue))
            .count();
        assert!(own >= 3, "{model} said {answer}");
    }
}

#[tokio::test]
async fn the_same_prompt_gives_the_same_words_whatever_the_nonce() {
    let text = document("the store");
    for model in REHEARSAL_MODELS {
        let once = say(model, &ask_about(&text, QUESTION, NONCE)).await;
        let again = say(model, &ask_about(&text, QUESTION, OTHER_NONCE)).await;
        assert_eq!(once, again);
    }
}

#[tokio::test]
async fn another_document_gives_other_sentences() {
    let (one, two) = (document("the store"), document("a garden"));
    for model in REHEARSAL_MODELS {
        let (first, second) = (
            say(model, &ask_about(&one, QUESTION, NONCE)).await,
            say(model, &ask_about(&two, QUESTION, NONCE)).await,
        );
        let second = taken(&second, &two);
        assert!(
            taken(&first, &one)
                .iter()
                .all(|sentence| !second.contains(sentence))
        );
    }
}

#[tokio::test]
async fn without_a_document_the_question_and_labelled_stances_make_the_answer() {
    let prompt = ask(&format!(
        "<<<question {NONCE}>>>\n{QUESTION} We write 500 events a second.\n<<<end {NONCE}>>>"
    ));
    for model in REHEARSAL_MODELS {
        let answer = say(model, &prompt).await;
        assert!(answer.contains(&format!("> {QUESTION}\n")), "{answer}");
        assert!(answer.matches("**Stance:**").count() >= 5, "{answer}");
    }
}

#[tokio::test]
async fn reactions_are_the_others_words() {
    let text = document("the store");
    let mut answers = Vec::new();
    for model in REHEARSAL_MODELS {
        answers.push(say(model, &ask_about(&text, QUESTION, NONCE)).await);
    }
    for (model, (own, letter)) in REHEARSAL_MODELS
        .into_iter()
        .zip([(0, "A"), (1, "B"), (2, "C")])
    {
        let letters = ["A", "B", "C"];
        let mut others: Vec<(&str, &str)> = (0..3)
            .filter(|n| *n != own)
            .map(|n| (letters[n], answers[n].as_str()))
            .collect();
        let said = say(model, &react(letter, &others, NONCE)).await;
        let snippets = serde_json::from_str::<serde_json::Value>(&said).unwrap();
        let snippets = snippets["snippets"].as_array().unwrap();
        assert!(snippets.len() >= 3, "{said}");
        for snippet in snippets {
            let author = others
                .iter()
                .find(|(letter, _)| snippet["quoted_model"] == *letter)
                .unwrap()
                .1;
            let quote = snippet["quote"].as_str().unwrap();
            assert!(author.contains(quote), "{quote}");
            assert!(
                text.contains(quote),
                "no sentence of its own that every such seat says: {quote}"
            );
        }
        let mut kinds: Vec<&str> = snippets
            .iter()
            .map(|snippet| snippet["type"].as_str().unwrap())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert!(kinds.len() >= 2, "{kinds:?}");
        others.reverse();
        assert_eq!(
            say(model, &react(letter, &others, OTHER_NONCE)).await,
            said,
            "the order shown makes no difference"
        );
    }
}

#[tokio::test]
async fn without_a_document_the_stances_are_reacted_to_without_their_label() {
    let prompt = ask(&format!(
        "<<<question {NONCE}>>>\n{QUESTION}\n<<<end {NONCE}>>>"
    ));
    let answer = say("rehearsal-skeptic", &prompt).await;
    let mut prompt = react("A", &[("B", &answer)], NONCE);
    prompt.messages[0].text.push_str(&format!(
        "<<<question {NONCE}>>>\n{QUESTION}\n<<<end {NONCE}>>>"
    ));
    let said = say("rehearsal-advocate", &prompt).await;
    let snippets: serde_json::Value = serde_json::from_str(&said).unwrap();
    let quotes: Vec<&str> = snippets["snippets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["quote"].as_str().unwrap())
        .collect();
    assert!(quotes.len() >= 3, "{said}");
    for quote in quotes {
        assert!(answer.contains(&format!("**Stance:** {quote}")), "{quote}");
    }
}

#[tokio::test]
async fn with_one_other_answer_there_are_three_reactions() {
    let text = document("the store");
    let answer = say("rehearsal-skeptic", &ask_about(&text, QUESTION, NONCE)).await;
    let said = say("rehearsal-advocate", &react("A", &[("B", &answer)], NONCE)).await;
    assert!(
        said.matches("\"quoted_model\": \"B\"").count() >= 3,
        "{said}"
    );
}

#[tokio::test]
async fn a_later_round_takes_up_the_moderators_words_and_repeats_nothing() {
    let text = document("the store");
    let mut prompt = ask_about(&text, QUESTION, NONCE);
    let first = say("rehearsal-skeptic", &prompt).await;
    let quote = "a snapshot of the store is simple and works well under load";
    let next = format!(
        "<<<snippet CHALLENGE B {NONCE}>>>\n{quote}\nframing: Hm.\ncomment: prove it\n<<<end {NONCE}>>>\n<<<question {NONCE}>>>\nAnd then?\n<<<end {NONCE}>>>"
    );
    prompt.messages.push(Message {
        role: Role::Assistant,
        text: first.clone(),
        cache_until_here: false,
    });
    prompt.messages.push(Message {
        role: Role::User,
        text: next,
        cache_until_here: false,
    });
    let second = say("rehearsal-skeptic", &prompt).await;
    assert!(
        second.contains(&format!("challenges words of panelist B:\n\n> {quote}")),
        "{second}"
    );
    let (before, after) = (taken(&first, &text), taken(&second, &text));
    assert!(
        after.len() >= 5 && after.iter().all(|sentence| !before.contains(sentence)),
        "{second}"
    );
}

#[tokio::test]
async fn whoever_is_challenged_shifts_once() {
    let mut prompt = react(
        "B",
        &[(
            "A",
            "The log is simple and works well.\nThe index is small and quick.\nBackups are easy.",
        )],
        NONCE,
    );
    let snippet = format!(
        "<<<snippet CHALLENGE B {NONCE}>>>\nIt never works.\nframing: Hm.\n<<<end {NONCE}>>>\n<<<question {NONCE}>>>\nSo?\n<<<end {NONCE}>>>"
    );
    prompt.messages.insert(
        0,
        Message {
            role: Role::User,
            text: snippet,
            cache_until_here: false,
        },
    );
    assert_eq!(
        say("rehearsal-skeptic", &prompt)
            .await
            .matches("SHIFT")
            .count(),
        1
    );
}

#[tokio::test]
async fn the_token_limit_cuts_and_says_so() {
    let mut prompt = ask_about(&document("the store"), QUESTION, NONCE);
    prompt.max_output_tokens = 20;
    let called = call(&seat("rehearsal-advocate", None), &prompt, terms()).await;
    let answer = called.outcome.unwrap();
    assert!(answer.is_partial);
    assert_eq!(
        (answer.finish_reason.as_str(), answer.text.len()),
        ("length", 80)
    );
}

#[tokio::test]
async fn a_paced_seat_speaks_by_the_clock() {
    let clock = clock();
    let model = ModelId::parse("rehearsal-advocate").unwrap();
    let seat: Arc<dyn Seat> = Arc::new(RehearsalSeat::new(&model, Some(60), shared(&clock)));
    let (events, mut heard) = mpsc::channel(1_000);
    let speaking = tokio::spawn(async move { seat.call(&ask(QUESTION), terms(), events).await });
    once_waiting(&clock, 1).await;
    // Half a second at 60 tokens a second is 120 bytes.
    clock.advance(Duration::from_millis(500));
    let mut said = String::new();
    while said.len() < 110 {
        if let Some(SeatEvent::Text(words)) = heard.recv().await {
            said.push_str(&words);
        }
    }
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    while let Ok(SeatEvent::Text(words)) = heard.try_recv() {
        said.push_str(&words);
    }
    assert!(said.len() <= 120, "{said}");
    clock.advance(Duration::from_secs(60));
    assert!(speaking.await.unwrap().unwrap().text.starts_with(&said));
}

#[tokio::test]
async fn a_document_without_a_sentence_is_not_said_to_be_missing() {
    for (document, said) in [
        ("pallet,weight\n1,440\n", "The document has no sentence"),
        ("", "There is no document"),
    ] {
        let answer = say(REHEARSAL_MODELS[0], &ask_about(document, QUESTION, NONCE)).await;
        assert!(answer.contains(said), "{answer}");
    }
}
