//! A round that is watched while it runs, and one that somebody stops watching.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use serde_json::Value;

use crate::mute::Deliberating;

#[tokio::test]
async fn followed_a_round_is_told_event_by_event() {
    let told = Home::new()
        .run(&["deliberate", "Tea or coffee?", "--follow", "--json"])
        .await
        .done();
    let events: Vec<Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let places: Vec<u64> = events
        .iter()
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
    let words = events
        .iter()
        .filter(|event| event["type"] == "seat_text" && event["purpose"] == "respond");
    assert!(
        words
            .map(|event| event["text"].as_str().unwrap())
            .collect::<String>()
            .contains("rehearsal")
    );
    let last = events
        .iter()
        .rfind(|event| event["type"] == "round_changed")
        .unwrap();
    assert_eq!(last["round"]["status"], "complete");
}

#[tokio::test]
async fn followed_by_a_person_every_answer_is_there_to_its_last_line() {
    let home = Home::new();
    let told = home
        .run(&["deliberate", "Tea or coffee?", "--follow"])
        .await
        .done()
        .stdout;
    let id = told.split_once("\nSession ").unwrap().1;
    let id = id.split_once(',').unwrap().0;
    let session = home.ask(&["session", "show", id]).await;
    for seat in session["rounds"][0]["responses"].as_array().unwrap() {
        let before = format!("{} | ", seat["model"].as_str().unwrap());
        let lines: Vec<&str> = told
            .lines()
            .filter_map(|line| line.strip_prefix(&before))
            .collect();
        let said = seat["text"].as_str().unwrap().lines();
        let said: Vec<String> = said
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.replace("**", ""))
            .collect();
        assert_eq!(lines, said);
    }
    let outcome = told.split_once("\n## Round 1\n").unwrap().1;
    assert!(outcome.contains("\n### Claim map\n"), "{outcome}");
    assert!(outcome.contains("3 of 3 answered"), "{outcome}");
    let whole = home.run(&["session", "show", id]).await.done().stdout;
    let (_, map) = whole.split_once("\n### Claim map\n").unwrap();
    assert!(outcome.ends_with(map), "{outcome}");
    assert!(outcome.len() < whole.len(), "the answers stand once");
}

#[tokio::test]
async fn a_person_who_stops_the_command_is_told_how_to_go_on() {
    let home = Home::new();
    let said = Deliberating::begin(&home).await.stop().await;
    assert!(said.contains("husting session retry"), "{said}");
    assert!(
        said.contains("pays for them"),
        "it is no free continuation: {said}"
    );
    let id = said.split('`').nth(1).unwrap().rsplit(' ').next().unwrap();
    let session = home.ask(&["session", "show", id]).await;
    assert_eq!(session["rounds"][0]["round_status"], "failed");
    assert_eq!(
        session["rounds"][0]["failed_models"][0]["error_code"],
        "stream_interrupted"
    );
    assert_eq!(home.ask(&["wallet", "show"]).await["summary"]["held"], 0);
    let list = home.run(&["session", "list"]).await.done().stdout;
    let row = list.lines().nth(1).unwrap();
    assert!(
        row.contains("interrupted") && !row.contains("0 of 0"),
        "{list}"
    );
}

#[tokio::test]
async fn whoever_loses_the_instance_in_a_round_is_told_which_session_goes_on() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let waiting = Deliberating::begin(&home).await;
    instance.kill().await;
    let said = waiting.failed().await;
    let sessions = home.ask(&["session", "list"]).await;
    let id = sessions["sessions"][0]["session_id"].as_str().unwrap();
    for way in ["show", "retry"] {
        let line = format!("`husting session {way} {id}`");
        assert!(said.contains(&line), "{said}");
    }
}
