//! The wish to end, from a person or the system.

/// Returns when this process is asked to end.
pub async fn asked_to_end() {
    #[cfg(unix)]
    unix().await;
    #[cfg(not(unix))]
    interrupted().await;
}

#[cfg(unix)]
async fn unix() {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminated, hung_up) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut terminated), Ok(mut hung_up)) = (terminated, hung_up) else {
        return interrupted().await;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = hung_up.recv() => {}
        () = interrupted() => {}
    }
}

async fn interrupted() {
    if let Err(fault) = tokio::signal::ctrl_c().await {
        tracing::warn!(%fault, "interrupts cannot be heard");
        std::future::pending::<()>().await;
    }
}
