//! A session also goes on without Discord: in the window, by the line, by an agent. Panels at rest whose message shows what
//! stands no more are marked, which the next process sees as well; whoever shows panels writes their messages anew.

use std::sync::Arc;

use futures::StreamExt;
use husting_domain::discord_panels::{BEHIND, PanelStage};
use husting_domain::ids::SessionId;
use husting_store::DiscordWrite;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::faults::DiscordStepError;
use super::pauses::Pauses;
use super::showing::{is_behind, moved};
use crate::panels::{PanelRefusal, Panels};

/// Marks them, until it is time to end.
pub async fn keep_renewing(shared: Arc<Shared>, panels: Arc<dyn Panels>, stop: CancellationToken) {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    loop {
        let looking = shared.mark_as_they_move(&*panels, &mut pauses);
        match stop.run_until_cancelled(looking).await {
            None => return,
            // A look at all of them at once would only be overrun in its turn.
            Some(Ok(())) => tracing::info!("more sessions moved than was told"),
            Some(Err(fault)) => {
                tracing::warn!(%fault, "panels at rest are looked at again later");
            }
        }
        if !pauses.wait(None, &stop).await {
            return;
        }
    }
}

impl Shared {
    /// All of them once, as sessions may have gone on while no bridge ran; then those of each session that moves.
    async fn mark_as_they_move(
        &self,
        panels: &dyn Panels,
        pauses: &mut Pauses,
    ) -> Result<(), DiscordStepError> {
        // Heard before they are looked at, so that nothing falls between.
        let mut sessions = panels.moved();
        self.mark_behind(panels, None).await?;
        pauses.reset();
        while let Some(session) = sessions.next().await {
            self.mark_behind(panels, Some(session)).await?;
        }
        Ok(())
    }

    /// One that cannot be looked at now keeps no other from being.
    async fn mark_behind(
        &self,
        panels: &dyn Panels,
        of: Option<SessionId>,
    ) -> Result<(), DiscordStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let mut looked = Ok(());
        for panel in store.discord_panels_at_rest(tenant, self.bot(), of).await? {
            let Some(session) = panel.session else {
                continue;
            };
            match panels.state(session).await {
                Ok(state) if !is_behind(&panel, &state) => continue,
                // A session that is gone is told as well.
                Ok(_) | Err(PanelRefusal::Final(_)) => {}
                Err(PanelRefusal::Later(why)) => {
                    looked = Err(DiscordStepError::Panels(why));
                    continue;
                }
            }
            if panel.fault.as_deref() != Some(BEHIND) {
                let behind = moved(&panel, PanelStage::Resting, Some(BEHIND.to_owned()));
                self.keep_if_still_so([DiscordWrite::Panel(behind)]).await?;
            }
            self.interactions.panels_moved.notify_one();
        }
        looked
    }
}
