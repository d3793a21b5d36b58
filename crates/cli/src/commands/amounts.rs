//! Amounts of dollars in arguments.

use husting_domain::money::{AmountError, MicroUsd};

/// Most that the console adds at once.
const LARGEST_TOP_UP: Most = Most(10_000, "$10,000");
/// Most that the console takes as a month's limit, and that its forms take as one session's.
const LARGEST_LIMIT: Most = Most(1_000_000, "$1,000,000");
/// Most that the console takes as an amount of auto-refill.
const LARGEST_REFILL: Most = LARGEST_LIMIT;
/// Most that the console takes as a price, for a million tokens.
const LARGEST_PRICE: Most = Most(100_000, "$100,000");

/// Whole dollars, and how people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most(i64, &'static str);

/// Why a word is no amount here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountFault {
    /// It is not written as dollars.
    #[error(transparent)]
    Form(#[from] AmountError),
    /// It is more than can be.
    #[error("the largest amount here is {}", .0.1)]
    Large(Most),
    /// It is less than nothing.
    #[error("must be 0 or more")]
    Negative,
    /// It is nothing, or less.
    #[error("must be more than zero")]
    Nothing,
}

/// A month's limit, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<MicroUsd>);

/// An amount of auto-refill.
///
/// # Errors
/// [`AmountFault`], for people.
pub fn refill(text: &str) -> Result<MicroUsd, AmountFault> {
    up_to(LARGEST_REFILL, text)
}

/// What a million tokens cost.
///
/// # Errors
/// As [`refill`].
pub fn price(text: &str) -> Result<MicroUsd, AmountFault> {
    up_to(LARGEST_PRICE, text)
}

/// What one session may spend.
///
/// # Errors
/// As [`refill`].
pub fn spending(text: &str) -> Result<MicroUsd, AmountFault> {
    more_than_zero(LARGEST_LIMIT, text)
}

/// What can be added at once.
///
/// # Errors
/// As [`refill`].
pub fn top_up(text: &str) -> Result<MicroUsd, AmountFault> {
    more_than_zero(LARGEST_TOP_UP, text)
}

/// What of top-ups is taken back: of several, it can be more than one of them added.
///
/// # Errors
/// As [`refill`].
pub fn taken_back(text: &str) -> Result<MicroUsd, AmountFault> {
    more_than_zero(LARGEST_REFILL, text)
}

/// An amount, or `none`.
///
/// # Errors
/// As [`refill`].
pub fn limit(text: &str) -> Result<Limit, AmountFault> {
    if text == "none" {
        return Ok(Limit(None));
    }
    up_to(LARGEST_LIMIT, text).map(|amount| Limit(Some(amount)))
}

fn more_than_zero(largest: Most, text: &str) -> Result<MicroUsd, AmountFault> {
    match up_to(largest, text) {
        Ok(MicroUsd::ZERO) | Err(AmountFault::Negative) => Err(AmountFault::Nothing),
        other => other,
    }
}

fn up_to(largest: Most, text: &str) -> Result<MicroUsd, AmountFault> {
    match MicroUsd::parse_usd(text) {
        Ok(amount) if amount < MicroUsd::ZERO => Err(AmountFault::Negative),
        Ok(amount) if amount > MicroUsd::dollars(largest.0) => Err(AmountFault::Large(largest)),
        Ok(amount) => Ok(amount),
        Err(_) if is_a_large_number(text) => Err(AmountFault::Large(largest)),
        Err(fault) => Err(fault.into()),
    }
}

/// More whole digits than an amount can have, and otherwise written as one.
fn is_a_large_number(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() > 9 && places.len() <= 6 && digits(whole) && digits(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_told_with_the_largest_there_is() {
        for (read, text, said) in [
            (
                top_up as fn(&str) -> Result<MicroUsd, AmountFault>,
                "99999999999999",
                "the largest amount here is $10,000",
            ),
            (top_up, "10000.01", "the largest amount here is $10,000"),
            (
                spending,
                "$9999999999.5",
                "the largest amount here is $1,000,000",
            ),
            (
                refill,
                "9999999999",
                "the largest amount here is $1,000,000",
            ),
            (price, "100000.01", "the largest amount here is $100,000"),
            (price, "99999999999x", "write dollars with at most"),
            (refill, "1.1234567", "write dollars with at most"),
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(fault.starts_with(said), "{text}: {fault}");
        }
        assert_eq!(top_up("10000"), Ok(MicroUsd::dollars(10_000)));
        assert_eq!(price("0"), Ok(MicroUsd::ZERO));
        assert_eq!(limit("none"), Ok(Limit(None)));
        assert_eq!(limit("1000001"), Err(AmountFault::Large(LARGEST_LIMIT)));
    }
    #[test]
    fn what_is_too_little_is_told_with_the_least_there_is() {
        for text in ["-5", "-$0.000001", "0", "-0"] {
            assert_eq!(top_up(text), Err(AmountFault::Nothing), "{text}");
            assert_eq!(spending(text), Err(AmountFault::Nothing), "{text}");
        }
        assert_eq!(refill("-0.01"), Err(AmountFault::Negative));
        assert_eq!(limit("-1"), Err(AmountFault::Negative));
    }
}
