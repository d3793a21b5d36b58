//! The bridge in a line, and telling that it moved.

use husting_wire::discord::BridgeStand;
use husting_wire::errors::Error;

use crate::Inner;

impl Inner {
    /// The bridge in a line.
    pub(crate) async fn bridge_stand(&self) -> Result<BridgeStand, Error> {
        Ok(BridgeStand {
            bridge: self.bridge_state(),
            bot_name: self.bridge.setup().bot.map(|bot| bot.name),
            unplaced: 0,
            parked: 0,
            held: 0,
            bus_trouble: self.bus_trouble(),
        })
    }
}
