//! Whom a refused call was for, which the operator is told. What it was to say is not kept.

use husting_domain::addressees::Addressee;
use husting_domain::agents::Name;
use rmcp::model::JsonObject;
use serde::Deserialize;

use super::arguments;
use super::tools::Tool;
use crate::bus::Call;

/// A call, as far as its arguments.
#[derive(Deserialize)]
struct Message {
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    name: String,
    arguments: JsonObject,
}

/// Whom the call in a message is for; `None` where it names nobody, or cannot be read.
pub(super) fn in_message(bytes: &[u8]) -> Option<Addressee> {
    let Message { params } = serde_json::from_slice(bytes).ok()?;
    of(Tool::named(&params.name)?, params.arguments)
}

/// Whom a call with these arguments is for.
pub(super) fn of(tool: Tool, arguments: JsonObject) -> Option<Addressee> {
    let agent = |name: &str| Name::parse(bare(name)).ok().map(Addressee::Agent);
    let squad = |name: &str| Name::parse(name.trim()).ok().map(Addressee::Squad);
    match arguments::read(tool, arguments).ok()? {
        Call::Send(send) => agent(&send.to),
        Call::Ask(ask) => agent(&ask.agent),
        Call::Broadcast(broadcast) => match broadcast.squad {
            Some(name) => squad(&name),
            None => Some(Addressee::All),
        },
        Call::Join(join) => squad(&join.workspace_id),
        Call::Leave(leave) => squad(&leave.workspace_id),
        Call::Remember(remember) => squad(&remember.squad?),
        Call::Recall(recall) => squad(&recall.squad?),
        Call::Memories(memories) => squad(&memories.squad?),
        Call::BootContext
        | Call::Inbox(_)
        | Call::InboxWait(_)
        | Call::Ack(_)
        | Call::Peers
        | Call::Status
        | Call::Forget(_) => None,
    }
}

/// A name without the kind of who has it.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let kinds = ["agent:", "human:"];
    kinds
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn found(tool: &str, arguments: &Value) -> Option<String> {
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments },
        });
        in_message(message.to_string().as_bytes()).map(|to| to.to_string())
    }

    #[test]
    fn a_call_names_whom_it_is_for() {
        let table = [
            ("send", json!({ "to": "agent:loom", "text": "Go." }), "loom"),
            (
                "send",
                json!({ "to": "human:operator", "body": "Go." }),
                "operator",
            ),
            ("ask", json!({ "to": "loom", "text": "Go?" }), "loom"),
            ("broadcast", json!({ "text": "Go." }), "*"),
            (
                "broadcast",
                json!({ "text": "Go.", "workspace_id": "sales" }),
                "#sales",
            ),
            ("workspace_join", json!({ "squad": "sales" }), "#sales"),
            (
                "remember",
                json!({ "text": "Go.", "squad": "sales" }),
                "#sales",
            ),
        ];
        for (tool, arguments, to) in table {
            assert_eq!(
                found(tool, &arguments).as_deref(),
                Some(to),
                "{tool} {arguments}"
            );
        }
    }

    #[test]
    fn what_is_no_name_is_not_kept() {
        let table = [
            (
                "send",
                json!({ "to": "The vault opens with 4711.", "text": "Go." }),
            ),
            ("send", json!({ "text": "Go." })),
            ("remember", json!({ "text": "Go." })),
            ("inbox", json!({})),
            ("no_such_tool", json!({ "to": "loom" })),
        ];
        for (tool, arguments) in table {
            assert_eq!(found(tool, &arguments), None, "{tool} {arguments}");
        }
    }
}
