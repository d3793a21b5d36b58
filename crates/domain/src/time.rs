//! Moments and spans. The store keeps microseconds since the epoch, the wire RFC 3339 in UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transparent)
)]
pub struct Timestamp(#[cfg_attr(feature = "schema", schemars(with = "jiff::Timestamp"))] i64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment moved by `millis` (may be negative), saturating.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// This moment moved forward by a span, in whole milliseconds, saturating.
    #[must_use]
    pub fn plus(self, span: std::time::Duration) -> Self {
        self.plus_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// Milliseconds from `earlier` to this moment; 0 when the clock went backwards.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        let span = (self.0 - earlier.0) / 1_000;
        if span < 0 { 0 } else { span }
    }

    fn as_jiff(self) -> jiff::Timestamp {
        // Saturates at the calendar's ends, which no clock reaches.
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// The first moment of the UTC month this moment lies in.
    #[must_use]
    pub fn month_start(self) -> Self {
        let day = self
            .as_jiff()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date()
            .first_of_month();
        day.to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(self, |zoned| Self(zoned.timestamp().as_microsecond()))
    }

    /// The first moment of the UTC month after the one this moment lies in.
    #[must_use]
    pub fn next_month_start(self) -> Self {
        // 32 days after the first always lies in the next month.
        self.month_start()
            .plus_millis(32 * DAY_MILLIS)
            .month_start()
    }

    /// The first moment of the UTC day this moment lies in.
    #[must_use]
    pub const fn day_start(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY_MILLIS * 1_000))
    }

    /// The first moment of the UTC day after the one this moment lies in.
    #[must_use]
    pub const fn next_day_start(self) -> Self {
        self.day_start().plus_millis(DAY_MILLIS)
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-20T08:04:21.123Z`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.as_jiff())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let parsed: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Self(parsed.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        serde_json::from_value(serde_json::json!(text)).unwrap()
    }

    #[test]
    fn months_begin_on_the_first_also_across_a_year() {
        assert_eq!(
            at("2026-11-20T08:04:21.5Z").month_start(),
            at("2026-11-01T00:00:00Z")
        );
        assert_eq!(
            at("2026-12-31T23:59:59.999Z").next_month_start(),
            at("2027-01-01T00:00:00Z")
        );
        assert_eq!(
            at("2028-01-31T00:00:00Z").next_month_start(),
            at("2028-02-01T00:00:00Z")
        );
        assert_eq!(
            at("2026-11-01T00:00:00Z").month_start(),
            at("2026-11-01T00:00:00Z")
        );
    }

    #[test]
    fn days_begin_at_midnight_also_before_the_epoch_and_across_a_year() {
        for (moment, begins, next) in [
            (
                "2026-11-20T00:00:00Z",
                "2026-11-20T00:00:00Z",
                "2026-11-21T00:00:00Z",
            ),
            (
                "2026-12-31T23:59:59.999Z",
                "2026-12-31T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                "1969-12-31T12:00:00Z",
                "1969-12-31T00:00:00Z",
                "1970-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(at(moment).day_start(), at(begins));
            assert_eq!(at(moment).next_day_start(), at(next));
        }
    }

    #[test]
    fn the_wire_form_is_rfc3339_and_reads_back() {
        let moment = at("2026-11-20T08:04:21.123Z");
        assert_eq!(moment.to_string(), "2026-11-20T08:04:21.123Z");
        assert_eq!(
            serde_json::to_string(&moment).unwrap(),
            "\"2026-11-20T08:04:21.123Z\""
        );
    }
}
