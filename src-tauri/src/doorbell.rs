//! How a second start finds the first where there is no session bus: by a socket whose name is made of the data
//! folder's. The name is free again whenever the process ends that has it, however it ends.

use std::fs;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixListener as StdListener, UnixStream as StdStream};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

/// How long the other side may take to say its byte.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the name is asked for: whoever has it may end in that moment.
const TRIES: usize = 3;

/// What a second start wants of the first, in a byte, which the first says back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Wish {
    /// The window is to be seen.
    Raise = b'r',
    /// Nothing: it was to begin behind the tray.
    Nothing = b'n',
}

/// Who begins.
#[derive(Debug)]
pub(crate) enum Start {
    /// Nobody else: whoever begins later rings here.
    First(Doorbell),
    /// Another one is there and heard the wish.
    Second,
}

/// The name, as long as this process answers to it.
#[derive(Debug)]
pub(crate) struct Doorbell(UnixListener);

impl Doorbell {
    /// Takes the name, or rings at whoever has it.
    ///
    /// # Errors
    /// What the system said where neither can be done.
    pub(crate) async fn hang_or_ring(name: &str, wish: Wish) -> io::Result<Start> {
        let address = SocketAddr::from_abstract_name(name)?;
        let mut refused = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..TRIES {
            match StdListener::bind_addr(&address) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    return UnixListener::from_std(listener).map(|bell| Start::First(Self(bell)));
                }
                Err(fault) if fault.kind() == io::ErrorKind::AddrInUse => {}
                Err(fault) => return Err(fault),
            }
            match ring(&address, wish).await {
                Ok(()) => return Ok(Start::Second),
                Err(fault) if fault.kind() == io::ErrorKind::TimedOut => return Err(fault),
                Err(fault) => refused = fault,
            }
        }
        Err(refused)
    }

    /// Answers until it is dropped.
    pub(crate) async fn answer(self, mut raise: impl FnMut()) {
        loop {
            let wish = match self.0.accept().await {
                Ok((caller, _)) => limited(heard(caller)).await,
                Err(fault) => Err(fault),
            };
            match wish {
                Ok(Wish::Raise) => raise(),
                Ok(Wish::Nothing) => {}
                Err(fault) => tracing::debug!(%fault, "a second start was not heard"),
            }
        }
    }
}

async fn ring(address: &SocketAddr, wish: Wish) -> io::Result<()> {
    let stream = StdStream::connect_addr(address)?;
    stream.set_nonblocking(true)?;
    let mut stream = UnixStream::from_std(stream)?;
    is_ours(&stream)?;
    limited(async {
        stream.write_all(&[wish as u8]).await?;
        match stream.read_u8().await? {
            said if said == wish as u8 => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    })
    .await
}

async fn heard(mut caller: UnixStream) -> io::Result<Wish> {
    is_ours(&caller)?;
    let wish = match caller.read_u8().await? {
        byte if byte == Wish::Raise as u8 => Wish::Raise,
        byte if byte == Wish::Nothing as u8 => Wish::Nothing,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    caller.write_all(&[wish as u8]).await?;
    Ok(wish)
}

/// Any user of the machine may take such a name, or ring.
fn is_ours(stream: &UnixStream) -> io::Result<()> {
    let own = fs::metadata("/proc/self")?.uid();
    match stream.peer_cred()?.uid() == own {
        true => Ok(()),
        false => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

async fn limited<T>(saying: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(PATIENCE, saying).await?
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn name(of: &str) -> String {
        format!("org.husting.test.{of}.{}", std::process::id())
    }

    async fn first(name: &str) -> Doorbell {
        match Doorbell::hang_or_ring(name, Wish::Raise).await.unwrap() {
            Start::First(bell) => bell,
            Start::Second => panic!("somebody has {name}"),
        }
    }

    #[tokio::test]
    async fn a_second_start_raises_the_window_of_the_first_unless_it_was_to_be_hidden() {
        let name = name("raised");
        let raised = Arc::new(AtomicUsize::new(0));
        let seen = raised.clone();
        let bell = first(&name).await;
        let answering = tokio::spawn(bell.answer(move || {
            seen.fetch_add(1, Ordering::SeqCst);
        }));
        for (wish, times) in [(Wish::Raise, 1), (Wish::Nothing, 1), (Wish::Raise, 2)] {
            let start = Doorbell::hang_or_ring(&name, wish).await.unwrap();
            assert!(matches!(start, Start::Second), "{start:?}");
            // It is heard before it is done: the next one that is heard comes after that.
            let after = Doorbell::hang_or_ring(&name, Wish::Nothing).await.unwrap();
            assert!(matches!(after, Start::Second), "{after:?}");
            assert_eq!(raised.load(Ordering::SeqCst), times);
        }
        answering.abort();
        assert!(answering.await.unwrap_err().is_cancelled());
        first(&name).await;
    }

    #[tokio::test]
    async fn whoever_has_the_name_and_says_nothing_is_not_waited_for_without_end() {
        let name = name("silent");
        let silent = first(&name).await;
        let start = Doorbell::hang_or_ring(&name, Wish::Raise).await;
        assert_eq!(start.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(silent);
    }
}
