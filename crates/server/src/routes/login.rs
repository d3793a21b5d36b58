//! In and out of the browser console.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use husting_wire::errors::{Error, ErrorCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::credentials::{Caller, cookie, cookie_name};
use super::{Shared, body};
use crate::access::RandomnessError;
use crate::host::Door;
use crate::refusal::Refusal;

/// The code of a one-time link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    code: String,
}

/// A fresh one-time link.
#[derive(Serialize)]
struct Link {
    link: String,
}

/// Exchanges a code for a cookie that scripts cannot read and foreign pages do not send.
pub(super) async fn log_in(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let login: Login = body::json(&headers, body, body::SMALL).await?;
    let Some(cookie) = shared.access.log_in(&login.code).map_err(no_randomness)? else {
        return Err(Refusal::wrong_credentials());
    };
    let name = cookie_name(shared.port);
    let cookie = format!(
        "{name}={}; HttpOnly; SameSite=Strict; Path=/console{}",
        cookie.expose_secret(),
        if is_by_tls(&headers) { "; Secure" } else { "" }
    );
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, sensitive(&cookie)?)],
    )
        .into_response())
}

/// Forgets the browser's cookie and ends its streams.
pub(super) async fn log_out(
    State(shared): State<Shared>,
    _: Caller,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let Some(cookie) = cookie(&headers, shared.port) {
        shared.access.log_out(cookie);
    }
    let name = cookie_name(shared.port);
    let cookie = format!("{name}=; HttpOnly; SameSite=Strict; Path=/console; Max-Age=0");
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, sensitive(&cookie)?)],
    )
        .into_response())
}

/// A link for another browser; only the command line gets one, so that a cookie cannot breed.
pub(super) async fn link(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Response, Refusal> {
    if caller.door != Door::Cli {
        let message = "Links come from the command line: `husting console link`.";
        return Err(Error::new(ErrorCode::Forbidden, message).into());
    }
    let local = || format!("http://127.0.0.1:{}", shared.port);
    let link = shared
        .access
        .console_link(&shared.public.clone().unwrap_or_else(local))
        .map_err(no_randomness)?;
    Ok(Json(Link {
        link: link.expose_secret().to_owned(),
    })
    .into_response())
}

/// Whether the page that sends this came by TLS, as its origin says, which was looked at before.
fn is_by_tls(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

fn sensitive(value: &str) -> Result<HeaderValue, Refusal> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn no_randomness(fault: RandomnessError) -> Refusal {
    tracing::error!(%fault, "no login");
    Error::new(ErrorCode::Internal, fault.to_string()).into()
}
