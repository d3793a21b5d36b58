//! What passed through the console's bridge, what rests in it and what waits for an answer.

use clap::Args;
use husting_domain::time::Timestamp;
use husting_wire::commands::{FindTraffic, FollowQuestion, ReadDiscord};
use husting_wire::discord::{ListTraffic, TraceQuestion};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;

use super::text;
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;

/// Which page.
#[derive(Debug, Args)]
pub struct Page {
    /// Most messages, 1 to 200
    #[arg(long, default_value_t = 50, value_parser = numbers::between(1, 200))]
    limit: u32,
    /// Older than this moment, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    before: Option<Timestamp>,
    /// Instead: all that goes on only when you do something
    #[arg(long, conflicts_with_all = ["limit", "before"])]
    resting: bool,
    /// Instead: questions that wait for their agent
    #[arg(long, conflicts_with_all = ["limit", "before", "resting"])]
    waiting: bool,
}

impl Page {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        if self.resting {
            let resting = ask::<ReadDiscord>(door, Nothing {}).await?.resting;
            let told: Vec<String> = resting.iter().map(text::traffic).collect();
            return output::answer(&resting, json, &list(&told, "Nothing rests.\n"));
        }
        if self.waiting {
            let waiting = ask::<ReadDiscord>(door, Nothing {}).await?.waiting;
            let told: Vec<String> = waiting.iter().map(text::open).collect();
            return output::answer(
                &waiting,
                json,
                &list(&told, "No question waits for its agent.\n"),
            );
        }
        let asked = ListTraffic {
            before: self.before,
            limit: Some(self.limit),
        };
        let page = ask::<FindTraffic>(door, asked).await?;
        let mut told: Vec<String> = page.traffic.iter().rev().map(text::traffic).collect();
        if told.is_empty() {
            told.push("Nothing passed.\n".to_owned());
        }
        if let Some(next) = page.next {
            told.insert(0, format!("Older ones: --before {next}\n"));
        }
        output::answer(&page, json, &told.join("\n"))
    }
}

fn list(told: &[String], nothing: &str) -> String {
    match told.is_empty() {
        true => nothing.to_owned(),
        false => told.join("\n"),
    }
}

/// The life of whatever is known by an id.
pub(super) async fn followed(door: &dyn Door, id: String, json: bool) -> Result<Exit, Failure> {
    let trace = ask::<FollowQuestion>(door, TraceQuestion { id }).await;
    let trace = trace.map_err(nothing_passed)?;
    let all = std::iter::once(&trace.question).chain(&trace.followed_by);
    let told: Vec<String> = all.map(text::traffic).collect();
    output::answer(&trace, json, &told.join("\n"))
}

fn nothing_passed(fault: Failure) -> Failure {
    match fault {
        Failure::Console(fault) if fault.code == ErrorCode::NotFound => Error::new(
            ErrorCode::NotFound,
            "Nothing passed here by that id; `husting discord traffic` lists what did.",
        )
        .into(),
        fault => fault,
    }
}

/// Why a word is no moment.
#[derive(Debug, thiserror::Error)]
#[error("write a moment such as 2026-11-20T10:00:00Z")]
struct NoMoment;

fn moment(text: &str) -> Result<Timestamp, NoMoment> {
    serde_json::from_value(text.into()).map_err(|_| NoMoment)
}
