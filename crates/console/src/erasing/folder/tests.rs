//! Which files go and which stay.

use super::*;

const AGENT: &str = "agents/bruno-0199d1f0-0000-7000-8000-000000000000";

const OURS: [&str; 16] = [
    "husting.db",
    "husting.db-wal",
    "husting.db-shm",
    "husting.restoring",
    "discord.db",
    "config.toml",
    "secrets.sealed",
    ".sealed-AbCd",
    "backups/husting-2026-11-20.db",
    "backups/replaced-2026-11-20T08-04-21.123Z.db",
    "logs/husting.2026-11-19.log",
    "run/instance.json",
    "discord/flight.jsonl",
    "discord/0199d1f0-0000-7000-8000-000000000000/1-notes.md",
    "agents/bruno-0199d1f0-0000-7000-8000-000000000000/notes.md",
    "agents/bruno-0199d1f0-0000-7000-8000-000000000000/deep/er.md",
];

const FOREIGN: [&str; 7] = [
    "agents/mine/notes.md",
    "backups/before-the-move.db",
    "discord/notes.md",
    "logs/other.log",
    "mine.txt",
    "run/other.json",
    "theirs/husting.db",
];

fn put(home: &Path, name: &str) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "words").unwrap();
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for name in OURS
        .iter()
        .chain(&FOREIGN)
        .chain(&["husting.lock", "husting.erasing"])
    {
        put(home.path(), name);
    }
    put(home.path(), "logs/husting.2026-11-20.log");
    home
}

#[test]
fn what_husting_wrote_goes_and_what_others_wrote_stays_and_is_named() {
    let home = home();
    let named: Vec<PathBuf> = [
        "agents/mine",
        "backups/before-the-move.db",
        "discord/notes.md",
        "logs/other.log",
        "mine.txt",
        "run/other.json",
        "theirs",
    ]
    .map(|name| home.path().join(name))
    .to_vec();
    let stays = Stays {
        foreign: named,
        not_removed: Vec::new(),
    };
    assert_eq!(found(home.path()).unwrap().stays, stays, "before");
    assert_eq!(erase(home.path()).unwrap(), stays, "after");
    for name in OURS {
        assert!(!home.path().join(name).exists(), "{name} is still there");
    }
    for name in FOREIGN.iter().chain(&["husting.lock", "husting.erasing"]) {
        assert!(home.path().join(name).exists(), "{name} is gone");
    }
    assert!(!home.path().join(AGENT).exists());
    let log = home.path().join("logs/husting.2026-11-20.log");
    assert_eq!(fs::read(log).unwrap(), b"", "whoever writes to it goes on");
}

#[test]
fn what_was_half_erased_is_erased_to_its_end() {
    let home = home();
    let all = erase(home.path()).unwrap();
    for name in ["husting.db-wal", "backups/husting-2026-11-20.db"] {
        put(home.path(), name);
    }
    assert_eq!(erase(home.path()).unwrap(), all);
    assert!(!home.path().join("husting.db-wal").exists());
    assert!(!home.path().join("backups/husting-2026-11-20.db").exists());
}

#[test]
fn a_folder_with_nothing_of_others_is_empty_afterwards() {
    let home = tempfile::tempdir().unwrap();
    for name in OURS.iter().filter(|name| !name.starts_with("logs/")) {
        put(home.path(), name);
    }
    assert_eq!(erase(home.path()).unwrap(), Stays::default());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::symlink;

    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in [
        "backups/husting-2026-11-20.db",
        "kept.db",
        "waits.db",
        "work/notes.md",
    ] {
        put(elsewhere.path(), name);
    }
    put(home.path(), &format!("{AGENT}/notes.md"));
    let beside = Path::new("..").join(elsewhere.path().file_name().unwrap());
    symlink(
        beside.join("waits.db"),
        home.path().join("husting.restoring"),
    )
    .unwrap();
    symlink(
        elsewhere.path().join("backups"),
        home.path().join("backups"),
    )
    .unwrap();
    symlink(
        elsewhere.path().join("kept.db"),
        home.path().join("husting.db"),
    )
    .unwrap();
    symlink(
        elsewhere.path().join("work"),
        home.path().join(AGENT).join("work"),
    )
    .unwrap();
    // Neither is anything there that stays: one leads nowhere, one to what goes.
    symlink(
        elsewhere.path().join("gone"),
        home.path().join("discord.db"),
    )
    .unwrap();
    put(home.path(), "config.toml");
    symlink("config.toml", home.path().join("secrets.sealed")).unwrap();
    let told = found(home.path()).unwrap().stays.not_removed;
    assert!(!told.contains(&elsewhere.path().join("gone")), "{told:?}");
    let mut not_removed = ["backups", "kept.db"]
        .map(|name| elsewhere.path().join(name))
        .to_vec();
    not_removed.push(home.path().join(beside).join("waits.db"));
    not_removed.sort();
    let stays = Stays {
        foreign: Vec::new(),
        not_removed,
    };
    assert_eq!(
        erase(home.path()).unwrap(),
        stays,
        "what a link of ours led to is named"
    );
    for name in [
        "backups/husting-2026-11-20.db",
        "kept.db",
        "waits.db",
        "work/notes.md",
    ] {
        assert!(elsewhere.path().join(name).exists(), "{name} is gone");
    }
    assert_eq!(
        fs::read_dir(home.path()).unwrap().count(),
        0,
        "the links went"
    );
}

#[test]
fn an_agents_folder_is_known_by_its_id() {
    assert!(is_of_agent("bruno-0199d1f0-0000-7000-8000-000000000000"));
    for name in [
        "bruno",
        "0199d1f0-0000-7000-8000-000000000000",
        "-0199d1f0-0000-7000-8000-000000000000",
        "bruno-0199d1f0",
        "brünö-0199d1f0-0000-7000-8000-00000000000ü",
    ] {
        assert!(!is_of_agent(name), "{name}");
    }
}
