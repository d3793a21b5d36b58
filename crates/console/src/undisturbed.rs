//! Work that goes on to its end when whoever asked for it has left.

use husting_wire::errors::{Error, ErrorCode};

use crate::Inner;

impl Inner {
    /// Does the work in a task of its own, so that a caller who hangs up does not cut it in the middle;
    /// closing waits for it.
    ///
    /// # Errors
    /// Those of the work; `internal` with the words `failed` where it broke off by a fault of ours, whose
    /// cause stands in the log.
    pub(crate) async fn undisturbed<T: Send + 'static>(
        &self,
        failed: &'static str,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.tasks.spawn(work).await.map_err(|fault| {
            tracing::error!(%fault, "{failed}");
            Error::new(ErrorCode::Internal, failed)
        })?
    }
}
