//! Whole numbers in arguments.

use clap::builder::RangedI64ValueParser;
use husting_wire::ranges::Range;

/// A number of the range that the console takes, refused by the option's own name where it is not.
pub fn within(range: Range) -> RangedI64ValueParser<u32> {
    let end = |end: u64| i64::try_from(end).unwrap_or(i64::MAX);
    RangedI64ValueParser::new().range(end(range.least)..=end(range.most))
}
