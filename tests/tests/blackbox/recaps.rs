//! Rounds and sessions summed up from the command line.

use husting_test_support::{Behaviour, Fault, Phase, Script};
use husting_tests::home::Home;
use husting_tests::panel::{MODELS, Panel, SEATS};
use serde_json::Value;

#[tokio::test]
async fn a_deliberation_is_summed_up_before_its_command_ends() {
    let home = Home::new();
    let words = ["deliberate", "Tea or coffee?", "--rounds", "2", "--recap"];
    let held = home.ask(&words).await;
    for round in held["rounds"].as_array().unwrap() {
        assert_eq!(round["recap_status"], "complete");
        let tldr = round["round_recap"]["tldr"].as_str().unwrap();
        assert!(tldr.starts_with("Rehearsal:"), "{tldr}");
    }
    assert_eq!(held["synthesis_status"], "complete");
    assert!(
        !held["session_synthesis"]["arcs"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_recap_can_be_asked_for_afterwards() {
    let home = Home::new();
    let held = home
        .ask(&["deliberate", "Tea or coffee?", "--rounds", "2"])
        .await;
    assert_eq!(held["rounds"][0]["recap_status"], "none");
    let id = held["session_id"].as_str().unwrap();

    let recap = home.ask(&["session", "recap", id, "--round", "1"]).await;
    assert_eq!(recap["status"], "complete");
    let cascade = home
        .ask(&["session", "recap", id, "--synthesis", "--estimate"])
        .await;
    assert_eq!(cascade["missing_rounds"], Value::from(vec![1]));
    let text = home
        .run(&["session", "recap", id, "--synthesis"])
        .await
        .done()
        .stdout;
    assert!(
        text.starts_with("# Rehearsal: Tea or coffee?\n\nRehearsal:"),
        "{text}"
    );
    assert!(text.contains("(rounds 1, 2)"), "{text}");
    let shown = home.ask(&["session", "show", id]).await;
    for round in shown["rounds"].as_array().unwrap() {
        assert_eq!(round["recap_status"], "complete");
    }

    home.run(&["session", "recap", id, "--round", "9"])
        .await
        .with(3);
    home.run(&["session", "recap", id, "--round", "0"])
        .await
        .with(2);
    let both = ["session", "recap", id, "--round", "1", "--synthesis"];
    home.run(&both).await.with(2);
}

#[tokio::test]
async fn a_recap_that_is_missing_makes_the_result_a_part_and_is_said() {
    let refusing = || Behaviour::default().fault(Fault::BadRequest400);
    let writers = SEATS.iter().fold(Script::debate(), |script, seat| {
        script.for_phase(seat.id, Phase::Recap, refusing())
    });
    let (home, panel) = (Home::new(), Panel::start(writers).await);
    panel.seat_at(&home).await;
    let words = [
        "deliberate",
        "Tea or coffee?",
        "--models",
        MODELS,
        "--recap",
    ];
    let part = home.run(&words).await.with(5);
    assert!(part.stdout.contains("## Round 1"), "{}", part.stdout);
    assert!(
        part.stderr.contains("husting: round 1 has no recap: "),
        "{}",
        part.stderr
    );

    panel.swap(&Script::debate());
    let id = home.ask(&["session", "list"]).await["sessions"][0]["session_id"].clone();
    let id = id.as_str().unwrap();
    let text = home.run(&["session", "recap", id]).await.done().stdout;
    assert!(text.starts_with("# A round, by "), "{text}");
    assert_eq!(home.ask(&["wallet", "check"]).await["ok"], true);
}
