//! Sessions: reading, listing, keeping in order.

mod changes;
mod charges;
mod export;
mod facts;
mod news;

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::sessions::SessionStatus;
use husting_store::SessionFilter;
use husting_wire::errors::Error;
use husting_wire::ranges;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{ListSessions, SessionList, SessionSummary, SessionView};

pub(crate) use self::charges::{agent_of, round_of};
pub(crate) use self::facts::SessionFacts;

use crate::errors::Outward;
use crate::{Inner, views};

impl Inner {
    pub(crate) async fn get_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<SessionView, Error> {
        let catalog = self.catalog(tenant).await?;
        let facts = self.session_facts(tenant, id).await?;
        let row = self.store.session_row(tenant, id).await.outward()?;
        let row = row.ok_or_else(|| Error::not_found("session"))?;
        let mut view = views::session(&facts, &row, &catalog);
        // A round at work is shown as it is this moment, not as it was last kept; one that has just
        // been kept as finished is over.
        if let Some(live) = self.live.of(id) {
            let live = live.view();
            if let Some(round) = view
                .rounds
                .iter_mut()
                .find(|round| round.round_id == live.round_id && !round.status.is_terminal())
            {
                *round = live;
            }
        }
        Ok(view)
    }

    /// One round of a session, as it is now.
    pub(crate) async fn round_view(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: RoundId,
    ) -> Result<Option<RoundView>, Error> {
        let rounds = self.get_session(tenant, session).await?.rounds;
        Ok(rounds.into_iter().find(|view| view.round_id == round))
    }

    pub(crate) async fn list_sessions(
        &self,
        tenant: &TenantId,
        asked: ListSessions,
    ) -> Result<SessionList, Error> {
        let limit = asked.limit.unwrap_or(100);
        ranges::LIST_LIMIT.check("limit", limit.into())?;
        let statuses = match asked.status {
            Some(SessionStatus::Streaming) => {
                vec![SessionStatus::Streaming, SessionStatus::Processing]
            }
            Some(status) => vec![status],
            None => Vec::new(),
        };
        let filter = SessionFilter {
            query: asked.query.filter(|query| !query.trim().is_empty()),
            statuses,
            archived: Some(asked.archived),
            opened_by: None,
            limit,
            offset: asked.offset.unwrap_or(0),
        };
        let page = self.store.sessions(tenant, &filter).await.outward()?;
        let catalog = self.catalog(tenant).await?;
        let sessions = page
            .rows
            .iter()
            .map(|row| views::session_row(row, &catalog))
            .collect();
        Ok(SessionList {
            sessions,
            total: u32::try_from(page.total).unwrap_or(u32::MAX),
        })
    }

    /// A session's row, as lists show it.
    pub(crate) async fn session_summary(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<SessionSummary>, Error> {
        let Some(row) = self.store.session_row(tenant, id).await.outward()? else {
            return Ok(None);
        };
        let catalog = self.catalog(tenant).await?;
        Ok(Some(views::session_row(&row, &catalog)))
    }
}
