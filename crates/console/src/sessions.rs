//! Sessions: reading, listing, keeping in order.

use std::collections::HashMap;

use husting_deliberation::prompts::RoundWords;
use husting_deliberation::round::{Kept, PastRound};
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::ledger::{Hold, Transaction, TransactionKind};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{Round, RoundStatus};
use husting_domain::sessions::{Session, SessionStatus};
use husting_store::{Require, SessionFilter, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{
    EditSession, ExportFormat, Exported, ListSessions, SessionList, SessionSummary, SessionView,
};

use crate::errors::Outward;
use crate::{Inner, records, transcript, views};

/// Everything stored of one session.
pub(crate) struct SessionFacts {
    pub session: Session,
    pub rounds: Vec<Round>,
    pub calls: Vec<Call>,
    pub transactions: Vec<Transaction>,
    pub holds: Vec<Hold>,
}

impl SessionFacts {
    /// The newest call of a seat in a round for a purpose.
    pub fn call(&self, round: RoundId, model: &ModelId, purpose: Purpose) -> Option<&Call> {
        let calls = self
            .calls
            .iter()
            .filter(|call| call.round_id == round && call.purpose == purpose);
        // Queued later stands later; a repair follows the reaction it repairs.
        calls
            .filter(|call| call.model == *model)
            .max_by_key(|call| (call.attempt, call.started_at, call.id))
    }

    /// Finished answers of a round, in panel order.
    pub fn answers(&self, round: RoundId) -> Vec<(ModelId, String)> {
        let models = self.session.models.iter();
        models
            .filter_map(|model| {
                let call = self.call(round, model, Purpose::Respond)?;
                (call.state == CallState::Final).then(|| (model.clone(), call.text.clone()))
            })
            .collect()
    }

    /// Earlier rounds that gave something, for prompts and maps. A failed round enters no context.
    pub fn past_rounds(&self) -> Vec<PastRound> {
        self.past_rounds_before(u32::MAX)
    }

    pub fn past_rounds_before(&self, index: u32) -> Vec<PastRound> {
        let gave = |round: &&Round| {
            round.index < index
                && matches!(
                    round.status,
                    RoundStatus::Complete | RoundStatus::PartialFailure
                )
        };
        self.rounds
            .iter()
            .filter(gave)
            .map(|round| PastRound {
                words: RoundWords {
                    index: round.index,
                    prompt: round.prompt.clone(),
                    snippets: round.snippets.clone(),
                    answers: self.answers(round.id),
                    reactions: round.reactions.clone(),
                },
                claim_map: round.claim_map.clone(),
            })
            .collect()
    }

    /// What an earlier attempt of a round left standing.
    pub fn kept(&self, round: &Round) -> Kept {
        Kept {
            answers: self.answers(round.id),
            reactions: round.reactions.clone(),
        }
    }

    pub fn held_for(&self, round: RoundId) -> MicroUsd {
        self.holds
            .iter()
            .filter(|hold| hold.round_id == round)
            .map(|hold| hold.amount)
            .sum()
    }
}

impl Inner {
    /// Everything stored of a session.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub(crate) async fn session_facts(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<SessionFacts, Error> {
        let session = self
            .store
            .session(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        let rounds = self.store.rounds(tenant, id).await.outward()?;
        let calls = self.store.calls_of_session(tenant, id).await.outward()?;
        let ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
        let transactions = self
            .store
            .transactions_of_rounds(tenant, &ids)
            .await
            .outward()?;
        let holds = self.store.open_holds(tenant).await.outward()?;
        let holds = holds
            .into_iter()
            .filter(|hold| hold.session_id == id)
            .collect();
        Ok(SessionFacts {
            session,
            rounds,
            calls,
            transactions,
            holds,
        })
    }

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
        if !(1..=200).contains(&limit) {
            return Err(Error::invalid("limit lies between 1 and 200."));
        }
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

    pub(crate) async fn edit_session(
        &self,
        tenant: &TenantId,
        edit: EditSession,
    ) -> Result<SessionSummary, Error> {
        let (session, at) = (edit.session_id, self.now());
        self.store
            .session(tenant, session)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        let mut writes = Vec::new();
        if let Some(title) = edit.title {
            let title = title.trim().to_owned();
            if !(1..=200).contains(&title.chars().count()) {
                return Err(Error::invalid("A title has 1 to 200 characters."));
            }
            writes.push(Write::SetSessionTitle { session, title, at });
        }
        if let Some(tags) = edit.tags {
            if tags.len() > 12
                || tags
                    .iter()
                    .any(|tag| !(1..=40).contains(&tag.trim().chars().count()))
            {
                return Err(Error::invalid(
                    "A session has at most 12 tags of 1 to 40 characters.",
                ));
            }
            let tags = tags.iter().map(|tag| tag.trim().to_owned()).collect();
            writes.push(Write::SetSessionTags { session, tags, at });
        }
        if let Some(limit) = edit.spend_limit {
            if limit <= MicroUsd::ZERO {
                return Err(Error::invalid(
                    "A session's spending limit is more than zero.",
                ));
            }
            writes.push(Write::SetSpendLimit {
                session,
                limit: Some(limit),
                at,
            });
        }
        if let Some(archived) = edit.archived {
            writes.push(Write::ArchiveSession {
                session,
                archived,
                at,
            });
        }
        self.keep(tenant, writes).await?;
        self.tell_session(tenant, session).await;
        self.session_summary(tenant, session)
            .await?
            .ok_or_else(|| Error::not_found("session"))
    }

    /// Deletes the session; what it cost stays in the ledger.
    pub(crate) async fn delete_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<(), Error> {
        self.store
            .session(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        if self.live.of(id).is_some() {
            return Err(Error::new(
                ErrorCode::SessionBusy,
                "A round of this session is running. Cancel it first.",
            ));
        }
        let unit = Unit::of(tenant.clone())
            .require(Require::NoRoundInProgress(id))
            .write(Write::DeleteSession(id))
            .write(Write::DeleteDraft(format!("session/{id}")));
        self.store.commit(unit).await.outward()?;
        self.tell(Event::SessionRemoved { session_id: id });
        Ok(())
    }

    pub(crate) async fn export_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
        format: ExportFormat,
    ) -> Result<Exported, Error> {
        let view = self.get_session(tenant, id).await?;
        let stem: String = view
            .summary
            .title
            .chars()
            .map(|c| {
                if c.is_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(60)
            .collect();
        let stem = stem
            .split('-')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        let stem = if stem.is_empty() {
            format!("session-{id}")
        } else {
            stem
        };
        Ok(match format {
            ExportFormat::Md => Exported {
                file_name: format!("{stem}.md"),
                text: transcript::markdown(&view),
            },
            ExportFormat::Json => Exported {
                file_name: format!("{stem}.json"),
                text: records::session_json(&view)?,
            },
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

    /// Tells a session's row. A failed read is logged: the next change tells it again.
    pub(crate) async fn tell_session(&self, tenant: &TenantId, id: SessionId) {
        match self.session_summary(tenant, id).await {
            Ok(Some(session)) => self.tell(Event::SessionChanged { session }),
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
                self.tell(Event::RoundChanged { round });
            }
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "a finished round could not be told"),
        }
        self.tell_session(tenant, session).await;
        self.tell_wallet(tenant).await;
        if let Err(fault) = self.tell_models(tenant).await {
            tracing::warn!(%fault, "the models' state could not be told");
        }
    }

    /// What the buckets paid for a session, refunds taken off.
    pub(crate) async fn charged_to(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<MicroUsd, Error> {
        let rounds = self.store.rounds(tenant, session).await.outward()?;
        let ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
        let booked = self
            .store
            .transactions_of_rounds(tenant, &ids)
            .await
            .outward()?;
        Ok(booked
            .iter()
            .map(|transaction| -transaction.bucket_change())
            .sum())
    }

    pub(crate) async fn debits_of(
        &self,
        tenant: &TenantId,
        round: RoundId,
    ) -> Result<Vec<husting_wire::wallet::DebitView>, Error> {
        let booked = self
            .store
            .transactions_of_rounds(tenant, &[round])
            .await
            .outward()?;
        Ok(views::debits(&booked, round))
    }

    pub(crate) async fn held_for(
        &self,
        tenant: &TenantId,
        round: RoundId,
    ) -> Result<MicroUsd, Error> {
        let holds = self.store.open_holds(tenant).await.outward()?;
        Ok(holds
            .iter()
            .filter(|hold| hold.round_id == round)
            .map(|hold| hold.amount)
            .sum())
    }

    /// Titles of sessions by id, for ledger rows.
    pub(crate) async fn titles(
        &self,
        tenant: &TenantId,
        ids: impl Iterator<Item = SessionId>,
    ) -> Result<HashMap<SessionId, String>, Error> {
        let mut titles = HashMap::new();
        for id in ids {
            if titles.contains_key(&id) {
                continue;
            }
            if let Some(session) = self.store.session(tenant, id).await.outward()? {
                titles.insert(id, session.title);
            }
        }
        Ok(titles)
    }
}

/// The round a booking names.
pub(crate) fn round_of(transaction: &Transaction) -> Option<RoundId> {
    match &transaction.kind {
        TransactionKind::Debit(debit) => Some(debit.round_id),
        TransactionKind::Refund { round_id, .. } => Some(*round_id),
        _ => None,
    }
}
