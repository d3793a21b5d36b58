//! A session followed as it happens, taken up again, and what ends with its key.

use std::collections::BTreeMap;

use futures::StreamExt;
use husting_test_support::{Behaviour, Debate, GatePoint, Phase, Script};
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{Panel, SEATS};
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use reqwest::Method;
use serde_json::{Value, json};
use sse_stream::{Sse, SseByteStream};

use crate::keyed::{Keyed, REHEARSAL, answered, result_of, roomy};

/// A stream of events, and what they came to.
struct Follower {
    blocks: futures::stream::BoxStream<'static, Sse>,
    last: Option<String>,
    texts: BTreeMap<String, String>,
    events: Vec<Value>,
}

impl Follower {
    async fn of(caller: &Keyed, session: &Value, last: Option<&str>) -> Self {
        let path = format!("/api/sessions/{}/events", session.as_str().unwrap());
        let mut request = caller.request(Method::GET, &path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = wait_for("a stream", request.send()).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let blocks = SseByteStream::new(response.bytes_stream());
        let blocks = blocks.take_while(|block| std::future::ready(block.is_ok()));
        Self {
            blocks: blocks.filter_map(async |block| block.ok()).boxed(),
            last: None,
            texts: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// The next event; `None` at the stream's end.
    async fn next(&mut self) -> Option<Value> {
        let block = loop {
            let block = wait_for("an event", self.blocks.next()).await?;
            if block.data.is_some() {
                break block;
            }
        };
        let event: Value = serde_json::from_str(&block.data.unwrap()).unwrap();
        assert_eq!(block.event.as_deref(), event["type"].as_str(), "{event}");
        self.is_next(&block.id.unwrap(), &event);
        self.take(&event);
        self.events.push(event.clone());
        Some(event)
    }

    /// Numbers run on without gap or double; only a snapshot begins anew.
    fn is_next(&mut self, id: &str, event: &Value) {
        let number = |id: &str| id.rsplit_once('-').unwrap().1.parse::<u64>().unwrap();
        if let Some(last) = self.last.as_deref().filter(|_| event["type"] != "snapshot") {
            assert_eq!(number(id), number(last) + 1, "after {last}: {event}");
        }
        self.last = Some(id.to_owned());
    }

    fn take(&mut self, event: &Value) {
        match event["type"].as_str().unwrap() {
            "snapshot" => {
                for seat in event["texts"].as_array().unwrap() {
                    let (model, text) = (seat["model"].to_string(), seat["text"].as_str().unwrap());
                    self.texts.insert(model, text.to_owned());
                }
            }
            "text" => {
                let text = self.texts.entry(event["model"].to_string()).or_default();
                let offset = event["offset"].as_u64().unwrap();
                if offset == 0 {
                    text.clear();
                }
                assert_eq!(text.chars().count() as u64, offset, "{event}");
                text.push_str(event["text"].as_str().unwrap());
            }
            _ => {}
        }
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(&Self, &Value) -> bool) {
        loop {
            let event = self.next().await;
            let event = event.unwrap_or_else(|| panic!("the stream ended before: {what}"));
            if is_so(self, &event) {
                return;
            }
        }
    }
}

fn is_over(_: &Follower, event: &Value) -> bool {
    let status = &event["progress"]["round_status"];
    !status.is_null() && status != "in_progress"
}

/// Whether every seat has said more than it had.
fn has_more(so_far: &Follower, before: &BTreeMap<String, String>) -> bool {
    let length = |texts: &BTreeMap<String, String>, seat: &str| {
        texts.get(&format!("{seat:?}")).map_or(0, String::len)
    };
    SEATS
        .iter()
        .all(|seat| length(&so_far.texts, seat.id) > length(before, seat.id))
}

async fn answers(caller: &Keyed, session: &Value) -> BTreeMap<String, String> {
    let path = format!("/api/sessions/{}", session.as_str().unwrap());
    let read = caller.get(&path).await.with(200);
    let responses = read["rounds"][0]["responses"].as_array().unwrap();
    responses
        .iter()
        .map(|said| {
            (
                said["model"].to_string(),
                said["text"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn in_the_middle() -> Script {
    stopping(&[("middle", 6)])
}

/// Every answer stops at these gates, each before a piece of its own. Without scores, so that what is
/// served is what was sent.
fn stopping(gates: &[(&str, u32)]) -> Script {
    let plain = Debate {
        confidence: false,
        ..Debate::default()
    };
    let held = gates
        .iter()
        .fold(Behaviour::debating_as(plain), |held, (gate, piece)| {
            held.gate(*gate, GatePoint::BeforeToken(*piece))
        });
    SEATS.iter().fold(Script::debate(), |script, seat| {
        script.for_phase(seat.id, Phase::Respond, held.clone())
    })
}

#[tokio::test]
async fn a_stream_taken_up_in_the_middle_of_a_round_has_every_word_once() {
    let script = stopping(&[("middle", 3), ("later", 6)]);
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    let session = &ack["session_id"];
    let mut first = Follower::of(&caller, session, None).await;
    let begin = first.next().await.unwrap();
    assert_eq!(begin["type"], "snapshot");
    panel.until_all_wait("middle").await;
    first
        .until("words of every seat", |so_far, _| {
            has_more(so_far, &BTreeMap::new())
        })
        .await;
    let Follower { last, texts, .. } = first;
    // While nobody follows, more is said.
    panel.open("middle");
    panel.until_all_wait("later").await;

    let mut second = Follower::of(&caller, session, last.as_deref()).await;
    second.last = last;
    second.texts = texts.clone();
    second
        .until("what was said meanwhile", |so_far, _| {
            has_more(so_far, &texts)
        })
        .await;
    let path = format!("/api/sessions/{}/progress", session.as_str().unwrap());
    let progress = caller.get(&path).await.with(200);
    assert_eq!(progress["round_status"], "in_progress", "{progress}");
    panel.open("later");
    second.until("the round's end", is_over).await;
    assert!(
        second
            .events
            .iter()
            .all(|event| event["type"] != "snapshot"),
        "what it missed is told, not summed up"
    );
    assert_eq!(second.texts, answers(&caller, session).await);
    assert!(second.events.iter().any(|event| event["type"] == "cost"));

    let mut late = Follower::of(&caller, session, None).await;
    late.next().await.unwrap();
    assert_eq!(late.texts, second.texts);
    let path = format!("/api/sessions/{}", session.as_str().unwrap());
    caller.delete(&path).await;
    late.until("the deletion", |_, event| event["type"] == "deleted")
        .await;
    assert_eq!(late.next().await, None);
}

#[tokio::test]
async fn after_a_restart_a_stream_begins_with_a_snapshot() {
    let (home, panel) = (Home::new(), Panel::start(in_the_middle()).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    let session = &ack["session_id"];
    let mut follower = Follower::of(&caller, session, None).await;
    panel.until_all_wait("middle").await;
    follower
        .until("a word", |so_far, _| {
            so_far.texts.values().any(|text| !text.is_empty())
        })
        .await;
    let (last, made) = (follower.last.clone(), caller.made.clone());
    instance.kill().await;
    let instance = roomy(&home).await;
    let caller = Keyed::with(&instance, made);
    let mut again = Follower::of(&caller, session, last.as_deref()).await;
    let first = again.next().await.unwrap();
    assert_eq!(first["type"], "snapshot", "{first}");
    assert_eq!(first["progress"]["round_status"], "failed", "{first}");
}

#[tokio::test]
async fn revoking_a_key_ends_its_waits_and_streams_while_its_round_goes_on() {
    let (home, panel) = (Home::new(), Panel::start(in_the_middle()).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let other = Keyed::of(&instance, "other", None, None).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    let session = ack["session_id"].clone();
    let mut follower = Follower::of(&caller, &session, None).await;
    follower.next().await.unwrap();
    panel.until_all_wait("middle").await;
    let (waiting, _) = waiting(&caller, &session).await;
    home.run(&["key", "revoke", "script"]).await.done();
    let ended = async { while follower.next().await.is_some() {} };
    wait_for("the stream's end", ended).await;
    let rest = wait_for("the wait's end", waiting.text()).await.unwrap();
    let result = result_of(&rest);
    assert_eq!(
        result["structuredContent"]["error"], "invalid_token",
        "{result}"
    );
    assert_eq!(caller.get("/api/sessions").await.status, 401);
    panel.open("middle");
    assert_eq!(other.wait(&session).await["round_status"], "complete");
}

#[tokio::test]
async fn a_key_holds_so_many_waits_and_streams_open() {
    let home = Home::new();
    let settings = [("HUSTING_LIMITS_OPEN_WAITS", "2")];
    let instance = Instance::start_with(&home, husting(), &settings).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Tea or coffee?", &REHEARSAL).await;
    let session = &ack["session_id"];
    caller.wait(session).await;
    let first = Follower::of(&caller, session, None).await;
    let second = Follower::of(&caller, session, None).await;
    let path = format!("/api/sessions/{}/events", session.as_str().unwrap());
    let refused = caller.get(&path).await;
    assert_eq!(refused.refusal(), (429, "rate_limited".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
    let wait = caller.calling("wait_for_round", json!({"session_id": session}));
    assert_eq!(answered(wait).await.refusal().0, 429);
    caller.get("/api/credit").await.with(200);
    drop(first);
    let free = async {
        loop {
            let request = caller.request(Method::GET, &path).send().await.unwrap();
            if request.status().as_u16() == 200 {
                return;
            }
        }
    };
    wait_for("a place that is free again", free).await;
    drop(second);
}

/// A wait that stands, and the first that it tells of the round's progress.
async fn waiting(caller: &Keyed, session: &Value) -> (reqwest::Response, Value) {
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "_meta": {"progressToken": "told"}, "name": "wait_for_round",
            "arguments": {"session_id": session, "timeout_seconds": 120},
        },
    });
    let request = caller
        .request(Method::POST, "/api/mcp")
        .header("accept", "application/json, text/event-stream")
        .json(&message);
    let mut response = wait_for("the stream", request.send()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let first = wait_for("word of its progress", response.chunk()).await;
    let first = String::from_utf8(first.unwrap().unwrap().to_vec()).unwrap();
    let told = first.trim().strip_prefix("data: ").unwrap();
    (response, serde_json::from_str(told).unwrap())
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_its_wait_and_not_the_round() {
    let (home, panel) = (Home::new(), Panel::start(in_the_middle()).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    panel.until_all_wait("middle").await;
    let (response, told) = waiting(&caller, &ack["session_id"]).await;
    assert_eq!(told["method"], "notifications/progress", "{told}");
    assert_eq!(told["params"]["progressToken"], "told");
    assert_eq!(told["params"]["total"], 7.0, "answers, reactions, the map");
    assert_eq!(told["params"]["progress"], 0.0);
    let sentence = told["params"]["message"].as_str().unwrap();
    assert!(sentence.starts_with("0 of 7 steps are over"), "{sentence}");
    drop(response);
    panel.open("middle");
    assert_eq!(
        caller.wait(&ack["session_id"]).await["round_status"],
        "complete"
    );
}
