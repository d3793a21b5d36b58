//! What an agent is there for, what it runs on, when it ends.

use std::path::PathBuf;

use clap::Args;
use husting_clock::{Clock, SystemClock};
use husting_wire::agents::{ChangeAgent, EditAgent};
use husting_wire::commands::ReviseAgent;

use super::done;
use super::naming::Which;
use crate::commands::files;
use crate::commands::spans::{End, NoEnd};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};

/// What changes; what is left out stays.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("edits").required(true).multiple(true).args(["charter", "model", "expires"])))]
pub struct Edit {
    #[command(flatten)]
    which: Which,
    /// A file that says what it is there for; - is standard input
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// What it runs on, in your own words; of an agent that Husting runs, the model it answers on
    #[arg(long)]
    model: Option<String>,
    /// When it ends by itself: a moment such as 2026-12-31T00:00:00Z, a span such as 7d, or never
    #[arg(long, value_name = "WHEN", value_parser = until)]
    expires: Option<Until>,
}

/// An end, or none.
#[derive(Clone, Copy, Debug)]
struct Until(Option<End>);

fn until(text: &str) -> Result<Until, NoEnd> {
    match text {
        "never" => Ok(Until(None)),
        text => text.parse().map(|end| Until(Some(end))),
    }
}

impl Edit {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let charter = self.charter.as_deref().map(files::document).transpose()?;
        let now = SystemClock.now();
        let change = ChangeAgent {
            charter,
            model: self.model,
            expires_at: self.expires.map(|until| until.0.map(|end| end.moment(now))),
            scopes: None,
        };
        let agent_id = self.which.find(door).await?.id;
        let agent = ask::<ReviseAgent>(door, EditAgent { agent_id, change }).await?;
        done(&agent, json, "is changed, from its next call on")
    }
}
