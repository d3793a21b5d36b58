//! The contract over the real keyring, and the days on which there is none.
//!
//! `tests/with-keyring cargo test -p husting-secrets --features keyring-tests --test keyring`

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should panic"
)]

mod common;

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, id};
use std::sync::atomic::{AtomicU32, Ordering};

use husting_secrets::{KeyringStore, SecretStore, SecretsError};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

common::contract!(keyring);

const RUN_IT_SO: &str =
    "these tests need a session bus with an unlocked keyring: run them by tests/with-keyring";

/// Where a test that ran itself again finds the socket of the bus.
const BUS_SOCKET: &str = "HUSTING_TEST_BUS_SOCKET";

async fn keyring() -> (KeyringStore, ()) {
    (open(&namespace()).await, ())
}

async fn open(namespace: &str) -> KeyringStore {
    KeyringStore::open(namespace).await.expect(RUN_IT_SO)
}

/// One that no other test and no other run has.
fn namespace() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}-{}", id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
async fn secrets_outlive_the_handle_and_stay_in_their_namespace() {
    let (home, other) = (namespace(), namespace());
    let secret = SecretString::from("sk-kept");
    open(&home).await.put("provider/a", &secret).await.unwrap();
    let again = open(&home).await;
    let found = again.get("provider/a").await.unwrap().unwrap();
    assert_eq!(found.expose_secret(), "sk-kept");
    assert!(
        open(&other)
            .await
            .get("provider/a")
            .await
            .unwrap()
            .is_none()
    );
    again.delete("provider/a").await.unwrap();
}

#[test]
fn without_a_bus_it_says_so_and_the_next_try_is_a_new_one() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("bus");
    let mut again = this_binary(
        Command::new(env::current_exe().unwrap()),
        "no_bus_and_then_a_bus",
    );
    again
        .env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", socket.display()),
        )
        .env(BUS_SOCKET, bus_socket());
    assert_passed(&again.output().unwrap());
}

#[tokio::test]
#[ignore = "run by without_a_bus_it_says_so_and_the_next_try_is_a_new_one"]
async fn no_bus_and_then_a_bus() {
    let fault = KeyringStore::open("nobody").await.unwrap_err();
    let SecretsError::NoKeyring { system_words } = &fault else {
        panic!("{fault:?}");
    };
    assert!(!system_words.is_empty());
    for words in [
        "HUSTING_SECRETS=file",
        "HUSTING_SECRETS_KEY_FILE",
        "HUSTING_PASSPHRASE",
    ] {
        assert!(fault.to_string().contains(words), "{words}: {fault}");
    }

    let address = env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
    let missing = address.strip_prefix("unix:path=").unwrap();
    symlink(env::var_os(BUS_SOCKET).unwrap(), missing).unwrap();
    open(&namespace()).await;
}

#[test]
fn a_keyring_nobody_unlocked_is_locked() {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("run")).unwrap();
    let mut bus = Command::new("dbus-run-session");
    bus.arg("--").arg(env::current_exe().unwrap());
    let mut again = this_binary(bus, "nobody_unlocks_it");
    again
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path().join("run"))
        .env_remove("GNOME_KEYRING_CONTROL")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    assert_passed(&again.output().unwrap());
}

#[tokio::test]
#[ignore = "run by a_keyring_nobody_unlocked_is_locked"]
async fn nobody_unlocks_it() {
    let fault = KeyringStore::open("nobody").await.unwrap_err();
    assert!(
        matches!(fault, SecretsError::KeyringLocked { .. }),
        "{fault:?}"
    );
}

/// This test binary again, with one test that is ignored otherwise: a process has one bus.
fn this_binary(mut command: Command, test: &str) -> Command {
    command.args(["--ignored", "--exact", test]);
    command
}

fn assert_passed(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{complained}"
    );
}

/// The socket of the bus we were started on.
fn bus_socket() -> PathBuf {
    let address = env::var("DBUS_SESSION_BUS_ADDRESS").expect(RUN_IT_SO);
    let path = address
        .split([';', ','])
        .find_map(|part| part.strip_prefix("unix:path="))
        .expect("the bus listens on a path: tests/with-keyring starts such a one");
    PathBuf::from(path)
}
