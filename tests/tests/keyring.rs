//! All data erased where keys are in a real keyring: none is left there under a name that nobody knows.
//!
//! `./dev test keyring`, or by `tests/with-keyring` with the features that it names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

use std::process::Command;

use husting_tests::home::{Home, run};
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use husting_wire::commands::EraseEverything;
use husting_wire::settings::Nothing;

const SEARCH: [&str; 6] = [
    "--session",
    "--print-reply",
    "--dest=org.freedesktop.secrets",
    "/org/freedesktop/secrets",
    "org.freedesktop.Secret.Service.SearchItems",
    "dict:string:string:service,husting",
];

/// How many keys of Husting's the keyring holds, of all data folders.
fn kept() -> usize {
    let found = Command::new("dbus-send").args(SEARCH).output();
    let found = found.expect("dbus-send is installed");
    assert!(
        found.status.success(),
        "run it by tests/with-keyring: {found:?}"
    );
    let text = String::from_utf8(found.stdout).expect("it answers in UTF-8");
    text.matches("object path").count()
}

/// `husting` on the folder, with the keyring of this session.
fn with_keyring(home: &Home) -> tokio::process::Command {
    let mut command = home.bare_command(husting());
    command.env("HUSTING_SECRETS", "keyring");
    for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
        command.env(name, std::env::var_os(name).unwrap_or_default());
    }
    command
}

async fn line(home: &Home, words: &[&str], input: Option<&str>) {
    let mut command = with_keyring(home);
    command.args(words);
    run(command, input).await.done();
}

/// Keeps one more than the `before` there are.
async fn keep_a_key(home: &Home, before: usize) {
    let add = [
        "provider",
        "add",
        "first",
        "--kind",
        "openai",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--key-stdin",
    ];
    line(home, &add, Some("sk-test-of-a-keyring-1234")).await;
    assert!(kept() > before, "the key is in the keyring");
}

// One test: the keyring is everybody's, and what it holds is counted.
#[tokio::test]
async fn an_erased_folder_leaves_no_key_in_the_keyring_not_after_a_kill_either() {
    // Other tests may have been here before.
    let others = kept();
    let home = Home::new();
    keep_a_key(&home, others).await;
    line(&home, &["erase", "--yes"], None).await;
    assert_eq!(kept(), others);

    keep_a_key(&home, others).await;
    let mut instance = Instance::of(&home, with_keyring(&home)).await;
    instance.call::<EraseEverything>(Nothing {}).await.unwrap();
    instance.until_begun_anew(&home).await;
    instance.stop().await;
    line(&home, &["erase", "--yes"], None).await;
    assert_eq!(kept(), others, "what the new start kept was known to it");

    keep_a_key(&home, others).await;
    let instance = Instance::of(&home, with_keyring(&home)).await;
    instance.call::<EraseEverything>(Nothing {}).await.unwrap();
    instance.kill().await;
    line(&home, &["wallet", "show"], None).await;
    line(&home, &["erase", "--yes"], None).await;
    assert_eq!(kept(), others, "a name was lost with the store");

    keep_a_key(&home, others).await;
    // Keys are in a sealed file from now on, and the provider goes: what the keyring has, no store names.
    let mut elsewhere = home.command(husting());
    elsewhere.args(["provider", "remove", "first", "--yes"]);
    run(elsewhere, None).await.done();
    assert!(kept() > others, "its key is in the keyring still");
    line(&home, &["erase", "--yes"], None).await;
    assert_eq!(kept(), others, "a key that no store named");
}
