//! A Discord that is not there: the gateway (v10, JSON, with or without `zlib-stream`), the REST API
//! and the downloads on one loopback socket, written from Discord's own pages, each of which is cited
//! where it is followed. What Discord refuses is refused; what it keeps is kept; people are played by
//! the test, over HTTP, or on the page at `/`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use husting_test_support::discord::{Fault, FakeDiscord, Strike, World};
//!
//! let mut world = World::new();
//! let alice = world.person("alice");
//! let guild = world.guild("Workshop");
//! world.join(guild, alice);
//! let general = world.channel(guild, "general");
//! let discord = FakeDiscord::start(world).await?;
//! // … start what is tested with discord.api_base(), discord.gateway_url() and discord.token() …
//! discord.until_live(1).await;
//! discord.say(alice, general, &format!("<@{}> hello", discord.bot()))?;
//! discord.strike(Strike::new(Fault::CutAfter).once());
//! let posted = discord.until_posted(general, 1).await;
//! assert!(posted[0].pings.is_empty());
//! # Ok(())
//! # }
//! ```

mod acts;
mod cdn;
mod commands;
mod compression;
mod control;
mod fake;
mod faults;
mod form;
mod gateway;
mod hearing;
mod house;
mod id;
mod intent;
mod interactions;
mod limits;
mod mentions;
mod message_object;
mod model;
mod opcodes;
mod people;
mod permissions;
mod posts;
mod reactions;
mod record;
mod refusal;
mod render;
mod rest;
mod sessions;
mod settings;
mod state;
mod threads;
mod trouble;
mod view;
mod window;
mod world;

pub use fake::FakeDiscord;
pub use faults::{Fault, LimitScope, Strike, StrikeId};
pub use id::Id;
pub use intent::intents;
pub use interactions::Answer;
pub use mentions::Pings;
pub use model::{
    Attachment, Author, ChannelKind, InteractionOrigin, Message, Overwrite, Reaction, Reference,
};
pub use people::{Cannot, Saying};
pub use permissions::{INVITED_WITH, PEOPLES, bits};
pub use record::{Closed, Frame, Request};
pub use sessions::GatewayTally;
pub use settings::{Limit, Settings};
pub use view::View;
pub use world::{Description, GuildDescription, World};
