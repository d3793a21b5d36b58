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
pub(super) struct InFlight(Mutex<Table>);

#[derive(Default)]
struct Table {
    next: u64,
    /// By the order they came in. Clients without a session that share a token may use the same ids.
    waiting: HashMap<Named, Vec<(u64, CancellationToken)>>,
}

/// One of them, until this is dropped.
pub(super) struct Waiting {
    named: Named,
    number: u64,
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
        let mut table = self.lock();
        let number = table.next;
        table.next += 1;
        let waiting = table.waiting.entry(named.clone()).or_default();
        waiting.push((number, taken_back.clone()));
        Waiting {
            named,
            number,
            taken_back,
            all: self.clone(),
        }
    }

    /// Takes a call back where it is plain which one is meant; none otherwise, so that nobody's is
    /// taken back by another.
    pub(super) fn take_back(&self, token: TokenId, session: Option<u64>, id: &Value) {
        let table = self.lock();
        let waiting = table.waiting.get(&(token, session, id.to_string()));
        if let Some([(_, only)]) = waiting.map(Vec::as_slice) {
            only.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut table = self.all.lock();
        if let Some(waiting) = table.waiting.get_mut(&self.named) {
            waiting.retain(|(number, _)| *number != self.number);
            if waiting.is_empty() {
                table.waiting.remove(&self.named);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_taken_back_where_it_is_plain_which_one_is_meant() {
        let token: TokenId = "0199e6b4-0000-7000-8000-000000000001".parse().unwrap();
        let all = Arc::new(InFlight::default());
        let first = all.enter(token, None, &json!(1));
        let twin = all.enter(token, None, &json!(1));
        let apart = all.enter(token, Some(7), &json!(1));
        all.take_back(token, None, &json!(1));
        assert!(!first.taken_back.is_cancelled() && !twin.taken_back.is_cancelled());
        drop(first);
        all.take_back(token, None, &json!(1));
        assert!(twin.taken_back.is_cancelled() && !apart.taken_back.is_cancelled());
        drop((twin, apart));
        assert!(all.lock().waiting.is_empty());
    }
}
