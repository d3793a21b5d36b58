//! Recall among 100,000 notes of one agent, beside one that has few.

use std::path::Path;

use anyhow::ensure;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::archive::{RARE, RARE_WORD, remember};
use super::stage::Stage;
use crate::REPETITIONS;
use crate::door::returned;
use crate::figures::{Series, quantile};

/// Notes of each agent, and what its store is called. The fewer are as many as a recall looks at.
const STORES: [(usize, &str); 2] = [(FEW, "500 notes"), (100_000, "100,000 notes")];
const FEW: usize = 10 * RARE;
/// Calls of each kind in one repetition.
const CALLS: usize = 100;
/// Notes of an answer.
const LIMIT: usize = 5;
/// What is looked for, and what it is called. The last would be syntax, were it not data.
const QUERIES: [(&str, &str); 3] = [
    (RARE_WORD, "a word of one note in fifty"),
    ("facts order itself", "words of every note"),
    (
        "\"heliotrope OR NEAR(fact* -text:{^",
        "marks of the search's own syntax",
    ),
];

/// An agent and what it remembers.
struct Served {
    name: &'static str,
    stage: Stage,
    _home: TempDir,
}

/// All queries on both stores, in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Vec<Series>> {
    let mut stores = Vec::new();
    for (notes, name) in STORES {
        stores.push(Served::start(husting, notes, name).await?);
    }
    let pairs = QUERIES
        .into_iter()
        .flat_map(|query| stores.iter().map(move |store| (query, store)));
    let mut measured: Vec<_> = pairs.map(|pair| (pair, Vec::new())).collect();
    for _ in 0..REPETITIONS {
        for (((query, _), store), delays) in &mut measured {
            delays.push(store.recall(query).await?);
        }
    }
    let all = measured.iter();
    let series = all.flat_map(|(((_, query), store), delays)| series(query, store.name, delays));
    let series = series.collect();
    for store in stores {
        store.stage.husting.stop()?;
    }
    Ok(series)
}

impl Served {
    async fn start(husting: &Path, notes: usize, name: &'static str) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let stage = Stage::set(husting, home.path(), 1).await?;
        let agents = stage.everyone()?;
        let players = stage.closed()?;
        remember(home.path(), &agents[0], notes).await?;
        let stage = Stage::again(husting, home.path(), players).await?;
        stage.until_quiet().await?;
        Ok(Self {
            name,
            stage,
            _home: home,
        })
    }

    /// Milliseconds of each call.
    async fn recall(&self, query: &str) -> anyhow::Result<Vec<f64>> {
        let door = &self.stage.agents[0].door;
        let request = door.tool("recall", &json!({"query": query, "limit": LIMIT}));
        let mut connection = door.connect().await?;
        let mut delays = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let (took, answer) = connection.ask(&request).await?;
            let found = returned(&answer)?;
            let count = found["memories"].as_array().map_or(0, Vec::<Value>::len);
            ensure!(count == LIMIT, "{query} found {count} notes");
            delays.push(took.as_secs_f64() * 1_000.0);
        }
        Ok(delays)
    }
}

fn series(query: &str, store: &str, delays: &[Vec<f64>]) -> [Series; 2] {
    [(0.5, "half of all"), (0.99, "99 of 100")].map(|(part, words)| {
        let name = |store: &str| format!("recall of {query}, {store}: {words}");
        let values = delays.iter().map(|delays| quantile(delays, part));
        let series = Series::new(name(store), "ms", values.collect());
        let (_, few) = STORES[0];
        if store == few {
            series
        } else {
            series.against(&name(few))
        }
    })
}
