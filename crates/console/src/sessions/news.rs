//! Sessions and their rounds, told to whoever watches.

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_wire::events::Event;

use crate::Inner;

impl Inner {
    /// Tells a session's row. A failed read is logged: the next change tells it again.
    pub(crate) async fn tell_session(&self, tenant: &TenantId, id: SessionId) {
        let _turn = self.telling.sessions.lock().await;
        match self.session_summary(tenant, id).await {
            Ok(Some(session)) => self.tell_of(tenant, Event::SessionChanged { session }),
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "a session's state could not be told"),
        }
    }

    /// Tells a round that has just been kept as finished, whole.
    pub(crate) async fn tell_finished_round(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: RoundId,
    ) {
        match self.round_view(tenant, session, round).await {
            Ok(Some(mut round)) => {
                for seat in round.answers.iter_mut().chain(&mut round.reactions) {
                    seat.text = String::new();
                }
                self.tell_of(tenant, Event::RoundChanged { round });
            }
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "a finished round could not be told"),
        }
        self.changed_outside(tenant, session).await;
        self.tell_session(tenant, session).await;
        self.tell_wallet(tenant).await;
        if let Err(fault) = self.tell_models(tenant).await {
            tracing::warn!(%fault, "the models' state could not be told");
        }
    }
}
