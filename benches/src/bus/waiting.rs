//! Readers that wait: how soon they have what is sent to them, and what many of them take of memory.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::stage::{Stage, messages};
use super::words;
use crate::REPETITIONS;
use crate::door::{Door, returned};
use crate::figures::{Goal, Series, quantile};

/// Messages a second to a waiting reader, and how many in one repetition.
const PACE: u32 = 800;
const PACED: usize = 1_600;
/// Connections that keep that pace.
const PACERS: usize = 4;
/// Agents that wait at the same time.
const WAITING: usize = 100;
/// For how long they wait, in seconds, and when memory is read meanwhile.
const WAIT: u32 = 3;
const MIDDLE: Duration = Duration::from_secs(2);

/// A reader at a steady pace, then many who wait for nothing.
pub async fn measure(husting: &Path) -> anyhow::Result<Vec<Series>> {
    let home = tempfile::tempdir()?;
    let stage = Stage::set(husting, home.path(), WAITING).await?;
    let mut memory = Vec::new();
    for _ in 0..REPETITIONS {
        memory.push(memory_of_waiting(&stage).await?);
    }
    let mut delays = Vec::new();
    for _ in 0..REPETITIONS {
        delays.push(deliveries(&stage).await?);
    }
    stage.husting.stop()?;
    let memory = Series::new(
        format!("{WAITING} agents wait: memory (PSS)"),
        "MiB",
        memory,
    );
    let mut series: Vec<Series> = delivered(&delays).into();
    series.push(memory.goal(Goal::AtMost(30.0)));
    Ok(series)
}

/// MiB while all agents wait for mail.
async fn memory_of_waiting(stage: &Stage) -> anyhow::Result<f64> {
    let waiting: Vec<_> = stage
        .agents
        .iter()
        .map(|agent| tokio::spawn(wait(agent.door.clone())))
        .collect();
    tokio::time::sleep(MIDDLE).await;
    let memory = stage.husting.tree()?.mib();
    let all_wait = !waiting.iter().any(JoinHandle::is_finished);
    ensure!(all_wait, "a wait ended before its time");
    for one in try_join_all(waiting).await? {
        one?;
    }
    Ok(memory)
}

async fn wait(door: Door) -> anyhow::Result<()> {
    let request = door.waiting_tool("inbox_wait", &json!({"timeout_seconds": WAIT}));
    let (_, answer) = door.connect().await?.ask(&request).await?;
    ensure!(messages(&answer)?.is_empty(), "nobody wrote, and mail came");
    Ok(())
}

/// One reader waits, and hears of messages that come at a steady pace: milliseconds from just
/// before a message is sent until it was read.
async fn deliveries(stage: &Stage) -> anyhow::Result<Vec<f64>> {
    let (reader, senders) = stage.agents.split_first().context("nobody is there")?;
    let begun = Instant::now();
    let listening = tokio::spawn(listen(reader.door.clone(), begun));
    let pacing = senders.iter().take(PACERS).map(|sender| {
        let (door, name) = (sender.door.clone(), reader.name.clone());
        tokio::spawn(async move { pace(&door, &name, begun).await })
    });
    for paced in try_join_all(pacing).await? {
        paced?;
    }
    listening.await?
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

fn delivered(delays: &[Vec<f64>]) -> [Series; 2] {
    [(0.5, "half of all", 0.5), (0.99, "99 of 100", 1.5)].map(|(part, words, goal)| {
        let values = delays.iter().map(|delays| quantile(delays, part));
        let name = format!("to a waiting reader at {PACE}/s, {words}");
        Series::new(name, "ms", values.collect()).goal(Goal::AtMost(goal))
    })
}
