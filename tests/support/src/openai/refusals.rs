//! Errors in OpenAI's shape: `{"error":{"message","type","param","code"}}`.

use serde_json::{Value, json};

use crate::{
    checks::Invalid,
    refusal::{Problem, Refusal},
};

pub(crate) fn refuse(problem: &Problem, number: usize) -> Refusal {
    let (status, body) = body(problem);
    let mut headers = vec![("x-request-id", format!("req_fake{number:08}"))];
    if let Problem::RateLimited {
        retry_after: Some(after),
        ..
    } = problem
    {
        headers.push(("retry-after", after.to_string()));
        headers.push(("x-ratelimit-limit-requests", "60".to_owned()));
        headers.push(("x-ratelimit-remaining-requests", "0".to_owned()));
        headers.push(("x-ratelimit-reset-requests", format!("{after}s")));
    }
    Refusal {
        status,
        body,
        headers,
    }
}

fn body(problem: &Problem) -> (u16, Value) {
    let (status, kind, param, code, message) = match problem {
        Problem::MissingKey => (401, INVALID, None, None, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).".to_owned()),
        Problem::WrongKey { shown } => (401, INVALID, None, Some("invalid_api_key"), format!("Incorrect API key provided: {shown}. You can find your API key at https://platform.openai.com/account/api-keys.")),
        Problem::Forbidden => (403, INVALID, None, Some("unsupported_country_region_territory"), "Country, region, or territory not supported".to_owned()),
        Problem::MissingVersion | Problem::WrongVersion(_) | Problem::Disliked => (400, INVALID, None, None, "The request could not be processed.".to_owned()),
        Problem::WrongContentType => (400, INVALID, None, None, "you must provide a JSON body with the header 'Content-Type: application/json'".to_owned()),
        Problem::Invalid(invalid) => return (400, invalid_body(invalid)),
        Problem::UnknownModel(model) => (404, INVALID, None, Some("model_not_found"), format!("The model `{model}` does not exist or you do not have access to it.")),
        Problem::NoSuchPath { method, path } => (404, INVALID, None, Some("unknown_url"), format!("Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at https://platform.openai.com/docs/api-reference/.")),
        Problem::RateLimited { model, retry_after } => (429, "requests", None, Some("rate_limit_exceeded"), rate_limit(model, retry_after.as_ref().map(ToString::to_string))),
        Problem::QuotaExhausted => (429, "insufficient_quota", None, Some("insufficient_quota"), "You exceeded your current quota, please check your plan and billing details.".to_owned()),
        Problem::Server { status } => (*status, "server_error", None, None, "The server had an error while processing your request. Sorry about that!".to_owned()),
        Problem::Overloaded => (503, "service_unavailable_error", None, None, "The engine is currently overloaded, please try again later.".to_owned()),
    };
    (status, object(&message, kind, param, code))
}

const INVALID: &str = "invalid_request_error";

fn rate_limit(model: &str, wait: Option<String>) -> String {
    let advice = wait.map_or_else(String::new, |wait| format!(" Please try again in {wait}s."));
    format!(
        "Rate limit reached for {model} in organization org-fake on requests per min (RPM): Limit 60, Used 60, Requested 1.{advice}"
    )
}

fn invalid_body(invalid: &Invalid) -> Value {
    match invalid {
        Invalid::NotJson(why) => object(
            &format!("We could not parse the JSON body of your request. ({why})"),
            INVALID,
            None,
            None,
        ),
        Invalid::Missing { at } => object(
            &format!("Missing required parameter: '{at}'."),
            INVALID,
            Some(at),
            Some("missing_required_parameter"),
        ),
        Invalid::Unknown { at } => object(
            &format!("Unknown parameter: '{at}'."),
            INVALID,
            Some(at),
            Some("unknown_parameter"),
        ),
        Invalid::Type { at, expected, got } => object(
            &format!("Invalid type for '{at}': expected {expected}, but got {got} instead."),
            INVALID,
            Some(at),
            Some("invalid_type"),
        ),
        Invalid::Value { at, says } => object(says, INVALID, Some(at), Some("invalid_value")),
    }
}

fn object(message: &str, kind: &str, param: Option<&str>, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}
