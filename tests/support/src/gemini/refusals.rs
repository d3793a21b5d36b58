//! Errors in Google's shape: `{"error":{"code","message","status","details"}}`.

use serde_json::{Value, json};

use super::request::full_name;
use crate::{
    checks::Invalid,
    fault::RetryAfter,
    refusal::{Problem, Refusal},
};

pub(crate) fn refuse(problem: &Problem) -> Refusal {
    let (code, status, message) = words(problem);
    let mut error = json!({"code": code, "message": message, "status": status});
    let details = details(problem);
    if !details.is_empty() {
        error["details"] = json!(details);
    }
    let headers = match problem {
        // The error itself has no room for a date.
        Problem::RateLimited {
            retry_after: Some(RetryAfter::Date(date)),
            ..
        } => vec![("retry-after", date.clone())],
        _ => Vec::new(),
    };
    Refusal {
        status: code,
        body: json!({ "error": error }),
        headers,
    }
}

const INVALID: &str = "INVALID_ARGUMENT";

fn words(problem: &Problem) -> (u16, &'static str, String) {
    match problem {
        Problem::MissingKey => (403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.".to_owned()),
        Problem::WrongKey { shown } => (400, INVALID, wrong_key(shown)),
        Problem::Forbidden => (403, "PERMISSION_DENIED", "Your project has been denied access. Please contact support.".to_owned()),
        Problem::MissingVersion | Problem::WrongVersion(_) | Problem::Disliked => (400, INVALID, "Request contains an invalid argument.".to_owned()),
        Problem::WrongContentType => (400, INVALID, "Invalid JSON payload received. Unexpected content type.".to_owned()),
        Problem::Invalid(invalid) => (400, INVALID, invalid_words(invalid)),
        Problem::UnknownModel(model) => (404, "NOT_FOUND", format!("{} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.", full_name(model))),
        Problem::NoSuchPath { .. } => (404, "NOT_FOUND", "Requested entity was not found.".to_owned()),
        Problem::RateLimited { .. } => (429, EXHAUSTED, "You exceeded your current quota, please check your plan and billing details. This is a rate limit per minute.".to_owned()),
        Problem::QuotaExhausted => (429, EXHAUSTED, "You exceeded your current quota, please check your plan and billing details.".to_owned()),
        Problem::Server { status } => (*status, "INTERNAL", "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting".to_owned()),
        Problem::Overloaded => (503, "UNAVAILABLE", "The model is overloaded. Please try again later.".to_owned()),
    }
}

const EXHAUSTED: &str = "RESOURCE_EXHAUSTED";

/// Google repeats no key, not even masked; a gateway might.
fn wrong_key(shown: &str) -> String {
    let said = "API key not valid. Please pass a valid API key.";
    if shown.contains('*') {
        said.to_owned()
    } else {
        format!("{said} ({shown})")
    }
}

fn details(problem: &Problem) -> Vec<Value> {
    match problem {
        Problem::WrongKey { .. } => vec![json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        })],
        Problem::RateLimited { model, retry_after } => {
            let quota = quota("GenerateRequestsPerMinutePerProjectPerModel", model);
            let wait = retry_after.as_ref().and_then(|after| match after {
                RetryAfter::Seconds(seconds) => Some(json!({
                    "@type": "type.googleapis.com/google.rpc.RetryInfo",
                    "retryDelay": format!("{seconds}s"),
                })),
                RetryAfter::Date(_) => None,
            });
            [Some(quota), wait].into_iter().flatten().collect()
        }
        Problem::QuotaExhausted => vec![quota("GenerateRequestsPerDayPerProjectPerModel", "any")],
        _ => Vec::new(),
    }
}

fn quota(id: &str, model: &str) -> Value {
    let violation = json!({
        "quotaMetric": "generativelanguage.googleapis.com/generate_requests_per_model",
        "quotaId": id,
        "quotaDimensions": {"location": "global", "model": model},
    });
    json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]})
}

fn invalid_words(invalid: &Invalid) -> String {
    match invalid {
        Invalid::NotJson(why) => format!("Invalid JSON payload received. {why}"),
        Invalid::Missing { at } => format!("* GenerateContentRequest.{at}: {at} is not specified"),
        Invalid::Unknown { at } => {
            let (place, name) = at.rsplit_once('.').unwrap_or(("", at));
            format!(
                "Invalid JSON payload received. Unknown name \"{name}\" at '{place}': Cannot find field."
            )
        }
        Invalid::Type { at, expected, got } => {
            format!("Invalid value at '{at}': expected {expected}, got {got}")
        }
        Invalid::Value { at, says } => format!("* GenerateContentRequest.{at}: {says}"),
    }
}
