//! Secrets that a person types at a terminal.

use husting_test_support::discord::{FakeDiscord, World};
use husting_tests::home::{Home, run};
use husting_tests::program::husting;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::process::Command;
use tokio::signal::unix::SignalKind;

const TYPIST: &str = include_str!("typist.py");
/// A provider at which nobody is.
const NOBODY: [&str; 4] = [
    "--kind",
    "openai-compatible",
    "--base-url",
    "http://127.0.0.1:9/v1",
];
const PASSPHRASE: &str = "quillfeather by night";

/// What stood on a terminal, and how the command ended there.
#[derive(Debug, Deserialize)]
struct Terminal {
    said: String,
    code: i32,
    shows_typing: bool,
}

impl Terminal {
    /// Gives a command to a person who types these answers to these prompts, or sends it the signal of this number;
    /// `python` is started on its folder.
    async fn of(mut python: Command, words: &[&str], typed: &[(&str, impl Serialize)]) -> Self {
        python.args(["-c", TYPIST, &json!(typed).to_string()]);
        python.arg(husting()).args(words);
        run(python, None).await.done().json()
    }

    /// Ended so, with nothing of this shown and the terminal as it was.
    fn ended(&self, code: i32, hidden: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(!self.said.contains(hidden), "it was shown: {self:?}");
        assert!(self.shows_typing, "{self:?}");
    }
}

#[tokio::test]
async fn a_passphrase_is_not_shown_and_a_new_one_is_typed_twice() {
    let home = Home::empty();
    let new = ["secrets", "file", "--new"];
    let once = "the new passphrase, 12 characters or more, which is not shown: ";
    let again = "once more: ";
    let line = format!("{PASSPHRASE}\r");

    let slip = [(once, &*line), (again, "quillfeather by nihgt\r")];
    let slipped = Terminal::of(home.bare_command("python3"), &new, &slip).await;
    slipped.ended(2, "quillfeather");
    assert!(
        slipped.said.contains("not typed the same twice"),
        "{slipped:?}"
    );
    for (typed, said) in [
        ("\r", "nothing was typed"),
        ("elevenchars\r", "fewer than 12 characters"),
    ] {
        let little = [(once, typed)];
        let refused = Terminal::of(home.bare_command("python3"), &new, &little).await;
        refused.ended(2, "elevenchars");
        assert!(refused.said.contains(said), "{refused:?}");
        assert!(!refused.said.contains(again), "{refused:?}");
    }
    let open = ["secrets", "file", "--passphrase-stdin"];
    let typed = [("the passphrase, which is not shown: ", &*line)];
    let absent = Terminal::of(home.bare_command("python3"), &open, &typed).await;
    assert_ne!(absent.code, 0, "nothing was made: {absent:?}");

    let twice = [(once, &*line), (again, &*line)];
    let made = [&new[..], &["--passphrase-stdin"]].concat();
    let made = Terminal::of(home.bare_command("python3"), &made, &twice).await;
    made.ended(0, PASSPHRASE);
    let opened = Terminal::of(home.bare_command("python3"), &open, &typed).await;
    opened.ended(0, PASSPHRASE);
    assert!(
        opened
            .said
            .contains("unlocked the sealed file for this command alone")
            && !opened.said.contains("kept"),
        "{opened:?}"
    );

    let home = Home::empty();
    let script = home.run(&new).await.with(2).stderr;
    assert!(script.contains("say --passphrase-stdin"), "{script}");
    let made = Terminal::of(home.bare_command("python3"), &new, &twice).await;
    made.ended(0, PASSPHRASE);
}

#[tokio::test]
async fn a_key_and_a_bots_token_are_asked_for_and_not_shown() {
    let (home, secret) = (Home::new(), "quillfeather-4f9b2c7d1e8a6035");
    let line = format!("{secret}\r");
    for (name, source) in [("one", &["--key-stdin"][..]), ("two", &["--key-file", "-"])] {
        let add = [&["provider", "add", name][..], &NOBODY].concat();
        let typed = [("the key, which is not shown: ", &*line)];
        let added = Terminal::of(
            home.command("python3"),
            &[&add[..], source].concat(),
            &typed,
        )
        .await;
        added.ended(0, secret);
    }
    let providers = home.run(&["provider", "list"]).await.done().stdout;
    assert_eq!(providers.matches("6035").count(), 2, "{providers}");

    let discord = FakeDiscord::start(World::sandbox()).await.unwrap();
    let mut python = home.command("python3");
    python.env("DISCORD_API_BASE", discord.api_base());
    let typed = [("the bot's token, which is not shown: ", &*line)];
    let tested = Terminal::of(python, &["discord", "bot", "--token-stdin"], &typed).await;
    tested.ended(4, secret);
}

#[tokio::test]
async fn whoever_interrupts_a_prompt_has_their_terminal_back() {
    let home = Home::new();
    let add = [&["provider", "add", "one", "--key-stdin"][..], &NOBODY].concat();
    let typed = [("the key, which is not shown: ", "quillfeather\u{3}")];
    let left = Terminal::of(home.command("python3"), &add, &typed).await;
    left.ended(2, "quillfeather");
    assert!(left.said.contains("nothing was done"), "{left:?}");

    for signal in [
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::terminate(),
    ] {
        let sent = [("the key, which is not shown: ", signal.as_raw_value())];
        let left = Terminal::of(home.command("python3"), &add, &sent).await;
        left.ended(2, "quillfeather");
        assert!(left.said.contains("nothing was done"), "{left:?}");
    }
    let providers = home.ask(&["provider", "list"]).await;
    assert_eq!(providers["providers"], json!([]));
}

#[tokio::test]
async fn whoever_types_nothing_is_told_so() {
    let home = Home::new();
    let add = [&["provider", "add", "one", "--key-stdin"][..], &NOBODY].concat();
    for (words, asks) in [
        (&add[..], "the key, which is not shown: "),
        (
            &["discord", "bot", "--token-stdin"],
            "the bot's token, which is not shown: ",
        ),
    ] {
        let typed = [(asks, "\r")];
        let told = Terminal::of(home.command("python3"), words, &typed).await;
        told.ended(2, "quillfeather");
        assert!(told.said.contains("nothing was typed"), "{told:?}");
    }
}
