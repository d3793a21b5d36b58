//! Who is on the bus, as `peers` says.

use husting_domain::agents::Name;
use rmcp::model::CallToolResult;
use serde_json::Value;

use super::super::Peer;
use super::words::{named, record, text};

/// The agents.
pub(super) fn read(result: &CallToolResult) -> Vec<Peer> {
    let listed = record(result).and_then(|mut record| {
        let mut names = ["agents", "peers"].into_iter();
        names.find_map(|name| match record.remove(name)? {
            Value::Array(listed) => Some(listed),
            _ => None,
        })
    });
    match listed {
        Some(listed) => listed.iter().filter_map(of_record).collect(),
        None => text(result).lines().filter_map(of_line).collect(),
    }
}

fn of_record(peer: &Value) -> Option<Peer> {
    match peer {
        Value::String(name) => Some(Peer {
            name: bare(name).to_owned(),
            active: true,
        }),
        Value::Object(peer) => {
            let name = named(peer, &["name", "agent", "agent_name", "id"])?;
            let status = named(peer, &["status"]);
            Some(Peer {
                name: bare(&name).to_owned(),
                active: status.is_none_or(|status| is_active(&status)),
            })
        }
        _ => None,
    }
}

/// From `kasra: live`, `- agent:kasra (idle)` and the like.
fn of_line(line: &str) -> Option<Peer> {
    let line = line.trim().trim_start_matches(['-', '*', '•', ' ']);
    let line = bare(line);
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    // A heading: "agents:".
    if rest.trim() == ":" || Name::parse(name).is_err() {
        return None;
    }
    Some(Peer {
        name: name.to_owned(),
        active: is_active(rest),
    })
}

fn bare(name: &str) -> &str {
    name.strip_prefix("agent:").unwrap_or(name)
}

/// Whether what is said of an agent leaves it able to read mail.
fn is_active(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let ended = ["inactive", "suspended", "disabled", "revoked"];
    !ended.iter().any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("kasra: live, in sales", Some(("kasra", true)))]
    #[case("bruno-voice (you): disabled", Some(("bruno-voice", false)))]
    #[case("- agent:loom", Some(("loom", true)))]
    #[case("* athena (inactive)", Some(("athena", false)))]
    #[case("agents:", None)]
    #[case("Peers (3)", None)]
    #[case("", None)]
    fn a_peer_is_read_from_a_line(#[case] line: &str, #[case] peer: Option<(&str, bool)>) {
        let read = of_line(line);
        let read = read.as_ref().map(|peer| (peer.name.as_str(), peer.active));
        assert_eq!(read, peer);
    }
}
