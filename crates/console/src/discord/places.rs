//! Channels, threads and direct messages by the names that people know.

use std::collections::BTreeMap;

use husting_domain::discord::{Inbound, InboundState, KnownChannel, Place, Reply, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_wire::errors::Error;

use crate::Inner;
use crate::errors::Outward;

/// What a direct message is called.
const DIRECT: &str = "Direct message";

/// What is known of channels and threads.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    names: BTreeMap<Snowflake, String>,
    known: BTreeMap<Snowflake, KnownChannel>,
}

impl Places {
    /// Those that the gateway told of, else those that were listed.
    fn of(known: Vec<KnownChannel>, listed: BTreeMap<Snowflake, String>) -> Self {
        let mut names = listed;
        let told = known
            .iter()
            .filter_map(|channel| Some((channel.id, channel.name.clone()?)));
        names.extend(told);
        let known = known.into_iter().map(|channel| (channel.id, channel));
        Self {
            names,
            known: known.collect(),
        }
    }

    /// A channel's or thread's own name, where it is known.
    pub fn name(&self, channel: Snowflake) -> Option<String> {
        self.names.get(&channel).cloned()
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

    /// Channels and threads in which a person said STOP, with the moment of the last one.
    pub fn stopped(&self) -> impl Iterator<Item = (&KnownChannel, Timestamp)> {
        let known = self.known.values();
        known.filter_map(|channel| Some((channel, channel.stopped_at?)))
    }

    /// Whether a person said STOP after a question was asked: no reply to it is posted from then on.
    pub fn is_stopped(&self, question: &Inbound) -> bool {
        self.stopped_since(question.place, question.received_at)
            .is_some()
    }

    /// Whether a person said STOP before a reply to a question came: none was posted.
    pub fn was_silenced(&self, question: &Inbound) -> bool {
        let Some(stopped_at) = self.stopped_since(question.place, question.received_at) else {
            return false;
        };
        match question.state {
            InboundState::Journalled | InboundState::Sent => true,
            InboundState::Answered => question.answered_at.is_some_and(|at| at > stopped_at),
            InboundState::Parked | InboundState::Withdrawn | InboundState::Held => false,
        }
    }

    /// Whether a person said STOP in a reply's place after its question was asked; after itself came,
    /// where it answers none.
    pub fn holds(&self, reply: &Reply, answered: Option<&Inbound>) -> bool {
        let since = answered.map_or(reply.arrived_at, |question| question.received_at);
        reply
            .place
            .is_some_and(|place| self.stopped_since(place, since).is_some())
    }

    /// When a person said STOP in a place last, if that was no earlier than this.
    fn stopped_since(&self, place: Place, moment: Timestamp) -> Option<Timestamp> {
        let channel = self.known.get(&place.posted_to())?;
        channel
            .stopped_at
            .filter(|stopped_at| moment <= *stopped_at)
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
