//! Ollama's own wire, after these pages:
//!
//! - "Generate a chat message" and "Streaming": <https://docs.ollama.com/api/chat>,
//!   <https://docs.ollama.com/api/streaming>
//! - "Structured outputs" and "Thinking": <https://docs.ollama.com/capabilities/structured-outputs>,
//!   <https://docs.ollama.com/capabilities/thinking>
//! - "List models": <https://docs.ollama.com/api/tags>
//! - "Errors": <https://docs.ollama.com/api/errors>
//! - "Context length": <https://docs.ollama.com/context-length>

mod lines;
mod refusals;
mod request;

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::{
    refusal::{Problem, mask},
    script::Auth,
};

pub(crate) use lines::Lines;
pub(crate) use refusals::refuse;
pub(crate) use request::read;

/// A fixed time, so that the same script gives the same bytes.
const CREATED: &str = "2025-10-09T08:53:20.000000Z";

/// The server knows no keys; a script that names one puts a gate before it, as Ollama's cloud has.
pub(crate) fn authorise(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    let Auth::Key(known) = auth else {
        return Ok(());
    };
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match bearer {
        Some(key) if key == known => Ok(()),
        Some(key) => Err(Problem::WrongKey { shown: mask(key) }),
        None => Err(Problem::MissingKey),
    }
}

pub(crate) fn models(ids: &[String]) -> Value {
    let model = |id: &String| {
        json!({
            "name": id,
            "model": id,
            "modified_at": CREATED,
            "size": 3_338_801_804_u64,
            "digest": "a2af6cc3eb7fa8be8504abaf9b04e88f17a119ec3f04a3addf55f92841195f5a",
            "details": {"format": "gguf", "family": "fake", "parameter_size": "4.3B", "quantization_level": "Q4_K_M"},
        })
    };
    let models: Vec<Value> = ids.iter().map(model).collect();
    json!({ "models": models })
}
