//! `husting channel`: the bus on standard input and output. What a client library sees of it is
//! looked at in `tests/clients/typescript`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use husting_tests::home::{Home, run};
use husting_tests::instance::{Instance, signal};
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_tests::search::{command_lines, tokens_in};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::keyed::roomy;
use crate::tenanted::{Agent, Tenant, called, opening};

const VARIABLE: &str = "HUSTING_AGENT_TOKEN";
const PUSH: &str = "notifications/claude/channel";
const NO_TOKENS: [&str; 0] = [];

struct House {
    instance: Instance,
    tenant: Tenant,
    agent: Agent,
    other: Agent,
    home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        Self {
            agent: tenant.mint("desk", &["mcp:send", "mcp:inbox"]).await,
            other: tenant.mint("other", &["mcp:send", "mcp:inbox"]).await,
            instance,
            tenant,
            home,
        }
    }

    /// A channel that finds the instance by itself, opened as clients in the field do.
    async fn channel(&self) -> Channel {
        let mut channel = Channel::start(&self.home, &[], &self.agent.token);
        // Those that look for a newer version first are sent back to the one that has sessions.
        let discover = json!({
            "jsonrpc": "2.0", "id": "newer", "method": "server/discover", "params": {"_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "newer", "version": "2"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }},
        });
        assert_eq!(channel.ask(&discover).await["error"]["code"], -32_601);
        let opened = channel.ask(&opening("2025-06-18")).await;
        assert_eq!(opened["result"]["protocolVersion"], "2025-06-18");
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        channel.say(&ready).await;
        self.until_open(1).await;
        channel
    }

    /// Until the bus counts so many streams and waits of the agent.
    async fn until_open(&self, connections: u64) {
        let path = format!("/agents/{}", self.agent.id);
        let open = async {
            loop {
                let read = self.tenant.get(&path).await.with(200);
                if read["agent"]["connections"] == connections {
                    return;
                }
            }
        };
        wait_for("its connections", open).await;
    }
}

/// A channel and both its ends.
struct Channel {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
    /// What came beside the answers.
    told: Vec<Value>,
}

impl Channel {
    fn start(home: &Home, words: &[&str], token: &str) -> Self {
        let mut command = home.command(husting());
        command.arg("channel").args(words).env(VARIABLE, token);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            stdin: child.stdin.take(),
            child,
            stdout,
            told: Vec::new(),
        }
    }

    async fn say(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next message; every line must be one.
    async fn next(&mut self) -> Value {
        let line = wait_for("a message", self.stdout.next_line())
            .await
            .unwrap();
        let line = line.expect("the channel goes on");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no message: {line}"))
    }

    /// What a message is answered.
    async fn ask(&mut self, message: &Value) -> Value {
        self.say(message).await;
        loop {
            let said = self.next().await;
            if said["id"] == message["id"] {
                return said;
            }
            self.told.push(said);
        }
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask(&called(7, tool, arguments)).await["result"].take()
    }

    /// The next that is told by this name.
    async fn told(&mut self, method: &str) -> Value {
        if let Some(at) = self.told.iter().position(|one| one["method"] == method) {
            return self.told.remove(at);
        }
        loop {
            let said = self.next().await;
            if said["method"] == method {
                return said;
            }
        }
    }

    /// Closes its standard input; its exit code, what else it printed, and what it said.
    async fn close(mut self) -> (Option<i32>, String) {
        drop(self.stdin.take());
        let ended = wait_for("the end of the channel", self.child.wait()).await;
        let mut said = String::new();
        while let Ok(Some(line)) = self.stdout.next_line().await {
            serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("no message: {line}"));
        }
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).await.unwrap();
        assert_eq!(tokens_in(&said), NO_TOKENS, "it said a token");
        (ended.unwrap().code(), said)
    }
}

#[tokio::test]
async fn the_running_instance_is_found_and_mail_is_announced_and_not_taken() {
    let house = House::open().await;
    let mut channel = house.channel().await;
    let pid = channel.child.id().unwrap();
    assert_eq!(tokens_in(&command_lines(pid).join("\n")), NO_TOKENS);
    let secret = "The vault opens with 4711.";
    house.other.send("desk", secret).await;
    let push = channel.told(PUSH).await;
    assert!(!push.to_string().contains("4711"), "{push}");
    let content = push["params"]["content"].as_str().unwrap();
    assert!(content.contains("1 from agent:other"), "{content}");
    let meta = &push["params"]["meta"];
    assert_eq!(
        meta,
        &json!({"kind": "mail", "count": "1", "senders": "agent:other"})
    );
    // Read twice: announced mail was neither leased nor taken as received.
    for include in ["all", "unread"] {
        let mail = channel.call("inbox", json!({ "include": include })).await;
        let message = &mail["structuredContent"]["messages"][0];
        assert_eq!(message["text"], secret, "{include}: {mail}");
    }
    let sent = channel.call("send", json!({"to": "other", "text": "Done."}));
    assert_ne!(sent.await["isError"], true);
    assert_eq!(house.other.inbox().await, ["Done."]);
    let (code, said) = channel.close().await;
    assert_eq!((code, said.as_str()), (Some(0), ""));
    house.until_open(0).await;
}

#[tokio::test]
async fn an_instance_that_comes_back_elsewhere_is_found_again() {
    let house = House::open().await;
    let mut channel = house.channel().await;
    let House {
        instance,
        tenant,
        agent,
        other,
        home,
    } = house;
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    let away = channel.call("inbox", json!({})).await;
    assert_eq!(away["isError"], true, "{away}");
    assert_eq!(away["structuredContent"]["error"], "bus_away", "{away}");
    let words = away["content"][0]["text"].as_str().unwrap();
    assert!(words.contains("mail is kept"), "{words}");
    let again = roomy(&home).await;
    let send = called(1, "send", json!({"to": "desk", "text": "Back."}));
    let sent = other.bringing_to(&again.http, &send).send().await.unwrap();
    assert!(sent.text().await.unwrap().contains("Sent to desk"));
    let push = channel.told(PUSH).await;
    assert_eq!(push["params"]["meta"]["count"], "1", "{push}");
    let mail = channel.call("inbox", json!({})).await;
    assert_eq!(mail["structuredContent"]["messages"][0]["text"], "Back.");
    let (code, _) = channel.close().await;
    assert_eq!(code, Some(0));
    drop((tenant, agent, again));
}

#[tokio::test]
async fn a_channel_ends_with_its_client_also_while_a_call_waits() {
    let house = House::open().await;
    let mut channel = house.channel().await;
    let wait = called(3, "inbox_wait", json!({"timeout_seconds": 120}));
    channel.say(&wait).await;
    house.until_open(2).await;
    let (code, _) = channel.close().await;
    assert_eq!(code, Some(0));
    house.until_open(0).await;
    // What would have ended the wait is still there.
    house.other.send("desk", "For later.").await;
    assert_eq!(house.agent.inbox().await, ["For later."]);

    let mut channel = house.channel().await;
    signal(channel.child.id().unwrap(), "TERM").await;
    wait_for("the end of the channel", channel.child.wait())
        .await
        .unwrap();
    house.until_open(0).await;
}

#[tokio::test]
async fn a_call_that_is_taken_back_ends_at_the_bus_too() {
    let house = House::open().await;
    let mut channel = house.channel().await;
    let wait = called(3, "inbox_wait", json!({"timeout_seconds": 120}));
    channel.say(&wait).await;
    house.until_open(2).await;
    let cancel =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}});
    channel.say(&cancel).await;
    house.until_open(1).await;
    house.other.send("desk", "Not for the wait.").await;
    let mail = channel.call("inbox", json!({})).await;
    let text = &mail["structuredContent"]["messages"][0]["text"];
    assert_eq!(text, "Not for the wait.");
}

#[tokio::test]
async fn what_the_token_may_not_or_no_more_is_said_in_words() {
    let house = House::open().await;
    let mut channel = house.channel().await;
    house.tenant.grant(&house.agent, &["mcp:inbox"]).await;
    channel.told("notifications/tools/list_changed").await;
    let denied = channel.call("send", json!({"to": "other", "text": "Hi."}));
    let denied = denied.await;
    let words = denied["content"][0]["text"].as_str().unwrap();
    assert!(words.starts_with("403 insufficient_scope"), "{words}");
    assert!(words.contains("mcp:send"), "{words}");
    let revoked = house.tenant.revoke(&house.agent).await;
    assert_eq!(revoked["accepted_since"], 0, "{revoked}");
    let refused = channel.call("inbox", json!({})).await;
    let words = refused["content"][0]["text"].as_str().unwrap();
    assert!(words.starts_with("invalid_token: "), "{words}");
    assert_eq!(refused["isError"], true);

    let wrong = house.agent.token.replace(|c: char| c.is_ascii_digit(), "x");
    let mut channel = Channel::start(&house.home, &[], &wrong);
    channel.ask(&opening("2025-11-25")).await;
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    channel.say(&ready).await;
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let listed = channel.ask(&list).await;
    assert_eq!(
        listed["error"]["data"]["error"], "invalid_token",
        "{listed}"
    );
    let refused = channel.call("inbox", json!({})).await;
    assert_eq!(refused["structuredContent"]["error"], "invalid_token");
}

fn written(home: &Home, text: &str, mode: u32) -> PathBuf {
    let path = home.beside("token");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[tokio::test]
async fn a_token_comes_from_a_file_that_nobody_else_reads_or_not_at_all() {
    let house = House::open().await;
    let at = format!("{}/mcp", house.instance.http);
    let token = house.agent.token.as_str();
    for (text, mode, expected) in [
        (token, 0o644, "chmod 600"),
        (token, 0o640, "chmod 600"),
        (token, 0o602, "chmod 600"),
        ("mmo_live_something", 0o600, "no agent's token"),
        ("", 0o600, "no agent's token"),
    ] {
        let file = written(&house.home, text, mode);
        let file = file.to_str().unwrap();
        let words = ["channel", "--url", &at, "--token-file", file];
        let refused = house.home.run(&words).await.with(2);
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
        assert_eq!(refused.stdout, "");
        assert_eq!(tokens_in(&refused.stderr), NO_TOKENS);
    }
    let none = house.home.run(&["channel", "--url", &at]).await.with(2);
    assert!(none.stderr.contains(VARIABLE), "{}", none.stderr);
    // There is no way to name it in an argument.
    let mut command = house.home.command(husting());
    command.args(["channel", "--token", "x"]);
    run(command, None).await.with(2);

    let file = written(&house.home, &format!("{token}\n"), 0o600);
    let words = ["--url", &at, "--token-file", file.to_str().unwrap()];
    let mut channel = Channel::start(&house.home, &words, "");
    channel.ask(&opening("2025-11-25")).await;
    let booted = channel.call("boot_context", json!({})).await;
    assert_eq!(booted["structuredContent"]["agent"], "desk");
    fs::remove_file(file).unwrap();
}
