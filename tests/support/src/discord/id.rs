//! Snowflakes: <https://docs.discord.com/developers/reference#snowflakes>.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The first second of 2015, in milliseconds since 1970.
const DISCORD_EPOCH: i64 = 1_420_070_400_000;
const TIMESTAMP_SHIFT: u32 = 22;

/// A snowflake; a string on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub(crate) u64);

impl Id {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    pub(crate) fn created(self) -> Timestamp {
        let since = i64::try_from(self.0 >> TIMESTAMP_SHIFT).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(since.saturating_add(DISCORD_EPOCH)).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Id)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Gives ids in the order of time, none twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mint {
    last: u64,
    /// Ids are counted on from the last one, whatever the time is.
    stands: bool,
}

impl Mint {
    /// Gives the same ids each time, those of the first moment of 2026, until it is told to go on by the clock.
    pub(crate) fn standing() -> Self {
        // In milliseconds of Discord's epoch.
        const FOUNDED: u64 = 347_155_200_000;
        Mint {
            last: FOUNDED << TIMESTAMP_SHIFT,
            stands: true,
        }
    }

    pub(crate) fn go_on(&mut self) {
        self.stands = false;
    }

    pub(crate) fn next(&mut self) -> Id {
        let since = Timestamp::now().as_millisecond() - DISCORD_EPOCH;
        let now = u64::try_from(since).unwrap_or_default() << TIMESTAMP_SHIFT;
        self.last = match self.stands {
            true => self.last + 1,
            false => now.max(self.last + 1),
        };
        Id(self.last)
    }
}

/// The form Discord writes a moment in.
pub(crate) fn iso8601(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}
