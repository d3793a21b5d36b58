//! A running program's listener, from its socket to its end: what the command line's `serve` and
//! the window start alike.

use std::sync::Arc;

use husting_console::Console;
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::{Access, RandomnessError};
use crate::connections::run;
use crate::listener::{BindError, ListenAddress, Listener, holder_named};
use crate::routes::Served;

/// Why a program is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gave no random bytes for the token.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// The listener at work. Dropping it leaves it at work; [`Serving::end`] ends it.
pub struct Serving {
    http: String,
    public: Option<String>,
    access: Arc<Access>,
    token: SecretString,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

impl Serving {
    /// Serves `console` where `listener` listens, pages and the command line's door, and tells it where. Who listens before
    /// the store is opened learns of an address that is held while there is nothing to take back.
    ///
    /// # Errors
    /// [`RandomnessError`]; nothing listens then.
    pub fn on(console: &Console, listener: Listener) -> Result<Self, RandomnessError> {
        Self::noted(console, listener, None)
    }

    /// The same at an address, where one that somebody else holds is no reason to stay unheard: the system
    /// chooses another one then, and the console is told why.
    ///
    /// # Errors
    /// [`ServeError`]; nothing listens then.
    pub async fn start_anywhere(console: &Console, at: ListenAddress) -> Result<Self, ServeError> {
        let (listener, note) = match Listener::bind(at).await {
            Err(BindError::Taken { address, holder }) => {
                let holder = holder_named(holder.as_ref());
                tracing::warn!(%address, holder, "the listener goes to another port");
                let chosen = Listener::bind(ListenAddress { port: 0 }).await?;
                (chosen, Some(format!("{address}, which {holder} holds")))
            }
            bound => (bound?, None),
        };
        Ok(Self::noted(console, listener, note)?)
    }

    fn noted(
        console: &Console,
        listener: Listener,
        note: Option<String>,
    ) -> Result<Self, RandomnessError> {
        let (access, token) = Access::new(console.clock())?;
        let access = Arc::new(access);
        let served = Served {
            host: Arc::new(console.clone()),
            contract: Arc::new(console.clone()),
            bus: Arc::new(console.clone()),
            agents: Arc::new(console.clone()),
            access: access.clone(),
        };
        let (http, shutdown) = (listener.http(), CancellationToken::new());
        console.set_address(listener.address(), note);
        if listener.is_chosen() {
            console.expect_another_address();
        }
        let public = listener.outside.as_ref().map(|outside| {
            console.set_public_address(outside.url.to_string(), outside.allow_path_tokens);
            outside.url.to_string()
        });
        Ok(Self {
            http,
            public,
            access,
            token,
            running: tokio::spawn(run(listener, served, shutdown.clone())),
            shutdown,
        })
    }

    /// `http://127.0.0.1:6070`, for links and scripts.
    #[must_use]
    pub fn http(&self) -> &str {
        &self.http
    }

    /// Opens the command line's door while this runs.
    #[must_use]
    pub const fn token(&self) -> &SecretString {
        &self.token
    }

    /// A link that logs one browser in, once, within ten minutes.
    ///
    /// # Errors
    /// [`RandomnessError`] when the system gives no random bytes.
    pub fn console_link(&self) -> Result<SecretString, RandomnessError> {
        let at = self.public.as_ref().unwrap_or(&self.http);
        self.access.console_link(at)
    }

    /// Takes nothing new, answers what is being answered, and returns when the last connection has
    /// ended; how long that may take is the caller's to say.
    pub async fn end(self) {
        self.shutdown.cancel();
        if let Err(fault) = self.running.await {
            tracing::error!(%fault, "the listener ended badly");
        }
    }
}
