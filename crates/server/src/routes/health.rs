//! Whether this is Husting and alive; open to everybody on the machine.

use axum::Json;
use serde::Serialize;

/// What a health check answers.
#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}
