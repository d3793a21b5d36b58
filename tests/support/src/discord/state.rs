//! All of Discord, in one place behind one lock: whoever holds it sees every session, message and
//! limit at one moment, and what is sent to a session leaves in the order it happened.

use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

use super::{
    commands::Command,
    faults::Faults,
    id::{Id, Mint},
    interactions::Interaction,
    limits::Limits,
    model::{Channel, Guild, Message, StoredFile, User, Webhook},
    record::Record,
    refusal::Refusal,
    sessions::Sessions,
    settings::Settings,
};

#[derive(Default)]
pub(crate) struct Application {
    pub(crate) name: String,
    /// Privileged intents switched on in the portal.
    pub(crate) granted: u64,
    /// Where interactions go instead of the gateway.
    pub(crate) interactions_endpoint_url: Option<String>,
}

pub(crate) struct State {
    pub(crate) mint: Mint,
    pub(crate) settings: Settings,
    /// The address everything is served at, without scheme.
    pub(crate) host: String,
    pub(crate) token: String,
    pub(crate) bot: User,
    pub(crate) application: Application,
    pub(crate) users: BTreeMap<Id, User>,
    pub(crate) guilds: BTreeMap<Id, Guild>,
    pub(crate) channels: BTreeMap<Id, Channel>,
    /// By channel, then by id.
    pub(crate) messages: BTreeMap<Id, BTreeMap<Id, Message>>,
    pub(crate) files: BTreeMap<Id, StoredFile>,
    pub(crate) webhooks: BTreeMap<Id, Webhook>,
    pub(crate) commands: BTreeMap<Id, Command>,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    /// When which nonce of which author made which message.
    pub(crate) nonces: HashMap<(Id, String), (Instant, Id, Id)>,
    pub(crate) sessions: Sessions,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) record: Record,
}

impl State {
    pub(crate) fn channel(&self, id: Id) -> Result<&Channel, Refusal> {
        self.channels.get(&id).ok_or_else(|| Refusal::of(10003))
    }

    pub(crate) fn guild(&self, id: Id) -> Result<&Guild, Refusal> {
        self.guilds.get(&id).ok_or_else(|| Refusal::of(10004))
    }

    pub(crate) fn message(&self, channel: Id, id: Id) -> Result<&Message, Refusal> {
        let messages = self.messages.get(&channel);
        messages
            .and_then(|messages| messages.get(&id))
            .ok_or_else(|| Refusal::of(10008))
    }

    pub(crate) fn message_mut(&mut self, channel: Id, id: Id) -> Result<&mut Message, Refusal> {
        let messages = self.messages.get_mut(&channel);
        messages
            .and_then(|messages| messages.get_mut(&id))
            .ok_or_else(|| Refusal::of(10008))
    }

    /// The channel and what the bot may do there; 50001 where it may not look.
    pub(crate) fn bots_channel(&self, id: Id) -> Result<(&Channel, u64), Refusal> {
        let channel = self.channel(id)?;
        let held = self.permissions(self.bot.id, id);
        if held & super::permissions::bits::VIEW_CHANNEL == 0 {
            return Err(Refusal::of(50001));
        }
        Ok((channel, held))
    }

    /// Refuses with 50013 unless the bot has all of `bits` in the channel.
    pub(crate) fn bot_needs(&self, channel: Id, bits: u64) -> Result<(), Refusal> {
        let (_, held) = self.bots_channel(channel)?;
        if held & bits == bits {
            Ok(())
        } else {
            Err(Refusal::of(50013))
        }
    }
}
