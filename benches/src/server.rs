//! The server without a window: how soon it answers, and what it takes while nothing happens.

use std::path::Path;
use std::time::Duration;

use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;

use crate::REPETITIONS;
use crate::figures::{Figure, Goal, Series};
use crate::instance::Instance;
use crate::panel::{Manner, Panel, SEATS, seats};
use crate::watcher::Watcher;

/// Sessions in the used folder.
const SESSIONS: usize = 200;
/// Quiet before memory is read, and over which processor time is counted.
const QUIET: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Start {
    ready: f64,
    answered: f64,
    mib: f64,
    processor: f64,
}

/// Starts on a fresh folder and on a used one, in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Figure> {
    let used = tempfile::tempdir()?;
    use_folder(husting, used.path()).await?;
    let (mut of_fresh, mut of_used) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let fresh = tempfile::tempdir()?;
        of_fresh.push(start(husting, fresh.path()).await?);
        of_used.push(start(husting, used.path()).await?);
    }
    let mut series = series("fresh folder", &of_fresh);
    series.extend(self::series(&format!("{SESSIONS} sessions"), &of_used));
    Ok(Figure::new("server", series))
}

async fn start(husting: &Path, home: &Path) -> anyhow::Result<Start> {
    let husting = Instance::start(husting, home).await?;
    tokio::time::sleep(QUIET).await;
    let before = husting.tree()?;
    tokio::time::sleep(QUIET).await;
    let after = husting.tree()?;
    let start = Start {
        ready: husting.ready_after.as_secs_f64() * 1_000.0,
        answered: husting.answered_after.as_secs_f64() * 1_000.0,
        mib: after.mib(),
        processor: (after.cpu_ms - before.cpu_ms) / QUIET.as_secs_f64() / 10.0,
    };
    husting.stop()?;
    Ok(start)
}

fn series(folder: &str, starts: &[Start]) -> Vec<Series> {
    let all = |of: fn(&Start) -> f64| starts.iter().map(of).collect::<Vec<f64>>();
    vec![
        Series::new(
            format!("{folder}: spawn to ready file"),
            "ms",
            all(|start| start.ready),
        ),
        Series::new(
            format!("{folder}: spawn to first answer"),
            "ms",
            all(|start| start.answered),
        )
        .goal(Goal::AtMost(200.0)),
        Series::new(
            format!("{folder}: idle memory (PSS)"),
            "MiB",
            all(|start| start.mib),
        )
        .goal(Goal::AtMost(20.0)),
        Series::new(
            format!("{folder}: idle processor"),
            "%",
            all(|start| start.processor),
        )
        .goal(Goal::AtMost(0.2)),
    ]
}

/// Fills a folder with sessions of eight seats.
async fn use_folder(husting: &Path, home: &Path) -> anyhow::Result<()> {
    let husting = Instance::start(husting, home).await?;
    let panel = Panel::start(&hasty()).await?;
    panel.introduce(&husting).await?;
    let mut watcher = Watcher::open(&husting).await?;
    for number in 1..=SESSIONS {
        let prompt = format!("Question {number}: a table or a log?");
        let asked = Convene {
            prompt,
            models: Some(seats(SEATS)),
            ..Convene::default()
        };
        let accepted = husting.call::<ConveneSession>(asked).await?;
        watcher.until_over(accepted.round_id).await?;
    }
    husting.stop()
}

fn hasty() -> Vec<Manner> {
    let sentence = "The order in which facts became known is itself a fact. ";
    let manner = Manner {
        answer: sentence.repeat(20),
        reaction: None,
        rate: 50_000,
    };
    vec![manner; SEATS]
}
