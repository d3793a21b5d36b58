//! The Gemini wire, after these pages:
//!
//! - "Generating content": <https://ai.google.dev/api/generate-content>
//! - "Structured output": <https://ai.google.dev/gemini-api/docs/structured-output>
//! - "Thinking": <https://ai.google.dev/gemini-api/docs/thinking>
//! - "Context caching", usage: <https://ai.google.dev/gemini-api/docs/caching>
//! - "Models": <https://ai.google.dev/api/models>
//! - "Troubleshooting", errors: <https://ai.google.dev/gemini-api/docs/troubleshooting>
//! - Google's model of errors and their details: <https://cloud.google.com/apis/design/errors>

mod chunks;
mod refusals;
mod request;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    refusal::{Problem, mask},
    script::Auth,
};

pub(crate) use chunks::Chunks;
pub(crate) use refusals::refuse;
pub(crate) use request::read;

/// Begins a model's full name.
const MODELS: &str = "models/";

pub(crate) fn authorise(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    let key = headers
        .get("x-goog-api-key")
        .and_then(|value| value.to_str().ok())
        .filter(|key| !key.is_empty());
    match (auth, key) {
        (Auth::Open, _) | (Auth::AnyKey, Some(_)) => Ok(()),
        (_, None) => Err(Problem::MissingKey),
        (Auth::Key(known), Some(key)) if key == known => Ok(()),
        (Auth::Key(_), Some(key)) => Err(Problem::WrongKey { shown: mask(key) }),
    }
}

pub(crate) fn headers() -> Vec<(&'static str, String)> {
    vec![
        ("server", "scaffolding on HTTPServer2".to_owned()),
        ("vary", "Origin, X-Origin, Referer".to_owned()),
    ]
}

pub(crate) fn models(ids: &[String]) -> Value {
    let model = |id: &String| {
        json!({
            "name": format!("{MODELS}{id}"),
            "version": "001",
            "displayName": id,
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        })
    };
    let mut models: Vec<Value> = ids.iter().map(model).collect();
    // The list holds models that answer nobody, too.
    models.push(json!({
        "name": "models/fake-embedding",
        "displayName": "fake-embedding",
        "supportedGenerationMethods": ["embedContent"],
    }));
    json!({ "models": models })
}
