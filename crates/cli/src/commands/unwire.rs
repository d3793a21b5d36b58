//! An agent's entry taken out of the files that were written for it.

use std::path::PathBuf;

use clap::Args;
use husting_wire::agents::AgentRef;
use husting_wire::commands::{ReadAgent, TakeWiringOut};
use husting_wire::wiring::{UnwireAgent, UnwiredFile};
use serde_json::json;

use super::wiring::{absolute, kept};
use super::{agent, through};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Which agent, and out of which files.
#[derive(Debug, Args)]
pub struct Unwire {
    /// The agent's name or its id; the last one of that name where it was revoked
    agent: String,
    /// A file that was written for it; without one, all of them. What stood there is kept beside it
    file: Option<PathBuf>,
}

impl Unwire {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| self.unwire(door, json).await).await
    }

    async fn unwire(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let found = agent::find_any(door, &self.agent).await?;
        let agent_id = found.id;
        let paths = match &self.file {
            Some(file) => vec![absolute(file)?],
            None => {
                let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
                page.wired.into_iter().map(|file| file.path).collect()
            }
        };
        let mut files = Vec::new();
        for path in paths {
            let done = ask::<TakeWiringOut>(door, UnwireAgent { agent_id, path }).await?;
            // One by one: of those before a refusal it is known that they are done.
            if !json {
                output::text(&said(&done))?;
            }
            files.push(done);
        }
        if json {
            output::json(&json!({ "files": files }))?;
        } else if files.is_empty() {
            let name = &found.agent_name;
            output::text(&format!("No client's file was written for {name}.\n"))?;
        }
        Ok(Exit::Done)
    }
}

fn said(done: &UnwiredFile) -> String {
    if !done.taken_out {
        return format!("Nothing of Husting's was in {} any more.\n", done.path);
    }
    let mut lines = vec![format!("Husting's entry is no longer in {}.", done.path)];
    lines.extend(kept(done.other_servers, done.backup.as_deref()));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use husting_domain::clients::Client;

    use super::*;

    #[test]
    fn what_was_done_is_said_and_what_was_not() {
        let done = UnwiredFile {
            client: Client::Codex,
            path: "/a/config.toml".to_owned(),
            taken_out: true,
            backup: Some("/a/config.toml.before-husting".to_owned()),
            other_servers: 2,
        };
        assert_eq!(
            said(&done),
            "Husting's entry is no longer in /a/config.toml.\n2 other servers in it stayed as they were.\n\
             What stood there before is in /a/config.toml.before-husting, without tokens of Husting's.\n"
        );
        let gone = UnwiredFile {
            taken_out: false,
            ..done
        };
        assert_eq!(
            said(&gone),
            "Nothing of Husting's was in /a/config.toml any more.\n"
        );
    }
}
