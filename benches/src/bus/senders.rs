//! Many who write at once, each again as soon as it is acknowledged; beside what else puts a message
//! on disk before it answers.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::future::try_join_all;
use serde_json::json;

use super::stage::Stage;
use super::words;
use crate::REPETITIONS;
use crate::bare;
use crate::door::Door;
use crate::figures::{Goal, Series, quantile};
use crate::loader::Answer;
use crate::peer::Peer;
use crate::redis::{self, Redis};

/// How many write at once, each with a token and a connection of its own.
const SENDERS: [Senders; 3] = [
    Senders {
        count: 1,
        rate: 2_500.0,
        cpu: None,
    },
    Senders {
        count: 8,
        rate: 8_000.0,
        cpu: Some(0.07),
    },
    Senders {
        count: MOST,
        rate: 15_000.0,
        cpu: Some(0.045),
    },
];
const MOST: usize = 64;
/// Messages are spread to as many, so that no inbox is full; they read when it is over.
const READERS: usize = 64;
/// How long they write in one repetition.
const SPELL: Duration = Duration::from_secs(2);
/// When memory is read meanwhile.
const MIDDLE: Duration = Duration::from_millis(1_500);
/// The official library, and one row a call.
const LIBRARY: &str = "benches/peer/one_row.py";

const SIDES: [Side; 4] = [Side::Library, Side::BareRow, Side::Redis, Side::Husting];

/// So many, and what they must reach.
#[derive(Clone, Copy)]
struct Senders {
    count: usize,
    /// In a second.
    rate: f64,
    /// Processor seconds for a thousand.
    cpu: Option<f64>,
}

/// What writing for one spell gave.
pub struct Spell {
    /// Milliseconds of each acknowledgement.
    pub acks: Vec<f64>,
    /// Processor seconds of Husting for a thousand.
    cpu: f64,
    /// Of that, on the threads of SQLite, in hundredths.
    sqlite: f64,
    /// MiB of Husting while they wrote.
    memory: f64,
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Library,
    BareRow,
    Redis,
    Husting,
}

/// What was measured of one side with so many senders, by repetition.
struct Measured {
    side: Side,
    senders: Senders,
    spells: Vec<Spell>,
}

/// All sides.
struct Sides {
    stage: Stage,
    library: Peer,
    bare: Peer,
    redis: Redis,
}

/// All sides with all numbers of senders, in turns.
pub async fn measure(husting: &Path, python: &Path, redis: &Path) -> anyhow::Result<Vec<Series>> {
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let rows = |name: &str| folder.path().join(name);
    let mut library = Command::new(python);
    library.arg(LIBRARY).arg(rows("library.db"));
    let mut bare = Command::new(std::env::current_exe()?);
    bare.arg("bare").arg("--rows").arg(rows("bare.db"));
    let sides = Sides {
        stage: Stage::set(husting, home.path(), MOST + READERS).await?,
        library: Peer::start(&mut library)?,
        bare: Peer::start(&mut bare)?,
        redis: Redis::start(redis).await?,
    };
    let mut measured: Vec<Measured> = SENDERS
        .into_iter()
        .flat_map(|senders| {
            SIDES.map(|side| Measured {
                side,
                senders,
                spells: Vec::new(),
            })
        })
        .collect();
    // What is opened at a first call is not counted.
    for side in SIDES {
        sides.spell(side, MOST).await?;
    }
    for _ in 0..REPETITIONS {
        for one in &mut measured {
            let spell = sides.spell(one.side, one.senders.count).await?;
            one.spells.push(spell);
        }
        sides.stage.empty(MOST).await?;
    }
    sides.stage.husting.stop()?;
    Ok(measured.iter().flat_map(Measured::series).collect())
}

/// So many agents of the stage write to the second half of all.
pub async fn spell(stage: &Stage, senders: usize) -> anyhow::Result<Spell> {
    let (_, readers) = stage.agents.split_at(stage.agents.len() / 2);
    let writers = (0..senders).map(|at| {
        let door = stage.agents[at].door.clone();
        let letter = json!({"to": readers[at % readers.len()].name, "text": words()});
        let request = door.tool("send", &letter);
        ask_again(door, request)
    });
    timed(stage, writers.collect()).await
}

/// Runs the writers, and looks at Husting meanwhile.
async fn timed<W>(stage: &Stage, writers: Vec<W>) -> anyhow::Result<Spell>
where
    W: Future<Output = anyhow::Result<Vec<f64>>> + Send + 'static,
{
    let before = stage.husting.tree()?;
    let writing: Vec<_> = writers.into_iter().map(tokio::spawn).collect();
    tokio::time::sleep(MIDDLE).await;
    let memory = stage.husting.tree()?.mib();
    let mut acks = Vec::new();
    for one in try_join_all(writing).await? {
        acks.extend(one?);
    }
    let after = stage.husting.tree()?;
    let used = after.cpu_ms - before.cpu_ms;
    Ok(Spell {
        cpu: used / acks.len().max(1) as f64,
        sqlite: (after.sqlite_ms - before.sqlite_ms) / used.max(f64::MIN_POSITIVE) * 100.0,
        acks,
        memory,
    })
}

impl Sides {
    /// So many write for a while.
    async fn spell(&self, side: Side, senders: usize) -> anyhow::Result<Spell> {
        let again = |door: Door, request: Vec<u8>| {
            let writers = (0..senders).map(|_| ask_again(door.clone(), request.clone()));
            writers.collect()
        };
        match side {
            Side::Husting => spell(&self.stage, senders).await,
            Side::Library => {
                let door = Door::of_peer(self.library.address);
                let request = door.tool("create_deliberation", &json!({"prompt": words()}));
                timed(&self.stage, again(door, request)).await
            }
            Side::BareRow => {
                let door = Door::of_peer(self.bare.address);
                let request = door.post(bare::ROWS, &json!({"text": words()}));
                timed(&self.stage, again(door, request)).await
            }
            Side::Redis => {
                let mut writers = Vec::with_capacity(senders);
                for at in 0..senders {
                    writers.push(add_again(self.redis.connect().await?, at));
                }
                timed(&self.stage, writers).await
            }
        }
    }
}

/// Writes again as soon as it is acknowledged.
async fn ask_again(door: Door, request: Vec<u8>) -> anyhow::Result<Vec<f64>> {
    let mut connection = door.connect().await?;
    let mut acks = Vec::new();
    let until = Instant::now() + SPELL;
    while Instant::now() < until {
        let (took, answer) = connection.ask(&request).await?;
        ensure!(
            is_taken(&answer),
            "a message was not taken: {}",
            String::from_utf8_lossy(&answer.body)
        );
        acks.push(took.as_secs_f64() * 1_000.0);
    }
    Ok(acks)
}

fn is_taken(answer: &Answer) -> bool {
    const REFUSED: &[u8] = b"\"isError\":true";
    answer.status == 200
        && !answer
            .body
            .windows(REFUSED.len())
            .any(|part| part == REFUSED)
}

async fn add_again(
    mut connection: ::redis::aio::MultiplexedConnection,
    mailbox: usize,
) -> anyhow::Result<Vec<f64>> {
    let (mailbox, text) = (format!("mail-{mailbox}"), words());
    let mut acks = Vec::new();
    let until = Instant::now() + SPELL;
    while Instant::now() < until {
        let begun = Instant::now();
        redis::add(&mut connection, &mailbox, &text).await?;
        acks.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(acks)
}

impl Spell {
    /// Messages in a second.
    fn rate(&self) -> f64 {
        self.acks.len() as f64 / SPELL.as_secs_f64()
    }
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Library => "one row a call, Python",
            Self::BareRow => "one row a commit, bare HTTP",
            Self::Redis => "Redis, appendfsync always",
            Self::Husting => "Husting, MCP",
        }
    }
}

impl Measured {
    fn series(&self) -> Vec<Series> {
        let rate = self.of("", "/s", Spell::rate);
        let mut all = vec![match self.side {
            Side::Husting => rate.goal(Goal::AtLeast(self.senders.rate)),
            _ => rate,
        }];
        all.push(self.of(", half of all", "ms", |spell| quantile(&spell.acks, 0.5)));
        all.push(self.of(", 99 of 100", "ms", |spell| quantile(&spell.acks, 0.99)));
        if self.side == Side::Husting {
            let cpu = self.of(", processor time for 1,000", "s", |spell| spell.cpu);
            all.push(match self.senders.cpu {
                Some(goal) => cpu.goal(Goal::AtMost(goal)),
                None => cpu,
            });
            all.push(self.of(", of it on SQLite's threads", "%", |spell| spell.sqlite));
        }
        if self.side == Side::Husting && self.senders.count == MOST {
            let memory = self.of(", memory (PSS)", "MiB", |spell| spell.memory);
            all.push(memory.goal(Goal::AtMost(35.0)));
        }
        all
    }

    /// A quantity of all spells; where both sides have it, Husting's beside the library's.
    fn of(&self, words: &str, unit: &str, of: fn(&Spell) -> f64) -> Series {
        let name = |side: Side| {
            let Senders { count, .. } = self.senders;
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} sender{plural}: {}{words}", side.name())
        };
        let values = self.spells.iter().map(of).collect();
        let series = Series::new(name(self.side), unit, values);
        match self.side {
            Side::Library => series,
            _ => series.against(&name(Side::Library)),
        }
    }
}
