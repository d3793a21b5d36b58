//! Clients of MCP on this machine.

use husting_wire::commands::FindClients;
use husting_wire::settings::Nothing;

use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};

pub(super) async fn run(invocation: &Invocation) -> Result<Exit, Failure> {
    let list = through(invocation, async |door| {
        ask::<FindClients>(door, Nothing {}).await
    })
    .await?;
    if invocation.json {
        output::json(&list)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("CLIENT", Align::Left),
        ("NAME", Align::Left),
        ("HERE", Align::Left),
    ]);
    for client in list.clients {
        let here = client.program.or(client.seen);
        table.row([
            client.client.to_string(),
            client.title,
            here.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    output::text(&table.to_string())?;
    output::line("`husting wire AGENT --client CLIENT` shows the file that puts one on the bus.")?;
    Ok(Exit::Done)
}
