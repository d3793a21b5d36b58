//! Rounds that begin: a session's first, its next, and one that is tried again.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use husting_console::Again;
use husting_wire::contract::requests::{AppendToSession, CreateDeliberation};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::SessionAck;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::credentials::KeyBearer;
use super::super::{Shared, body};
use super::paths::{AtRound, InSession, NothingAsked};
use crate::refusal::Declined;
use crate::strict;

/// Names a request, so that sending it again does not do it again.
pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What an accepted round answers, with what the caller called its request.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Acknowledgement {
    #[serde(flatten)]
    ack: SessionAck,
    /// The `Idempotency-Key` it came with.
    idempotency_key: Option<String>,
    /// The caller's own name for it.
    client_request_id: Option<String>,
}

type Accepted<T> = Result<(StatusCode, Json<T>), Declined>;

pub(super) async fn create(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    _: NothingAsked,
    headers: HeaderMap,
    body: Body,
) -> Accepted<Acknowledgement> {
    let named = Named::read(&headers, body).await?;
    if named.members.contains_key("recap_session") {
        return Err(no_synthesis());
    }
    let (asked, again) = named.request::<CreateDeliberation>()?;
    let (contract, given) = (shared.contract.clone(), again.clone());
    let ack = shared
        .to_its_end(async move { contract.create(&bearer.caller, asked, given).await })
        .await?;
    Ok(acknowledged(ack, again))
}

pub(super) async fn append(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    _: NothingAsked,
    headers: HeaderMap,
    body: Body,
) -> Accepted<Acknowledgement> {
    let mut named = Named::read(&headers, body).await?;
    if named.members.contains_key("session_id") {
        return Err(Error::invalid("session_id stands in the path, and not in the body.").into());
    }
    let id = Value::String(session.to_string());
    named.members.insert("session_id".to_owned(), id);
    let (asked, again) = named.request::<AppendToSession>()?;
    let (contract, given) = (shared.contract.clone(), again.clone());
    let ack = shared
        .to_its_end(async move { contract.append(&bearer.caller, asked, given).await })
        .await?;
    Ok(acknowledged(ack, again))
}

pub(super) async fn retry(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    AtRound { session, round }: AtRound,
    _: NothingAsked,
    headers: HeaderMap,
) -> Accepted<Acknowledgement> {
    let again = Again::ByKey {
        key: idempotency_key(&headers)?,
        client_request_id: None,
    };
    let (contract, given) = (shared.contract.clone(), again.clone());
    let ack = shared
        .to_its_end(async move {
            let round = round.id(contract.as_ref(), &bearer.caller, session).await?;
            contract.retry(&bearer.caller, session, round, given).await
        })
        .await?;
    Ok(acknowledged(ack, again))
}

fn acknowledged(ack: SessionAck, again: Again) -> (StatusCode, Json<Acknowledgement>) {
    let (idempotency_key, client_request_id) = match again {
        Again::ByKey {
            key,
            client_request_id,
        } => (key, client_request_id),
        Again::ByWords => (None, None),
    };
    let acknowledgement = Acknowledgement {
        ack,
        idempotency_key,
        client_request_id,
    };
    (StatusCode::ACCEPTED, Json(acknowledgement))
}

fn no_synthesis() -> Declined {
    Declined::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InvalidRequest,
        "recap_session is taken when a round is appended: a synthesis needs two rounds.",
    )
}

/// A request with what its caller calls it.
struct Named {
    members: Map<String, Value>,
    key: Option<String>,
    client_request_id: Option<String>,
}

impl Named {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Declined> {
        let key = idempotency_key(headers)?;
        let mut members: Map<String, Value> =
            body::json(headers, body, body::WITH_DOCUMENT).await?;
        let client_request_id = members.remove("client_request_id");
        Ok(Self {
            client_request_id: client_request_id.map(checked_name).transpose()?.flatten(),
            members,
            key,
        })
    }

    fn request<T: DeserializeOwned>(self) -> Result<(T, Again), Error> {
        let asked = strict::read_value(Value::Object(self.members))?;
        let again = Again::ByKey {
            key: self.key,
            client_request_id: self.client_request_id,
        };
        Ok((asked, again))
    }
}

fn checked_name(given: Value) -> Result<Option<String>, Error> {
    match given {
        Value::Null => Ok(None),
        Value::String(name) if name.chars().count() <= 200 => Ok(Some(name)),
        _ => Err(Error::invalid(
            "client_request_id: it is text of at most 200 characters.",
        )),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let is_printable = |byte: &u8| (0x20..0x7f).contains(byte);
    let fits = (1..=255).contains(&key.len()) && key.as_bytes().iter().all(is_printable);
    match key.to_str() {
        Ok(key) if fits && given.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Error::invalid(
            "Idempotency-Key: it stands once, with 1 to 255 printable ASCII characters.",
        )),
    }
}
