//! What agents cost.

use husting_wire::commands::SumAgents;
use husting_wire::settings::Nothing;

use super::naming::all_ever;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::dollars;

pub(super) async fn list(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let list = ask::<SumAgents>(door, Nothing {}).await?;
    if json {
        output::json(&list)?;
        return Ok(Exit::Done);
    }
    let agents = all_ever(door).await?;
    let name = |id| {
        let found = agents.iter().find(|agent| agent.id == id);
        found.map_or_else(|| id.to_string(), |agent| agent.agent_name.clone())
    };
    let mut table = Table::new(&[
        ("AGENT", Align::Left),
        ("TODAY", Align::Money),
        ("THIS MONTH", Align::Money),
    ]);
    for spent in &list.agents {
        table.row([
            name(spent.agent_id),
            dollars(spent.today),
            dollars(spent.month),
        ]);
    }
    output::text(&table.or("No agent cost anything this month."))?;
    Ok(Exit::Done)
}
