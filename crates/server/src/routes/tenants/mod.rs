//! Minting and managing agents with a tenant's token.

mod agents;
mod bearer;

use axum::http::StatusCode;
use axum::routing::{delete, get, patch, post};
use husting_domain::clients::Client;
use husting_wire::agents::{
    ActivateAgent, AgentList, ChangeAgent, MintAgent, MintedAgent, OneAgent, RevokedAgent,
    RotateToken,
};
use husting_wire::errors::ErrorCode as Code;
use husting_wire::tenants::TenantRecord;
use husting_wire::wiring::WiringView;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::contract::convening::IDEMPOTENCY_KEY;
use super::contract::operation::{Answer, Operation};

/// Another name under which an activation is told its agent.
const AGENT_KIND: &str = "agent_kind";

/// The routes of tenants, for the table of all operations.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![tenant(), mint(), activate(), list()];
    all.extend(one());
    all.into_iter()
        .map(|operation| operation.of_tenants().fails(&[Code::InvalidBody]))
        .collect()
}

fn tenant() -> Operation {
    Operation::new(
        ("get", "/api/tenants/{tenant_id}"),
        || get(agents::tenant),
        ("get_tenant", "The tenant's tier and how much of it is used"),
        Answer::json::<TenantRecord>(StatusCode::OK, "The tenant."),
    )
}

fn mint() -> Operation {
    Operation::new(
        ("post", "/api/tenants/{tenant_id}/agents/mint"),
        || post(agents::mint),
        (
            "mint_agent",
            "Mint an agent; its token is in this answer alone",
        ),
        Answer::json::<MintedAgent>(StatusCode::CREATED, "The agent, and its token once."),
    )
    .header(
        IDEMPOTENCY_KEY,
        "The same key with the same body gives the agent that it made, without its token.",
        json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
    )
    .takes(body::<MintAgent>)
    .fails(&[
        Code::MintingNotAllowed,
        Code::AgentLimitReached,
        Code::AgentNameTaken,
        Code::IdempotencyConflict,
        Code::AgentNotFound,
    ])
}

fn activate() -> Operation {
    Operation::new(
        ("post", "/api/tenants/{tenant_id}/agents/activate"),
        || post(agents::activate),
        (
            "activate_agent",
            "Switch on an agent that Husting runs itself; it has no token",
        ),
        Answer::json::<OneAgent>(StatusCode::OK, "The agent as it is now."),
    )
    .takes(activation)
    .fails(&[Code::InvalidState, Code::AgentNotFound])
}

fn list() -> Operation {
    let words = |words: Vec<&str>| json!({"type": "string", "enum": words});
    let statuses = agents::STATUSES.map(|(word, _)| word).to_vec();
    let kinds = agents::KINDS.map(|(word, _)| word).to_vec();
    Operation::new(
        ("get", "/api/tenants/{tenant_id}/agents"),
        || get(agents::list),
        (
            "list_agents",
            "The tenant's agents, in the order they were made",
        ),
        Answer::json::<AgentList>(StatusCode::OK, "A page of them."),
    )
    .query(
        "status",
        "In this state; all but the revoked ones when left out.",
        words(statuses),
    )
    .query("kind", "Run by these.", words(kinds))
    .query(
        "limit",
        "Most agents of one page; 100 when left out.",
        limit(),
    )
    .query(
        "cursor",
        "`next_cursor` of the page before.",
        json!({"type": "string", "format": "uuid"}),
    )
}

fn limit() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": 500})
}

fn one() -> Vec<Operation> {
    const ONE: &str = "/api/tenants/{tenant_id}/agents/{agent_id}";
    let read = Operation::new(
        ("get", ONE),
        || get(agents::read),
        (
            "get_agent",
            "One agent, with liveness, unread mail and open connections",
        ),
        Answer::json::<OneAgent>(StatusCode::OK, "The agent."),
    );
    let change = Operation::new(
        ("patch", ONE),
        || patch(agents::change),
        ("change_agent", "Change an agent; in force on its next call"),
        Answer::json::<OneAgent>(StatusCode::OK, "The agent as it is now."),
    );
    let disable = Operation::new(
        ("post", "/api/tenants/{tenant_id}/agents/{agent_id}/disable"),
        || post(agents::disable),
        ("disable_agent", "Suspend an agent"),
        Answer::json::<OneAgent>(StatusCode::OK, "The agent as it is now."),
    );
    let enable = Operation::new(
        ("post", "/api/tenants/{tenant_id}/agents/{agent_id}/enable"),
        || post(agents::enable),
        ("enable_agent", "Take a suspension back"),
        Answer::json::<OneAgent>(StatusCode::OK, "The agent as it is now."),
    );
    let rotate = Operation::new(
        ("post", "/api/tenants/{tenant_id}/agents/{agent_id}/rotate"),
        || post(agents::rotate),
        (
            "rotate_agent",
            "Give an agent a new token; it is in this answer alone",
        ),
        Answer::json::<MintedAgent>(StatusCode::OK, "The agent, and its new token once."),
    );
    let revoke = Operation::new(
        ("delete", ONE),
        || delete(agents::revoke),
        ("revoke_agent", "End an agent for good"),
        Answer::json::<RevokedAgent>(StatusCode::OK, "The agent and the receipt of its end."),
    );
    let clients: Vec<&str> = Client::ALL.map(Client::word).to_vec();
    let transports: Vec<&str> = agents::TRANSPORTS.map(|(word, _)| word).to_vec();
    let wiring = Operation::new(
        ("get", "/api/tenants/{tenant_id}/agents/{agent_id}/wiring"),
        || get(agents::wiring),
        (
            "get_agent_wiring",
            "What a client's file says, with `<your-token>` in the place of the token",
        ),
        Answer::json::<WiringView>(StatusCode::OK, "What it says."),
    )
    .query(
        "client",
        "For which client; `json` when left out.",
        json!({"type": "string", "enum": clients}),
    )
    .query(
        "transport",
        "How it reaches the bus; `http` when left out.",
        json!({"type": "string", "enum": transports}),
    );
    let states = [Code::InvalidState];
    let all = [
        wiring,
        read,
        change.takes(body::<ChangeAgent>).fails(&states),
        disable.fails(&states),
        enable.fails(&states),
        rotate.may_take(body::<RotateToken>).fails(&states),
        revoke.fails(&states),
    ];
    all.into_iter()
        .map(|operation| operation.fails(&[Code::AgentNotFound]))
        .collect()
}

/// What an activation takes: its agent under either name.
fn activation(schemas: &mut SchemaGenerator) -> Schema {
    let mut schema = ActivateAgent::json_schema(schemas);
    let named = json!({"type": "string", "description": "The same as `agent_name`."});
    if let Some(Value::Object(known)) = schema.get_mut("properties") {
        known.insert(AGENT_KIND.to_owned(), named);
    }
    schema.remove("required");
    schema
}

fn body<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Schema {
    T::json_schema(schemas)
}
