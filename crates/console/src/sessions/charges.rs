//! What sessions and rounds cost so far.

use std::collections::HashMap;

use husting_domain::ids::{AgentId, RoundId, SessionId, TenantId};
use husting_domain::ledger::{Occasion, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_wire::errors::Error;

use crate::errors::Outward;
use crate::{Inner, views};

impl Inner {
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
            .filter(|hold| hold.occasion.is_round(round))
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
    occasion_of(transaction)?.round()
}

/// The agent whose turn it paid for.
pub(crate) fn agent_of(transaction: &Transaction) -> Option<AgentId> {
    occasion_of(transaction)?.agent()
}

const fn occasion_of(transaction: &Transaction) -> Option<Occasion> {
    match &transaction.kind {
        TransactionKind::Debit(debit) => Some(debit.occasion),
        TransactionKind::Refund { occasion, .. } => Some(*occasion),
        _ => None,
    }
}
