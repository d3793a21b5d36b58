//! What a script is told when a provider fails: the contract's code, the next action, the words
//! that came before the fault, and the provider's own message without secrets. (All faults are
//! tested where they are read, in `crates/seats`; here is what becomes of a few at the other end.)

use husting_test_support::{Behaviour, Fault, RetryAfter, Script};
use husting_tests::home::Home;
use husting_tests::panel::{KEYS, MODELS, Panel};
use serde_json::Value;

const QUESTION: &str = "Which of the two should we take?";
const WORDS: &str = "This answer is long enough to be cut in the middle of what it has to say.";

/// A deliberation in which one seat has this fault, or all of them; returns its first round.
async fn round_with(fault: Fault, broken: &[&str], exit: i32) -> (Value, String) {
    let faulty = Behaviour::answering(WORDS).fault(fault);
    let script = broken.iter().fold(Script::debate(), |script, model| {
        script.for_model(*model, faulty.clone())
    });
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let ran = home
        .run(&["deliberate", QUESTION, "--models", MODELS, "--json"])
        .await
        .with(exit);
    let record: Value = ran.json();
    (
        record["rounds"][0].clone(),
        format!("{}{}", ran.stdout, ran.stderr),
    )
}

fn failure<'a>(round: &'a Value, model: &str) -> &'a Value {
    let failures = round["failed_models"].as_array().unwrap();
    failures
        .iter()
        .find(|failure| failure["model"] == model)
        .unwrap_or_else(|| panic!("{model} did not fail: {round}"))
}

#[tokio::test]
async fn a_wrong_key_is_told_without_the_key() {
    for (model, (_, key)) in [("alpha-1", KEYS[0]), ("beta-2", KEYS[1])] {
        let (round, said) =
            round_with(Fault::Unauthorized401 { echo_key: true }, &[model], 5).await;
        let failure = failure(&round, model);
        assert_eq!(failure["error_code"], "provider_auth_failure");
        let message = failure["message"].as_str().unwrap();
        assert!(
            message.contains("[secret removed]"),
            "the provider's words are kept, the key is not: {message}"
        );
        assert!(!said.contains(key), "the key was told");
        assert_eq!(
            round["recommended_client_action"],
            "proceed_with_partial_result"
        );
        assert!(failure["partial_text"].is_null());
    }
}

#[tokio::test]
async fn a_list_counts_the_answers_of_a_round_that_lacks_one() {
    let refused = Behaviour::answering(WORDS).fault(Fault::Unauthorized401 { echo_key: false });
    let script = Script::debate().for_model("beta-2", refused);
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let asked = ["deliberate", QUESTION, "--models", MODELS];
    home.run(&asked).await.with(5);
    let list = home.run(&["session", "list"]).await.done().stdout;
    assert!(list.contains("2 of 3 answered"), "{list}");
}

#[tokio::test]
async fn too_many_requests_are_worth_another_try_later() {
    let fault = Fault::RateLimited429 {
        retry_after: Some(RetryAfter::Seconds(0)),
        times: None,
    };
    let all = ["alpha-1", "beta-2", "gamma-3"];
    let (round, _) = round_with(fault, &all, 1).await;
    assert_eq!(round["round_status"], "failed");
    assert_eq!(round["recommended_client_action"], "retry");
    for model in all {
        assert_eq!(failure(&round, model)["error_code"], "rate_limit");
    }
    assert_eq!(round["debits"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn keys_that_are_all_refused_are_not_worth_another_try() {
    let all = ["alpha-1", "beta-2", "gamma-3"];
    let (round, _) = round_with(Fault::Unauthorized401 { echo_key: false }, &all, 1).await;
    assert_eq!(
        (&round["round_status"], &round["recommended_client_action"]),
        (&"failed".into(), &"abandon".into())
    );
}

#[tokio::test]
async fn what_came_before_the_cut_is_kept() {
    for model in ["alpha-1", "beta-2"] {
        let (round, _) = round_with(Fault::Cut { after_tokens: 5 }, &[model], 5).await;
        let failure = failure(&round, model);
        assert_eq!(failure["error_code"], "stream_interrupted");
        assert_eq!(
            failure["partial_text"],
            WORDS[..20],
            "five pieces of four bytes"
        );
        assert_eq!(failure["partial_text_length"], 20);
        let spent = round["debits"]
            .as_array()
            .unwrap()
            .iter()
            .find(|debit| debit["model"] == model);
        assert_eq!(spent.expect("what was written is paid")["estimated"], true);
    }
}

#[tokio::test]
async fn an_end_without_its_marker_is_no_end() {
    let (round, _) = round_with(Fault::NoFinalMarker, &["beta-2"], 5).await;
    let failure = failure(&round, "beta-2");
    assert_eq!(failure["error_code"], "stream_ended_without_final_marker");
    assert_eq!(failure["partial_text"], WORDS);
}

#[tokio::test]
async fn an_answer_that_stops_on_its_length_is_an_answer() {
    for (model, reason) in [("alpha-1", "length"), ("beta-2", "max_tokens")] {
        let (round, _) = round_with(Fault::LengthStop { after_tokens: 5 }, &[model], 5).await;
        let answers = round["responses"].as_array().unwrap();
        assert_eq!(answers.len(), 3, "every seat answered");
        let answer = answers
            .iter()
            .find(|answer| answer["model"] == model)
            .unwrap();
        assert_eq!(
            (&answer["is_partial"], &answer["finish_reason"]),
            (&true.into(), &reason.into())
        );
        assert_eq!(answer["text"], WORDS[..20]);
    }
}
