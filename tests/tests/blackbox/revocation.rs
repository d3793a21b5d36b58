//! What an agent's end ends, while it is at work: nothing is taken in once the answer is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use husting_domain::audit::Action;
use husting_domain::time::Timestamp;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_wire::audit::{AuditRow, ListAudit};
use husting_wire::commands::FindAudit;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::keyed::{Answer, answered, roomy};
use crate::tenanted::{Agent, Events, Tenant, called, opening, texts};

/// Tasks that send without a pause.
const SENDERS: usize = 4;
/// Sends that are taken in before an end comes.
const WARM: usize = 20;
/// Answers of half a megabyte that a client asks for and does not read.
const UNREAD: u64 = 15;
const SCOPES: [&str; 2] = ["mcp:send", "mcp:inbox"];

/// An agent with everything open that one can hold open, and sends on the way.
struct AtWork {
    tenant: Tenant,
    agent: Agent,
    receiver: Agent,
    legacy: (Events, String),
    session: String,
    listening: Events,
    wait: JoinHandle<Answer>,
    senders: Vec<JoinHandle<Sender>>,
    over: Arc<AtomicBool>,
    home: (Instance, Home),
}

/// What one sender saw.
#[derive(Default)]
struct Sender {
    /// Texts that were acknowledged.
    accepted: Vec<String>,
    /// Texts of sends that began after the end was answered, and were acknowledged.
    too_late: Vec<String>,
    refusal: Option<u16>,
}

impl AtWork {
    async fn begin(expires_at: Option<Value>) -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        let receiver = tenant.mint("receiver", &["mcp:inbox", "mcp:send"]).await;
        let body = json!({"agent_name": "ending", "scopes": SCOPES, "expires_at": expires_at});
        let agent = tenant.agent(&tenant.post("/agents/mint", &body).await.with(201));
        let session = agent.session().await;
        let listening = agent.listen(&session).await;
        let legacy = agent.sse().await;
        let wait = agent.calling("inbox_wait", json!({"timeout_seconds": 120}));
        let wait = tokio::spawn(answered(wait));
        let over = Arc::new(AtomicBool::new(false));
        let (warm, mut warmed) = tokio::sync::mpsc::unbounded_channel();
        let senders = (0..SENDERS)
            .map(|number| tokio::spawn(send(agent.clone(), number, over.clone(), warm.clone())));
        let senders = senders.collect();
        for _ in 0..WARM {
            wait_for("a send", warmed.recv()).await.unwrap();
        }
        let open = until_open(&tenant, &agent);
        wait_for("its streams and its wait", open).await;
        Self {
            tenant,
            agent,
            receiver,
            legacy,
            session,
            listening,
            wait,
            senders,
            over,
            home: (instance, home),
        }
    }

    /// From here on nothing may be taken in any more.
    fn is_over(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Every acknowledged message is there and no other, none of them too late, and in the log none of
    /// them stands behind the end.
    async fn settled(self, status: u16, end: Action) -> (Instance, Home) {
        let mut accepted = Vec::new();
        for seen in join_all(self.senders).await {
            let seen = seen.unwrap();
            assert_eq!(seen.too_late, Vec::<String>::new());
            assert_eq!(seen.refusal, Some(status));
            accepted.extend(seen.accepted);
        }
        accepted.sort();
        let mut there = Vec::new();
        let mut after = 0;
        loop {
            let page = json!({"include": "all", "after": after, "limit": 100});
            let mail = self.receiver.told("inbox", page).await;
            there.extend(texts(&mail));
            match mail["next_after"].as_u64() {
                Some(next) => after = next,
                None => break,
            }
        }
        there.sort();
        // A send that was kept while its client was told otherwise would be one more.
        assert_eq!(there, accepted);
        let done = done_behind(&self.home.0, &self.agent, end).await;
        assert!(!done.contains(&Action::Send), "{done:?}");
        self.home
    }
}

/// Sends until it is refused.
async fn send(
    agent: Agent,
    number: usize,
    over: Arc<AtomicBool>,
    warm: tokio::sync::mpsc::UnboundedSender<()>,
) -> Sender {
    let mut seen = Sender::default();
    for count in 0.. {
        let text = format!("{number}-{count}");
        let was_over = over.load(Ordering::SeqCst);
        let answer = agent
            .answer("send", json!({"to": "receiver", "text": text}))
            .await;
        let is_taken = answer.status == 200 && answer.text.contains("Sent to receiver");
        if is_taken {
            seen.accepted.push(text.clone());
            warm.send(()).ok();
        }
        if is_taken && was_over {
            seen.too_late.push(text);
        }
        // One that was let in before the end and not kept after it is told so in its result.
        if answer.status != 200 {
            seen.refusal = Some(answer.status);
            break;
        }
    }
    seen
}

/// What stands in the log as an agent's own doing, behind the first such thing that was done to it.
pub async fn done_behind(instance: &Instance, agent: &Agent, end: Action) -> Vec<Action> {
    let mut rows: Vec<AuditRow> = Vec::new();
    loop {
        let asked = ListAudit {
            agent_id: Some(agent.id.parse().unwrap()),
            before: rows.last().map(|row| row.row),
            limit: Some(500),
            ..ListAudit::default()
        };
        let page = instance.call::<FindAudit>(asked).await.unwrap();
        rows.extend(page.rows);
        if !page.more {
            break;
        }
    }
    let end = rows.iter().rposition(|row| row.action == end);
    let behind = rows.into_iter().take(end.expect("the end is in the log"));
    let own = behind.filter(|row| row.actor.starts_with("agent:") && row.action != Action::Deny);
    own.map(|row| row.action).collect()
}

/// A moment that is so far away.
pub fn in_seconds(seconds: i64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let then = i64::try_from(now.as_micros()).unwrap() + seconds * 1_000_000;
    serde_json::to_value(Timestamp::from_micros(then)).unwrap()
}

async fn until_open(tenant: &Tenant, agent: &Agent) {
    let path = format!("/agents/{}", agent.id);
    loop {
        let read = tenant.get(&path).await.with(200);
        if read["agent"]["connections"] == 3 {
            return;
        }
    }
}

/// The wait ended before its time, without mail.
async fn cut_short(wait: JoinHandle<Answer>) {
    let answer = wait_for("the end of the wait", wait).await.unwrap();
    assert!(!answer.text.contains("No messages"), "{}", answer.text);
}

#[tokio::test]
async fn a_revocation_ends_everything_and_its_receipt_says_what() {
    let mut work = AtWork::begin(None).await;
    let receipt = work.tenant.revoke(&work.agent).await;
    work.is_over();
    assert_eq!(receipt["accepted_since"], 0, "{receipt}");
    assert_eq!(receipt["streams_closed"], 2, "{receipt}");
    assert_eq!(receipt["waits_cancelled"], 1, "{receipt}");
    assert_eq!(receipt["process_ended"], Value::Null);
    assert_eq!(receipt["last_accepted"]["tool"], "send", "{receipt}");
    ended(&mut work).await;
    work.settled(401, Action::Revoke).await;
}

#[tokio::test]
async fn disabling_ends_everything_until_it_is_taken_back() {
    let mut work = AtWork::begin(None).await;
    work.tenant.disable(&work.agent).await;
    work.is_over();
    ended(&mut work).await;
    let (tenant, agent) = (work.tenant.clone(), work.agent.clone());
    let session = work.session.clone();
    let refused = agent.answer("boot_context", json!({})).await;
    assert!(refused.text.contains("disabled"), "{}", refused.text);
    let _home = work.settled(401, Action::Disable).await;
    tenant.enable(&agent).await;
    agent.told("boot_context", json!({})).await;
    // What ended stays so.
    let call = agent.calling("boot_context", json!({}));
    let late = answered(call.header("mcp-session-id", session)).await;
    assert_eq!(late.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_session_on_which_nobody_listens_ends_with_a_suspension_too() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("silent", &SCOPES).await;
    let session = agent.session().await;
    tenant.disable(&agent).await;
    tenant.enable(&agent).await;
    let call = agent.calling("boot_context", json!({}));
    let late = answered(call.header("mcp-session-id", session)).await;
    assert_eq!(late.refusal(), (404, "not_found".to_owned()));
    agent.told("boot_context", json!({})).await;
}

#[tokio::test]
async fn what_a_revoked_client_has_not_read_yet_is_not_sent_to_it() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("backlog", &SCOPES).await;
    let sender = tenant.mint("writer", &SCOPES).await;
    // Four of them fill one answer, and no more fit in.
    let long = "x".repeat(60_000);
    for _ in 0..4 {
        sender.send("backlog", &long).await;
    }
    // More than the system takes for a client that reads nothing, less than ends its stream.
    let (mut events, endpoint) = agent.sse().await;
    agent.post(&endpoint, &opening("2025-06-18")).await;
    for id in 0..UNREAD {
        let all = called(id, "inbox", json!({"include": "all"}));
        agent.post(&endpoint, &all).await;
    }
    tenant.revoke(&agent).await;
    let mut read = 0;
    while let Some(event) = events.next().await {
        read += u64::from(event.data.is_some_and(|data| data.contains("xxx")));
    }
    println!("{read} of {UNREAD} answers were on the way");
    assert!(read < UNREAD, "all that waited was sent after the end");
}

#[tokio::test]
async fn an_agent_that_expires_ends_by_itself() {
    let mut work = AtWork::begin(Some(in_seconds(8))).await;
    ended(&mut work).await;
    work.is_over();
    let refused = work.agent.answer("boot_context", json!({})).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("expired"), "{}", refused.text);
    work.settled(401, Action::Expire).await;
}

#[tokio::test]
async fn a_rotation_ends_what_the_old_token_opened() {
    let mut work = AtWork::begin(None).await;
    let fresh = work.tenant.rotate(&work.agent, 0).await;
    work.is_over();
    ended(&mut work).await;
    fresh.told("boot_context", json!({})).await;
    work.settled(401, Action::Rotate).await;
}

#[tokio::test]
async fn a_rotation_with_an_overlap_ends_what_the_old_token_opened_when_that_is_over() {
    let mut work = AtWork::begin(None).await;
    let fresh = work.tenant.rotate(&work.agent, 6).await;
    fresh.told("boot_context", json!({})).await;
    work.agent.told("boot_context", json!({})).await;
    assert!(!work.wait.is_finished(), "both tokens open the door");
    ended(&mut work).await;
    work.is_over();
    fresh.told("boot_context", json!({})).await;
    work.settled(401, Action::Change).await;
}

#[tokio::test]
async fn a_scope_that_is_taken_ends_only_what_needs_it() {
    let mut work = AtWork::begin(None).await;
    work.tenant.grant(&work.agent, &["mcp:inbox"]).await;
    work.is_over();
    let changed = work.listening.message().await;
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    assert!(!work.wait.is_finished(), "the wait needs another scope");
    work.tenant.grant(&work.agent, &[]).await;
    let wait = std::mem::replace(&mut work.wait, tokio::spawn(std::future::pending()));
    cut_short(wait).await;
    let changed = work.listening.message().await;
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let pinged = work.agent.post(&work.legacy.1, &ping).await;
    assert_eq!(pinged.status, 202, "the stream stays");
    work.wait.abort();
    work.settled(403, Action::Change).await;
}

#[tokio::test]
async fn mail_of_whoever_was_revoked_rests_and_is_counted() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("silent", &["mcp:inbox"]).await;
    let writer = tenant.mint("writer", &["mcp:send", "mcp:inbox"]).await;
    for text in ["One.", "Two.", "Three."] {
        writer.send("silent", text).await;
    }
    let receipt = tenant.revoke(&agent).await;
    assert_eq!(receipt["messages_parked"], 3, "{receipt}");
    let late = json!({"to": "silent", "text": "Four."});
    let code = writer.refused("send", late).await;
    assert!(
        ["agent_not_found", "invalid_state"].contains(&code.as_str()),
        "{code}"
    );
    // Whoever has the name next has nothing of its mail.
    let next = tenant.mint("silent", &["mcp:inbox"]).await;
    assert!(next.inbox().await.is_empty());
}

/// Streams, sessions and the wait are over, and a message to the legacy stream is refused.
async fn ended(work: &mut AtWork) {
    while work.listening.next().await.is_some() {}
    while work.legacy.0.next().await.is_some() {}
    let wait = std::mem::replace(&mut work.wait, tokio::spawn(std::future::pending()));
    work.wait.abort();
    cut_short(wait).await;
    let call = called(1, "boot_context", json!({}));
    let late = work.agent.post(&work.legacy.1, &call).await;
    assert_eq!(late.status, 401, "{}", late.text);
}
