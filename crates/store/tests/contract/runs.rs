//! Agents' programs: files that were written for them, how they are run, and their runs.

use std::sync::Arc;

use husting_domain::clients::Client;
use husting_domain::ids::RunId;
use husting_domain::runs::{
    ConfirmedCommand, Run, RunCause, RunExit, RunHow, RunSetup, WakeRule, Wiring,
};
use husting_store::{AgentWrite, CommitError, Constraint, RunWrite, Store, Tenanted, Unit, Write};
use uuid::Uuid;

use crate::people::*;
use crate::values::*;

fn run_id(n: u128) -> RunId {
    RunId(Uuid::from_u128(0x2a2_0000_0000 + n))
}

fn wiring(of: u128, path: &str, second: i64) -> Wiring {
    Wiring {
        agent: agent_id(of),
        client: Client::ClaudeCode,
        path: path.to_owned(),
        hash: "7".repeat(64),
        url: "http://127.0.0.1:6070/mcp".to_owned(),
        token_tail: "k3Qz81aB".to_owned(),
        written_at: at(second),
    }
}

/// Begun at second `n`, with nothing that comes later.
fn run(n: u128, of: u128, cause: RunCause) -> Run {
    Run {
        id: run_id(n),
        agent: agent_id(of),
        how: RunHow::Once,
        cause,
        command: "claude --mcp-config /a/.mcp.json -p 'You are agent-1.'".to_owned(),
        directory: "/a".to_owned(),
        process: None,
        started_at: at(i64::try_from(n).unwrap()),
        booted_at: None,
        ended_at: None,
        exit: None,
        stopped: false,
        tail: String::new(),
    }
}

fn ended(run: Run, exit: RunExit) -> Run {
    Run {
        ended_at: Some(at(500)),
        exit: Some(exit),
        stopped: true,
        tail: "Sent.\n".to_owned(),
        ..run
    }
}

async fn with_agents(store: &dyn Store) {
    let agents = [1, 2].map(|n| Write::Agent(AgentWrite::Insert(agent(n))));
    keep(store, agents).await;
}

async fn write(store: &dyn Store, write: RunWrite) -> Result<(), CommitError> {
    store
        .commit(unit().write(Write::Run(write)))
        .await
        .map(drop)
}

pub async fn a_wiring_takes_the_place_of_the_one_before_at_its_path(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let other = Wiring {
        client: Client::Codex,
        hash: "9".repeat(64),
        ..wiring(1, "/b/config.toml", 20)
    };
    let again = Wiring {
        client: Client::Json,
        hash: "8".repeat(64),
        token_tail: "zzzzzzzz".to_owned(),
        ..wiring(1, "/a/.mcp.json", 30)
    };
    for each in [
        wiring(1, "/a/.mcp.json", 10),
        other.clone(),
        wiring(2, "/a/.mcp.json", 15),
        again.clone(),
    ] {
        write(&*store, RunWrite::Wired(each)).await.unwrap();
    }
    let found = store.wirings(&tenant(), agent_id(1)).await.unwrap();
    assert_eq!(found, [again, other]);
    assert_eq!(store.wirings(&acme(), agent_id(1)).await.unwrap(), []);
    let at_it = store.wirings_at("/a/.mcp.json").await.unwrap();
    let whose: Vec<_> = at_it.iter().map(|one| one.agent).collect();
    assert_eq!(whose, [agent_id(1), agent_id(2)]);
}

pub async fn how_an_agent_is_run_reads_back_as_written(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let command = |command: &str, directory: &str| {
        Some(ConfirmedCommand {
            command: command.to_owned(),
            directory: directory.to_owned(),
        })
    };
    let full = RunSetup {
        agent: agent_id(1),
        once: command("claude -p hello", "/a"),
        tmux: command("claude hello", "/b"),
        wake: WakeRule {
            on: true,
            requests_only: true,
            batch_seconds: 3,
            per_day: 7,
        },
    };
    let bare = RunSetup {
        agent: agent_id(2),
        once: None,
        tmux: None,
        wake: WakeRule::default(),
    };
    for setup in [bare.clone(), full.clone(), full.clone()] {
        write(&*store, RunWrite::PutSetup(setup)).await.unwrap();
    }
    let one = store.run_setup(&tenant(), agent_id(1)).await.unwrap();
    assert_eq!(one, Some(full.clone()));
    assert_eq!(store.run_setup(&acme(), agent_id(1)).await.unwrap(), None);
    let all = store.run_setups().await.unwrap();
    let expected = [full, bare].map(|row| Tenanted {
        tenant: tenant(),
        row,
    });
    assert_eq!(all, expected);
}

pub async fn a_run_reads_back_in_every_state(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let begun = run(1, 1, RunCause::Operator);
    let process = "4242:9000000:0a1b".to_owned();
    let running = Run {
        process: Some(process.clone()),
        booted_at: Some(at(5)),
        ..begun.clone()
    };
    write(&*store, RunWrite::Begin(begun.clone()))
        .await
        .unwrap();
    let read = async || store.run(&tenant(), run_id(1)).await.unwrap();
    assert_eq!(read().await, Some(begun.clone()));
    let started = RunWrite::Started {
        run: run_id(1),
        process,
    };
    write(&*store, started).await.unwrap();
    for second in [5, 9] {
        let booted = RunWrite::Booted {
            run: run_id(1),
            at: at(second),
        };
        write(&*store, booted).await.unwrap();
    }
    assert_eq!(
        read().await,
        Some(running.clone()),
        "the first time is kept"
    );
    let open = store.open_runs().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].row, running);
    for (n, exit) in [
        (1, RunExit::Code { code: 3 }),
        (2, RunExit::Signal { signal: 15 }),
        (3, RunExit::Unseen),
        (4, RunExit::Code { code: 0 }),
        (5, RunExit::NotStarted),
    ] {
        let before = if n == 1 {
            running.clone()
        } else {
            let run = run(n, 1, RunCause::Restart);
            write(&*store, RunWrite::Begin(run.clone())).await.unwrap();
            run
        };
        let over = ended(before, exit);
        write(&*store, RunWrite::End(over.clone())).await.unwrap();
        let found = store.run(&tenant(), run_id(n)).await.unwrap();
        assert_eq!(found, Some(over.clone()));
        let again = write(&*store, RunWrite::End(over)).await;
        assert!(
            matches!(
                again,
                Err(CommitError::Constraint(Constraint::Absent("run")))
            ),
            "{again:?}"
        );
    }
    assert_eq!(store.open_runs().await.unwrap(), []);
    assert_eq!(store.run(&acme(), run_id(1)).await.unwrap(), None);
}

pub async fn an_agents_program_runs_once_at_a_time(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let first = run(1, 1, RunCause::Operator);
    write(&*store, RunWrite::Begin(first.clone()))
        .await
        .unwrap();
    let twin = write(&*store, RunWrite::Begin(run(2, 1, RunCause::Mail))).await;
    assert!(
        matches!(
            twin,
            Err(CommitError::Constraint(Constraint::Exists("run")))
        ),
        "{twin:?}"
    );
    write(&*store, RunWrite::Begin(run(3, 2, RunCause::Mail)))
        .await
        .unwrap();
    let over = ended(first, RunExit::Unseen);
    write(&*store, RunWrite::End(over)).await.unwrap();
    write(&*store, RunWrite::Begin(run(4, 1, RunCause::Mail)))
        .await
        .unwrap();
}

pub async fn runs_are_paged_newest_first_and_wakes_are_counted(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    for (n, of, cause) in [
        (10, 1, RunCause::Mail),
        (20, 2, RunCause::Mail),
        (30, 1, RunCause::Operator),
        (40, 1, RunCause::Mail),
    ] {
        let begun = run(n, of, cause);
        write(&*store, RunWrite::Begin(begun.clone()))
            .await
            .unwrap();
        let over = ended(begun, RunExit::Code { code: 0 });
        write(&*store, RunWrite::End(over)).await.unwrap();
    }
    let ids = async |agent, limit| -> Vec<RunId> {
        let page = store.runs(&tenant(), agent, limit).await.unwrap();
        page.iter().map(|run| run.id).collect()
    };
    assert_eq!(ids(None, 10).await, [40, 30, 20, 10].map(run_id));
    assert_eq!(ids(None, 2).await, [40, 30].map(run_id));
    assert_eq!(ids(Some(agent_id(1)), 10).await, [40, 30, 10].map(run_id));
    let woken = async |since| {
        let count = store.wakes_since(&tenant(), agent_id(1), at(since)).await;
        count.unwrap()
    };
    assert_eq!(
        [
            woken(0).await,
            woken(11).await,
            woken(40).await,
            woken(41).await
        ],
        [2, 1, 1, 0]
    );
    let elsewhere = Unit::of(acme());
    assert_eq!(store.runs(&elsewhere.tenant, None, 9).await.unwrap(), []);
}
