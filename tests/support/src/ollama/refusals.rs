//! Errors in Ollama's shape: `{"error":"…"}`.

use serde_json::json;

use crate::{
    checks::Invalid,
    refusal::{Problem, Refusal},
};

pub(crate) fn refuse(problem: &Problem) -> Refusal {
    let (status, message) = words(problem);
    let headers = match problem {
        Problem::RateLimited {
            retry_after: Some(after),
            ..
        } => vec![("retry-after", after.to_string())],
        _ => Vec::new(),
    };
    Refusal {
        status,
        body: json!({ "error": message }),
        headers,
    }
}

fn words(problem: &Problem) -> (u16, String) {
    match problem {
        Problem::MissingKey => (401, "unauthorized".to_owned()),
        Problem::WrongKey { shown } => (401, format!("unauthorized: {shown}")),
        Problem::Forbidden => (403, "this model requires a subscription".to_owned()),
        Problem::MissingVersion | Problem::WrongVersion(_) | Problem::Disliked => {
            (400, "invalid request".to_owned())
        }
        Problem::WrongContentType => (400, "missing request body".to_owned()),
        Problem::Invalid(invalid) => (400, invalid_words(invalid)),
        Problem::UnknownModel(model) => (404, format!("model '{model}' not found")),
        Problem::NoSuchPath { .. } => (404, "404 page not found".to_owned()),
        Problem::RateLimited { .. } => (429, "too many requests: rate limit reached".to_owned()),
        Problem::QuotaExhausted => (402, "you have no credit left".to_owned()),
        Problem::Server { status } => (*status, "llama runner process has terminated".to_owned()),
        Problem::Overloaded => (
            503,
            "server busy, please try again.  maximum pending requests exceeded".to_owned(),
        ),
    }
}

fn invalid_words(invalid: &Invalid) -> String {
    match invalid {
        Invalid::NotJson(why) => why.clone(),
        Invalid::Missing { at } => format!("{at} is required"),
        Invalid::Unknown { at } => format!("{at}: unknown field"),
        Invalid::Type { at, expected, got } => {
            format!(
                "json: cannot unmarshal {got} into Go struct field ChatRequest.{at} of type {expected}"
            )
        }
        Invalid::Value { says, .. } => says.clone(),
    }
}
