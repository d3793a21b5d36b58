//! Files, Argon2 and D-Bus block: they run beside the async threads.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

use crate::SecretsError;

/// Runs `work` on a thread that may block. Begun work ends, even when nobody waits any more.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretsError> + Send + 'static,
) -> Result<T, SecretsError> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(stopped) if stopped.is_panic() => resume_unwind(stopped.into_panic()),
        Err(_) => Err(SecretsError::Stopping),
    }
}
