//! Keys as people read them.

use husting_wire::keys::{CreatedKey, KeyList, KeyView};
use serde_json::json;

use crate::output::table::{Align, Table};
use crate::output::words::moment;

/// Where a running instance listens unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:6070/api/mcp";

pub(super) fn listed(list: &KeyList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("NAME", Align::Left),
        ("KEY", Align::Left),
        ("TENANT", Align::Left),
        ("ROUNDS A DAY", Align::Right),
        ("LAST USED", Align::Left),
        ("STATE", Align::Left),
    ]);
    for key in &list.keys {
        table.row([
            key.key_id.to_string(),
            key.name.clone(),
            format!("…{}", key.tail),
            key.tenant_id.to_string(),
            key.daily_rounds
                .map_or_else(|| "as set".to_owned(), |rounds| rounds.to_string()),
            key.last_used_at.map_or_else(|| "never".to_owned(), moment),
            state(key),
        ]);
    }
    table.or("No key yet: `husting key create --name NAME` makes one.")
}

fn state(key: &KeyView) -> String {
    match key.revoked_at {
        None => "live".to_owned(),
        Some(at) => format!("revoked {}", moment(at)),
    }
}

/// The key, and what a client's configuration says with it.
pub(super) fn created(made: &CreatedKey) -> String {
    let url = made.mcp_url.as_deref().unwrap_or(USUAL);
    // Skills address the tools by this name.
    let config = json!({"mcpServers": {"mumo": {
        "url": url, "headers": {"Authorization": format!("Bearer {}", made.raw_key)},
    }}});
    format!(
        "{key}\n\n\
         This is the only time that the key of {name} is shown. Most MCP clients take it like this:\n\n\
         {config:#}\n\n\
         Scripts send it to the REST API as `Authorization: Bearer {key}`.\n",
        key = made.raw_key,
        name = made.key.name,
    )
}
