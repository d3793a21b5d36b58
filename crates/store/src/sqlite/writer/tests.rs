//! Batches: what is kept together, and what fails alone.

use super::*;
use crate::agents::{AgentRequire, AgentWrite};
use crate::bus::{Arrival, BusRequire, BusWrite, Dispatch, SendReplay};
use crate::errors::Constraint;
use crate::sqlite::connections::Connections;
use crate::sqlite::schema;
use crate::unit::{Require, Write};
use husting_domain::agents::{Agent, AgentKind, AgentStatus, Name};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::messages::{Mailbox, Sender};
use husting_domain::scopes::Grants;
use husting_domain::time::Timestamp;
use std::path::Path;

async fn empty() -> SqlitePool {
    let db = Connections::in_memory().await.unwrap().writer;
    schema::migrate(&db, Path::new(":memory:")).await.unwrap();
    db
}

fn setting(key: &str) -> Unit {
    Unit::of(TenantId::local()).write(Write::PutSetting {
        key: key.to_owned(),
        value: "1".to_owned(),
    })
}

fn batch(units: impl IntoIterator<Item = Unit>) -> Vec<Job> {
    units
        .into_iter()
        .map(|unit| Job {
            unit,
            answer: oneshot::channel().0,
        })
        .collect()
}

async fn kept(db: &SqlitePool) -> Vec<String> {
    sqlx::query_scalar("select key from settings order by key")
        .fetch_all(db)
        .await
        .unwrap()
}

#[tokio::test]
async fn in_one_commit_a_failed_unit_fails_alone() {
    let db = empty().await;
    let late = setting("late").require(Require::WalletVersion(7));
    // Fails at its second write, after the first has touched the tables.
    let broken = setting("broken").write(Write::DeleteProvider("nobody".to_owned()));
    let outcomes = commit(
        &db,
        &mut Chains::default(),
        &batch([setting("a"), late, broken, setting("z")]),
    )
    .await;
    assert!(matches!(
        &outcomes[..],
        [
            Ok(_),
            Err(CommitError::Refused(Require::WalletVersion(7))),
            Err(CommitError::Constraint(Constraint::Absent("provider"))),
            Ok(_),
        ]
    ));
    assert_eq!(kept(&db).await, ["a", "z"]);
}

fn audited(unit: Unit) -> Unit {
    let entry = Entry {
        at: Timestamp::from_micros(0),
        action: Action::Pause,
        actor: "operator".to_owned(),
        agent: None,
        subject: None,
        body: None,
        detail: "{}".to_owned(),
    };
    unit.write(Write::Audit(entry))
}

/// Links with their first and last row.
async fn links(db: &SqlitePool) -> Vec<(i64, i64, i64)> {
    sqlx::query_as("select number, first_row, last_row from audit_links order by number")
        .fetch_all(db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_batch_is_one_link_without_the_rows_of_what_failed() {
    let db = empty().await;
    let mut chains = Chains::default();
    let broken = audited(setting("broken")).write(Write::DeleteProvider("nobody".to_owned()));
    let late = audited(setting("late")).require(Require::WalletVersion(7));
    let two = audited(audited(setting("b")));
    let units = [audited(setting("a")), broken, late, two];
    let outcomes = commit(&db, &mut chains, &batch(units)).await;
    let [Ok(one), Err(_), Err(_), Ok(two)] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert_eq!((&one.rows, &two.rows), (&Some(1..=1), &Some(2..=3)));
    assert_eq!(links(&db).await, [(1, 1, 3)]);
    commit(&db, &mut chains, &batch([audited(setting("c"))])).await;
    assert_eq!(links(&db).await, [(1, 1, 3), (2, 4, 4)]);
}

#[tokio::test]
async fn a_lost_batch_moves_no_chain() {
    let db = empty().await;
    let mut chains = Chains::default();
    fail_orphans_at_the_commit(&db).await;
    let units = ["a", "orphan", "z"].map(|key| audited(setting(key)));
    let outcomes = commit(&db, &mut chains, &batch(units)).await;
    let [Ok(one), Err(_), Ok(two)] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert_eq!((&one.rows, &two.rows), (&Some(1..=1), &Some(2..=2)));
    // Each was tried alone.
    assert_eq!(links(&db).await, [(1, 1, 1), (2, 2, 2)]);
}

#[tokio::test]
async fn an_agent_that_was_changed_in_a_batch_does_not_stand_later_in_it() {
    let db = empty().await;
    let agent = agent();
    let write = |write| Unit::of(TenantId::local()).write(Write::Agent(write));
    let changed = Agent {
        epoch: 1,
        ..agent.clone()
    };
    let standing = |unit: Unit| {
        let require = AgentRequire::Standing(agent.id, 0);
        unit.require(Require::Agent(require))
    };
    let units = [
        write(AgentWrite::Insert(agent.clone())),
        standing(setting("before")),
        write(AgentWrite::Set(changed)),
        standing(setting("after")),
    ];
    let outcomes = commit(&db, &mut Chains::default(), &batch(units)).await;
    assert!(
        matches!(
            &outcomes[..],
            [Ok(_), Ok(_), Ok(_), Err(CommitError::Refused(_))]
        ),
        "{outcomes:?}"
    );
    assert_eq!(kept(&db).await, ["before"]);
}

/// The message `n` to an agent, under a key of the sender's.
fn post(n: u128, to: &Agent, key: &str) -> Unit {
    let sender = AgentId(uuid::Uuid::from_u128(99));
    let message = MessageId(uuid::Uuid::from_u128(n));
    let at = Timestamp::from_micros(0);
    let send = BusWrite::Send(Dispatch {
        id: message,
        mailbox: Mailbox::Agent(to.id),
        from: Sender::System,
        to: to.name.clone(),
        text: "\"Größe\"\n🚢".to_owned(),
        at,
        request_id: None,
        in_reply_to: None,
        hops: 0,
        arrival: Arrival::Waiting,
    });
    let replay = BusWrite::PutSend(SendReplay {
        agent: sender,
        key: key.to_owned(),
        fingerprint: [0; 32],
        message,
        at,
    });
    let none = BusRequire::NoSend(sender, key.to_owned());
    Unit::of(TenantId::local())
        .require(Require::Bus(none))
        .writes([Write::Bus(send), Write::Bus(replay)])
}

async fn with_agents(db: &SqlitePool, agents: [&Agent; 2]) {
    let inserts = agents.map(|agent| Write::Agent(AgentWrite::Insert(agent.clone())));
    let unit = Unit::of(TenantId::local()).writes(inserts);
    assert!(commit(db, &mut Chains::default(), &batch([unit])).await[0].is_ok());
}

/// What was sent, by unit: its number, or what went wrong.
fn numbers(outcomes: &[Outcome]) -> Vec<Result<u64, String>> {
    let number = |outcome: &Outcome| match outcome {
        Ok(kept) => Ok(kept.sent().unwrap_or_default().seq),
        Err(CommitError::Refused(_)) => Err("refused".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    outcomes.iter().map(number).collect()
}

#[tokio::test]
async fn messages_of_one_batch_are_numbered_in_their_order() {
    let db = empty().await;
    let (one, two) = (agent(), second());
    with_agents(&db, [&one, &two]).await;
    let mut chains = Chains::default();
    let units = [
        audited(post(1, &one, "a")),
        audited(post(2, &two, "b")),
        setting("between"),
        audited(post(3, &one, "c")),
    ];
    let outcomes = commit(&db, &mut chains, &batch(units)).await;
    assert_eq!(numbers(&outcomes), [Ok(1), Ok(1), Ok(0), Ok(2)]);
    let rows = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap().rows.clone());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows, [Some(1..=1), Some(2..=2), None, Some(3..=3)]);
    assert_eq!(links(&db).await, [(1, 1, 3)]);
}

#[tokio::test]
async fn messages_that_nothing_hinders_are_written_in_one_go() {
    let db = empty().await;
    let (one, two) = (agent(), second());
    with_agents(&db, [&one, &two]).await;
    let mut connection = db.acquire().await.unwrap();
    let mut chains = Chains::default();
    let units = |keys: [&str; 3], first: u128| {
        batch([
            audited(post(first, &one, keys[0])),
            audited(post(first + 1, &two, keys[1])),
            audited(post(first + 2, &one, keys[2])),
        ])
    };
    let free = units(["a", "b", "c"], 1);
    let outcomes = posted(&mut connection, &mut chains, &free).await.unwrap();
    assert_eq!(numbers(&outcomes.unwrap()), [Ok(1), Ok(1), Ok(2)]);

    let used = units(["d", "a", "e"], 4);
    let outcomes = posted(&mut connection, &mut chains, &used).await.unwrap();
    assert!(outcomes.is_none(), "a key was used before");
    drop(connection);
    assert_eq!(links(&db).await, [(1, 1, 3)], "nothing of it was written");
}

#[tokio::test]
async fn of_messages_in_one_batch_those_fail_that_must() {
    let db = empty().await;
    let (one, two) = (agent(), second());
    with_agents(&db, [&one, &two]).await;
    let mut chains = Chains::default();
    let late = AgentRequire::Standing(one.id, 7);
    let units = [
        post(1, &one, "a"),
        post(2, &one, "b").require(Require::Agent(late)),
        post(3, &one, "c"),
    ];
    let outcomes = commit(&db, &mut chains, &batch(units)).await;
    let refused = || Err("refused".to_owned());
    assert_eq!(numbers(&outcomes), [Ok(1), refused(), Ok(2)]);

    // A key that was used before, one twice in the batch, and nobody's mailbox.
    let nobody = Agent {
        id: AgentId(uuid::Uuid::from_u128(50)),
        ..agent()
    };
    let units = [
        post(4, &two, "a"),
        post(5, &two, "d"),
        post(6, &two, "d"),
        post(7, &nobody, "e"),
        post(8, &two, "f"),
    ];
    let outcomes = commit(&db, &mut chains, &batch(units)).await;
    let absent = Constraint::Absent("mailbox").to_string();
    assert_eq!(
        numbers(&outcomes),
        [refused(), Ok(1), refused(), Err(absent), Ok(2)]
    );
}

fn second() -> Agent {
    Agent {
        id: AgentId(uuid::Uuid::from_u128(8)),
        name: Name::parse("other").unwrap(),
        ..agent()
    }
}

fn agent() -> Agent {
    Agent {
        id: AgentId(uuid::Uuid::from_u128(7)),
        name: Name::parse("bruno").unwrap(),
        kind: AgentKind::Custom,
        model: None,
        charter: None,
        status: AgentStatus::Active,
        grants: Grants::messenger(),
        epoch: 0,
        created_at: Timestamp::from_micros(0),
        expires_at: None,
        last_call_at: None,
        revoked_at: None,
        receipt: None,
    }
}

/// Writing the setting `orphan` breaks a rule that is looked at only when the transaction commits.
async fn fail_orphans_at_the_commit(db: &SqlitePool) {
    sqlx::raw_sql(
        "create table parents (id integer primary key);
         create table children (parent integer references parents deferrable initially deferred);
         create trigger orphan after insert on settings when new.key = 'orphan'
         begin insert into children values (1); end;",
    )
    .execute(db)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_later_unit_of_a_batch_sees_what_an_earlier_one_wrote() {
    let db = empty().await;
    let first = Unit::of(TenantId::local()).write(Write::SetWalletTerms("{}".to_owned()));
    let unaware = setting("unaware").require(Require::WalletVersion(0));
    let outcomes = commit(&db, &mut Chains::default(), &batch([first, unaware])).await;
    assert!(matches!(
        &outcomes[..],
        [Ok(_), Err(CommitError::Refused(_))]
    ));
}

#[tokio::test]
async fn a_unit_that_fails_only_at_the_commit_fails_alone_too() {
    let db = empty().await;
    fail_orphans_at_the_commit(&db).await;
    let outcomes = commit(
        &db,
        &mut Chains::default(),
        &batch([setting("a"), setting("orphan"), setting("z")]),
    )
    .await;
    assert!(
        matches!(&outcomes[..], [Ok(_), Err(CommitError::Store(_)), Ok(_)]),
        "{outcomes:?}"
    );
    assert_eq!(kept(&db).await, ["a", "z"]);
}

#[tokio::test]
async fn a_full_disk_fails_the_change_and_keeps_the_rest() {
    let db = empty().await;
    // The tables may not grow any more, which the engine reports as a full disk.
    let pages: i64 = sqlx::query_scalar("pragma page_count")
        .fetch_one(&db)
        .await
        .unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "pragma max_page_count = {pages}"
    )))
    .execute(&db)
    .await
    .unwrap();
    let large = Write::PutSetting {
        key: "large".to_owned(),
        value: format!("\"{}\"", "x".repeat(100_000)),
    };
    let large = Unit::of(TenantId::local()).write(large);
    let outcomes = commit(
        &db,
        &mut Chains::default(),
        &batch([setting("a"), large, setting("z")]),
    )
    .await;
    let [
        Ok(_),
        Err(CommitError::Store(full @ StoreError::DiskFull(_))),
        Ok(_),
    ] = &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert!(full.to_string().contains("the disk is full"));
    assert_eq!(kept(&db).await, ["a", "z"]);
}

#[tokio::test]
async fn a_store_that_may_not_be_written_says_so() {
    let db = empty().await;
    sqlx::query("pragma query_only = on")
        .execute(&db)
        .await
        .unwrap();
    let outcomes = commit(&db, &mut Chains::default(), &batch([setting("a")])).await;
    assert!(
        matches!(
            &outcomes[..],
            [Err(CommitError::Store(StoreError::ReadOnly(_)))]
        ),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_store_that_another_program_holds_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("husting.db");
    std::fs::write(&path, "").unwrap();
    let ours = Connections::open(&path).await.unwrap();
    schema::migrate(&ours.writer, &path).await.unwrap();
    sqlx::query("pragma busy_timeout = 0")
        .execute(&ours.writer)
        .await
        .unwrap();
    let mut theirs = ours
        .checkpointer
        .begin_with("begin immediate")
        .await
        .unwrap();
    sqlx::query("insert into settings values ('local', 'theirs', '1')")
        .execute(&mut *theirs)
        .await
        .unwrap();
    let outcomes = commit(&ours.writer, &mut Chains::default(), &batch([setting("a")])).await;
    assert!(
        matches!(
            &outcomes[..],
            [Err(CommitError::Store(StoreError::Locked(_)))]
        ),
        "{outcomes:?}"
    );
    theirs.rollback().await.unwrap();
    assert!(matches!(
        &commit(&ours.writer, &mut Chains::default(), &batch([setting("a")])).await[..],
        [Ok(_)]
    ));
    ours.close().await;
}

#[tokio::test]
async fn what_was_handed_in_before_the_stop_is_written() {
    let db = empty().await;
    let stop = CancellationToken::new();
    let (queue, writer) = writer(db.clone(), LogGrowth::default(), stop.clone());
    // The writer does not run yet: all of these queue.
    let handed_in: Vec<_> = (0..5)
        .map(|n| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.commit(setting(&n.to_string())).await })
        })
        .collect();
    while queue.0.capacity() > QUEUE - 5 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    writer.await;
    for outcome in handed_in {
        assert!(outcome.await.unwrap().is_ok());
    }
    assert_eq!(kept(&db).await, ["0", "1", "2", "3", "4"]);
    let late = queue.commit(setting("late")).await;
    assert!(matches!(late, Err(CommitError::Store(StoreError::Closed))));
}
