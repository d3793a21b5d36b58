//! The HTTP client of seats, of tests of providers, and of the call that tries a new token.

use husting_seats::api::http_client;
use husting_wire::errors::{Error, ErrorCode};
use tokio::sync::OnceCell;

/// One client for all, for its connections. It is made for the first call: it reads the system's certificates, which
/// are more than a hundred files, and no start has to wait for them.
#[derive(Default)]
pub(crate) struct Http(OnceCell<reqwest::Client>);

impl Http {
    /// # Errors
    /// [`ErrorCode::Internal`] where the certificates cannot be read; the next call tries again.
    pub(crate) async fn client(&self) -> Result<&reqwest::Client, Error> {
        let made = self.0.get_or_try_init(async || http_client()).await;
        made.map_err(|fault| {
            Error::new(
                ErrorCode::Internal,
                format!("HTTPS cannot be set up: {fault}."),
            )
        })
    }
}
