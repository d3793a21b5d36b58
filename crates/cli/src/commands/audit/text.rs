//! What was found, as people read it.

use husting_console::audit::CaseCheck;
use husting_wire::audit::{
    AuditPage, AuditReport, AuditRow, ChainCheck, SealView, Sealing, UnsealedLog,
};

use super::detail;
use crate::output::table::{Align, Table};
use crate::output::words::{count, moment, plain, word};

pub(super) fn report(report: &AuditReport) -> String {
    let mut text: String = report.chains.iter().map(chain).collect();
    match &report.sealing {
        Sealing::On {
            public_key,
            in_memory: false,
        } => {
            text +=
                &format!("Each log's last row is sealed with this machine's key: {public_key}\n");
        }
        Sealing::On {
            public_key,
            in_memory: true,
        } => {
            text += &format!(
                "The key is in memory, new with each start: it vouches for what is written until \
                 Husting ends, and for nothing before. It is {public_key}\n"
            );
        }
        Sealing::NotYet => text += "The logs are sealed from their next row on.\n",
        Sealing::Off { why, logs } if logs.is_empty() => text += &unsealed(why),
        Sealing::Off { logs, .. } => {
            let why: Vec<_> = logs.iter().map(|log| unsaid(log, &report.chains)).collect();
            text += &unsealed(&why.join(" "));
        }
    }
    text
}

/// Why a log is sealed no further and what to do, without the fault where it stands with its chain already.
fn unsaid(log: &UnsealedLog, chains: &[ChainCheck]) -> String {
    let is_told = chains
        .iter()
        .any(|chain| chain.chain == log.chain && chain.fault.as_ref() == Some(&log.fault));
    let what = match is_told {
        true => format!("{}.", log.what),
        false => log.sentence.clone(),
    };
    match &log.todo {
        Some(todo) => format!("{what} {todo}"),
        None => what,
    }
}

fn unsealed(why: &str) -> String {
    format!(
        "The logs' last rows are not sealed: {why}\nUntil they are, whoever may write the store could make the log anew unnoticed.\n"
    )
}

pub(super) fn case(found: &CaseCheck) -> String {
    let mut text = chain(&found.chain);
    if let Some(about) = &found.about {
        let rows = count(found.rows_about, "row");
        let standing = found
            .revoked_at
            .map(|at| format!("revoked {}, ", moment(at)));
        text += &format!(
            "The case is about {} ({}{}): {rows}.\n",
            about.agent_name,
            standing.unwrap_or_default(),
            about.agent_id
        );
    }
    text += match found.receipt_fits {
        None => "",
        Some(true) => {
            "Its receipt fits these rows; what was open when it was written stands in no row.\n"
        }
        Some(false) => {
            "Its receipt does NOT fit these rows: the file's first line was changed. What the rows tell counts.\n"
        }
    };
    text + &whose(&found.chain)
}

/// A file that names its own key proves no more than that its seals are of that key.
fn whose(chain: &ChainCheck) -> String {
    let Some(seal) = &chain.sealed else {
        let why = match chain.fault {
            Some(_) => "No seal in it fits these rows",
            None => "Nothing in it is sealed",
        };
        return format!("{why}: it proves nothing against whoever wrote it.\n");
    };
    let key = &seal.public_key;
    match seal.this_machine {
        Some(true) => "The newest seal is of this machine's own key.\n".to_owned(),
        Some(false) => format!(
            "The newest seal is NOT of this machine's key. It is of {key}\n\
             Compare that with what `husting audit verify` says on the machine that wrote the file.\n"
        ),
        None => format!(
            "The newest seal is of the key {key}\n\
             Compare that with what `husting audit verify` says on the machine that wrote the file.\n"
        ),
    }
}

fn chain(chain: &ChainCheck) -> String {
    let name = &chain.chain;
    let rows = count(chain.rows, "row");
    match &chain.fault {
        Some(fault) => format!("{name}: BROKEN: {fault}. What stands before fits: {rows}.\n"),
        None => {
            let were = if chain.rows == 1 {
                "it was"
            } else {
                "they were"
            };
            format!("{name}: {rows} as {were} written{}.\n", reach(chain))
        }
    }
}

/// How far seals reach.
fn reach(chain: &ChainCheck) -> String {
    match &chain.sealed {
        None if chain.rows == 0 => String::new(),
        None => "; none is sealed".to_owned(),
        Some(SealView { row, at, .. }) => {
            let behind = match chain.unsealed_rows {
                0 => String::new(),
                rows => format!(", {} behind it", count(rows, "row")),
            };
            format!("; sealed to row {row} at {}{behind}", moment(*at))
        }
    }
}

/// A page, which may have left out fetches up to the row `newest_fetch`.
pub(super) fn listed(page: &AuditPage, newest_fetch: Option<u64>) -> String {
    let mut table = Table::new(&[
        ("ROW", Align::Right),
        ("WHEN", Align::Left),
        ("WHO", Align::Left),
        ("WHAT", Align::Left),
        ("ON", Align::Left),
        ("DETAIL", Align::Left),
    ]);
    for row in &page.rows {
        table.row(cells(row));
    }
    let more = match page.rows.last() {
        Some(last) if page.more => format!("more: --before {}\n", last.row),
        _ => String::new(),
    };
    let oldest = page.rows.last().map(|row| row.row).filter(|_| page.more);
    let (none, left_out) = match newest_fetch {
        // One that is older is of a page to come.
        Some(row) if oldest.is_none_or(|oldest| row > oldest) => (
            "Nothing else was done.",
            "What was fetched is left out: --fetched shows it, too.\n",
        ),
        _ => ("Nothing was done yet.", ""),
    };
    table.or(none) + &more + left_out
}

fn cells(row: &AuditRow) -> [String; 6] {
    [
        row.row.to_string(),
        row.at.to_string(),
        plain(&row.actor),
        word(&row.action),
        on(row),
        detail::told(&row.detail),
    ]
}

/// The agent that it was done to, where it did not do it itself.
fn on(row: &AuditRow) -> String {
    let name = row.agent_name.as_deref().unwrap_or_default();
    match row.actor.strip_prefix("agent:") {
        Some(itself) if itself == name => String::new(),
        _ => plain(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(value: Value) -> ChainCheck {
        serde_json::from_value(value).unwrap()
    }

    fn sealed(this_machine: Option<bool>) -> ChainCheck {
        checked(json!({
            "chain": "local", "ok": true, "rows": 7, "links": 4, "seals": 1, "unsealed_rows": 2,
            "sealed": {"link": 3, "row": 5, "at": "2026-11-20T10:00:00Z", "public_key": "abc",
                       "this_machine": this_machine},
            "fault": null,
        }))
    }

    #[test]
    fn a_row_names_the_agent_that_it_was_done_to() {
        let row = |actor: &str, name: Option<&str>| {
            on(&serde_json::from_value(json!({
                "row": 1, "at": "2026-11-20T10:00:00Z", "action": "disable", "actor": actor,
                "agent_id": "0199d1f0-0000-7000-8000-000000000001", "agent_name": name,
                "subject": null, "body": null, "detail": "{}",
            }))
            .unwrap())
        };
        assert_eq!(row("operator", Some("ana")), "ana");
        assert_eq!(row("agent:ana", Some("ana")), "");
        assert_eq!(row("agent:ana", Some("ana-two")), "ana-two");
        assert_eq!(row("operator", None), "");
    }

    #[test]
    fn a_page_says_whether_fetches_of_it_are_left_out() {
        let told = |rows: &[u64], more: bool, newest_fetch| {
            let rows: Vec<Value> = rows
                .iter()
                .map(|row| {
                    json!({
                        "row": row, "at": "2026-11-20T10:00:00Z", "action": "send", "actor": "operator",
                        "agent_id": null, "subject": null, "body": null, "detail": "{}",
                    })
                })
                .collect();
            let page = json!({ "rows": rows, "more": more, "sealing": { "state": "not_yet" } });
            listed(&serde_json::from_value(page).unwrap(), newest_fetch)
        };
        let says = "What was fetched is left out: --fetched shows it, too.\n";
        assert!(told(&[9, 7], false, Some(3)).ends_with(says));
        let more = told(&[9, 7], true, Some(8));
        assert!(
            more.ends_with(&format!("more: --before 7\n{says}")),
            "{more}"
        );
        assert!(!told(&[9, 7], true, Some(6)).contains("left out"));
        assert!(!told(&[9, 7], false, None).contains("left out"));
        assert!(told(&[], false, Some(3)).starts_with("Nothing else was done."));
        assert!(told(&[], false, None).starts_with("Nothing was done yet."));
    }

    #[test]
    fn a_whole_chain_says_how_far_it_is_sealed() {
        assert_eq!(
            chain(&sealed(None)),
            "local: 7 rows as they were written; sealed to row 5 at 2026-11-20 10:00 UTC, 2 rows behind it.\n"
        );
        let one = ChainCheck {
            rows: 1,
            ..sealed(None)
        };
        assert!(chain(&one).starts_with("local: 1 row as it was written; "));
    }

    #[test]
    fn a_broken_chain_says_what_is_wrong_first() {
        let broken = checked(json!({
            "chain": "local", "ok": false, "rows": 2, "links": 1, "seals": 0, "unsealed_rows": 2,
            "sealed": null, "fault": "rows 3 to 4 are not what was written",
        }));
        let told = chain(&broken);
        assert!(told.starts_with("local: BROKEN: rows 3 to 4"), "{told}");
    }

    #[test]
    fn what_is_wrong_with_a_chain_is_told_once_and_what_to_do_stays() {
        let fault = "it ends at link 3 and was sealed to link 5";
        let log = UnsealedLog {
            chain: sealed(None).chain,
            what: "The log is sealed no further".to_owned(),
            fault: fault.to_owned(),
            sentence: format!("The log is sealed no further: {fault}."),
            todo: Some("If that was you: `husting audit accept`.".to_owned()),
        };
        let with = |found: &str| {
            report(&AuditReport {
                ok: false,
                chains: vec![ChainCheck {
                    ok: false,
                    fault: Some(found.to_owned()),
                    ..sealed(None)
                }],
                sealing: Sealing::Off {
                    why: format!("{} If that was you.", log.sentence),
                    logs: vec![log.clone()],
                },
            })
        };
        let told = with(fault);
        assert_eq!(told.matches(fault).count(), 1, "{told}");
        let rest =
            "not sealed: The log is sealed no further. If that was you: `husting audit accept`.\n";
        assert!(told.contains(rest), "{told}");
        // Another fault of the same log is no reason to leave this one out.
        let both = with("row 2 is not what was written");
        let rest = format!(
            "{} If that was you: `husting audit accept`.\n",
            log.sentence
        );
        assert!(both.contains(&rest), "{both}");
    }

    #[test]
    fn a_case_says_whose_key_sealed_it() {
        assert!(whose(&sealed(Some(true))).contains("this machine's own key"));
        assert!(whose(&sealed(Some(false))).contains("NOT of this machine's key"));
        assert!(whose(&sealed(None)).contains("the key abc"));
        let nothing = ChainCheck {
            sealed: None,
            ..sealed(None)
        };
        assert!(whose(&nothing).contains("Nothing in it is sealed"));
        let changed = ChainCheck {
            fault: Some("row 2 was changed".to_owned()),
            ..nothing
        };
        assert!(whose(&changed).contains("No seal in it fits"));
    }
}
