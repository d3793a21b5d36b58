//! Sessions in order: found, named, put away, kept in a copy; and callers that go away.

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;

use husting_clock::{Clock, SystemClock};
use husting_console::{Surroundings, restore};
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_test_support::Script;
use husting_wire::audit::ExportAudit;
use husting_wire::commands::{
    ChangeSession, ChangeSettings, ConveneSession, DeleteSession, ExamineBackup, FindSessions,
    PutBack, ReadSettings, TakeSnapshot, WriteAudit, WriteBackup,
};
use husting_wire::errors::ErrorCode;
use husting_wire::sessions::{Convene, EditSession, ListSessions, SessionRef, SessionSummary};
use husting_wire::settings::{Backup, EditSettings, LookAtBackup, Nothing, RestoreBackup};

use crate::desk::{Desk, id};
use crate::panel::{Panel, SEATS, WIRES, asking, model_of, price, set_price};

/// The answer, where it takes no more polls than these; else the asking is dropped.
async fn answered_within<F: Future>(asking: F, polls: usize) -> Option<F::Output> {
    let (mut asking, mut left) = (std::pin::pin!(asking), polls);
    std::future::poll_fn(|context| {
        left -= 1;
        match asking.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn found(panel: &Panel, asked: ListSessions) -> Vec<SessionSummary> {
    panel.ask::<FindSessions>(asked).await.sessions
}

fn containing(query: &str) -> ListSessions {
    ListSessions {
        query: Some(query.to_owned()),
        ..ListSessions::default()
    }
}

#[tokio::test]
async fn sessions_are_found_by_title_tag_and_question_and_can_be_put_away() {
    let panel = Panel::open(Script::debate()).await;
    let first = panel.convene(&WIRES).await.session_id;
    panel.finished(first).await;
    let asked = Convene {
        prompt: "Which colour for the bike shed?".to_owned(),
        ..asking(&WIRES)
    };
    let second = panel.ask::<ConveneSession>(asked).await.session_id;
    panel.finished(second).await;
    let edit = EditSession {
        session_id: first,
        title: Some(" Event store ".to_owned()),
        tags: Some(vec!["infra".to_owned()]),
        archived: None,
        spend_limit: None,
    };
    let row = panel.ask::<ChangeSession>(edit.clone()).await;
    assert_eq!(
        (row.title.as_str(), row.tags),
        ("Event store", vec!["infra".to_owned()])
    );
    for (query, session) in [("INFRA", first), ("mongodb", first), ("bike shed", second)] {
        let sessions = found(&panel, containing(query)).await;
        let ids: Vec<_> = sessions.iter().map(|row| row.session_id).collect();
        assert_eq!(ids, [session], "{query}");
    }
    let changed = row.updated_at;
    let archive = |archived| EditSession {
        archived: Some(archived),
        title: None,
        tags: None,
        ..edit.clone()
    };
    panel.ask::<ChangeSession>(archive(true)).await;
    assert_eq!(found(&panel, ListSessions::default()).await.len(), 1);
    let archived = ListSessions {
        archived: true,
        ..ListSessions::default()
    };
    assert_eq!(found(&panel, archived).await[0].session_id, first);
    let back = panel.ask::<ChangeSession>(archive(false)).await;
    assert_eq!((back.archived, back.updated_at), (false, changed));
    let nothing = ListSessions {
        limit: Some(0),
        ..ListSessions::default()
    };
    let refused = panel.refused::<FindSessions>(nothing).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_row_tells_the_same_in_the_list_and_in_the_session() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let view = panel.session(session).await;
    let [row] = &found(&panel, ListSessions::default()).await[..] else {
        panic!("one session")
    };
    assert_eq!(*row, view.summary);
}

#[tokio::test]
async fn a_caller_that_goes_away_at_any_moment_leaves_no_round_without_somebody_at_work() {
    let panel = Panel::open(Script::debate()).await;
    panel.limit(1_000).await;
    let before = panel.balance().await;
    let all = ListSessions {
        limit: Some(200),
        ..ListSessions::default()
    };
    let (mut polls, mut answered, mut sessions) = (1, 0, Vec::new());
    // Callers leave at about the moment of the answer, until one has left a session behind.
    for _ in 0..500 {
        let asking = panel.try_ask::<ConveneSession>(asking(&WIRES));
        if answered_within(asking, polls).await.is_some() {
            (polls, answered) = (polls.max(2) - 1, answered + 1);
        } else {
            polls += 1;
        }
        sessions = found(&panel, all.clone()).await;
        if sessions.len() > answered {
            break;
        }
    }
    assert!(sessions.len() > answered, "nobody left at the moment");
    // A session whose caller left early may be found only now.
    for row in &found(&panel, all.clone()).await {
        panel.finished(row.session_id).await;
    }
    for row in &sessions {
        let row = panel.session(row.session_id).await.summary;
        assert_eq!(row.status, SessionStatus::Ready);
    }
    panel.audit(before).await;
}

#[tokio::test]
async fn a_setting_raises_the_panel_to_more_seats_and_outlives_a_restart() {
    let panel = Panel::open(Script::debate()).await;
    panel
        .ask::<husting_wire::commands::PutModel>(model_of("west", "delta"))
        .await;
    set_price(&panel, "delta", price("gamma")).await;
    let four = ["alpha", "beta", "gamma", "delta"];
    let refused = panel.refused::<ConveneSession>(asking(&four)).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    let edit = EditSettings {
        panel_max_seats: Some(4),
        ..EditSettings::default()
    };
    panel.ask::<ChangeSettings>(edit.clone()).await;
    let session = panel.convene(&four).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(
        (round.status, round.summary.reacted),
        (RoundStatus::Complete, 4)
    );
    assert_eq!(round.answers[3].model, id("delta"));
    let absurd = EditSettings {
        panel_max_seats: Some(9),
        ..edit
    };
    let refused = panel.refused::<ChangeSettings>(absurd).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    panel.console.close().await;
    let desk = Desk::open_in(panel.home.clone(), Arc::new(SystemClock)).await;
    assert_eq!(
        desk.ask::<ReadSettings>(Nothing {}).await.panel_max_seats,
        4
    );
}

#[tokio::test]
async fn a_backup_put_back_holds_sessions_and_books() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let copy = panel.home.path().join("copy.db");
    let path = copy.display().to_string();
    panel.ask::<WriteBackup>(Backup { path }).await;
    let elsewhere = Desk::open().await;
    elsewhere.console.close().await;
    restore(elsewhere.home.path(), &copy, SystemClock.now())
        .await
        .unwrap();
    let desk = Desk::open_in(elsewhere.home.clone(), Arc::new(SystemClock)).await;
    assert_eq!(
        desk.session(session).await.rounds,
        panel.session(session).await.rounds
    );
    assert_eq!(desk.ledger().await, panel.ledger().await);
    assert!(desk.wallet().await.check.ok);
}

#[tokio::test]
async fn a_backup_goes_nowhere_that_was_not_named_whole() {
    let desk = Desk::open().await;
    let path = "husting-backup-of-a-test.db".to_owned();
    let refused = desk.refused::<WriteBackup>(Backup { path }).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    assert!(!std::path::Path::new("husting-backup-of-a-test.db").exists());
    let nowhere = desk.home.path().join("nowhere");
    let path = nowhere.join("copy.db").display().to_string();
    let refused = desk.refused::<WriteBackup>(Backup { path }).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    let words = format!("The folder {} is not there.", nowhere.display());
    assert!(refused.message.starts_with(&words), "{}", refused.message);
    let taken = desk.home.path().join("taken.db");
    std::fs::write(&taken, "somebody's own").unwrap();
    let path = taken.display().to_string();
    let refused = desk.refused::<WriteBackup>(Backup { path }).await;
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "somebody's own");
}

#[tokio::test]
async fn a_file_that_is_named_from_home_is_in_the_users_home() {
    let user = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        variables: vec![("HOME".into(), user.path().into())],
        ..Surroundings::default()
    };
    let home = Arc::new(tempfile::tempdir().unwrap());
    let desk = Desk::open_within(home, Arc::new(SystemClock), surroundings).await;
    let path = || "~/kept.db".to_owned();
    let written = desk.ask::<WriteBackup>(Backup { path: path() }).await;
    let kept = user.path().join("kept.db");
    assert_eq!(written.file_name, kept.display().to_string());
    assert!(kept.is_file());
    let case = ExportAudit {
        agent_id: None,
        path: Some("~/case.jsonl".to_owned()),
    };
    desk.ask::<WriteAudit>(case).await;
    assert!(user.path().join("case.jsonl").is_file());
    desk.ask::<ExamineBackup>(LookAtBackup { path: path() })
        .await;
    desk.ask::<PutBack>(RestoreBackup { path: path() }).await;
}

#[tokio::test]
async fn tags_are_kept_once_and_without_what_is_not_seen() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let tagged = |tags: &[&str]| EditSession {
        session_id,
        title: None,
        tags: Some(tags.iter().map(|&tag| tag.to_owned()).collect()),
        archived: None,
        spend_limit: None,
    };
    let typed = [" infra", "Infra", "q\u{202e}4\u{7}", "two\nlines", "q4"];
    let row = panel.ask::<ChangeSession>(tagged(&typed)).await;
    assert_eq!(row.tags, ["infra", "q4", "two lines"]);
    let thirteen: Vec<String> = (0..13).map(|n| n.to_string()).collect();
    let thirteen: Vec<&str> = thirteen.iter().map(String::as_str).collect();
    for refused in [&["\u{202e} "][..], &[&"x".repeat(41)], &thirteen] {
        let refused = panel.refused::<ChangeSession>(tagged(refused)).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_title_has_a_letter_and_at_most_two_hundred() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let titled = |title: String| EditSession {
        session_id,
        title: Some(title),
        tags: None,
        archived: None,
        spend_limit: None,
    };
    let most = "ß".repeat(200);
    let row = panel
        .ask::<ChangeSession>(titled(format!(" {most}\n")))
        .await;
    assert_eq!(row.title, most);
    for refused in [format!("{most}ß"), "\u{202e} ".to_owned()] {
        let refused = panel.refused::<ChangeSession>(titled(refused)).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn that_a_session_was_opened_is_known_when_it_is_put_away_or_gone() {
    let panel = Panel::open(Script::debate()).await;
    assert!(!panel.ask::<TakeSnapshot>(Nothing {}).await.convened);
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let away = EditSession {
        session_id,
        title: None,
        tags: None,
        archived: Some(true),
        spend_limit: None,
    };
    panel.ask::<ChangeSession>(away).await;
    let seen = panel.ask::<TakeSnapshot>(Nothing {}).await;
    assert_eq!((seen.session_count, seen.convened), (0, true));
    panel.ask::<DeleteSession>(SessionRef { session_id }).await;
    assert!(panel.ask::<TakeSnapshot>(Nothing {}).await.convened);
}
