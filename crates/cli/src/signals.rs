//! The wish to end, from a person or the system.

use std::io;

use futures::future::{BoxFuture, FutureExt, pending, select_all};

/// What a shell says of a program that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// Ends when this process is asked to end. It listens from the call on, also before it is awaited,
/// so that a wish that comes early is not a sudden death.
pub fn asked_to_end() -> BoxFuture<'static, ()> {
    let wishes = wishes();
    if wishes.is_empty() {
        return pending().boxed();
    }
    select_all(wishes).map(|_| ()).boxed()
}

/// Asks a person something. The interrupt that ends it is not a sudden death, so that what asks can leave the terminal as
/// it was; later ones are.
pub fn undisturbed<T>(ask: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let interrupt = interrupt();
    let answer = ask()?;
    if let Some(interrupt) = interrupt {
        tokio::spawn(async {
            interrupt.await;
            std::process::exit(INTERRUPTED);
        });
    }
    Ok(answer)
}

#[cfg(unix)]
fn interrupt() -> Option<BoxFuture<'static, ()>> {
    heard(tokio::signal::unix::SignalKind::interrupt())
}

// There it ends what asks by an error alone.
#[cfg(not(unix))]
fn interrupt() -> Option<BoxFuture<'static, ()>> {
    None
}

#[cfg(unix)]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    use tokio::signal::unix::SignalKind;
    [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .into_iter()
    .filter_map(heard)
    .collect()
}

/// Ends when this signal comes.
#[cfg(unix)]
fn heard(kind: tokio::signal::unix::SignalKind) -> Option<BoxFuture<'static, ()>> {
    let mut signal = tokio::signal::unix::signal(kind)
        .inspect_err(|fault| tracing::warn!(%fault, "a signal cannot be heard"))
        .ok()?;
    Some(async move { signal.recv().await }.map(|_| ()).boxed())
}

#[cfg(not(unix))]
fn wishes() -> Vec<BoxFuture<'static, ()>> {
    let interrupted = tokio::signal::ctrl_c().map(|heard| match heard {
        Ok(()) => (),
        Err(fault) => tracing::warn!(%fault, "interrupts cannot be heard"),
    });
    vec![interrupted.boxed()]
}
