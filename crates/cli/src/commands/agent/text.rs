//! Agents as people read them.

use husting_domain::agents::{AgentStatus, KillReceipt};
use husting_wire::agents::{AgentList, AgentPage, AgentView, GrantView, MintedAgent, RevokedAgent};
use husting_wire::wiring::{WiredFile, WiredState};
use serde_json::json;

use crate::output::table::{Align, Table};
use crate::output::words::{count, indented, moment, word};

/// Where a running instance listens unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:6070/mcp";

pub(super) fn listed(list: &AgentList) -> String {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("KIND", Align::Left),
        ("STATE", Align::Left),
        ("LIVENESS", Align::Left),
        ("UNREAD", Align::Right),
        ("TOKEN", Align::Left),
        ("LAST CALL", Align::Left),
        ("SCOPES", Align::Left),
    ]);
    for agent in &list.agents {
        table.row([
            agent.agent_name.clone(),
            word(&agent.kind),
            status(agent.status),
            word(&agent.liveness),
            agent.unread.to_string(),
            tail(agent),
            last_call(agent),
            scopes(agent),
        ]);
    }
    table.or("No agent: `husting agent mint NAME` makes one.")
}

/// A state as the window calls it; scripts are given the contract's words.
pub(super) fn status(status: AgentStatus) -> String {
    match status {
        AgentStatus::Suspended | AgentStatus::Inactive => "disabled".to_owned(),
        AgentStatus::Active | AgentStatus::Revoked => word(&status),
    }
}

fn tail(agent: &AgentView) -> String {
    let tail = agent.token_tail.as_ref();
    tail.map_or_else(|| "-".to_owned(), |tail| format!("…{tail}"))
}

fn last_call(agent: &AgentView) -> String {
    agent
        .last_call_at
        .map_or_else(|| "never".to_owned(), moment)
}

fn scopes(agent: &AgentView) -> String {
    let words = agent
        .scopes
        .iter()
        .map(|scope| scope.word().trim_start_matches("mcp:"));
    words.collect::<Vec<_>>().join(",")
}

/// The token, and what a client's configuration says with it.
pub(super) fn minted(minted: &MintedAgent) -> String {
    let name = &minted.agent.agent_name;
    format!(
        "{}This is the only time that the token of {name} is shown: put it into a file that only you can read\n\
         (mode 0600). If it is lost, `husting agent rotate {name}` makes a new one. {}",
        token(minted),
        wiring(minted),
    )
}

/// The new token, and what became of the old one.
pub(super) fn rotated(minted: &MintedAgent, overlap_seconds: u32) -> String {
    let old = match overlap_seconds {
        0 => "opens nothing any more".to_owned(),
        seconds => format!(
            "opens nothing any more in {}",
            count(seconds.into(), "second")
        ),
    };
    format!(
        "{}This is the only time that the new token of {name} is shown: put it into a file that only you can\n\
         read (mode 0600). The one before it {old}. {}",
        token(minted),
        wiring(minted),
        name = minted.agent.agent_name,
    )
}

fn token(minted: &MintedAgent) -> String {
    let raw = minted.raw_token.as_deref();
    raw.map(|raw| format!("{raw}\n\n")).unwrap_or_default()
}

fn wiring(minted: &MintedAgent) -> String {
    let Some(raw) = &minted.raw_token else {
        return "\n".to_owned();
    };
    let url = minted.mcp.as_ref().map_or(USUAL, |mcp| &mcp.http_url);
    // Skills address the tools by this name.
    let config = json!({"mcpServers": {"sos": {
        "type": "http", "url": url, "headers": {"Authorization": format!("Bearer {raw}")},
    }}});
    format!("Most MCP clients take it like this:\n\n{config:#}\n")
}

/// What an agent may do, and until when.
pub(super) fn grants(agent: &AgentView) -> String {
    let mut table = Table::new(&[("SCOPE", Align::Left), ("UNTIL", Align::Left)]);
    for grant in &agent.grants {
        table.row([grant.scope.to_string(), until(grant)]);
    }
    table.or(&format!("{} may do nothing.", agent.agent_name))
}

fn until(grant: &GrantView) -> String {
    let end = grant.ends_at.map(moment);
    match (end, grant.once) {
        (None, _) => "no end".to_owned(),
        (Some(end), true) => format!("the next call, or {end}"),
        (Some(end), false) => end,
    }
}

pub(super) fn shown(page: &AgentPage) -> String {
    let agent = &page.agent;
    let mut lines = vec![
        format!(
            "{} ({}, {})",
            agent.agent_name,
            word(&agent.kind),
            status(agent.status)
        ),
        format!("id          {}", agent.id),
        format!("token       {}", tail(agent)),
        format!("liveness    {}, {}", word(&agent.liveness), open(agent)),
        format!("last call   {}", last_call(agent)),
        format!("unread      {}", agent.unread),
        format!("made        {}", moment(agent.created_at)),
    ];
    let model = agent
        .model
        .as_ref()
        .map(|model| format!("model       {model}"));
    let expires = agent
        .expires_at
        .map(|at| format!("ends        {}", moment(at)));
    let hindrance = agent.hindrance.as_ref();
    let hindrance = hindrance.map(|why| format!("waits       {why}"));
    let given_up = agent.given_up_run.map(|_| {
        let name = &agent.agent_name;
        format!("program     failed too often to be started again by itself; `husting agent output {name}` names the cause, `husting agent stop {name}` leaves it as it is")
    });
    let squads: Vec<&str> = page.squads.iter().map(|squad| squad.as_str()).collect();
    let squads = (!squads.is_empty()).then(|| format!("squads      {}", squads.join(", ")));
    lines.extend(
        [model, expires, hindrance, given_up, squads]
            .into_iter()
            .flatten(),
    );
    let mut text = lines.join("\n") + "\n\n" + &grants(agent);
    if let Some(charter) = &agent.charter {
        text += &format!("\nCharter:\n{}\n", indented(charter));
    }
    if !page.wired.is_empty() {
        text += &format!("\n{}", wired(&page.wired));
    }
    if let Some(left) = left(page) {
        text += &format!("{left}\n");
    }
    if let Some(wake) = page.wake.as_ref().filter(|wake| wake.rule.on) {
        text += &format!("\n{}", super::runs::told(&agent.agent_name, wake));
    }
    if let Some(receipt) = &page.receipt {
        text += &format!("\n{}", killed(receipt));
    }
    text
}

/// Where a revoked agent's entry is left behind, and what takes it out.
pub(super) fn left(page: &AgentPage) -> Option<String> {
    let AgentView { id, status, .. } = &page.agent;
    let left = page.wired.iter().filter(|file| file.state.has_entry());
    let which = match left.count() {
        _ if *status != AgentStatus::Revoked => return None,
        0 => return None,
        1 => "A file still has".to_owned(),
        several => format!("{several} files still have"),
    };
    Some(format!(
        "{which} its entry: `husting unwire {id}` takes it out."
    ))
}

/// Files that were written for it, and what became of them.
fn wired(files: &[WiredFile]) -> String {
    let mut table = Table::new(&[
        ("CLIENT", Align::Left),
        ("FILE", Align::Left),
        ("WRITTEN", Align::Left),
        ("STATE", Align::Left),
    ]);
    for file in files {
        let state = match file.state {
            WiredState::Current => "as written",
            WiredState::Changed => "changed since",
            WiredState::OldToken => "its token ended",
            WiredState::Moved => "names another address",
            WiredState::Anothers => "not its entry",
            WiredState::Gone => "gone",
        };
        table.row([
            file.client.title().to_owned(),
            file.path.clone(),
            moment(file.written_at),
            state.to_owned(),
        ]);
    }
    table.or("")
}

fn open(agent: &AgentView) -> String {
    count(agent.connections.into(), "open connection")
}

pub(super) fn revoked(revoked: &RevokedAgent) -> String {
    let name = &revoked.agent.agent_name;
    match &revoked.receipt {
        None => format!("{name} is switched off.\n"),
        Some(receipt) => format!(
            "{name} is revoked: its token opens nothing any more.\n\n{}",
            killed(receipt)
        ),
    }
}

/// What an end came to.
fn killed(receipt: &KillReceipt) -> String {
    let last = receipt.last_accepted.as_ref().map_or_else(
        || "none: no call of it is in the audit log".to_owned(),
        |last| {
            format!(
                "{} at {} (row {} of the audit log)",
                last.tool, last.at, last.row
            )
        },
    );
    let row = receipt
        .row
        .map(|row| format!(" (row {row} of the audit log)"))
        .unwrap_or_default();
    let after = |micros: Option<u64>| {
        micros.map_or_else(String::new, |micros| {
            format!(", {} ms after", micros.div_ceil(1_000))
        })
    };
    let process = match receipt.process_ended {
        None => "none ran that Husting started".to_owned(),
        Some(true) => format!("ended{}", after(receipt.process_after_micros)),
        Some(false) => "not ended".to_owned(),
    };
    let left = after(receipt.left_after_micros);
    let tokens = match receipt.token_tails.as_slice() {
        [] => "none noted".to_owned(),
        tails => format!("…{}", tails.join(", …")),
    };
    // They go on, as a revoked key's do.
    let stops = receipt.sessions_at_work.iter();
    let stops: String = stops
        .map(|id| format!("\n  `husting session cancel {id}` stops one that goes on, and is paid"))
        .collect();
    [
        format!("token                  {tokens}"),
        format!("last accepted request  {last}"),
        format!("revoked at             {}{row}", receipt.revoked_at),
        format!("accepted since         {}", receipt.accepted_since),
        format!("streams closed         {}{left}", receipt.streams_closed),
        format!("waits cancelled        {}{left}", receipt.waits_cancelled),
        format!("process                {process}"),
        format!("messages parked        {}", receipt.messages_parked),
        format!(
            "rounds at work         {}{stops}",
            receipt.sessions_at_work.len()
        ),
        String::new(),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> AgentView {
        serde_json::from_value(json!({
            "id": "0199d1f0-0000-7000-8000-000000000001", "tenant_id": "local", "agent_name": "bruno-voice",
            "kind": "custom", "model": "claude-sonnet-4-5", "charter": "Be brief.\nBe kind.", "status": "active",
            "scopes": ["mcp:send", "mcp:inbox"],
            "grants": [
                {"scope": "mcp:send", "ends_at": null, "once": false},
                {"scope": "mcp:inbox", "ends_at": "2026-11-20T10:10:00Z", "once": true},
            ],
            "token_tail": "k3Qz81aB", "token_created_at": "2026-11-20T10:00:00Z",
            "created_at": "2026-11-20T10:00:00Z", "expires_at": null, "revoked_at": null,
            "liveness": "never_called", "last_call_at": null, "unread": 2, "connections": 1,
        }))
        .unwrap()
    }

    #[test]
    fn a_mint_shows_the_token_first_and_says_where_it_goes() {
        let minted = MintedAgent {
            agent: agent(),
            raw_token: Some("hst_a_secret".to_owned()),
            raw_token_delivered: false,
            mcp: None,
        };
        let told = super::minted(&minted);
        assert_eq!(told.lines().next(), Some("hst_a_secret"));
        for said in [
            "only time",
            "mode 0600",
            "husting agent rotate bruno-voice",
            "\"Bearer hst_a_secret\"",
            "\"sos\"",
            USUAL,
        ] {
            assert!(told.contains(said), "{said}: {told}");
        }
        let told = rotated(&minted, 60);
        assert!(
            told.contains("opens nothing any more in 60 seconds"),
            "{told}"
        );
        assert!(!rotated(&minted, 0).contains(" in 0"));
    }

    #[test]
    fn grants_say_until_when() {
        let told = grants(&agent());
        let lines: Vec<&str> = told.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "mcp:send   no end",
                "mcp:inbox  the next call, or 2026-11-20 10:10 UTC"
            ]
        );
    }

    #[test]
    fn a_receipt_tells_every_count() {
        let receipt: KillReceipt = serde_json::from_value(json!({
            "last_accepted": {"tool": "send", "at": "2026-11-20T10:00:00Z", "row": 7},
            "revoked_at": "2026-11-20T10:00:01Z", "accepted_since": 0, "streams_closed": 2,
            "waits_cancelled": 3, "process_ended": null, "messages_parked": 4,
            "sessions_at_work": ["0199d1f0-0000-7000-8000-00000000000a"],
            "token_tails": ["Lm20", "cZ91"],
        }))
        .unwrap();
        let told = killed(&receipt);
        assert!(
            told.starts_with("token                  …Lm20, …cZ91\n"),
            "{told}"
        );
        assert!(
            told.contains("send at 2026-11-20T10:00:00.000Z (row 7"),
            "{told}"
        );
        for (what, number) in [
            ("accepted since", 0),
            ("streams closed", 2),
            ("waits cancelled", 3),
            ("messages parked", 4),
        ] {
            let line = told.lines().find(|line| line.starts_with(what)).unwrap();
            assert!(line.ends_with(&format!(" {number}")), "{line}");
        }
        let timed = KillReceipt {
            left_after_micros: Some(912),
            process_ended: Some(true),
            process_after_micros: Some(1_340_000),
            ..receipt
        };
        let told = killed(&timed);
        for said in [
            "streams closed         2, 1 ms after\n",
            "waits cancelled        3, 1 ms after\n",
            "process                ended, 1340 ms after\n",
            "rounds at work         1\n  `husting session cancel 0199d1f0-0000-7000-8000-00000000000a` stops one",
        ] {
            assert!(told.contains(said), "{told}");
        }
    }

    #[test]
    fn a_revoked_agents_page_says_what_is_left_of_it_and_what_takes_it_out() {
        let file = |state| WiredFile {
            client: husting_domain::clients::Client::Cursor,
            path: "/a/mcp.json".to_owned(),
            written_at: agent().created_at,
            state,
        };
        let page = |status, states: &[WiredState]| AgentPage {
            agent: AgentView { status, ..agent() },
            receipt: None,
            denials: Vec::new(),
            squads: Vec::new(),
            wired: states.iter().copied().map(file).collect(),
            wake: None,
            sessions_at_work: Vec::new(),
        };
        let (old, anothers) = (WiredState::OldToken, WiredState::Anothers);
        let revoked = |states: &[WiredState]| left(&page(AgentStatus::Revoked, states));
        let takes_it_out = format!("`husting unwire {}` takes it out.", agent().id);
        assert_eq!(
            revoked(&[old, anothers]),
            Some(format!("A file still has its entry: {takes_it_out}"))
        );
        assert_eq!(
            revoked(&[old, old]),
            Some(format!("2 files still have its entry: {takes_it_out}"))
        );
        assert_eq!(revoked(&[anothers, WiredState::Gone]), None);
        assert_eq!(left(&page(AgentStatus::Active, &[old])), None);
        let told = shown(&page(AgentStatus::Revoked, &[old]));
        assert!(told.ends_with(&format!("{takes_it_out}\n")), "{told}");
    }

    #[test]
    fn a_page_holds_scopes_and_charter() {
        let page = AgentPage {
            agent: agent(),
            receipt: None,
            denials: Vec::new(),
            squads: Vec::new(),
            wired: Vec::new(),
            wake: None,
            sessions_at_work: Vec::new(),
        };
        let told = shown(&page);
        assert!(told.starts_with("bruno-voice (custom, active)\n"), "{told}");
        assert!(
            told.ends_with("Charter:\n  Be brief.\n  Be kind.\n"),
            "{told}"
        );
        assert!(told.contains("never called, 1 open connection\n"), "{told}");
    }
}
