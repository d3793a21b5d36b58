//! What a program begins anew with: one backup or an erasure, and nothing after it was asked to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use husting_clock::SystemClock;
use husting_console::{KeyChoice, StoreFile, erase_unopened, finish_erasing};
use husting_domain::providers::ProviderKind;
use husting_store::{SqliteStore, Store, begin_erasing};
use husting_wire::commands::{
    ChangeSettings, EraseEverything, ExamineBackup, PutBack, PutProvider, ReadSettings, WriteBackup,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::{Envelope, Event};
use husting_wire::providers::AddProvider;
use husting_wire::settings::{Backup, EditSettings, LookAtBackup, Nothing, RestoreBackup};
use tempfile::TempDir;

use crate::desk::{Desk, PATIENCE, at};
use crate::panel::provider;

/// Two backups that differ in their most seats of a panel, in a desk that has yet another number.
async fn backed_up(folder: &TempDir) -> (Desk, [(String, u32); 2]) {
    let desk = Desk::open().await;
    let backups = [4, 5].map(|seats| {
        let path = folder.path().join(format!("{seats}.db"));
        (path.display().to_string(), seats)
    });
    for (path, seats) in &backups {
        set_seats(&desk, *seats).await;
        desk.ask::<WriteBackup>(Backup { path: path.clone() }).await;
    }
    set_seats(&desk, 6).await;
    (desk, backups)
}

async fn set_seats(desk: &Desk, seats: u32) {
    let edit = EditSettings {
        panel_max_seats: Some(seats),
        ..EditSettings::default()
    };
    desk.ask::<ChangeSettings>(edit).await;
}

/// The most seats of a panel in the store that is opened next.
async fn seats_after(desk: Desk) -> u32 {
    desk.console.close().await;
    let home = desk.home.clone();
    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let seats = desk.ask::<ReadSettings>(Nothing {}).await.panel_max_seats;
    desk.console.close().await;
    seats
}

fn of(path: &str) -> RestoreBackup {
    RestoreBackup {
        path: path.to_owned(),
    }
}

fn is_erasing(home: &Path) -> bool {
    home.join(husting_console::ERASING_MARKER).exists()
}

#[tokio::test]
async fn of_two_backups_at_once_one_is_taken_in_and_nothing_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [(first, its_seats), (second, other_seats)]) = backed_up(&folder).await;
    let (one, other) = tokio::join!(
        desk.try_ask::<PutBack>(of(&first)),
        desk.try_ask::<PutBack>(of(&second)),
    );
    let (refused, seats) = match (one, other) {
        (Ok(_), Err(refused)) => (refused, its_seats),
        (Err(refused), Ok(_)) => (refused, other_seats),
        both => panic!("one is to be taken in: {both:?}"),
    };
    assert_eq!(refused.code, ErrorCode::ShuttingDown, "{refused}");
    let refused = desk.refused::<EraseEverything>(Nothing {}).await;
    assert_eq!(refused.code, ErrorCode::ShuttingDown, "{refused}");
    assert!(!is_erasing(desk.home.path()));
    assert_eq!(seats_after(desk).await, seats);
}

#[tokio::test]
async fn whoever_watches_is_told_with_what_husting_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [(path, _), _]) = backed_up(&folder).await;
    let mut watched = desk.console.watch();
    desk.ask::<PutBack>(of(&path)).await;
    let restored = next_of(&mut watched, |event| {
        matches!(event, Event::RestoreBegun { .. })
    });
    let backup = path.clone();
    assert_eq!(restored.await, Event::RestoreBegun { backup });

    let desk = Desk::open().await;
    let mut watched = desk.console.watch();
    let erasing = desk.ask::<EraseEverything>(Nothing {}).await;
    let erased = next_of(&mut watched, |event| {
        matches!(event, Event::EraseBegun { .. })
    });
    assert_eq!(erased.await, Event::EraseBegun { erasing });
}

async fn next_of(
    watched: &mut (impl Stream<Item = Envelope> + Unpin),
    is_meant: impl Fn(&Event) -> bool,
) -> Event {
    let coming = async {
        loop {
            let told = watched.next().await.expect("it goes on being told");
            if is_meant(&told.event) {
                return told.event;
            }
        }
    };
    tokio::time::timeout(PATIENCE, coming)
        .await
        .expect("it is told")
}

#[tokio::test]
async fn a_backup_that_is_only_looked_at_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [(path, _), _]) = backed_up(&folder).await;
    let of = |path: String| LookAtBackup { path };
    let found = desk.ask::<ExamineBackup>(of(path.clone())).await;
    assert_eq!(found.version, found.known);
    assert_eq!((found.sessions, found.messages), (0, 0));
    for wrong in ["4.db".to_owned(), format!("{path}.gone")] {
        let refused = desk.refused::<ExamineBackup>(of(wrong)).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
    assert_eq!(seats_after(desk).await, 6);
}

#[tokio::test]
async fn who_closes_takes_no_backup_in_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [(path, _), _]) = backed_up(&folder).await;
    desk.console.close().await;
    let refused = desk.refused::<PutBack>(of(&path)).await;
    assert_eq!(refused.code, ErrorCode::ShuttingDown, "{refused}");
    assert_eq!(seats_after(desk).await, 6);
}

#[tokio::test]
async fn a_backup_is_taken_in_where_whoever_asked_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [(path, seats), _]) = backed_up(&folder).await;
    tokio::select! {
        biased;
        _ = desk.try_ask::<PutBack>(of(&path)) => panic!("it was answered at once"),
        () = std::future::ready(()) => {}
    }
    tokio::time::timeout(PATIENCE, desk.console.asks_to_begin_anew())
        .await
        .unwrap();
    assert_eq!(seats_after(desk).await, seats);
}

#[tokio::test]
async fn nothing_is_erased_under_a_bridge_that_runs_alone() {
    let desk = Desk::open().await;
    let home = desk.home.clone();
    let opened =
        SqliteStore::open_file(home.path(), StoreFile::Discord, at("2026-11-20T15:00:00Z"));
    let bridge = opened.await.unwrap();
    let refused = desk.refused::<EraseEverything>(Nothing {}).await;
    assert_eq!(refused.code, ErrorCode::InvalidState, "{refused}");
    assert!(!is_erasing(home.path()));
    desk.console.close().await;
    erase_unopened(home.path(), KeyChoice::Memory, Duration::ZERO)
        .await
        .unwrap_err();
    assert!(!is_erasing(home.path()));

    // It began in the moment after the marker was laid.
    let marker = r#"{"namespace":"0123456789abcdef","keys":[],"needs_keyring":false}"#;
    begin_erasing(home.path(), marker).unwrap();
    finish_erasing(home.path(), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(home.path().join("discord.db").exists());
    bridge.close().await;
    let erased = finish_erasing(home.path(), PATIENCE).await.unwrap();
    assert!(erased.is_some() && !home.path().join("discord.db").exists());
}

#[tokio::test]
async fn what_was_written_down_with_a_store_is_not_written_over_without_one() {
    let home = tempfile::tempdir().unwrap();
    // Whoever wrote it knew more: it is ended as it says, or not at all.
    begin_erasing(home.path(), "what another version wrote").unwrap();
    erase_unopened(home.path(), KeyChoice::Memory, Duration::ZERO)
        .await
        .unwrap_err();
    assert!(is_erasing(home.path()));
}

#[tokio::test]
async fn no_key_is_kept_any_more_once_all_data_is_to_be_erased() {
    let desk = Desk::open().await;
    let asked = || {
        provider(
            "east",
            ProviderKind::OpenaiCompatible,
            "http://127.0.0.1:9/v1",
        )
    };
    // What lies in the marker's place keeps it from being written: nothing is erased, and keys are kept again.
    let marker = desk.home.path().join(husting_console::ERASING_MARKER);
    std::fs::create_dir(&marker).unwrap();
    desk.refused::<EraseEverything>(Nothing {}).await;
    std::fs::remove_dir(&marker).unwrap();
    desk.ask::<PutProvider>(asked()).await;

    desk.ask::<EraseEverything>(Nothing {}).await;
    assert!(is_erasing(desk.home.path()));
    let late = AddProvider {
        name: "late".to_owned(),
        ..asked()
    };
    let refused = desk.refused::<PutProvider>(late).await;
    assert_eq!(refused.code, ErrorCode::ShuttingDown, "{refused}");
    desk.console.close().await;
}
