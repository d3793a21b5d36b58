//! Replies on their way to Discord: the bridge inside the server, the same bridge as a program of its
//! own over MCP, and a poller, each beside a bus and a fake Discord of its own; then what the server
//! with the bridge takes of memory.

mod memory;
mod poller;
mod scene;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use futures::future::try_join_all;

use self::scene::{Scene, Way};
use crate::REPETITIONS;
use crate::figures::{Figure, Series, quantile};

/// What the others stand beside.
const OURS: &str = "the bridge in husting serve";
/// Which parts of all replies are told.
const PARTS: [(&str, f64); 2] = [("p50", 0.5), ("p99", 0.99)];

/// How much is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Amounts {
    /// Replies in one repetition, one after the other; the poller has a tenth of them.
    #[arg(long, default_value_t = 100)]
    replies: usize,
    /// Seconds between two polls of the poller; 15 is what the public page's connector has.
    #[arg(long, default_value_t = 15)]
    poll_seconds: u32,
    /// Questions, and replies to them, between two looks at memory.
    #[arg(long, default_value_t = 1_000)]
    messages: usize,
}

impl Amounts {
    fn polled(self) -> usize {
        (self.replies / 10).max(1)
    }
}

/// All of it, the three ways in turns.
pub async fn measure(husting: &Path, amounts: Amounts) -> anyhow::Result<Figure> {
    let interval = Duration::from_secs(amounts.poll_seconds.into());
    let mut inside = Scene::set(husting, Way::Inside).await?;
    let mut beside = Scene::set(husting, Way::Beside).await?;
    let polling = Scene::set(husting, Way::Polling(interval)).await?;
    let (mut of_inside, mut of_beside, mut of_polling) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        of_polling.push(polled(&polling, amounts.polled(), interval).await?);
        of_inside.push(one_by_one(&mut inside, amounts.replies).await?);
        of_beside.push(one_by_one(&mut beside, amounts.replies).await?);
    }
    for scene in [inside, beside, polling] {
        scene.end()?;
    }
    let ways = [
        (
            "husting discord over MCP".to_owned(),
            amounts.replies,
            of_beside,
        ),
        (
            format!("polling every {interval:?}"),
            amounts.polled(),
            of_polling,
        ),
    ];
    let mut series = delays(OURS, amounts.replies, &of_inside);
    for (way, replies, repetitions) in ways {
        for (other, part) in delays(&way, replies, &repetitions).into_iter().zip(PARTS) {
            series.push(other.against(&named(OURS, part.0, amounts.replies)));
        }
    }
    series.extend(memory::measure(husting, amounts.messages).await?);
    Ok(Figure::new("discord", series))
}

/// Milliseconds of each reply; the next one is sent when the last one stands in Discord.
async fn one_by_one(scene: &mut Scene, replies: usize) -> anyhow::Result<Vec<f64>> {
    let mut delays = Vec::with_capacity(replies);
    for _ in 0..replies {
        let letter = scene.asked().await?;
        delays.push(scene.delivered(letter).await?);
    }
    Ok(delays)
}

/// The same of replies that come evenly over one interval, whenever the polls are.
async fn polled(scene: &Scene, replies: usize, interval: Duration) -> anyhow::Result<Vec<f64>> {
    let apart = interval / u32::try_from(replies).context("so many are not polled")?;
    let replies = (0..u32::try_from(replies)?).map(|number| async move {
        tokio::time::sleep(apart * number).await;
        scene.delivered(scene.unasked()).await
    });
    try_join_all(replies).await
}

fn named(way: &str, part: &str, replies: usize) -> String {
    format!("{way}: send to accepted, {part} of {replies}")
}

fn delays(way: &str, replies: usize, repetitions: &[Vec<f64>]) -> Vec<Series> {
    let series = PARTS.map(|(name, part)| {
        let values = repetitions.iter().map(|delays| quantile(delays, part));
        Series::new(named(way, name, replies), "ms", values.collect())
    });
    series.into()
}
