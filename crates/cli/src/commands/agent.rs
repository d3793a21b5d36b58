//! Agents on the bus: minted, changed while they work, cut off at once.

mod denials;
mod edit;
mod mint;
mod naming;
mod notes;
mod runs;
mod scopes;
mod spend;
mod text;

use clap::{Args, Subcommand, ValueEnum};
use husting_domain::agents::{AgentKind, AgentStatus};
use husting_domain::models::UnavailableReason;
use husting_wire::agents::{
    ActivateAgent, AgentList, AgentRef, AgentView, ListAgents, MintedAgent, OneAgent, RotateAgent,
};
use husting_wire::commands::{
    EndAgent, FindModels, ReadAgent, ReplaceToken, ResumeAgent, RunAgent, SuspendAgent,
};
use husting_wire::models::ModelView;
use husting_wire::settings::Nothing;
use husting_wire::wiring::WiringOf;

use self::naming::{Of, Which};
pub(super) use self::naming::{
    all, find, find_any, find_unwired, namesakes, of_every_tenant, which,
};
use super::confirm::Confirm;
use super::spans::Span;
use super::wiring::{ForClient, Planned, hand_out};
use super::{pause, through};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::inert;

/// Agents on the bus
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Make an agent and show its token, once
    Mint(mint::Mint),
    /// List agents
    List(List),
    /// Print an agent with its scopes, its denials and, once it is revoked, its receipt
    Show(Which),
    /// Change what it is there for, what it runs on or when it ends
    Edit(edit::Edit),
    /// Print an agent's scopes, or change them: in force on its next call
    Scopes(scopes::Scopes),
    /// Suspend an agent: what it holds open ends, its calls are refused
    Disable(Which),
    /// Take a suspension back
    Enable(Which),
    /// Switch on an agent that Husting runs itself: kasra, athena or calliope
    Activate {
        /// Its name
        name: String,
        /// The model it answers on [default: the one it had, else a rehearsal]
        #[arg(long)]
        model: Option<String>,
    },
    /// Give an agent a new token and show it, once
    Rotate {
        #[command(flatten)]
        which: Which,
        /// How long the old token goes on, such as 60 or 10m, a day at the most [default: not at all]
        #[arg(long, value_name = "SPAN")]
        overlap: Option<Span>,
        #[command(flatten)]
        wiring: ForClient,
    },
    /// End an agent for good and print the receipt; its name is free again
    Revoke {
        #[command(flatten)]
        which: Which,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// What it remembers, or what a squad of it does
    Notes(notes::Notes),
    /// What agents cost today and this month, the dearest first
    Spend,
    /// Runs of its program, the newest first
    Runs(runs::Runs),
    /// The end of what its program said last
    Output(Which),
    /// End its program, and all that the program started; one that failed too often is left as it is
    Stop(Which),
    /// Print or change when mail starts it
    Wake(runs::Wake),
    /// Calls that lacked their scope and wait for your answer
    Denials,
    /// Answer such a call
    Allow(denials::Allow),
}

/// Which agents.
#[derive(Debug, Args)]
pub struct List {
    /// In this state [default: all but the revoked ones]
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Run by these
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    #[command(flatten)]
    of: Of,
}

/// Where an agent stands.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Status {
    /// May call.
    Active,
    /// Switched off until it is switched on again; `disabled` means the same.
    #[value(alias = "disabled")]
    Suspended,
    /// Gone for good.
    Revoked,
    /// A managed agent that is not run.
    Inactive,
}

/// Who runs an agent.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// Somebody with their own client.
    Custom,
    /// Husting, on a seat.
    Managed,
    /// The bridge to Discord.
    Connector,
}

impl Agent {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Mint(mint) => mint.run(door, json).await,
            Self::List(list) => list.run(door, json).await,
            Self::Show(which) => show(door, &which, json).await,
            Self::Edit(edit) => edit.run(door, json).await,
            Self::Scopes(scopes) => scopes.run(door, json).await,
            Self::Disable(which) => {
                let agent_id = which.find(door).await?.id;
                let agent = ask::<SuspendAgent>(door, AgentRef { agent_id }).await?;
                done(
                    &agent,
                    json,
                    "is disabled: its calls are refused, what it held open has ended",
                )
            }
            Self::Enable(which) => {
                let agent_id = which.find(door).await?.id;
                let agent = ask::<ResumeAgent>(door, AgentRef { agent_id }).await?;
                done(&agent, json, "is enabled")
            }
            Self::Activate { name, model } => {
                let asked = ActivateAgent {
                    agent_name: name,
                    model,
                };
                let agent = ask::<RunAgent>(door, asked).await?;
                done(&agent, json, "answers its mail")?;
                if !json {
                    warn_of_no_price(door, &agent.agent).await;
                }
                Ok(Exit::Done)
            }
            Self::Rotate {
                which,
                overlap,
                wiring,
            } => rotate(door, &which, overlap, wiring, json).await,
            Self::Revoke { which, yes } => revoke(door, invocation, &which, yes).await,
            Self::Notes(notes) => notes.run(door, json).await,
            Self::Spend => spend::list(door, json).await,
            Self::Runs(runs) => runs.run(door, json).await,
            Self::Output(which) => runs::output_of(door, &which, json).await,
            Self::Stop(which) => runs::stop(door, &which, json).await,
            Self::Wake(wake) => wake.run(door, json).await,
            Self::Denials => denials::list(door, json).await,
            Self::Allow(allow) => allow.run(door, json).await,
        })
        .await
    }
}

impl List {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = ListAgents {
            status: self.status.map(Into::into),
            kind: self.kind.map(Into::into),
            ..ListAgents::default()
        };
        let list = AgentList {
            agents: self.of.all(door, asked).await?,
            next_cursor: None,
        };
        if json {
            output::json(&list)?;
        } else {
            output::text(&text::listed(&list))?;
            pause::remind(door).await;
        }
        Ok(Exit::Done)
    }
}

async fn show(door: &dyn Door, which: &Which, json: bool) -> Result<Exit, Failure> {
    let agent_id = which.find_any(door).await?.id;
    let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
    output::answer(&page, json, &text::shown(&page))
}

async fn rotate(
    door: &dyn Door,
    which: &Which,
    overlap: Option<Span>,
    wiring: ForClient,
    json: bool,
) -> Result<Exit, Failure> {
    let agent_id = which.find(door).await?.id;
    let planned = wiring.plan(door, WiringOf::Agent { agent_id }).await?;
    let overlap_seconds = overlap.map_or(0, |span| span.0);
    let asked = RotateAgent {
        agent_id,
        overlap_seconds,
    };
    let minted = ask::<ReplaceToken>(door, asked).await?;
    let told = |minted: &_| text::rotated(minted, overlap_seconds);
    hand_over(door, planned, &minted, told, json).await
}

/// Hands an agent's new token out: in the file that was planned for it, or as it is `told`.
async fn hand_over(
    door: &dyn Door,
    planned: Option<Planned>,
    minted: &MintedAgent,
    told: impl FnOnce(&MintedAgent) -> String,
    json: bool,
) -> Result<Exit, Failure> {
    let agent = &minted.agent;
    if let (Some(planned), Some(raw)) = (planned, &minted.raw_token) {
        let of = WiringOf::Agent { agent_id: agent.id };
        return hand_out(door, (planned, of, Some(agent)), (minted, raw), json).await;
    }
    output::answer(minted, json, &told(minted))
}

async fn revoke(
    door: &dyn Door,
    invocation: &Invocation,
    which: &Which,
    yes: bool,
) -> Result<Exit, Failure> {
    let agent = which.find(door).await?;
    let (agent_id, name) = (agent.id, agent.agent_name);
    if !yes {
        let asking = Confirm {
            question: &format!("Revoke {name} for good? Its token dies and its program ends."),
            word: name.as_str(),
            refusal: None,
        };
        asking.ask(invocation)?;
    }
    let revoked = ask::<EndAgent>(door, AgentRef { agent_id }).await?;
    if invocation.json {
        output::json(&revoked)?;
        return Ok(Exit::Done);
    }
    output::text(&text::revoked(&revoked))?;
    let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
    if let Some(left) = text::left(&page) {
        output::line(&left)?;
    }
    Ok(Exit::Done)
}

/// Says that an agent's seat has no price: it is on, and leaves its mail.
async fn warn_of_no_price(door: &dyn Door, agent: &AgentView) {
    // It is switched on, whatever is known of its seat.
    let Ok(list) = ask::<FindModels>(door, Nothing {}).await else {
        return;
    };
    let is_its_seat = |model: &&ModelView| agent.model.as_deref() == Some(model.id.as_str());
    let seat = list.models.iter().find(is_its_seat);
    let lacks = seat.and_then(|model| model.unavailable_reason);
    if let (Some(model), Some(UnavailableReason::NoPrice)) = (seat, lacks) {
        let (name, id) = (&agent.agent_name, inert(model.id.as_str()));
        eprintln!(
            "husting: {id} has no price, so {name} leaves its mail; `husting models price {id} --in USD --out USD` sets one"
        );
    }
}

fn done(agent: &OneAgent, json: bool, said: &str) -> Result<Exit, Failure> {
    output::answer(
        agent,
        json,
        &format!("{} {said}.\n", agent.agent.agent_name),
    )
}

impl From<Status> for AgentStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Revoked => Self::Revoked,
            Status::Inactive => Self::Inactive,
        }
    }
}

impl From<Kind> for AgentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Custom => Self::Custom,
            Kind::Managed => Self::Managed,
            Kind::Connector => Self::Connector,
        }
    }
}
