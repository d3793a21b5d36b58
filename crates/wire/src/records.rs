//! Records of the public contract, as scripts and agents read them. Field names are the
//! contract's; money is a JSON number of US dollars with at most six places.

use husting_domain::money::MicroUsd;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount written as a decimal number of dollars, from the integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usd(pub MicroUsd);

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_usd_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_numbers_with_no_more_places_than_they_need() {
        let written = |micros| serde_json::to_string(&Usd(MicroUsd(micros))).unwrap();
        assert_eq!(written(13_860), "0.01386");
        assert_eq!(written(20_000_000), "20");
        assert_eq!(written(-1), "-0.000001");
        assert_eq!(written(9_007_199_254_740_991), "9007199254.740991");
    }
}
