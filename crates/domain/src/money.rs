//! Money in integer micro-dollars, and the price of a call. No float ever holds money.

use serde::{Deserialize, Serialize};

/// US dollars × 1,000,000. Amounts that cross to a JavaScript caller stay below 2^53.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
pub struct MicroUsd(pub i64);

/// Why a dollar amount written by a person could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write dollars with at most six decimal places, such as 20 or 0.05")]
pub struct AmountError;

impl MicroUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole dollars.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        Self(dollars * 1_000_000)
    }

    /// Sum that stays at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference that stays at the ends of the range.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads `20`, `0.05`, `$1.50`, `-3`.
    ///
    /// # Errors
    /// [`AmountError`] for anything else, more than six places, or more than nine whole digits.
    pub fn parse_usd(text: &str) -> Result<Self, AmountError> {
        let text = text.trim();
        let (negative, text) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && places.is_empty())
            || whole.len() > 9
            || places.len() > 6
            || !digits(whole)
            || !digits(places)
        {
            return Err(AmountError);
        }
        let micros = format!("{whole}{places:0<6}")
            .parse::<i64>()
            .map_err(|_| AmountError)?;
        Ok(Self(if negative { -micros } else { micros }))
    }

    /// A decimal number of dollars with at most six places and no trailing zeros: `0.01386`.
    #[must_use]
    pub fn to_usd_string(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, places) = (
            self.0.unsigned_abs() / 1_000_000,
            self.0.unsigned_abs() % 1_000_000,
        );
        let text = format!("{sign}{whole}.{places:06}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// As people read it: `$20.00`, `-$0.10`, `$0.01386`; cents at the least, what there is at the most.
impl std::fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = Self(self.0.saturating_abs()).to_usd_string();
        let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${whole}.{places:0<2}")
    }
}

impl std::ops::Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl std::ops::Sub for MicroUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl std::ops::Neg for MicroUsd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::ops::AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |total, amount| total + amount)
    }
}

/// What a model costs, in micro-dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Price {
    /// Per million tokens read without a cache.
    pub input: MicroUsd,
    /// Per million tokens written, reasoning included.
    pub output: MicroUsd,
    /// Per million tokens read from the provider's cache; the input price where the provider names none.
    pub cache_read: Option<MicroUsd>,
    /// Per million tokens written to the provider's cache; the input price where the provider names none.
    pub cache_write: Option<MicroUsd>,
    /// What the whole call costs where it read a long prompt; `None` where its length does not matter.
    #[serde(default)]
    pub long: Option<LongPrice>,
}

/// What a call costs that read more than a number of tokens: all of them, not only those beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LongPrice {
    /// Tokens read, cached ones included, from whose next one on this price holds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub above: u64,
    /// As in [`Price`].
    pub input: MicroUsd,
    /// As in [`Price`].
    pub output: MicroUsd,
    /// As in [`Price`].
    pub cache_read: Option<MicroUsd>,
    /// As in [`Price`].
    pub cache_write: Option<MicroUsd>,
}

/// Tokens of one call. Cached ones are counted apart from `input`, never twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Usage {
    /// Tokens read at the full price.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub input: u64,
    /// Tokens read from the provider's cache.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub cache_write: u64,
    /// Tokens written, reasoning included.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub output: u64,
    /// The provider sent no figures; these were estimated here, at four bytes a token.
    pub estimated: bool,
}

impl Usage {
    /// All tokens read, cached or not.
    #[must_use]
    pub const fn total_input(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }
}

impl Price {
    /// A price of nothing: local, subscription and rehearsal seats.
    pub const FREE: Self = Self {
        input: MicroUsd::ZERO,
        output: MicroUsd::ZERO,
        cache_read: None,
        cache_write: None,
        long: None,
    };

    /// Whether no usage can ever cost anything.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.rates().all(|rate| rate.0 <= 0)
    }

    /// Every rate it names.
    pub fn rates(&self) -> impl Iterator<Item = MicroUsd> {
        let named = |price: &Self| {
            [
                Some(price.input),
                Some(price.output),
                price.cache_read,
                price.cache_write,
            ]
        };
        let long = self.long.map(|long| named(&long.into()));
        named(self)
            .into_iter()
            .chain(long.into_iter().flatten())
            .flatten()
    }

    /// The price of a call that reads so many tokens, cached or not.
    #[must_use]
    pub fn reading(&self, tokens: u64) -> Self {
        match self.long {
            Some(long) if tokens > long.above => long.into(),
            _ => Self {
                long: None,
                ..*self
            },
        }
    }

    /// The cost of `usage`, computed in `i128` and rounded up once.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> MicroUsd {
        self.charged(usage, 0)
    }

    /// The cost of `usage` with `markup_bps` hundredths of a percent on top, rounded up once.
    /// Never less than [`Price::cost`] of the same usage.
    #[must_use]
    pub fn charged(&self, usage: &Usage, markup_bps: u32) -> MicroUsd {
        const DIVISOR: i128 = 1_000_000 * 10_000;
        let scaled = self
            .per_million(usage)
            .saturating_mul(10_000 + i128::from(markup_bps));
        let rounded_up = scaled.saturating_add(DIVISOR - 1).div_euclid(DIVISOR);
        MicroUsd(i64::try_from(rounded_up).unwrap_or(i64::MAX))
    }

    /// The exact cost in millionths of a micro-dollar.
    fn per_million(&self, usage: &Usage) -> i128 {
        let price = self.reading(usage.total_input());
        let parts = [
            (usage.input, price.input),
            (usage.output, price.output),
            (usage.cache_read, price.cache_read.unwrap_or(price.input)),
            (usage.cache_write, price.cache_write.unwrap_or(price.input)),
        ];
        let exact =
            |(tokens, rate): (u64, MicroUsd)| i128::from(tokens).saturating_mul(i128::from(rate.0));
        parts.map(exact).into_iter().fold(0, i128::saturating_add)
    }
}

impl From<LongPrice> for Price {
    fn from(long: LongPrice) -> Self {
        Self {
            input: long.input,
            output: long.output,
            cache_read: long.cache_read,
            cache_write: long.cache_write,
            long: None,
        }
    }
}

/// Tokens that a text of `bytes` UTF-8 bytes has at the most, for holds: bytes / 2 + 5 %.
#[must_use]
pub const fn tokens_from_above(bytes: u64) -> u64 {
    let half = bytes.div_ceil(2);
    half.saturating_add(half.div_ceil(20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_call_costs_what_the_document_says() {
        let price = Price {
            input: MicroUsd::dollars(3),
            output: MicroUsd::dollars(15),
            ..Price::default()
        };
        let hold = Usage {
            input: tokens_from_above(4_000),
            output: 8_192,
            ..Usage::default()
        };
        assert_eq!(price.cost(&hold), MicroUsd(129_180));
        let used = Usage {
            input: 1_120,
            output: 700,
            ..Usage::default()
        };
        assert_eq!(price.cost(&used), MicroUsd(13_860));
        assert_eq!(MicroUsd(13_860).to_usd_string(), "0.01386");
    }

    #[test]
    fn people_read_cents_at_the_least_and_what_there_is_at_the_most() {
        let read = |micros| MicroUsd(micros).to_string();
        assert_eq!(
            [0, 100_000, 20_000_000, 13_860, -1, -3_000_000, 150_000].map(read),
            [
                "$0.00",
                "$0.10",
                "$20.00",
                "$0.01386",
                "-$0.000001",
                "-$3.00",
                "$0.15"
            ]
        );
    }

    #[test]
    fn a_fraction_of_a_micro_dollar_rounds_up_once() {
        let price = Price {
            input: MicroUsd(1),
            output: MicroUsd(1),
            ..Price::default()
        };
        let usage = Usage {
            input: 1,
            output: 1,
            ..Usage::default()
        };
        assert_eq!(price.cost(&usage), MicroUsd(1));
        assert_eq!(price.cost(&Usage::default()), MicroUsd(0));
    }

    #[test]
    fn cached_tokens_have_their_own_price() {
        let price = Price {
            input: MicroUsd::dollars(3),
            cache_read: Some(MicroUsd(300_000)),
            ..Price::default()
        };
        let usage = Usage {
            input: 1_000,
            cache_read: 10_000,
            ..Usage::default()
        };
        assert_eq!(price.cost(&usage), MicroUsd(6_000));
    }

    #[test]
    fn a_long_prompt_costs_the_dearer_rates_from_its_first_token_on() {
        // Gemini 2.5 Pro: $1.25 / $10, and $2.50 / $15 for prompts of more than 200,000 tokens.
        let price = Price {
            input: MicroUsd(1_250_000),
            output: MicroUsd::dollars(10),
            long: Some(LongPrice {
                above: 200_000,
                input: MicroUsd(2_500_000),
                output: MicroUsd::dollars(15),
                cache_read: Some(MicroUsd(250_000)),
                cache_write: None,
            }),
            ..Price::default()
        };
        let of = |input, cache_read, cache_write| {
            price.cost(&Usage {
                input,
                cache_read,
                cache_write,
                output: 1_000,
                estimated: false,
            })
        };
        assert_eq!(of(200_000, 0, 0), MicroUsd(260_000));
        assert_eq!(of(200_001, 0, 0), MicroUsd(515_003));
        // Cached tokens are part of the prompt.
        assert_eq!(of(1, 200_000, 0), MicroUsd(65_003));
        assert_eq!(of(1, 0, 200_000), MicroUsd(515_003));
    }

    #[test]
    fn what_is_dear_only_in_long_prompts_is_not_free() {
        let long = LongPrice {
            above: 10,
            input: MicroUsd(1),
            output: MicroUsd(0),
            cache_read: None,
            cache_write: None,
        };
        assert!(
            !Price {
                long: Some(long),
                ..Price::FREE
            }
            .is_free()
        );
        assert!(Price::FREE.is_free());
    }

    #[test]
    fn a_cache_without_a_price_of_its_own_costs_what_plain_input_costs() {
        let price = Price {
            input: MicroUsd::dollars(3),
            ..Price::default()
        };
        let read = Usage {
            cache_read: 1_000,
            ..Usage::default()
        };
        let written = Usage {
            cache_write: 2_000,
            ..Usage::default()
        };
        assert_eq!(price.cost(&read), MicroUsd(3_000));
        assert_eq!(price.cost(&written), MicroUsd(6_000));
        let dearer = Price {
            cache_write: Some(MicroUsd(3_750_000)),
            ..price
        };
        assert_eq!(dearer.cost(&written), MicroUsd(7_500));
    }

    #[test]
    fn a_markup_is_part_of_the_one_rounding() {
        let price = Price {
            output: MicroUsd(250_000),
            ..Price::default()
        };
        let usage = Usage {
            output: 5,
            ..Usage::default()
        };
        // 1.25 micro-dollars: 2 alone, 1.5 → 2 with a fifth on top, where rounding twice gives 3.
        assert_eq!(price.cost(&usage), MicroUsd(2));
        assert_eq!(price.charged(&usage, 2_000), MicroUsd(2));
        assert_eq!(price.charged(&usage, 10_000), MicroUsd(3));
    }

    #[test]
    fn absurd_usage_stays_at_the_end_of_the_range() {
        let price = Price {
            input: MicroUsd(i64::MAX),
            output: MicroUsd(i64::MAX),
            ..Price::default()
        };
        let usage = Usage {
            input: u64::MAX,
            output: u64::MAX,
            ..Usage::default()
        };
        assert_eq!(price.charged(&usage, u32::MAX), MicroUsd(i64::MAX));
    }

    #[test]
    fn odd_amounts_are_refused() {
        for text in ["", ".", "-", "1e3", "1,5", "0.0000001", "9999999999", "١"] {
            assert_eq!(MicroUsd::parse_usd(text), Err(AmountError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_as_written(micros in -999_999_999_000_000_i64..999_999_999_000_000) {
            prop_assert_eq!(MicroUsd::parse_usd(&MicroUsd(micros).to_usd_string()), Ok(MicroUsd(micros)));
        }
    }
}
