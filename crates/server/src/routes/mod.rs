//! The routes and what they share.

mod astray;
mod body;
mod bus;
mod contract;
mod credentials;
mod discovery;
mod events;
mod health;
mod login;
mod mcp;
mod pages;
mod rpc;
mod streams;
mod tenants;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use husting_wire::errors::{Error, ErrorCode};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::bus::BusDoor;
use self::credentials::Anybody;
use self::mcp::Mcp;
use crate::access::Access;
use crate::agents::Agents;
use crate::bus::Bus;
use crate::contract::Contract;
use crate::guard::{Names, guard};
use crate::host::Host;
use crate::limits::Limits;
use crate::outside::Outside;
use crate::refusal::Refusal;

/// What is served.
#[derive(Clone)]
pub struct Served {
    /// The program behind the operator's routes.
    pub host: Arc<dyn Host>,
    /// The same behind the public contract's.
    pub contract: Arc<dyn Contract>,
    /// The same behind the bus of agents.
    pub bus: Arc<dyn Bus>,
    /// The same behind the routes of tenants.
    pub agents: Arc<dyn Agents>,
    /// Who may come in.
    pub access: Arc<Access>,
}

/// What every route can use. It is copied several times for each request, so it is one pointer.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Common>);

pub(crate) struct Common {
    host: Arc<dyn Host>,
    contract: Arc<dyn Contract>,
    bus: Arc<dyn Bus>,
    agents: Arc<dyn Agents>,
    access: Arc<Access>,
    /// What each key and token has used of its allowance.
    limits: Arc<Limits>,
    mcp: Mcp,
    bus_door: BusDoor,
    port: u16,
    /// Whether a token in the path opens a legacy stream.
    takes_path_tokens: bool,
    /// Where others reach this, if they do.
    public: Option<String>,
    /// Ends the streams.
    shutdown: CancellationToken,
    /// Commands at work; waited for at the end.
    work: TaskTracker,
}

pub(crate) fn router(
    served: Served,
    port: u16,
    outside: Option<Outside>,
    shutdown: CancellationToken,
    work: TaskTracker,
) -> Router {
    let mcp = Mcp::new(served.contract.clone(), shutdown.clone(), work.clone());
    let bus_door = BusDoor::new(
        served.bus.clone(),
        served.contract.clone(),
        shutdown.clone(),
        work.clone(),
    );
    let shared = Shared(Arc::new(Common {
        host: served.host,
        contract: served.contract,
        bus: served.bus,
        agents: served.agents,
        access: served.access,
        limits: Arc::default(),
        mcp,
        bus_door,
        port,
        takes_path_tokens: outside.as_ref().is_none_or(|it| it.allow_path_tokens),
        public: outside.as_ref().map(|it| it.url.to_string()),
        shutdown,
        work,
    }));
    let names = Names::of(port, outside.map(|it| it.url));
    Router::new()
        .merge(contract::router())
        .route("/api/mcp", post(mcp::answer))
        .merge(bus::router())
        .merge(discovery::router())
        .route("/", get(pages::front).fallback(no_such_route))
        .route("/console/rpc", post(rpc::rpc))
        .route("/console/events", get(events::events))
        .route("/console/link", post(login::link))
        .route("/console/login", post(login::log_in))
        .route("/console/logout", post(login::log_out))
        .route("/console", get(async || Redirect::permanent("/console/")))
        .route("/console/", get(pages::index))
        .route("/console/{*path}", get(pages::page))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn(astray::page))
        .layer(from_fn_with_state(names, guard))
        .with_state(shared)
}

impl Deref for Shared {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0
    }
}

impl Shared {
    /// Does something that a caller who hangs up must not cut where it stands.
    async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        to_its_end(&self.work, work).await
    }
}

async fn to_its_end<T: Send + 'static>(
    tasks: &TaskTracker,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tasks.spawn(work).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, "a request ended without an answer");
        Err(Error::new(
            ErrorCode::Internal,
            "This request ended without an answer; the log has the cause.",
        ))
    })
}

/// Only for who was let in: to anybody else every unknown route looks like a locked one.
async fn no_such_route(_: Anybody, uri: Uri) -> Response {
    Refusal::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "There is no such route.",
    )
    .at(uri.path())
}

async fn no_such_method(_: Anybody, uri: Uri) -> Response {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::InvalidRequest,
        "This route does not take this method.",
    )
    .at(uri.path())
}
