//! The audit log: sealed while it is written, proved from the store and from a case file, and what
//! is done to either of them behind Husting's back.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use husting_clock::{Clock, SharedClock, SystemClock};
use husting_console::audit::{CaseCheck, check_case};
use husting_console::{Console, KeyChoice, Keys, Options};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::TenantId;
use husting_secrets::{SealedFile, SecretStore as _, Unlock};
use husting_store::{
    AgentReads, AgentWrite, AuditReads, BusWrite, SqliteStore, Store, Unit, Write,
};
use husting_wire::agents::SetPause;
use husting_wire::audit::{AuditReport, ChainCheck, ExportAudit, ListAudit, Sealing};
use husting_wire::bus::messages::ListMessages;
use husting_wire::commands::{
    AcceptAudit, CheckAudit, EndAgent, Examine, FindAudit, FindMessages, MakeAgent, OpenSecrets,
    PauseAgents, TakeSnapshot, WriteAudit,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::providers::KeptIn;
use husting_wire::secrets::ChooseSecrets;
use husting_wire::settings::{EditSettings, LookAround, Nothing};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::agents::{at, holder, letter, minted};
use crate::bus::inbox;
use crate::desk::{Desk, PATIENCE};
use crate::doctor::finding;
use crate::fragile::Fragile;
use crate::keys::listening;

/// Does five things; the number of the last row. Husting's own agents may add rows at any time.
async fn busy(desk: &Desk) -> u64 {
    let bruno = desk.ask::<MakeAgent>(minted("bruno-voice")).await;
    desk.ask::<MakeAgent>(minted("ana")).await;
    let bruno = holder(desk, &bruno);
    desk.console
        .send(&bruno, letter("ana", "Quillfeather is sold."))
        .await
        .unwrap();
    for paused in [true, false] {
        desk.ask::<PauseAgents>(SetPause { paused }).await;
    }
    newest_row(desk).await
}

async fn newest_row(desk: &Desk) -> u64 {
    desk.ask::<FindAudit>(ListAudit::default()).await.rows[0].row
}

fn sealed_row(chain: &ChainCheck) -> u64 {
    chain.sealed.as_ref().map_or(0, |seal| seal.row)
}

async fn checked(desk: &Desk) -> AuditReport {
    desk.ask::<CheckAudit>(Nothing {}).await
}

async fn exported(desk: &Desk) -> Vec<String> {
    let case = desk.ask::<WriteAudit>(ExportAudit::default()).await;
    case.text.lines().map(str::to_owned).collect()
}

fn case(lines: &[String]) -> CaseCheck {
    check_case(lines.join("\n").as_bytes(), None).unwrap()
}

pub async fn store_in(home: &TempDir) -> SqliteStore {
    let store = SqliteStore::open_waiting(home.path(), SystemClock.now(), PATIENCE);
    store.await.unwrap()
}

/// The same line with one of its members changed.
fn with(line: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(line).unwrap();
    change(&mut value);
    value.to_string()
}

/// With keys in a sealed file, as they outlive the program.
async fn with_sealed_keys(home: &Arc<TempDir>, passphrase: &str) -> Desk {
    let options = Options {
        home: home.path().to_owned(),
        keys: KeyChoice::Passphrase(passphrase.to_owned().into()),
        overrides: EditSettings::default(),
        clock: Arc::new(SystemClock),
        patience: PATIENCE,
        bot_locks: home.path().join("bots"),
        surroundings: husting_console::Surroundings::default(),
    };
    Desk {
        console: Console::open_home(options).await.unwrap(),
        caller: husting_console::Caller::Operator {
            door: husting_console::Door::Window,
        },
        home: home.clone(),
    }
}

#[tokio::test]
async fn a_log_is_sealed_to_its_last_row_and_says_under_which_key() {
    let desk = Desk::open().await;
    let newest = busy(&desk).await;
    let report = checked(&desk).await;
    let chain = &report.chains[0];
    assert!(report.ok && chain.ok, "{chain:?}");
    assert!(newest >= 5 && sealed_row(chain) >= newest, "{chain:?}");
    let seal = chain.sealed.as_ref().unwrap();
    assert_eq!(seal.this_machine, Some(true));
    assert_eq!(
        report.sealing,
        Sealing::On {
            public_key: seal.public_key.clone(),
            in_memory: true,
        }
    );
    let of_kinds = ListAudit {
        actions: vec![Action::Mint, Action::Send, Action::Pause],
        ..ListAudit::default()
    };
    let page = desk.ask::<FindAudit>(of_kinds).await;
    let words: Vec<&str> = page.rows.iter().map(|row| row.action.word()).collect();
    assert_eq!(words, ["pause", "pause", "send", "mint", "mint"]);
}

#[tokio::test]
async fn a_page_of_the_log_says_whether_there_is_more() {
    let desk = Desk::open().await;
    let newest = busy(&desk).await;
    let page = async |limit| {
        let asked = ListAudit {
            limit: Some(limit),
            ..ListAudit::default()
        };
        let page = desk.ask::<FindAudit>(asked).await;
        (page.rows.len(), page.more)
    };
    let all = u32::try_from(newest).unwrap();
    assert_eq!(page(all - 1).await, (all as usize - 1, true));
    assert_eq!(page(all).await, (all as usize, false));
}

#[tokio::test]
async fn a_row_tells_the_name_of_an_agent_that_was_revoked() {
    let desk = Desk::open().await;
    let ana = desk.ask::<MakeAgent>(minted("ana")).await.agent.id;
    desk.ask::<EndAgent>(at(ana)).await;
    let again = desk.ask::<MakeAgent>(minted("ana")).await.agent.id;
    let bea = desk.ask::<MakeAgent>(minted("bea")).await.agent.id;
    let actions = vec![Action::Mint, Action::Revoke, Action::Pause];
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let asked = ListAudit {
        actions,
        ..ListAudit::default()
    };
    let rows = desk.ask::<FindAudit>(asked).await.rows;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.agent_id, row.agent_name.as_deref()))
        .collect();
    let is = |id| (Some(id), Some("ana"));
    let other = (Some(bea), Some("bea"));
    assert_eq!(told, [(None, None), other, is(again), is(ana), is(ana)]);
}

#[tokio::test]
async fn heads_are_sealed_at_most_once_a_second_and_at_the_end() {
    let clock = SystemClock;
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open_waiting(home.path(), clock.now(), PATIENCE);
    let store = Arc::new(store.await.unwrap());
    let desk = Desk::over(store.clone(), home.clone(), Arc::new(clock)).await;
    let tenant = TenantId::local();
    let sealed = async || {
        let seals = store.audit_seals(&tenant).await.unwrap();
        seals.first().map_or(0, |seal| seal.link)
    };
    let head = async || store.audit_head(&tenant).await.unwrap().link;
    let pause = async |paused| desk.ask::<PauseAgents>(SetPause { paused }).await;

    let (begun, mut seen) = (Instant::now(), BTreeSet::new());
    for _ in 0..40 {
        pause(true).await;
        seen.insert(sealed().await);
    }
    // Before the first, the first, and one for each second since.
    let most = begun.elapsed().as_secs() + 3;
    assert!(
        seen.len() as u64 <= most,
        "{seen:?} in {:?}",
        begun.elapsed()
    );
    let wanted = head().await;
    let reached = async {
        while sealed().await < wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap();
    pause(false).await;
    desk.console.close().await;
    let store = SqliteStore::open_waiting(home.path(), clock.now(), PATIENCE);
    let store = store.await.unwrap();
    let head = store.audit_head(&tenant).await.unwrap();
    let seals = store.audit_seals(&tenant).await.unwrap();
    assert_eq!((seals[0].link, seals[0].hash), (head.link, head.hash));
    assert!(head.link > wanted);
}

#[tokio::test]
async fn a_case_file_is_proved_without_a_store_and_holds_no_words() {
    let desk = Desk::open().await;
    let newest = busy(&desk).await;
    let lines = exported(&desk).await;
    assert!(!lines.join("").contains("Quillfeather"));
    let found = case(&lines);
    assert!(found.chain.ok, "{found:?}");
    assert!(sealed_row(&found.chain) >= newest, "{found:?}");
    let Sealing::On { public_key, .. } = checked(&desk).await.sealing else {
        panic!("it is sealed")
    };
    assert_eq!(found.public_key, Some(public_key.clone()));
    let ours = public_key.parse().unwrap();
    let text = lines.join("\n");
    let again = check_case(text.as_bytes(), Some(ours)).unwrap();
    assert_eq!(again.chain.sealed.unwrap().this_machine, Some(true));
}

#[tokio::test]
async fn whatever_is_done_to_a_case_file_is_found() {
    let desk = Desk::open().await;
    busy(&desk).await;
    let lines = exported(&desk).await;
    let at = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap();
    let (seals_end, sent) = (at(r#""type":"link""#), at(r#""action":"send""#));
    let row =
        |line: &str, member: &str, value: Value| with(line, |link| link["rows"][0][member] = value);
    let mut spoilt: Vec<(&str, Vec<String>)> = Vec::new();
    let mut spoil = |what, change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        spoilt.push((what, lines));
    };
    spoil("an actor", &|l| {
        l[sent] = row(&l[sent], "actor", "agent:ana".into())
    });
    spoil("a body", &|l| {
        l[sent] = row(&l[sent], "body", "00".repeat(32).into())
    });
    spoil("a moment by a microsecond", &|l| {
        l[sent] = with(&l[sent], |link| {
            let at = link["rows"][0]["at"].as_str().unwrap();
            let last = if at.ends_with("0Z") { "1Z" } else { "0Z" };
            link["rows"][0]["at"] = format!("{}{last}", &at[..at.len() - 2]).into();
        });
    });
    spoil("something more", &|l| {
        l[sent] = row(&l[sent], "note", "new".into())
    });
    spoil("a row removed", &|l| {
        l[sent] = with(&l[sent], |link| link["rows"] = Value::Array(Vec::new()));
    });
    spoil("a link removed", &|l| drop(l.remove(sent)));
    spoil("a link doubled", &|l| l.insert(sent, l[sent].clone()));
    spoil("links reordered", &|l| l.swap(sent, sent + 1));
    spoil("the end cut off", &|l| l.truncate(sent));
    spoil("everything cut off", &|l| l.truncate(seals_end));
    spoil("a line in between", &|l| l.insert(sent, "hello".to_owned()));
    spoil("a second header behind the end", &|l| l.push(l[0].clone()));
    spoil("a seal behind the end", &|l| l.push(l[1].clone()));
    spoil("another key", &|l| {
        l[0] = with(&l[0], |header| {
            header["public_key"] = "11".repeat(32).into()
        });
    });
    for (what, lines) in spoilt {
        let found = case(&lines);
        assert!(
            !found.chain.ok && found.chain.fault.is_some(),
            "{what}: {found:?}"
        );
    }
    assert!(case(&lines).chain.ok, "what was not touched");
}

#[tokio::test]
async fn an_erased_body_is_no_fault() {
    let desk = Desk::open().await;
    let newest = busy(&desk).await;
    let sent = desk.ask::<FindMessages>(ListMessages::default()).await;
    let message = sent.messages[0].message_id;
    let home = desk.home.clone();
    desk.console.close().await;
    let store = store_in(&home).await;
    let erase = BusWrite::Erase {
        message,
        at: SystemClock.now(),
    };
    let unit = Unit::of(TenantId::local()).write(Write::Bus(erase));
    store.commit(unit).await.unwrap();
    store.close().await;

    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let sent = desk.ask::<FindMessages>(ListMessages::default()).await;
    assert!(sent.messages[0].erased && sent.messages[0].text.is_empty());
    let report = checked(&desk).await;
    assert!(report.ok && report.chains[0].rows >= newest, "{report:?}");
    assert!(case(&exported(&desk).await).chain.ok);
}

#[tokio::test]
async fn a_case_names_whom_it_is_about_and_holds_the_whole_chain_all_the_same() {
    let desk = Desk::open().await;
    let bruno = desk.ask::<MakeAgent>(minted("bruno-voice")).await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let path = desk.home.path().join("case.jsonl");
    let asked = ExportAudit {
        agent_id: Some(bruno.agent.id),
        path: Some(path.to_string_lossy().into_owned()),
    };
    assert!(desk.ask::<WriteAudit>(asked.clone()).await.text.is_empty());
    let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
    let found = check_case(file, None).unwrap();
    assert_eq!(found.about.unwrap().agent_name.as_str(), "bruno-voice");
    assert_eq!(found.receipt_fits, None);
    assert!(
        found.chain.rows > 1 && found.rows_about == 1,
        "{:?}",
        found.chain
    );
    let refused = desk.refused::<WriteAudit>(asked).await;
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
}

#[tokio::test]
async fn a_case_about_a_revoked_agent_has_its_receipt() {
    let desk = Desk::open().await;
    let ana = desk.ask::<MakeAgent>(minted("ana")).await;
    let minted = desk.ask::<MakeAgent>(minted("bruno-voice")).await;
    let bruno = &minted.agent;
    inbox(&desk, &holder(&desk, &minted)).await;
    let revoked = desk.ask::<EndAgent>(at(bruno.id)).await;
    let asked = ExportAudit {
        agent_id: Some(bruno.id),
        path: None,
    };
    let written = desk.ask::<WriteAudit>(asked).await.text;
    let lines: Vec<String> = written.lines().map(str::to_owned).collect();
    let found = case(&lines);
    assert!(found.chain.ok, "{:?}", found.chain);
    assert_eq!(found.receipt_fits, Some(true));
    let receipt = found.about.unwrap().receipt.unwrap();
    assert_eq!(Some(&receipt), revoked.receipt.as_ref());
    assert_eq!(receipt.token_tails, [bruno.token_tail.as_deref().unwrap()]);
    let forged: [fn(&mut Value); 9] = [
        |about| about["receipt"]["row"] = 1.into(),
        |about| about["receipt"]["revoked_at"] = "2026-11-20T10:00:00.000Z".into(),
        |about| about["receipt"]["token_tails"] = Value::Array(Vec::new()),
        |about| about["receipt"]["accepted_since"] = 1.into(),
        |about| about["receipt"]["last_accepted"]["tool"] = "send".into(),
        |about| about["receipt"]["last_accepted"]["row"] = 1.into(),
        |about| about["receipt"]["last_accepted"] = Value::Null,
        |about| about["agent_name"] = "scout".into(),
        |about| about["receipt"]["last_accepted"]["at"] = "2026-11-20T10:00:00.000Z".into(),
    ];
    for (at, forge) in forged.into_iter().enumerate() {
        let mut lines = lines.clone();
        lines[0] = with(&lines[0], |header| forge(&mut header["about"]));
        let found = case(&lines);
        assert_eq!(
            (found.chain.ok, found.receipt_fits),
            (true, Some(false)),
            "{at}"
        );
    }
    let mut of_older = lines.clone();
    of_older[0] = with(&lines[0], |header| {
        header["about"]["receipt"]["row"] = Value::Null;
    });
    assert_eq!(case(&of_older).receipt_fits, Some(true), "it noted no row");
    let mut of_another = lines.clone();
    of_another[0] = with(&lines[0], |header| {
        header["about"]["agent_id"] = serde_json::to_value(ana.agent.id).unwrap();
    });
    let found = case(&of_another);
    assert_eq!(
        (found.chain.ok, found.receipt_fits),
        (true, Some(false)),
        "of one whom nothing revoked"
    );
}

#[tokio::test]
async fn a_key_that_is_kept_goes_on_sealing_after_a_restart() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    let before = checked(&desk).await.sealing;
    desk.console.close().await;
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let newest = newest_row(&desk).await;
    let report = checked(&desk).await;
    assert!(report.ok, "{report:?}");
    assert_eq!(report.sealing, before);
    assert!(sealed_row(&report.chains[0]) >= newest, "{report:?}");
}

#[tokio::test]
async fn a_key_that_ended_with_its_program_is_known_and_followed_by_a_new_one() {
    let clock: SharedClock = Arc::new(SystemClock);
    let desk = Desk::open().await;
    busy(&desk).await;
    let first = checked(&desk).await.sealing;
    let home = desk.home.clone();
    desk.console.close().await;
    let desk = Desk::open_in(home, clock).await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let report = checked(&desk).await;
    assert_ne!(report.sealing, first);
    let seal = report.chains[0].sealed.clone().unwrap();
    assert!(report.ok && seal.this_machine == Some(true), "{report:?}");
}

#[tokio::test]
async fn without_a_key_store_the_log_is_whole_unsealed_and_says_so() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    desk.console.close().await;
    let desk = with_sealed_keys(&home, "another passphrase").await;
    busy(&desk).await;
    let report = checked(&desk).await;
    assert!(
        report.ok && report.chains[0].unsealed_rows >= 5,
        "{report:?}"
    );
    assert!(
        matches!(&report.sealing, Sealing::Off { why, logs } if why.contains("Give it in ") && logs.is_empty())
    );
    let found = case(&exported(&desk).await);
    assert!(found.chain.ok && found.public_key.is_none());
}

#[tokio::test]
async fn without_a_key_store_it_is_tried_once_a_second_and_logged_once() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let keys = async |passphrase: &str| {
        let choice = KeyChoice::Passphrase(passphrase.to_owned().into());
        Keys::open(home.path(), choice).await
    };
    drop(keys("correct horse battery").await);
    let locked = keys("another passphrase").await;
    let store = Arc::new(Fragile::around(store_in(&home).await));
    let (log, _guard) = listening();
    let desk = Desk::with_keys(store.clone(), home.clone(), Arc::new(SystemClock), locked).await;
    let (begun, before) = (Instant::now(), store.heads_read());
    let changes = async {
        // Three tries, between which much is written.
        while store.heads_read() < before + 3 || begun.elapsed().as_secs() < 2 {
            for paused in [true, false] {
                desk.ask::<PauseAgents>(SetPause { paused }).await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, changes).await.unwrap();
    let (tried, seconds) = (store.heads_read() - before, begun.elapsed().as_secs());
    assert!(tried as u64 <= seconds + 2, "{tried} in {seconds} seconds");
    assert_eq!(log.lines_with("the audit log is not sealed"), 1);
    // Why the keys cannot be read is told of the keys, once.
    let report = desk.ask::<Examine>(LookAround::default()).await;
    let of_log = report
        .findings
        .iter()
        .find(|found| found.subject == "audit log");
    let told = of_log.map(|found| (found.untested, found.message.as_str()));
    let unread = "was not looked at: keys cannot be read now";
    assert_eq!(told, Some((true, unread)));
    // Nobody knows how far the log was sealed.
    let refused = desk.refused::<AcceptAudit>(Nothing {}).await;
    assert_eq!(refused.code, ErrorCode::SecretsUnavailable, "{refused:?}");
}

#[tokio::test]
async fn a_head_that_does_not_follow_from_what_was_sealed_is_sealed_no_further() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    // Somebody who holds the store, and not the key, seals a head of their own making.
    forge_a_seal(&home).await;

    let desk = with_sealed_keys(&home, "correct horse battery").await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let report = checked(&desk).await;
    assert!(!report.ok && report.chains[0].fault.is_some(), "{report:?}");
    assert!(matches!(report.sealing, Sealing::Off { .. }));
}

/// What is found of the log in `other` beside the sealed keys of `home`.
async fn checked_with_keys_of(home: &TempDir, other: &Arc<TempDir>) -> AuditReport {
    let keys = "secrets.sealed";
    std::fs::copy(home.path().join(keys), other.path().join(keys)).unwrap();
    let desk = with_sealed_keys(other, "correct horse battery").await;
    checked(&desk).await
}

#[tokio::test]
async fn a_log_of_which_nothing_is_left_is_not_taken_for_one_that_was_never_written() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    let store = store_in(&home).await;
    let agents = store.all_agents().await.unwrap();
    store.close().await;
    // The same agents and keys, beside no log at all.
    let other = Arc::new(tempfile::tempdir().unwrap());
    let store = store_in(&other).await;
    for found in agents {
        let insert = Write::Agent(AgentWrite::Insert(found.row));
        let unit = Unit::of(found.tenant).write(insert);
        store.commit(unit).await.unwrap();
    }
    store.close().await;
    let report = checked_with_keys_of(&home, &other).await;
    let fault = report.chains[0].fault.as_deref();
    assert_eq!(fault, Some("all its rows were removed"), "{report:?}");
    assert!(!report.ok);
}

#[tokio::test]
async fn a_log_whose_seals_are_all_gone_is_not_taken_for_one_that_had_none() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    let report = checked_with_keys_of(&home, &log_without_seals().await).await;
    let fault = report.chains[0].fault.as_deref();
    assert_eq!(fault, Some("all its seals were removed"), "{report:?}");
    assert!(!report.ok);
    let Sealing::Off { why, logs } = &report.sealing else {
        panic!("{report:?}")
    };
    let [log] = &logs[..] else {
        panic!("one log is sealed no further: {logs:?}")
    };
    // What the check found is known again by its chain and its words.
    assert_eq!(log.chain, report.chains[0].chain);
    assert_eq!(Some(&log.fault), report.chains[0].fault.as_ref());
    assert_eq!(log.sentence, format!("{}: {}.", log.what, log.fault));
    let todo = log.todo.as_deref().unwrap();
    assert_eq!(*why, format!("{} {todo}", log.sentence));
}

#[tokio::test]
async fn a_key_that_moves_into_another_store_takes_with_it_how_far_the_log_is_sealed() {
    let desk = Desk::open().await;
    busy(&desk).await;
    assert!(checked(&desk).await.ok);
    let sealed_to = newest_seal(&desk.home).await;
    let sealed_file = ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some("correct horse battery".to_owned()),
        make: true,
    };
    desk.ask::<OpenSecrets>(sealed_file).await;
    let file = desk.home.path().join("secrets.sealed");
    let unlock = Unlock::Passphrase("correct horse battery".to_owned().into());
    let keys = SealedFile::open(&file, unlock).await.unwrap();
    let marked = keys.get("audit/sealed/local").await.unwrap().unwrap();
    let marked: u64 = marked.expose_secret().parse().unwrap();
    assert!(marked >= sealed_to, "{marked} of {sealed_to}");
    // As after a kill: nothing is marked at the end.
    let report = checked_with_keys_of(&desk.home, &log_without_seals().await).await;
    let fault = report.chains[0].fault.as_deref();
    assert_eq!(fault, Some("all its seals were removed"), "{report:?}");
    desk.console.close().await;
}

#[tokio::test]
async fn a_doctor_tells_of_a_key_that_cannot_seal() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let passphrase = || "correct horse battery".to_owned();
    let file = home.path().join("secrets.sealed");
    let unlock = Unlock::Passphrase(passphrase().into());
    let keys = SealedFile::create(&file, unlock).await.unwrap();
    keys.put("audit/seal", &"no key".into()).await.unwrap();
    let desk = with_sealed_keys(&home, &passphrase()).await;
    let told = finding(&desk, "audit log").await;
    assert!(!told.ok, "{told:?}");
    assert!(told.message.contains("64 hexadecimal digits"), "{told:?}");
    desk.console.close().await;
}

/// Puts a seal of another head in the place of the first one of a store that is not in use.
async fn forge_a_seal(home: &TempDir) {
    let store = store_in(home).await;
    let tenant = TenantId::local();
    let mut forged = store.audit_seals(&tenant).await.unwrap().remove(0);
    forged.hash = [9; 32];
    let unit = Unit::of(tenant).write(Write::Seal(forged));
    store.commit(unit).await.unwrap();
    store.close().await;
}

/// The link that the newest seal of a store is of, which may be in use.
async fn newest_seal(home: &TempDir) -> u64 {
    let copy = copy_of_store(home);
    let store = store_in(&copy).await;
    let seals = store.audit_seals(&TenantId::local()).await.unwrap();
    store.close().await;
    seals.iter().map(|seal| seal.link).max().unwrap()
}

/// A store whose log has a row and no seal.
async fn log_without_seals() -> Arc<TempDir> {
    let other = Arc::new(tempfile::tempdir().unwrap());
    let store = store_in(&other).await;
    let entry = Entry {
        at: SystemClock.now(),
        action: Action::Pause,
        actor: "operator".to_owned(),
        agent: None,
        subject: None,
        body: None,
        detail: "{}".to_owned(),
    };
    let unit = Unit::of(TenantId::local()).write(Write::Audit(entry));
    store.commit(unit).await.unwrap();
    store.close().await;
    other
}

/// What is on disk now, as somebody could put it back later.
fn copy_of_store(home: &TempDir) -> Arc<TempDir> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["husting.db", "husting.db-wal"] {
        let from = home.path().join(name);
        if from.exists() {
            std::fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    Arc::new(copy)
}

/// What is told of a log right after its store was put beside other keys: by all who tell of it the same.
async fn is_told_to_be_of_another_key(desk: &Desk) {
    const WHY: &str = "made with another key than the one in the key store";
    let told = finding(desk, "audit log").await;
    assert!(!told.ok && told.message.contains(WHY), "{told:?}");
    let command = told.command.unwrap_or_default();
    assert!(command.contains("`husting audit accept`"), "{command}");
    let report = checked(desk).await;
    let fault = report.chains[0].fault.clone().unwrap();
    assert!(!report.ok && fault.contains(WHY), "{fault}");
    let faults = desk.ask::<TakeSnapshot>(Nothing {}).await.audit_faults;
    assert!(faults.len() == 1 && faults[0].contains(WHY), "{faults:?}");
    // The window has a button for it.
    assert!(!faults[0].contains("husting audit"), "{faults:?}");
}

/// Accepts the log, once; from then on it is right, also after starts anew, and sealed with this home's key.
async fn is_accepted_for_good(home: &Arc<TempDir>, passphrase: &str) {
    let desk = with_sealed_keys(home, passphrase).await;
    is_told_to_be_of_another_key(&desk).await;
    desk.console.close().await;
    let desk = with_sealed_keys(home, passphrase).await;
    is_told_to_be_of_another_key(&desk).await;
    let report = desk.ask::<AcceptAudit>(Nothing {}).await;
    assert!(report.ok, "{report:?}");
    desk.console.close().await;
    for _ in 0..2 {
        let desk = with_sealed_keys(home, passphrase).await;
        let told = finding(&desk, "audit log").await;
        assert!(told.ok, "{told:?}");
        let report = checked(&desk).await;
        let seal = report.chains[0].sealed.clone().unwrap();
        assert!(report.ok && seal.this_machine == Some(true), "{report:?}");
        let snapshot = desk.ask::<TakeSnapshot>(Nothing {}).await;
        assert!(snapshot.audit_faults.is_empty(), "{snapshot:?}");
        let nothing = desk.refused::<AcceptAudit>(Nothing {}).await;
        assert_eq!(nothing.code, ErrorCode::InvalidState);
        assert_eq!(accepts(&desk).await.len(), 1);
        desk.ask::<PauseAgents>(SetPause { paused: true }).await;
        desk.console.close().await;
    }
}

/// The rows in which the log was accepted.
async fn accepts(desk: &Desk) -> Vec<String> {
    let asked = ListAudit {
        actions: vec![Action::Accept],
        ..ListAudit::default()
    };
    let rows = desk.ask::<FindAudit>(asked).await.rows;
    rows.into_iter().map(|row| row.detail.to_string()).collect()
}

#[tokio::test]
async fn a_backup_that_is_restored_beside_other_keys_is_accepted_once_and_for_good() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    let other = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&other, "another passphrase").await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    assert!(checked(&desk).await.ok);
    desk.console.close().await;
    for name in ["husting.db", "husting.db-wal"] {
        std::fs::remove_file(other.path().join(name)).ok();
    }
    std::fs::copy(
        home.path().join("husting.db"),
        other.path().join("husting.db"),
    )
    .unwrap();
    is_accepted_for_good(&other, "another passphrase").await;
}

#[tokio::test]
async fn a_log_whose_key_was_lost_is_told_of_at_once_and_accepted_for_good() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    std::fs::remove_file(home.path().join("secrets.sealed")).unwrap();
    is_accepted_for_good(&home, "another passphrase").await;
}

#[tokio::test]
async fn keys_that_are_looked_for_in_another_place_once_are_right_again_where_they_were() {
    const RIGHT: &str = "correct horse battery";
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, RIGHT).await;
    busy(&desk).await;
    desk.console.close().await;
    let (file, aside) = (
        home.path().join("secrets.sealed"),
        home.path().join("elsewhere"),
    );
    std::fs::rename(&file, &aside).unwrap();
    let desk = with_sealed_keys(&home, "another passphrase").await;
    is_told_to_be_of_another_key(&desk).await;
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    desk.console.close().await;
    std::fs::rename(&aside, &file).unwrap();
    let desk = with_sealed_keys(&home, RIGHT).await;
    let report = checked(&desk).await;
    let seal = report.chains[0].sealed.clone().unwrap();
    assert!(report.ok && seal.this_machine == Some(true), "{report:?}");
    let nothing = desk.refused::<AcceptAudit>(Nothing {}).await;
    assert_eq!(nothing.code, ErrorCode::InvalidState);
    assert!(accepts(&desk).await.is_empty());
}

#[tokio::test]
async fn a_log_that_is_not_whole_is_not_accepted_and_no_row_says_so() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    busy(&desk).await;
    desk.console.close().await;
    forge_a_seal(&home).await;
    // Also where the key was exchanged with it.
    for passphrase in ["correct horse battery", "another passphrase"] {
        let desk = with_sealed_keys(&home, passphrase).await;
        let refused = desk.refused::<AcceptAudit>(Nothing {}).await;
        assert_eq!(refused.code, ErrorCode::InvalidState, "{refused:?}");
        assert!(
            refused.message.starts_with("Nothing was accepted."),
            "{refused:?}"
        );
        assert_eq!(accepts(&desk).await, Vec::<String>::new());
        assert!(!checked(&desk).await.ok);
        desk.console.close().await;
        std::fs::remove_file(home.path().join("secrets.sealed")).unwrap();
    }
}

#[tokio::test]
async fn a_log_that_lost_its_newest_seals_is_found_by_what_stands_beside_the_key() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let pause = async |desk: &Desk, paused| {
        desk.ask::<PauseAgents>(SetPause { paused }).await;
        assert!(checked(desk).await.ok);
    };
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    pause(&desk, true).await;
    desk.console.close().await;
    let ended = copy_of_store(&home);
    assert!(checked_with_keys_of(&home, &copy_of_store(&home)).await.ok);

    // The first seal of the next run is enough: its program need not come to its end.
    let desk = with_sealed_keys(&home, "correct horse battery").await;
    pause(&desk, false).await;
    let while_it_ran = copy_of_store(&home);
    let found_removed = async |store| {
        let report = checked_with_keys_of(&home, store).await;
        let fault = report.chains[0].fault.clone().unwrap();
        assert!(fault.contains("seals were removed"), "{fault}");
        assert!(!report.ok && matches!(report.sealing, Sealing::Off { .. }));
    };
    found_removed(&ended).await;

    // Where it does, all that it sealed is marked.
    pause(&desk, true).await;
    desk.console.close().await;
    found_removed(&while_it_ran).await;
    // Whoever put it back says so, and it is a row of what is sealed from then on.
    let desk = with_sealed_keys(&ended, "correct horse battery").await;
    assert!(!checked(&desk).await.ok);
    let told = finding(&desk, "audit log").await;
    assert!(!told.ok, "{told:?}");
    let command = told.command.unwrap_or_default();
    assert!(command.contains("`husting audit accept`"), "{command}");
    let faults = desk.ask::<TakeSnapshot>(Nothing {}).await.audit_faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("seals were removed"), "{faults:?}");
    let mut events = desk.console.watch();
    let report = desk.ask::<AcceptAudit>(Nothing {}).await;
    assert!(report.ok, "{report:?}");
    let mut told = pin!(events.by_ref().filter_map(async |told| match told.event {
        Event::AuditChanged { faults } => Some(faults),
        _ => None,
    }));
    let told = timeout(PATIENCE, told.next()).await.unwrap();
    assert_eq!(told, Some(Vec::new()), "nothing is wrong with it any more");
    let faults = desk.ask::<TakeSnapshot>(Nothing {}).await.audit_faults;
    assert!(faults.is_empty(), "{faults:?}");
    let told = finding(&desk, "audit log").await;
    assert!(told.ok, "{told:?}");
    let rows = desk.ask::<FindAudit>(ListAudit::default()).await.rows;
    assert_eq!(rows[0].action, Action::Accept);
    let nothing = desk.refused::<AcceptAudit>(Nothing {}).await;
    assert_eq!(nothing.code, ErrorCode::InvalidState);
    desk.console.close().await;
}
