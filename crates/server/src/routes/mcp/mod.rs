//! The public contract as an MCP server over Streamable HTTP, in every version that the SDK knows.
//!
//! It keeps no sessions: each request brings its key, so there is no session id that could outlive a
//! revoked key, be guessed, or pile up. What a request is about is read before the SDK sees it, so
//! that whoever has no key reaches nothing but the open methods.

pub(super) mod calls;
pub(super) mod open_stream;
pub(super) mod peek;
mod results;
pub(super) mod tools;
pub(super) mod unread;
mod waiting;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use husting_console::ContractDoor;
use husting_wire::errors::ErrorCode;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::calls::{TakesEvents, ToolServer};
use self::peek::{Peek, Unread};
pub(super) use self::results::refusal;
use super::credentials::{KeyBearer, no_key};
use super::{Shared, body};
use crate::contract::Contract;
use crate::limits::Counted;
use crate::refusal::{Declined, Refusal};

/// What the SDK is told a client takes; what it really takes is [`TakesEvents`].
const ACCEPT_BOTH: &str = "application/json, text/event-stream";

/// Names a session; the SDK keeps none.
pub(super) const SESSION_ID: &str = "mcp-session-id";

/// The SDK's transport with our tools behind it.
pub(super) struct Mcp(StreamableHttpService<ToolServer, NeverSessionManager>);

impl Mcp {
    pub(super) fn new(
        contract: Arc<dyn Contract>,
        shutdown: CancellationToken,
        work: TaskTracker,
    ) -> Self {
        let config = StreamableHttpServerConfig::default()
            // The guard knows all names, and looks at them first.
            .disable_allowed_hosts()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(body::WITH_DOCUMENT);
        // Not ended by the SDK, which would close streams on calls that it then answers nothing.
        let tools = ToolServer {
            contract,
            work,
            shutdown,
        };
        Self(StreamableHttpService::new(
            move || Ok(tools.clone()),
            Arc::default(),
            config,
        ))
    }

    async fn hear(shared: Shared, request: Request, id: serde_json::Value) -> Response {
        let response = shared.mcp.0.handle(request).await;
        if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            // Its type was looked at before: this is what the SDK answers where JSON is no message.
            return Unread::not_a_message(id).into_response();
        }
        response.map(Body::new)
    }
}

pub(super) async fn answer(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Response, Declined> {
    let (parts, body) = request.into_parts();
    let bearer = KeyBearer::find(&parts, &shared, ContractDoor::Mcp)?;
    let limit = if bearer.is_some() {
        body::WITH_DOCUMENT
    } else {
        body::SMALL
    };
    let read = body::json_bytes(&parts.headers, body, limit).await;
    let Some(bearer) = bearer else {
        return open(shared, &parts, read.map_err(|_| no_key())?).await;
    };
    let bytes = read?;
    let peek = match Peek::at(&bytes) {
        Ok(peek) => peek,
        Err(unread) => return Ok(unread.into_response()),
    };
    let takes = takes_events(&parts.headers)?;
    let waits = peek.waits();
    let mut request = passed_on(&parts, bytes, takes);
    if waits {
        let allowance = shared.contract.allowance();
        let place = shared
            .limits
            .open(Counted::Key(bearer.holder.key), allowance)?;
        request.extensions_mut().insert(Arc::new(place));
    }
    request.extensions_mut().insert(bearer.caller);
    let hearing = Mcp::hear(shared.clone(), request, peek.id);
    Ok(if waits && takes.0 {
        open_stream::kept(hearing).await
    } else {
        hearing.await
    })
}

/// Answers somebody without a key, who may ask for little.
async fn open(shared: Shared, parts: &Parts, bytes: Bytes) -> Result<Response, Declined> {
    match Peek::at(&bytes) {
        Ok(peek) if peek.is_open() => {
            let takes = takes_events(&parts.headers)?;
            let request = passed_on(parts, bytes, takes);
            Ok(Mcp::hear(shared, request, peek.id).await)
        }
        _ => Err(no_key().into()),
    }
}

/// The request for the SDK, which logs what it sees: without the key.
pub(super) fn passed_on(parts: &Parts, bytes: Bytes, takes: TakesEvents) -> Request {
    let mut request = Request::new(Body::from(bytes));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_static("/mcp");
    let headers = request.headers_mut();
    let is_told = |name: &HeaderName| {
        let is_of_protocol = name.as_str().starts_with("mcp-") && name.as_str() != SESSION_ID;
        name == header::HOST || name == header::CONTENT_TYPE || is_of_protocol
    };
    for (name, value) in parts.headers.iter().filter(|(name, _)| is_told(name)) {
        headers.append(name, value.clone());
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT_BOTH));
    request.extensions_mut().insert(takes);
    request
}

/// The transport wants clients to take JSON and event streams; some say less than they take.
pub(super) fn takes_events(headers: &HeaderMap) -> Result<TakesEvents, Refusal> {
    let named: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim())
        .collect();
    let takes = |kinds: &[&str]| named.is_empty() || named.iter().any(|kind| kinds.contains(kind));
    if !takes(&["application/json", "application/*", "*/*"]) {
        return Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            ErrorCode::InvalidRequest,
            "Send Accept: application/json, text/event-stream.",
        ));
    }
    Ok(TakesEvents(takes(&["text/event-stream", "text/*", "*/*"])))
}
