//! What `husting serve` with the bridge takes of memory, before and after many messages.

use std::path::Path;
use std::time::Duration;

use super::scene::{Scene, Way};
use crate::REPETITIONS;
use crate::figures::Series;

/// Quiet before memory is read.
const QUIET: Duration = Duration::from_secs(3);

/// A server of its own for each repetition.
pub async fn measure(husting: &Path, count: usize) -> anyhow::Result<Vec<Series>> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let mut scene = Scene::set(husting, Way::Inside).await?;
        before.push(memory_of(&scene).await?);
        for _ in 0..count {
            let letter = scene.asked().await?;
            scene.delivered(letter).await?;
        }
        after.push(memory_of(&scene).await?);
        scene.end()?;
    }
    let name = "husting serve with the bridge: memory (PSS)";
    let (at_first, then) = (
        format!("{name} before any message"),
        format!("{name} after {count} questions and their replies"),
    );
    Ok(vec![
        Series::new(&at_first, "MiB", before),
        Series::new(then, "MiB", after).against(&at_first),
    ])
}

async fn memory_of(scene: &Scene) -> anyhow::Result<f64> {
    tokio::time::sleep(QUIET).await;
    Ok(scene.husting.tree()?.mib())
}
