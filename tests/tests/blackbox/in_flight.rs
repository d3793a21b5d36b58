//! Calls on their way while their agent is changed: each of them was let in, stands before its commit,
//! and is refused there, because the store looks at the agent once more. A build whose store does not
//! look is found out by the same tests.

use std::fs;

use futures::future::join_all;
use husting_domain::audit::Action;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::{halting, husting};
use husting_tests::search::{holders, holds};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::keyed::{Answer, REHEARSAL, ROOMY, result_of};
use crate::revocation::{done_behind, in_seconds};
use crate::tenanted::{ALL_SCOPES, Agent, Tenant};

/// How many tools write.
const WRITING: usize = 11;

/// What the log says of calls that are still there long after their end.
const OUTSTAYED: (&str, &str) = ("a late end", "has not ended yet");

/// How an agent's calls end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Revoked,
    Disabled,
    Expired,
    Rotated,
    /// All scopes but that of the agent's notes.
    Narrowed,
}

/// What became of calls that were on their way.
struct Outcome {
    /// Tools that answered as if nothing had happened.
    accepted: Vec<&'static str>,
    /// Codes of refusals, by tool.
    refused: Vec<(&'static str, String)>,
    /// What stands in the log behind the end, as the agent's own doing.
    logged: Vec<Action>,
    /// What the change was answered.
    told: Value,
    /// Status of the next call.
    next: u16,
    /// Logs that say that the end waited in vain for some of them.
    outstayed: Vec<String>,
}

#[tokio::test]
async fn what_is_on_its_way_is_refused_at_its_commit_when_its_agent_is_revoked() {
    let outcome = outcome(End::Revoked, &[]).await;
    all_refused(&outcome, "invalid_token", 401);
    assert_eq!(outcome.told["accepted_since"], 0, "{}", outcome.told);
    assert_eq!(outcome.told["waits_cancelled"], 1, "{}", outcome.told);
    assert_eq!(outcome.told["last_accepted"]["tool"], "fetch");
    assert_eq!(outcome.outstayed, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_on_its_way_is_refused_at_its_commit_when_its_agent_is_disabled() {
    all_refused(&outcome(End::Disabled, &[]).await, "invalid_token", 401);
}

#[tokio::test]
async fn what_is_on_its_way_is_refused_at_its_commit_when_its_agent_expires() {
    all_refused(&outcome(End::Expired, &[]).await, "invalid_token", 401);
}

#[tokio::test]
async fn what_is_on_its_way_is_refused_at_its_commit_when_its_token_is_rotated() {
    all_refused(&outcome(End::Rotated, &[]).await, "invalid_token", 401);
}

#[tokio::test]
async fn what_is_on_its_way_is_refused_at_its_commit_when_its_scope_is_taken() {
    let outcome = outcome(End::Narrowed, &[]).await;
    assert_eq!(outcome.accepted, ["remember", "forget"]);
    let mut logged = outcome.logged;
    logged.sort_unstable_by_key(|action| action.word());
    assert_eq!(logged, [Action::Forget, Action::Remember]);
    assert_eq!(outcome.refused.len(), WRITING - 2);
    for (tool, code) in outcome.refused {
        assert_eq!(code, "insufficient_scope", "{tool}");
    }
    assert_eq!(outcome.next, 403);
}

/// The same, of a build whose store is not asked anew: it must be missed.
#[tokio::test]
async fn a_build_that_does_not_look_a_second_time_is_found_out() {
    let unasked = [("HUSTING_TEST_TRUST_MEMORY", "1")];
    for end in [
        End::Revoked,
        End::Disabled,
        End::Expired,
        End::Rotated,
        End::Narrowed,
    ] {
        let Outcome {
            accepted,
            logged,
            told,
            ..
        } = outcome(end, &unasked).await;
        if end == End::Revoked {
            // The receipt is counted: it tells of what came after the end.
            let since = told["accepted_since"].as_u64();
            assert!(since.is_some_and(|since| since > 0), "{told}");
        }
        assert!(accepted.contains(&"send"), "{end:?}: {accepted:?}");
        for tool in ["create_deliberation", "append_round"] {
            assert!(accepted.contains(&tool), "{end:?}: {accepted:?}");
        }
        for action in [Action::Send, Action::Deliberate] {
            assert!(logged.contains(&action), "{end:?}: {logged:?}");
        }
    }
}

/// No wish of a test can be uttered to the program that people are given.
#[test]
fn what_people_are_given_knows_nothing_of_tests() {
    let knows = |program| holds(&fs::read(program).unwrap(), b"HUSTING_TEST_");
    assert!(!knows(husting()));
    assert!(knows(halting()));
}

#[track_caller]
fn all_refused(outcome: &Outcome, code: &str, next: u16) {
    assert_eq!(outcome.accepted, Vec::<&str>::new());
    assert_eq!(outcome.logged, Vec::<Action>::new());
    assert_eq!(outcome.refused.len(), WRITING);
    for (tool, refused) in &outcome.refused {
        assert_eq!(refused, code, "{tool}");
    }
    assert_eq!(outcome.next, next);
}

/// Stops a call of each tool that writes before its commit, ends the agent meanwhile, and looks what
/// became of them.
async fn outcome(end: End, variables: &[(&str, &str)]) -> Outcome {
    let home = Home::new();
    let hold = home.beside("hold");
    let held = [("HUSTING_TEST_HOLD", hold.to_str().unwrap())];
    let settings: Vec<_> = ROOMY
        .iter()
        .chain(&held)
        .chain(variables)
        .copied()
        .collect();
    let mut instance = Instance::start_with(&home, halting(), &settings).await;
    let tenant = Tenant::local(&instance).await;
    let scopes = [&ALL_SCOPES[..], &["mcp:deliberate"]].concat();
    let agent = tenant.mint("ending", &scopes).await;
    let calls = prepared(&tenant, &agent).await;
    if end == End::Expired {
        let ends = json!({ "expires_at": in_seconds(10) });
        tenant.patch(&agent, &ends).await.with(200);
    }
    fs::write(&hold, "").unwrap();
    let on_their_way = calls.map(|(tool, arguments)| {
        let agent = agent.clone();
        (
            tool,
            tokio::spawn(async move { agent.answer(tool, arguments).await }),
        )
    });
    for _ in &on_their_way {
        instance.until_said("held").await;
    }
    fs::remove_file(&hold).unwrap();
    let told = end.of(&tenant, &agent).await;
    let (accepted, refused) = answers(on_their_way).await;
    let logged = done_behind(&instance, &agent, end.logged()).await;
    let next = agent.answer("send", json!({"to": "other", "text": "Late."}));
    let next = next.await.status;
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    Outcome {
        accepted,
        refused,
        logged,
        told,
        next,
        outstayed: holders(&home.path().join("logs"), &[OUTSTAYED]),
    }
}

/// A call of each tool that writes, with everything in place that it needs.
async fn prepared(tenant: &Tenant, agent: &Agent) -> [(&'static str, Value); WRITING] {
    let other = tenant.mint("other", &ALL_SCOPES).await;
    let note = agent.told("remember", json!({"text": "Old."})).await["memories"][0]["id"].take();
    let old = json!({"workspace_id": "old"});
    agent.told("workspace_join", old.clone()).await;
    let opened = agent.told("create_deliberation", asking("Sun or rain?"));
    let session = opened.await["session_id"].take();
    let wait = json!({"session_id": session, "timeout_seconds": 60});
    agent.told("wait_for_round", wait).await;
    let mail = other.send("ending", "One.").await;
    assert_eq!(agent.inbox().await, ["One."]);
    other.send("ending", "Two.").await;
    [
        ("send", json!({"to": "other", "text": "Hello."})),
        (
            "ask",
            json!({"agent": "other", "message": "?", "timeout_seconds": 1}),
        ),
        ("broadcast", json!({"text": "All!"})),
        ("workspace_join", json!({"workspace_id": "new"})),
        ("workspace_leave", old),
        ("remember", json!({"text": "New."})),
        ("forget", json!({ "id": note })),
        ("ack", json!({ "ids": [mail] })),
        ("inbox", json!({})),
        ("create_deliberation", asking("Tea or coffee?")),
        (
            "append_round",
            json!({"session_id": session, "prompt": "And then?"}),
        ),
    ]
}

fn asking(prompt: &str) -> Value {
    json!({"prompt": prompt, "models": REHEARSAL})
}

impl End {
    /// As it stands in the log.
    const fn logged(self) -> Action {
        match self {
            Self::Revoked => Action::Revoke,
            Self::Disabled => Action::Disable,
            Self::Expired => Action::Expire,
            Self::Rotated => Action::Rotate,
            Self::Narrowed => Action::Change,
        }
    }

    /// Ends the agent; what that was answered.
    async fn of(self, tenant: &Tenant, agent: &Agent) -> Value {
        match self {
            Self::Revoked => tenant.revoke(agent).await,
            Self::Disabled => tenant.disable(agent).await,
            Self::Rotated => {
                let fresh = tenant.rotate(agent, 0).await;
                fresh.told("boot_context", json!({})).await
            }
            Self::Narrowed => {
                tenant.grant(agent, &["mcp:remember"]).await;
                Value::Null
            }
            // It ends by itself, and its calls with it.
            Self::Expired => Value::Null,
        }
    }
}

type Refused = Vec<(&'static str, String)>;

async fn answers(
    calls: [(&'static str, JoinHandle<Answer>); WRITING],
) -> (Vec<&'static str>, Refused) {
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    let answered = calls.map(async |(tool, call)| {
        let answer = wait_for("the end of a call", call).await.unwrap();
        assert_eq!(answer.status, 200, "{tool}: {}", answer.text);
        (tool, result_of(&answer.text))
    });
    for (tool, result) in join_all(answered).await {
        if result["isError"] == true {
            let code = result["structuredContent"]["error"].as_str().unwrap();
            refused.push((tool, code.to_owned()));
        } else {
            accepted.push(tool);
        }
    }
    (accepted, refused)
}
