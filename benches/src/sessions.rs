//! Lists and reads of sessions, in a store with many and in one with hardly any.

use std::path::Path;

use anyhow::ensure;
use husting_domain::ids::SessionId;
use tempfile::TempDir;

use crate::REPETITIONS;
use crate::archive::fill;
use crate::door::Door;
use crate::figures::{Figure, Goal, Series, quantile};
use crate::instance::Instance;

/// Sessions of each store, and what it is called.
const STORES: [(u32, &str); 3] = [
    (1, "1 session"),
    (PAGE, "200 sessions"),
    (10_000, "10,000 sessions"),
];
/// Rows of the longest page.
const PAGE: u32 = 200;
/// Calls of each kind in one repetition.
const CALLS: usize = 300;
/// Steps from one session that is read to the next; no number of sessions here is a multiple of it.
const STRIDE: usize = 7_919;
/// How much slower a large store may be.
const TIMES: f64 = 2.0;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    List,
    LongList,
    Ready,
    AtWork,
    Session,
}

const READS: [Read; 5] = [
    Read::List,
    Read::LongList,
    Read::Ready,
    Read::AtWork,
    Read::Session,
];

/// A store that is served.
struct Served {
    name: &'static str,
    ids: Vec<SessionId>,
    husting: Instance,
    door: Door,
    _home: TempDir,
}

/// Milliseconds of each call of one kind to one store, by repetition.
struct Measured<'a> {
    read: Read,
    store: &'a Served,
    delays: Vec<Vec<f64>>,
}

/// All kinds on all stores, in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Figure> {
    let mut stores = Vec::new();
    for (sessions, name) in STORES {
        stores.push(Served::start(husting, sessions, name).await?);
    }
    let each = |read| stores.iter().map(move |store| Measured::none(read, store));
    let mut measured: Vec<Measured<'_>> = READS.into_iter().flat_map(each).collect();
    for _ in 0..REPETITIONS {
        for Measured {
            read,
            store,
            delays,
        } in &mut measured
        {
            delays.push(store.ask(*read).await?);
        }
    }
    let series = measured.iter().flat_map(Measured::series).collect();
    for store in stores {
        store.husting.stop()?;
    }
    Ok(Figure::new("sessions", series))
}

impl Served {
    async fn start(husting: &Path, sessions: u32, name: &'static str) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let ids = fill(home.path(), sessions).await?;
        let husting = Instance::start(husting, home.path()).await?;
        let door = Door::of(&husting, "reader").await?;
        let served = Self {
            name,
            ids,
            husting,
            door,
            _home: home,
        };
        served.check(sessions).await?;
        Ok(served)
    }

    /// Whether its lists know all sessions.
    async fn check(&self, sessions: u32) -> anyhow::Result<()> {
        let mut connection = self.door.connect().await?;
        let request = self.door.get(&self.path(Read::Ready, 0), None);
        let list = connection.ask(&request).await?.1.json()?;
        ensure!(list["total"] == sessions, "the list is wrong: {list}");
        Ok(())
    }

    async fn ask(&self, read: Read) -> anyhow::Result<Vec<f64>> {
        let mut connection = self.door.connect().await?;
        let mut delays = Vec::with_capacity(CALLS);
        for turn in 0..CALLS {
            let request = self.door.get(&self.path(read, turn), None);
            let (took, answer) = connection.ask(&request).await?;
            ensure!(answer.status == 200, "it answered {}", answer.status);
            delays.push(took.as_secs_f64() * 1_000.0);
        }
        Ok(delays)
    }

    fn path(&self, read: Read, turn: usize) -> String {
        match read {
            Read::List => "/api/sessions".to_owned(),
            Read::LongList => format!("/api/sessions?limit={PAGE}"),
            Read::Ready => "/api/sessions?status=ready".to_owned(),
            Read::AtWork => "/api/sessions?status=streaming".to_owned(),
            Read::Session => {
                let id = self.ids[turn * STRIDE % self.ids.len()];
                format!("/api/sessions/{id}")
            }
        }
    }
}

impl Read {
    const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::LongList => "list of 200",
            Self::Ready => "list of those that are ready",
            Self::AtWork => "list of those at work",
            Self::Session => "whole session",
        }
    }

    /// The store beside which this is judged: one whose answer is as long.
    const fn base(self) -> &'static str {
        match self {
            Self::LongList => STORES[1].1,
            _ => STORES[0].1,
        }
    }
}

impl<'a> Measured<'a> {
    const fn none(read: Read, store: &'a Served) -> Self {
        Self {
            read,
            store,
            delays: Vec::new(),
        }
    }

    fn series(&self) -> [Series; 2] {
        [(0.5, "half of all"), (0.99, "99 of 100")].map(|(part, words)| {
            let values = self.delays.iter().map(|delays| quantile(delays, part));
            let name = |store: &str| format!("{}, {store}: {words}", self.read.name());
            let series = Series::new(name(self.store.name), "ms", values.collect());
            let is_large = self.store.name == STORES[2].1;
            match (is_large, part < 0.99) {
                (false, _) => series,
                (true, true) => series.against(&name(self.read.base())),
                (true, false) => series
                    .against(&name(self.read.base()))
                    .goal(Goal::Times(TIMES)),
            }
        })
    }
}
