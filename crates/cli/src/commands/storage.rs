//! How much room Husting takes.

use husting_domain::storage::StorageKind;
use husting_wire::commands::MeasureStorage;
use husting_wire::settings::Nothing;

use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words;

pub(super) async fn run(invocation: &Invocation) -> Result<Exit, Failure> {
    let view = through(invocation, async |door| {
        ask::<MeasureStorage>(door, Nothing {}).await
    })
    .await?;
    if invocation.json {
        output::json(&view)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[("WHAT", Align::Left), ("BYTES", Align::Right)]);
    for found in &view.uses {
        table.row([name(found.kind).to_owned(), words::grouped(found.bytes)]);
    }
    table.row(["all of it".to_owned(), words::grouped(view.bytes)]);
    output::text(&table.to_string())?;
    output::line(&format!("In {}.", view.folder))?;
    Ok(Exit::Done)
}

const fn name(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::Deliberations => "deliberations",
        StorageKind::Bus => "messages and memory",
        StorageKind::Agents => "agents and their runs",
        StorageKind::Discord => "Discord",
        StorageKind::Audit => "audit log",
        StorageKind::Wallet => "wallet",
        StorageKind::Settings => "settings",
        StorageKind::Free => "free in the store",
        StorageKind::WriteAhead => "not yet in the store's file",
        StorageKind::Backups => "backups",
        StorageKind::Logs => "logs",
        StorageKind::AgentFolders => "agents' folders",
        StorageKind::Other => "other",
    }
}
