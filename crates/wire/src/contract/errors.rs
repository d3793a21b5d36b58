//! Errors as the contract writes them: the code, a sentence, and the code's own fields beside them.

use husting_domain::money::MicroUsd;
use serde_json::{Map, Value};

use super::numbers::Usd;
use crate::errors::{Error, ErrorCode};

/// The body of an error: `{"error": "<code>", "message": …}` and the fields of its code.
#[must_use]
pub fn body(error: &Error) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("error".to_owned(), code(error.code));
    body.insert("message".to_owned(), Value::String(error.message.clone()));
    let Some(Value::Object(details)) = &error.details else {
        return body;
    };
    for (name, value) in details {
        let (name, value) = if error.code == ErrorCode::CreditExhausted {
            dollars(name, value)
        } else {
            (name.clone(), value.clone())
        };
        body.entry(name).or_insert(value);
    }
    body
}

/// The word of a code.
#[must_use]
pub fn code(code: ErrorCode) -> Value {
    serde_json::to_value(code).unwrap_or_default()
}

/// Inside, an amount is an integer of micro-dollars; here it is a number of dollars and says so.
fn dollars(name: &str, value: &Value) -> (String, Value) {
    match value.as_i64() {
        Some(micros) => (
            format!("{name}_usd"),
            serde_json::to_value(Usd(MicroUsd(micros))).unwrap_or_default(),
        ),
        None => (name.to_owned(), value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lack_of_money_is_told_in_dollars() {
        let error = Error::new(ErrorCode::CreditExhausted, "No.").with(json!({
            "effective_balance": 13_860, "free": 13_860, "subscription": 0, "refill": 0,
            "per_model_minimum": 50_000, "next_reset_at": "2026-12-01T00:00:00Z", "limited_by": "balance",
        }));
        assert_eq!(
            Value::Object(body(&error)),
            json!({
                "error": "credit_exhausted", "message": "No.",
                "effective_balance_usd": 0.01386, "free_usd": 0.01386, "subscription_usd": 0, "refill_usd": 0,
                "per_model_minimum_usd": 0.05, "next_reset_at": "2026-12-01T00:00:00Z", "limited_by": "balance",
            })
        );
    }

    #[test]
    fn a_field_never_takes_the_place_of_code_or_sentence() {
        let error = Error::new(ErrorCode::UnknownModels, "Which?")
            .with(json!({"error": "x", "unknown_models": ["m"]}));
        assert_eq!(
            Value::Object(body(&error)),
            json!({"error": "unknown_models", "message": "Which?", "unknown_models": ["m"]})
        );
    }
}
