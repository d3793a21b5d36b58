//! How much was said when.

use clap::Args;
use husting_clock::{Clock, SystemClock};
use husting_domain::time::Timestamp;
use husting_wire::bus::messages::{CountMessages, MessageHistogram};
use husting_wire::commands::DrawMessages;
use serde_json::json;

use crate::commands::numbers;
use crate::commands::spans::{Span, Start};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::moment;

/// Characters of the longest bar.
const LONGEST: u32 = 40;

/// Which stretch of time.
#[derive(Debug, Args)]
pub struct Histogram {
    /// From a moment on, or since so long ago: 2026-11-20T14:00:00Z or 90s, 10m, 2h, 7d
    #[arg(long, value_name = "WHEN", default_value = "1h")]
    since: Start,
    /// To a moment, or so long ago; now when left out
    #[arg(long, value_name = "WHEN")]
    until: Option<Start>,
    /// In how many parts of equal length, 1 to 240
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = numbers::between(1, 240))]
    bins: u32,
}

impl Histogram {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let now = SystemClock.now();
        let asked = CountMessages {
            since: self.since.moment(now),
            until: self.until.unwrap_or(Start::Ago(Span(0))).moment(now),
            bins: self.bins,
        };
        let histogram = ask::<DrawMessages>(door, asked).await?;
        output::answer(
            &json!({
                "since": asked.since, "until": asked.until, "counts": histogram.counts,
            }),
            json,
            &drawn(asked, &histogram),
        )
    }
}

/// A line for each part: when it begins, how many, a bar.
fn drawn(asked: CountMessages, histogram: &MessageHistogram) -> String {
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    let figures = most.to_string().len();
    let span = asked.until.as_micros() - asked.since.as_micros();
    let begins = |part: usize| {
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        let share = span / i64::from(asked.bins);
        Timestamp::from_micros(asked.since.as_micros() + share * part)
    };
    let lines = histogram.counts.iter().enumerate().map(|(part, count)| {
        let bar =
            "▇".repeat((u64::from(*count) * u64::from(LONGEST)).div_ceil(u64::from(most)) as usize);
        let line = format!("{}  {count:>figures$}  {bar}", moment(begins(part)));
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}
