//! What the numbers among the settings may be, once for every door.

use crate::errors::Error;

/// Whole numbers from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The smallest allowed.
    pub least: u64,
    /// The largest allowed.
    pub most: u64,
}

/// `zoom`, in percent.
pub const ZOOM: Range = Range::of(80, 200);
/// `panel.max_seats`.
pub const MAX_SEATS: Range = Range::of(3, 8);
/// `panel.max_output_tokens`, also of one session.
pub const MAX_OUTPUT_TOKENS: Range = Range::of(512, 200_000);
/// `panel.deadline_seconds`, also of one session or model.
pub const DEADLINE_SECONDS: Range = Range::of(30, 1_800);
/// `rehearsal.tokens_per_second`.
pub const TOKENS_PER_SECOND: Range = Range::of(0, 10_000);
/// `retention.partial_days`.
pub const PARTIAL_DAYS: Range = Range::of(1, 3_650);

impl Range {
    const fn of(least: u64, most: u64) -> Self {
        Self { least, most }
    }

    /// Whether `value` is allowed.
    #[must_use]
    pub const fn holds(self, value: u64) -> bool {
        self.least <= value && value <= self.most
    }

    /// `value`, of the field or setting `name`.
    ///
    /// # Errors
    /// `invalid_request` with name and range where it is not allowed.
    pub fn check(self, name: &str, value: u64) -> Result<(), Error> {
        if self.holds(value) {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "{name} must lie between {} and {}; {value} does not.",
            self.least, self.most
        )))
    }
}
