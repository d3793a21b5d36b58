//! What a million messages of 500 agents change, beside a store with few, whose pages are as long.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use husting_wire::agents::ListAgents;
use husting_wire::bus::messages::ListMessages;
use husting_wire::commands::{Command, FindAgents, FindMessages};
use serde_json::json;
use tempfile::TempDir;

use super::archive::{self, RARE, RARE_WORD};
use super::senders::{Spell, spell};
use super::stage::Stage;
use super::words;
use crate::REPETITIONS;
use crate::door::{Door, returned};
use crate::figures::{Goal, Series, quantile};
use crate::instance::Instance;

/// How much is in each store, and what it is called.
const STORES: [Size; 2] = [
    Size {
        name: "1,000 messages of 100 agents",
        agents: 100,
        messages: 1_000,
    },
    Size {
        name: "1,000,000 messages of 500 agents",
        agents: 500,
        messages: 1_000_000,
    },
];
/// Calls of each kind in one repetition.
const CALLS: usize = 200;
/// Rows of the longest page; a search finds its words in as many messages as the smaller store has.
const PAGE: u32 = 100;
const FOUND: u32 = (1_000 / RARE) as u32;
/// How much slower a large store may be.
const TIMES: f64 = 2.0;
/// Senders whose acknowledgements are counted.
const SENDERS: usize = 8;
struct Size {
    name: &'static str,
    agents: usize,
    messages: usize,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Send,
    Inbox,
    Agents,
    Tail,
    Search,
}

const ASKED: [Ask; 5] = [Ask::Send, Ask::Inbox, Ask::Agents, Ask::Tail, Ask::Search];

/// A store that is served.
struct Served {
    name: &'static str,
    stage: Stage,
    home: TempDir,
}

/// Milliseconds of each call of one kind to one store, by repetition.
struct Measured<'a> {
    ask: Ask,
    store: &'a Served,
    delays: Vec<Vec<f64>>,
}

/// All kinds on both stores, in turns; then many senders, and starts, on the larger one.
pub async fn measure(husting: &Path) -> anyhow::Result<Vec<Series>> {
    let mut stores = Vec::new();
    for size in &STORES {
        stores.push(Served::start(husting, size).await?);
    }
    let each = |ask| stores.iter().map(move |store| Measured::none(ask, store));
    let mut measured: Vec<Measured<'_>> = ASKED.into_iter().flat_map(each).collect();
    for _ in 0..REPETITIONS {
        for Measured { ask, store, delays } in &mut measured {
            delays.push(store.ask(*ask).await?);
        }
    }
    let mut series: Vec<Series> = measured.iter().flat_map(Measured::series).collect();
    let largest = stores.pop().context("there is no store")?;
    for store in stores {
        store.stage.husting.stop()?;
    }
    series.push(largest.written_to().await?);
    series.push(largest.starts(husting).await?);
    Ok(series)
}

impl Served {
    async fn start(husting: &Path, size: &Size) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let stage = Stage::set(husting, home.path(), size.agents).await?;
        let agents = stage.everyone()?;
        let players = stage.closed()?;
        archive::fill(home.path(), &agents, size.messages).await?;
        let stage = Stage::again(husting, home.path(), players).await?;
        stage.until_quiet().await?;
        Ok(Self {
            name: size.name,
            stage,
            home,
        })
    }

    async fn ask(&self, ask: Ask) -> anyhow::Result<Vec<f64>> {
        let (writer, reader) = (&self.stage.agents[0], &self.stage.agents[1]);
        let letter = json!({"to": reader.name, "text": words()});
        match ask {
            Ask::Send => again(&writer.door, &writer.door.tool("send", &letter)).await,
            Ask::Inbox => {
                let request = reader.door.tool("inbox", &json!({"limit": 1}));
                again(&reader.door, &request).await
            }
            Ask::Agents => {
                let asked = ListAgents {
                    limit: Some(PAGE),
                    ..ListAgents::default()
                };
                self.command::<FindAgents>(&asked, |list| list.agents.len() == PAGE as usize)
                    .await
            }
            Ask::Tail => self.find(None, PAGE).await,
            Ask::Search => self.find(Some(RARE_WORD), FOUND).await,
        }
    }

    /// The newest messages with this word in them.
    async fn find(&self, word: Option<&str>, limit: u32) -> anyhow::Result<Vec<f64>> {
        let asked = ListMessages {
            query: word.map(str::to_owned),
            limit: Some(limit),
            ..ListMessages::default()
        };
        self.command::<FindMessages>(&asked, |list| list.messages.len() == limit as usize)
            .await
    }

    /// The same command again and again.
    async fn command<C: Command>(
        &self,
        asked: &C::Request,
        is_whole: impl Fn(&C::Response) -> bool,
    ) -> anyhow::Result<Vec<f64>>
    where
        C::Request: Clone,
    {
        let mut delays = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let begun = Instant::now();
            let answer = self.stage.husting.call::<C>(asked.clone()).await?;
            delays.push(begun.elapsed().as_secs_f64() * 1_000.0);
            ensure!(is_whole(&answer), "{} gave another page", self.name);
        }
        Ok(delays)
    }

    /// Milliseconds of an acknowledgement while several write.
    async fn written_to(&self) -> anyhow::Result<Series> {
        let mut slowest = Vec::with_capacity(REPETITIONS);
        for _ in 0..REPETITIONS {
            let Spell { acks, .. } = spell(&self.stage, SENDERS).await?;
            slowest.push(quantile(&acks, 0.99));
            self.stage.empty(self.stage.agents.len() / 2).await?;
        }
        let name = format!("{SENDERS} senders, {}: 99 of 100", self.name);
        Ok(Series::new(name, "ms", slowest).goal(Goal::AtMost(2.0)))
    }

    /// Milliseconds from a start to the first answer.
    async fn starts(self, husting: &Path) -> anyhow::Result<Series> {
        self.stage.closed()?;
        let mut starts = Vec::with_capacity(REPETITIONS);
        for _ in 0..REPETITIONS {
            let husting = Instance::start(husting, self.home.path()).await?;
            starts.push(husting.answered_after.as_secs_f64() * 1_000.0);
            husting.stop()?;
        }
        let name = format!("spawn to first answer, {}", self.name);
        Ok(Series::new(name, "ms", starts).goal(Goal::AtMost(200.0)))
    }
}

/// The same call of a tool again and again.
async fn again(door: &Door, request: &[u8]) -> anyhow::Result<Vec<f64>> {
    let mut connection = door.connect().await?;
    let mut delays = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let (took, answer) = connection.ask(request).await?;
        returned(&answer)?;
        delays.push(took.as_secs_f64() * 1_000.0);
    }
    Ok(delays)
}

impl Ask {
    const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Inbox => "inbox",
            Self::Agents => "100 agents listed",
            Self::Tail => "100 messages listed",
            Self::Search => "20 messages found by a word",
        }
    }
}

impl<'a> Measured<'a> {
    const fn none(ask: Ask, store: &'a Served) -> Self {
        Self {
            ask,
            store,
            delays: Vec::new(),
        }
    }

    fn series(&self) -> [Series; 2] {
        [(0.5, "half of all"), (0.99, "99 of 100")].map(|(part, words)| {
            let name = |store: &str| format!("{}, {store}: {words}", self.ask.name());
            let values = self.delays.iter().map(|delays| quantile(delays, part));
            let series = Series::new(name(self.store.name), "ms", values.collect());
            let few = STORES[0].name;
            if self.store.name == few {
                return series;
            }
            let series = series.against(&name(few));
            if part > 0.9 {
                series.goal(Goal::Times(TIMES))
            } else {
                series
            }
        })
    }
}
