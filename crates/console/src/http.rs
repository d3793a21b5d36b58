//! The HTTP client of seats, of tests of providers, and of the call that tries a new token.

use std::error::Error as _;

use husting_seats::api::http_client;
use husting_wire::errors::{Error, ErrorCode};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

/// One client for all, for its connections. It is made for the first call: it reads the system's certificates, which
/// are more than a hundred files, and no start has to wait for them.
#[derive(Default)]
pub(crate) struct Http(OnceCell<reqwest::Client>);

impl Http {
    /// # Errors
    /// [`ErrorCode::Internal`] where the certificates or the proxy that the environment names cannot be used; the next call
    /// tries again.
    pub(crate) async fn client(&self) -> Result<&reqwest::Client, Error> {
        self.0.get_or_try_init(made).await
    }
}

async fn made() -> Result<reqwest::Client, Error> {
    let refused = |why: &dyn std::fmt::Display| {
        Error::new(
            ErrorCode::Internal,
            format!("HTTPS cannot be set up: {why}."),
        )
    };
    let made = spawn_blocking(http_client)
        .await
        .map_err(|fault| refused(&fault))?;
    made.map_err(|fault| {
        let cause = fault.source();
        tracing::warn!(%fault, cause, "no HTTP client could be made");
        cause.map_or_else(|| refused(&fault), |cause| refused(&cause))
    })
}
