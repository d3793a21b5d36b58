//! A run is watched from its start, or from where it was found again.

use std::sync::Arc;

use husting_launch::Session;
use husting_store::{RunWrite, Write};

use super::following::follow;
use super::live::LiveRun;
use crate::Inner;

impl Inner {
    /// Keeps which process a run is, and watches it from now on.
    pub(super) async fn watch_over(self: &Arc<Self>, live: &Arc<LiveRun>, session: Session) {
        let process = session.identity().map(|identity| identity.to_string());
        if let Some(process) = process {
            live.change(|run| run.process = Some(process.clone()));
            let started = RunWrite::Started {
                run: live.id,
                process,
            };
            if let Err(fault) = self.keep(&live.tenant, [Write::Run(started)]).await {
                // It runs all the same; only a crash of Husting would leave it behind.
                tracing::warn!(%fault, run = %live.id, "a run's process was not kept");
            }
        }
        let (inner, live) = (Arc::downgrade(self), live.clone());
        let (clock, shutdown) = (self.clock.clone(), self.shutdown.clone());
        let changes = self.agents.changes(live.agent);
        self.tasks
            .spawn(follow(inner, clock, shutdown, changes, live, session));
    }
}
