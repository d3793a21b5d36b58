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
        let known = last
            .and_then(|id| journal.seq_of(id))
            .and_then(|seq| Some((seq, journal.after(seq)?)));
        let (seq, first) = match known {
            Some((seq, _)) => (seq, None),
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

/// Everything after `seq`, as it comes; ends with the session, or where a slow reader fell behind
/// what is kept.
fn following(journal: Arc<Journal>, seq: u64) -> BoxStream<'static, SentEvent> {
    let (newest, ended) = (journal.watch(), journal.watch_end());
    let state = (journal, newest, ended, seq);
    stream::unfold(state, async |(journal, mut newest, mut ended, seq)| {
        let entries = loop {
            let entries = journal.after(seq)?;
            if !entries.is_empty() {
                break entries;
            }
            if *ended.borrow() {
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
