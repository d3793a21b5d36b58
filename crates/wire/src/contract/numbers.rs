//! Money and scores as JSON numbers.

use husting_domain::money::MicroUsd;
use husting_domain::snippets::Confidence;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount written as a decimal number of dollars, from the integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usd(pub MicroUsd);

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_usd_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// A self-reported score as a decimal between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score(pub Confidence);

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.to_decimal())
    }
}

impl JsonSchema for Usd {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "description": "US dollars, at most six places."})
    }
}

impl JsonSchema for Score {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Score".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number", "minimum": 0, "maximum": 1,
            "description": "Reported by the model itself and not calibrated across models."
        })
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
