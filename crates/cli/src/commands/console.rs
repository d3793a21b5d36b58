//! The browser console of a running instance.

use clap::Subcommand;
use serde_json::json;

use crate::door::RemoteDoor;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// The browser console of a running instance
#[derive(Debug, Subcommand)]
pub enum Console {
    /// Print a link that logs one browser in, once, within ten minutes
    Link,
}

impl Console {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let Self::Link = self;
        let Some(instance) = RemoteDoor::find(&invocation.home).await? else {
            return Err(Failure::NotRunning(invocation.home.path().to_owned()));
        };
        let link = instance.console_link().await?;
        output::answer(
            &json!({ "link": link }),
            invocation.json,
            &format!("{link}\n"),
        )
    }
}
