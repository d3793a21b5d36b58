//! Who is asked where.

use std::collections::{BTreeMap, BTreeSet};

use husting_domain::agents::Name;
use husting_domain::discord::{Place, Snowflake};
use serde::Serialize;

use crate::settings::Settings;

/// Who is asked where, and as whom the bot is mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    /// The bot's user.
    pub bot: Snowflake,
    /// The roles that Discord made for the bot, one in each server; a mention of one is a mention of the
    /// bot.
    pub bot_roles: BTreeSet<Snowflake>,
    /// Who is asked in which channel or thread.
    pub map: BTreeMap<Snowflake, Name>,
    /// Who is asked elsewhere.
    pub default_agent: Name,
}

/// Why a message is for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// It was sent to the bot alone.
    DirectMessage,
    /// It mentions the bot.
    Mention,
    /// It stands in a mapped channel.
    MappedChannel,
}

impl Routes {
    /// The routes of these settings, for this bot.
    #[must_use]
    pub fn of(settings: &Settings, bot: Snowflake) -> Self {
        Self {
            bot,
            bot_roles: BTreeSet::new(),
            map: settings.agent_map.clone(),
            default_agent: settings.default_agent.clone(),
        }
    }

    /// Who is asked in this place: the thread's own agent, else its channel's, else the default one; who
    /// writes to the bot directly asks the default one.
    #[must_use]
    pub fn agent_at(&self, place: Place) -> &Name {
        self.mapped(place).unwrap_or(&self.default_agent)
    }

    /// The agent of a mapped place.
    pub(super) fn mapped(&self, place: Place) -> Option<&Name> {
        place.guild?;
        let own = place.thread.and_then(|thread| self.map.get(&thread));
        own.or_else(|| self.map.get(&place.channel))
    }
}
