//! The bus as an MCP server: over Streamable HTTP, and over server-sent events for older clients.
//!
//! The SDK answers each message for itself. What it does not know stands before it: which scope a call
//! needs, which is decided from the body it has not seen yet; sessions, bound to the token that opened
//! them; and the streams on which a session hears of mail and of changes to its tools.

mod addressee;
mod answering;
mod arguments;
mod bearer;
mod cancelling;
mod clients;
mod gate;
mod hearing;
mod news;
mod results;
mod server;
mod sessions;
mod sse;
mod streamable;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::cancelling::InFlight;
use self::clients::Clients;
use self::server::BusServer;
use self::sessions::Sessions;
use self::sse::Streams;
use super::mcp::calls::ToolServer;
use super::mcp::peek::Unread;
use super::streams::KEEP_ALIVE;
use super::{Shared, body};
use crate::bus::Bus;
use crate::contract::Contract;

/// What the bus's routes keep between requests.
pub(super) struct BusDoor {
    sdk: StreamableHttpService<BusServer, NeverSessionManager>,
    /// Of Streamable HTTP.
    sessions: Arc<Sessions>,
    /// Of server-sent events.
    streams: Arc<Streams>,
    in_flight: Arc<InFlight>,
    clients: Clients,
}

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route(
            "/mcp",
            post(streamable::answer)
                .get(streamable::listen)
                .delete(streamable::end),
        )
        .route("/sse", get(sse::by_bearer))
        .route("/sse/{token}", get(sse::by_path))
        .route("/messages", post(sse::message))
}

impl BusDoor {
    pub(super) fn new(
        bus: Arc<dyn Bus>,
        contract: Arc<dyn Contract>,
        shutdown: CancellationToken,
        work: TaskTracker,
    ) -> Self {
        let config = StreamableHttpServerConfig::default()
            // The guard knows all names, and looks at them first.
            .disable_allowed_hosts()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(body::WITH_DOCUMENT)
            .with_sse_keep_alive(Some(KEEP_ALIVE));
        // Not ended by the SDK, which would close streams on calls that it then answers nothing.
        let deliberation = ToolServer {
            contract,
            work: work.clone(),
            shutdown: shutdown.clone(),
        };
        let server = BusServer {
            bus,
            deliberation,
            work,
            shutdown,
        };
        Self {
            sdk: StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config),
            sessions: Arc::default(),
            streams: Arc::default(),
            in_flight: Arc::default(),
            clients: Clients::default(),
        }
    }

    async fn hear(shared: Shared, request: Request, id: Value) -> Response {
        let response = shared.bus_door.sdk.handle(request).await;
        if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            // Its type was looked at before: this is what the SDK answers where JSON is no message.
            return Unread::not_a_message(id).into_response();
        }
        response.map(Body::new)
    }
}
