//! What Husting adds to the first words of a seat: from just before its provider sends them to a
//! client of the event stream, beside a bare client of the same provider.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use futures::StreamExt;
use futures::future::try_join_all;
use husting_domain::models::ModelId;
use husting_test_support::{Phase, Wire};
use husting_wire::commands::ConveneSession;
use husting_wire::sessions::Convene;
use serde_json::json;

use crate::REPETITIONS;
use crate::figures::{Figure, Goal, Series, quantile};
use crate::instance::Instance;
use crate::panel::{Manner, Panel, seat, seats};
use crate::watcher::Watcher;

/// Seats of each round.
const PANEL: usize = 3;
/// Rounds, and bare calls of each seat, in one repetition.
const ROUNDS: usize = 30;
/// Pieces a second of each seat.
const RATE: u32 = 200;
/// How every answer begins: its first piece.
const BEGINNING: &str = "Yes:";

/// Through Husting and bare, in turns.
pub async fn measure(husting: &Path) -> anyhow::Result<Figure> {
    let home = tempfile::tempdir()?;
    let husting = Instance::start(husting, home.path()).await?;
    let panel = Panel::start(&manners()).await?;
    panel.introduce(&husting).await?;
    let mut watcher = Watcher::open(&husting).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    // Both open their connections before anything is counted.
    bare(&http, &panel).await?;
    through(&husting, &panel, &mut watcher).await?;
    let (mut bare_delays, mut our_delays) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            without.extend(bare(&http, &panel).await?);
            with.extend(through(&husting, &panel, &mut watcher).await?);
        }
        bare_delays.push(without);
        our_delays.push(with);
    }
    husting.stop()?;
    Ok(Figure::new("first-text", series(&bare_delays, &our_delays)))
}

fn series(bare: &[Vec<f64>], ours: &[Vec<f64>]) -> Vec<Series> {
    let each = |delays: &[Vec<f64>], part: f64| {
        delays
            .iter()
            .map(|delays| quantile(delays, part))
            .collect::<Vec<f64>>()
    };
    vec![
        Series::new("bare client, half of all", "ms", each(bare, 0.5)),
        Series::new("through Husting, half of all", "ms", each(ours, 0.5))
            .against("bare client, half of all")
            .goal(Goal::AtMost(5.0)),
        Series::new("bare client, 99 of 100", "ms", each(bare, 0.99)),
        Series::new("through Husting, 99 of 100", "ms", each(ours, 0.99))
            .against("bare client, 99 of 100"),
    ]
}

async fn through(
    husting: &Instance,
    panel: &Panel,
    watcher: &mut Watcher,
) -> anyhow::Result<Vec<f64>> {
    let asked = Convene {
        prompt: "A table or a log?".to_owned(),
        models: Some(seats(PANEL)),
        ..Convene::default()
    };
    let begun = Instant::now();
    let accepted = husting.call::<ConveneSession>(asked).await?;
    let watched = watcher.until_over(accepted.round_id).await?;
    watched
        .first_text
        .iter()
        .map(|(model, seen)| delay(panel, model, begun, *seen))
        .collect()
}

async fn bare(http: &reqwest::Client, panel: &Panel) -> anyhow::Result<Vec<f64>> {
    let begun = Instant::now();
    let seen = try_join_all((0..PANEL).map(|at| ask(http, panel, at))).await?;
    seats(PANEL)
        .iter()
        .zip(seen)
        .map(|(model, seen)| delay(panel, model, begun, seen))
        .collect()
}

/// Milliseconds from the provider's sending to `seen`.
fn delay(panel: &Panel, model: &ModelId, begun: Instant, seen: Instant) -> anyhow::Result<f64> {
    let calls = panel.calls_since(begun);
    let call = calls
        .iter()
        .find(|call| call.model == *model && call.phase == Phase::Respond);
    let spoke = call.context("a seat's words came without a call")?.spoke;
    Ok(seen.saturating_duration_since(spoke).as_secs_f64() * 1_000.0)
}

/// Asks a seat as a small client would and reads its answer to the end; returns when the first words came.
async fn ask(http: &reqwest::Client, panel: &Panel, at: usize) -> anyhow::Result<Instant> {
    let (address, wire) = panel.address(at);
    let body = json!({
        "model": seat(at), "stream": true, "max_tokens": 512,
        "messages": [{"role": "user", "content": "A table or a log?"}],
    });
    let call = http.post(address).json(&body);
    let call = match wire {
        // The panel speaks OpenAI's chat wire and Anthropic's.
        Wire::OpenAi | Wire::Responses | Wire::Gemini | Wire::Ollama => {
            call.bearer_auth("a-key-of-no-worth")
        }
        Wire::Anthropic => call
            .header("x-api-key", "a-key-of-no-worth")
            .header("anthropic-version", "2023-06-01"),
    };
    let mut bytes = call.send().await?.error_for_status()?.bytes_stream();
    let (mut text, mut first) = (Vec::new(), None);
    while let Some(piece) = bytes.next().await {
        text.extend_from_slice(&piece?);
        if first.is_none()
            && text
                .windows(BEGINNING.len())
                .any(|part| part == BEGINNING.as_bytes())
        {
            first = Some(Instant::now());
        }
    }
    first.context("an answer had no beginning")
}

fn manners() -> Vec<Manner> {
    let words = Manner {
        answer: format!("{BEGINNING} a log, for the order of facts is a fact. Ask it twice."),
        reaction: Some("{\"snippets\":[]}".to_owned()),
        rate: RATE,
    };
    vec![words; PANEL]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_begins_with_its_first_piece() {
        assert_eq!(BEGINNING.len(), 4, "the fakes send four bytes a piece");
        assert!(
            manners()
                .iter()
                .all(|manner| manner.answer.starts_with(BEGINNING))
        );
    }
}
