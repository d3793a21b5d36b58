//! A tool's arguments: the names that the dialects in the field use for them become one, and what
//! they say is held against the tool's schema.

use husting_wire::bus::calls::Nothing;
use husting_wire::errors::Error;
use rmcp::model::JsonObject;
use serde_json::Value;

use super::tools::Tool;
use crate::bus::Call;
use crate::shape;

const TEXT: (&str, &[&str]) = ("text", &["message", "body"]);
const SQUAD: (&str, &[&str]) = ("squad", &["workspace_id", "squad_id"]);

/// What the tool is to do.
///
/// # Errors
/// `invalid_body`, with field and rule.
pub(super) fn read(tool: Tool, mut arguments: JsonObject) -> Result<Call, Error> {
    for (name, aliases) in aliases(tool) {
        shape::fold(&mut arguments, name, aliases)?;
    }
    let schema = tool.arguments();
    let body = Value::Object(arguments);
    Ok(match tool {
        Tool::BootContext => nothing(schema, body, Call::BootContext)?,
        Tool::Send => Call::Send(shape::read_body(schema, body)?),
        Tool::Inbox => Call::Inbox(shape::read_body(schema, body)?),
        Tool::InboxWait => Call::InboxWait(shape::read_body(schema, body)?),
        Tool::Ack => Call::Ack(shape::read_body(schema, body)?),
        Tool::Ask => Call::Ask(shape::read_body(schema, body)?),
        Tool::Broadcast => Call::Broadcast(shape::read_body(schema, body)?),
        Tool::WorkspaceJoin => Call::Join(shape::read_body(schema, body)?),
        Tool::WorkspaceLeave => Call::Leave(shape::read_body(schema, body)?),
        Tool::Peers => nothing(schema, body, Call::Peers)?,
        Tool::Status => nothing(schema, body, Call::Status)?,
        Tool::Remember => Call::Remember(shape::read_body(schema, body)?),
        Tool::Recall => Call::Recall(shape::read_body(schema, body)?),
        Tool::Memories => Call::Memories(shape::read_body(schema, body)?),
        Tool::Forget => Call::Forget(shape::read_body(schema, body)?),
    })
}

fn nothing(schema: &Value, body: Value, call: Call) -> Result<Call, Error> {
    shape::read_body(schema, body).map(|Nothing {}| call)
}

/// A tool's own names, each with the others that are taken for it.
fn aliases(tool: Tool) -> &'static [(&'static str, &'static [&'static str])] {
    match tool {
        Tool::Send => &[TEXT],
        Tool::Broadcast | Tool::Remember => &[TEXT, SQUAD],
        Tool::Ask => &[("agent", &["to"]), ("message", &["text", "body"])],
        Tool::WorkspaceJoin | Tool::WorkspaceLeave => &[("workspace_id", &["squad", "squad_id"])],
        Tool::Recall | Tool::Memories => &[SQUAD],
        Tool::BootContext
        | Tool::Inbox
        | Tool::InboxWait
        | Tool::Ack
        | Tool::Peers
        | Tool::Status
        | Tool::Forget => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(tool: Tool, arguments: Value) -> Result<Call, Error> {
        let Value::Object(arguments) = arguments else {
            unreachable!("a test writes objects");
        };
        read(tool, arguments)
    }

    #[test]
    fn every_dialect_says_the_same() {
        for text in ["text", "message", "body"] {
            let call = taken(Tool::Send, json!({"to": "kasra", text: "Hello."}));
            assert!(matches!(call, Ok(Call::Send(send)) if send.text == "Hello."));
            let call = taken(Tool::Ask, json!({"to": "kasra", text: "Well?"}));
            assert!(
                matches!(call, Ok(Call::Ask(ask)) if ask.agent == "kasra" && ask.message == "Well?")
            );
            for squad in ["squad", "workspace_id", "squad_id"] {
                let call = taken(Tool::Broadcast, json!({text: "All!", squad: "sales"}));
                assert!(
                    matches!(call, Ok(Call::Broadcast(said)) if said.squad.as_deref() == Some("sales"))
                );
                let call = taken(Tool::WorkspaceJoin, json!({squad: "sales"}));
                assert!(matches!(call, Ok(Call::Join(join)) if join.workspace_id == "sales"));
            }
        }
    }

    #[test]
    fn what_is_said_twice_is_refused() {
        for (tool, twice, field) in [
            (
                Tool::Send,
                json!({"to": "a", "text": "1", "body": "2"}),
                "body",
            ),
            (
                Tool::Send,
                json!({"to": "a", "message": "1", "body": "1"}),
                "body",
            ),
            (
                Tool::Recall,
                json!({"query": "q", "squad": "a", "squad_id": "a"}),
                "squad_id",
            ),
        ] {
            let refused = taken(tool, twice).unwrap_err();
            assert_eq!(refused.details.unwrap()["field"], field);
        }
    }

    #[test]
    fn what_no_tool_takes_is_named() {
        let refused = taken(Tool::Peers, json!({"from": "operator"})).unwrap_err();
        assert_eq!(refused.details.unwrap()["field"], "from");
        let refused = taken(Tool::Ack, json!({"ids": ["x"]})).unwrap_err();
        assert_eq!(refused.details.unwrap()["field"], "ids[0]");
    }
}
