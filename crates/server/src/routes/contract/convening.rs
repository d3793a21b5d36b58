//! Rounds that begin: a session's first, its next, and one that is tried again.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use husting_console::Again;
use husting_wire::contract::requests::{AppendToSession, CreateDeliberation, NoArguments};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::SessionAck;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::LazyLock;

use super::super::credentials::KeyBearer;
use super::super::{Shared, body};
use super::openapi::{CLIENT_REQUEST_ID, append_body, create_body, retry_body};
use super::paths::{AtRound, InSession, NothingAsked};
use crate::refusal::Declined;
use crate::{schemas, shape, strict};

/// Names a request, so that sending it again does not do it again.
pub(in crate::routes) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What bodies are held against.
static CREATE_BODY: LazyLock<Value> = LazyLock::new(|| schemas::of_body(create_body));
static APPEND_BODY: LazyLock<Value> = LazyLock::new(|| schemas::of_body(append_body));
static RETRY_BODY: LazyLock<Value> = LazyLock::new(|| schemas::of_body(retry_body));

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
    if named.body.get("recap_session").is_some() {
        return Err(no_synthesis());
    }
    let (asked, again) = named.request::<CreateDeliberation>(&CREATE_BODY, &[])?;
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
    let named = Named::read(&headers, body).await?;
    if named.body.get("session_id").is_some() {
        return Err(
            Error::invalid("session_id: it stands in the path, and not in the body.").into(),
        );
    }
    let in_path = [("session_id", session.to_string())];
    let (asked, again) = named.request::<AppendToSession>(&APPEND_BODY, &in_path)?;
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
    body: Body,
) -> Accepted<Acknowledgement> {
    let named = Named::read_if_any(&headers, body).await?;
    let (NoArguments {}, again) = named.request(&RETRY_BODY, &[])?;
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
    body: Value,
    key: Option<String>,
}

impl Named {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Declined> {
        Ok(Self {
            key: idempotency_key(headers)?,
            body: body::json(headers, body, body::WITH_DOCUMENT).await?,
        })
    }

    async fn read_if_any(headers: &HeaderMap, body: Body) -> Result<Self, Declined> {
        let key = idempotency_key(headers)?;
        let body = body::json_if_any(headers, body, body::SMALL).await?;
        let body = body.unwrap_or_else(|| json!({}));
        Ok(Self { body, key })
    }

    /// What is asked, with what the path says of it.
    fn request<T: DeserializeOwned>(
        mut self,
        schema: &Value,
        in_path: &[(&str, String)],
    ) -> Result<(T, Again), Error> {
        shape::check(schema, &self.body)?;
        let mut client_request_id = None;
        if let Value::Object(members) = &mut self.body {
            client_request_id = members.remove(CLIENT_REQUEST_ID);
            members.extend(
                in_path
                    .iter()
                    .map(|(name, id)| ((*name).to_owned(), Value::from(id.as_str()))),
            );
        }
        let asked = strict::read_value(self.body)?;
        let again = Again::ByKey {
            key: self.key,
            client_request_id: client_request_id.and_then(|name| Some(name.as_str()?.to_owned())),
        };
        Ok((asked, again))
    }
}

/// The caller's name for its request, where it gives one.
pub(in crate::routes) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_held_against_every_word_of_their_schema() {
        for schema in [&CREATE_BODY, &APPEND_BODY, &RETRY_BODY] {
            assert_eq!(shape::unheld(schema), None);
        }
    }
}
