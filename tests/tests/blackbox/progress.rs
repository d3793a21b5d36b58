//! Progress by version: it never goes back, and the same version is the same bytes.

use std::collections::HashMap;

use husting_test_support::{Behaviour, GatePoint, Phase, Script};
use husting_tests::home::Home;
use husting_tests::panel::{Panel, SEATS};
use reqwest::Method;
use serde_json::Value;

use crate::keyed::{Answer, Keyed, answered, roomy};

/// Looks again and again, and holds every answer against those before.
struct Watcher<'a> {
    caller: &'a Keyed,
    path: String,
    seen: HashMap<String, String>,
    last: (u64, u64),
}

impl<'a> Watcher<'a> {
    fn of(caller: &'a Keyed, session: &Value) -> Self {
        Self {
            caller,
            path: format!("/api/sessions/{}/progress", session.as_str().unwrap()),
            seen: HashMap::new(),
            last: (0, 0),
        }
    }

    async fn look(&mut self) -> (String, Value) {
        let answer = self.caller.get(&self.path).await;
        let body = answer.with(200);
        assert_eq!(answer.header("cache-control"), "no-cache");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let before = self.seen.insert(tag.clone(), answer.text.clone());
        assert!(
            before.as_ref().is_none_or(|before| *before == answer.text),
            "one version, two bodies: {before:?} and {}",
            answer.text
        );
        let place = |name: &str| body[name].as_u64().unwrap();
        let now = (place("round_index"), place("progress_version"));
        assert!(now >= self.last, "{now:?} after {:?}", self.last);
        self.last = now;
        (tag, body)
    }

    async fn ask(&self, tags: &str) -> Answer {
        let request = self.caller.request(Method::GET, &self.path);
        answered(request.header("if-none-match", tags)).await
    }

    /// Looks until it is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> (String, Value) {
        let looking = async {
            loop {
                let (tag, body) = self.look().await;
                if is_so(&body) {
                    return (tag, body);
                }
            }
        };
        husting_tests::patience::wait_for(what, looking).await
    }
}

fn seat<'a>(body: &'a Value, model: &str) -> &'a Value {
    let models = body["models"].as_array().unwrap();
    models.iter().find(|seat| seat["model"] == model).unwrap()
}

#[tokio::test]
async fn a_version_stands_for_its_bytes_and_rises_with_what_happens() {
    let [first, second, third] = SEATS.map(|seat| seat.id);
    let held = Script::debate()
        .for_phase(
            first,
            Phase::Respond,
            Behaviour::debating()
                .gate("start", GatePoint::BeforeResponse)
                .gate("middle", GatePoint::BeforeToken(6)),
        )
        .for_phase(
            second,
            Phase::React,
            Behaviour::debating().gate("reaction", GatePoint::BeforeToken(1)),
        );
    let (home, panel) = (Home::new(), Panel::start(held).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &[first, second, third]).await;
    let session = &ack["session_id"];
    let mut watcher = Watcher::of(&caller, session);

    panel.until_wait("start", &[first]).await;
    let others_done = |body: &Value| {
        [second, third]
            .iter()
            .all(|model| seat(body, model)["state"] == "final")
    };
    let (early, body) = watcher.until("two answers", others_done).await;
    assert_eq!(body["round_status"], "in_progress");
    assert_eq!(seat(&body, first)["state"], "queued");
    assert_eq!(seat(&body, first)["partial_text_length"], 0);
    for tags in [
        early.clone(),
        format!("\"a\", {early}"),
        "*".to_owned(),
        early[2..].to_owned(),
    ] {
        let same = watcher.ask(&tags).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""), "{tags}");
        assert_eq!(same.header("etag"), early);
        assert_eq!(same.header("cache-control"), "no-cache");
    }
    assert_eq!(watcher.ask("W/\"other\"").await.status, 200);

    panel.open("start");
    panel.until_wait("middle", &[first]).await;
    let writes = |body: &Value| seat(body, first)["partial_text_length"].as_u64() > Some(0);
    let (middle, body) = watcher.until("some text", writes).await;
    assert_eq!(seat(&body, first)["state"], "streaming");
    assert_eq!(watcher.ask(&early).await.status, 200, "it changed");

    panel.open("middle");
    panel.until_wait("reaction", &[second]).await;
    let reacts = |body: &Value| {
        seat(body, second)["phase"] == "react" && seat(body, first)["phase"] == "react"
    };
    watcher.until("reactions", reacts).await;
    panel.open("reaction");
    caller.wait(session).await;
    let (last, body) = watcher.look().await;
    assert_eq!(body["round_status"], "complete");
    assert_ne!(last, middle);
    assert_eq!(watcher.ask(&last).await.status, 304);

    // Of another round, the same version is another tag.
    let next = format!("/api/sessions/{}/rounds", session.as_str().unwrap());
    caller
        .post(&next, &serde_json::json!({"prompt": "And now?"}))
        .await
        .with(202);
    let (tag, body) = watcher.look().await;
    assert_eq!(body["round_index"], 1);
    assert!(!watcher.seen.is_empty() && tag != last);
    caller.wait(session).await;
    let tags: Vec<String> = watcher.seen.keys().cloned().collect();
    assert!(
        tags.iter()
            .any(|tag| tag.contains(ack["round_id"].as_str().unwrap()))
            && tags
                .iter()
                .any(|tag| tag.contains(body["round_id"].as_str().unwrap())),
        "{tags:?}"
    );
}

#[tokio::test]
async fn a_restart_keeps_what_a_version_stands_for() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    caller.wait(&ack["session_id"]).await;
    let mut watcher = Watcher::of(&caller, &ack["session_id"]);
    let (tag, body) = watcher.look().await;
    let made = caller.made.clone();
    instance.kill().await;
    let instance = roomy(&home).await;
    let caller = Keyed::with(&instance, made);
    let mut watcher = Watcher::of(&caller, &ack["session_id"]);
    let same = watcher.ask(&tag).await;
    if same.status != 304 {
        panic!("{tag} {body}\nthen {} {}", same.header("etag"), same.text);
    }
    assert_eq!(watcher.look().await, (tag, body));
}
