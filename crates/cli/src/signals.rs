//! The wish to end, from a person or the system.

use futures::future::{BoxFuture, FutureExt, pending, select_all};

/// Ends when this process is asked to end. It listens from the call on, also before it is awaited,
/// so that a wish that comes early is not a sudden death.
pub fn asked_to_end() -> BoxFuture<'static, ()> {
    let wishes = wishes();
    if wishes.is_empty() {
        return pending().boxed();
    }
    select_all(wishes).map(|_| ()).boxed()
}

#[cfg(unix)]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = |kind| {
        signal(kind)
            .inspect_err(|fault| tracing::warn!(%fault, "a signal cannot be heard"))
            .ok()
    };
    [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .into_iter()
    .filter_map(heard)
    .map(|mut signal| async move { signal.recv().await }.map(|_| ()).boxed())
    .collect()
}

#[cfg(not(unix))]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    let interrupted = tokio::signal::ctrl_c().map(|heard| match heard {
        Ok(()) => (),
        Err(fault) => tracing::warn!(%fault, "interrupts cannot be heard"),
    });
    vec![interrupted.boxed()]
}
