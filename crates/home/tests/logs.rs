//! Log files: a week of them.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use husting_home::{Home, Logs};

#[test]
fn a_week_of_files_is_kept_and_the_oldest_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::find(Some(folder.path())).unwrap();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    let old = |n: u32| format!("husting.2026-01-{n:02}.log");
    for n in 1..=10 {
        std::fs::write(logs.join(old(n)), "").unwrap();
        // Their age is told by when they were made, which a file system may keep in hundredths of a second.
        std::thread::sleep(Duration::from_millis(20));
    }
    // Nobody's to delete.
    std::fs::write(logs.join("notes.txt"), "").unwrap();
    drop(Logs::start(&home).unwrap());
    let mut left: Vec<String> = std::fs::read_dir(&logs)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left.pop().as_deref(), Some("notes.txt"));
    assert_eq!(left.len(), 7, "with today's: {left:?}");
    assert_eq!(left[..6], (5..=10).map(old).collect::<Vec<_>>());
}
