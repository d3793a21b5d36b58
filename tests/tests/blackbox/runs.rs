//! Agents' own programs: started for one task and in tmux, watched, ended with all that they started,
//! found again, and started by mail.

use std::fs;
use std::path::{Path, PathBuf};

use husting_domain::runs::RunExit;
use husting_tests::agent::Agent;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::look_for;
use husting_tests::program::husting;
use husting_tests::search::tokens_in;
use husting_wire::commands::{FindRuns, ReadRun};
use husting_wire::runs::{ListRuns, RunRef, RunView};
use serde_json::{Value, json};
use tokio::process::Command;

/// The program that does what its prompt says.
fn scripted() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("agents/scripted.py")
}

/// A machine with `claude` on its path, a tmux of its own, and an agent whose file was written.
struct Desk {
    home: Home,
    path: String,
    port: u16,
}

impl Desk {
    async fn new() -> (Self, Instance) {
        let home = Home::new();
        let programs = home.beside("bin");
        fs::create_dir(&programs).unwrap();
        std::os::unix::fs::symlink(scripted(), programs.join("claude")).unwrap();
        fs::create_dir(home.beside("sockets")).unwrap();
        let own = std::env::var("PATH").unwrap_or_default();
        let mut desk = Self {
            path: format!("{}:{own}", programs.display()),
            home,
            port: 0,
        };
        let instance = desk.start().await;
        desk.port = instance.http.rsplit(':').next().unwrap().parse().unwrap();
        let file = desk.home.beside("bruno.json");
        let wired = [
            "agent",
            "mint",
            "bruno",
            "--client",
            "claude-code",
            "--write",
            file.to_str().unwrap(),
        ];
        desk.home.ask(&wired).await;
        (desk, instance)
    }

    async fn start(&self) -> Instance {
        let mut command = self.home.command(husting());
        command
            .env("PATH", &self.path)
            .env("TMUX_TMPDIR", self.home.beside("sockets"))
            .env("HUSTING_TEST_MARK", "a variable of Husting's own")
            .env("SOME_API_KEY", "a key of somebody's");
        let listen = format!("127.0.0.1:{}", self.port);
        Instance::serving(&self.home, command, &["--listen", &listen]).await
    }

    fn tmux(&self, words: &[&str]) -> Command {
        let mut command = self.home.bare_command("tmux");
        command
            .env("TMUX_TMPDIR", self.home.beside("sockets"))
            .args(["-L", "husting"])
            .args(words);
        command
    }

    /// Runs the agent's program for one task, to its end.
    async fn once(&self, prompt: &str) -> husting_tests::home::Ran {
        self.home
            .run(&["run", "bruno", prompt, "--once", "--yes"])
            .await
    }

    async fn in_tmux(&self, prompt: &str) -> Value {
        self.home
            .ask(&["run", "bruno", prompt, "--tmux", "--yes"])
            .await
    }

    /// Its id.
    async fn agent(&self) -> Value {
        let page = self.home.ask(&["agent", "show", "bruno"]).await;
        page["agent"]["id"].clone()
    }

    async fn runs(&self) -> Vec<Value> {
        let list = self.home.ask(&["agent", "runs", "bruno"]).await;
        list["runs"].as_array().unwrap().clone()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let mut command = std::process::Command::new("tmux");
        command
            .env("TMUX_TMPDIR", self.home.beside("sockets"))
            .args(["-L", "husting", "kill-server"]);
        // No server is as good.
        drop(command.output());
    }
}

/// What its program said so far.
async fn said(instance: &Instance, run: &Value) -> String {
    let run_id = serde_json::from_value(run["run_id"].clone()).unwrap();
    instance
        .call::<ReadRun>(RunRef { run_id })
        .await
        .unwrap()
        .text
}

async fn until_said(instance: &Instance, run: &Value, words: &str) -> String {
    let looking = async {
        loop {
            let text = said(instance, run).await;
            if text.contains(words) {
                return text;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    husting_tests::patience::wait_for(words, looking).await
}

async fn until_run(
    instance: &Instance,
    what: &str,
    is_so: impl Fn(&[RunView]) -> bool,
) -> Vec<RunView> {
    let looking = async {
        loop {
            let runs = instance
                .call::<FindRuns>(ListRuns::default())
                .await
                .unwrap()
                .runs;
            if is_so(&runs) {
                return runs;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    husting_tests::patience::wait_for(what, looking).await
}

/// The number after a word.
fn number_after(text: &str, word: &str) -> u32 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(word))
        .unwrap();
    line.trim().parse().unwrap()
}

async fn until_gone(pid: u32) {
    look_for(&format!("the end of process {pid}"), || {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let is_gone = state.is_empty() || state.contains(") Z ");
        is_gone.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_program_for_one_task_is_watched_to_its_end_and_has_nothing_of_ours_but_its_file() {
    let (desk, instance) = Desk::new().await;
    let ran = desk.once("boot say:hello ask").await.done();
    assert!(ran.stdout.contains("booted 200\nhello\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("bruno is done."), "{}", ran.stdout);
    let variables = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("variables"))
        .unwrap();
    for ours in ["HUSTING", "SOME_API_KEY", "SHELL"] {
        assert!(!variables.contains(ours), "{variables}");
    }
    let arguments = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("arguments"))
        .unwrap();
    assert!(
        arguments.contains("\"--allowedTools\", \"mcp__sos\""),
        "{arguments}"
    );
    assert_eq!(tokens_in(arguments), Vec::<&str>::new());
    let runs = desk.runs().await;
    assert!(runs[0]["booted_at"].is_string(), "{}", runs[0]);
    assert_eq!(runs[0]["exit"], json!({"kind": "code", "code": 0}));

    let failed = desk.once("say:no exit:7").await.with(1);
    assert!(
        failed.stdout.contains("ended with code 7"),
        "{}",
        failed.stdout
    );
    let kept = desk
        .home
        .run(&["agent", "output", "bruno"])
        .await
        .done()
        .stdout;
    assert_eq!(kept, "no\n");
    drop(instance);
}

#[tokio::test]
async fn a_command_is_seen_before_it_is_run_and_never_holds_a_token() {
    let (desk, instance) = Desk::new().await;
    let shown = desk
        .home
        .run(&["run", "bruno", "--show"])
        .await
        .done()
        .stdout;
    let file = desk.home.beside("bruno.json");
    let expected = format!(
        "claude --mcp-config {} --strict-mcp-config --allowedTools mcp__sos -p 'You are bruno. Boot your context.'",
        file.display()
    );
    assert_eq!(shown.lines().next(), Some(expected.as_str()));
    let unseen = desk.home.run(&["run", "bruno"]).await.with(2).stderr;
    assert!(unseen.contains("--yes"), "{unseen}");
    let raw = format!("hst_a_{}", "x".repeat(49));
    let command = format!("claude -p {raw}");
    let refused = ["run", "bruno", "--command", &command, "--yes", "--json"];
    let fault: Value = desk.home.run(&refused).await.with(2).error();
    assert!(
        !fault["error"]["message"].as_str().unwrap().contains(&raw),
        "{fault}"
    );
    desk.home.run(&["agent", "mint", "otto"]).await.done();
    let unwired = desk.home.run(&["run", "otto"]).await.with(2).stderr;
    let way = "`husting wire otto --client claude-code --write .mcp.json --rotate` writes one";
    assert!(unwired.contains(way), "{unwired}");
    let absent = [
        "run",
        "bruno",
        "--command",
        "no-such-program-here --now",
        "--yes",
        "--json",
    ];
    let fault: Value = desk.home.run(&absent).await.with(1).error();
    assert_eq!(fault["error"]["code"], "program_failed", "{fault}");
    // No shell reads it: what one would expand reaches the program as it stands.
    let odd = [
        "run",
        "bruno",
        "--command",
        "claude '$HOME;' \"say:$HOME;*\"",
        "--yes",
    ];
    let ran = desk.home.run(&odd).await.done();
    assert!(ran.stdout.starts_with("$HOME;*\n"), "{}", ran.stdout);
    drop(instance);
}

#[tokio::test]
async fn a_session_in_tmux_outlives_husting_and_is_found_again() {
    let (desk, instance) = Desk::new().await;
    let go_on = desk.home.beside("go-on");
    let prompt = format!("say:before until:{} say:after spawn stay", go_on.display());
    let run = desk.in_tmux(&prompt).await;
    assert!(
        run["attach"].as_str().unwrap().contains("attach -t"),
        "{run}"
    );
    until_said(&instance, &run, "before").await;
    let again = desk
        .home
        .run(&["run", "bruno", "--tmux", "--yes", "--json"])
        .await
        .with(4);
    assert_eq!(again.error::<Value>()["error"]["code"], "invalid_state");
    instance.stop().await;
    fs::write(&go_on, "").unwrap();

    let instance = desk.start().await;
    let text = until_said(&instance, &run, "child").await;
    assert!(text.contains("before") && text.contains("after"), "{text}");
    let child = number_after(&text, "child");
    let stopped = desk
        .home
        .run(&["agent", "stop", "bruno"])
        .await
        .done()
        .stdout;
    assert!(stopped.contains("was stopped"), "{stopped}");
    until_gone(child).await;
    let left = husting_tests::home::run(desk.tmux(&["list-sessions"]), None).await;
    assert!(!left.stdout.contains("bruno"), "{}", left.stdout);
}

#[tokio::test]
async fn how_a_session_ended_while_husting_was_away_is_known_afterwards() {
    let (desk, instance) = Desk::new().await;
    let go_on = desk.home.beside("go-on");
    let prompt = format!("until:{} say:bye exit:0", go_on.display());
    let run = desk.in_tmux(&prompt).await;
    instance.stop().await;
    fs::write(&go_on, "").unwrap();
    let dead = async {
        loop {
            let asked = desk.tmux(&["list-panes", "-a", "-F", "#{pane_dead}"]);
            if husting_tests::home::run(asked, None).await.stdout.trim() == "1" {
                return;
            }
        }
    };
    husting_tests::patience::wait_for("the program's end", dead).await;
    let instance = desk.start().await;
    let runs = until_run(&instance, "the run's end", |runs| {
        runs[0].ended_at.is_some()
    })
    .await;
    assert_eq!(runs[0].exit, Some(RunExit::Code { code: 0 }));
    assert!(said(&instance, &run).await.contains("bye"));
}

#[tokio::test]
async fn children_end_with_a_stop_a_revocation_and_husting() {
    let (desk, instance) = Desk::new().await;
    let begin = async |instance: &Instance| {
        let plan = json!({"agent_id": desk.agent().await, "how": "once", "command": "claude 'spawn stay'"});
        let asked = serde_json::from_value(plan).unwrap();
        let run = instance
            .call::<husting_wire::commands::LaunchAgent>(asked)
            .await
            .unwrap();
        let run = json!({"run_id": run.run_id});
        let text = until_said(instance, &run, "child").await;
        number_after(&text, "child")
    };
    let child = begin(&instance).await;
    desk.home.run(&["agent", "stop", "bruno"]).await.done();
    until_gone(child).await;

    let child = begin(&instance).await;
    instance.stop().await;
    until_gone(child).await;

    let instance = desk.start().await;
    let child = begin(&instance).await;
    instance.kill().await;
    let instance = desk.start().await;
    until_gone(child).await;
    let runs = until_run(&instance, "an unseen end", |runs| {
        runs[0].ended_at.is_some()
    })
    .await;
    assert_eq!(runs[0].exit, Some(RunExit::Unseen));

    let child = begin(&instance).await;
    let revoked = desk.home.ask(&["agent", "revoke", "bruno", "--yes"]).await;
    assert_eq!(revoked["receipt"]["process_ended"], true, "{revoked}");
    let after = revoked["receipt"]["process_after_micros"].as_u64();
    assert!(after.is_some_and(|micros| micros > 0), "{revoked}");
    until_gone(child).await;
}

#[tokio::test]
async fn a_program_that_fails_is_started_again_and_one_that_is_stopped_is_not() {
    let (desk, instance) = Desk::new().await;
    desk.in_tmux("say:oh exit:3").await;
    let runs = until_run(&instance, "a restart", |runs| runs.len() > 1).await;
    let first = runs.last().unwrap();
    assert_eq!(first.exit, Some(RunExit::Code { code: 3 }));
    desk.home.run(&["agent", "stop", "bruno"]).await;
    until_run(&instance, "nothing that goes on", |runs| {
        runs.iter()
            .all(|run| run.ended_at.is_some() && run.restarts_at.is_none())
    })
    .await;
}

#[tokio::test]
async fn a_restart_that_waits_is_made_by_the_next_husting() {
    let (desk, instance) = Desk::new().await;
    desk.in_tmux("say:oh exit:3").await;
    until_run(&instance, "a restart that waits", |runs| {
        runs.iter().any(|run| run.restarts_at.is_some())
    })
    .await;
    instance.kill().await;

    let instance = desk.start().await;
    let runs = until_run(&instance, "a restart", |runs| runs.len() > 1).await;
    let first = runs.last().unwrap();
    assert_eq!(first.exit, Some(RunExit::Code { code: 3 }));
    assert_eq!(first.restarts_at, None);
    let newest = runs.iter().max_by_key(|run| run.started_at).unwrap();
    assert_eq!(newest.cause, husting_domain::runs::RunCause::Restart);
}

#[tokio::test]
async fn stopping_everything_ends_programs_and_names_them() {
    let (desk, instance) = Desk::new().await;
    let run = desk.in_tmux("spawn stay").await;
    let child = number_after(&until_said(&instance, &run, "child").await, "child");
    let said = desk.home.run(&["stop-all"]).await.done().stdout;
    assert!(said.contains("\nEnded the programs of bruno; "), "{said}");
    until_gone(child).await;
    let runs = desk.runs().await;
    assert_eq!(runs[0]["stopped"], true, "{}", runs[0]);
    drop(instance);
}

#[tokio::test]
async fn a_burst_of_mail_is_one_start_and_the_days_limit_outlives_a_restart() {
    let (desk, instance) = Desk::new().await;
    let kim = Agent::mint(&instance, "kim").await;
    let send = async |instance: &Instance, text: &str| {
        let arguments = json!({"to": "bruno", "text": text});
        kim.call(&instance.client, &instance.http, "send", arguments)
            .await
            .unwrap();
    };
    let wake = [
        "agent",
        "wake",
        "bruno",
        "--on",
        "--batch",
        "2",
        "--per-day",
        "2",
    ];
    let told = desk.home.run(&wake).await.done().stdout;
    assert!(told.contains("once you have run it"), "{told}");
    // What is confirmed is what mail starts; it fails at once, and reads nothing.
    let command = ["run", "bruno", "--command", "claude exit:0", "--yes"];
    desk.home.run(&command).await.done();
    for n in 0..20 {
        send(&instance, &format!("message {n}")).await;
    }
    let by_mail = |runs: &[RunView]| {
        runs.iter()
            .filter(|run| run.cause == husting_domain::runs::RunCause::Mail)
            .count()
    };
    until_run(&instance, "a start by mail", |runs| by_mail(runs) == 1).await;
    let unread = desk.home.ask(&["agent", "show", "bruno"]).await["agent"]["unread"].clone();
    assert_eq!(unread, 20, "nothing is taken from its mailbox");
    send(&instance, "one more").await;
    until_run(&instance, "the second start", |runs| by_mail(runs) == 2).await;
    instance.stop().await;

    let instance = desk.start().await;
    send(&instance, "and another").await;
    let hindered = async {
        loop {
            let page = desk.home.ask(&["agent", "show", "bruno"]).await;
            if page["wake"]["hindrance"].is_string() {
                return page;
            }
        }
    };
    let page = husting_tests::patience::wait_for("the day's limit", hindered).await;
    assert_eq!(page["wake"]["today"], 2);
    let runs = instance
        .call::<FindRuns>(ListRuns::default())
        .await
        .unwrap()
        .runs;
    assert_eq!(by_mail(&runs), 2);
    assert_eq!(page["agent"]["unread"], 22);
}
