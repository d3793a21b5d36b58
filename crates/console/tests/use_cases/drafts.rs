//! Words that were typed and not yet sent, in one console or in several.

use futures::StreamExt;
use husting_test_support::Script;
use husting_wire::commands::{DeleteSession, KeepDraft, ReadDraft};
use husting_wire::drafts::{DraftRef, DraftView, KeptDraft, SaveDraft};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::sessions::SessionRef;
use tokio::time::timeout;

use crate::desk::{Desk, PATIENCE};
use crate::panel::{Panel, SEATS};

#[tokio::test]
async fn typed_words_are_kept_until_they_are_dropped() {
    let desk = Desk::open().await;
    let half = "{\"prompt\":\"Half a\"}";
    let first = desk.ask::<KeepDraft>(draft(half, None)).await.revision;
    let refused = desk.refused::<KeepDraft>(draft("Half a", first)).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    let kept = desk.ask::<ReadDraft>(named()).await;
    assert_eq!((kept.body.as_deref(), kept.revision), (Some(half), first));
    let dropped = desk.ask::<KeepDraft>(draft("", first)).await;
    assert_eq!(dropped, KeptDraft::default());
    assert_eq!(desk.ask::<ReadDraft>(named()).await, DraftView::default());
}

#[tokio::test]
async fn words_typed_elsewhere_meanwhile_are_answered_and_never_written_over() {
    let desk = Desk::open().await;
    let events = desk.console.watch();
    let first = desk.ask::<KeepDraft>(draft("1", None)).await.revision;
    let second = desk.ask::<KeepDraft>(draft("2", first)).await.revision;
    assert!(second > first, "a revision is never had twice");
    let stands = DraftView {
        body: Some("2".to_owned()),
        revision: second,
    };
    // Whoever knows none, an older one or one that was never there.
    for over in [None, first, second.map(|revision| revision + 1)] {
        for body in ["3", ""] {
            let late = desk.ask::<KeepDraft>(draft(body, over)).await;
            assert_eq!(
                late.instead.as_ref(),
                Some(&stands),
                "{body:?} over {over:?}"
            );
            assert_eq!(late.revision, None);
        }
    }
    assert_eq!(desk.ask::<ReadDraft>(named()).await, stands);
    desk.ask::<KeepDraft>(draft("", second)).await;
    // What was dropped is written over by nobody who knows it.
    let late = desk.ask::<KeepDraft>(draft("3", second)).await;
    assert_eq!(late.instead, Some(DraftView::default()));
    assert_eq!(desk.ask::<ReadDraft>(named()).await, DraftView::default());
    let changes = events.filter_map(async |told| match told.event {
        Event::DraftChanged { key, revision } => Some((key, revision)),
        _ => None,
    });
    let told: Vec<_> = timeout(PATIENCE, changes.take(3).collect()).await.unwrap();
    let new = |revision| ("new".to_owned(), revision);
    assert_eq!(
        told,
        [first, second, None].map(new),
        "what was kept, and nothing of what was not"
    );
}

#[tokio::test]
async fn a_deleted_session_takes_what_was_written_at_it_with_it() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let keys = ["session", "again"].map(|of| format!("{of}/{session_id}"));
    let body = "{\"question\":\"Its question\"}".to_owned();
    for key in keys.iter().chain([&"new".to_owned()]) {
        let (key, body) = (key.clone(), body.clone());
        let draft = SaveDraft {
            key,
            body,
            over: None,
        };
        panel.ask::<KeepDraft>(draft).await;
    }
    panel.ask::<DeleteSession>(SessionRef { session_id }).await;
    for key in keys {
        let draft = panel.ask::<ReadDraft>(DraftRef { key }).await;
        assert_eq!(draft.body, None);
    }
    let key = "new".to_owned();
    let other = panel.ask::<ReadDraft>(DraftRef { key }).await;
    assert_eq!(other.body, Some(body));
}

fn draft(body: &str, over: Option<u64>) -> SaveDraft {
    SaveDraft {
        key: "new".to_owned(),
        body: body.to_owned(),
        over,
    }
}

fn named() -> DraftRef {
    DraftRef {
        key: "new".to_owned(),
    }
}
