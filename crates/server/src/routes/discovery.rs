//! Where MCP clients look for a way to log in with OAuth. There is none, which 404 says: on any other
//! answer some go on to look for one and leave out the token that they were given.
//! <https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#authorization-server-discovery>

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use serde_json::{Value, json};

use super::Shared;

/// Each is also asked for with the path of what the client wants to reach behind it.
const METADATA: [&str; 3] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];
/// Where a client that found nothing tries to register all the same.
const REGISTER: &str = "/register";

const SAID: &str = "Husting publishes no OAuth: nobody registers or logs in here. An agent sends the token it was \
    minted with as `Authorization: Bearer hst_a_…`.";

pub(super) fn router() -> Router<Shared> {
    let register = Router::new().route(REGISTER, any(no_oauth));
    METADATA.iter().fold(register, |router, path| {
        router
            .route(path, any(no_oauth))
            .route(&format!("{path}/{{*resource}}"), any(no_oauth))
    })
}

/// `error_description` is what OAuth clients show.
async fn no_oauth() -> (StatusCode, Json<Value>) {
    let body = json!({"error": "not_found", "message": SAID, "error_description": SAID});
    (StatusCode::NOT_FOUND, Json(body))
}
