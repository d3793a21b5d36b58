//! The Discord bridge inside the program: hosted beside the bus, set up and looked after by the operator.

mod desk;
mod editing;
mod endpoints;
mod findings;
mod hosting;
mod local_bus;
mod origins;
mod panel_words;
mod panels;
mod places;
mod protocol;
mod refusals;
mod seen;
mod servers;
mod stand;
mod stops;
mod stored_setup;
mod traffic;
mod view;

use std::sync::{Arc, PoisonError, RwLock};

use husting_store::Store;
use husting_wire::errors::Error;
use tokio::sync::Notify;

pub use self::endpoints::DiscordEndpoints;
pub(crate) use self::endpoints::from_environment as endpoints_of_environment;

pub(crate) use self::hosting::keep_bridge;
pub(crate) use self::stored_setup::{StoredSetup, TOKEN as BOT_TOKEN};

/// What the console holds of the bridge.
pub(crate) struct Bridge {
    /// What the operator chose, as it is stored.
    setup: RwLock<StoredSetup>,
    /// One change of it at a time.
    setup_turn: tokio::sync::Mutex<()>,
    /// The bridge that runs, if one does.
    host: hosting::Host,
    /// What Discord said of channels.
    seen: seen::Seen,
    /// Channels were mapped of which nothing is known.
    mapped: Arc<Notify>,
    /// Something passed through it, or changed.
    moved: Arc<Notify>,
    /// Mail moved on the bus.
    bus_moved: Arc<Notify>,
}

impl Bridge {
    /// With what is stored.
    pub async fn stored(store: &dyn Store) -> Result<Self, Error> {
        Ok(Self {
            setup: RwLock::new(stored_setup::stored(store).await?),
            setup_turn: tokio::sync::Mutex::new(()),
            host: hosting::Host::default(),
            seen: seen::Seen::default(),
            mapped: Arc::default(),
            moved: Arc::default(),
            bus_moved: Arc::default(),
        })
    }

    /// Mail moved on the bus, perhaps the bridge's.
    pub fn mail_moved(&self) {
        self.bus_moved.notify_one();
    }

    /// It is to be shown anew: something that it depends on has changed.
    pub fn stands_otherwise(&self) {
        self.moved.notify_one();
    }

    /// What the bot's token is called where keys are; none while no bot is set up.
    pub fn token_name(&self) -> Option<String> {
        self.setup().bot.map(|_| stored_setup::TOKEN.to_owned())
    }

    /// Keys may be there that were not.
    pub fn keys_moved(&self) {
        self.host.try_again();
    }

    /// What the operator chose.
    pub fn setup(&self) -> StoredSetup {
        self.setup
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
