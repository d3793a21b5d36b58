//! The store's file: who owns it, what is refused, what is copied before it is changed.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

mod discord;

use std::fs;
use std::path::Path;
use std::time::Duration;

use husting_domain::ids::{SessionId, TenantId};
use husting_domain::passages::PassageKind;
use husting_domain::time::Timestamp;
use husting_store::{
    BackupError, BusReads, CommitError, Held, OpenError, SqliteStore, Store, StoreError, StoreFile,
    Unit, Write, begin_erasing, kept_backups, look_at_backup, refuse_owned, restore, stage,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Days after 2026-11-20T08:04:21Z.
fn day(days: i64) -> Timestamp {
    Timestamp::from_micros((1_795_161_861 + days * 86_400) * 1_000_000)
}

async fn open(home: &Path) -> SqliteStore {
    SqliteStore::open(home, day(0)).await.unwrap()
}

/// Makes a store that holds one setting, and closes it.
async fn made(home: &Path, value: &str) {
    let store = open(home).await;
    put(&store, value).await.unwrap();
    store.close().await;
}

/// A store that holds one setting, and has it in a backup.
async fn backed_up(home: &Path, copy: &Path) -> SqliteStore {
    let store = open(home).await;
    put(&store, "1").await.unwrap();
    store.backup(copy).await.unwrap();
    store
}

async fn put(store: &SqliteStore, value: &str) -> Result<(), CommitError> {
    let write = Write::PutSetting {
        key: "word".to_owned(),
        value: value.to_owned(),
    };
    store
        .commit(Unit::of(TenantId::local()).write(write))
        .await
        .map(drop)
}

async fn word(store: &SqliteStore) -> Option<String> {
    store.setting(&TenantId::local(), "word").await.unwrap()
}

/// A hand that reaches into the file past the store.
async fn reach_into(home: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(home.join("husting.db"))
        .connect()
        .await
        .unwrap()
}

async fn refused(home: &Path) -> OpenError {
    SqliteStore::open(home, day(0))
        .await
        .map(|_| ())
        .unwrap_err()
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_store_is_read_again_after_it_was_closed() {
    let home = tempfile::tempdir().unwrap();
    made(home.path(), "1").await;
    let store = open(home.path()).await;
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    store.close().await;
    assert!(
        !home.path().join("husting.db-wal").exists(),
        "closing moves the log into the tables"
    );
}

/// What is in the file, by a connection that is not the store's.
async fn on_disk(hand: &mut SqliteConnection) -> Option<String> {
    sqlx::query_scalar("select value from settings where key = 'word'")
        .fetch_optional(hand)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_unit_is_answered_only_when_another_connection_can_read_it() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    let mut hand = reach_into(home.path()).await;
    // Many times, since an answer that comes too early may be overtaken by luck.
    for n in 0..50 {
        let value = n.to_string();
        put(&store, &value).await.unwrap();
        assert_eq!(on_disk(&mut hand).await, Some(value));
    }
    store.close().await;
}

#[tokio::test]
async fn a_unit_whose_commit_fails_is_answered_with_the_failure() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    let mut hand = reach_into(home.path()).await;
    // A rule that is looked at only when the transaction commits.
    sqlx::raw_sql(
        "create table parents (id integer primary key);
         create table children (parent integer references parents deferrable initially deferred);
         create trigger orphan after insert on settings when new.value = '7'
         begin insert into children values (1); end;",
    )
    .execute(&mut hand)
    .await
    .unwrap();
    let answer = put(&store, "7").await;
    assert!(matches!(answer, Err(CommitError::Store(_))), "{answer:?}");
    assert_eq!(on_disk(&mut hand).await, None);
    put(&store, "8").await.unwrap();
    assert_eq!(on_disk(&mut hand).await.as_deref(), Some("8"));
    store.close().await;
}

#[tokio::test]
async fn a_second_owner_is_told_who_holds_the_store() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    let error = refused(home.path()).await;
    let OpenError::Owned { holder, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*holder, Some(std::process::id()));
    assert!(
        error
            .to_string()
            .contains(&format!("process {}", std::process::id())),
        "{error}"
    );
    store.close().await;
    open(home.path()).await.close().await;
}

#[tokio::test]
async fn a_patient_second_owner_gets_the_store_when_the_first_leaves() {
    let home = tempfile::tempdir().unwrap();
    let first = open(home.path()).await;
    let path = home.path().to_owned();
    let second = tokio::spawn(async move {
        SqliteStore::open_waiting(&path, day(0), Duration::from_secs(60)).await
    });
    put(&first, "1").await.unwrap();
    first.close().await;
    let second = second.await.unwrap().unwrap();
    assert_eq!(word(&second).await.as_deref(), Some("1"));
    let impatient = SqliteStore::open_waiting(home.path(), day(0), Duration::ZERO).await;
    assert!(matches!(impatient, Err(OpenError::Owned { .. })));
    second.close().await;
}

#[tokio::test]
async fn a_store_that_is_only_dropped_gives_its_folder_back() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path()).await;
    put(&store, "1").await.unwrap();
    drop(store);
    let next = SqliteStore::open_waiting(home.path(), day(0), Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(word(&next).await.as_deref(), Some("1"));
    next.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("deep/home");
    made(&home, "1").await;
    let store = open(&home).await;
    put(&store, "2").await.unwrap();
    store.daily(day(0)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join("backups")), 0o700);
    for name in [
        "husting.db",
        "husting.db-wal",
        "husting.db-shm",
        "husting.lock",
        "backups/husting-2026-11-20.db",
    ] {
        assert_eq!(mode(&home.join(name)), 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_newer_store_is_refused_and_left_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    made(home.path(), "1").await;
    let mut hand = reach_into(home.path()).await;
    sqlx::query("insert into _sqlx_migrations values (999, 'later', 0, true, x'00', 0)")
        .execute(&mut hand)
        .await
        .unwrap();
    hand.close().await.unwrap();
    let before = fs::read(home.path().join("husting.db")).unwrap();
    let error = refused(home.path()).await;
    assert!(
        matches!(error, OpenError::Newer { found: 999, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer Husting"), "{error}");
    assert_eq!(fs::read(home.path().join("husting.db")).unwrap(), before);
    assert!(names(&home.path().join("backups")).is_empty());
}

/// A store as an earlier program left it, open by hand.
async fn of_version(home: &Path, version: i64) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(home.join("husting.db"))
        .create_if_missing(true);
    let mut hand = options.connect().await.unwrap();
    let mut migrator = sqlx::migrate!("./migrations");
    let known = migrator.iter().filter(|known| known.version <= version);
    migrator.migrations = known.cloned().collect::<Vec<_>>().into();
    migrator.run(&mut hand).await.unwrap();
    hand
}

#[tokio::test]
async fn an_older_store_is_copied_before_it_is_changed() {
    let home = tempfile::tempdir().unwrap();
    let hand = of_version(home.path(), 3).await;
    hand.close().await.unwrap();
    let store = open(home.path()).await;
    put(&store, "2").await.unwrap();
    store.close().await;
    let backups = names(&home.path().join("backups"));
    assert_eq!(
        backups[1..],
        ["version-3-2026-11-20T08-04-21.000Z.db"],
        "beside the day's"
    );
    // The copy is of before: it has no settings.
    let copy = home.path().join("backups").join(&backups[1]);
    let mut copy = SqliteConnectOptions::new()
        .filename(copy)
        .connect()
        .await
        .unwrap();
    let tables: i64 = sqlx::query_scalar(
        "select count(*) from sqlite_schema where name in ('sessions', 'settings')",
    )
    .fetch_one(&mut copy)
    .await
    .unwrap();
    assert_eq!(tables, 1);
}

/// A session with a round.
const A_ROUND: &str = "insert into sessions (tenant_id, session_id, title, tags, status, models, blind, source, max_output_tokens, \
         rehearsal, seed, archived, created_at, updated_at, search) \
     values ('local', zeroblob(16), 'Depots', '[]', 'ready', '[]', 1, 'cli', 512, 1, 1, 0, 1, 1, 'depots'); \
     insert into rounds (tenant_id, round_id, session_id, round_index, status, phase, attempt, cancelled, started_at, \
         deadline_at, ended_at, slowest_answer_ms, slowest_reaction_ms, round_ms, prompt, search, snippets, reactions) \
     values ('local', zeroblob(16), zeroblob(16), 0, 'complete', 'done', 0, 0, 1, 2, 2, 0, 0, 0, 'Which depot?', '', '[]', '[]');";

#[tokio::test]
async fn what_was_said_before_there_was_a_search_is_found_by_it() {
    let home = tempfile::tempdir().unwrap();
    let mut hand = of_version(home.path(), 23).await;
    sqlx::raw_sql(A_ROUND).execute(&mut hand).await.unwrap();
    sqlx::raw_sql(
        "insert into calls (tenant_id, call_id, session_id, round_id, model, purpose, attempt, state, started_at, ended_at, \
             deadline_at, input, cache_read, cache_write, output, estimated, cost, is_partial, claim_confidence, text) \
         values ('local', zeroblob(16), zeroblob(16), zeroblob(16), 'a', 'respond', 0, 'final', 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, '[]', \
             'Lyon has the shorter road.')",
    )
    .execute(&mut hand)
    .await
    .unwrap();
    hand.close().await.unwrap();
    let store = open(home.path()).await;
    for (query, is_answer) in [("which", false), ("lyon", true)] {
        let found = store.passages(&TenantId::local(), query, 5).await.unwrap();
        let found: Vec<bool> = found.iter().map(|found| found.model.is_some()).collect();
        assert_eq!(found, [is_answer], "{query}");
    }
    store.close().await;
}

#[tokio::test]
async fn what_was_said_beside_the_answers_before_it_was_searched_is_found() {
    let home = tempfile::tempdir().unwrap();
    let mut hand = of_version(home.path(), 33).await;
    sqlx::raw_sql(A_ROUND).execute(&mut hand).await.unwrap();
    sqlx::raw_sql(
        "update rounds set \
             reactions = '[{\"model\":\"a\",\"to\":[],\"snippets\":[{\"type\":\"KEEP\",\"quote\":\"q\",\"quoted_model\":\"b\", \
                 \"comment\":\"The quay freezes.\"}]}]', \
             recap_status = 'complete', recap = '{\"status\":\"complete\",\"text\":{\"title\":\"Ice\",\"tldr\":\"By water.\", \
                 \"agenda\":[],\"sections\":[]},\"model\":\"a\",\"failure\":null}'; \
         update sessions set synthesis_status = 'complete', synthesis = '{\"status\":\"complete\",\"text\": \
             {\"title\":\"All\",\"tldr\":\"A barge.\",\"origin\":\"o\",\"arcs\":[]},\"model\":\"a\",\"failure\":null}'; \
         insert into rounds (tenant_id, round_id, session_id, round_index, status, phase, attempt, cancelled, started_at, \
             deadline_at, ended_at, slowest_answer_ms, slowest_reaction_ms, round_ms, prompt, search, snippets, reactions) \
         values ('local', randomblob(16), zeroblob(16), 1, 'complete', 'done', 0, 0, 3, 4, 4, 0, 0, 0, 'And now?', '', '[]', '[]')",
    )
    .execute(&mut hand)
    .await
    .unwrap();
    hand.close().await.unwrap();
    let store = open(home.path()).await;
    for (query, kind, round) in [
        ("which", PassageKind::Question, 0),
        ("quay", PassageKind::Reaction, 0),
        ("water", PassageKind::Recap, 0),
        // It is about all of them, and stands with the last.
        ("barge", PassageKind::Synthesis, 1),
    ] {
        let found = store.passages(&TenantId::local(), query, 5).await.unwrap();
        let places = found.iter().map(|found| (found.kind, found.round_index));
        assert_eq!(places.collect::<Vec<_>>(), [(kind, round)], "{query}");
    }
    store.close().await;
}

#[tokio::test]
async fn reactions_that_could_not_be_read_before_that_was_kept_are_known_by_their_sentence() {
    let home = tempfile::tempdir().unwrap();
    let mut hand = of_version(home.path(), 28).await;
    sqlx::raw_sql(A_ROUND).execute(&mut hand).await.unwrap();
    let insert = "insert into calls (tenant_id, call_id, session_id, round_id, model, purpose, attempt, state, started_at, \
             ended_at, deadline_at, input, cache_read, cache_write, output, estimated, cost, is_partial, claim_confidence, \
             text, error_code, error_message) \
         values ('local', randomblob(16), zeroblob(16), zeroblob(16), 'a', 'react', 0, 'error', 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, \
             '[]', '', 'provider_error', $1)";
    let (unreadable, broken) = ("The reaction could not be read: no JSON.", "upstream reset");
    for said in [unreadable, broken] {
        sqlx::query(insert)
            .bind(said)
            .execute(&mut hand)
            .await
            .unwrap();
    }
    hand.close().await.unwrap();
    let store = open(home.path()).await;
    let session = SessionId(uuid::Uuid::nil());
    let calls = store
        .calls_of_session(&TenantId::local(), session)
        .await
        .unwrap();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(
            call.unreadable,
            call.error_message.as_deref() == Some(unreadable)
        );
    }
    store.close().await;
}

#[tokio::test]
async fn messages_that_were_there_before_they_were_counted_count() {
    let home = tempfile::tempdir().unwrap();
    let mut hand = of_version(home.path(), 29).await;
    // A broadcast that two have left of three, a message, and one that was deleted.
    sqlx::raw_sql(
        "insert into mailboxes (tenant_id, mailbox) values ('local', x'01'), ('local', x'02'), ('local', x'03'); \
         with sent (mailbox, seq, message_id, text) as (values (x'01', 1, x'aa', null), (x'02', 1, x'aa', null), \
             (x'03', 1, x'aa', null), (x'03', 2, x'bb', 'one'), (x'03', 3, x'cc', 'gone')) \
         insert into messages (tenant_id, mailbox, seq, message_id, sender, origin, recipient, text, sent_at, hops, state) \
         select 'local', mailbox, seq, message_id, '{}', 'agent', 'a', text, 1, 0, 'waiting' from sent; \
         delete from messages where message_id = x'cc' or mailbox = x'02';",
    )
    .execute(&mut hand)
    .await
    .unwrap();
    hand.close().await.unwrap();
    let store = open(home.path()).await;
    assert_eq!(store.message_total(&TenantId::local()).await.unwrap(), 2);
    store.close().await;
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_store_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    made(home.path(), "1").await;
    let mut hand = reach_into(home.path()).await;
    // The fourth migration makes `settings` and then fails at `drafts`, which is there already.
    sqlx::raw_sql("drop table settings; delete from _sqlx_migrations where version >= 4;")
        .execute(&mut hand)
        .await
        .unwrap();
    let error = refused(home.path()).await;
    assert!(matches!(error, OpenError::Migrate { .. }), "{error}");
    let settings: i64 =
        sqlx::query_scalar("select count(*) from sqlite_schema where name = 'settings'")
            .fetch_one(&mut hand)
            .await
            .unwrap();
    assert_eq!(
        settings, 0,
        "the half of the migration that succeeded was undone"
    );
}

#[tokio::test]
async fn a_first_start_that_was_cut_short_is_made_good() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("husting.db"), "").unwrap();
    made(home.path(), "1").await;
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_a_way_out() {
    let home = tempfile::tempdir().unwrap();
    fs::write(
        home.path().join("husting.db"),
        "this was never a database ".repeat(400),
    )
    .unwrap();
    let error = refused(home.path()).await;
    assert!(
        matches!(error, OpenError::Store(StoreError::Corrupt(_))),
        "{error:?}"
    );
    assert!(error.to_string().contains("husting restore"), "{error}");
}

#[tokio::test]
async fn somebody_elses_database_is_refused_and_left_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(home.path().join("husting.db"))
        .create_if_missing(true);
    let mut theirs = options.connect().await.unwrap();
    sqlx::raw_sql("create table recipes (name text)")
        .execute(&mut theirs)
        .await
        .unwrap();
    theirs.close().await.unwrap();
    let before = fs::read(home.path().join("husting.db")).unwrap();
    let error = refused(home.path()).await;
    assert!(matches!(error, OpenError::NotAStore { .. }), "{error}");
    assert_eq!(fs::read(home.path().join("husting.db")).unwrap(), before);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("file");
    fs::write(&home, "").unwrap();
    let error = refused(&home).await;
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    assert!(
        error.to_string().contains(home.to_str().unwrap()),
        "{error}"
    );
}

#[tokio::test]
async fn each_day_of_use_has_a_backup_and_seven_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let backups = home.path().join("backups");
    let store = open(home.path()).await;
    put(&store, "1").await.unwrap();
    for days in 0..9 {
        store.daily(day(days)).await.unwrap();
    }
    let expected: Vec<String> = (22..=28)
        .map(|day| format!("husting-2026-11-{day}.db"))
        .collect();
    assert_eq!(names(&backups), expected);
    // The same day again changes nothing.
    let before = fs::metadata(backups.join(&expected[6]))
        .unwrap()
        .modified()
        .unwrap();
    put(&store, "2").await.unwrap();
    store.daily(day(8).plus_millis(60_000)).await.unwrap();
    assert_eq!(
        fs::metadata(backups.join(&expected[6]))
            .unwrap()
            .modified()
            .unwrap(),
        before
    );
    store.close().await;
    // Opening makes the day's backup by itself.
    SqliteStore::open(home.path(), day(9))
        .await
        .unwrap()
        .close()
        .await;
    assert_eq!(
        names(&backups).last().map(String::as_str),
        Some("husting-2026-11-29.db")
    );
    assert_eq!(names(&backups).len(), 7);
}

#[tokio::test]
async fn restoring_sets_the_present_store_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = backed_up(&home, &copy).await;
    put(&store, "2").await.unwrap();
    let busy = restore(&home, &copy, day(1)).await.unwrap_err();
    assert!(matches!(busy, BackupError::Open(inner) if matches!(*inner, OpenError::Owned { .. })));
    store.close().await;

    restore(&home, &copy, day(1)).await.unwrap();
    let restored = open(&home).await;
    assert_eq!(word(&restored).await.as_deref(), Some("1"));
    restored.close().await;
    let aside = home.join("backups/replaced-2026-11-21T08-04-21.000Z.db");
    restore(&home, &aside, day(2)).await.unwrap();
    let back = open(&home).await;
    assert_eq!(
        word(&back).await.as_deref(),
        Some("2"),
        "nothing is lost by restoring"
    );
    back.close().await;
}

/// What is done to a store's bytes.
type Tear = fn(&mut Vec<u8>);

/// A folder whose program was killed: the second value is in the log alone.
async fn killed(folder: &Path) -> std::path::PathBuf {
    let (running, home) = (folder.join("running"), folder.join("home"));
    made(&running, "1").await;
    let store = open(&running).await;
    put(&store, "2").await.unwrap();
    fs::create_dir(&home).unwrap();
    for name in ["husting.db", "husting.db-wal"] {
        fs::copy(running.join(name), home.join(name)).unwrap();
    }
    store.close().await;
    home
}

#[tokio::test]
async fn a_store_in_any_state_is_set_aside_with_what_only_its_log_holds() {
    let states: [(&str, Tear); 4] = [
        ("whole", |_| ()),
        ("emptied", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("overwritten", |bytes| bytes[..4096].fill(7)),
    ];
    for (state, tear) in states {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, copy) = (folder.path().join("first"), folder.path().join("copy.db"));
        backed_up(&elsewhere, &copy).await.close().await;
        let home = killed(folder.path()).await;
        let mut store = fs::read(home.join("husting.db")).unwrap();
        let log = fs::read(home.join("husting.db-wal")).unwrap();
        tear(&mut store);
        fs::write(home.join("husting.db"), &store).unwrap();

        let aside = restore(&home, &copy, day(1)).await.unwrap().unwrap();
        assert_eq!(fs::read(&aside).unwrap(), store, "{state}");
        let its_log = fs::read(aside.with_extension("db-wal")).unwrap();
        assert_eq!(its_log, log, "{state}: the log is kept beside the store");
        let restored = open(&home).await;
        assert_eq!(word(&restored).await.as_deref(), Some("1"), "{state}");
        restored.close().await;
    }
}

#[tokio::test]
async fn a_store_that_was_set_aside_comes_back_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, copy) = (folder.path().join("first"), folder.path().join("copy.db"));
    backed_up(&elsewhere, &copy).await.close().await;
    let home = killed(folder.path()).await;
    let aside = restore(&home, &copy, day(1)).await.unwrap().unwrap();
    restore(&home, &aside, day(2)).await.unwrap();
    assert!(
        !home.join("husting.db-wal").exists(),
        "a store that was put back is one file"
    );
    let back = open(&home).await;
    assert_eq!(word(&back).await.as_deref(), Some("2"));
    back.close().await;
}

#[tokio::test]
async fn a_restore_that_ends_half_done_is_done_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, copy) = (folder.path().join("first"), folder.path().join("copy.db"));
    backed_up(&elsewhere, &copy).await.close().await;
    let home = killed(folder.path()).await;
    // It is removed after the log, before the copy comes: a folder cannot be.
    let index = home.join("husting.db-shm");
    fs::create_dir(&index).unwrap();
    let ended = restore(&home, &copy, day(1)).await.unwrap_err();
    assert!(matches!(ended, BackupError::Write { .. }), "{ended:?}");
    assert!(!home.join("husting.db-wal").exists(), "it ended too early");
    let staged = home.join("husting.restoring");
    assert!(
        staged.exists(),
        "the copy comes when all of the old is gone"
    );
    fs::remove_dir(index).unwrap();

    let restored = open(&home).await;
    assert_eq!(word(&restored).await.as_deref(), Some("1"));
    restored.close().await;
    let aside = home.join("backups/replaced-2026-11-21T08-04-21.000Z.db");
    restore(&home, &aside, day(2)).await.unwrap();
    let back = open(&home).await;
    assert_eq!(word(&back).await.as_deref(), Some("2"));
    back.close().await;
}

#[tokio::test]
async fn a_copy_that_a_kill_left_half_made_is_gone_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    made(home.path(), "1").await;
    let left = home.path().join("husting.incoming");
    fs::write(&left, "half of it").unwrap();
    let store = open(home.path()).await;
    assert!(!left.exists());
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    store.close().await;
}

#[tokio::test]
async fn a_restore_that_cannot_begin_is_not_done_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = backed_up(&home, &copy).await;
    put(&store, "2").await.unwrap();
    store.close().await;
    // The store that is replaced has no place to go to.
    fs::write(home.join("backups"), "").unwrap();
    let refused = restore(&home, &copy, day(1)).await.unwrap_err();
    assert!(matches!(refused, BackupError::Write { .. }), "{refused:?}");
    fs::remove_file(home.join("backups")).unwrap();
    let store = open(&home).await;
    assert_eq!(word(&store).await.as_deref(), Some("2"));
    store.close().await;
}

#[tokio::test]
async fn a_log_without_its_store_does_not_get_into_the_one_that_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, copy) = (folder.path().join("first"), folder.path().join("copy.db"));
    backed_up(&elsewhere, &copy).await.close().await;
    let home = killed(folder.path()).await;
    fs::remove_file(home.join("husting.db")).unwrap();
    let aside = restore(&home, &copy, day(1)).await.unwrap();
    assert_eq!(aside, None, "no store was there");
    assert_eq!(
        names(&home.join("backups")),
        ["replaced-2026-11-21T08-04-21.000Z.db-wal"]
    );
    let restored = open(&home).await;
    assert_eq!(word(&restored).await.as_deref(), Some("1"));
    restored.close().await;
}

#[tokio::test]
async fn a_backup_that_waits_gives_way_to_one_that_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (home, waits, restored) = (
        folder.path().join("home"),
        folder.path().join("waits.db"),
        folder.path().join("restored.db"),
    );
    let store = open(&home).await;
    for (value, copy) in [("1", &waits), ("2", &restored)] {
        put(&store, value).await.unwrap();
        store.backup(copy).await.unwrap();
    }
    stage(&home, &waits).await.unwrap();
    store.close().await;
    restore(&home, &restored, day(1)).await.unwrap();
    let store = open(&home).await;
    assert_eq!(word(&store).await.as_deref(), Some("2"));
    store.close().await;
}

#[tokio::test]
async fn a_backup_that_cannot_take_the_stores_place_says_where_it_waits_and_how_to_go_on_without() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = backed_up(&home, &copy).await;
    put(&store, "2").await.unwrap();
    stage(&home, &copy).await.unwrap();
    store.close().await;
    // The store that is replaced has no place to go to.
    fs::write(home.join("backups"), "").unwrap();

    let staged = home.join("husting.restoring");
    let error = refused(&home).await;
    assert!(matches!(error, OpenError::Restore { .. }), "{error:?}");
    let way_out = format!("delete {} to go on", staged.display());
    assert!(error.to_string().contains(&way_out), "{error}");
    fs::remove_file(staged).unwrap();
    let store = open(&home).await;
    assert_eq!(word(&store).await.as_deref(), Some("2"));
    store.close().await;
}

/// The runtime of this test has one thread.
#[cfg(unix)]
#[tokio::test]
async fn others_are_answered_while_a_backup_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (home, pipe) = (folder.path().join("home"), folder.path().join("pipe.db"));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    // Whoever opens a pipe waits for its other end: a thread that waits for this test is let go some time.
    let (reached, waits) = std::sync::mpsc::channel();
    let other_end = pipe.clone();
    let rescue = std::thread::spawn(move || {
        let is_stuck = waits.recv_timeout(Duration::from_secs(10)).is_err();
        is_stuck.then(|| fs::write(other_end, ""))
    });

    let mut staging = std::pin::pin!(stage(&home, &pipe));
    tokio::select! {
        biased;
        _ = &mut staging => panic!("the copying held the only thread"),
        () = std::future::ready(()) => reached.send(()).unwrap(),
    }
    assert!(rescue.join().unwrap().is_none());
    fs::write(&pipe, "").unwrap();
    let refused = staging.await.unwrap_err();
    assert!(matches!(refused, BackupError::Read { .. }), "{refused:?}");
}

#[test]
fn what_only_looks_like_a_backup_is_not_listed_and_before_there_is_one_none_is() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(kept_backups(home.path()).unwrap(), []);
    let folder = home.path().join("backups");
    fs::create_dir_all(folder.join("of-last-year.db")).unwrap();
    for name in ["by-hand.db", "notes.txt", "by-hand.db-wal"] {
        fs::write(folder.join(name), "").unwrap();
    }
    let kept = kept_backups(home.path()).unwrap();
    let paths: Vec<_> = kept.into_iter().map(|kept| kept.path).collect();
    assert_eq!(paths, [folder.join("by-hand.db")]);
}

#[tokio::test]
async fn a_backup_is_looked_at_without_leaving_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    backed_up(&home, &copy).await.close().await;
    let (beside, bytes) = (names(folder.path()), fs::read(&copy).unwrap());
    let nowhere = folder.path().join("nowhere");
    let found = look_at_backup(&nowhere, &copy).await.unwrap();
    assert_eq!((found.sessions, found.messages), (0, 0));
    assert_eq!(found.version, found.known, "it was just written");
    assert!(found.newest_at.is_none() && found.written_at > Timestamp::from_micros(0));
    assert_eq!(
        names(folder.path()),
        beside,
        "not even a data folder is made"
    );
    assert_eq!(fs::read(&copy).unwrap(), bytes);

    // One that is older than the bus holds no agents and no messages.
    let older = folder.path().join("older");
    fs::create_dir(&older).unwrap();
    of_version(&older, 8).await.close().await.unwrap();
    let found = look_at_backup(&nowhere, &older.join("husting.db"))
        .await
        .unwrap();
    assert_eq!((found.version, found.agents, found.messages), (8, 0, 0));
}

#[tokio::test]
async fn a_store_with_a_log_is_looked_at_with_what_only_the_log_holds() {
    let folder = tempfile::tempdir().unwrap();
    let running = folder.path().join("running");
    made(&running, "1").await;
    let store = open(&running).await;
    // A tenant's agent, whose row is in the log alone.
    let agent = "insert into agents (tenant_id, agent_id, name, kind, status, grants, epoch, created_at) \
                 values ('local', x'0199d1f0000070008000000000000000', 'scout', 'custom', 'active', '[]', 0, 0)";
    let mut hand = reach_into(&running).await;
    sqlx::raw_sql(agent).execute(&mut hand).await.unwrap();
    let set_aside = folder.path().join("set-aside");
    fs::create_dir(&set_aside).unwrap();
    for name in ["husting.db", "husting.db-wal"] {
        fs::copy(running.join(name), set_aside.join(name)).unwrap();
    }
    hand.close().await.unwrap();
    store.close().await;
    let home = folder.path().join("home");
    made(&home, "1").await;
    let (before, aside) = (names(&home), names(&set_aside));
    let found = look_at_backup(&home, &set_aside.join("husting.db"))
        .await
        .unwrap();
    assert_eq!(found.agents, 1);
    assert_eq!(names(&home), before, "the copy goes again");
    assert_eq!(names(&set_aside), aside);

    // One that a kill left goes at the next start.
    fs::write(home.join("husting.looking"), "half a copy").unwrap();
    open(&home).await.close().await;
    assert!(!home.join("husting.looking").exists());
}

#[tokio::test]
async fn who_looks_is_told_what_a_restore_would_say() {
    let folder = tempfile::tempdir().unwrap();
    let (home, file) = (folder.path().join("home"), folder.path().join("copy.db"));
    made(&home, "1").await;
    let whole = fs::read(home.join("husting.db")).unwrap();
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..middle + 8_192].fill(0xa5);
    for content in [None, Some(torn), Some(b"hello".to_vec())] {
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
        }
        let before = names(&home);
        let looked = look_at_backup(&home, &file).await.unwrap_err();
        assert_eq!(names(&home), before);
        let restored = restore(&home, &file, day(0)).await.unwrap_err();
        assert_eq!(looked.to_string(), restored.to_string());
    }
}

#[tokio::test]
async fn an_unsound_backup_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    made(&home, "1").await;
    let before = names(&home);

    let gone = restore(&home, &copy, day(0)).await.unwrap_err();
    assert!(matches!(gone, BackupError::Read { .. }), "{gone}");

    let mut bytes = fs::read(home.join("husting.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xa5);
    fs::write(&copy, &bytes).unwrap();
    let damaged = restore(&home, &copy, day(0)).await.unwrap_err();
    assert!(
        matches!(&damaged, BackupError::Damaged { path, .. } if *path == copy),
        "{damaged:?}"
    );

    assert_eq!(names(&home), before);
    let store = open(&home).await;
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    store.close().await;
}

#[tokio::test]
async fn a_backup_whose_index_has_not_what_its_table_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy"));
    made(&home, "1").await;
    made(&copy, "2").await;
    let mut hand = reach_into(&copy).await;
    // It is made of one column, and said to be of another.
    let spoil = "create index spoilt on settings (key); \
                 pragma writable_schema = on; \
                 update sqlite_schema set sql = 'create index spoilt on settings (value)' where name = 'spoilt'; \
                 pragma wal_checkpoint(truncate);";
    sqlx::raw_sql(spoil).execute(&mut hand).await.unwrap();
    hand.close().await.unwrap();
    let refused = restore(&home, &copy.join("husting.db"), day(0)).await;
    assert!(
        matches!(refused, Err(BackupError::Damaged { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_backup_is_told_as_such_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (home, file) = (folder.path().join("home"), folder.path().join("notes.db"));
    made(&home, "1").await;
    let before = names(&home);
    let theirs = folder.path().join("theirs.db");
    let mut foreign = SqliteConnectOptions::new()
        .filename(&theirs)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("create table songs (title text)")
        .execute(&mut foreign)
        .await
        .unwrap();
    foreign.close().await.unwrap();
    let long = "This was never a database. ".repeat(400);
    for content in [
        b"".to_vec(),
        b"hello".to_vec(),
        long.into_bytes(),
        fs::read(&theirs).unwrap(),
    ] {
        fs::write(&file, content).unwrap();
        let refused = restore(&home, &file, day(0)).await.unwrap_err();
        assert!(
            matches!(&refused, BackupError::NotABackup { .. }),
            "{refused:?}"
        );
        assert_eq!(
            refused.to_string(),
            format!("{} is not a Husting backup", file.display())
        );
        assert_eq!(names(&home), before);
    }
    let store = open(&home).await;
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    store.close().await;
}

#[tokio::test]
async fn the_log_is_moved_into_the_tables_while_the_store_is_open() {
    let home = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(open(home.path()).await);
    let file = home.path().join("husting.db");
    let before = fs::metadata(&file).unwrap().len();
    // Until the tables' own file grows; without checkpoints it never would.
    let mut written = 0;
    while fs::metadata(&file).unwrap().len() == before {
        let many = (0..64).map(|n| {
            let (store, key) = (store.clone(), format!("{written}/{n}"));
            let write = Write::PutSetting {
                key,
                value: format!("\"{}\"", "x".repeat(500)),
            };
            tokio::spawn(
                async move { store.commit(Unit::of(TenantId::local()).write(write)).await },
            )
        });
        for unit in many.collect::<Vec<_>>() {
            unit.await.unwrap().unwrap();
        }
        written += 1;
        assert!(written < 1_000, "64,000 changes without a checkpoint");
    }
    store.close().await;
}

#[tokio::test]
async fn no_store_is_opened_or_put_back_in_a_folder_that_is_being_erased() {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy.db"));
    let store = backed_up(&home, &copy).await;
    begin_erasing(&home, "names").unwrap();
    // What a kill left when the marker was being written.
    fs::write(home.join("husting.erasing-new"), "mo").unwrap();
    begin_erasing(&home, "more names").unwrap();
    assert_eq!(
        word(&store).await.as_deref(),
        Some("1"),
        "who is there goes on"
    );
    store.close().await;

    assert!(matches!(refused(&home).await, OpenError::Erasing { .. }));
    let bridge = SqliteStore::open_file(&home, StoreFile::Discord, day(0)).await;
    assert!(matches!(bridge, Err(OpenError::Erasing { .. })));
    let is_refused = |outcome: Result<(), BackupError>| {
        let open = matches!(outcome, Err(BackupError::Open(inner)) if matches!(*inner, OpenError::Erasing { .. }));
        assert!(open);
    };
    is_refused(restore(&home, &copy, day(1)).await.map(drop));
    is_refused(stage(&home, &copy).await);
    assert!(!home.join("husting.restoring").exists());

    let held = Held::wait(&home, StoreFile::Husting, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(held.marker().unwrap().as_deref(), Some("more names"));
    assert!(matches!(refused(&home).await, OpenError::Owned { .. }));
    held.end_erasing().unwrap();
    assert_eq!(held.marker().unwrap(), None);
    let store = SqliteStore::open_held(held, day(1)).await.unwrap();
    assert_eq!(word(&store).await.as_deref(), Some("1"));
    store.close().await;
}

#[tokio::test]
async fn a_bridge_that_works_beside_the_store_is_found_and_nothing_is_made_to_find_none() {
    let folder = tempfile::tempdir().unwrap();
    refuse_owned(folder.path(), StoreFile::Discord).unwrap();
    assert!(names(folder.path()).is_empty());
    let bridge = SqliteStore::open_file(folder.path(), StoreFile::Discord, day(0))
        .await
        .unwrap();
    let owned = refuse_owned(folder.path(), StoreFile::Discord);
    assert!(matches!(owned, Err(OpenError::Owned { .. })));
    bridge.close().await;
    refuse_owned(folder.path(), StoreFile::Discord).unwrap();
}
