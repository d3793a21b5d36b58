//! A program that failed is started again: also where Husting was started again meanwhile, not while
//! everything is paused, and not where somebody called it off.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::ManualClock;
use husting_domain::ids::{AgentId, RunId};
use husting_domain::runs::{RunCause, RunExit};
use husting_store::{RunWrite, Write};
use husting_wire::agents::{AgentRef, SetPause};
use husting_wire::commands::{
    EndRun, FindRuns, LaunchAgent, PauseAgents, ReadRun, ResumeAgent, SuspendAgent, TakeSnapshot,
};
use husting_wire::errors::ErrorCode;
use husting_wire::runs::{ListRuns, RunRef, RunView, StartRun};
use husting_wire::settings::Nothing;

use crate::desk::Desk;
use crate::fragile::Break;
use crate::runs::{clock, eventually, minted, once, run_until, until};

const MINUTE: Duration = Duration::from_secs(60);

/// A desk with an agent whose program has failed once and is to be started again.
async fn failed(clock: &Arc<ManualClock>) -> (Desk, AgentId, RunView) {
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    let run = fails(&desk, once(agent, "/bin/false")).await;
    (desk, agent, run)
}

/// Starts what fails, until that is seen.
async fn fails(desk: &Desk, start: StartRun) -> RunView {
    let run_id = desk.ask::<LaunchAgent>(start).await.run_id;
    let is_it = |run: &&RunView| run.run_id == run_id && run.ended_at.is_some();
    let runs = until(desk, |runs| runs.iter().any(|run| is_it(&run))).await;
    runs.into_iter().find(|run| is_it(&run)).unwrap()
}

async fn reopened(desk: Desk, clock: &Arc<ManualClock>) -> Desk {
    let home = desk.home.clone();
    desk.console.close().await;
    Desk::open_in(home, clock.clone()).await
}

async fn runs(desk: &Desk) -> Vec<RunView> {
    desk.ask::<FindRuns>(ListRuns::default()).await.runs
}

/// The run by which the only agent waits for the operator.
async fn given_up_run(desk: &Desk) -> Option<RunId> {
    let snapshot = desk.ask::<TakeSnapshot>(Nothing {}).await;
    let agents = snapshot.agents.iter();
    agents.filter_map(|agent| agent.given_up_run).next()
}

/// Fails where a program is started once more although the clock runs on.
async fn nothing_follows(desk: &Desk, clock: &ManualClock) {
    let known = runs(desk).await.len();
    let more = run_until(desk, clock, MINUTE, |runs| runs.len() > known).await;
    assert_eq!(more, None, "it was started again");
}

fn restarts(runs: &[RunView]) -> usize {
    let restarts = runs.iter().filter(|run| run.cause == RunCause::Restart);
    restarts.count()
}

#[tokio::test]
async fn a_restart_that_waits_is_made_by_the_next_husting_at_once_where_its_time_has_passed() {
    for away in [Duration::ZERO, MINUTE] {
        let clock = clock();
        let (desk, _, first) = failed(&clock).await;
        let at = first.restarts_at.unwrap();
        clock.advance(away);
        let desk = reopened(desk, &clock).await;
        if away.is_zero() {
            assert_eq!(runs(&desk).await, [first], "as it was");
            clock.set(at);
        }
        let runs = until(&desk, |runs| restarts(runs) == 1 && runs.len() == 2).await;
        let first = runs.iter().find(|run| run.cause == RunCause::Operator);
        assert_eq!(first.unwrap().restarts_at, None, "it was made");
        desk.console.close().await;
    }
}

#[tokio::test]
async fn what_failed_too_often_is_known_to_the_next_husting_and_so_are_its_restarts() {
    let clock = clock();
    let (mut desk, agent, _) = failed(&clock).await;
    for wait in [2_000, 8_000, 32_000] {
        assert_eq!(given_up_run(&desk).await, None);
        let known = runs(&desk).await.len();
        clock.advance(Duration::from_millis(wait));
        until(&desk, |runs| {
            runs.len() == known + 1 && runs.iter().all(|run| run.ended_at.is_some())
        })
        .await;
        desk = reopened(desk, &clock).await;
    }
    let all = runs(&desk).await;
    let given_up: Vec<&RunView> = all.iter().filter(|run| run.gave_up).collect();
    assert_eq!(given_up.len(), 1);
    assert!(all.iter().all(|run| run.restarts_at.is_none()));
    nothing_follows(&desk, &clock).await;
    assert_eq!(given_up_run(&desk).await, Some(given_up[0].run_id));

    // Somebody starts it anew.
    let anew = desk.ask::<LaunchAgent>(once(agent, "/bin/true")).await;
    assert_eq!(given_up_run(&desk).await, None);
    until(&desk, |runs| {
        let found = runs.iter().find(|run| run.run_id == anew.run_id);
        found.is_some_and(|run| run.ended_at.is_some())
    })
    .await;
    let desk = reopened(desk, &clock).await;
    assert_eq!(given_up_run(&desk).await, None);
    desk.console.close().await;
}

#[tokio::test]
async fn what_failed_too_often_waits_for_nobody_once_it_is_left_as_it_is() {
    let clock = clock();
    let (desk, agent, first) = failed(&clock).await;
    for wait in [2_000, 8_000, 32_000] {
        let known = runs(&desk).await.len();
        clock.advance(Duration::from_millis(wait));
        until(&desk, |runs| {
            runs.len() == known + 1 && runs.iter().all(|run| run.ended_at.is_some())
        })
        .await;
    }
    let desk = reopened(desk, &clock).await;
    let waits = given_up_run(&desk).await.unwrap();
    assert_ne!(waits, first.run_id);

    // Any of its ended runs says whose program it is.
    let left = desk
        .ask::<EndRun>(RunRef {
            run_id: first.run_id,
        })
        .await;
    assert_eq!(
        (left.agent_id, left.run_id, left.gave_up),
        (agent, waits, false)
    );
    assert_eq!(given_up_run(&desk).await, None);
    let page = desk.ask::<ReadRun>(RunRef { run_id: waits }).await;
    assert!(!page.run.gave_up);
    let again = desk.refused::<EndRun>(RunRef { run_id: waits }).await;
    assert_eq!(again.code, ErrorCode::InvalidState);
    nothing_follows(&desk, &clock).await;

    let desk = reopened(desk, &clock).await;
    assert_eq!(given_up_run(&desk).await, None);
    desk.console.close().await;
}

#[tokio::test]
async fn a_restart_that_was_called_off_is_off_for_good() {
    let clock = clock();
    let (desk, _, first) = failed(&clock).await;
    let run_id = first.run_id;
    let called_off = desk.ask::<EndRun>(RunRef { run_id }).await;
    assert_eq!(called_off.restarts_at, None);
    assert!(!called_off.gave_up);
    let again = desk.refused::<EndRun>(RunRef { run_id }).await;
    assert_eq!(again.code, ErrorCode::InvalidState);
    nothing_follows(&desk, &clock).await;
    let desk = reopened(desk, &clock).await;
    nothing_follows(&desk, &clock).await;
    desk.console.close().await;
}

#[tokio::test]
async fn one_that_is_not_to_be_started_again_is_not() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    let run = fails(
        &desk,
        StartRun {
            no_restarts: true,
            ..once(agent, "/bin/false")
        },
    )
    .await;
    assert_eq!((run.restarts_at, run.gave_up), (None, false));
    nothing_follows(&desk, &clock).await;
    desk.console.close().await;
}

#[tokio::test]
async fn another_start_takes_the_place_of_a_restart() {
    let clock = clock();
    let (desk, agent, first) = failed(&clock).await;
    let second = fails(&desk, once(agent, "/bin/true")).await;
    assert_eq!(second.exit, Some(RunExit::Code { code: 0 }));
    let run = desk
        .ask::<ReadRun>(RunRef {
            run_id: first.run_id,
        })
        .await
        .run;
    assert_eq!(run.restarts_at, None);
    nothing_follows(&desk, &clock).await;
    desk.console.close().await;
}

#[tokio::test]
async fn a_restart_waits_for_the_end_of_a_pause_and_says_so() {
    let clock = clock();
    let (desk, _, first) = failed(&clock).await;
    assert!(!first.restart_paused);
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    nothing_follows(&desk, &clock).await;
    let waiting = &runs(&desk).await[0];
    assert!(waiting.restart_paused && waiting.restarts_at.is_some());
    // The pause outlives Husting, and so does what waits for its end.
    let desk = reopened(desk, &clock).await;
    nothing_follows(&desk, &clock).await;
    desk.ask::<PauseAgents>(SetPause { paused: false }).await;
    let runs = until(&desk, |runs| restarts(runs) == 1).await;
    assert!(runs.iter().all(|run| !run.restart_paused));
    desk.console.close().await;
}

#[tokio::test]
async fn a_pause_that_ends_before_its_time_changes_no_restart() {
    let clock = clock();
    let (desk, _, first) = failed(&clock).await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    desk.ask::<PauseAgents>(SetPause { paused: false }).await;
    clock.set(first.restarts_at.unwrap());
    until(&desk, |runs| restarts(runs) == 1).await;
    desk.console.close().await;
}

#[tokio::test]
async fn a_suspension_calls_a_restart_off_and_it_is_not_said_to_come() {
    let clock = clock();
    let (desk, agent_id, _) = failed(&clock).await;
    desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    until(&desk, |runs| runs[0].restarts_at.is_none()).await;
    nothing_follows(&desk, &clock).await;
    desk.ask::<ResumeAgent>(AgentRef { agent_id }).await;
    nothing_follows(&desk, &clock).await;
    desk.console.close().await;
}

/// Takes away what a restart needs.
type Spoils = fn(&Path);

#[tokio::test]
async fn a_restart_that_cannot_be_made_is_a_run_that_failed() {
    let no_program: Spoils = |home| std::fs::remove_file(home.join("program")).unwrap();
    // A file stands where its own folder is to be made.
    let no_folder: Spoils = |home| {
        let agents = home.join("agents");
        std::fs::remove_dir_all(&agents).unwrap();
        std::fs::write(agents, "").unwrap();
    };
    for spoil in [no_program, no_folder] {
        let clock = clock();
        let desk = Desk::open_by(clock.clone()).await;
        let agent = minted(&desk).await;
        let program = desk.home.path().join("program");
        std::os::unix::fs::symlink("/bin/false", &program).unwrap();
        let start = once(agent, &program.display().to_string());
        fails(&desk, start).await;
        spoil(desk.home.path());
        for (known, wait) in [(2, 2_000), (3, 8_000), (4, 32_000)] {
            clock.advance(Duration::from_millis(wait));
            until(&desk, |runs| {
                runs.len() == known && runs.iter().all(|run| run.ended_at.is_some())
            })
            .await;
        }
        let mut all = runs(&desk).await;
        all.sort_by_key(|run| run.started_at);
        let exits: Vec<RunExit> = all.iter().filter_map(|run| run.exit).collect();
        let not_started = RunExit::NotStarted;
        let code = RunExit::Code { code: 1 };
        assert_eq!(exits, [code, not_started, not_started, not_started]);
        let gave_up: Vec<bool> = all.iter().map(|run| run.gave_up).collect();
        assert_eq!(gave_up, [false, false, false, true]);
        let last = RunRef {
            run_id: all[3].run_id,
        };
        assert!(!desk.ask::<ReadRun>(last).await.text.is_empty(), "why");
        nothing_follows(&desk, &clock).await;
        desk.console.close().await;
    }
}

#[tokio::test]
async fn a_start_that_the_operator_asked_for_and_that_fails_is_told_and_not_made_again() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent = minted(&desk).await;
    let refused = desk
        .refused::<LaunchAgent>(once(agent, "/no/such/program"))
        .await;
    assert_eq!(refused.code, ErrorCode::ProgramFailed);
    let run = &runs(&desk).await[0];
    assert_eq!(run.exit, Some(RunExit::NotStarted));
    assert_eq!((run.restarts_at, run.gave_up), (None, false));
    nothing_follows(&desk, &clock).await;
    desk.console.close().await;
}

#[tokio::test]
async fn an_end_is_kept_with_what_follows_it_however_the_store_fails() {
    for at in [Break::Before, Break::After] {
        let clock = clock();
        let (desk, store) = Desk::fragile(clock.clone()).await;
        let agent = minted(&desk).await;
        store.weaken(
            |unit| {
                let mut writes = unit.writes.iter();
                writes.any(|write| matches!(write, Write::Run(RunWrite::End(_))))
            },
            at,
            1,
        );
        desk.ask::<LaunchAgent>(once(agent, "/bin/false")).await;
        store.until_broken(1).await;
        eventually(&desk, &clock, |runs| restarts(runs) == 1).await;
        desk.console.close().await;
    }
}
