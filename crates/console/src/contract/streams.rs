//! A session as it happens, for whoever follows it.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use husting_domain::ids::{SessionId, TenantId};
use husting_wire::answers::SeatState;
use husting_wire::contract::events::{SeatWords, SessionEvent};
use husting_wire::errors::Error;

use super::journal::{Entry, Journal};
use crate::caller::Caller;
use crate::{Console, Inner};

/// An event's id and its JSON.
pub type SentEvent = (String, Arc<str>);

/// Events of one session, in order, for as long as it exists and the caller's key lives.
pub type SessionStream = BoxStream<'static, SentEvent>;

impl Console {
    /// Follows a session: from after the event `last` where that is still known, else from a
    /// snapshot of its state.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn follow(
        &self,
        caller: &Caller,
        session: SessionId,
        last: Option<&str>,
    ) -> Result<SessionStream, Error> {
        let tenant = caller.tenant();
        self.0.seen_by(caller, session).await?;
        let journal = self.0.journals.of(&tenant, session);
        journal.begin();
        let (seq, first) = match last.and_then(|id| taken_up(&journal, id)) {
            Some(seq) => (seq, None),
            None => {
                let (seq, snapshot) = self.0.snapshot_of(&tenant, session, &journal).await?;
                (seq, Some((journal.id(seq), snapshot)))
            }
        };
        let shutdown = self.0.shutdown.clone();
        let revoked = caller.ended();
        let rest = following(journal, seq);
        Ok(stream::iter(first)
            .chain(rest)
            .take_until(async move {
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = revoked.cancelled() => {}
                }
            })
            .boxed())
    }
}

/// The number of the event `last`, where all that came after it is still kept.
fn taken_up(journal: &Journal, last: &str) -> Option<u64> {
    let seq = journal.seq_of(last)?;
    journal.after(seq).map(|_| seq)
}

/// Everything after `seq`, as it comes; ends with the session, or where a slow reader fell behind
/// what is kept.
fn following(journal: Arc<Journal>, seq: u64) -> BoxStream<'static, SentEvent> {
    let (newest, ended) = (journal.watch(), journal.watch_end());
    let state = (journal, newest, ended, seq);
    stream::unfold(state, async |(journal, mut newest, mut ended, seq)| {
        let entries = loop {
            // Looked at before the events: the last of them is written before the end is told.
            let is_over = *ended.borrow();
            let entries = journal.after(seq)?;
            if !entries.is_empty() {
                break entries;
            }
            if is_over {
                return None;
            }
            tokio::select! {
                changed = newest.changed() => changed.ok()?,
                changed = ended.changed() => changed.ok()?,
            }
        };
        let last = entries.last().map_or(seq, |entry| entry.seq);
        let sent: Vec<SentEvent> = entries
            .into_iter()
            .map(|Entry { seq, json }| (journal.id(seq), json))
            .collect();
        Some((stream::iter(sent), (journal, newest, ended, last)))
    })
    .flatten()
    .boxed()
}

impl Inner {
    /// The session's state with the number of the newest event it includes.
    async fn snapshot_of(
        &self,
        tenant: &TenantId,
        session: SessionId,
        journal: &Journal,
    ) -> Result<(u64, Arc<str>), Error> {
        let (seq, event) = match self.live.of(session) {
            Some(live) if live.is_of(tenant) => live.snapshot(),
            _ => {
                // Read before the store: an event that comes meanwhile is told again, never lost.
                let seq = journal.newest();
                (seq, self.stored_snapshot(tenant, session).await?)
            }
        };
        let json =
            serde_json::to_string(&event).map_err(|fault| Error::invalid(fault.to_string()))?;
        Ok((seq, json.into()))
    }

    async fn stored_snapshot(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<SessionEvent, Error> {
        let view = self.get_session(tenant, session).await?;
        let Some(newest) = view.rounds.last() else {
            return Ok(SessionEvent::Snapshot {
                progress: None,
                texts: Vec::new(),
            });
        };
        let texts = newest
            .answers
            .iter()
            .filter(|seat| seat.state != SeatState::Absent)
            .map(|seat| SeatWords {
                model: seat.model.clone(),
                text: seat.text.clone(),
            })
            .collect();
        let (progress, _) = self
            .stored_progress(tenant, session, Some(newest.round_id))
            .await?;
        Ok(SessionEvent::Snapshot {
            progress: Some(progress),
            texts,
        })
    }

    /// Something changed in a session beside the round at work: its recap, its synthesis, or that the
    /// round is over. Whoever polls or follows is told.
    pub(crate) async fn changed_outside(&self, tenant: &TenantId, session: SessionId) {
        self.finished.forget(session);
        let Some(journal) = self.journals.known(session) else {
            return;
        };
        if let Some(live) = self.live.of(session) {
            match self.store.session(tenant, session).await {
                Ok(Some(stored)) => live.set_synthesis(stored.synthesis.status),
                Ok(None) => {}
                Err(fault) => tracing::warn!(%fault, "a session's change could not be told"),
            }
            return;
        }
        match self.stored_progress(tenant, session, None).await {
            Ok((progress, _)) => journal.write(&SessionEvent::Progress { progress }),
            Err(fault) => tracing::warn!(%fault, "a session's change could not be told"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use husting_domain::models::ModelId;

    use super::*;
    use crate::chance;
    use crate::contract::journal::Journals;

    fn journal(journals: &Journals) -> (SessionId, Arc<Journal>) {
        let session = chance::session_id();
        let journal = journals.of(&TenantId::local(), session);
        journal.begin();
        (session, journal)
    }

    fn note(journal: &Journal, text: &str) {
        journal.write(&SessionEvent::Text {
            round_id: chance::round_id(),
            model: ModelId::parse("m").unwrap(),
            offset: 0,
            text: text.to_owned(),
        });
    }

    /// More than half of what a journal keeps.
    fn large() -> String {
        "x".repeat(1_200_000)
    }

    #[tokio::test]
    async fn what_comes_between_a_number_and_its_follower_is_told_once() {
        let journals = Journals::default();
        let (_, journal) = journal(&journals);
        note(&journal, "included");
        let seq = journal.newest();
        note(&journal, "before it follows");
        let mut stream = following(journal.clone(), seq);
        note(&journal, "before it is read");
        for number in [2, 3] {
            let (id, _) = stream.next().await.unwrap();
            assert_eq!(id, journal.id(number));
        }
        assert!(stream.next().now_or_never().is_none(), "it waits for more");
        note(&journal, "while it waits");
        assert_eq!(stream.next().await.unwrap().0, journal.id(4));
    }

    #[tokio::test]
    async fn who_fell_behind_what_is_kept_is_cut_off_and_begins_with_a_snapshot() {
        let journals = Journals::default();
        let (_, journal) = journal(&journals);
        note(&journal, "first");
        let mut stream = following(journal.clone(), 0);
        let (last, _) = stream.next().await.unwrap();
        assert_eq!(taken_up(&journal, &last), Some(1));
        note(&journal, &large());
        assert_eq!(taken_up(&journal, &last), Some(1), "all of it is kept");
        note(&journal, &large());
        assert_eq!(taken_up(&journal, &last), None, "the second is not");
        assert_eq!(taken_up(&journal, &journal.id(2)), Some(2));
        assert!(
            stream.next().await.is_none(),
            "the third must not follow the first"
        );
    }

    /// The end is looked at before the events: else a follower that finds none, and then the end, has
    /// missed what was written between.
    #[test]
    fn the_last_event_of_a_session_is_told_to_whoever_follows() {
        for _ in 0..500 {
            let journals = Journals::default();
            let (session, journal) = journal(&journals);
            let told = std::thread::scope(|scope| {
                scope.spawn(|| journals.end(session));
                loop {
                    let first = following(journal.clone(), 0).next().now_or_never();
                    if let Some(first) = first {
                        break first;
                    }
                }
            });
            let (_, event) = told.expect("it ended without its last event");
            assert!(event.contains("deleted"), "{event}");
        }
    }
}
