//! Finding out who calls: a bearer token, or the console's cookie.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::access::Admission;
use crate::host::Door;
use crate::refusal::Refusal;

/// Somebody with good credentials. Extracting it from a request without them refuses with 401.
pub(crate) struct Caller {
    /// How they came in.
    pub door: Door,
    /// Cancelled when they log out.
    pub ended: CancellationToken,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Refusal> {
        let (given, admitted) = if let Some(token) = bearer(&parts.headers) {
            (true, shared.access.admit_token(token))
        } else {
            let cookie = cookie(&parts.headers, shared.port);
            (
                cookie.is_some(),
                cookie.and_then(|cookie| shared.access.admit_cookie(cookie)),
            )
        };
        match (admitted, given) {
            (Some(Admission { door, ended }), _) => Ok(Self { door, ended }),
            (None, true) => Err(Refusal::wrong_credentials()),
            (None, false) => Err(Refusal::no_credentials()),
        }
    }
}

/// The token of `Authorization: Bearer …`; an empty one when the header says something else.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    Some(
        value
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default(),
    )
}

/// The cookie's name carries the port: browsers share cookies among all ports of a host.
pub(super) fn cookie_name(port: u16) -> String {
    format!("husting_{port}")
}

/// The console's cookie.
pub(super) fn cookie(headers: &HeaderMap, port: u16) -> Option<&str> {
    let name = cookie_name(port);
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
