//! Finding out who calls: the operator by a bearer token or the console's cookie, everybody else by
//! a key to the contract.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use husting_console::{BusDoor, Caller as Principal, ContractDoor, KeyHolder};
use husting_domain::keys::KEY_PREFIX;
use husting_wire::errors::{Error, ErrorCode};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::access::Admission;
use crate::host::Door;
use crate::limits::Counted;
use crate::refusal::{Declined, Refusal, is_of_agents};

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

/// Whoever holds a live key and has not used up its calls. Anybody else is refused with 401 or 429.
pub(crate) struct KeyBearer {
    /// As the use cases know them.
    pub caller: Principal,
    /// The key itself.
    pub holder: KeyHolder,
}

impl FromRequestParts<Shared> for KeyBearer {
    type Rejection = Declined;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Declined> {
        let bearer = Self::find(parts, shared, ContractDoor::Rest)?;
        bearer.ok_or_else(|| no_key().into())
    }
}

impl KeyBearer {
    /// Whoever holds the request's key; `None` where it brings none.
    pub(crate) fn find(
        parts: &Parts,
        shared: &Shared,
        door: ContractDoor,
    ) -> Result<Option<Self>, Declined> {
        refuse_in_address(parts)?;
        let Some(key) = bearer(&parts.headers) else {
            return Ok(None);
        };
        let caller = shared.contract.key_holder(key, door)?;
        let Principal::Key(holder) = &caller else {
            return Err(no_key().into());
        };
        shared
            .limits
            .call(&Counted::Key(holder.key), shared.contract.allowance())?;
        let holder = holder.clone();
        Ok(Some(Self { caller, holder }))
    }
}

/// Somebody with credentials of either kind, who may be told that a route is not there.
pub(crate) struct Anybody;

impl FromRequestParts<Shared> for Anybody {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let path = parts.uri.path().to_owned();
        if is_of_agents(&path) {
            return of_agents(parts, shared, &path)
                .map(|()| Self)
                .map_err(|error| Refusal::from(error).at(&path));
        }
        if path.starts_with("/api/") || bearer(&parts.headers).is_some_and(is_key) {
            let bearer = KeyBearer::from_request_parts(parts, shared).await;
            return bearer
                .map(|_| Self)
                .map_err(|Declined(refusal)| refusal.at(&path));
        }
        let caller = Caller::from_request_parts(parts, shared).await;
        caller.map(|_| Self).map_err(|refusal| refusal.at(&path))
    }
}

/// Whether a request on the routes of agents and tenants brings a token that opens some of them.
fn of_agents(parts: &Parts, shared: &Shared, path: &str) -> Result<(), Error> {
    refuse_in_address(parts)?;
    let token = bearer(&parts.headers).ok_or_else(|| {
        Error::new(
            ErrorCode::Unauthorized,
            "Send a token as `Authorization: Bearer …`.",
        )
    })?;
    match path.strip_prefix("/api/tenants/") {
        Some(rest) => {
            let tenant = rest.split('/').next().unwrap_or_default();
            shared.agents.tenant_holder(token, tenant).map(|_| ())
        }
        None => shared.bus.agent_holder(token, BusDoor::Http).map(|_| ()),
    }
}

/// No key at all.
pub(crate) fn no_key() -> Error {
    Error::new(
        ErrorCode::Unauthorized,
        "Send a key as `Authorization: Bearer mmo_live_…`. `husting key create` makes one.",
    )
}

/// Addresses are kept in logs and histories, and a key in one is known to whoever reads them.
pub(super) fn refuse_in_address(parts: &Parts) -> Result<(), Error> {
    const NAMES: [&str; 5] = ["access_token", "api_key", "authorization", "key", "token"];
    let query = parts.uri.query().unwrap_or_default();
    let is_told = query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        NAMES.contains(&name.to_ascii_lowercase().as_str())
            || is_key(value)
            || value.starts_with("hst_")
    });
    if is_told {
        return Err(Error::new(
            ErrorCode::InvalidToken,
            "A key in the address is refused, since addresses are logged. Send it as `Authorization: Bearer mmo_live_…`.",
        ));
    }
    Ok(())
}

fn is_key(token: &str) -> bool {
    token.starts_with(KEY_PREFIX)
}

/// The token of `Authorization: Bearer …`; an empty one when the header says something else.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    });
    Some(token.unwrap_or_default())
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
