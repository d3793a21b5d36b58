//! Whether this is Husting and alive; open to everybody on the machine.

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;

/// What a health check answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
    /// Of this program.
    version: &'static str,
}

pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}
