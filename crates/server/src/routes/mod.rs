//! The routes and what they share.

mod body;
mod credentials;
mod events;
mod health;
mod login;
mod pages;
mod rpc;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{get, post};
use husting_wire::errors::ErrorCode;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::credentials::Caller;
use crate::access::Access;
use crate::guard::{Names, guard};
use crate::host::Host;
use crate::refusal::Refusal;

/// What is served.
#[derive(Clone)]
pub struct Served {
    /// The program behind the routes.
    pub host: Arc<dyn Host>,
    /// Who may come in.
    pub access: Arc<Access>,
}

/// What every route can use.
#[derive(Clone)]
pub(crate) struct Shared {
    host: Arc<dyn Host>,
    access: Arc<Access>,
    port: u16,
    /// Ends the streams.
    shutdown: CancellationToken,
    /// Commands at work; waited for at the end.
    work: TaskTracker,
}

pub(crate) fn router(
    served: Served,
    port: u16,
    shutdown: CancellationToken,
    work: TaskTracker,
) -> Router {
    let shared = Shared {
        host: served.host,
        access: served.access,
        port,
        shutdown,
        work,
    };
    Router::new()
        .route("/health", get(health::health))
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
        .layer(from_fn_with_state(Names::of(port), guard))
        .with_state(shared)
}

/// Only for who was let in: to anybody else every unknown route looks like a locked one.
async fn no_such_route(_: Caller) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "There is no such route.",
    )
}

async fn no_such_method(_: Caller) -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::InvalidRequest,
        "This route does not take this method.",
    )
}
