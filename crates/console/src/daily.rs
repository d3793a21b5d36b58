//! What a long run owes every new day (UTC): the calendar booked, a backup, old partial texts, old
//! words of agents' programs, their runs and old messages dropped, a proof of the books.

use std::sync::{Arc, Weak};

use husting_domain::ids::TenantId;
use husting_domain::tenants::Tenant;
use husting_domain::time::{DAY_MILLIS, Timestamp};
use husting_store::{BusWrite, CommitError, RunWrite, Unit, Write};

use crate::Inner;
use crate::contract::replays::KEPT_MILLIS;
use crate::pauses::until;

/// Messages that are deleted in one go.
const PORTION: u32 = 1_000;

/// Waits for each day and does what it owes, until the console closes.
pub(crate) async fn keep_days(inner: Weak<Inner>) {
    if let Some(console) = inner.upgrade() {
        // A program that never runs over midnight forgets as well.
        console.forget_partial_texts().await;
        console.forget_acknowledgements().await;
        console.forget_runs().await;
        console.forget_messages().await;
    }
    let tomorrow = |console: &Inner| console.now().next_day_start();
    while let Some(console) = until(&inner, tomorrow).await {
        console.begin_day().await;
    }
}

impl Inner {
    /// Each part is tried whatever became of the others; what fails is logged and tried tomorrow.
    async fn begin_day(self: &Arc<Self>) {
        if let Err(fault) = self.settle_the_calendar().await {
            tracing::error!(%fault, "the day's bookings were not made");
        }
        if let Err(fault) = self.store.daily(self.now()).await {
            tracing::error!(%fault, "the day's backup was not made");
        }
        self.forget_partial_texts().await;
        self.forget_acknowledgements().await;
        self.forget_runs().await;
        self.forget_messages().await;
        self.check_all_books().await;
        self.tell_wallet(&TenantId::local()).await;
    }

    async fn check_all_books(&self) {
        let tenants = match self.store.tenants_with_wallets().await {
            Ok(tenants) => tenants,
            Err(fault) => return tracing::error!(%fault, "the books could not be checked"),
        };
        for tenant in tenants {
            match self.check_ledger(&tenant).await {
                Ok(check) if check.ok => {}
                Ok(check) => {
                    tracing::error!(%tenant, faults = ?check.faults, "the books are not right");
                }
                Err(fault) => tracing::error!(%fault, %tenant, "the books could not be checked"),
            }
        }
    }

    /// Drops acknowledgements that no second request can get any more.
    async fn forget_acknowledgements(&self) {
        let before = self.now().plus_millis(-KEPT_MILLIS);
        let forgotten = self
            .keep_of_all(Write::ForgetAcknowledgements { before })
            .await;
        if let Err(fault) = forgotten {
            tracing::error!(%fault, "old acknowledgements were not dropped");
        }
    }

    /// Drops what failed calls had written, once it is older than the setting says.
    async fn forget_partial_texts(&self) {
        let before = self.partial_texts_since();
        let forgotten = self.keep_of_all(Write::ForgetPartialTexts { before }).await;
        match forgotten {
            // How long they were is told no more.
            Ok(()) => self.finished.forget_all(),
            Err(fault) => tracing::error!(%fault, "old partial texts were not dropped"),
        }
    }

    /// Drops what agents' programs said and their old runs, at the same age.
    async fn forget_runs(&self) {
        let before = self.partial_texts_since();
        let forget = Write::Run(RunWrite::Forget { before });
        if let Err(fault) = self.keep_of_all(forget).await {
            tracing::error!(%fault, "old runs were not dropped");
        }
    }

    /// Deletes messages that ended longer ago than the setting says; none where it says 0.
    async fn forget_messages(&self) {
        let days = i64::from(self.settings().retention_message_days);
        if days == 0 {
            return;
        }
        let before = self.now().plus_millis(-days * DAY_MILLIS);
        // Who has mail need not have a wallet.
        let tenants = match self.store.all_tenants().await {
            Ok(tenants) => tenants,
            Err(fault) => return tracing::error!(%fault, "old messages were not deleted"),
        };
        for Tenant { id, .. } in tenants {
            if let Err(fault) = self.forget_messages_of(&id, before).await {
                tracing::error!(%fault, tenant = %id, "old messages were not deleted");
            }
        }
    }

    /// In portions, between which others write; whoever closes waits for one at most.
    async fn forget_messages_of(
        &self,
        tenant: &TenantId,
        before: Timestamp,
    ) -> Result<(), CommitError> {
        while !self.shutdown.is_cancelled() {
            let portion = Write::Bus(BusWrite::ForgetEnded {
                before,
                limit: PORTION,
            });
            let kept = self.store.commit(Unit::of(tenant.clone()).write(portion));
            if kept.await?.forgotten() < PORTION {
                break;
            }
        }
        Ok(())
    }

    async fn keep_of_all(&self, write: Write) -> Result<(), CommitError> {
        self.store.commit(Unit::of_all().write(write)).await?;
        Ok(())
    }

    fn partial_texts_since(&self) -> Timestamp {
        let kept_for = i64::from(self.settings().retention_partial_days) * DAY_MILLIS;
        self.now().plus_millis(-kept_for)
    }
}
