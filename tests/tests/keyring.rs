//! A real keyring: one that is locked is told as that, and of all data erased no key is left there under a name
//! that nobody knows.
//!
//! `./dev test keyring`, or by `tests/with-keyring` with the features that it names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends where it stands"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use husting_tests::home::{Home, run};
use husting_tests::instance::Instance;
use husting_tests::patience::{look_for, wait_for};
use husting_tests::program::husting;
use husting_wire::commands::{EraseEverything, OpenSecrets, TakeSnapshot};
use husting_wire::errors::ErrorCode;
use husting_wire::providers::KeptIn;
use husting_wire::secrets::{ChooseSecrets, SecretsView};
use husting_wire::settings::Nothing;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

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
    let home = Home::empty();
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

/// A session bus with a keyring that no other test has; both end with it.
struct OwnBus<'a> {
    home: &'a Home,
    address: String,
    _daemon: Child,
}

impl<'a> OwnBus<'a> {
    async fn start(home: &'a Home) -> Self {
        let run = home.beside("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        let mut command = home.bare_command("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]);
        command.env("XDG_RUNTIME_DIR", run);
        // Without it the bus looks for services in the home that the system knows for its user.
        command.env("XDG_DATA_HOME", home.beside(DATA));
        let mut daemon = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        let address = wait_for("the bus's address", lines.next_line()).await;
        Self {
            home,
            address: address.unwrap().unwrap(),
            _daemon: daemon,
        }
    }

    fn command(&self, program: &str) -> tokio::process::Command {
        let mut command = self.home.bare_command(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("XDG_RUNTIME_DIR", self.home.beside("run"));
        command
    }

    async fn serving(&self) -> Instance {
        Instance::of(self.home, self.command(husting().to_str().unwrap())).await
    }

    async fn unlock(&self) {
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--replace", "--unlock", "--components=secrets"]);
        run(daemon, Some("the login password")).await.done();
        // The new daemon takes the name on the bus after its command has ended.
        look_for("the unlocked keyring", || {
            let mut asking = Command::new("dbus-send");
            asking.env("DBUS_SESSION_BUS_ADDRESS", &self.address).args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
                LOGIN,
                "org.freedesktop.DBus.Properties.Get",
                "string:org.freedesktop.Secret.Collection",
                "string:Locked",
            ]);
            let said = asking.output().unwrap().stdout;
            String::from_utf8_lossy(&said)
                .contains("boolean false")
                .then_some(())
        })
        .await;
    }

    async fn lock(&self) {
        let mut locking = self.command("dbus-send");
        locking.args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &format!("array:objpath:{LOGIN}"),
        ]);
        run(locking, None).await.done();
    }
}

/// Has a bus of this home's start something for a keyring that never takes its name, and that ends with these tests.
fn hang_keyring(home: &Home) {
    let services = home.beside(DATA).join("dbus-1/services");
    fs::create_dir_all(&services).unwrap();
    let waits = format!("exec tail --pid={} -f /dev/null", std::process::id());
    // Its output is not the bus's own, which nobody reads: it would end for that.
    let service = format!(
        "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh -c \"{waits} >/dev/null\"\n"
    );
    fs::write(services.join("org.freedesktop.secrets.service"), service).unwrap();
}

/// Where services and keyrings of this home are.
const DATA: &str = ".local/share";

const LOGIN: &str = "/org/freedesktop/secrets/collection/login";

async fn secrets(instance: &Instance) -> SecretsView {
    let snapshot = instance.call::<TakeSnapshot>(Nothing {}).await;
    snapshot.unwrap().secrets
}

#[tokio::test]
async fn a_locked_keyring_is_no_sealed_file_and_no_password_meant_for_it_makes_one() {
    const OPEN: [&str; 3] = ["secrets", "file", "--passphrase-stdin"];
    const MAKE: [&str; 4] = ["secrets", "file", "--new", "--passphrase-stdin"];
    let home = Home::empty();
    let bus = OwnBus::start(&home).await;
    let sealed = home.path().join("secrets.sealed");

    let instance = bus.serving().await;
    let view = secrets(&instance).await;
    assert!(
        matches!(view, SecretsView::KeyringLocked { .. }),
        "nobody has unlocked it yet: {view:?}"
    );
    let typed = ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some("the login password".to_owned()),
        make: false,
    };
    let refused = instance.call::<OpenSecrets>(typed).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SecretsUnavailable);
    let refused = home.run_with(&OPEN, "the login password").await;
    let said = refused.with(1).stderr;
    assert!(
        said.contains("There is no sealed file") && said.contains("--new"),
        "{said}"
    );
    assert!(!sealed.exists(), "an unlock made a sealed file");
    for words in [&["secrets"][..], &["secrets", "keyring"], &["doctor"]] {
        let ran = home.run(words).await;
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains("Your keyring is locked"), "{words:?}: {said}");
        assert!(!said.contains("sealed file is"), "{words:?}: {said}");
    }
    // On a first day nothing is lost in it yet: what the first key needs is told, and nothing is wrong.
    let report: Value = home.ask(&["doctor"]).await;
    let mut findings = report["findings"].as_array().unwrap().iter();
    let keys = findings.find(|found| found["subject"] == "keys").unwrap();
    assert_eq!(keys["ok"], true, "{keys}");
    bus.unlock().await;
    let told = home.run(&["secrets", "keyring"]).await.done().stdout;
    assert_eq!(told, "Keys are kept in the system's keyring.\n");
    instance.stop().await;

    bus.lock().await;
    let instance = bus.serving().await;
    let view = secrets(&instance).await;
    assert!(
        matches!(view, SecretsView::KeyringLocked { .. }),
        "{view:?}"
    );
    home.run_with(&MAKE, "short").await.with(2);
    assert!(!sealed.exists());
    home.run_with(&MAKE, "a passphrase of its own").await.done();
    assert!(sealed.exists());
    instance.stop().await;
    let instance = bus.serving().await;
    let view = secrets(&instance).await;
    assert!(matches!(view, SecretsView::Locked { .. }), "{view:?}");
    instance.stop().await;
}

#[tokio::test]
async fn a_keyring_that_never_answers_holds_up_nothing_that_needs_no_key_and_is_asked_again_when_told_to()
 {
    const SILENT: &str = "did not answer within";
    let home = Home::empty();
    hang_keyring(&home);
    let bus = OwnBus::start(&home).await;
    let one_command = |words: &[&str]| {
        let mut command = bus.command(husting().to_str().unwrap());
        command.args(words);
        command
    };
    run(one_command(&["wallet", "ledger"]), None).await.done();
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
    let refused = run(one_command(&add), Some("sk-test-of-a-keyring-1234")).await;
    let said = refused.with(1).stderr;
    assert!(
        said.contains(SILENT) && said.contains("HUSTING_SECRETS=file"),
        "{said}"
    );

    let instance = bus.serving().await;
    let view = secrets(&instance).await;
    let SecretsView::NeedsChoice { system_words } = &view else {
        panic!("{view:?}");
    };
    assert!(system_words.contains(SILENT), "{system_words}");
    let again = ["secrets", "keyring"];
    let said = home.run(&again).await.with(1).stderr;
    assert!(
        said.contains("The keyring did not answer within") && said.contains("and try again."),
        "{said}"
    );
    // What was given up is answered now as well, and nobody is there to use it.
    bus.unlock().await;
    let told = home.run(&again).await.done().stdout;
    assert_eq!(told, "Keys are kept in the system's keyring.\n");
    instance.stop().await;
}
