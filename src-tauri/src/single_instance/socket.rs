//! How a second start finds the first: by a socket whose name is made of the data folder's. The name is free again
//! whenever the process ends that has it, however it ends.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener as StdListener, UnixStream as StdStream};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

/// How long the other side may take to say its byte: a first start on a busy machine has the name before it answers.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the name is asked for: whoever has it may end in that moment.
const TRIES: usize = 3;
/// Before a caller is taken again that the system could not give: it has no descriptor left, mostly.
const REST: Duration = Duration::from_millis(100);

/// What a second start wants of the first, in a byte, which the first says back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Wish {
    /// The window is to be seen.
    Raise = b'r',
    /// Nothing: it was to begin behind the tray.
    Nothing = b'n',
}

/// Whose a name is.
#[derive(Debug)]
pub(super) enum Claim {
    /// This process's: whoever asks later is answered here.
    First(Listener),
    /// Another one's, who heard the wish.
    Second,
}

/// Takes the name, or tells whoever has it.
///
/// # Errors
/// What the system said where neither can be done; [`io::ErrorKind::TimedOut`] of one who has it and says nothing.
pub(super) async fn claim(name: &str, wish: Wish) -> io::Result<Claim> {
    let address = SocketAddr::from_abstract_name(name)?;
    let mut refused = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        match StdListener::bind_addr(&address) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                return UnixListener::from_std(listener)
                    .map(|socket| Claim::First(Listener(socket)));
            }
            Err(fault) if fault.kind() == io::ErrorKind::AddrInUse => {}
            Err(fault) => return Err(fault),
        }
        match tell(&address, wish).await {
            Ok(()) => return Ok(Claim::Second),
            Err(fault) if fault.kind() == io::ErrorKind::TimedOut => return Err(fault),
            Err(fault) => refused = fault,
        }
    }
    Err(refused)
}

/// The name, as long as this process answers to it.
#[derive(Debug)]
pub(super) struct Listener(UnixListener);

impl Listener {
    /// Answers until it is dropped.
    pub(super) async fn answer(self, mut raise: impl FnMut()) {
        loop {
            let caller = match self.0.accept().await {
                Ok((caller, _)) => caller,
                Err(error) => {
                    tracing::warn!(%error, "a second start is not taken");
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            match limited(heard(caller)).await {
                Ok(Wish::Raise) => raise(),
                Ok(Wish::Nothing) => {}
                Err(fault) => tracing::debug!(%fault, "a second start was not heard"),
            }
        }
    }
}

async fn tell(address: &SocketAddr, wish: Wish) -> io::Result<()> {
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
    match stream.peer_cred()?.uid() == rustix::process::geteuid().as_raw() {
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

    async fn first(name: &str) -> Listener {
        match claim(name, Wish::Raise).await.unwrap() {
            Claim::First(listener) => listener,
            Claim::Second => panic!("somebody has {name}"),
        }
    }

    #[tokio::test]
    async fn a_second_start_raises_the_window_of_the_first_unless_it_was_to_be_hidden() {
        let name = name("raised");
        let raised = Arc::new(AtomicUsize::new(0));
        let seen = raised.clone();
        let listener = first(&name).await;
        let answering = tokio::spawn(listener.answer(move || {
            seen.fetch_add(1, Ordering::SeqCst);
        }));
        for (wish, times) in [(Wish::Raise, 1), (Wish::Nothing, 1), (Wish::Raise, 2)] {
            let found = claim(&name, wish).await.unwrap();
            assert!(matches!(found, Claim::Second), "{found:?}");
            // It is heard before it is done: the next one that is heard comes after that.
            let after = claim(&name, Wish::Nothing).await.unwrap();
            assert!(matches!(after, Claim::Second), "{after:?}");
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
        let found = claim(&name, Wish::Raise).await;
        assert_eq!(found.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(silent);
    }
}
