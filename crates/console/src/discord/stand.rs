//! The bridge in a line.

use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_store::DiscordResting;
use husting_wire::discord::BridgeStand;
use husting_wire::errors::Error;
use tokio::sync::Notify;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// The bridge in a line.
    pub(crate) async fn bridge_stand(&self) -> Result<BridgeStand, Error> {
        let bot = self.bridge.setup().bot;
        let resting = match &bot {
            Some(bot) => {
                let resting = self.store.discord_resting(&TenantId::local(), bot.id).await;
                resting.outward()?
            }
            None => DiscordResting::default(),
        };
        Ok(BridgeStand {
            bridge: self.bridge_state(),
            bot_name: bot.map(|bot| bot.name),
            unplaced: resting.unplaced,
            parked: resting.parked,
            held: resting.held,
            bus_trouble: self.bus_trouble(),
            agents_paused: self.pause.is_on(),
            token_lost: self.is_token_lost(),
            token_refused: self.is_token_refused(),
            waits_for_keys: self.bridge_waits_for_keys(),
        })
    }

    /// Rung when the bridge moved.
    pub(crate) fn bridge_moved(&self) -> Arc<Notify> {
        self.bridge.moved.clone()
    }
}
