//! The OpenAI-compatible wire, after these pages:
//!
//! - OpenAI, "Create chat completion", "The chat completion chunk object" and "List models":
//!   <https://platform.openai.com/docs/api-reference/chat/create>,
//!   <https://platform.openai.com/docs/api-reference/chat-streaming/streaming>,
//!   <https://platform.openai.com/docs/api-reference/models/list>
//! - OpenAI, "Structured model outputs": <https://platform.openai.com/docs/guides/structured-outputs>
//! - OpenAI, "Error codes": <https://platform.openai.com/docs/guides/error-codes>
//! - OpenAI, "Rate limits", headers: <https://platform.openai.com/docs/guides/rate-limits>
//! - DeepSeek, "Create Chat Completion" (`reasoning_content`) and "Rate Limit" (keep-alive comments):
//!   <https://api-docs.deepseek.com/api/create-chat-completion>,
//!   <https://api-docs.deepseek.com/quick_start/rate_limit>
//! - OpenRouter, "Streaming" (comments) and "Errors and Debugging" (errors in a stream):
//!   <https://openrouter.ai/docs/api-reference/streaming>,
//!   <https://openrouter.ai/docs/api/reference/errors-and-debugging>

mod chunks;
mod refusals;
mod request;

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::{
    refusal::{Problem, mask},
    script::Auth,
};

pub(crate) use chunks::Chunks;
pub(crate) use refusals::refuse;
pub(crate) use request::{read, strict_schema};

/// A fixed time for `created`, so that the same script gives the same bytes.
pub(crate) const CREATED: u64 = 1_760_000_000;

pub(crate) fn authorise(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|key| !key.trim().is_empty());
    match (auth, bearer) {
        (Auth::Open, _) | (Auth::AnyKey, Some(_)) => Ok(()),
        (_, None) => Err(Problem::MissingKey),
        (Auth::Key(known), Some(key)) if key == known => Ok(()),
        (Auth::Key(_), Some(key)) => Err(Problem::WrongKey { shown: mask(key) }),
    }
}

pub(crate) fn headers(number: usize) -> Vec<(&'static str, String)> {
    vec![
        ("x-request-id", format!("req_fake{number:08}")),
        ("openai-version", "2020-10-01".to_owned()),
        ("openai-processing-ms", "1".to_owned()),
        ("x-ratelimit-limit-requests", "60".to_owned()),
        ("x-ratelimit-limit-tokens", "150000".to_owned()),
        ("x-ratelimit-remaining-requests", "59".to_owned()),
        ("x-ratelimit-remaining-tokens", "149984".to_owned()),
        ("x-ratelimit-reset-requests", "1s".to_owned()),
        ("x-ratelimit-reset-tokens", "6m0s".to_owned()),
    ]
}

pub(crate) fn models(ids: &[String]) -> Value {
    let data: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "husting-fake"}))
        .collect();
    json!({"object": "list", "data": data})
}
