//! Everybody on a bus: agents with their doors, and what they do there again and again.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use husting_domain::agents::Name;
use husting_domain::ids::AgentId;
use serde_json::{Value, json};

use super::archive::Someone;
use crate::door::{Door, returned};
use crate::instance::Instance;
use crate::loader::Answer;

/// A server that uses less than so many milliseconds of a core in this time is at rest.
const QUIET_MILLIS: f64 = 20.0;
const LOOK: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with agents.
pub struct Stage {
    pub husting: Instance,
    pub agents: Vec<Player>,
}

/// An agent.
pub struct Player {
    pub id: AgentId,
    pub name: String,
    pub door: Door,
}

impl Stage {
    /// A server on this folder with so many new agents.
    pub async fn set(husting: &Path, home: &Path, agents: usize) -> anyhow::Result<Self> {
        let husting = Instance::start(husting, home).await?;
        let mut players = Vec::with_capacity(agents);
        for at in 0..agents {
            let name = format!("agent-{at}");
            let (door, id) = Door::of_agent(&husting, &name).await?;
            players.push(Player { id, name, door });
        }
        Ok(Self {
            husting,
            agents: players,
        })
    }

    /// All agents by id and name.
    pub fn everyone(&self) -> anyhow::Result<Vec<Someone>> {
        let someone = |agent: &Player| {
            let name = Name::parse(&agent.name)?;
            Ok(Someone { id: agent.id, name })
        };
        self.agents.iter().map(someone).collect()
    }

    /// Ends the server; the agents keep their tokens.
    pub fn closed(self) -> anyhow::Result<Vec<Player>> {
        self.husting.stop()?;
        Ok(self.agents)
    }

    /// A server on a folder that has these agents.
    pub async fn again(
        husting: &Path,
        home: &Path,
        mut agents: Vec<Player>,
    ) -> anyhow::Result<Self> {
        let husting = Instance::start(husting, home).await?;
        for agent in &mut agents {
            agent.door = agent.door.at(husting.address());
        }
        Ok(Self { husting, agents })
    }

    /// Waits until the server has done what a start leaves to do, such as sealing the audit log.
    pub async fn until_quiet(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let before = self.husting.tree()?.cpu_ms;
            tokio::time::sleep(LOOK).await;
            if self.husting.tree()?.cpu_ms - before < QUIET_MILLIS {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "the server does not come to rest"
            );
        }
    }

    /// The agents from this one on read all they have.
    pub async fn empty(&self, from: usize) -> anyhow::Result<()> {
        let readers = self.agents.iter().skip(from);
        try_join_all(readers.map(|reader| read_all(&reader.door))).await?;
        Ok(())
    }
}

async fn read_all(door: &Door) -> anyhow::Result<()> {
    let mut connection = door.connect().await?;
    let request = door.tool("inbox", &json!({"limit": 100}));
    loop {
        let (_, answer) = connection.ask(&request).await?;
        if messages(&answer)?.is_empty() {
            return Ok(());
        }
    }
}

/// The mail of an answer.
pub fn messages(answer: &Answer) -> anyhow::Result<Vec<Value>> {
    let mail = returned(answer)?;
    let messages = mail["messages"].as_array().cloned();
    messages.with_context(|| format!("this is no mail: {mail}"))
}
