//! When mail starts an agent: not while everything is paused or somebody else's client is there, and by
//! the rule and the command of now.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::ManualClock;
use husting_domain::ids::AgentId;
use husting_domain::runs::RunCause;
use husting_store::{RunWrite, Unit, Write};
use husting_wire::agents::{MintedAgent, SetPause};
use husting_wire::commands::{ChangeWake, LaunchAgent, PauseAgents};
use husting_wire::runs::RunView;

use crate::agents::{self, holder, mint};
use crate::desk::Desk;
use crate::fragile::Break;
use crate::runs::{by_mail, clock, eventually, once, run_until, until, wakes, write_to_bruno};

const MINUTE: Duration = Duration::from_secs(60);

/// An agent whom mail starts with this command once the rule says so.
async fn confirmed(clock: &Arc<ManualClock>, command: &str) -> (Desk, MintedAgent) {
    let desk = Desk::open_by(clock.clone()).await;
    let bruno = mint(&desk, agents::minted("bruno")).await;
    confirm(&desk, bruno.agent.id, command).await;
    (desk, bruno)
}

async fn confirm(desk: &Desk, agent: AgentId, command: &str) {
    desk.ask::<LaunchAgent>(once(agent, command)).await;
    until(desk, |runs| runs.iter().all(|run| run.ended_at.is_some())).await;
}

async fn is_woken(desk: &Desk, clock: &ManualClock) -> bool {
    let woken = run_until(desk, clock, MINUTE, |runs| by_mail(runs) > 0).await;
    woken.is_some()
}

#[tokio::test]
async fn mail_starts_nobody_while_everything_is_paused() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    write_to_bruno(&desk, "Good morning.").await;
    assert!(!is_woken(&desk, &clock).await);
    desk.ask::<PauseAgents>(SetPause { paused: false }).await;
    eventually(&desk, &clock, |runs| by_mail(runs) == 1).await;
    desk.console.close().await;
}

#[tokio::test]
async fn mail_starts_nobody_whose_client_is_there_already() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    let stream = desk
        .console
        .hold_open(&holder(&desk, &bruno), None)
        .unwrap();
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    write_to_bruno(&desk, "Good morning.").await;
    assert!(!is_woken(&desk, &clock).await);
    drop(stream);
    eventually(&desk, &clock, |runs| by_mail(runs) == 1).await;
    desk.console.close().await;
}

#[tokio::test]
async fn mail_starts_the_command_that_was_confirmed_last() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    let other = "/bin/echo another";
    confirm(&desk, bruno.agent.id, other).await;
    write_to_bruno(&desk, "Good morning.").await;
    eventually(&desk, &clock, |runs| by_mail(runs) == 1).await;
    let runs = until(&desk, |runs| by_mail(runs) == 1).await;
    let by_mail = |run: &&RunView| run.cause == RunCause::Mail;
    assert_eq!(runs.iter().find(by_mail).unwrap().command, other);
    desk.console.close().await;
}

/// A start that was not even tried is none that left the mail.
#[tokio::test]
async fn a_start_that_could_not_be_kept_is_made_long_before_a_lease_would_have_run_out() {
    let clock = clock();
    let (desk, store) = Desk::fragile(clock.clone()).await;
    let bruno = mint(&desk, agents::minted("bruno")).await;
    confirm(&desk, bruno.agent.id, "/bin/true").await;
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    let begins = |unit: &Unit| {
        let begins = |write: &Write| matches!(write, Write::Run(RunWrite::Begin(_)));
        unit.writes.iter().any(begins)
    };
    store.weaken(begins, Break::Before, 1);
    write_to_bruno(&desk, "Good morning.").await;
    eventually(&desk, &clock, |_| store.times_broken() == 1).await;
    let lease = 10 * MINUTE;
    let woken = run_until(&desk, &clock, lease / 2, |runs| by_mail(runs) == 1).await;
    assert!(woken.is_some());
    desk.console.close().await;
}

#[tokio::test]
async fn of_an_old_rule_nothing_is_left() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    let id = bruno.agent.id;
    for narrower in [wakes(id, true, true), wakes(id, false, false)] {
        desk.ask::<ChangeWake>(wakes(id, true, false)).await;
        desk.ask::<ChangeWake>(narrower).await;
        write_to_bruno(&desk, "Good morning.").await;
        assert!(!is_woken(&desk, &clock).await, "{narrower:?}");
    }
    // Rules that follow one another quickly start it once.
    for _ in 0..3 {
        for batch_seconds in [5, 6] {
            let mut rule = wakes(id, true, false);
            rule.rule.batch_seconds = batch_seconds;
            desk.ask::<ChangeWake>(rule).await;
        }
    }
    eventually(&desk, &clock, |runs| by_mail(runs) == 1).await;
    let twice = run_until(&desk, &clock, MINUTE, |runs| by_mail(runs) > 1).await;
    assert_eq!(twice, None);
    desk.console.close().await;
}
