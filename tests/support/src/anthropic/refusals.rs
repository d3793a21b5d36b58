//! Errors in Anthropic's shape: `{"type":"error","error":{"type","message"},"request_id"}`.

use serde_json::json;

use crate::{
    checks::Invalid,
    refusal::{Problem, Refusal},
};

use super::{RESET, request_id};

pub(crate) fn refuse(problem: &Problem, number: usize) -> Refusal {
    let (status, kind, message) = words(problem);
    let mut headers = vec![("request-id", request_id(number))];
    if let Problem::RateLimited {
        retry_after: Some(after),
        ..
    } = problem
    {
        headers.push(("retry-after", after.to_string()));
        headers.push(("anthropic-ratelimit-requests-limit", "1000".to_owned()));
        headers.push(("anthropic-ratelimit-requests-remaining", "0".to_owned()));
        headers.push(("anthropic-ratelimit-requests-reset", RESET.to_owned()));
    }
    let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id(number)});
    Refusal {
        status,
        body,
        headers,
    }
}

fn words(problem: &Problem) -> (u16, &'static str, String) {
    match problem {
        Problem::MissingKey => (401, "authentication_error", "x-api-key header is required".to_owned()),
        Problem::WrongKey { shown } => (401, "authentication_error", format!("invalid x-api-key: {shown}")),
        Problem::Forbidden => (403, "permission_error", "Your API key does not have permission to use the specified resource.".to_owned()),
        Problem::MissingVersion => (400, INVALID, "anthropic-version: header is required".to_owned()),
        Problem::WrongVersion(version) => (400, INVALID, format!("anthropic-version: \"{version}\" is not a valid version")),
        Problem::WrongContentType => (400, INVALID, "content-type: must be application/json".to_owned()),
        Problem::Invalid(invalid) => (400, INVALID, invalid_words(invalid)),
        Problem::Disliked => (400, INVALID, "The request could not be processed.".to_owned()),
        Problem::UnknownModel(model) => (404, "not_found_error", format!("model: {model}")),
        Problem::NoSuchPath { .. } => (404, "not_found_error", "Not found".to_owned()),
        Problem::RateLimited { .. } => (429, "rate_limit_error", "This request would exceed your organization's rate limit of 1,000 requests per minute.".to_owned()),
        Problem::QuotaExhausted => (402, "billing_error", "Your credit balance is too low to access the Anthropic API.".to_owned()),
        Problem::Server { status } => (*status, "api_error", "Internal server error".to_owned()),
        Problem::Overloaded => (529, "overloaded_error", "Overloaded".to_owned()),
    }
}

const INVALID: &str = "invalid_request_error";

fn invalid_words(invalid: &Invalid) -> String {
    match invalid {
        Invalid::NotJson(why) => format!("The request body is not valid JSON: {why}"),
        Invalid::Missing { at } => format!("{at}: Field required"),
        Invalid::Unknown { at } => format!("{at}: Extra inputs are not permitted"),
        Invalid::Type { at, expected, .. } => format!("{at}: Input should be {expected}"),
        Invalid::Value { at, says } => format!("{at}: {says}"),
    }
}
