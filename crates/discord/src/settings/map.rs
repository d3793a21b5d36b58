//! The map of channels to agents: `{"CHANNEL_ID": "agent-name"}`.

use std::collections::BTreeMap;
use std::fmt;

use husting_domain::agents::{BadName, Name};
use husting_domain::discord::{NoSnowflake, Snowflake};
use serde::de::{Deserializer, MapAccess, Visitor};

use super::values::shown;

/// The pairs as written, also those of the same key, which a map would lose.
struct Pairs(Vec<(String, serde_json::Value)>);

/// Why a map cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum MapFault {
    // Not the fault's own words: they quote the value.
    #[error(
        "it is no JSON object of channel ids and agents' names (line {}, column {})",
        .0.line(),
        .0.column()
    )]
    NoObject(serde_json::Error),
    #[error("{} is no channel: {NoSnowflake}", shown(.0))]
    NoChannel(String),
    #[error("channel {0} is named twice")]
    Twice(Snowflake),
    #[error("the agent of channel {0} is no text in quotes")]
    NoText(Snowflake),
    #[error(
        "{}, the agent of channel {channel}, is no agent's name: {BadName}",
        shown(name)
    )]
    NoName { channel: Snowflake, name: String },
}

/// Reads a map.
pub(super) fn read(text: &str) -> Result<BTreeMap<Snowflake, Name>, MapFault> {
    let Pairs(pairs) = serde_json::from_str(text).map_err(MapFault::NoObject)?;
    let mut map = BTreeMap::new();
    for (channel, agent) in pairs {
        let (channel, agent) = pair(channel, &agent)?;
        if map.insert(channel, agent).is_some() {
            return Err(MapFault::Twice(channel));
        }
    }
    Ok(map)
}

fn pair(channel: String, agent: &serde_json::Value) -> Result<(Snowflake, Name), MapFault> {
    let channel = channel
        .trim()
        .parse()
        .map_err(|_| MapFault::NoChannel(channel))?;
    let name = agent.as_str().ok_or(MapFault::NoText(channel))?;
    // The public page writes names with and without what they are on the bus.
    let bare = name.strip_prefix("agent:").unwrap_or(name);
    let agent = Name::parse(bare).map_err(|BadName| MapFault::NoName {
        channel,
        name: name.to_owned(),
    })?;
    Ok((channel, agent))
}

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"123456789012345678\": \"kasra\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
