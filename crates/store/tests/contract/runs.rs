//! Agents' programs: files that were written for them, how they are run, and their runs.

use std::sync::Arc;

use husting_domain::clients::Client;
use husting_domain::ids::RunId;
use husting_domain::runs::{
    ConfirmedCommand, Run, RunCause, RunExit, RunHow, RunSequel, RunSetup, WakeRule, Wiring,
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
        restarts: n % 2 == 1,
        sequel: RunSequel::Nothing,
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

pub async fn a_wiring_that_was_undone_is_gone_and_no_other(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let (mine, other) = (wiring(1, "/a/.mcp.json", 10), wiring(1, "/b/.mcp.json", 20));
    let of_another = wiring(2, "/a/.mcp.json", 15);
    for each in [mine.clone(), other.clone(), of_another.clone()] {
        write(&*store, RunWrite::Wired(each)).await.unwrap();
    }
    let undone = RunWrite::Unwired {
        agent: mine.agent,
        path: mine.path.clone(),
        written_at: mine.written_at,
    };
    write(&*store, undone.clone()).await.unwrap();
    assert_eq!(
        store.wirings(&tenant(), agent_id(1)).await.unwrap(),
        [other]
    );
    assert_eq!(
        store.wirings_at("/a/.mcp.json").await.unwrap(),
        [of_another]
    );
    // Gone already is done.
    write(&*store, undone.clone()).await.unwrap();

    // What was written anew meanwhile is another wiring.
    let anew = wiring(1, "/a/.mcp.json", 30);
    write(&*store, RunWrite::Wired(anew.clone())).await.unwrap();
    write(&*store, undone).await.unwrap();
    let found = store.wirings(&tenant(), agent_id(1)).await.unwrap();
    assert_eq!(found, [anew, wiring(1, "/b/.mcp.json", 20)]);
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

pub async fn what_follows_a_run_is_kept_with_its_end_and_taken_away_by_another_start(
    store: Arc<dyn Store>,
) {
    with_agents(&*store).await;
    let failed = async |n, of, sequel| {
        let begun = run(n, of, RunCause::Operator);
        write(&*store, RunWrite::Begin(begun.clone()))
            .await
            .unwrap();
        let over = Run {
            sequel,
            ..ended(begun, RunExit::Code { code: 1 })
        };
        write(&*store, RunWrite::End(over.clone())).await.unwrap();
        over
    };
    let pending = async || -> Vec<Run> {
        let found = store.restarting_runs().await.unwrap().into_iter();
        found
            .map(|found| {
                assert_eq!(found.tenant, tenant());
                found.row
            })
            .collect()
    };
    let stuck = async || -> Vec<Run> {
        let found = store.given_up_runs().await.unwrap().into_iter();
        found.map(|found| found.row).collect()
    };
    let sequel = async |n| {
        store
            .run(&tenant(), run_id(n))
            .await
            .unwrap()
            .unwrap()
            .sequel
    };
    let restart = RunSequel::Restart { at: at(502) };
    let first = failed(1, 1, restart).await;
    let others = failed(2, 2, restart).await;
    assert_eq!(pending().await, [first.clone(), others.clone()]);

    // Another start of the agent takes it away, of this agent alone.
    let given_up = failed(3, 1, RunSequel::GivenUp).await;
    assert_eq!(sequel(1).await, RunSequel::Nothing);
    assert_eq!(sequel(3).await, given_up.sequel);
    assert_eq!(stuck().await, std::slice::from_ref(&given_up));
    // Mail mends nothing, unless what it starts does what it is asked.
    for (n, code) in [(5, 1), (6, 0)] {
        let woken = run(n, 1, RunCause::Mail);
        write(&*store, RunWrite::Begin(woken.clone()))
            .await
            .unwrap();
        assert_eq!(stuck().await.len(), 1);
        let over = ended(woken, RunExit::Code { code });
        write(&*store, RunWrite::End(over)).await.unwrap();
        assert_eq!(stuck().await.len(), usize::from(code != 0));
    }
    assert_eq!(pending().await, std::slice::from_ref(&others));

    // One that gave up is left once, of its agent alone.
    let leave = async |agent| write(&*store, RunWrite::LeaveGivenUp(agent_id(agent))).await;
    let one = failed(7, 1, RunSequel::GivenUp).await;
    assert_eq!(stuck().await, [one]);
    assert!(leave(2).await.is_err());
    assert_eq!(stuck().await.len(), 1);
    leave(1).await.unwrap();
    assert_eq!(stuck().await, []);
    assert_eq!(sequel(7).await, RunSequel::Nothing);
    assert_eq!(sequel(3).await, RunSequel::Nothing);
    assert!(leave(1).await.is_err());

    // It is called off once.
    let clear = async || write(&*store, RunWrite::ClearRestart(run_id(2))).await;
    clear().await.unwrap();
    let again = clear().await;
    assert!(
        matches!(
            again,
            Err(CommitError::Constraint(Constraint::Absent("run")))
        ),
        "{again:?}"
    );
    assert_eq!(sequel(2).await, RunSequel::Nothing);
    assert_eq!(pending().await, []);

    // A start in the place of one that was called off is none.
    let instead = unit()
        .write(Write::Run(RunWrite::ClearRestart(run_id(2))))
        .write(Write::Run(RunWrite::Begin(run(4, 2, RunCause::Restart))));
    assert!(store.commit(instead).await.is_err());
    assert_eq!(store.run(&tenant(), run_id(4)).await.unwrap(), None);
}

pub async fn of_old_runs_the_newest_of_an_agent_stays_without_its_words(store: Arc<dyn Store>) {
    with_agents(&*store).await;
    let end_at = async |begun: Run, second, sequel| {
        write(&*store, RunWrite::Begin(begun.clone()))
            .await
            .unwrap();
        let over = Run {
            ended_at: Some(at(second)),
            sequel,
            ..ended(begun, RunExit::Code { code: 1 })
        };
        write(&*store, RunWrite::End(over)).await.unwrap();
    };
    let nothing = RunSequel::Nothing;
    let restart = RunSequel::Restart { at: at(900) };
    for (n, of, second, sequel) in [
        (10, 1, 11, nothing),
        (20, 1, 21, RunSequel::GivenUp),
        (30, 2, 31, nothing),
        (40, 2, 41, nothing),
    ] {
        end_at(run(n, of, RunCause::Mail), second, sequel).await;
    }
    let left = async || -> Vec<(RunId, bool)> {
        let runs = store.runs(&tenant(), None, 10).await.unwrap();
        runs.iter()
            .map(|run| (run.id, run.tail.is_empty()))
            .collect()
    };
    let forget = async |second| {
        let before = at(second);
        write(&*store, RunWrite::Forget { before }).await.unwrap();
    };
    forget(11).await;
    assert_eq!(left().await.len(), 4, "what ended just then stays");
    forget(41).await;
    assert_eq!(
        left().await,
        [(run_id(40), false), (run_id(20), true)],
        "the newest of each, and the words of what is not so old"
    );
    let kept = store.run(&tenant(), run_id(20)).await.unwrap().unwrap();
    assert_eq!(kept.sequel, RunSequel::GivenUp);
    // What goes on, or is started again, is not old.
    end_at(run(50, 1, RunCause::Mail), 51, restart).await;
    write(&*store, RunWrite::Begin(run(60, 2, RunCause::Mail)))
        .await
        .unwrap();
    forget(600).await;
    assert_eq!(
        left().await,
        [(run_id(60), true), (run_id(50), false)],
        "{:?}",
        left().await
    );
    assert_eq!(store.restarting_runs().await.unwrap().len(), 1);
}
