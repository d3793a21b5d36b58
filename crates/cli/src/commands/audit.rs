//! The audit log: read, proved, taken away.

mod case;
mod detail;
mod text;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use husting_domain::audit::Action;
use husting_domain::ids::AgentId;
use husting_wire::agents::AgentView;
use husting_wire::audit::{AuditReport, ExportAudit, ListAudit};
use husting_wire::commands::{AcceptAudit, CheckAudit, Command, FindAudit, WriteAudit};
use husting_wire::settings::Nothing;
use serde_json::json;

use super::confirm::Confirm;
use super::files::new_place;
use super::{agent, through};
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::inert;

/// What was done, in a log that shows every change to it
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prove the log of this data folder, or with a case file that file alone
    Verify {
        /// A file that `husting audit export` wrote, here or on another machine
        file: Option<PathBuf>,
    },
    /// Accept a log that was put back to an older state or sealed with another key, as after `husting restore`; a row of
    /// the log says so
    Accept {
        /// Do not ask; needed by scripts
        #[arg(long)]
        yes: bool,
    },
    /// Write the whole log with its seals to a new file that anybody can prove; no message's words are in it
    Export {
        /// A file that does not exist yet
        file: PathBuf,
        /// Whom the case is about: an agent's name or id
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
    },
    /// Print rows, the newest first
    List(List),
}

/// Which rows.
#[derive(Debug, Args)]
pub struct List {
    /// What this agent did, or what was done to it: its name or its id
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Of these kinds, such as send,revoke [default: all but fetch, with --json all]
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',', value_parser = action)]
    action: Vec<Action>,
    /// What was fetched, too: who waits for mail looks for it several times a minute
    #[arg(long, conflicts_with = "action")]
    fetched: bool,
    /// Only rows with a smaller number
    #[arg(long, value_name = "ROW", value_parser = numbers::whole)]
    before: Option<u64>,
    /// At most this many, 1 to 500
    #[arg(long, value_name = "N", value_parser = numbers::between(1, 500))]
    limit: Option<u32>,
}

/// Why a word is no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("actions are {0}")]
struct NoAction(String);

fn action(word: &str) -> Result<Action, NoAction> {
    let all = || {
        Action::ALL
            .iter()
            .map(|action| action.word())
            .collect::<Vec<_>>()
            .join(", ")
    };
    Action::parse(word.trim()).ok_or_else(|| NoAction(all()))
}

impl Audit {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self {
            Self::Verify { file: Some(file) } => case::verify(&file, invocation).await,
            Self::Verify { file: None } => told::<CheckAudit>(invocation).await,
            Self::Accept { yes } => accept(yes, invocation).await,
            Self::Export { file, agent } => export(file, agent, invocation).await,
            Self::List(list) => {
                through(invocation, async |door| {
                    list.run(door, invocation.json).await
                })
                .await
            }
        }
    }
}

/// Asks for a report, and shows it.
async fn told<C>(invocation: &Invocation) -> Result<Exit, Failure>
where
    C: Command<Request = Nothing, Response = AuditReport>,
{
    let report = through(invocation, async |door| ask::<C>(door, Nothing {}).await).await?;
    shown(&report, invocation)
}

fn shown(report: &AuditReport, invocation: &Invocation) -> Result<Exit, Failure> {
    if invocation.json {
        output::json(report)?;
    } else {
        output::text(&text::report(report))?;
    }
    Ok(exit(report.ok))
}

/// Takes the log as it is, once whoever asks for it was told what is wrong with it.
async fn accept(yes: bool, invocation: &Invocation) -> Result<Exit, Failure> {
    let report = through(invocation, async |door| {
        if !yes {
            confirm(&ask::<CheckAudit>(door, Nothing {}).await?, invocation)?;
        }
        ask::<AcceptAudit>(door, Nothing {}).await
    })
    .await?;
    if !invocation.json {
        output::line(
            "Accepted; a row of the log says so, and why. What was done to it before was not checked, only that it is whole.",
        )?;
    }
    shown(&report, invocation)
}

/// Where nothing is wrong there is nothing to ask, and nothing to accept.
fn confirm(found: &AuditReport, invocation: &Invocation) -> Result<(), Failure> {
    let faults = found.chains.iter().filter_map(|chain| {
        let fault = chain.fault.as_ref()?;
        Some(format!("{}: {fault}.", chain.chain))
    });
    let faults: Vec<String> = faults.collect();
    if faults.is_empty() {
        return Ok(());
    }
    let asking = Confirm {
        question: &format!("{} Accept it as it is, for good?", inert(&faults.join(" "))),
        word: "accept",
        refusal: Some("The log counts as it stands from then on"),
    };
    asking.ask(invocation)
}

/// What is not as it was written is a failure for scripts.
const fn exit(ok: bool) -> Exit {
    if ok { Exit::Done } else { Exit::Failed }
}

async fn export(
    file: PathBuf,
    agent: Option<String>,
    invocation: &Invocation,
) -> Result<Exit, Failure> {
    let path = new_place(&file)?;
    let (written, about) = through(invocation, async |door| {
        let about = match agent {
            Some(name) => Some(About::called(&name, door).await?),
            None => None,
        };
        let agent_id = about.as_ref().map(|about| about.agent.id);
        let path = Some(path.to_string_lossy().into_owned());
        let written = ask::<WriteAudit>(door, ExportAudit { agent_id, path }).await?;
        Ok((written, about))
    })
    .await?;
    if invocation.json {
        output::json(&json!({
            "file": written.file_name,
            "about": about.map(|about| json!({
                "agent_id": about.agent.id,
                "agent_name": about.agent.agent_name,
                "revoked_at": about.agent.revoked_at,
            })),
        }))?;
    } else {
        if let Some(about) = about {
            output::text(&about.told())?;
        }
        output::line(&format!(
            "Written to {file}. `husting audit verify {file}` proves it, on any machine.",
            file = written.file_name
        ))?;
    }
    Ok(Exit::Done)
}

/// Whom a case is about.
struct About {
    agent: AgentView,
    /// Those that the name could have meant as well.
    others: Vec<AgentView>,
}

impl About {
    async fn called(name: &str, door: &dyn Door) -> Result<Self, Failure> {
        let agent = agent::find_any(door, name).await?;
        let others = match name.parse::<AgentId>() {
            Ok(_) => Vec::new(),
            Err(_) => agent::namesakes(door, &agent).await?,
        };
        Ok(Self { agent, others })
    }

    fn told(&self) -> String {
        let mut text = format!("The case is about {}.\n", agent::which(&self.agent));
        if !self.others.is_empty() {
            text += "Of the same name, by their ids:\n";
        }
        for other in &self.others {
            text += &format!("  {}\n", agent::which(other));
        }
        text
    }
}

impl List {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let agent_id = match self.agent {
            Some(name) => Some(agent::find_any(door, &name).await?.id),
            None => None,
        };
        // Who reads JSON counts rows, and sees nothing that is only told.
        let leaves_out = self.action.is_empty() && !self.fetched && !json;
        let asked = ListAudit {
            agent_id,
            actions: match leaves_out {
                true => Action::but_fetches().collect(),
                false => self.action,
            },
            before: self.before,
            limit: self.limit,
        };
        let page = ask::<FindAudit>(door, asked).await?;
        if json {
            output::json(&page)?;
            return Ok(Exit::Done);
        }
        let newest_fetch = match leaves_out {
            true => newest_fetch(door, agent_id, self.before).await?,
            false => None,
        };
        output::text(&text::listed(&page, newest_fetch))?;
        Ok(Exit::Done)
    }
}

/// The row of the newest fetch that a page may have left out.
async fn newest_fetch(
    door: &dyn Door,
    agent_id: Option<AgentId>,
    before: Option<u64>,
) -> Result<Option<u64>, Failure> {
    let fetches = ListAudit {
        agent_id,
        actions: vec![Action::Fetch],
        before,
        limit: Some(1),
    };
    let page = ask::<FindAudit>(door, fetches).await?;
    Ok(page.rows.first().map(|row| row.row))
}
