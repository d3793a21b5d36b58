//! How agents' programs end, and who waits for that: a stop, a revocation, everything at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::pin_mut;
use husting_clock::ManualClock;
use husting_console::Surroundings;
use husting_domain::audit::Action;
use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{RunExit, RunHow};
use husting_wire::agents::{AgentRef, StoppedProgram};
use husting_wire::audit::{AuditRow, ListAudit};
use husting_wire::commands::{
    ChangeWake, EndAgent, EndRun, FindAudit, FindRuns, LaunchAgent, PutWiring, ReadRun,
    StopEverything, SuspendAgent, ThinkOfRun,
};
use husting_wire::errors::ErrorCode;
use husting_wire::runs::{ListRuns, PlanRun, RunRef, RunView, StartRun};
use husting_wire::settings::Nothing;
use husting_wire::wiring::{WiringOf, WiringTransport, WriteWiring};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::agents::{self, holder, listed, mint};
use crate::desk::{Desk, PATIENCE};
use crate::runs::{clock, minted, once, run_until, until, wakes};

/// Starts a program for one task, until it said that it is ready.
async fn ready(desk: &Desk, clock: &ManualClock, agent: AgentId, script: &str) -> RunId {
    let command = format!("/bin/sh -c '{script}'");
    let run_id = desk.ask::<LaunchAgent>(once(agent, &command)).await.run_id;
    let said = async {
        loop {
            let page = desk.ask::<ReadRun>(RunRef { run_id }).await;
            if page.text.contains("ready") {
                return;
            }
            clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, said).await.unwrap();
    run_id
}

#[tokio::test]
async fn a_program_is_asked_to_end_before_it_is_killed() {
    for closes in [false, true] {
        let clock = clock();
        let desk = Desk::open_by(clock.clone()).await;
        let agent = minted(&desk).await;
        let polite = "trap \"sleep 0.5; exit 7\" TERM; echo ready; while :; do sleep 0.05; done";
        let run_id = ready(&desk, &clock, agent, polite).await;
        let home = desk.home.clone();
        if !closes {
            desk.ask::<EndRun>(RunRef { run_id }).await;
        }
        desk.console.close().await;
        let desk = Desk::open_in(home, clock.clone()).await;
        let run = desk.ask::<ReadRun>(RunRef { run_id }).await.run;
        assert_eq!(run.exit, Some(RunExit::Code { code: 7 }));
        assert!(run.stopped && run.restarts_at.is_none());
        desk.console.close().await;
    }
}

#[tokio::test]
async fn nobody_waits_for_the_end_of_a_revoked_agents_program_but_who_revoked_it() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let agent_id = minted(&desk).await;
    let stubborn = "trap \"\" TERM; echo ready; while :; do sleep 0.05; done";
    ready(&desk, &clock, agent_id, stubborn).await;
    let revoked = desk.ask::<EndAgent>(AgentRef { agent_id });
    let again = desk.ask::<EndAgent>(AgentRef { agent_id });
    pin_mut!(revoked, again);
    let others = async {
        while !listed(&desk).await.is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(futures::poll!(again.as_mut()).is_pending());
        let kim = mint(&desk, agents::minted("kim")).await.agent.id;
        desk.ask::<SuspendAgent>(AgentRef { agent_id: kim }).await;
    };
    tokio::select! {
        biased;
        _ = &mut revoked => panic!("others waited until the program was killed"),
        () = others => {}
    }
    let (revoked, again) = tokio::join!(revoked, again);
    let receipt = revoked.receipt.unwrap();
    assert_eq!(receipt.process_ended, Some(true));
    assert_eq!(again.receipt, Some(receipt), "the first one");
    desk.console.close().await;
}

#[tokio::test]
async fn what_ends_with_everything_is_named_and_has_ended() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let bruno = minted(&desk).await;
    let run = desk.ask::<LaunchAgent>(once(bruno, "/bin/sleep 600")).await;
    let kim = mint(&desk, agents::minted("kim")).await.agent.id;
    desk.ask::<LaunchAgent>(once(kim, "/bin/false")).await;
    until(&desk, |runs| {
        runs.iter().any(|run| run.restarts_at.is_some())
    })
    .await;
    let stopped = desk.ask::<StopEverything>(Nothing {}).await;
    let program = StoppedProgram {
        tenant_id: TenantId::local(),
        agent_name: "bruno".to_owned(),
        ended: true,
    };
    assert_eq!(stopped.programs, [program]);
    assert!(stopped.agents.iter().any(|agent| agent.agent_name == "kim"));
    let run = desk.ask::<ReadRun>(RunRef { run_id: run.run_id }).await.run;
    assert!(run.stopped && run.ended_at.is_some(), "{run:?}");
    // What was to be started again is not.
    until(&desk, |runs| {
        runs.iter().all(|run| run.restarts_at.is_none())
    })
    .await;
    let minute = Duration::from_secs(60);
    let more = run_until(&desk, &clock, minute, |runs| runs.len() > 2).await;
    assert_eq!(more, None);
    let again = desk.ask::<StopEverything>(Nothing {}).await;
    assert_eq!(again.programs, []);
    desk.console.close().await;
}

#[tokio::test]
async fn an_agent_that_asks_who_it_is_after_a_minute_has_nothing_in_its_way_any_more() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    let bruno = mint(&desk, agents::minted("bruno")).await;
    let start = once(bruno.agent.id, "/bin/sleep 600");
    let run_id = desk.ask::<LaunchAgent>(start).await.run_id;
    clock.advance(Duration::from_secs(61));
    until(&desk, |runs| runs[0].hindrance.is_some()).await;
    desk.console
        .boot_context(&holder(&desk, &bruno))
        .await
        .unwrap();
    let runs = until(&desk, |runs| runs[0].booted_at.is_some()).await;
    assert_eq!(runs[0].hindrance, None);
    desk.ask::<EndRun>(RunRef { run_id }).await;
    desk.console.close().await;
}

/// A machine with tmux on its path: the real one, or a script in its place.
struct Machine {
    home: Arc<TempDir>,
    clock: Arc<ManualClock>,
    surroundings: Surroundings,
}

impl Machine {
    fn with_path(path: std::ffi::OsString) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let variables = vec![
            ("PATH".into(), path),
            ("TMUX_TMPDIR".into(), home.path().into()),
        ];
        Self {
            home,
            clock: clock(),
            surroundings: Surroundings {
                variables,
                ..Surroundings::default()
            },
        }
    }

    async fn desk(&self) -> Desk {
        let surroundings = self.surroundings.clone();
        Desk::open_within(self.home.clone(), self.clock.clone(), surroundings).await
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let mut tmux = std::process::Command::new("tmux");
        tmux.env("TMUX_TMPDIR", self.home.path());
        // No server is as good.
        drop(tmux.args(["-L", "husting", "kill-server"]).output());
    }
}

fn in_tmux(agent: AgentId, command: &str) -> StartRun {
    StartRun {
        how: RunHow::Tmux,
        ..once(agent, command)
    }
}

#[tokio::test]
async fn a_command_for_tmux_is_offered_there_and_is_not_what_mail_starts() {
    let machine = Machine::with_path(std::env::var_os("PATH").unwrap());
    let desk = machine.desk().await;
    let agent_id = minted(&desk).await;
    let command = "/bin/sleep 600";
    desk.ask::<LaunchAgent>(in_tmux(agent_id, command)).await;
    let page = desk.ask::<ChangeWake>(wakes(agent_id, true, false)).await;
    let hindrance = page.wake.unwrap().hindrance.unwrap();
    assert!(
        hindrance.contains("husting run bruno --once"),
        "{hindrance}"
    );
    for (how, confirmed) in [(RunHow::Tmux, true), (RunHow::Once, false)] {
        let asked = PlanRun {
            agent_id,
            how,
            client: None,
            prompt: None,
        };
        let plan = desk.ask::<ThinkOfRun>(asked).await;
        assert_eq!(plan.confirmed, confirmed, "{how:?}");
        assert_eq!(plan.command == command, confirmed, "{how:?}");
    }
    desk.ask::<StopEverything>(Nothing {}).await;
    desk.console.close().await;
}

#[tokio::test]
async fn one_that_is_found_again_is_started_again_only_where_that_was_wanted() {
    for no_restarts in [false, true] {
        let machine = Machine::with_path(std::env::var_os("PATH").unwrap());
        let desk = machine.desk().await;
        let agent = minted(&desk).await;
        let go_on = machine.home.path().join("go-on");
        let script = format!(
            "/bin/sh -c 'while [ ! -e {} ]; do sleep 0.05; done; exit 3'",
            go_on.display()
        );
        let start = StartRun {
            no_restarts,
            ..in_tmux(agent, &script)
        };
        desk.ask::<LaunchAgent>(start).await;
        desk.console.close().await;
        let desk = machine.desk().await;
        fs::write(go_on, "").unwrap();
        let runs = until(&desk, |runs| runs[0].ended_at.is_some()).await;
        assert_eq!(runs[0].exit, Some(RunExit::Code { code: 3 }));
        assert_eq!(runs[0].restarts_at.is_none(), no_restarts);
        desk.console.close().await;
    }
}

/// A `tmux` that says when it is called, and answers nothing good once it is let go.
fn slow_tmux(folder: &Path) -> std::ffi::OsString {
    let script = format!(
        "#!/bin/sh\n: > {folder}/called\nwhile [ ! -e {folder}/go ]; do /bin/sleep 0.05; done\nexit 1\n",
        folder = folder.display()
    );
    let program = folder.join("tmux");
    fs::write(&program, script).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    folder.as_os_str().to_owned()
}

#[tokio::test]
async fn a_tmux_that_takes_its_time_holds_up_no_other_agent() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::with_path(slow_tmux(folder.path()));
    let desk = machine.desk().await;
    let bruno = minted(&desk).await;
    let kim = mint(&desk, agents::minted("kim")).await.agent.id;
    let slow = desk.try_ask::<LaunchAgent>(in_tmux(bruno, "/bin/sleep 600"));
    pin_mut!(slow);
    let other = async {
        while !folder.path().join("called").exists() {
            tokio::task::yield_now().await;
        }
        desk.ask::<LaunchAgent>(once(kim, "/bin/true")).await;
        desk.ask::<ChangeWake>(wakes(kim, true, false)).await;
    };
    tokio::select! {
        biased;
        _ = &mut slow => panic!("it was waited for"),
        () = other => {}
    }
    fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(slow.await.unwrap_err().code, ErrorCode::ProgramFailed);
    desk.console.close().await;
}

/// What the log says of an agent and an action: who did it, and the figures.
async fn logged(desk: &Desk, agent: AgentId, action: Action) -> Vec<(String, Value)> {
    let asked = ListAudit {
        agent_id: Some(agent),
        actions: vec![action],
        ..ListAudit::default()
    };
    let said = |row: AuditRow| (row.actor, serde_json::from_str(&row.detail).unwrap());
    let mut rows = desk.ask::<FindAudit>(asked).await.rows;
    rows.reverse();
    rows.into_iter().map(said).collect()
}

#[tokio::test]
async fn each_start_end_rule_and_file_is_one_row_of_the_log() {
    let clock = clock();
    let desk = Desk::open_by(clock.clone()).await;
    desk.console.set_address("127.0.0.1:6070".to_owned(), None);
    let bruno = mint(&desk, agents::minted("bruno")).await;
    let agent = bruno.agent.id;
    let operator = |detail: Value| ("operator".to_owned(), detail);
    let husting = |detail: Value| ("husting".to_owned(), detail);

    let failing = desk.ask::<LaunchAgent>(once(agent, "/bin/false")).await;
    let is_pending = |runs: &[RunView]| runs.iter().any(|run| run.restarts_at.is_some());
    let runs = until(&desk, is_pending).await;
    clock.set(runs[0].restarts_at.unwrap());
    until(&desk, |runs| runs.len() == 2 && is_pending(runs)).await;
    let run = desk.ask::<LaunchAgent>(once(agent, "/bin/sleep 600")).await;
    desk.ask::<EndRun>(RunRef { run_id: run.run_id }).await;
    let at = failing.directory;
    let launch = |cause: &str| json!({ "how": "once", "cause": cause, "directory": at });
    assert_eq!(
        logged(&desk, agent, Action::Launch).await,
        [
            operator(launch("operator")),
            husting(launch("restart")),
            operator(launch("operator"))
        ]
    );
    let failed = json!({ "exit": { "kind": "code", "code": 1 }, "stopped": false });
    let stopped = json!({ "exit": { "kind": "signal", "signal": 15 }, "stopped": true });
    assert_eq!(
        logged(&desk, agent, Action::Ended).await,
        [husting(failed.clone()), husting(failed), husting(stopped)]
    );

    let rule = wakes(agent, true, true);
    desk.ask::<ChangeWake>(rule).await;
    assert_eq!(
        logged(&desk, agent, Action::Wake).await,
        [operator(json!({ "rule": rule.rule }))]
    );

    let path = desk.home.path().join("wired.json").display().to_string();
    let wiring = WriteWiring {
        of: WiringOf::Agent { agent_id: agent },
        client: Client::Json,
        transport: WiringTransport::Http,
        path: path.clone(),
        secret: bruno.raw_token.clone().unwrap(),
        git_exclude: false,
    };
    desk.ask::<PutWiring>(wiring).await;
    let tail = bruno.agent.token_tail.clone().unwrap();
    assert_eq!(
        logged(&desk, agent, Action::Wire).await,
        [operator(
            json!({ "client": "json", "path": path, "tail": tail })
        )]
    );
    let known = desk.ask::<FindRuns>(ListRuns::default()).await.runs;
    assert_eq!(known.len(), 3);
    desk.console.close().await;
}
