//! A response that is an error, before it is put into a vendor's words.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use serde_json::Value;

use crate::{checks::Invalid, fault::RetryAfter};

/// Why a request is not answered.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    MissingKey,
    /// The key as it shall appear in the message.
    WrongKey {
        shown: String,
    },
    Forbidden,
    MissingVersion,
    WrongVersion(String),
    WrongContentType,
    Invalid(Invalid),
    Disliked,
    UnknownModel(String),
    NoSuchPath {
        method: String,
        path: String,
    },
    RateLimited {
        model: String,
        retry_after: Option<RetryAfter>,
    },
    QuotaExhausted,
    Server {
        status: u16,
    },
    Overloaded,
}

/// An error response, ready to be sent.
pub(crate) struct Refusal {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn response(self) -> Response<Body> {
        respond(
            self.status,
            "application/json",
            &self.headers,
            Body::from(self.body.to_string()),
        )
    }
}

pub(crate) fn respond(
    status: u16,
    kind: &str,
    headers: &[(&'static str, String)],
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(response.headers_mut(), header::CONTENT_TYPE.as_str(), kind);
    for (name, value) in headers {
        put(response.headers_mut(), name, value);
    }
    response
}

/// A value no header can carry (a date of the script with a line end in it, say) is left out.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

/// `sk-a…wxyz` as vendors show it: enough to recognise a key, not to use it.
pub(crate) fn mask(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    if chars.len() <= 12 {
        return "*".repeat(chars.len());
    }
    let head: String = chars[..4].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(chars.len() - 8))
}
