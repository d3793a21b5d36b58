//! The bridge in a line.

use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_store::DiscordOpen;
use husting_wire::discord::BridgeStand;
use husting_wire::errors::Error;
use tokio::sync::Notify;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// The bridge in a line.
    pub(crate) async fn bridge_stand(&self) -> Result<BridgeStand, Error> {
        let bot = self.bridge.setup().bot;
        let open = match &bot {
            Some(bot) => {
                let open = self.store.discord_open(&TenantId::local(), bot.id).await;
                open.outward()?
            }
            None => DiscordOpen::default(),
        };
        Ok(BridgeStand {
            bridge: self.bridge_state(),
            bot_name: bot.map(|bot| bot.name),
            unplaced: open.unplaced,
            parked: open.parked,
            held: open.held,
            to_ask: open.to_ask,
            to_post: open.to_post,
            to_convene: open.to_convene,
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
