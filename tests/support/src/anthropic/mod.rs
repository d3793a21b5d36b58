//! The Anthropic wire, after these pages:
//!
//! - "Messages" and "Streaming Messages": <https://docs.claude.com/en/api/messages>,
//!   <https://platform.claude.com/docs/en/build-with-claude/streaming>
//! - "Errors": <https://docs.claude.com/en/api/errors>
//! - "Rate limits", response headers: <https://docs.claude.com/en/api/rate-limits>
//! - "Versions" (`anthropic-version`): <https://docs.claude.com/en/api/versioning>
//! - "Building with extended thinking": <https://docs.claude.com/en/docs/build-with-claude/extended-thinking>
//! - "Prompt caching", usage: <https://docs.claude.com/en/docs/build-with-claude/prompt-caching>
//! - "Tool use" (forcing a tool) and "Structured outputs":
//!   <https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use>,
//!   <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>
//! - "List Models": <https://docs.claude.com/en/api/models-list>

mod events;
mod refusals;
mod request;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    refusal::{Problem, mask},
    script::Auth,
};

pub(crate) use events::Events;
pub(crate) use refusals::refuse;
pub(crate) use request::read;

/// The dates on the vendor's "Versions" page.
const VERSIONS: [&str; 2] = ["2023-06-01", "2023-01-01"];

/// A fixed time of reset, so that the same script gives the same bytes.
const RESET: &str = "2025-10-09T08:53:20Z";

pub(crate) fn authorise(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .filter(|value| !value.is_empty())
    };
    match (auth, text("x-api-key")) {
        (Auth::Open, _) | (Auth::AnyKey, Some(_)) => {}
        (_, None) => return Err(Problem::MissingKey),
        (Auth::Key(known), Some(key)) if key == known => {}
        (Auth::Key(_), Some(key)) => return Err(Problem::WrongKey { shown: mask(key) }),
    }
    match text("anthropic-version") {
        None => Err(Problem::MissingVersion),
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(version) => Err(Problem::WrongVersion(version.to_owned())),
    }
}

pub(crate) fn headers(number: usize) -> Vec<(&'static str, String)> {
    vec![
        ("request-id", request_id(number)),
        (
            "anthropic-organization-id",
            "00000000-0000-4000-8000-000000000000".to_owned(),
        ),
        ("anthropic-ratelimit-requests-limit", "1000".to_owned()),
        ("anthropic-ratelimit-requests-remaining", "999".to_owned()),
        ("anthropic-ratelimit-requests-reset", RESET.to_owned()),
        ("anthropic-ratelimit-input-tokens-limit", "80000".to_owned()),
        (
            "anthropic-ratelimit-input-tokens-remaining",
            "80000".to_owned(),
        ),
        ("anthropic-ratelimit-input-tokens-reset", RESET.to_owned()),
        (
            "anthropic-ratelimit-output-tokens-limit",
            "16000".to_owned(),
        ),
        (
            "anthropic-ratelimit-output-tokens-remaining",
            "16000".to_owned(),
        ),
        ("anthropic-ratelimit-output-tokens-reset", RESET.to_owned()),
    ]
}

pub(crate) fn models(ids: &[String]) -> Value {
    let data: Vec<Value> = ids
        .iter()
        .map(|id| json!({"type": "model", "id": id, "display_name": id, "created_at": "2025-01-01T00:00:00Z"}))
        .collect();
    json!({"data": data, "has_more": false, "first_id": ids.first(), "last_id": ids.last()})
}

fn request_id(number: usize) -> String {
    format!("req_fake{number:08}")
}
