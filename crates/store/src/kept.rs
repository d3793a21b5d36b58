//! What the writes of a kept unit came to.

use std::ops::RangeInclusive;

use husting_domain::ids::MessageId;

use crate::bus::{Cast, Fetched, TakenBack};

/// What a unit came to. Most units hold one write that has something to tell, which the methods give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// One for each write that has something to tell, in the order of the writes.
    pub told: Vec<Told>,
    /// The numbers that its audit entries have in the tenant's chain; `None` without entries.
    pub rows: Option<RangeInclusive<u64>>,
}

/// What one write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// [`crate::BusWrite::Send`].
    Sent(Sent),
    /// [`crate::BusWrite::Broadcast`].
    Cast(Cast),
    /// [`crate::BusWrite::Fetch`].
    Fetched(Fetched),
    /// [`crate::BusWrite::Acknowledge`]: those that it acknowledged, in the order they were named.
    Acknowledged(Vec<MessageId>),
    /// [`crate::BusWrite::Sweep`].
    TakenBack(TakenBack),
    /// [`crate::BusWrite::ParkAll`]: how many.
    Parked(u32),
    /// [`crate::BusWrite::ForgetEnded`]: how many.
    Forgotten(u32),
}

/// Where a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Its number in the mailbox, from 1.
    pub seq: u64,
    /// Its place among all messages of the store.
    pub place: u64,
}

impl Kept {
    /// Where the unit's first message is.
    #[must_use]
    pub fn sent(&self) -> Option<Sent> {
        self.told.iter().find_map(|told| match told {
            Told::Sent(sent) => Some(*sent),
            _ => None,
        })
    }

    /// Whom the unit's first broadcast reached.
    #[must_use]
    pub fn cast(self) -> Option<Cast> {
        self.told.into_iter().find_map(|told| match told {
            Told::Cast(cast) => Some(cast),
            _ => None,
        })
    }

    /// What the unit's first fetch gave.
    #[must_use]
    pub fn fetched(self) -> Option<Fetched> {
        self.told.into_iter().find_map(|told| match told {
            Told::Fetched(fetched) => Some(fetched),
            _ => None,
        })
    }

    /// What the unit acknowledged; empty where it acknowledged nothing.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<MessageId> {
        let told = self.told.iter().filter_map(|told| match told {
            Told::Acknowledged(messages) => Some(messages.as_slice()),
            _ => None,
        });
        told.flatten().copied().collect()
    }

    /// What the unit's first sweep took back.
    #[must_use]
    pub fn taken_back(self) -> Option<TakenBack> {
        self.told.into_iter().find_map(|told| match told {
            Told::TakenBack(back) => Some(back),
            _ => None,
        })
    }

    /// How many messages the unit deleted.
    #[must_use]
    pub fn forgotten(&self) -> u32 {
        let told = self.told.iter().map(|told| match told {
            Told::Forgotten(count) => *count,
            _ => 0,
        });
        told.sum()
    }

    /// How many messages the unit parked.
    #[must_use]
    pub fn parked(&self) -> u32 {
        let told = self.told.iter().map(|told| match told {
            Told::Parked(count) => *count,
            _ => 0,
        });
        told.sum()
    }
}
