//! MCP over Streamable HTTP: one message for each POST, and a stream for what nobody asked for.
//! <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http>

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream::StreamExt;
use husting_console::BusDoor;
use husting_wire::errors::{Error, ErrorCode};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::super::mcp::peek::Peek;
use super::super::mcp::{SESSION_ID, takes_events};
use super::super::streams::{self, Beat, End, Line};
use super::super::{Shared, body};
use super::bearer::{AgentBearer, refuse_large};
use super::hearing::{Heard, hear};
use super::news::news;
use super::sessions::Session;
use crate::connections::Cut;
use crate::refusal::{Barred, Refusal};

/// Says that a client reads what it is refused from words: a missing scope from a tool's result, and
/// of a dead token the body alone.
const DENIALS: &str = "x-husting-denials";

pub(super) async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let words_alone = reads_results(request.headers());
    let mut response = answered(&shared, request).await.into_response();
    // Clients that see a challenge look for a way to log in, and tell of that in the place of what is
    // wrong with the token.
    if words_alone && response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().remove(WWW_AUTHENTICATE);
    }
    response
}

async fn answered(shared: &Shared, request: Request) -> Result<Response, Barred> {
    let (parts, body) = request.into_parts();
    let bearer = AgentBearer::of(&parts, shared, BusDoor::Http)?;
    let bytes = body::json_bytes(&parts.headers, body, bearer.most_bytes(shared)).await?;
    let peek = match Peek::at(&bytes) {
        Ok(peek) => peek,
        Err(unread) => return Ok(unread.into_response()),
    };
    refuse_large(&peek, &bytes)?;
    let session = session_of(shared, &parts, &bearer)?;
    let opens = session.is_none() && peek.method() == "initialize";
    let heard = Heard {
        session,
        takes: takes_events(&parts.headers)?,
        denied_in_results: reads_results(&parts.headers),
        bearer: bearer.clone(),
        peek,
        parts,
        bytes,
    };
    let response = hear(shared, heard).await?;
    if opens {
        return with_session(shared, &bearer, response).await;
    }
    Ok(response)
}

/// The server's stream of a session, until the session, its token or the client ends.
pub(super) async fn listen(
    State(shared): State<Shared>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Result<Response, Barred> {
    let (parts, _) = request.into_parts();
    let bearer = AgentBearer::of(&parts, &shared, BusDoor::Http)?;
    if !takes_events(&parts.headers).is_ok_and(|takes| takes.0) && !takes_a_stream(&parts.headers) {
        let message = "Send Accept: text/event-stream.";
        let refusal = Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            ErrorCode::InvalidRequest,
            message,
        );
        return Err(refusal.into());
    }
    let session = session_of(&shared, &parts, &bearer)?.ok_or_else(|| {
        let message =
            "A stream belongs to a session: send the Mcp-Session-Id that initialize answered.";
        Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, message)
    })?;
    let place = bearer.place(&shared)?;
    let connection = shared.bus.hold_open(&bearer.holder)?;
    let replaced = session.take_stream();
    let ended = connection.ended().clone();
    let inbox = bearer.inbox();
    let told = news(
        shared.bus.clone(),
        bearer.holder,
        session.known.clone(),
        session.subscription.subscribe(),
    );
    let lines = told.map(move |news| {
        // Held for as long as the stream is.
        let _held = (&place, &connection, &session);
        Line {
            id: None,
            event: None,
            json: news.message(&inbox).to_string().into(),
        }
    });
    let (shutdown, sessions) = (shared.shutdown.clone(), shared.bus_door.sessions.clone());
    let id = session_id(&parts.headers).unwrap_or_default().to_owned();
    let end = async move {
        tokio::select! {
            () = shutdown.cancelled() => End::Gently,
            () = replaced.cancelled() => End::Gently,
            () = ended.cancelled() => {
                sessions.end(&id, bearer.token);
                End::AtOnce
            }
        }
    };
    Ok(streams::sent(
        &shared,
        cut,
        lines.boxed(),
        end,
        Beat::Comment,
    ))
}

/// Ends a session.
pub(super) async fn end(
    State(shared): State<Shared>,
    request: Request,
) -> Result<StatusCode, Barred> {
    let (parts, _) = request.into_parts();
    let bearer = AgentBearer::of(&parts, &shared, BusDoor::Http)?;
    let id = session_id(&parts.headers).unwrap_or_default();
    if !shared.bus_door.sessions.end(id, bearer.token) {
        return Err(no_such_session().into());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The session that a request names, which must be of the same token.
fn session_of(
    shared: &Shared,
    parts: &Parts,
    bearer: &AgentBearer,
) -> Result<Option<Arc<Session>>, Error> {
    let Some(id) = session_id(&parts.headers) else {
        return Ok(None);
    };
    let found = shared.bus_door.sessions.find(id, bearer.token);
    found.map(Some).ok_or_else(no_such_session)
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    // What is no text names nothing.
    headers
        .get(SESSION_ID)
        .map(|id| id.to_str().unwrap_or_default())
}

pub(super) fn no_such_session() -> Error {
    Error::new(
        ErrorCode::NotFound,
        "There is no such session of this token. Open a new one.",
    )
}

fn reads_results(headers: &HeaderMap) -> bool {
    let wanted = headers.get(DENIALS);
    wanted.is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"result"))
}

/// Clients name event streams alone where they ask for nothing else.
fn takes_a_stream(headers: &HeaderMap) -> bool {
    let named = headers.get_all(axum::http::header::ACCEPT).iter();
    let mut named = named.filter_map(|value| value.to_str().ok());
    named.any(|value| value.contains("text/event-stream"))
}

/// An answer to `initialize`, with the session that it opens where it was taken in.
async fn with_session(
    shared: &Shared,
    bearer: &AgentBearer,
    response: Response,
) -> Result<Response, Barred> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, body::SMALL).await.unwrap_or_default();
    let is_taken = serde_json::from_slice::<Value>(&bytes)
        .is_ok_and(|message| message.get("result").is_some());
    if is_taken {
        let scopes = shared.bus.scopes_of(&bearer.holder);
        let opened = shared.bus_door.sessions.open(bearer, scopes);
        let id = opened.map_err(|fault| {
            tracing::error!(%fault, "a session has no id");
            Error::new(ErrorCode::Internal, "No session can be opened now.")
        })?;
        if let Ok(id) = HeaderValue::from_str(id.expose_secret()) {
            parts.headers.insert(SESSION_ID, id);
        }
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}
