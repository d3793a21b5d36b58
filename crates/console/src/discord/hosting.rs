//! The bridge at work inside the program.

use husting_wire::discord::{BridgeHealth, BridgeState, DiscordView, PauseBridge};
use husting_wire::errors::Error;

use crate::Inner;

/// The bridge that runs, if one does.
#[derive(Default)]
pub(crate) struct Host {}

impl Inner {
    /// Lets the bridge run, now and whenever Husting does.
    pub(crate) async fn start_bridge(&self) -> Result<DiscordView, Error> {
        self.change_setup(|setup| {
            setup.runs = true;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// Ends the bridge.
    pub(crate) async fn stop_bridge(&self) -> Result<DiscordView, Error> {
        self.change_setup(|setup| {
            setup.runs = false;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// Holds the bridge, or lets it go on.
    pub(crate) async fn pause_bridge(&self, asked: PauseBridge) -> Result<DiscordView, Error> {
        self.change_setup(|setup| {
            setup.is_paused = asked.paused;
            Ok(())
        })
        .await?;
        self.discord_view().await
    }

    /// The set-up changed: the bridge that runs follows, one that is to run begins, one that is not ends.
    pub(super) fn follow_setup(&self) {}

    /// The journal has a question that may be sent.
    pub(super) fn questions_moved(&self) {}

    /// The journal has a reply that may be posted.
    pub(super) fn replies_moved(&self) {}

    /// Whether it carries messages.
    pub(super) fn bridge_state(&self) -> BridgeState {
        let setup = self.bridge.setup();
        match (&setup.bot, setup.runs) {
            (None, _) => BridgeState::NotSetUp {},
            (Some(_), _) => BridgeState::Off {},
        }
    }

    /// Why the bus takes and gives nothing now.
    pub(super) fn bus_trouble(&self) -> Option<String> {
        None
    }

    /// How the connection does; none while the bridge does not run. What the journal knows is left out.
    pub(super) fn bridge_health(&self) -> Option<BridgeHealth> {
        None
    }

    /// Messages of bots and webhooks since the bridge began.
    pub(super) fn ignored_messages(&self) -> u32 {
        0
    }
}
