//! The tools for deliberations on the bus: for agents that may, and what each sees there.

use husting_domain::agents::Decision;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_wire::agents::DecideDenial;
use husting_wire::commands::{AnswerDenial, FindDenials};
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

use crate::keyed::{Keyed, REHEARSAL, answered, result_of, roomy};
use crate::tenanted::{Agent, Tenant, called};

const DELIBERATE: [&str; 1] = ["mcp:deliberate"];
const TOOLS: [&str; 7] = [
    "create_deliberation",
    "append_round",
    "wait_for_round",
    "get_session",
    "list_sessions",
    "list_models",
    "get_credit",
];

struct House {
    instance: Instance,
    tenant: Tenant,
    agent: Agent,
    _home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        let agent = tenant.mint("thinker", &DELIBERATE).await;
        Self {
            instance,
            tenant,
            agent,
            _home: home,
        }
    }
}

/// What each tool takes, about a session.
fn arguments(session: &Value) -> [(&'static str, Value); 7] {
    let of = |more: Value| {
        let mut whole = json!({ "session_id": session });
        whole
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        whole
    };
    [
        ("create_deliberation", asking()),
        ("append_round", of(json!({"prompt": "And then?"}))),
        ("wait_for_round", of(json!({"timeout_seconds": 60}))),
        ("get_session", of(json!({}))),
        ("list_sessions", json!({})),
        ("list_models", json!({})),
        ("get_credit", json!({})),
    ]
}

fn asking() -> Value {
    json!({
        "prompt": "Tea or coffee? Tea keeps one calm. Coffee wakes one up.", "models": REHEARSAL,
    })
}

async fn finished(agent: &Agent, session: &Value) -> Value {
    let asked = json!({"session_id": session, "timeout_seconds": 60});
    let state = agent.told("wait_for_round", asked).await;
    assert_eq!(state["is_terminal"], true, "{state}");
    state
}

#[tokio::test]
async fn an_agent_deliberates_with_its_own_token_over_two_rounds() {
    let house = House::open().await;
    let agent = &house.agent;
    let listed = agent.tools().await;
    assert!(
        TOOLS
            .iter()
            .all(|tool| listed.iter().any(|name| name == tool)),
        "{listed:?}"
    );
    let ack = agent.told("create_deliberation", asking()).await;
    assert_eq!(ack["rehearsal"], true, "{ack}");
    // The same words again are the same deliberation, until its end was given.
    let again = agent.told("create_deliberation", asking()).await;
    assert_eq!(again["session_id"], ack["session_id"]);
    let session = &ack["session_id"];
    assert_eq!(finished(agent, session).await["round_index"], 0);
    let next = json!({"session_id": session, "prompt": "And in the evening?"});
    assert_eq!(agent.told("append_round", next).await["round_index"], 1);
    assert_eq!(finished(agent, session).await["round_index"], 1);
    let whole = agent
        .told("get_session", json!({"session_id": session}))
        .await;
    assert_eq!(whole["rounds"].as_array().unwrap().len(), 2);
    assert_eq!(whole["source"], "mcp");
    let list = agent.told("list_sessions", json!({})).await;
    assert_eq!(list["total"], 1, "{list}");
    let models = agent.told("list_models", json!({})).await;
    assert_eq!(models["models"].as_array().unwrap().len(), 3);
    assert_eq!(
        agent.told("get_credit", json!({})).await["effective_balance_usd"],
        1.5
    );
}

#[tokio::test]
async fn an_agent_sees_the_sessions_that_it_opened_and_no_other() {
    let house = House::open().await;
    let other = house.tenant.mint("other", &DELIBERATE).await;
    let ack = house.agent.told("create_deliberation", asking()).await;
    let session = &ack["session_id"];
    finished(&house.agent, session).await;
    for (tool, asked) in arguments(session) {
        if asked.get("session_id").is_some() {
            assert_eq!(other.refused(tool, asked).await, "not_found", "{tool}");
        }
    }
    assert_eq!(other.told("list_sessions", json!({})).await["total"], 0);
    // The same words of another are another deliberation.
    let own = other.told("create_deliberation", asking()).await;
    assert_ne!(&own["session_id"], session);
    finished(&other, &own["session_id"]).await;
    assert_eq!(other.told("list_sessions", json!({})).await["total"], 1);
    // A key of the tenant sees both.
    let key = Keyed::at(&house.instance).await;
    let all = key.tool("list_sessions", json!({})).await["structuredContent"].take();
    assert_eq!(all["total"], 2, "{all}");
}

#[tokio::test]
async fn without_their_scope_the_seven_tools_are_neither_listed_nor_answered() {
    let house = House::open().await;
    let ack = house.agent.told("create_deliberation", asking()).await;
    let session = &ack["session_id"];
    finished(&house.agent, session).await;
    house.tenant.grant(&house.agent, &["mcp:send"]).await;
    let listed = house.agent.tools().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    for (tool, asked) in arguments(session) {
        assert!(!listed.iter().any(|name| name == tool), "{tool}");
        let answer = answered(house.agent.calling(tool, asked.clone())).await;
        answer.with(403);
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer error=\"insufficient_scope\", scope=\"mcp:deliberate\""
        );
        let taken = house.agent.post(&endpoint, &called(1, tool, asked)).await;
        assert_eq!(taken.status, 202);
        let result = stream.message().await["result"].take();
        assert_eq!(result["isError"], true, "{tool}: {result}");
        assert_eq!(result["structuredContent"]["error"], "insufficient_scope");
    }
    // Given back, it opens with the next call.
    house.tenant.grant(&house.agent, &DELIBERATE).await;
    house
        .agent
        .told("get_session", json!({"session_id": session}))
        .await;
}

#[tokio::test]
async fn a_document_is_handed_in_by_those_alone_who_may() {
    let house = House::open().await;
    let mute = house.tenant.mint("mute", &["mcp:peers"]).await;
    let mut asked = asking();
    asked["reference"] = "x".repeat(1_100_000).into();
    let refused = mute.answer("create_deliberation", asked.clone()).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    let ack = house.agent.told("create_deliberation", asked).await;
    assert_eq!(ack["round_index"], 0, "{ack}");
}

/// "Body limits: 1 MiB, but 16 MiB for `create_deliberation` and `append_round`."
#[tokio::test]
async fn who_may_hand_in_documents_sends_no_more_than_others_to_any_other_tool() {
    let house = House::open().await;
    let large = || json!({"to": "operator", "text": "x".repeat(1_100_000)});
    let (_stream, endpoint) = house.agent.sse().await;
    for tool in ["send", "get_session", "nothing"] {
        let refused = house.agent.answer(tool, large()).await;
        assert_eq!(refused.status, 413, "{tool}: {}", refused.text);
        let message = called(1, tool, large());
        let refused = house.agent.post(&endpoint, &message).await;
        assert_eq!(refused.status, 413, "{tool}: {}", refused.text);
    }
    let mut message = called(1, "create_deliberation", large());
    message["method"] = "prompts/get".into();
    let refused = answered(house.agent.bringing(&message)).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    let ack = house.agent.told("create_deliberation", asking()).await;
    finished(&house.agent, &ack["session_id"]).await;
    let taken = json!({"session_id": ack["session_id"], "prompt": "?", "x": "x".repeat(1_100_000)});
    let misfit = house.agent.answer("append_round", taken).await;
    assert_eq!(misfit.status, 200, "it is read: {}", misfit.text);
}

#[tokio::test]
async fn a_revocation_ends_a_wait_and_the_round_finishes() {
    let house = House::open().await;
    let slow = json!({"prompt": "Tea or coffee? ".repeat(20), "models": REHEARSAL});
    let ack = house.agent.told("create_deliberation", slow).await;
    let session = ack["session_id"].clone();
    let wait = house
        .agent
        .calling("wait_for_round", json!({"session_id": session}));
    let wait = tokio::spawn(answered(wait));
    let path = format!("/agents/{}", house.agent.id);
    wait_for("an open wait", async {
        while house.tenant.get(&path).await.with(200)["agent"]["connections"] != 1 {}
    })
    .await;
    let receipt = house.tenant.revoke(&house.agent).await;
    assert_eq!(receipt["waits_cancelled"], 1, "{receipt}");
    assert_eq!(receipt["last_accepted"]["tool"], "deliberate", "{receipt}");
    let ended = wait_for("the end of the wait", wait).await.unwrap();
    let result = result_of(&ended.text);
    assert_eq!(
        result["structuredContent"]["error"], "invalid_token",
        "{result}"
    );
    // It was taken in, and the receipt counts it.
    assert!(
        ended.text.contains("was revoked while this call waited"),
        "{result}"
    );
    assert_eq!(
        house.agent.answer("list_sessions", json!({})).await.status,
        401
    );
    let key = Keyed::at(&house.instance).await;
    assert_eq!(key.wait(&session).await["round_status"], "complete");
}

#[tokio::test]
async fn a_scope_for_one_call_is_kept_for_a_call_that_can_be_read() {
    let house = House::open().await;
    let once = house.tenant.mint("once", &["mcp:peers"]).await;
    once.answer("create_deliberation", asking()).await.with(403);
    let asked = house.instance.call::<FindDenials>(Nothing {}).await;
    let decided = DecideDenial {
        denial_id: asked.unwrap().denials[0].denial_id,
        decision: Decision::Once,
    };
    house.instance.call::<AnswerDenial>(decided).await.unwrap();
    let misspelt = json!({"promt": "Tea or coffee?"});
    let result = once.result("create_deliberation", misspelt).await;
    assert_eq!(result["isError"], true, "{result}");
    let ack = once.told("create_deliberation", asking()).await;
    assert_eq!(ack["round_index"], 0, "{ack}");
    once.answer("create_deliberation", asking()).await.with(403);
}
