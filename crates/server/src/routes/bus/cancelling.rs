//! Calls that wait, so that whoever made one can take it back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::TokenId;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Whose request, in which session, by which id.
type Named = (TokenId, Option<u64>, String);

/// Calls that wait.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<Named, CancellationToken>>);

/// One of them, until this is dropped.
pub(super) struct Waiting {
    named: Named,
    taken_back: CancellationToken,
    all: Arc<InFlight>,
}

impl Waiting {
    /// Returns when its caller took it back.
    pub(super) async fn taken_back(&self) {
        self.taken_back.cancelled().await;
    }
}

impl InFlight {
    pub(super) fn enter(
        self: &Arc<Self>,
        token: TokenId,
        session: Option<u64>,
        id: &Value,
    ) -> Waiting {
        let named = (token, session, id.to_string());
        let taken_back = CancellationToken::new();
        self.lock().insert(named.clone(), taken_back.clone());
        Waiting {
            named,
            taken_back,
            all: self.clone(),
        }
    }

    pub(super) fn take_back(&self, token: TokenId, session: Option<u64>, id: &Value) {
        if let Some(waiting) = self.lock().get(&(token, session, id.to_string())) {
            waiting.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Named, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.all.lock().remove(&self.named);
    }
}
