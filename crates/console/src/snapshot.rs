//! The whole state that a console starts from.

use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_wire::agents::ListAgents;
use husting_wire::errors::Error;
use husting_wire::sessions::ListSessions;
use husting_wire::snapshot::Snapshot;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    pub(crate) async fn snapshot(self: &Arc<Self>, tenant: &TenantId) -> Result<Snapshot, Error> {
        // Read before anything else: an event that comes while we look is told again, never lost.
        let seq = self.hub.newest();
        let listening = self.listening();
        let catalog = self.catalog(tenant).await?;
        let panel = self.panel_of(tenant, &catalog, None).await?;
        let list = self
            .list_sessions(
                tenant,
                ListSessions {
                    limit: Some(50),
                    ..ListSessions::default()
                },
            )
            .await?;
        let agents = ListAgents {
            limit: Some(500),
            ..ListAgents::default()
        };
        Ok(Snapshot {
            seq,
            now: self.now(),
            started_at: self.started_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: listening.address,
            address_note: listening.note,
            home: self.home.display().to_string(),
            settings: self.settings(),
            secrets: self.keys.view(),
            providers: self.provider_list(tenant).await?,
            models: self.model_list(tenant, &catalog, &panel).await?,
            panel,
            wallet: self.wallet_summary(tenant).await?,
            sessions: list.sessions,
            session_count: list.total,
            convened: self.store.has_convened(tenant).await.outward()?,
            agents: self.agents_of(tenant, &agents).await?.agents,
            denials: self.open_denials().await?,
            squads: self.squad_list(tenant).await?,
            bus: self.bus_stand(tenant).await?,
            discord: self.bridge_stand().await?,
            paused: self.pause.is_on(),
            audit_faults: self
                .audit_faults()
                .into_iter()
                .map(|log| log.sentence)
                .collect(),
            running: self.live.all().iter().map(|round| round.view()).collect(),
        })
    }
}
