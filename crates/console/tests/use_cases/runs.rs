//! Agents' programs by the clock: how often one that fails is started again, and what is said of one
//! that has not asked who it is for a minute.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock};
use husting_domain::agents::AgentStatus;
use husting_domain::clients::Client;
use husting_domain::ids::AgentId;
use husting_domain::runs::{RunCause, RunExit, RunHow, WakeRule};
use husting_domain::time::Timestamp;
use husting_wire::agents::{AgentRef, MintAgent};
use husting_wire::bus::messages::{Recipient, WriteMessage};
use husting_wire::commands::{
    ChangeWake, EndAgent, EndRun, FindRuns, LaunchAgent, MakeAgent, PutWiring, ReadRun,
    SendMessage, SuspendAgent, TakeSnapshot,
};
use husting_wire::errors::ErrorCode;
use husting_wire::runs::{ListRuns, RunRef, RunView, SetWake, StartRun};
use husting_wire::settings::Nothing;
use husting_wire::wiring::{WiringOf, WiringTransport, WriteWiring};

use crate::desk::{Desk, until_awaited};

const NOW: i64 = 1_795_000_000_000_000;
/// How long mail is gathered by the rule of [`wakes`].
const BATCH_SECONDS: u32 = 5;
/// How long a message is an agent's that took it, where nobody sets it otherwise.
pub const LEASE: Duration = Duration::from_secs(600);

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_micros(NOW)))
}

pub async fn minted(desk: &Desk) -> AgentId {
    let asked = MintAgent {
        agent_name: "bruno".to_owned(),
        model: None,
        charter: None,
        scopes: None,
        expires_at: None,
    };
    desk.ask::<MakeAgent>(asked).await.agent.id
}

pub fn once(agent_id: AgentId, command: &str) -> StartRun {
    StartRun {
        agent_id,
        how: RunHow::Once,
        command: command.to_owned(),
        directory: None,
        keep: true,
        no_restarts: false,
    }
}

/// Runs, once they are as wanted.
pub async fn until(desk: &Desk, is_so: impl Fn(&[RunView]) -> bool) -> Vec<RunView> {
    let looking = async {
        loop {
            let runs = desk.ask::<FindRuns>(ListRuns::default()).await.runs;
            if is_so(&runs) {
                return runs;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::desk::PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("the runs never came to that"))
}

#[tokio::test]
async fn a_program_that_fails_is_started_again_three_times_and_then_left() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    desk.ask::<LaunchAgent>(once(agent, "/bin/false")).await;
    for (restarts, wait) in [(1, 2_000_u64), (2, 8_000), (3, 32_000)] {
        let newest = |runs: &[RunView]| runs.iter().max_by_key(|run| run.run_id).cloned();
        until(&desk, |runs| {
            runs.len() == restarts && newest(runs).is_some_and(|run| run.restarts_at.is_some())
        })
        .await;
        clock.advance(Duration::from_millis(wait - 1));
        let runs = desk.ask::<FindRuns>(ListRuns::default()).await.runs;
        assert_eq!(runs.len(), restarts, "not sooner");
        clock.advance(Duration::from_millis(1));
    }
    let runs = until(&desk, |runs| {
        runs.len() == 4 && runs.iter().any(|run| run.gave_up)
    })
    .await;
    let given_up: Vec<&RunView> = runs.iter().filter(|run| run.gave_up).collect();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].exit, Some(RunExit::Code { code: 1 }));
    let restarted = runs.iter().filter(|run| run.cause == RunCause::Restart);
    assert_eq!(restarted.count(), 3);
    // Whoever looks at the hall is told, without another start of Husting.
    let gave_up = Some(given_up[0].run_id);
    let waits = async {
        loop {
            let snapshot = desk.ask::<TakeSnapshot>(Nothing {}).await;
            if snapshot
                .agents
                .iter()
                .any(|each| each.given_up_run == gave_up)
            {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::desk::PATIENCE, waits)
        .await
        .unwrap();
    desk.console.close().await;
}

#[tokio::test]
async fn one_that_is_done_or_stopped_is_not_started_again() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    desk.ask::<LaunchAgent>(once(agent, "/bin/true")).await;
    until(&desk, |runs| runs[0].ended_at.is_some()).await;
    let run = desk.ask::<LaunchAgent>(once(agent, "/bin/sleep 600")).await;
    let twin = desk
        .refused::<LaunchAgent>(once(agent, "/bin/sleep 600"))
        .await;
    assert_eq!(twin.code, ErrorCode::InvalidState);
    let stopped = desk.ask::<EndRun>(RunRef { run_id: run.run_id }).await;
    assert!(stopped.stopped && stopped.ended_at.is_some());
    clock.advance(Duration::from_millis(3_600_000));
    let runs = until(&desk, |runs| runs.len() == 2).await;
    assert!(
        runs.iter()
            .all(|run| run.restarts_at.is_none() && !run.gave_up)
    );
    desk.console.close().await;
}

#[tokio::test]
async fn after_a_minute_without_a_first_call_it_is_said_what_is_likely_in_the_way() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    let script = "/bin/sh -c 'echo Invalid API key; exec sleep 600'";
    let run_id = desk.ask::<LaunchAgent>(once(agent, script)).await.run_id;
    let said = async {
        while !desk
            .ask::<ReadRun>(RunRef { run_id })
            .await
            .text
            .contains("Invalid")
        {
            clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::desk::PATIENCE, said)
        .await
        .unwrap();
    clock.advance(Duration::from_millis(60_000));
    let runs = until(&desk, |runs| runs[0].hindrance.is_some()).await;
    let why = runs[0].hindrance.as_deref().unwrap();
    assert!(why.contains("log in"), "{why}");
    desk.ask::<EndRun>(RunRef { run_id }).await;
    desk.console.close().await;
}

#[tokio::test]
async fn what_may_not_call_is_neither_started_nor_left_running() {
    let desk = Desk::open_by(clock()).await;
    let agent = minted(&desk).await;
    desk.ask::<LaunchAgent>(once(agent, "/bin/sleep 600")).await;
    desk.ask::<SuspendAgent>(AgentRef { agent_id: agent }).await;
    let runs = until(&desk, |runs| runs[0].ended_at.is_some()).await;
    assert!(runs[0].stopped);
    let refused = desk.refused::<LaunchAgent>(once(agent, "/bin/true")).await;
    assert_eq!(refused.code, ErrorCode::InvalidState);
    let ended = desk.ask::<EndAgent>(AgentRef { agent_id: agent }).await;
    assert_eq!(ended.agent.status, AgentStatus::Revoked);
    assert_eq!(
        ended.receipt.unwrap().process_ended,
        None,
        "none ran any more"
    );
    desk.console.close().await;
}

#[tokio::test]
async fn a_rule_for_waking_has_its_bounds() {
    let desk = Desk::open_by(clock()).await;
    let agent_id = minted(&desk).await;
    let rule = |batch_seconds, per_day| SetWake {
        agent_id,
        rule: WakeRule {
            on: true,
            requests_only: false,
            batch_seconds,
            per_day,
        },
    };
    for (batch, per_day, field) in [
        (0, 1, "batch_seconds"),
        (3_601, 1, "batch_seconds"),
        (1, 0, "per_day"),
        (1, 1_001, "per_day"),
    ] {
        let refused = desk.refused::<ChangeWake>(rule(batch, per_day)).await;
        assert_eq!(refused.code, ErrorCode::InvalidBody);
        assert_eq!(refused.details.unwrap()["field"], field);
    }
    for (batch, per_day) in [(1, 1), (3_600, 1_000)] {
        let page = desk.ask::<ChangeWake>(rule(batch, per_day)).await;
        let wake = page.wake.unwrap();
        assert_eq!(
            (wake.rule.batch_seconds, wake.rule.per_day),
            (batch, per_day)
        );
        let hindrance = wake.hindrance.unwrap();
        let wire = "`husting wire bruno --client claude-code --write .mcp.json --rotate`";
        assert!(hindrance.contains(wire), "{hindrance}");
        assert!(hindrance.contains("`husting run bruno --once`"));
    }
    desk.console.close().await;
}

pub async fn write_to_bruno(desk: &Desk, text: &str) {
    let asked = WriteMessage {
        to: Recipient::Agent("bruno".to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    desk.ask::<SendMessage>(asked).await;
}

/// Lets the clock run until it is so, a tenth of a second at a time.
pub async fn run_until(
    desk: &Desk,
    clock: &ManualClock,
    limit: Duration,
    is_so: impl Fn(&[RunView]) -> bool,
) -> Option<Duration> {
    let mut passed = Duration::ZERO;
    while passed < limit {
        let runs = desk.ask::<FindRuns>(ListRuns::default()).await.runs;
        if is_so(&runs) {
            return Some(passed);
        }
        let step = Duration::from_millis(100);
        clock.advance(step);
        passed += step;
        tokio::task::yield_now().await;
    }
    None
}

/// Lets the clock run until it is so, however long that takes a busy machine.
pub async fn eventually(desk: &Desk, clock: &ManualClock, is_so: impl Fn(&[RunView]) -> bool) {
    let second = Duration::from_secs(1);
    let running = async { while run_until(desk, clock, second, &is_so).await.is_none() {} };
    tokio::time::timeout(crate::desk::PATIENCE, running)
        .await
        .unwrap_or_else(|_| panic!("the runs never came to that"));
}

/// When mail that is noticed now starts its agent, by the rule of [`wakes`].
pub fn gathered(clock: &ManualClock) -> Timestamp {
    clock.now().plus(Duration::from_secs(BATCH_SECONDS.into()))
}

/// Lets the clock come to a moment that mail waits for, and stand there: the agent is started just then,
/// for so many times by now, and its program has the time that it needs to end.
pub async fn woken_at(desk: &Desk, clock: &ManualClock, moment: Timestamp, times: usize) {
    until_awaited(clock, moment).await;
    clock.set(moment);
    let runs = until(desk, |runs| by_mail(runs) == times).await;
    let woken = runs.iter().filter(|run| run.cause == RunCause::Mail);
    assert_eq!(woken.map(|run| run.started_at).max(), Some(moment));
}

/// Starts by mail.
pub fn begun_by_mail(runs: &[RunView]) -> usize {
    let woken = runs.iter().filter(|run| run.cause == RunCause::Mail);
    woken.count()
}

/// Starts by mail whose programs have ended.
pub fn by_mail(runs: &[RunView]) -> usize {
    let woken = runs.iter().filter(|run| run.cause == RunCause::Mail);
    woken.filter(|run| run.ended_at.is_some()).count()
}

pub fn wakes(agent_id: AgentId, on: bool, requests_only: bool) -> SetWake {
    SetWake {
        agent_id,
        rule: WakeRule {
            on,
            requests_only,
            batch_seconds: BATCH_SECONDS,
            per_day: 10,
        },
    }
}

#[tokio::test]
async fn mail_that_a_crashing_agent_leaves_starts_it_again_once_the_lease_would_have_run_out() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    let mut crashing = once(agent, "/bin/false");
    crashing.no_restarts = true;
    desk.ask::<LaunchAgent>(crashing).await;
    until(&desk, |runs| runs[0].ended_at.is_some()).await;
    desk.ask::<ChangeWake>(wakes(agent, true, false)).await;
    write_to_bruno(&desk, "Where is pallet 4?").await;
    let first = gathered(&clock);
    woken_at(&desk, &clock, first, 1).await;
    // Nothing is restarted of what mail started, and the message waits.
    let again = first.plus(LEASE);
    until_awaited(&clock, again).await;
    let nearly = LEASE - Duration::from_secs(1);
    let sooner = run_until(&desk, &clock, nearly, |runs| runs.len() > 2).await;
    assert_eq!(sooner, None);
    // What was left is gathered with what may come just then.
    clock.set(again);
    woken_at(&desk, &clock, gathered(&clock), 2).await;
    desk.console.close().await;
}

#[tokio::test]
async fn mail_starts_nobody_where_it_is_switched_off_or_only_requests_do() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    desk.ask::<LaunchAgent>(once(agent, "/bin/true")).await;
    until(&desk, |runs| runs[0].ended_at.is_some()).await;
    write_to_bruno(&desk, "Good morning.").await;
    for (on, requests_only) in [(false, false), (true, true)] {
        desk.ask::<ChangeWake>(wakes(agent, on, requests_only))
            .await;
        let woken = run_until(&desk, &clock, Duration::from_secs(30), |runs| {
            begun_by_mail(runs) > 0
        })
        .await;
        assert_eq!(woken, None, "on: {on}, requests only: {requests_only}");
    }
    desk.ask::<ChangeWake>(wakes(agent, true, false)).await;
    eventually(&desk, &clock, |runs| by_mail(runs) == 1).await;
    desk.console.close().await;
}

#[tokio::test]
async fn a_file_is_written_with_the_agents_own_token_and_for_nobody_else() {
    let desk = Desk::open_by(clock()).await;
    desk.console.set_address("127.0.0.1:6070".to_owned(), None);
    let mint = async |name: &str| {
        let asked = MintAgent {
            agent_name: name.to_owned(),
            model: None,
            charter: None,
            scopes: None,
            expires_at: None,
        };
        let minted = desk.ask::<MakeAgent>(asked).await;
        (minted.agent.id, minted.raw_token.unwrap())
    };
    let (bruno, bruno_token) = mint("bruno").await;
    let (kim, kim_token) = mint("kim").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wired.json");
    let write = |agent_id, secret: &str, path: &std::path::Path| WriteWiring {
        of: WiringOf::Agent { agent_id },
        client: Client::Json,
        transport: WiringTransport::Http,
        path: path.display().to_string(),
        secret: secret.to_owned(),
        git_exclude: false,
    };
    for secret in [kim_token.as_str(), "hst_a_of_nobody", ""] {
        let refused = desk.refused::<PutWiring>(write(bruno, secret, &path)).await;
        assert_eq!(refused.code, ErrorCode::InvalidToken);
        assert!(!path.exists());
    }
    desk.ask::<PutWiring>(write(bruno, &bruno_token, &path))
        .await;
    let before = std::fs::read(&path).unwrap();
    let refused = desk
        .refused::<PutWiring>(write(kim, &kim_token, &path))
        .await;
    assert_eq!(refused.code, ErrorCode::ClientFile);
    assert!(refused.message.contains("the token of bruno"), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    desk.ask::<EndAgent>(AgentRef { agent_id: bruno }).await;
    desk.ask::<PutWiring>(write(kim, &kim_token, &path)).await;
    desk.console.close().await;
}
