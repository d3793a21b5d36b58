//! A bus in the field, made with the official MCP library: the tools `send` and `inbox`, answered in
//! words alone, without records, ids of mail or acknowledgements. Streamable HTTP at `/mcp` takes the
//! token as a Bearer; server-sent events at `/sse/<token>` take it in the path and nowhere else.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! let bus = husting_test_support::PlainBus::start("secret").await?;
//! bus.write("[2026-11-20T10:00:00Z] agent:kasra: Done.");
//! println!("{} {}", bus.origin(), bus.sent().len());
//! # Ok(())
//! # }
//! ```

mod events;
mod tools;

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::channel::mpsc;
use rmcp::{
    model::ClientJsonRpcMessage,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio::sync::watch;

use crate::door::Entrance;

/// The bus on a loopback socket. It stops listening when it is dropped.
pub struct PlainBus {
    state: Arc<Shared>,
    entrance: Entrance,
}

/// What every request is refused with.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// The status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

struct Shared {
    token: String,
    desk: Mutex<Desk>,
    /// Every stream ends when this changes.
    cut: watch::Sender<()>,
}

#[derive(Default)]
struct Desk {
    sent: Vec<(String, String)>,
    unread: Vec<String>,
    trouble: Option<Trouble>,
    paths: Vec<String>,
    streams: HashMap<u64, mpsc::UnboundedSender<ClientJsonRpcMessage>>,
    opened: u64,
}

impl PlainBus {
    /// Starts on a free port, with the one token that it knows.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(token: &str) -> io::Result<Self> {
        let entrance = Entrance::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let state = Arc::new(Shared {
            token: token.to_owned(),
            desk: Mutex::default(),
            cut: watch::Sender::new(()),
        });
        entrance.open(router(&state))?;
        Ok(PlainBus { state, entrance })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.entrance.address())
    }

    /// Puts lines into the connector's inbox, which its next `inbox` gives out once.
    pub fn write(&self, lines: &str) {
        self.state.lock().unread.push(lines.to_owned());
    }

    /// What was sent, as recipient and text.
    pub fn sent(&self) -> Vec<(String, String)> {
        self.state.lock().sent.clone()
    }

    /// The method and path of every request so far.
    pub fn paths(&self) -> Vec<String> {
        self.state.lock().paths.clone()
    }

    /// Refuses every request from now on, or none any more.
    pub fn set_trouble(&self, trouble: Option<Trouble>) {
        self.state.lock().trouble = trouble;
    }

    /// Ends every stream.
    pub fn cut(&self) {
        self.state.cut.send_replace(());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(state: &Arc<Shared>) -> Router {
    let desk = Arc::clone(state);
    let mcp = StreamableHttpService::new(
        move || Ok(tools::Server(Arc::clone(&desk))),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let known = middleware::from_fn_with_state(Arc::clone(state), known);
    Router::new()
        .route_service("/mcp", mcp)
        .route_layer(known)
        .route("/sse/{token}", get(events::open))
        .route("/messages", post(events::message))
        .layer(middleware::from_fn_with_state(Arc::clone(state), noted))
        .with_state(Arc::clone(state))
}

/// Lets in whoever has the token; a stranger is told no challenge, as some servers do.
async fn known(State(state): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let expected = format!("Bearer {}", state.token);
    let given = request.headers().get(header::AUTHORIZATION);
    if given.is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, "Who are you?").into_response();
    }
    next.run(request).await
}

async fn noted(State(state): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let path = format!("{} {}", request.method(), request.uri().path());
    let trouble = {
        let mut desk = state.lock();
        desk.paths.push(path);
        desk.trouble
    };
    let Some(trouble) = trouble else {
        return next.run(request).await;
    };
    let status = StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, "In trouble.").into_response();
    if let Some(seconds) = trouble.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
