//! A running `husting discord`, between a fake Discord and a bus.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use husting_test_support::discord::FakeDiscord;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::home::Home;
use crate::instance::{Instance, signal};
use crate::patience::wait_for;
use crate::program;

/// Its variables, by the public page's names.
#[derive(Clone, Debug)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// For this Discord and the bus at this address.
    pub fn of(discord: &FakeDiscord, instance: &Instance, bus_token: &str) -> Self {
        let address = format!("{}/mcp", instance.http);
        let variables = [
            ("DISCORD_BOT_TOKEN", discord.token()),
            ("DISCORD_API_BASE", discord.api_base()),
            ("DISCORD_GATEWAY_URL", discord.gateway_url()),
            ("MUMEGA_BUS_URL", address),
            ("MUMEGA_BUS_TOKEN", bus_token.to_owned()),
            ("POLL_INTERVAL", "1".to_owned()),
        ];
        let named = variables.map(|(name, value)| (name.to_owned(), value));
        Self(named.into())
    }

    /// The same with another one.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// As a process gets them.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}

/// A bridge; it is killed when dropped.
pub struct Bridge {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Bridge {
    /// Starts it and waits until events come.
    pub async fn live(home: &Home, variables: &Variables) -> Self {
        let mut bridge = Self::start(home, program::husting(), variables);
        bridge.until("live").await;
        bridge
    }

    /// Starts `program` as a bridge.
    pub fn start(home: &Home, program: impl AsRef<Path>, variables: &Variables) -> Self {
        let mut command = home.command(program.as_ref());
        command
            .args(["discord", "--json"])
            .envs(variables.iter())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = command.spawn().expect("husting can be started");
        let stdout = child.stdout.take().expect("it is piped");
        Self {
            child,
            stdout: BufReader::new(stdout).lines(),
        }
    }

    /// Waits until it tells such an event, and gives that.
    pub async fn until(&mut self, event: &str) -> Value {
        let coming = async {
            while let Ok(Some(line)) = self.stdout.next_line().await {
                let told: Value = serde_json::from_str(&line).expect("it tells JSON");
                if told["event"] == event {
                    return Some(told);
                }
            }
            None
        };
        let told = wait_for(event, coming).await;
        told.unwrap_or_else(|| panic!("the bridge ended before it told {event:?}"))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub async fn kill(mut self) {
        wait_for("the end of a killed process", self.child.kill())
            .await
            .expect("our own process can be killed");
    }

    /// Asks it to end, and gives its exit code.
    pub async fn stop(mut self) -> i32 {
        signal(self.pid(), "TERM").await;
        self.ended().await
    }

    /// Waits until it ends by itself; gives its exit code.
    pub async fn ended(&mut self) -> i32 {
        let ended = wait_for("the end of the bridge", self.child.wait()).await;
        let ended = ended.expect("it can be waited for");
        ended.code().unwrap_or(-1)
    }
}
