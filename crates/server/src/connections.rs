//! The accept loop: connections come, are served, and end with the program.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::listener::Listener;
use crate::routes::{Served, router};

/// How long a client may take to send a request's head.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long a client may read nothing of what is being sent to it.
const READ_PATIENCE: Duration = Duration::from_secs(60);
/// How long accepting rests after the system refused, say for want of file descriptors.
const REST: Duration = Duration::from_millis(200);

/// Ends a connection at once, whatever is still to be written to it.
#[derive(Clone, Debug)]
pub(crate) struct Cut(CancellationToken);

impl Cut {
    pub(crate) fn now(&self) {
        self.0.cancel();
    }
}

/// Whether a connection comes from this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FromThisMachine(pub bool);

/// Serves until `shutdown`: then nothing new is accepted, streams end, and what is being answered
/// is answered. Returns when the last connection and the last command have ended; how long that
/// may take is the caller's to say.
pub async fn run(listener: Listener, served: Served, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let port = listener.port();
    let router = router(
        served,
        port,
        listener.outside,
        shutdown.clone(),
        tasks.clone(),
    );
    for socket in listener.sockets {
        tasks.spawn(accept(
            socket,
            router.clone(),
            shutdown.clone(),
            tasks.clone(),
        ));
    }
    tasks.close();
    tasks.wait().await;
}

async fn accept(
    socket: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let is_from_here = FromThisMachine(peer.ip().to_canonical().is_loopback());
                let served = serve(stream, is_from_here, router.clone(), shutdown.clone());
                tasks.spawn(served);
            }
            Err(fault) => {
                tracing::warn!(%fault, "a connection was not accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    is_from_here: FromThisMachine,
    router: Router,
    shutdown: CancellationToken,
) {
    // Without this, small writes of an event stream wait for the client's acknowledgements.
    if let Err(fault) = stream.set_nodelay(true) {
        tracing::debug!(%fault, "TCP_NODELAY was refused");
    }
    let cut = Cut(CancellationToken::new());
    let known = cut.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(known.clone());
        request.extensions_mut().insert(is_from_here);
        router.clone().oneshot(request)
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(READ_PATIENCE));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::pin!(connection);
    let mut ending = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(fault) = ended {
                    tracing::debug!(%fault, "a connection ended early");
                }
                return;
            }
            () = cut.0.cancelled() => return,
            () = shutdown.cancelled(), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
