//! A server with a person and two channels, and the bridge's two ends at it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_discord::gateway::{Before, GatewayOptions, GatewayState, Health, Stop, listen};
use husting_discord::sender::{Outgoing, Sender};
use husting_domain::discord::{Cursor, Snowflake};
use husting_test_support::discord::{
    FakeDiscord, INVITED_WITH, Id, Settings, World, bits, intents,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::listener::Memory;
use crate::quick_clock::QuickClock;

/// Nothing takes this long; what would hang fails.
const LONG: Duration = Duration::from_secs(30);
/// So long in the quick clock that no answer is late by itself.
pub const PATIENCE: Duration = Duration::from_secs(3_600);

pub struct Scene {
    pub discord: FakeDiscord,
    pub guild: Id,
    pub alice: Id,
    pub general: Id,
    pub other: Id,
    pub clock: Arc<QuickClock>,
}

impl Scene {
    pub async fn new() -> Self {
        Self::set(|_| {}).await
    }

    pub async fn set(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with(|world, _| change(world.settings())).await
    }

    /// One whose world is changed first; it is told the server.
    pub async fn with(change: impl FnOnce(&mut World, Id)) -> Self {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        world.grant_intents(intents::MESSAGE_CONTENT);
        let alice = world.person("alice");
        let guild = world.guild("Workshop");
        world.join(guild, alice);
        let extras = bits::ADD_REACTIONS | bits::ATTACH_FILES;
        world.allow_bot(guild, INVITED_WITH | extras);
        let [general, other] = ["general", "other"].map(|name| world.channel(guild, name));
        change(&mut world, guild);
        Self {
            discord: FakeDiscord::start(world).await.unwrap(),
            guild,
            alice,
            general,
            other,
            clock: Arc::new(QuickClock::new()),
        }
    }

    pub fn say(&self, text: &str) -> Id {
        self.discord.say(self.alice, self.general, text).unwrap()
    }

    pub fn sender(&self) -> Sender {
        self.sender_by(Arc::clone(&self.clock) as SharedClock)
    }

    pub fn sender_by(&self, clock: SharedClock) -> Sender {
        let token = self.discord.token().into();
        Sender::new(token, self.discord.api_base(), clock).unwrap()
    }

    pub fn listen(&self, memory: &Arc<Memory>, cursor: Option<Cursor>) -> Ear {
        let options = GatewayOptions {
            token: self.discord.token().into(),
            gateway_url: self.discord.gateway_url(),
            patience: PATIENCE,
            sender: self.sender(),
        };
        let (health, shown) = watch::channel(Health::default());
        let stop = CancellationToken::new();
        let clock = Arc::clone(&self.clock);
        let listening = listen(
            options,
            cursor.map_or(Before::Nothing, Before::Left),
            Arc::clone(memory) as _,
            health,
            clock,
            stop.clone(),
        );
        Ear {
            shown,
            stop,
            listening: tokio::spawn(listening),
        }
    }

    /// A memory and an ear that has heard of the server.
    pub async fn live(&self) -> (Arc<Memory>, Ear) {
        let memory = Arc::new(Memory::new());
        let ear = self.listen(&memory, None);
        in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 1)).await;
        (memory, ear)
    }

    /// Until the session is live again, so often resumed.
    pub async fn until_resumed(&self, times: usize) {
        let resumed = self.discord.until(|view| {
            let tally = view.gateway();
            (tally.resumed >= times && tally.live == 1).then_some(())
        });
        in_time(resumed).await;
    }
}

/// What listens.
pub struct Ear {
    pub shown: watch::Receiver<Health>,
    pub stop: CancellationToken,
    listening: JoinHandle<Stop>,
}

impl Ear {
    pub fn health(&self) -> Health {
        self.shown.borrow().clone()
    }

    pub async fn until_health(&mut self, find: impl FnMut(&Health) -> bool) -> Health {
        in_time(self.shown.wait_for(find)).await.unwrap().clone()
    }

    pub async fn until_live(&mut self) -> Health {
        self.until_health(|health| health.state == GatewayState::Live)
            .await
    }

    /// Stops it.
    pub async fn stop(self) -> Stop {
        self.stop.cancel();
        self.ended().await
    }

    /// Until it ends by itself.
    pub async fn ended(self) -> Stop {
        in_time(self.listening).await.unwrap()
    }
}

pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, future)
        .await
        .expect("nothing happened")
}

/// An id of the fake's, as ours.
pub fn id(id: Id) -> Snowflake {
    Snowflake::new(id.get()).unwrap()
}

pub fn post(content: &str) -> Outgoing {
    Outgoing {
        content: content.to_owned(),
        reply_to: None,
        file: None,
        nonce: format!("n-{content}").chars().take(25).collect(),
    }
}
