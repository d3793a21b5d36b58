//! What happened in a session lately, numbered, so that a stream can be taken up after any event.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{SessionId, TenantId};
use husting_wire::contract::events::SessionEvent;
use tokio::sync::watch;

use crate::chance;

/// Most bytes of events that one session keeps.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Most sessions that keep any while nothing runs in them and nobody watches.
const MOST_QUIET: usize = 8;

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// One more than the one before it.
    pub seq: u64,
    /// Its JSON.
    pub json: Arc<str>,
}

/// One session's events.
pub(crate) struct Journal {
    tenant: TenantId,
    /// Tells these numbers from those of another run.
    epoch: String,
    kept: Mutex<Kept>,
    /// The newest number; the sender's end is the session's.
    newest: watch::Sender<u64>,
    ended: watch::Sender<bool>,
    /// Somebody has followed the session: whoever comes first is given a snapshot, so that nothing
    /// before that need be kept.
    is_followed: AtomicBool,
}

#[derive(Default)]
struct Kept {
    entries: VecDeque<Entry>,
    bytes: usize,
    newest: u64,
}

impl Journal {
    fn new(tenant: &TenantId) -> Arc<Self> {
        Arc::new(Self {
            tenant: tenant.clone(),
            epoch: chance::secret()[..12].to_owned(),
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
            ended: watch::Sender::new(false),
            is_followed: AtomicBool::new(false),
        })
    }

    /// Events are kept from now on. To be called before the snapshot that they follow is taken.
    pub fn begin(&self) {
        self.is_followed.store(true, Ordering::Release);
    }

    /// Keeps the event, if anybody has ever followed the session.
    pub fn write(&self, event: &SessionEvent) {
        if !self.is_followed.load(Ordering::Acquire) {
            return;
        }
        let json: Arc<str> = match serde_json::to_string(event) {
            Ok(json) => json.into(),
            Err(fault) => {
                tracing::error!(%fault, "a session's event could not be written");
                return;
            }
        };
        let mut kept = self.lock();
        kept.newest += 1;
        let seq = kept.newest;
        kept.bytes += json.len();
        kept.entries.push_back(Entry { seq, json });
        while kept.bytes > MOST_BYTES && kept.entries.len() > 1 {
            let gone = kept.entries.pop_front();
            kept.bytes -= gone.map_or(0, |entry| entry.json.len());
        }
        drop(kept);
        self.newest.send_replace(seq);
    }

    /// The number of the newest event; 0 before the first.
    pub fn newest(&self) -> u64 {
        self.lock().newest
    }

    /// Everything after `seq`; `None` where some of it is not kept any more, or was never told.
    pub fn after(&self, seq: u64) -> Option<Vec<Entry>> {
        let kept = self.lock();
        let first = kept
            .entries
            .front()
            .map_or(kept.newest + 1, |entry| entry.seq);
        if seq > kept.newest || seq + 1 < first {
            return None;
        }
        let later = kept.entries.iter().filter(|entry| entry.seq > seq);
        Some(later.cloned().collect())
    }

    /// `epoch-seq`: what a client sends back as its last event.
    pub fn id(&self, seq: u64) -> String {
        format!("{}-{seq}", self.epoch)
    }

    /// The number of an id of this journal; `None` for one of another run.
    pub fn seq_of(&self, id: &str) -> Option<u64> {
        let (epoch, seq) = id.rsplit_once('-')?;
        (epoch == self.epoch).then(|| seq.parse().ok()).flatten()
    }

    /// Rises with every event.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Turns true with the last event.
    pub fn watch_end(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Journals by session.
#[derive(Default)]
pub(crate) struct Journals(Mutex<HashMap<SessionId, Arc<Journal>>>);

impl Journals {
    /// The session's journal, begun where there is none.
    pub fn of(&self, tenant: &TenantId, session: SessionId) -> Arc<Journal> {
        let mut journals = self.lock();
        if let Some(known) = journals
            .get(&session)
            .filter(|known| known.tenant == *tenant)
        {
            return known.clone();
        }
        // One that nobody else holds has neither a round at work nor a watcher.
        let is_quiet = |journal: &Arc<Journal>| Arc::strong_count(journal) == 1;
        if journals
            .values()
            .filter(|journal| is_quiet(journal))
            .count()
            > MOST_QUIET
        {
            journals.retain(|_, journal| !is_quiet(journal));
        }
        let journal = Journal::new(tenant);
        journals.insert(session, journal.clone());
        journal
    }

    /// The session's journal, if anything was ever written or watched in it.
    pub fn known(&self, session: SessionId) -> Option<Arc<Journal>> {
        self.lock().get(&session).cloned()
    }

    /// The session was deleted: its streams end.
    pub fn end(&self, session: SessionId) {
        let Some(journal) = self.lock().remove(&session) else {
            return;
        };
        journal.write(&SessionEvent::Deleted {
            session_id: session,
        });
        journal.ended.send_replace(true);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Journal>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Arc<Journal> {
        let journal = Journal::new(&TenantId::local());
        journal.begin();
        journal
    }

    fn note(journal: &Journal, text: &str) {
        journal.write(&SessionEvent::Text {
            round_id: chance::round_id(),
            model: husting_domain::models::ModelId::parse("m").unwrap(),
            offset: 0,
            text: text.to_owned(),
        });
    }

    #[test]
    fn what_follows_an_event_is_told_without_gap_or_double() {
        let journal = journal();
        for text in ["a", "b", "c"] {
            note(&journal, text);
        }
        let seqs = |after| -> Vec<u64> {
            let entries = journal.after(after).unwrap();
            entries.iter().map(|entry| entry.seq).collect()
        };
        assert_eq!(seqs(0), [1, 2, 3]);
        assert_eq!(seqs(2), [3]);
        assert_eq!(seqs(3), [0_u64; 0]);
        assert_eq!(journal.after(4), None, "never told");
    }

    #[test]
    fn nothing_is_kept_of_a_session_that_nobody_follows() {
        let journal = Journal::new(&TenantId::local());
        note(&journal, "a");
        assert_eq!(journal.newest(), 0);
    }

    #[test]
    fn what_is_not_kept_any_more_is_not_passed_over_in_silence() {
        let journal = journal();
        for _ in 0..5 {
            note(&journal, &"x".repeat(MOST_BYTES / 3));
        }
        // Of five such events the last two are within the bound, and so is the one that fits beside.
        let first = journal.lock().entries.front().unwrap().seq;
        assert!(first > 1);
        assert_eq!(journal.after(0), None);
        assert_eq!(journal.after(first - 2), None, "the one after it is gone");
        let rest = journal.after(first - 1).unwrap();
        assert_eq!(rest.first().unwrap().seq, first);
    }

    #[test]
    fn a_number_of_another_run_is_not_known() {
        let (one, other) = (journal(), journal());
        assert_eq!(one.seq_of(&one.id(7)), Some(7));
        assert_eq!(one.seq_of(&other.id(7)), None);
        assert_eq!(one.seq_of("7"), None);
    }
}
