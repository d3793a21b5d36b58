//! Keeping an ended call and paying for it, as one unit.

use husting_domain::calls::{Call, CallState};
use husting_domain::ids::{HoldId, TenantId};
use husting_domain::ledger::Occasion;
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_store::{Require, Unit, Write};
use husting_wallet::refund::{self, RefundAmount};
use husting_wallet::settle;
use husting_wallet::wallet::Wallet;
use husting_wire::errors::{Error, ErrorCode};

use super::AtWork;
use crate::chance;
use crate::errors::Outward;
use crate::halt::{self, Step};

impl AtWork {
    /// [`AtWork::settle_row`] until the store takes it. This program still has what the model said
    /// and used, and whoever pays for it should not have to pay again; only its own end ends this.
    pub(super) async fn settle_however_long(
        &self,
        row: Call,
        hold: Option<HoldId>,
    ) -> Result<Call, Error> {
        let mut fault = match self.settle_row(row.clone(), hold).await {
            Err(fault) if fault.code == ErrorCode::StoreUnavailable => fault,
            settled => return settled,
        };
        loop {
            tracing::warn!(%fault, model = %row.model, "an ended call waits for the store");
            if !self.inner.rest_before_retry().await {
                return Err(fault);
            }
            fault = match self.settle_again(&row, hold).await {
                Err(fault) if fault.code == ErrorCode::StoreUnavailable => fault,
                settled => return settled,
            };
        }
    }

    /// What looked lost may have been kept after all.
    async fn settle_again(&self, row: &Call, hold: Option<HoldId>) -> Result<Call, Error> {
        let stored = self.inner.store.call(&self.terms.tenant, row.id);
        match stored.await.outward()? {
            Some(stored) if stored.state.is_terminal() => Ok(stored),
            _ => self.settle_row(row.clone(), hold).await,
        }
    }

    /// Keeps the ended call, its debit and the release of its hold as one unit.
    pub(super) async fn settle_row(
        &self,
        mut row: Call,
        hold: Option<HoldId>,
    ) -> Result<Call, Error> {
        let price = self
            .terms
            .catalog
            .entry(&row.model)
            .map(crate::catalog::Entry::price)
            .unwrap_or_default();
        row.cost = price.cost(&row.usage);
        let tenant = &self.terms.tenant;
        if hold.is_none() && row.cost == MicroUsd::ZERO {
            // Nothing to pay: the wallet is not even read.
            let unit = Unit::of(tenant.clone())
                .require(Require::CallOpen(row.id))
                .write(Write::FinishCall(row.clone()));
            self.inner
                .store
                .commit(unit)
                .await
                .map_err(|fault| crate::errors::commit_fault(&fault))?;
            return Ok(row);
        }
        #[cfg(feature = "halt")]
        if halt::settles_apart() {
            return self.settle_apart(row, price, hold).await;
        }
        halt::at(Step::BeforeCommit).await;
        let at = self.inner.now();
        self.inner
            .change_wallet(tenant, |wallet| {
                Ok((settled(tenant, wallet, &row, price, hold, at)?, ()))
            })
            .await?;
        Ok(row)
    }
}

/// The unit that ends `row` and pays for it.
pub(crate) fn settled(
    tenant: &TenantId,
    wallet: &Wallet,
    row: &Call,
    price: husting_domain::money::Price,
    hold: Option<HoldId>,
    at: Timestamp,
) -> Result<Unit, Error> {
    let call = settle::UsedCall {
        call_id: row.id,
        occasion: Occasion::Round {
            session_id: row.session_id,
            round_id: row.round_id,
        },
        model: row.model.clone(),
        purpose: row.purpose,
        usage: row.usage,
        price,
        hold,
    };
    let settlement = settle::settle(wallet, call, at, chance::transaction_id).map_err(|fault| {
        Error::new(
            ErrorCode::Internal,
            format!("The call was settled before: {fault}."),
        )
    })?;
    let usable = row.state == CallState::Final;
    let refund = settlement
        .debit()
        .filter(|_| wallet.terms.owes_refund(usable))
        .and_then(|debit| {
            refund::refund(debit, &[], RefundAmount::Full, chance::transaction_id(), at).ok()
        });
    Ok(Unit::of(tenant.clone())
        .require(Require::CallOpen(row.id))
        .write(Write::FinishCall(row.clone()))
        .writes(settlement.transactions.into_iter().map(Write::Post))
        .writes(refund.map(Write::Post))
        .writes(settlement.closed_hold.map(Write::CloseHold)))
}
