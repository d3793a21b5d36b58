//! Channels, threads and direct messages by the names that people know.

use std::collections::BTreeMap;

use husting_domain::discord::{KnownChannel, Place, Snowflake};
use husting_domain::ids::TenantId;
use husting_wire::errors::Error;

use crate::Inner;
use crate::errors::Outward;

/// What a direct message is called.
const DIRECT: &str = "Direct message";

/// Names of channels and threads.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(BTreeMap<Snowflake, String>);

impl Places {
    /// Those that the gateway told of, else those that were listed.
    fn of(known: Vec<KnownChannel>, listed: BTreeMap<Snowflake, String>) -> Self {
        let mut names = listed;
        let told = known
            .into_iter()
            .filter_map(|channel| Some((channel.id, channel.name?)));
        names.extend(told);
        Self(names)
    }

    /// A channel's or thread's own name, where it is known.
    pub fn name(&self, channel: Snowflake) -> Option<String> {
        self.0.get(&channel).cloned()
    }

    /// `#hq`, `#hq, Hamburg Friday` or `Direct message`. What has no known name goes by its id.
    pub fn shown(&self, place: Place) -> String {
        if place.guild.is_none() {
            return DIRECT.to_owned();
        }
        let name = |id: Snowflake| self.name(id).unwrap_or_else(|| id.to_string());
        match place.thread {
            Some(thread) => format!("#{}, {}", name(place.channel), name(thread)),
            None => format!("#{}", name(place.channel)),
        }
    }
}

impl Inner {
    /// All names that are known now.
    pub(super) async fn places(&self) -> Result<Places, Error> {
        let known = match self.bridge.setup().bot {
            Some(bot) => self
                .store
                .discord_channels(&TenantId::local(), bot.id)
                .await
                .outward()?,
            None => Vec::new(),
        };
        Ok(Places::of(known, self.bridge.seen.names()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[rstest]
    #[case(Some(1), 2, None, "#hq")]
    #[case(Some(1), 2, Some(3), "#hq, Hamburg Friday")]
    #[case(Some(1), 9, Some(3), "#9, Hamburg Friday")]
    #[case(Some(1), 4, None, "#listed")]
    #[case(None, 2, None, "Direct message")]
    fn a_place_goes_by_its_name(
        #[case] guild: Option<u64>,
        #[case] channel: u64,
        #[case] thread: Option<u64>,
        #[case] shown: &str,
    ) {
        let known = [(2, Some("hq")), (3, Some("Hamburg Friday")), (4, None)];
        let known = known.map(|(channel, name)| KnownChannel {
            id: id(channel),
            guild: None,
            parent: None,
            name: name.map(str::to_owned),
            last_message: None,
            stopped_at: None,
        });
        let listed = [(2, "old name"), (4, "listed")];
        let listed = listed.map(|(channel, name)| (id(channel), name.to_owned()));
        let places = Places::of(known.to_vec(), listed.into_iter().collect());
        let place = Place {
            guild: guild.map(id),
            channel: id(channel),
            thread: thread.map(id),
        };
        assert_eq!(places.shown(place), shown);
    }
}
