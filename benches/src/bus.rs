//! Messages on the bus: how many are taken in a second, each on disk before its reply; and how soon
//! a waiting reader has one.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::REPETITIONS;
use crate::door::{Door, returned};
use crate::figures::{Figure, Goal, Series, quantile};
use crate::instance::Instance;
use crate::peer::Peer;

/// How many write at once, each with a token and a connection of its own, and what they must reach
/// in a second.
const SENDERS: [(usize, f64); 3] = [(1, 2_500.0), (8, 8_000.0), (MOST, 15_000.0)];
const MOST: usize = 64;
/// How long they write in one repetition.
const SPELL: Duration = Duration::from_secs(2);
/// Readers to whom the messages are spread, so that no inbox is full; they read when it is over.
const READERS: usize = 64;
/// Letters of a message.
const LETTERS: usize = 256;
/// Messages a second to a waiting reader, and how many in one repetition.
const PACE: u32 = 800;
const PACED: usize = 1_600;
/// Connections that keep that pace.
const PACERS: usize = 4;
/// The peer: the official library, and one row a call.
const PEER: &str = "benches/peer/one_row.py";

/// What writing for one spell gave.
#[derive(Default)]
struct Spell {
    /// Milliseconds of each acknowledgement.
    acks: Vec<f64>,
    /// Processor seconds of the server for a thousand.
    cpu: f64,
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Peer,
    Husting,
}

/// What was measured of one side with so many senders, by repetition.
struct Measured {
    side: Side,
    senders: usize,
    goal: f64,
    spells: Vec<Spell>,
}

/// Everybody on the bus.
struct Stage {
    husting: Instance,
    senders: Vec<Door>,
    readers: Vec<(String, Door)>,
    peer: Door,
}

/// Both sides with all numbers of senders, in turns; then the waiting reader.
pub async fn measure(husting: &Path, python: &Path) -> anyhow::Result<Figure> {
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let peer = Peer::start(
        Command::new(python)
            .arg(PEER)
            .arg(folder.path().join("rows.db")),
    )?;
    let stage = Stage::set(husting, home.path(), Door::of_peer(peer.address)).await?;
    let mut measured: Vec<Measured> = SENDERS
        .into_iter()
        .flat_map(|(senders, goal)| {
            [Side::Peer, Side::Husting].map(|side| Measured {
                side,
                senders,
                goal,
                spells: Vec::new(),
            })
        })
        .collect();
    // What is opened at a first call is not counted.
    stage.spell(Side::Peer, MOST).await?;
    stage.spell(Side::Husting, MOST).await?;
    for _ in 0..REPETITIONS {
        for one in &mut measured {
            one.spells.push(stage.spell(one.side, one.senders).await?);
        }
        stage.empty().await?;
    }
    let mut delays = Vec::new();
    for _ in 0..REPETITIONS {
        delays.push(stage.deliveries().await?);
    }
    stage.husting.stop()?;
    let mut series: Vec<Series> = measured.iter().flat_map(Measured::series).collect();
    series.extend(delivered(&delays));
    Ok(Figure::new("bus", series))
}

impl Stage {
    async fn set(husting: &Path, home: &Path, peer: Door) -> anyhow::Result<Self> {
        let husting = Instance::start(husting, home).await?;
        let mut senders = Vec::new();
        for at in 0..MOST {
            senders.push(Door::of_agent(&husting, &format!("sender-{at}")).await?);
        }
        let mut readers = Vec::new();
        for at in 0..READERS {
            let name = format!("reader-{at}");
            let door = Door::of_agent(&husting, &name).await?;
            readers.push((name, door));
        }
        Ok(Self {
            husting,
            senders,
            readers,
            peer,
        })
    }

    /// So many write for a while.
    async fn spell(&self, side: Side, senders: usize) -> anyhow::Result<Spell> {
        let before = self.husting.tree()?.cpu_ms;
        let until = Instant::now() + SPELL;
        let writing = (0..senders).map(|at| {
            let door = match side {
                Side::Peer => self.peer.clone(),
                Side::Husting => self.senders[at].clone(),
            };
            let request = match side {
                Side::Peer => door.tool("create_deliberation", &json!({"prompt": words()})),
                Side::Husting => {
                    let (reader, _) = &self.readers[at % READERS];
                    door.tool("send", &json!({"to": reader, "text": words()}))
                }
            };
            tokio::spawn(async move { write(&door, &request, until).await })
        });
        let mut acks = Vec::new();
        for one in try_join_all(writing).await? {
            acks.extend(one?);
        }
        let used = self.husting.tree()?.cpu_ms - before;
        let cpu = used / acks.len().max(1) as f64;
        Ok(Spell { acks, cpu })
    }

    /// All readers read all they have.
    async fn empty(&self) -> anyhow::Result<()> {
        let reading = self.readers.iter().map(|(_, door)| read_all(door));
        try_join_all(reading).await?;
        Ok(())
    }

    /// One reader waits, and hears of messages that come at a steady pace: milliseconds from just
    /// before a message is sent until it was read.
    async fn deliveries(&self) -> anyhow::Result<Vec<f64>> {
        let (name, door) = &self.readers[0];
        let begun = Instant::now();
        let reader = tokio::spawn(listen(door.clone(), begun));
        let pacing = (0..PACERS).map(|at| {
            let (door, name) = (self.senders[at].clone(), name.clone());
            tokio::spawn(async move { pace(&door, &name, begun).await })
        });
        for paced in try_join_all(pacing).await? {
            paced?;
        }
        reader.await?
    }
}

/// Writes again as soon as it is acknowledged.
async fn write(door: &Door, request: &[u8], until: Instant) -> anyhow::Result<Vec<f64>> {
    let mut connection = door.connect().await?;
    let mut acks = Vec::new();
    while Instant::now() < until {
        let (took, answer) = connection.ask(request).await?;
        ensure!(
            answer.status == 200
                && !answer
                    .body
                    .windows(14)
                    .any(|part| part == b"\"isError\":true"),
            "a message was not taken: {}",
            String::from_utf8_lossy(&answer.body)
        );
        acks.push(took.as_secs_f64() * 1_000.0);
    }
    Ok(acks)
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

/// Sends its share of the messages, each naming the microsecond at which it was sent.
async fn pace(door: &Door, reader: &str, begun: Instant) -> anyhow::Result<()> {
    let mut connection = door.connect().await?;
    let mut ticks = interval(Duration::from_secs(1) * u32::try_from(PACERS)? / PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..PACED / PACERS {
        ticks.tick().await;
        let at = begun.elapsed().as_micros();
        let letter = json!({"to": reader, "text": format!("{at} {}", words())});
        let (_, answer) = connection.ask(&door.tool("send", &letter)).await?;
        returned(&answer)?;
    }
    Ok(())
}

/// Waits for mail again and again, until all of it was read.
async fn listen(door: Door, begun: Instant) -> anyhow::Result<Vec<f64>> {
    let mut connection = door.connect().await?;
    let request = door.waiting_tool("inbox_wait", &json!({"timeout_seconds": 30, "limit": 100}));
    let mut delays = Vec::with_capacity(PACED);
    while delays.len() < PACED {
        let (_, answer) = connection.ask(&request).await?;
        let now = begun.elapsed().as_secs_f64() * 1_000.0;
        let mail = messages(&answer)?;
        ensure!(!mail.is_empty(), "no message came in thirty seconds");
        for message in mail {
            let sent = message["text"]
                .as_str()
                .and_then(|text| text.split(' ').next());
            let sent: f64 = sent.context("a message says no time")?.parse()?;
            delays.push(now - sent / 1_000.0);
        }
    }
    Ok(delays)
}

fn messages(answer: &crate::loader::Answer) -> anyhow::Result<Vec<Value>> {
    let mail = returned(answer)?;
    let messages = mail["messages"].as_array().cloned();
    messages.with_context(|| format!("this is no mail: {mail}"))
}

fn words() -> String {
    "The order in which facts became known is itself a fact. "
        .chars()
        .cycle()
        .take(LETTERS)
        .collect()
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Peer => "one row a call, Python",
            Self::Husting => "Husting, MCP",
        }
    }
}

impl Measured {
    fn series(&self) -> Vec<Series> {
        let head = |side: Side| {
            let plural = if self.senders == 1 { "" } else { "s" };
            format!("{} sender{plural}: {}", self.senders, side.name())
        };
        let rates = self
            .spells
            .iter()
            .map(|spell| spell.acks.len() as f64 / SPELL.as_secs_f64());
        let rate = Series::new(head(self.side), "/s", rates.collect());
        let mut all = vec![match self.side {
            Side::Peer => rate,
            Side::Husting => rate
                .against(&head(Side::Peer))
                .goal(Goal::AtLeast(self.goal)),
        }];
        for (part, words) in [(0.5, "half of all"), (0.99, "99 of 100")] {
            let values = self.spells.iter().map(|spell| quantile(&spell.acks, part));
            let name = |side| format!("{}, {words}", head(side));
            let series = Series::new(name(self.side), "ms", values.collect());
            all.push(match self.side {
                Side::Peer => series,
                Side::Husting => series.against(&name(Side::Peer)),
            });
        }
        if self.side == Side::Husting {
            let cpu = self.spells.iter().map(|spell| spell.cpu).collect();
            let name = format!("{}, processor time for 1,000", head(self.side));
            all.push(Series::new(name, "s", cpu));
        }
        all
    }
}

fn delivered(delays: &[Vec<f64>]) -> [Series; 2] {
    [(0.5, "half of all", 0.5), (0.99, "99 of 100", 1.5)].map(|(part, words, goal)| {
        let values = delays.iter().map(|delays| quantile(delays, part));
        let name = format!("to a waiting reader at {PACE}/s, {words}");
        Series::new(name, "ms", values.collect()).goal(Goal::AtMost(goal))
    })
}
