//! Where a person said STOP.

use husting_domain::discord::{ANSWERABLE_SECONDS, KnownChannel, Place, Snowflake, Stop};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_wire::discord::{StoppedPlace, Traffic};
use husting_wire::errors::Error;

use super::places::Places;
use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Where nobody asked anything since, the latest first. What people say to each other where no agent
    /// is asked is none of ours.
    pub(super) async fn stops(
        &self,
        bot: Snowflake,
        places: &Places,
    ) -> Result<Vec<StoppedPlace>, Error> {
        let mut stops = Vec::new();
        for (channel, at) in places.stopped() {
            if self.is_asked_in(bot, channel, at).await? {
                stops.push(self.stopped_place(bot, channel, at, places).await?);
            }
        }
        stops.sort_by_key(|stop| std::cmp::Reverse(stop.at));
        Ok(stops)
    }

    /// Whether agents were asked there as long before a STOP as they may answer, or write there unasked,
    /// and nobody was asked since.
    async fn is_asked_in(
        &self,
        bot: Snowflake,
        channel: &KnownChannel,
        stopped_at: Timestamp,
    ) -> Result<bool, Error> {
        if self.asked_since(bot, channel.id, stopped_at).await? {
            return Ok(false);
        }
        let setup = self.bridge.setup();
        let is_mapped = setup.routes.contains_key(&channel.id);
        if is_mapped || setup.standing_places.values().any(|id| *id == channel.id) {
            return Ok(true);
        }
        let answerable = stopped_at.plus_millis(-ANSWERABLE_SECONDS * 1_000);
        self.asked_since(bot, channel.id, answerable).await
    }

    async fn asked_since(
        &self,
        bot: Snowflake,
        channel: Snowflake,
        since: Timestamp,
    ) -> Result<bool, Error> {
        self.store
            .discord_asked_since(&TenantId::local(), bot, channel, since)
            .await
            .outward()
    }

    async fn stopped_place(
        &self,
        bot: Snowflake,
        channel: &KnownChannel,
        at: Timestamp,
        places: &Places,
    ) -> Result<StoppedPlace, Error> {
        let last = self
            .store
            .discord_last_stop(&TenantId::local(), bot, channel.id)
            .await
            .outward()?;
        Ok(StoppedPlace {
            channel_id: channel.id,
            place: places.shown(place_of(channel)),
            by: last.map(|stop| stop.author.name),
            at,
        })
    }
}

/// A person's word in the traffic.
pub(super) fn stop_traffic(stop: &Stop, places: &Places) -> Traffic {
    Traffic::Stop {
        message_id: stop.message,
        place: places.shown(stop.place),
        author: stop.author.name.clone(),
        at: stop.at,
    }
}

fn place_of(channel: &KnownChannel) -> Place {
    Place {
        guild: channel.guild,
        channel: channel.parent.unwrap_or(channel.id),
        thread: channel.parent.map(|_| channel.id),
    }
}
