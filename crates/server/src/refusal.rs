//! Errors as HTTP: the wire's own body, with a status that belongs to its code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use husting_wire::errors::{Error, ErrorCode};

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
        let code = self.error.code;
        let mut response = (self.status, Json(self.error)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = match code {
                ErrorCode::InvalidToken => {
                    HeaderValue::from_static("Bearer error=\"invalid_token\"")
                }
                _ => HeaderValue::from_static("Bearer"),
            };
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidRequest
        | ErrorCode::UnknownModels
        | ErrorCode::IneligibleModels
        | ErrorCode::InsufficientActiveModels => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::CreditExhausted => StatusCode::PAYMENT_REQUIRED,
        ErrorCode::SessionBusy
        | ErrorCode::SessionFailed
        | ErrorCode::IdempotencyConflict
        | ErrorCode::AlreadyExists
        | ErrorCode::SecretsUnavailable => StatusCode::CONFLICT,
        ErrorCode::DailyLimitReached | ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Unauthorized | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::ProviderError => StatusCode::BAD_GATEWAY,
        ErrorCode::StoreUnavailable | ErrorCode::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
