//! Calls that wait are answered before their stream closes, whatever ends them: a client that sees a
//! stream end without an answer says nothing to its model until a limit of its own.

use husting_tests::agent::message_in;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::keyed::{Keyed, REHEARSAL, roomy};
use crate::tenanted::{Agent, Events, Tenant, called, texts};

const SCOPES: [&str; 2] = ["mcp:send", "mcp:inbox"];
/// Its id, which the answer must name.
const ID: u64 = 41;
/// How often mail and the end of the program are let meet.
const TIMES: usize = 4;

/// What a client that waits may speak.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Http,
    /// The same by a client that is told how far its call is.
    HttpWithProgress,
    Sse,
}

const DOORS: [Door; 3] = [Door::Http, Door::HttpWithProgress, Door::Sse];

struct House {
    instance: Instance,
    tenant: Tenant,
    agent: Agent,
    other: Agent,
    home: Home,
}

/// A call that waits for what does not come.
struct Parked {
    /// Every message until its stream ended.
    said: JoinHandle<Vec<Value>>,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        Self {
            agent: tenant.mint("patient", &SCOPES).await,
            other: tenant.mint("silent", &SCOPES).await,
            instance,
            tenant,
            home,
        }
    }

    /// Calls, and returns once the call waits.
    async fn park(&self, door: Door, tool: &str) -> Parked {
        let arguments = match tool {
            "ask" => json!({"agent": "silent", "message": "Well?", "timeout_seconds": 120}),
            _ => json!({"timeout_seconds": 120}),
        };
        let mut call = called(ID, tool, arguments);
        let (said, connections) = match door {
            Door::Sse => {
                let (mut stream, endpoint) = self.agent.sse().await;
                assert_eq!(self.agent.post(&endpoint, &call).await.status, 202);
                let said = tokio::spawn(async move { until_over(&mut stream).await });
                (said, 2)
            }
            Door::Http | Door::HttpWithProgress => {
                if door == Door::HttpWithProgress {
                    call["params"]["_meta"] = json!({"progressToken": "how far"});
                }
                let sent = self.agent.bringing(&call).send();
                let mut stream = Events::of(wait_for("a stream", sent).await.unwrap());
                let said = tokio::spawn(async move { until_over(&mut stream).await });
                (said, 1)
            }
        };
        let path = format!("/agents/{}", self.agent.id);
        let waits = async {
            loop {
                let read = self.tenant.get(&path).await.with(200);
                if read["agent"]["connections"] == connections {
                    return;
                }
            }
        };
        wait_for("the wait", waits).await;
        Parked { said }
    }
}

async fn until_over(stream: &mut Events) -> Vec<Value> {
    let mut said = Vec::new();
    while let Some(event) = stream.next().await {
        said.push(serde_json::from_str(&event.data.unwrap()).unwrap());
    }
    said
}

impl Parked {
    /// Its only answer is an error in a result; code and words of it.
    async fn refusal(self) -> (String, String) {
        let said = wait_for("the end of the stream", self.said).await.unwrap();
        let of_call = said.iter().filter(|message| message["id"] == ID);
        let [answer] = of_call.collect::<Vec<_>>()[..] else {
            panic!("one answer: {said:?}")
        };
        let result = &answer["result"];
        assert_eq!(result["isError"], true, "{answer}");
        let words = result["content"][0]["text"].as_str().unwrap().to_owned();
        let code = result["structuredContent"]["error"].as_str().unwrap();
        (code.to_owned(), words)
    }
}

#[tokio::test]
async fn a_call_that_waits_at_the_programs_end_is_told_to_come_again() {
    for door in DOORS {
        for (tool, kept) in [("inbox_wait", "mail is kept"), ("ask", "question is kept")] {
            let house = House::open().await;
            let parked = house.park(door, tool).await;
            let (code, said) = house.instance.stop().await;
            assert_eq!(code, 0, "{said}");
            assert!(
                !said.contains("still at work"),
                "{door:?} {tool}: its end took too long: {said}"
            );
            let (code, words) = parked.refusal().await;
            assert_eq!(code, "shutting_down", "{door:?} {tool}: {words}");
            assert!(words.contains("Husting is closing"), "{words}");
            assert!(words.contains(kept), "{words}");
        }
    }
}

#[tokio::test]
async fn a_call_that_waits_when_its_token_ends_is_told_so() {
    for door in DOORS {
        for tool in ["inbox_wait", "ask"] {
            for end in ["revoke", "disable", "rotate"] {
                let house = House::open().await;
                let parked = house.park(door, tool).await;
                let why = match end {
                    "revoke" => {
                        house.tenant.revoke(&house.agent).await;
                        "was revoked while this call waited"
                    }
                    "disable" => {
                        house.tenant.disable(&house.agent).await;
                        "Call again once the operator has enabled it"
                    }
                    _ => {
                        house.tenant.rotate(&house.agent, 0).await;
                        "Call again with the new one"
                    }
                };
                let (code, words) = parked.refusal().await;
                assert_eq!(code, "invalid_token", "{door:?} {tool} {end}: {words}");
                // A question counts as waiting before it is on disk; a stream ends as such.
                let said = [why, "The token of this stream", "was not taken in"];
                assert!(said.iter().any(|part| words.contains(part)), "{words}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_that_waits_when_its_scope_is_taken_is_told_which() {
    for door in [Door::Http, Door::HttpWithProgress] {
        for (tool, scope) in [("inbox_wait", "mcp:inbox"), ("ask", "mcp:send")] {
            let house = House::open().await;
            let parked = house.park(door, tool).await;
            house.tenant.grant(&house.agent, &[]).await;
            let (code, words) = parked.refusal().await;
            assert_eq!(code, "insufficient_scope", "{door:?} {tool}: {words}");
            assert!(words.contains(scope), "{words}");
        }
    }
}

#[tokio::test]
async fn a_legacy_stream_tells_which_scope_was_taken_and_stays() {
    let house = House::open().await;
    for (id, tool, scope, held) in [
        (1, "inbox_wait", "mcp:inbox", "mcp:send"),
        (2, "ask", "mcp:send", "mcp:inbox"),
    ] {
        house.tenant.grant(&house.agent, &SCOPES).await;
        let (mut stream, endpoint) = house.agent.sse().await;
        let arguments = match tool {
            "ask" => json!({"agent": "silent", "message": "Well?", "timeout_seconds": 120}),
            _ => json!({"timeout_seconds": 120}),
        };
        let call = called(id, tool, arguments);
        assert_eq!(house.agent.post(&endpoint, &call).await.status, 202);
        // The one that is granted now is another than before, or the call would be refused at once.
        house.tenant.grant(&house.agent, &[held]).await;
        let answer = answer_to(&mut stream, id).await;
        let words = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(words.starts_with("403 insufficient_scope"), "{words}");
        assert!(words.contains(scope), "{words}");
        let ping = json!({"jsonrpc": "2.0", "id": 9, "method": "ping"});
        assert_eq!(house.agent.post(&endpoint, &ping).await.status, 202);
        assert_eq!(answer_to(&mut stream, 9).await["result"], json!({}));
    }
}

async fn answer_to(stream: &mut Events, id: u64) -> Value {
    loop {
        let said = stream.message().await;
        if said["id"] == id {
            return said;
        }
    }
}

#[tokio::test]
async fn mail_that_meets_the_programs_end_is_with_the_call_or_comes_again() {
    for door in [Door::Http, Door::Sse] {
        for _ in 0..TIMES {
            let house = House::open().await;
            let parked = house.park(door, "inbox_wait").await;
            let House {
                instance,
                agent,
                other,
                home,
                ..
            } = house;
            let sending = async {
                let hello = json!({"to": "patient", "text": "Just in time."});
                let sent = other.calling("send", hello).send().await;
                let Ok(sent) = sent else { return false };
                let text = sent.text().await.unwrap_or_default();
                text.contains("Sent to patient")
            };
            let (was_taken, (code, said)) = tokio::join!(sending, instance.stop());
            assert_eq!(code, 0, "{said}");
            let said = wait_for("the end of the stream", parked.said)
                .await
                .unwrap();
            let answer = said.iter().find(|message| message["id"] == ID);
            let answer = answer.expect("the call is answered");
            let messages = &answer["result"]["structuredContent"]["messages"];
            let was_given = messages.as_array().is_some_and(|given| !given.is_empty());
            let again = roomy(&home).await;
            let inbox = called(1, "inbox", json!({}));
            let read = agent.bringing_to(&again.http, &inbox).send().await.unwrap();
            let read = message_in(&read.text().await.unwrap()).unwrap();
            let waits = texts(&read["result"]["structuredContent"]) == ["Just in time."];
            assert_eq!(
                was_given || waits,
                was_taken,
                "{door:?}: taken {was_taken}, given {was_given}, waits {waits}"
            );
            again.stop().await;
        }
    }
}

#[tokio::test]
async fn a_wait_for_a_round_is_answered_at_the_programs_end_too() {
    let home = Home::new();
    let slow = [("HUSTING_REHEARSAL_TOKENS_PER_SECOND", "1")];
    let instance = Instance::start_with(&home, husting(), &slow).await;
    let keyed = Keyed::at(&instance).await;
    let ack = keyed.open("Tea or coffee?", &REHEARSAL).await;
    let asked = json!({"session_id": ack["session_id"], "timeout_seconds": 90});
    let sent = keyed.calling("wait_for_round", asked).send();
    let mut stream = Events::of(wait_for("a stream", sent).await.unwrap());
    let said = tokio::spawn(async move { until_over(&mut stream).await });
    let (code, log) = instance.stop().await;
    assert_eq!(code, 0, "{log}");
    let said = wait_for("the end of the stream", said).await.unwrap();
    let result = &said.last().expect("the call is answered")["result"];
    assert_eq!(result["isError"], true, "{said:?}");
    let words = result["content"][0]["text"].as_str().unwrap();
    assert!(words.contains("Husting is closing"), "{words}");
}
