//! Mail that was given and not acknowledged comes back when its lease runs out.

use std::sync::Weak;

use husting_domain::messages::Mailbox;
use husting_domain::time::Timestamp;
use husting_store::{BusWrite, TakenBack, Unit, Write};

use crate::Inner;
use crate::errors::Outward;
use crate::pauses::due;
use husting_wire::errors::Error;

/// Takes back what runs out, when it does, as long as the console lives.
pub(crate) async fn keep_leases(inner: Weak<Inner>) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown, changed) = (
            console.clock.clone(),
            console.shutdown.clone(),
            console.leases_changed.clone(),
        );
        let moment = match console.store.next_lease_end().await.outward() {
            Ok(next) => next,
            Err(fault) => {
                tracing::warn!(%fault, "leases are not known");
                if console.rest_before_retry().await {
                    continue;
                }
                return;
            }
        };
        drop(console);
        tokio::select! {
            () = due(&clock, moment) => {}
            () = changed.notified() => continue,
            () = shutdown.cancelled() => return,
        }
        let Some(console) = inner.upgrade() else {
            return;
        };
        if let Err(fault) = console.sweep().await {
            tracing::warn!(%fault, "what ran out of its lease was not taken back");
            if !console.rest_before_retry().await {
                return;
            }
        }
    }
}

impl Inner {
    /// When a lease taken at `at` runs out.
    pub(crate) fn lease_end(&self, at: Timestamp) -> Timestamp {
        at.plus_millis(i64::from(self.settings().bus_lease_seconds) * 1_000)
    }

    /// What managed agents held when the last run ended comes back now. Where that cannot be written, as on a
    /// full disk, it comes back when its leases run out.
    pub(crate) async fn end_managed_leases(&self) {
        let ended = async {
            // A start that has nothing to take back writes nothing.
            if self.store.next_lease_end().await.outward()?.is_none() {
                return Ok(());
            }
            let at = self.now();
            let ends = Write::Bus(BusWrite::EndManagedLeases { at });
            self.sweep_behind([ends], at).await
        };
        if let Err(fault) = ended.await {
            tracing::warn!(%fault, "what managed agents held comes back when its leases run out");
        }
    }

    async fn sweep(&self) -> Result<(), Error> {
        self.sweep_behind([], self.now()).await
    }

    async fn sweep_behind(
        &self,
        before: impl IntoIterator<Item = Write>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let unit = Unit::of_all()
            .writes(before)
            .write(Write::Bus(BusWrite::Sweep { at }));
        let kept = self.store.commit(unit).await.outward()?;
        self.taken_back(&kept.taken_back().unwrap_or_default());
        Ok(())
    }

    fn taken_back(&self, back: &TakenBack) {
        for (tenant, mailbox) in &back.waiting {
            self.bells.ring(*mailbox);
            self.news_of(tenant);
        }
        let resting = back.parked.iter().chain(&back.resting);
        for (tenant, mailbox, message) in resting {
            tracing::info!(%message, operators = (*mailbox == Mailbox::Operator), "mail came to rest");
            self.news_of(tenant);
        }
    }
}
