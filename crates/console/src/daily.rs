//! What a long run owes every new day (UTC): the calendar booked, a backup, old partial texts, old
//! words of agents' programs and their runs dropped, a proof of the books.

use std::sync::{Arc, Weak};

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_store::{RunWrite, Write};

use crate::Inner;
use crate::contract::replays::KEPT_MILLIS;
use crate::pauses::until;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Waits for each day and does what it owes, until the console closes.
pub(crate) async fn keep_days(inner: Weak<Inner>) {
    if let Some(console) = inner.upgrade() {
        // A program that never runs over midnight forgets as well.
        console.forget_partial_texts(&TenantId::local()).await;
        console.forget_replays(&TenantId::local()).await;
        console.forget_runs(&TenantId::local()).await;
    }
    let tomorrow = |console: &Inner| console.now().day_start().plus_millis(DAY);
    while let Some(console) = until(&inner, tomorrow).await {
        console.begin_day().await;
    }
}

impl Inner {
    /// Each part is tried whatever became of the others; what fails is logged and tried tomorrow.
    async fn begin_day(self: &Arc<Self>) {
        let tenant = TenantId::local();
        if let Err(fault) = self.settle_the_calendar().await {
            tracing::error!(%fault, "the day's bookings were not made");
        }
        if let Err(fault) = self.store.daily(self.now()).await {
            tracing::error!(%fault, "the day's backup was not made");
        }
        self.forget_partial_texts(&tenant).await;
        self.forget_replays(&tenant).await;
        self.forget_runs(&tenant).await;
        self.check_all_books().await;
        self.tell_wallet(&tenant).await;
    }

    async fn check_all_books(&self) {
        let tenants = match self.store.tenants().await {
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
    async fn forget_replays(&self, tenant: &TenantId) {
        let before = self.now().plus_millis(-KEPT_MILLIS);
        let forgotten = self.keep(tenant, [Write::ForgetReplays { before }]).await;
        if let Err(fault) = forgotten {
            tracing::error!(%fault, "old acknowledgements were not dropped");
        }
    }

    /// Drops what failed calls had written, once it is older than the setting says.
    async fn forget_partial_texts(&self, tenant: &TenantId) {
        let before = self.partial_texts_since();
        let forgotten = self
            .keep(tenant, [Write::ForgetPartialTexts { before }])
            .await;
        match forgotten {
            // How long they were is told no more.
            Ok(()) => self.finished.forget_all(),
            Err(fault) => tracing::error!(%fault, "old partial texts were not dropped"),
        }
    }

    /// Drops what agents' programs said and their old runs, at the same age.
    async fn forget_runs(&self, tenant: &TenantId) {
        let before = self.partial_texts_since();
        let forget = Write::Run(RunWrite::Forget { before });
        if let Err(fault) = self.keep(tenant, [forget]).await {
            tracing::error!(%fault, "old runs were not dropped");
        }
    }

    fn partial_texts_since(&self) -> Timestamp {
        let kept_for = i64::from(self.settings().retention_partial_days) * DAY;
        self.now().plus_millis(-kept_for)
    }
}
