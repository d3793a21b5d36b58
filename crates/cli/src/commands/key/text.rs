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
            daily(key),
            key.last_used_at.map_or_else(|| "never".to_owned(), moment),
            state(key),
        ]);
    }
    table.or("No key yet: `husting key create --name NAME` makes one.")
}

fn daily(key: &KeyView) -> String {
    match key.daily_rounds {
        None => "by setting".to_owned(),
        Some(0) => "any".to_owned(),
        Some(rounds) => rounds.to_string(),
    }
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

/// Which key is dead, and what becomes of what it began.
pub(super) fn revoked(key: &KeyView) -> String {
    format!(
        "The key of {name}, which ends in {last}, is revoked: from now on it opens nothing.\n\
         What it was waiting for or following has ended. Rounds that it asked for run on to their end, and are paid.\n",
        name = key.name,
        last = last_four(&key.tail),
    )
}

fn last_four(tail: &str) -> &str {
    let start = tail.char_indices().rev().nth(3);
    start.map_or(tail, |(at, _)| &tail[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(daily_rounds: Option<u32>, revoked: bool) -> KeyView {
        serde_json::from_value(json!({
            "key_id": "0199d1f0-0000-7000-8000-000000000001", "tenant_id": "local", "name": "laptop",
            "tail": "k3Qz81aB", "daily_rounds": daily_rounds, "created_at": "2026-11-20T09:00:00Z",
            "last_used_at": null, "revoked_at": revoked.then_some("2026-11-20T10:00:00Z"),
        }))
        .unwrap()
    }

    #[test]
    fn a_revoked_key_is_told_by_name_and_end_with_what_becomes_of_its_rounds() {
        assert_eq!(
            revoked(&key(None, false)),
            "The key of laptop, which ends in 81aB, is revoked: from now on it opens nothing.\n\
             What it was waiting for or following has ended. Rounds that it asked for run on to their end, and are paid.\n"
        );
    }

    #[test]
    fn a_list_says_how_many_rounds_a_day_and_whether_a_key_lives() {
        let keys = vec![key(None, false), key(Some(0), false), key(Some(7), true)];
        let told = listed(&KeyList { keys });
        let rows: Vec<&str> = told.lines().skip(1).collect();
        for (row, (daily, state)) in rows.iter().zip([
            ("by setting", "live"),
            ("any", "live"),
            ("7", "revoked 2026-11-20 10:00 UTC"),
        ]) {
            assert!(row.contains(&format!(" {daily}  never")), "{row}");
            assert!(row.trim_end().ends_with(state), "{row}");
        }
    }
}
