//! Finding out who calls: the operator by a bearer token or the console's cookie, everybody else by
//! a key to the contract.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use husting_console::{BusDoor, Caller as Principal, ContractDoor, KeyHolder};
use husting_domain::agents::{AGENT_PREFIX, TENANT_PREFIX};
use husting_domain::keys::KEY_PREFIX;
use husting_wire::errors::{Error, ErrorCode};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::access::{Admission, OPERATOR_PREFIX};
use crate::connections::FromThisMachine;
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
            // The command line's door is on this machine, whoever brings its token.
            let from_here = parts.extensions.get::<FromThisMachine>();
            let is_from_here = from_here.is_some_and(|from| from.0);
            let admitted = shared.access.admit_token(token);
            (true, admitted.filter(|_| is_from_here))
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
        Kind::Key.expect(key, "a key, mmo_live_…,")?;
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

/// Somebody with good credentials of any kind, who may be told that a route is not there.
pub(crate) struct Anybody;

impl FromRequestParts<Shared> for Anybody {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let path = parts.uri.path().to_owned();
        let found = Self::find(parts, shared, &path).await;
        found.map(|()| Self).map_err(|refusal| refusal.at(&path))
    }
}

impl Anybody {
    /// By what is brought; who brings nothing that has a kind is asked for what the path is for.
    async fn find(parts: &mut Parts, shared: &Shared, path: &str) -> Result<(), Refusal> {
        let kind = bearer(&parts.headers).and_then(Kind::of);
        let kind = kind.unwrap_or_else(|| Kind::wanted_at(path));
        if kind != Kind::Operator {
            refuse_in_address(parts)?;
        }
        let token = bearer(&parts.headers);
        match kind {
            Kind::Operator => {
                return Caller::from_request_parts(parts, shared).await.map(drop);
            }
            Kind::Key => {
                let found = KeyBearer::from_request_parts(parts, shared).await;
                return found.map(drop).map_err(|Declined(refusal)| refusal);
            }
            Kind::Agent => {
                let token = token.ok_or_else(no_token)?;
                shared.bus.agent_holder(token, BusDoor::Http)?;
            }
            Kind::Tenant => {
                let token = token.ok_or_else(no_token)?;
                let below = path.strip_prefix("/api/tenants/");
                let tenant = below.and_then(|rest| rest.split('/').next());
                let found = shared
                    .agents
                    .tenant_holder(token, tenant.unwrap_or_default());
                // Elsewhere no tenant is named that it could be of.
                match found {
                    Err(fault) if tenant.is_some() || fault.code != ErrorCode::TenantIdMismatch => {
                        return Err(fault.into());
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    Agent,
    Tenant,
    Operator,
}

impl Kind {
    fn of(token: &str) -> Option<Self> {
        let kinds = [
            (KEY_PREFIX, Self::Key),
            (AGENT_PREFIX, Self::Agent),
            (TENANT_PREFIX, Self::Tenant),
            (OPERATOR_PREFIX, Self::Operator),
        ];
        let mut kinds = kinds.into_iter();
        let found = kinds.find(|(prefix, _)| token.starts_with(prefix));
        found.map(|(_, kind)| kind)
    }

    /// Whose a path is, be there a route or not.
    fn wanted_at(path: &str) -> Self {
        if path.starts_with("/api/tenants/") {
            Self::Tenant
        } else if is_of_agents(path) {
            Self::Agent
        } else if path.starts_with("/api/") {
            Self::Key
        } else {
            Self::Operator
        }
    }

    /// What it is, and where it belongs.
    const fn told(self) -> &'static str {
        match self {
            Self::Key => {
                "This is a key to deliberations; it opens /api/mcp and the routes beside it."
            }
            Self::Agent => "This is an agent's token; agents use /mcp.",
            Self::Tenant => "This is a tenant's token; it opens /api/tenants/….",
            Self::Operator => "This is the command line's own token; it opens the console.",
        }
    }

    /// Refuses a token that is plainly of another kind, with where it belongs.
    ///
    /// # Errors
    /// `invalid_token`.
    pub(super) fn expect(self, token: &str, what: &str) -> Result<(), Error> {
        match Self::of(token) {
            Some(other) if other != self => Err(Error::new(
                ErrorCode::InvalidToken,
                format!("{} Send {what} here.", other.told()),
            )),
            _ => Ok(()),
        }
    }
}

/// No token of an agent or a tenant.
fn no_token() -> Error {
    Error::new(
        ErrorCode::Unauthorized,
        "Send a token as `Authorization: Bearer …`.",
    )
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
            "A key or token in the address is refused, since addresses are logged. Send it as `Authorization: Bearer …`.",
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
