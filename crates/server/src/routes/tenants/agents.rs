//! A tenant's agents: a request is read, a use case asked, its record answered.

use std::sync::LazyLock;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use husting_domain::agents::{AgentKind, AgentStatus};
use husting_domain::clients::Client;
use husting_wire::agents::{
    ActivateAgent, AgentList, ChangeAgent, ListAgents, MintAgent, MintedAgent, OneAgent,
    RevokedAgent, RotateToken,
};
use husting_wire::errors::Error;
use husting_wire::tenants::TenantRecord;
use husting_wire::wiring::{WiringTransport, WiringView};
use serde_json::{Value, json};

use super::super::contract::convening::idempotency_key;
use super::super::contract::paths::Asked;
use super::super::{Shared, body};
use super::AGENT_KIND;
use super::bearer::{AtAgent, TenantBearer};
use crate::refusal::Barred;
use crate::{schemas, shape};

/// What bodies are held against.
static MINT_BODY: LazyLock<Value> = LazyLock::new(|| schemas::of_body(super::body::<MintAgent>));
static ACTIVATE_BODY: LazyLock<Value> =
    LazyLock::new(|| schemas::of_body(super::body::<ActivateAgent>));
static CHANGE_BODY: LazyLock<Value> =
    LazyLock::new(|| schemas::of_body(super::body::<ChangeAgent>));
static ROTATE_BODY: LazyLock<Value> =
    LazyLock::new(|| schemas::of_body(super::body::<RotateToken>));

/// What agents are listed by.
pub(super) const STATUSES: [(&str, AgentStatus); 4] = [
    ("active", AgentStatus::Active),
    ("suspended", AgentStatus::Suspended),
    ("inactive", AgentStatus::Inactive),
    ("revoked", AgentStatus::Revoked),
];
/// See [`STATUSES`].
pub(super) const KINDS: [(&str, AgentKind); 3] = [
    ("custom", AgentKind::Custom),
    ("managed", AgentKind::Managed),
    ("connector", AgentKind::Connector),
];

/// How a client reaches the bus.
pub(super) const TRANSPORTS: [(&str, WiringTransport); 2] = [
    ("http", WiringTransport::Http),
    ("sse", WiringTransport::Sse),
];

type Answered<T> = Result<Json<T>, Barred>;

pub(super) async fn tenant(
    State(shared): State<Shared>,
    TenantBearer(manager): TenantBearer,
    uri: Uri,
) -> Answered<TenantRecord> {
    nothing_asked(&uri)?;
    Ok(Json(shared.agents.tenant(&manager)))
}

pub(super) async fn mint(
    State(shared): State<Shared>,
    TenantBearer(manager): TenantBearer,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MintedAgent>), Barred> {
    nothing_asked(&uri)?;
    let key = idempotency_key(&headers).map_err(|fault| {
        shape::invalid_body(
            "Idempotency-Key",
            "1 to 255 printable ASCII characters, once",
            fault.message,
        )
    })?;
    let body = body::json(&headers, body, body::SMALL).await?;
    let asked: MintAgent = shape::read_body(&MINT_BODY, body)?;
    let agents = shared.agents.clone();
    let minted = shared
        .to_its_end(async move { agents.mint(&manager, asked, key).await })
        .await?;
    Ok((StatusCode::CREATED, Json(minted)))
}

pub(super) async fn activate(
    State(shared): State<Shared>,
    TenantBearer(manager): TenantBearer,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answered<OneAgent> {
    nothing_asked(&uri)?;
    let mut body: Value = body::json(&headers, body, body::SMALL).await?;
    if let Value::Object(members) = &mut body {
        shape::fold(members, "agent_name", &[AGENT_KIND])?;
    }
    let asked: ActivateAgent = shape::read_body(&ACTIVATE_BODY, body)?;
    let agents = shared.agents.clone();
    let activated = shared
        .to_its_end(async move { agents.activate(&manager, asked).await })
        .await?;
    Ok(Json(activated))
}

pub(super) async fn list(
    State(shared): State<Shared>,
    TenantBearer(manager): TenantBearer,
    uri: Uri,
) -> Answered<AgentList> {
    let known = ["status", "kind", "limit", "cursor"];
    let asked = Asked::of(&uri, &known).map_err(in_query)?;
    let asked = ListAgents {
        status: asked.word("status", &STATUSES).map_err(in_query)?,
        kind: asked.word("kind", &KINDS).map_err(in_query)?,
        limit: asked
            .one("limit", "a whole number from 1 to 500")
            .map_err(in_query)?,
        cursor: asked.one("cursor", "text").map_err(in_query)?,
    };
    Ok(Json(shared.agents.list(&manager, asked).await?))
}

pub(super) async fn read(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
) -> Answered<OneAgent> {
    nothing_asked(&uri)?;
    Ok(Json(shared.agents.read(&manager, agent).await?))
}

pub(super) async fn wiring(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
) -> Answered<WiringView> {
    let asked = Asked::of(&uri, &["client", "transport"]).map_err(in_query)?;
    let clients = Client::ALL.map(|client| (client.word(), client));
    let client = asked.word("client", &clients).map_err(in_query)?;
    let transport = asked.word("transport", &TRANSPORTS).map_err(in_query)?;
    let (client, transport) = (
        client.unwrap_or(Client::Json),
        transport.unwrap_or_default(),
    );
    Ok(Json(
        shared
            .agents
            .wiring(&manager, agent, client, transport)
            .await?,
    ))
}

pub(super) async fn change(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answered<OneAgent> {
    nothing_asked(&uri)?;
    let body = body::json(&headers, body, body::SMALL).await?;
    let asked: ChangeAgent = shape::read_body(&CHANGE_BODY, body)?;
    let agents = shared.agents.clone();
    let changed = shared
        .to_its_end(async move { agents.change(&manager, agent, asked).await })
        .await?;
    Ok(Json(changed))
}

pub(super) async fn disable(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
) -> Answered<OneAgent> {
    nothing_asked(&uri)?;
    let agents = shared.agents.clone();
    let disabled = shared
        .to_its_end(async move { agents.disable(&manager, agent).await })
        .await?;
    Ok(Json(disabled))
}

pub(super) async fn enable(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
) -> Answered<OneAgent> {
    nothing_asked(&uri)?;
    let agents = shared.agents.clone();
    let enabled = shared
        .to_its_end(async move { agents.enable(&manager, agent).await })
        .await?;
    Ok(Json(enabled))
}

pub(super) async fn rotate(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answered<MintedAgent> {
    nothing_asked(&uri)?;
    let body = body::json_if_any(&headers, body, body::SMALL).await?;
    let body = body.unwrap_or_else(|| json!({}));
    let RotateToken { overlap_seconds } = shape::read_body(&ROTATE_BODY, body)?;
    let agents = shared.agents.clone();
    let rotated = shared
        .to_its_end(async move { agents.rotate(&manager, agent, overlap_seconds).await })
        .await?;
    Ok(Json(rotated))
}

pub(super) async fn revoke(
    State(shared): State<Shared>,
    AtAgent { manager, agent }: AtAgent,
    uri: Uri,
) -> Answered<RevokedAgent> {
    nothing_asked(&uri)?;
    let agents = shared.agents.clone();
    let revoked = shared
        .to_its_end(async move { agents.revoke(&manager, agent).await })
        .await?;
    Ok(Json(revoked))
}

fn nothing_asked(uri: &Uri) -> Result<(), Error> {
    Asked::of(uri, &[]).map(|_| ()).map_err(in_query)
}

/// A query's fault with the name and the rule, which stand in its sentence already.
fn in_query(fault: Error) -> Error {
    let (field, rule) = match fault.message.split_once(": ") {
        Some((field, rule)) if !field.contains(' ') => (field.to_owned(), rule.to_owned()),
        _ => ("query".to_owned(), fault.message.clone()),
    };
    shape::invalid_body(&field, &rule, fault.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_held_against_every_word_of_their_schema() {
        for schema in [&MINT_BODY, &ACTIVATE_BODY, &CHANGE_BODY, &ROTATE_BODY] {
            assert_eq!(shape::unheld(schema), None);
        }
    }
}
