//! Squads and who is in them.

use clap::Args;
use husting_domain::agents::Name;
use husting_wire::bus::messages::{AddMember, RemoveMember, SquadList};
use husting_wire::commands::{DropMember, FindSquads, PutMember};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;

use crate::commands::agent::find;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{minute, plain, shortened};

/// Letters of what a member is there for.
const SUMMARY: usize = 60;

/// Who leaves which squad.
#[derive(Debug, Args)]
pub struct Remove {
    /// The squad
    #[arg(value_parser = Name::parse)]
    squad: Name,
    /// The agent's name
    #[arg(value_parser = Name::parse)]
    agent: Name,
}

/// Who joins which squad.
#[derive(Debug, Args)]
pub struct Add {
    /// The squad
    #[arg(value_parser = Name::parse)]
    squad: Name,
    /// The agent's name
    #[arg(value_parser = Name::parse)]
    agent: Name,
    /// What the agent is there for
    #[arg(long = "for", value_name = "TEXT")]
    summary: Option<String>,
}

pub(super) async fn list(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    printed(&ask::<FindSquads>(door, Nothing {}).await?, json)
}

impl Add {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = AddMember {
            squad: self.squad,
            agent_id: find(door, self.agent.as_str()).await?.id,
            summary: self.summary,
        };
        printed(&ask::<PutMember>(door, asked).await?, json)
    }
}

impl Remove {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let squads = ask::<FindSquads>(door, Nothing {}).await?.squads;
        let squad = squads.iter().find(|squad| squad.name == self.squad);
        let members = squad
            .map(|squad| squad.members.as_slice())
            .unwrap_or_default();
        let member = members
            .iter()
            .find(|member| member.agent_name == self.agent);
        let agent_id = member
            .ok_or_else(|| self.not_there(squad.is_some()))?
            .agent_id;
        let asked = RemoveMember {
            squad: self.squad,
            agent_id,
        };
        printed(&ask::<DropMember>(door, asked).await?, json)
    }

    fn not_there(&self, squad_is: bool) -> Error {
        let Self { squad, agent } = self;
        let sentence = match squad_is {
            true => format!("{agent} is not in {squad}."),
            false => {
                format!("There is no squad {squad}: `husting bus squads` lists those there are.")
            }
        };
        Error::new(ErrorCode::NotFound, sentence)
    }
}

fn printed(list: &SquadList, json: bool) -> Result<Exit, Failure> {
    if json {
        output::json(list)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("SQUAD", Align::Left),
        ("MEMBER", Align::Left),
        ("SINCE", Align::Left),
        ("FOR", Align::Left),
    ]);
    for squad in &list.squads {
        for member in &squad.members {
            let summary = member.summary.as_deref().map(plain).unwrap_or_default();
            table.row([
                squad.name.to_string(),
                member.agent_name.to_string(),
                minute(member.joined_at),
                shortened(&summary, SUMMARY),
            ]);
        }
    }
    output::text(&table.or("No squad: an agent makes one when it joins it."))?;
    Ok(Exit::Done)
}
