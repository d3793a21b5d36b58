//! How long a round takes over what its slowest seats take: all seats at once, in two phases.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use husting_domain::rounds::RoundStatus;
use husting_test_support::Phase;
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;

use crate::REPETITIONS;
use crate::figures::{Figure, Goal, Series, median};
use crate::instance::Instance;
use crate::panel::{Call, Manner, Panel, SEATS, seats};
use crate::watcher::Watcher;

/// Panels measured.
const PANELS: [usize; 2] = [3, SEATS];
/// Pieces a second of the slowest seat; every next one is this much faster.
const RATE: u32 = 120;
const FASTER: u32 = 12;
/// Bytes of an answer, four to a piece: two seconds at the slowest.
const ANSWER: usize = 960;

/// One round, in milliseconds.
struct Round {
    slowest: f64,
    in_turns: f64,
    whole: f64,
}

/// Rounds of each panel in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Figure> {
    let home = tempfile::tempdir()?;
    let husting = Instance::start(husting, home.path()).await?;
    let panel = Panel::start(&manners()).await?;
    panel.introduce(&husting).await?;
    let mut watcher = Watcher::open(&husting).await?;
    // The first round opens the connections; it is not counted.
    round(&husting, &panel, &mut watcher, SEATS).await?;
    let mut rounds: [Vec<Round>; PANELS.len()] = Default::default();
    for _ in 0..REPETITIONS {
        for (kept, count) in rounds.iter_mut().zip(PANELS) {
            kept.push(round(&husting, &panel, &mut watcher, count).await?);
        }
    }
    husting.stop()?;
    let series = PANELS
        .into_iter()
        .zip(&rounds)
        .flat_map(|(count, rounds)| series(count, rounds));
    Ok(Figure::new("rounds", series.collect()))
}

async fn round(
    husting: &Instance,
    panel: &Panel,
    watcher: &mut Watcher,
    count: usize,
) -> anyhow::Result<Round> {
    let asked = Convene {
        prompt: "Should an event store be a table or a log?".to_owned(),
        models: Some(seats(count)),
        ..Convene::default()
    };
    let begun = Instant::now();
    let accepted = husting.call::<ConveneSession>(asked).await?;
    let watched = watcher.until_over(accepted.round_id).await?;
    ensure!(
        watched.round.status == RoundStatus::Complete,
        "the round ended as {:?}",
        watched.round.status
    );
    let calls = panel.calls_since(begun);
    ensure!(
        calls.len() == 2 * count,
        "{} calls were made for {count} seats",
        calls.len()
    );
    let slowest = slowest(&calls, Phase::Respond)? + slowest(&calls, Phase::React)?;
    Ok(Round {
        slowest: millis(slowest),
        in_turns: millis(calls.iter().map(Call::lasted).sum()),
        whole: millis(watched.ended - begun),
    })
}

fn slowest(calls: &[Call], phase: Phase) -> anyhow::Result<Duration> {
    let of_phase = calls.iter().filter(|call| call.phase == phase);
    of_phase
        .map(Call::lasted)
        .max()
        .context("a phase had no call")
}

fn series(count: usize, rounds: &[Round]) -> Vec<Series> {
    let all = |of: fn(&Round) -> f64| rounds.iter().map(of).collect::<Vec<f64>>();
    let (slowest, in_turns) = (
        format!("{count} seats: slowest answer + slowest reaction"),
        format!("{count} seats: all calls one after the other"),
    );
    let allowed = 50.0 + 0.01 * median(&all(|round| round.slowest));
    vec![
        Series::new(&slowest, "ms", all(|round| round.slowest)),
        Series::new(&in_turns, "ms", all(|round| round.in_turns)),
        Series::new(
            format!("{count} seats: the round, over the slowest"),
            "ms",
            all(|round| round.whole),
        )
        .against(&slowest),
        Series::new(
            format!("{count} seats: the round, over one after the other"),
            "ms",
            all(|round| round.whole),
        )
        .against(&in_turns),
        Series::new(
            format!("{count} seats: Husting's own share"),
            "ms",
            all(|round| round.whole - round.slowest),
        )
        .goal(Goal::AtMost(allowed)),
    ]
}

fn manners() -> Vec<Manner> {
    let sentence = "The order in which facts became known is itself a fact. ";
    let answer: String = sentence.chars().cycle().take(ANSWER).collect();
    let rate = |at: usize| RATE + FASTER * u32::try_from(at).unwrap_or_default();
    (0..SEATS)
        .map(|at| Manner {
            answer: answer.clone(),
            reaction: None,
            rate: rate(at),
        })
        .collect()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
