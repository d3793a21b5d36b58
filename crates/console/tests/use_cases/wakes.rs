//! When mail starts an agent: not while everything is paused or somebody else's client is there, and by
//! the rule and the command of now.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock};
use husting_domain::ids::AgentId;
use husting_domain::runs::{RunCause, RunExit};
use husting_store::{RunWrite, Unit, Write};
use husting_wire::agents::{AgentRef, MintedAgent, SetPause};
use husting_wire::commands::{ChangeWake, LaunchAgent, PauseAgents, ReadAgent};
use husting_wire::runs::RunView;

use crate::agents::{self, holder, mint};
use crate::desk::{Desk, PATIENCE, until_awaited};
use crate::fragile::Break;
use crate::runs::{
    LEASE, begun_by_mail, by_mail, clock, eventually, gathered, once, run_until, until, wakes,
    woken_at, write_to_bruno,
};

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
    let woken = run_until(desk, clock, MINUTE, |runs| begun_by_mail(runs) > 0).await;
    woken.is_some()
}

/// The one run that mail began, once it has ended.
async fn run_by_mail(desk: &Desk) -> RunView {
    let runs = until(desk, |runs| by_mail(runs) == 1).await;
    let mut runs = runs.into_iter();
    runs.find(|run| run.cause == RunCause::Mail).unwrap()
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
    assert_eq!(run_by_mail(&desk).await.command, other);
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
    let tried = gathered(&clock);
    until_awaited(&clock, tried).await;
    clock.set(tried);
    store.until_broken(1).await;
    woken_at(&desk, &clock, tried.plus(MINUTE), 1).await;
    desk.console.close().await;
}

#[tokio::test]
async fn a_program_that_is_gone_has_had_its_start_for_a_lease_as_one_that_left_the_mail() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let bruno = mint(&desk, agents::minted("bruno")).await;
    let program = desk.home.path().join("program");
    std::os::unix::fs::symlink("/bin/true", &program).unwrap();
    confirm(&desk, bruno.agent.id, program.to_str().unwrap()).await;
    std::fs::remove_file(&program).unwrap();
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    write_to_bruno(&desk, "Good morning.").await;
    woken_at(&desk, &clock, gathered(&clock), 1).await;
    let again = run_until(&desk, &clock, LEASE / 2, |runs| begun_by_mail(runs) > 1).await;
    assert_eq!(again, None);
    assert_eq!(run_by_mail(&desk).await.exit, Some(RunExit::NotStarted));
    let why = hindrance(&desk, bruno.agent.id).await.unwrap();
    assert!(why.contains(program.to_str().unwrap()), "{why}");
    desk.console.close().await;
}

#[tokio::test]
async fn mail_that_comes_after_a_start_is_gathered_as_the_first_was() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    desk.ask::<ChangeWake>(wakes(bruno.agent.id, true, false))
        .await;
    write_to_bruno(&desk, "Good morning.").await;
    woken_at(&desk, &clock, gathered(&clock), 1).await;
    clock.advance(MINUTE);
    write_to_bruno(&desk, "Where is pallet 4?").await;
    let second = gathered(&clock);
    until_awaited(&clock, second).await;
    let shortly = Duration::from_secs(4);
    let sooner = run_until(&desk, &clock, shortly, |runs| begun_by_mail(runs) > 1).await;
    assert_eq!(sooner, None);
    woken_at(&desk, &clock, second, 2).await;
    desk.console.close().await;
}

/// What is said to keep mail from starting it.
async fn hindrance(desk: &Desk, agent_id: AgentId) -> Option<String> {
    let page = desk.ask::<ReadAgent>(AgentRef { agent_id }).await;
    page.wake.unwrap().hindrance
}

async fn until_hindered(desk: &Desk, agent: AgentId, is_so: impl Fn(Option<&str>) -> bool) {
    let looking = async {
        while !is_so(hindrance(desk, agent).await.as_deref()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("what is in the way never came to that"));
}

#[tokio::test]
async fn mail_for_which_no_start_of_the_day_is_left_starts_its_agent_just_after_midnight() {
    let clock = clock();
    let (desk, bruno) = confirmed(&clock, "/bin/true").await;
    let id = bruno.agent.id;
    let mut rule = wakes(id, true, false);
    rule.rule.per_day = 1;
    desk.ask::<ChangeWake>(rule).await;
    write_to_bruno(&desk, "Good morning.").await;
    woken_at(&desk, &clock, gathered(&clock), 1).await;
    clock.advance(MINUTE);
    write_to_bruno(&desk, "Where is pallet 4?").await;
    let second = gathered(&clock);
    until_awaited(&clock, second).await;
    clock.set(second);
    let is_used_up =
        |why: Option<&str>| why.is_some_and(|why| why.contains("as often today as is allowed (1)"));
    until_hindered(&desk, id, is_used_up).await;

    let midnight = second.next_day_start();
    clock.set(midnight.plus(Duration::from_secs(1)));
    let runs = until(&desk, |runs| by_mail(runs) == 2).await;
    let newest = runs.iter().map(|run| run.started_at).max();
    assert_eq!(newest, Some(clock.now()));
    until_hindered(&desk, id, |why| why.is_none()).await;
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
    let twice = run_until(&desk, &clock, MINUTE, |runs| begun_by_mail(runs) > 1).await;
    assert_eq!(twice, None);
    desk.console.close().await;
}
