//! An agent's entry taken out of the files that were written for it.

use std::path::PathBuf;

use clap::Args;
use husting_domain::agents::AgentStatus;
use husting_domain::ids::AgentId;
use husting_wire::agents::AgentView;
use husting_wire::commands::TakeWiringOut;
use husting_wire::errors::Error;
use husting_wire::wiring::{UnwireAgent, UnwiredFile};
use serde::Serialize;

use super::confirm::Confirm;
use super::wiring::{absolute, kept};
use super::{agent, through};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Which agent, and out of which files.
#[derive(Debug, Args)]
pub struct Unwire {
    /// The agent's name or its id. By a name the last one that was revoked and has files is meant, before one that lives
    agent: String,
    /// A file that was written for it, or the folder of one; without it, all of them. What stood there is kept beside it
    file: Option<PathBuf>,
    /// Do not ask, where the agent is not revoked and its client is cut off
    #[arg(long)]
    yes: bool,
}

/// What became of an agent's files.
#[derive(Serialize)]
struct Unwired {
    /// Who was meant.
    agent_id: AgentId,
    agent_name: String,
    status: AgentStatus,
    /// Those that were looked through.
    files: Vec<UnwiredFile>,
    /// Those that could not be.
    refused: Vec<RefusedFile>,
}

#[derive(Serialize)]
struct RefusedFile {
    path: String,
    error: Error,
}

impl Unwire {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        through(invocation, async |door| self.unwire(door, invocation).await).await
    }

    async fn unwire(self, door: &dyn Door, invocation: &Invocation) -> Result<Exit, Failure> {
        let page = agent::find_unwired(door, &self.agent).await?;
        let found = page.agent;
        let paths = match &self.file {
            Some(file) => vec![absolute(file)?],
            None => page.wired.into_iter().map(|file| file.path).collect(),
        };
        let lives = found.status != AgentStatus::Revoked;
        if lives && !self.yes && !paths.is_empty() {
            cut_off(&found, invocation)?;
        }
        let mut unwired = Unwired {
            agent_id: found.id,
            agent_name: found.agent_name.clone(),
            status: found.status,
            files: Vec::new(),
            refused: Vec::new(),
        };
        if !invocation.json {
            output::line(&format!("{}:", agent::which(&found)))?;
        }
        let alone = paths.len() == 1;
        for path in paths {
            let asked = UnwireAgent {
                agent_id: found.id,
                path: path.clone(),
                cut_off: lives,
            };
            let said = match ask::<TakeWiringOut>(door, asked).await {
                Ok(done) => {
                    unwired.files.push(done);
                    unwired.files.last().map(said)
                }
                Err(fault) if alone => return Err(fault),
                Err(fault) => {
                    let error = fault.as_error();
                    let said = format!("Nothing was taken out of {path}: {}\n", error.message);
                    unwired.refused.push(RefusedFile { path, error });
                    Some(said)
                }
            };
            // One by one: whatever comes after it, it is known what was done.
            if let Some(said) = said.filter(|_| !invocation.json) {
                output::text(&said)?;
            }
        }
        if invocation.json {
            output::json(&unwired)?;
        } else if unwired.files.is_empty() && unwired.refused.is_empty() {
            output::line("No client's file was written for it.")?;
        }
        Ok(unwired.exit())
    }
}

impl Unwired {
    fn exit(&self) -> Exit {
        match self.refused.first() {
            None => Exit::Done,
            Some(first) if self.files.is_empty() => first.error.code.into(),
            Some(_) => Exit::Partial,
        }
    }
}

/// Asks whether an agent that lives is meant.
fn cut_off(agent: &AgentView, invocation: &Invocation) -> Result<(), Failure> {
    let AgentView { id, agent_name, .. } = agent;
    let asking = Confirm {
        question: &format!(
            "{agent_name} is not revoked. Take its entry out, and so cut its client off?"
        ),
        word: agent_name.as_str(),
        refusal: Some(&format!(
            "{agent_name} ({id}) is not revoked, and its client would be cut off"
        )),
    };
    asking.ask(invocation)
}

fn said(done: &UnwiredFile) -> String {
    let path = &done.path;
    if done.anothers {
        return format!("The entry in {path} is not its own, and stays.\n");
    }
    if !done.taken_out {
        return format!("Nothing of Husting's was in {path} any more.\n");
    }
    let mut lines = vec![format!("Husting's entry is no longer in {path}.")];
    lines.extend(kept(done.other_servers, done.backup.as_deref()));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use husting_domain::clients::Client;
    use husting_wire::errors::ErrorCode;

    use super::*;

    fn done() -> UnwiredFile {
        UnwiredFile {
            client: Client::Codex,
            path: "/a/config.toml".to_owned(),
            taken_out: true,
            anothers: false,
            backup: Some("/a/config.toml.before-husting".to_owned()),
            other_servers: 2,
        }
    }

    #[test]
    fn what_was_done_is_said_and_what_was_not() {
        assert_eq!(
            said(&done()),
            "Husting's entry is no longer in /a/config.toml.\n2 other servers in it stayed as they were.\n\
             What stood there before is in /a/config.toml.before-husting, without tokens of Husting's.\n"
        );
        let gone = UnwiredFile {
            taken_out: false,
            ..done()
        };
        assert_eq!(
            said(&gone),
            "Nothing of Husting's was in /a/config.toml any more.\n"
        );
        let anothers = UnwiredFile {
            anothers: true,
            ..gone
        };
        assert_eq!(
            said(&anothers),
            "The entry in /a/config.toml is not its own, and stays.\n"
        );
    }

    #[test]
    fn what_was_done_in_part_ends_so_and_what_was_not_done_as_its_reason_does() {
        let refused = || RefusedFile {
            path: "/b/config.toml".to_owned(),
            error: Error::new(ErrorCode::ClientFile, "It is read-only."),
        };
        for (files, refused, exit) in [
            (vec![done()], vec![], Exit::Done),
            (vec![], vec![], Exit::Done),
            (vec![done()], vec![refused()], Exit::Partial),
            (vec![], vec![refused(), refused()], Exit::Failed),
        ] {
            let unwired = Unwired {
                agent_id: "0199d1f0-0000-7000-8000-000000000001".parse().unwrap(),
                agent_name: "bruno".to_owned(),
                status: AgentStatus::Revoked,
                files,
                refused,
            };
            assert_eq!(unwired.exit(), exit);
        }
    }
}
