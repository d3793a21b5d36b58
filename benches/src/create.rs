//! How soon a deliberation is acknowledged: its session, round, calls and holds are on disk then.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::REPETITIONS;
use crate::door::{Door, returned, text};
use crate::figures::{Figure, Series, quantile};
use crate::instance::Instance;
use crate::loader::Connection;
use crate::peer::Peer;

/// How many ask at the same moment, each with a key of its own.
const CALLERS: [usize; 2] = [1, MOST];
const MOST: usize = 8;
/// Acknowledgements of one repetition.
const CALLS: usize = 120;
/// The peer: the official library, and one row a call.
const PEER: &str = "benches/peer/one_row.py";

/// By which way a deliberation is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Peer,
    Mcp,
    Rest,
}

const WAYS: [Way; 3] = [Way::Peer, Way::Mcp, Way::Rest];

/// What was measured by one way with so many callers: milliseconds of each call, by repetition.
struct Measured {
    callers: usize,
    way: Way,
    delays: Vec<Vec<f64>>,
}

/// All ways with all numbers of callers, in turns.
pub async fn measure(husting: &Path, python: &Path) -> anyhow::Result<Figure> {
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let husting = Instance::start(husting, home.path()).await?;
    let database = folder.path().join("rows.db");
    let peer = Peer::start(Command::new(python).arg(PEER).arg(database))?;
    let theirs = vec![Door::of_peer(peer.address); MOST];
    let mut ours = Vec::new();
    for at in 0..MOST {
        ours.push(Door::of(&husting, &format!("caller {at}")).await?);
    }
    let doors = |way, callers| match way {
        Way::Peer => &theirs[..callers],
        Way::Mcp | Way::Rest => &ours[..callers],
    };
    // What is opened or read at a first call is not counted.
    for way in WAYS {
        acknowledged(doors(way, MOST), way, MOST, "first").await?;
    }
    let mut measured: Vec<Measured> = CALLERS
        .into_iter()
        .flat_map(|callers| WAYS.map(|way| Measured::none(callers, way)))
        .collect();
    for repetition in 0..REPETITIONS {
        for Measured {
            callers,
            way,
            delays,
        } in &mut measured
        {
            let name = format!("{repetition}-{callers}-{}", way.name());
            delays.push(acknowledged(doors(*way, *callers), *way, CALLS, &name).await?);
        }
    }
    husting.stop()?;
    let series = measured.iter().flat_map(Measured::series);
    Ok(Figure::new("create", series.collect()))
}

/// All callers ask at the same moment, and again once all their rounds are over, until so many calls
/// were made.
async fn acknowledged(
    doors: &[Door],
    way: Way,
    calls: usize,
    name: &str,
) -> anyhow::Result<Vec<f64>> {
    let callers = doors.iter().map(Caller::at);
    let mut callers = try_join_all(callers).await?;
    let mut delays = Vec::with_capacity(calls);
    for turn in 0..calls / doors.len() {
        let asked = callers
            .iter_mut()
            .enumerate()
            .map(|(at, caller)| caller.ask(way, format!("{name}-{turn}-{at}")));
        let acks = try_join_all(asked).await?;
        delays.extend(acks.iter().map(|(delay, _)| delay));
        if way != Way::Peer {
            let over = callers
                .iter_mut()
                .zip(&acks)
                .map(|(caller, (_, ack))| caller.until_over(ack));
            try_join_all(over).await?;
        }
    }
    Ok(delays)
}

/// Whoever asks.
struct Caller<'a> {
    door: &'a Door,
    connection: Connection,
}

impl<'a> Caller<'a> {
    async fn at(door: &'a Door) -> anyhow::Result<Self> {
        let connection = door.connect().await?;
        Ok(Self { door, connection })
    }

    /// Asks for a deliberation; returns milliseconds and acknowledgement.
    async fn ask(&mut self, way: Way, name: String) -> anyhow::Result<(f64, Value)> {
        // Words that nobody used before: the same again would get the same acknowledgement.
        let asked = json!({"prompt": format!("A table or a log? ({name})")});
        let request = match way {
            Way::Peer | Way::Mcp => self.door.tool("create_deliberation", &asked),
            Way::Rest => self.door.post("/api/deliberation", &asked),
        };
        let (took, answer) = self.connection.ask(&request).await?;
        let ack = match way {
            Way::Peer | Way::Mcp => returned(&answer)?,
            Way::Rest => answer.json()?,
        };
        Ok((took.as_secs_f64() * 1_000.0, ack))
    }

    async fn until_over(&mut self, ack: &Value) -> anyhow::Result<()> {
        let round = json!({
            "session_id": text(ack, "session_id")?,
            "round_id": text(ack, "round_id")?,
            "timeout_seconds": 60,
        });
        let request = self.door.waiting_tool("wait_for_round", &round);
        let (_, answer) = self.connection.ask(&request).await?;
        let state = returned(&answer)?;
        ensure!(
            state["round_status"] == "complete",
            "a round ended so: {state}"
        );
        Ok(())
    }
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Peer => "one row a call, Python",
            Self::Mcp => "Husting, MCP",
            Self::Rest => "Husting, REST",
        }
    }
}

impl Measured {
    const fn none(callers: usize, way: Way) -> Self {
        Self {
            callers,
            way,
            delays: Vec::new(),
        }
    }

    fn series(&self) -> [Series; 2] {
        [(0.5, "half of all"), (0.99, "99 of 100")].map(|(part, words)| {
            let values = self.delays.iter().map(|delays| quantile(delays, part));
            let name = |way: Way| {
                let callers = if self.callers == 1 {
                    "caller"
                } else {
                    "callers"
                };
                format!("{} {callers}: {}, {words}", self.callers, way.name())
            };
            let series = Series::new(name(self.way), "ms", values.collect());
            match self.way {
                Way::Peer => series,
                Way::Mcp | Way::Rest => series.against(&name(Way::Peer)),
            }
        })
    }
}
