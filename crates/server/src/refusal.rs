//! Errors as HTTP: a status that belongs to the code, and one of three bodies. The console's routes
//! answer the wire's own error, those of agents and tenants one with its details apart, all others the
//! public contract's.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use husting_wire::contract;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::{Value, json};

/// An error with its status.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: Error,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status,
            error: Error::new(code, message),
        }
    }

    /// Nobody we know.
    pub(crate) fn no_credentials() -> Self {
        let message = "Open the console with the link that `husting console link` prints.";
        Self::from(Error::new(ErrorCode::Unauthorized, message))
    }

    /// Credentials that open nothing here.
    pub(crate) fn wrong_credentials() -> Self {
        let message = "These credentials are wrong, spent or of an earlier run. `husting console link` prints a new link.";
        Self::from(Error::new(ErrorCode::InvalidToken, message))
    }

    /// With the body that belongs to a route at `path`.
    pub(crate) fn at(self, path: &str) -> Response {
        if is_of_agents(path) {
            return Barred(self).into_response();
        }
        let is_public = path.starts_with("/api/") || path == "/openapi.json" || path == "/health";
        if is_public {
            Declined(self).into_response()
        } else {
            self.into_response()
        }
    }

    /// Its status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// Its error.
    pub(crate) const fn error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn say_more(&self, headers: &mut HeaderMap) {
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = match self.error.code {
                ErrorCode::InvalidToken => "Bearer error=\"invalid_token\"",
                _ => "Bearer",
            };
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        if let Some(challenge) = missing_scope(&self.error) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        let seconds = self.error.details.as_ref().and_then(|details| {
            let seconds = details.get("retry_after_seconds")?;
            seconds.as_u64()
        });
        if let Some(seconds) = seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            status: status_of(error.code),
            error,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self.error)).into_response();
        self.say_more(response.headers_mut());
        response
    }
}

/// The same on the public contract's routes.
#[derive(Debug)]
pub(crate) struct Declined(pub Refusal);

impl Declined {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Refusal::new(status, code, message))
    }
}

impl<T: Into<Refusal>> From<T> for Declined {
    fn from(refusal: T) -> Self {
        Self(refusal.into())
    }
}

impl IntoResponse for Declined {
    fn into_response(self) -> Response {
        let body = contract::errors::body(&self.0.error);
        let mut response = (self.0.status, Json(body)).into_response();
        self.0.say_more(response.headers_mut());
        response
    }
}

/// The same on the routes of agents and tenants.
#[derive(Debug)]
pub(crate) struct Barred(pub Refusal);

impl<T: Into<Refusal>> From<T> for Barred {
    fn from(refusal: T) -> Self {
        Self(refusal.into())
    }
}

impl IntoResponse for Barred {
    fn into_response(self) -> Response {
        let mut response = (self.0.status, Json(agent_body(&self.0.error))).into_response();
        self.0.say_more(response.headers_mut());
        response
    }
}

/// An error as agents and tenants read it: `{"error": "<code>", "message": …, "details": {…}}`.
pub(crate) fn agent_body(error: &Error) -> Value {
    let code = match error.code {
        // What cannot be read at all is a body that breaks the first of its rules.
        ErrorCode::InvalidRequest => ErrorCode::InvalidBody,
        code => code,
    };
    let details = error.details.clone().unwrap_or_else(|| json!({}));
    json!({"error": contract::errors::code(code), "message": error.message, "details": details})
}

/// Whether what stands at a path is for agents or tenants.
pub(crate) fn is_of_agents(path: &str) -> bool {
    let roots = ["/api/tenants", "/mcp", "/sse", "/messages"];
    roots.iter().any(|root| {
        let rest = path.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// How a client is told which scope it lacks: <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>.
fn missing_scope(error: &Error) -> Option<HeaderValue> {
    if error.code != ErrorCode::InsufficientScope {
        return None;
    }
    let scope = error.details.as_ref()?.get("scope")?.as_str()?;
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    HeaderValue::try_from(challenge).ok()
}

/// The status that belongs to a code.
pub(crate) const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidRequest
        | ErrorCode::UnknownModels
        | ErrorCode::IneligibleModels
        | ErrorCode::InsufficientActiveModels
        | ErrorCode::InvalidBody => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::CreditExhausted => StatusCode::PAYMENT_REQUIRED,
        ErrorCode::SessionBusy
        | ErrorCode::SessionFailed
        | ErrorCode::IdempotencyConflict
        | ErrorCode::AlreadyExists
        | ErrorCode::AgentNameTaken
        | ErrorCode::InvalidState
        | ErrorCode::InboxFull
        | ErrorCode::SecretsUnavailable => StatusCode::CONFLICT,
        ErrorCode::DailyLimitReached | ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::NotFound | ErrorCode::AgentNotFound => StatusCode::NOT_FOUND,
        ErrorCode::Unauthorized | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden
        | ErrorCode::InvalidScope
        | ErrorCode::TenantIdMismatch
        | ErrorCode::MintingNotAllowed
        | ErrorCode::AgentLimitReached
        | ErrorCode::InsufficientScope
        | ErrorCode::NotAMember => StatusCode::FORBIDDEN,
        ErrorCode::ClientFile => StatusCode::CONFLICT,
        ErrorCode::ProviderError | ErrorCode::ProgramFailed => StatusCode::BAD_GATEWAY,
        ErrorCode::StoreUnavailable | ErrorCode::ShuttingDown | ErrorCode::Paused => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
