//! The address: both loopbacks under one number, since clients write `localhost`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::TcpListener;

use crate::holder::{Holder, holder_of};
use crate::outside::Outside;

/// How often another number is tried when the system's choice is free on one loopback only.
const TRIES: usize = 16;

/// Where to listen: a port of this machine's loopback; 0 lets the system choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// The same on `127.0.0.1` and `[::1]`.
    pub port: u16,
}

impl Default for ListenAddress {
    fn default() -> Self {
        Self { port: 6070 }
    }
}

/// Why an address was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseListenError {
    /// Not an address with a port.
    #[error("write an address and a port, such as 127.0.0.1:6070")]
    Form,
    /// An address that others can reach.
    #[error(
        "{0} can be reached from outside; without `husting serve --public-url https://…` only 127.0.0.1, [::1] and localhost are served"
    )]
    NotLoopback(SocketAddr),
}

impl ListenAddress {
    /// As the setting `listen` says, else the default.
    ///
    /// # Errors
    /// [`ParseListenError`] when it says something else.
    pub fn from_setting(given: Option<&str>) -> Result<Self, ParseListenError> {
        given.map_or_else(|| Ok(Self::default()), str::parse)
    }
}

impl FromStr for ListenAddress {
    type Err = ParseListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(port) = text.strip_prefix("localhost:") {
            return port
                .parse()
                .map(|port| Self { port })
                .map_err(|_| ParseListenError::Form);
        }
        let address: SocketAddr = text.parse().map_err(|_| ParseListenError::Form)?;
        if address.ip().is_loopback() {
            Ok(Self {
                port: address.port(),
            })
        } else {
            Err(ParseListenError::NotLoopback(address))
        }
    }
}

impl std::fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "127.0.0.1:{}", self.port)
    }
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("{address} is held by {}: stop it, or choose another port with --listen", holder_named(holder.as_ref()))]
    Taken {
        /// The address that was refused.
        address: SocketAddr,
        /// Who, where it could be seen.
        holder: Option<Holder>,
    },
    /// The system refused for another reason.
    #[error("{address} cannot be listened on: {source}")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// For sentences.
pub(crate) fn holder_named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}

/// Sockets that listen, and their number.
#[derive(Debug)]
pub struct Listener {
    pub(crate) sockets: Vec<TcpListener>,
    pub(crate) outside: Option<Outside>,
    port: u16,
    is_chosen: bool,
}

impl Listener {
    /// Listens on `127.0.0.1` and `[::1]`. A machine without IPv6 goes on with the first.
    ///
    /// # Errors
    /// [`BindError`] when either is held by somebody else or refused.
    pub async fn bind(at: ListenAddress) -> Result<Self, BindError> {
        if at.port != 0 {
            return Self::bind_both(at.port).await;
        }
        let mut tried = Self::bind_both(0).await;
        for _ in 1..TRIES {
            if !matches!(tried, Err(BindError::Taken { .. })) {
                break;
            }
            tried = Self::bind_both(0).await;
        }
        tried.map(|chosen| Self {
            is_chosen: true,
            ..chosen
        })
    }

    /// The same for others too; where they listen on an address of their own, its port holds for both.
    ///
    /// # Errors
    /// [`BindError`] when an address is held by somebody else or refused.
    pub async fn bind_outside(at: ListenAddress, outside: Outside) -> Result<Self, BindError> {
        let mut listener = match outside.listen {
            None => Self::bind(at).await?,
            Some(address) if address.ip().is_unspecified() => {
                let everywhere = bind_one(address.ip(), address.port()).await?;
                let port = port_of(&everywhere, address.port())?;
                let mut sockets = vec![everywhere];
                if address.is_ipv4() {
                    sockets.extend(second_loopback(port).await?);
                }
                Self::of(sockets, port)
            }
            Some(address) => {
                let port = address.port();
                let mut listener = Self::bind(ListenAddress { port }).await?;
                let there = bind_one(address.ip(), listener.port).await?;
                listener.sockets.push(there);
                listener
            }
        };
        listener.outside = Some(outside);
        Ok(listener)
    }

    async fn bind_both(port: u16) -> Result<Self, BindError> {
        let first = bind_one(IpAddr::V4(Ipv4Addr::LOCALHOST), port).await?;
        let port = port_of(&first, port)?;
        let mut sockets = vec![first];
        sockets.extend(second_loopback(port).await?);
        Ok(Self::of(sockets, port))
    }

    const fn of(sockets: Vec<TcpListener>, port: u16) -> Self {
        Self {
            sockets,
            outside: None,
            port,
            is_chosen: false,
        }
    }

    /// The port, also where the system chose it.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether the system chose the port, which is another one the next time.
    pub(crate) const fn is_chosen(&self) -> bool {
        self.is_chosen
    }

    /// `127.0.0.1:6070`, for people.
    #[must_use]
    pub fn address(&self) -> String {
        ListenAddress { port: self.port }.to_string()
    }

    /// `http://127.0.0.1:6070`, for links and scripts.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://{}", self.address())
    }
}

/// `[::1]`, where this machine has it.
async fn second_loopback(port: u16) -> Result<Option<TcpListener>, BindError> {
    match bind_one(IpAddr::V6(Ipv6Addr::LOCALHOST), port).await {
        Ok(second) => Ok(Some(second)),
        Err(BindError::Refused { source, .. }) => {
            tracing::warn!(%source, "this machine has no IPv6 loopback; listening without it");
            Ok(None)
        }
        Err(taken) => Err(taken),
    }
}

async fn bind_one(ip: IpAddr, port: u16) -> Result<TcpListener, BindError> {
    let address = SocketAddr::new(ip, port);
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken {
                address,
                holder: holder_of(port),
            },
            _ => BindError::Refused { address, source },
        })
}

fn port_of(socket: &TcpListener, asked: u16) -> Result<u16, BindError> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), asked);
    socket
        .local_addr()
        .map(|bound| bound.port())
        .map_err(|source| BindError::Refused { address, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_served() {
        for (text, port) in [
            ("127.0.0.1:6070", 6070),
            ("[::1]:1", 1),
            ("localhost:0", 0),
            ("127.3.2.1:80", 80),
        ] {
            assert_eq!(text.parse(), Ok(ListenAddress { port }), "{text}");
        }
        for text in ["0.0.0.0:6070", "[::]:6070", "192.168.0.4:80"] {
            assert!(
                matches!(
                    text.parse::<ListenAddress>(),
                    Err(ParseListenError::NotLoopback(_))
                ),
                "{text}"
            );
        }
        for text in ["6070", "127.0.0.1", "example.org:80", "localhost:70000", ""] {
            assert_eq!(
                text.parse::<ListenAddress>(),
                Err(ParseListenError::Form),
                "{text}"
            );
        }
    }

    #[test]
    fn where_nothing_is_configured_the_port_is_the_one_that_clients_know() {
        let usual = ListenAddress::from_setting(None).unwrap();
        assert_eq!(
            (usual.port, usual.to_string().as_str()),
            (6070, "127.0.0.1:6070")
        );
        assert_eq!(
            ListenAddress::from_setting(Some("127.0.0.1:6071")),
            Ok(ListenAddress { port: 6071 })
        );
    }

    #[tokio::test]
    async fn a_taken_port_names_its_holder() {
        let held = Listener::bind(ListenAddress { port: 0 }).await.unwrap();
        let refused = Listener::bind(ListenAddress { port: held.port() })
            .await
            .unwrap_err();
        let sentence = refused.to_string();
        assert!(
            sentence.contains(&format!("127.0.0.1:{}", held.port())),
            "{sentence}"
        );
        if cfg!(target_os = "linux") {
            assert!(
                sentence.contains(&format!("process {}", std::process::id())),
                "{sentence}"
            );
        }
    }

    #[tokio::test]
    async fn a_port_that_was_asked_for_is_nobodys_choice() {
        let chosen = Listener::bind(ListenAddress { port: 0 }).await.unwrap();
        assert!(chosen.is_chosen());
        let port = chosen.port();
        drop(chosen);
        let asked = Listener::bind(ListenAddress { port }).await.unwrap();
        assert!(!asked.is_chosen());
    }

    #[tokio::test]
    async fn a_port_taken_on_one_loopback_is_refused_on_both() {
        let Ok(held) = TcpListener::bind("[::1]:0").await else {
            eprintln!("this machine has no IPv6 loopback; there is nothing to test");
            return;
        };
        let port = held.local_addr().unwrap().port();
        let refused = Listener::bind(ListenAddress { port }).await.unwrap_err();
        assert!(matches!(refused, BindError::Taken { address, .. } if address.is_ipv6()));
    }
}
