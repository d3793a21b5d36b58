//! The sockets: a listener that sends every piece at once, can reset a connection on demand, and can
//! be shut so that connections are refused while its port stays ours.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
};

const BACKLOG: u32 = 1024;

const WHOLE: u8 = 0;
const RESET_ON_CLOSE: u8 = 1;
const DEAD: u8 = 2;

/// One connection, as a handler may end it.
#[derive(Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    /// When the connection closes it does so with a reset.
    pub(crate) fn reset_on_close(&self) {
        self.0.store(RESET_ON_CLOSE, Ordering::Release);
    }

    /// Nothing is written any more; the connection closes with a reset.
    pub(crate) fn kill(&self) {
        self.0.store(DEAD, Ordering::Release);
    }

    fn state(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().line.clone()
    }
}

pub(crate) struct Door {
    listener: TcpListener,
    /// Dropped with the listener, which tells that the port is free.
    _open: oneshot::Sender<()>,
}

pub(crate) struct Socket {
    stream: TcpStream,
    line: Line,
}

impl Listener for Door {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            let accepted = self.listener.accept().await;
            match accepted
                .and_then(|(stream, from)| stream.set_nodelay(true).map(|()| (stream, from)))
            {
                Ok((stream, from)) => {
                    return (
                        Socket {
                            stream,
                            line: Line::default(),
                        },
                        from,
                    );
                }
                // The client left between its connect and our accept.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Socket {
    fn alive(&self) -> io::Result<()> {
        if self.line.state() == DEAD {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.line.state() != WHOLE {
            // A socket that is gone already needs no reset.
            drop(self.stream.set_zero_linger());
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alive()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.state() != WHOLE {
            // A shutdown would say goodbye in good order, before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The port, open or shut.
pub(crate) struct Entrance {
    address: SocketAddr,
    state: Mutex<State>,
}

enum State {
    /// Bound, so that the port stays ours, but not listening: connections are refused.
    Shut(TcpSocket),
    Open(Serving),
    Moving,
}

/// A server, stopped by dropping `stop`.
struct Serving {
    stop: oneshot::Sender<()>,
    closed: oneshot::Receiver<()>,
}

impl Entrance {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = bound(address)?;
        Ok(Entrance {
            address: socket.local_addr()?,
            state: Mutex::new(State::Shut(socket)),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn open(&self, router: Router) -> io::Result<()> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, State::Moving) {
            State::Shut(socket) => {
                let (stop, stopped) = oneshot::channel();
                let (open, closed) = oneshot::channel();
                let door = Door {
                    listener: socket.listen(BACKLOG)?,
                    _open: open,
                };
                tokio::spawn(serve(door, router, stopped));
                *state = State::Open(Serving { stop, closed });
            }
            other => *state = other,
        }
        Ok(())
    }

    /// Refuses connections from now on. Requests under way go on, idle connections are closed.
    pub(crate) async fn shut(&self) -> io::Result<()> {
        let taken = std::mem::replace(&mut *self.lock(), State::Moving);
        let next = match taken {
            State::Open(Serving { stop, closed }) => {
                drop(stop);
                // Nothing is ever sent: the error is the news that the listener is gone.
                drop(closed.await);
                State::Shut(bound(self.address)?)
            }
            other => other,
        };
        *self.lock() = next;
        Ok(())
    }

    /// Stops listening for good.
    pub(crate) fn stop(&self) {
        *self.lock() = State::Moving;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn serve(door: Door, router: Router, stopped: oneshot::Receiver<()>) {
    let service = router.into_make_service_with_connect_info::<Line>();
    let stop = async {
        // Resolves when its sender is dropped.
        drop(stopped.await);
    };
    if let Err(error) = axum::serve(door, service)
        .with_graceful_shutdown(stop)
        .await
    {
        eprintln!("fake provider stopped: {error}");
    }
}
