//! Whole numbers in arguments.

use std::ops::RangeInclusive;

use husting_wire::ranges::Range;
use thiserror::Error;

/// Why words are not the number that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoNumber {
    /// It has no end that anybody meets.
    #[error("it must be a whole number from {0} on")]
    From(u64),
    /// Both ends are told.
    #[error("it must be a whole number from {} to {}", .0.start(), .0.end())]
    Within(RangeInclusive<u64>),
}

/// A number of the range that the console takes, refused by the option's own name where it is not.
pub fn within(range: Range) -> impl Fn(&str) -> Result<u32, NoNumber> + Clone + Send + Sync {
    number(range.least..=range.most)
}

/// A number between two.
pub fn between(
    least: u32,
    most: u32,
) -> impl Fn(&str) -> Result<u32, NoNumber> + Clone + Send + Sync {
    number(u64::from(least)..=u64::from(most))
}

/// A number of any size from one on.
pub fn at_least(least: u32) -> impl Fn(&str) -> Result<u32, NoNumber> + Clone + Send + Sync {
    between(least, u32::MAX)
}

/// A number of any size.
///
/// # Errors
/// [`NoNumber`] for anything else.
pub fn whole(text: &str) -> Result<u64, NoNumber> {
    text.parse().map_err(|_| NoNumber::From(0))
}

fn number(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<u32, NoNumber> + Clone + Send + Sync {
    move |text| {
        let given = text.parse::<u32>().ok();
        given
            .filter(|given| range.contains(&u64::from(*given)))
            .ok_or_else(|| match *range.end() >= u64::from(u32::MAX) {
                true => NoNumber::From(*range.start()),
                false => NoNumber::Within(range.clone()),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gives_no_number_is_told_which_one_it_is() {
        let told = |taken: Result<u32, NoNumber>| taken.map_err(|why| why.to_string());
        let few = between(1, 20);
        assert_eq!((few("1"), few("20")), (Ok(1), Ok(20)));
        for wrong in ["0", "21", "abc", "-1", "1e5", "1.5", "٣", ""] {
            let why = "it must be a whole number from 1 to 20".to_owned();
            assert_eq!(told(few(wrong)), Err(why), "{wrong}");
        }
        let why = "it must be a whole number from 1 on".to_owned();
        assert_eq!(told(at_least(1)("0")), Err(why));
        assert_eq!(at_least(0)("4294967295"), Ok(u32::MAX));
        assert_eq!(whole("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(whole("-1"), Err(NoNumber::From(0)));
    }
}
