//! Sessions that a key may see: one whole, a page of them, or only that it is there.

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::sessions::SessionStatus;
use husting_store::{SessionFilter, SessionRow};
use husting_wire::contract::numbers::Usd;
use husting_wire::contract::requests::{ListSessions, ListedStatus};
use husting_wire::contract::sessions::{ListedSession, SessionListRecord, SessionRecord};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::ranges;

use crate::caller::Caller;
use crate::errors::Outward;
use crate::{Console, Inner, records, transcript};

/// Rows of a page where nobody says.
const DEFAULT_LIMIT: u64 = 7;

impl Console {
    /// A whole session, as record and as Markdown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn session(
        &self,
        caller: &Caller,
        id: SessionId,
    ) -> Result<(SessionRecord, String), Error> {
        self.0.refuse_stranger(caller, id).await?;
        let view = self.0.get_session(&caller.tenant(), id).await?;
        self.0.given(caller, &view).await?;
        Ok((records::session(&view), transcript::markdown(&view)))
    }

    /// Sessions, those that changed last first.
    ///
    /// # Errors
    /// `invalid_request` for a limit out of its range.
    pub async fn sessions(
        &self,
        caller: &Caller,
        asked: ListSessions,
    ) -> Result<SessionListRecord, Error> {
        let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
        ranges::LIST_LIMIT.check("limit", limit)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let offset = asked.offset.unwrap_or(0);
        let filter = SessionFilter {
            statuses: match asked.status {
                Some(ListedStatus::Ready) => vec![SessionStatus::Ready],
                Some(ListedStatus::Streaming) => {
                    vec![SessionStatus::Streaming, SessionStatus::Processing]
                }
                None => Vec::new(),
            },
            opened_by: caller.sees_own_alone(),
            limit,
            offset,
            ..SessionFilter::default()
        };
        let page = self
            .0
            .store
            .sessions(&caller.tenant(), &filter)
            .await
            .outward()?;
        Ok(SessionListRecord {
            sessions: page.rows.into_iter().map(listed).collect(),
            total: u32::try_from(page.total).unwrap_or(u32::MAX),
            limit,
            offset,
        })
    }
}

impl Inner {
    /// How the session stands, where the caller may see it.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub(crate) async fn status_for(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<SessionStatus, Error> {
        let found = self.store.session_standing(&caller.tenant(), session).await;
        let standing = found.outward()?;
        standing
            .filter(|standing| {
                let own = caller.sees_own_alone();
                own.is_none_or(|principal| principal == standing.opened_by)
            })
            .map(|standing| standing.status)
            .ok_or_else(|| Error::not_found("session"))
    }

    /// The same for those alone who see no more than what they opened: the others are shown what is
    /// their tenant's, and what is not is not found.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn refuse_stranger(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(), Error> {
        match caller.sees_own_alone() {
            Some(_) => self.seen_by(caller, session).await,
            None => Ok(()),
        }
    }

    /// Whether the caller may see the session.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub(crate) async fn seen_by(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        self.status_for(caller, session).await.map(|_| ())
    }

    /// Refuses a round that is not the one at work.
    pub(crate) async fn refuse_other_round(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
    ) -> Result<(), Error> {
        self.seen_by(caller, session).await?;
        let live = self.live.running(session)?;
        if live.place().0 == round {
            return Ok(());
        }
        let rounds = self
            .store
            .rounds(&caller.tenant(), session)
            .await
            .outward()?;
        Err(if rounds.iter().any(|found| found.id == round) {
            Error::new(ErrorCode::InvalidRequest, "This round is over.")
        } else {
            Error::not_found("round")
        })
    }
}

fn listed(row: SessionRow) -> ListedSession {
    let session = row.session;
    ListedSession {
        session_id: session.id,
        title: session.title,
        status: session.status,
        round_count: row.round_count,
        models: session.models,
        moderator_name: session.moderator_name,
        application: session.application,
        source: session.source,
        created_at: session.created_at,
        updated_at: session.updated_at,
        total_cost_usd: Usd(row.cost),
    }
}
