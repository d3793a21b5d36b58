//! The wish to end, from a person or the system.

#[cfg(unix)]
mod prompt;

use futures::future::{BoxFuture, FutureExt, pending, select_all};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

#[cfg(unix)]
pub use self::prompt::undisturbed;

/// Ends when this process is asked to end. It listens from the call on, also before it is awaited,
/// so that a wish that comes early is not a sudden death.
pub fn asked_to_end() -> BoxFuture<'static, ()> {
    let wishes = wishes();
    if wishes.is_empty() {
        return pending().boxed();
    }
    select_all(wishes).map(|_| ()).boxed()
}

/// Asks a person something. There an interrupt ends what asks by an error alone.
#[cfg(not(unix))]
pub fn undisturbed<T>(ask: impl FnOnce() -> std::io::Result<T>) -> std::io::Result<T> {
    ask()
}

#[cfg(unix)]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    heard()
        .map(|(_, mut signal)| async move { signal.recv().await }.map(|_| ()).boxed())
        .collect()
}

/// The signals that ask this process to end.
#[cfg(unix)]
fn heard() -> impl Iterator<Item = (SignalKind, Signal)> {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    kinds.into_iter().filter_map(|kind| {
        let heard = signal(kind)
            .inspect_err(|fault| tracing::warn!(%fault, "a signal cannot be heard"))
            .ok()?;
        Some((kind, heard))
    })
}

#[cfg(not(unix))]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    let interrupted = tokio::signal::ctrl_c().map(|heard| match heard {
        Ok(()) => (),
        Err(fault) => tracing::warn!(%fault, "interrupts cannot be heard"),
    });
    vec![interrupted.boxed()]
}
