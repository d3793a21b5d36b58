//! Sessions of Streamable HTTP: a name for what hears of mail, and nothing that lets anybody in. Each
//! belongs to the token that opened it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::TokenId;
use husting_domain::scopes::Scope;
use husting_tokens::{RandomnessError, hash, random_code};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::bearer::AgentBearer;
use super::news::Known;

/// Most sessions of one token; the one that was used longest ago makes room.
const MOST: usize = 64;

/// Sessions so far, of both transports.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// All sessions, by the hash of their ids.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Table>);

#[derive(Default)]
struct Table {
    all: HashMap<[u8; 32], Kept>,
    /// Counts uses, so that the oldest session is known.
    uses: u64,
}

struct Kept {
    session: Arc<Session>,
    token: TokenId,
    /// Cancelled when the token opens nothing any more, for now or for good.
    token_ended: CancellationToken,
    used: u64,
}

/// A client's session.
pub(super) struct Session {
    /// Tells it from all others.
    pub number: u64,
    /// Hears mail, once the client subscribed.
    pub subscription: watch::Sender<Option<watch::Receiver<u64>>>,
    /// The scopes whose tools the client knows of.
    pub known: Known,
    /// Cancelled when it ends.
    pub ended: CancellationToken,
    /// Ends the stream that is open now.
    stream: Mutex<CancellationToken>,
}

impl Session {
    /// One that nobody has subscribed in.
    pub(super) fn new(scopes: Vec<Scope>) -> Self {
        Self {
            known: Known::new(scopes),
            number: OPENED.fetch_add(1, Ordering::Relaxed),
            subscription: watch::Sender::new(None),
            ended: CancellationToken::new(),
            stream: Mutex::new(CancellationToken::new()),
        }
    }

    /// Makes room for a new stream: a client that comes again has lost the one it had. What this gives
    /// is cancelled when the next one comes.
    pub(super) fn take_stream(&self) -> CancellationToken {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.cancel();
        *stream = self.ended.child_token();
        stream.clone()
    }
}

impl Sessions {
    /// A new session of this token, and its id.
    ///
    /// # Errors
    /// [`RandomnessError`] when the system gives no random bytes.
    pub(super) fn open(
        &self,
        bearer: &AgentBearer,
        scopes: Vec<Scope>,
    ) -> Result<SecretString, RandomnessError> {
        let id = random_code()?;
        let mut table = self.lock();
        table.make_room(bearer.token);
        let kept = Kept {
            session: Arc::new(Session::new(scopes)),
            token: bearer.token,
            token_ended: bearer.holder.ended.clone(),
            used: table.count(),
        };
        table.all.insert(hash(id.expose_secret()), kept);
        Ok(id)
    }

    /// A session of this token.
    pub(super) fn find(&self, id: &str, token: TokenId) -> Option<Arc<Session>> {
        let mut table = self.lock();
        let used = table.count();
        let kept = table.all.get_mut(&hash(id))?;
        if kept.token != token || kept.token_ended.is_cancelled() {
            return None;
        }
        kept.used = used;
        Some(kept.session.clone())
    }

    /// Ends a session of this token; whether there was one.
    pub(super) fn end(&self, id: &str, token: TokenId) -> bool {
        let mut table = self.lock();
        let key = hash(id);
        if table.all.get(&key).is_none_or(|kept| kept.token != token) {
            return false;
        }
        table.remove(&key);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn count(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn make_room(&mut self, token: TokenId) {
        self.all.retain(|_, kept| !kept.token_ended.is_cancelled());
        let theirs = self.all.iter().filter(|(_, kept)| kept.token == token);
        if theirs.clone().count() < MOST {
            return;
        }
        let oldest = theirs.min_by_key(|(_, kept)| kept.used);
        if let Some(key) = oldest.map(|(key, _)| *key) {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &[u8; 32]) {
        if let Some(kept) = self.all.remove(key) {
            kept.session.ended.cancel();
        }
    }
}
