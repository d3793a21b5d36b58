//! Holds a request against its schema, and says in our own words where the two part: which field,
//! what is expected there, and what came.

use husting_wire::errors::{Error, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::strict;

/// Longer texts are told by their length.
const MOST_SHOWN: usize = 60;

/// Reads `body` as a `T`, whose schema is `schema`.
///
/// # Errors
/// As [`check`] has them; `not_found` where all is right but an id, which is then nobody's.
pub(crate) fn read<T: DeserializeOwned>(schema: &Value, mut body: Value) -> Result<T, Error> {
    plain(schema, &mut body);
    check(schema, &body)?;
    serde_path_to_error::deserialize(body).map_err(|fault| {
        let path = fault.path().to_string();
        match path.rsplit('.').next() {
            Some("session_id") => Error::not_found("session"),
            Some("round_id") => Error::not_found("round"),
            _ => strict::misfit(&fault),
        }
    })
}

/// Whether `body` is what `schema` says.
///
/// # Errors
/// `invalid_request`, with the first field that is not.
pub(crate) fn check(schema: &Value, body: &Value) -> Result<(), Error> {
    check_at("", schema, body).map_err(|misfit| Error::invalid(misfit.message))
}

/// The same for the routes and tools of agents, whose errors name field and rule.
///
/// # Errors
/// `invalid_body`, with the first field that is not what its schema says.
pub(crate) fn read_body<T: DeserializeOwned>(schema: &Value, mut body: Value) -> Result<T, Error> {
    plain(schema, &mut body);
    check_at("", schema, &body)?;
    serde_path_to_error::deserialize(body).map_err(|fault| {
        tracing::debug!(%fault, "a request was not what its schema says");
        let field = fault.path().to_string();
        let rule = if field.ends_with("_at") {
            "a time such as 2026-11-20T10:00:00Z"
        } else {
            "an id as it was given out"
        };
        invalid_body(&field, rule, format!("{field}: {rule} is expected."))
    })
}

/// Gives a field its own name where it came under another one that is taken for it.
///
/// # Errors
/// `invalid_body` where it came under two.
pub(crate) fn fold(
    members: &mut Map<String, Value>,
    name: &str,
    aliases: &[&str],
) -> Result<(), Error> {
    for alias in aliases {
        let Some(value) = members.remove(*alias) else {
            continue;
        };
        if members.insert(name.to_owned(), value).is_some() {
            let rule = format!("given once, as {name} or as {}", aliases.join(" or "));
            let message = format!("{alias}: it must be {rule}.");
            return Err(invalid_body(alias, &rule, message));
        }
    }
    Ok(())
}

/// A field that breaks its rule.
pub(crate) fn invalid_body(field: &str, rule: &str, message: String) -> Error {
    Error::new(ErrorCode::InvalidBody, message).with(json!({ "field": field, "rule": rule }))
}

/// Where a request and its schema part.
#[derive(Debug)]
struct Misfit {
    /// As in the message; the body itself where it is empty.
    field: String,
    /// What is expected there.
    rule: String,
    message: String,
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        invalid_body(&misfit.field, &misfit.rule, misfit.message)
    }
}

/// What means the same as what a schema wants, as strict and as careless clients send it: null where a
/// field may be left out, and a whole number with a point.
fn plain(schema: &Value, value: &mut Value) {
    let schema = meant(schema, value);
    match value {
        Value::Object(members) => {
            let required = &schema["required"];
            let is_needed = |name: &str| {
                required
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one == name))
            };
            let of = |name: &str| &schema["properties"][name];
            let may_be_null =
                |name: &str| is_of_its_kind(meant(of(name), &Value::Null), &Value::Null);
            members.retain(|name, value| {
                !value.is_null() || is_needed(name) || of(name).is_null() || may_be_null(name)
            });
            for (name, value) in members {
                plain(of(name), value);
            }
        }
        Value::Array(items) => {
            for item in items {
                plain(&schema["items"], item);
            }
        }
        Value::Number(number) => {
            let whole = number.as_f64().filter(|whole| whole.fract() == 0.0);
            if number.is_f64()
                && let Some(whole) = whole.and_then(whole_number)
            {
                *value = whole.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// As an integer, where it is one that every reader can hold.
fn whole_number(value: f64) -> Option<u64> {
    let text = format!("{value:.0}");
    let whole: u64 = text.parse().ok()?;
    (whole <= 1 << 53).then_some(whole)
}

fn check_at(path: &str, schema: &Value, value: &Value) -> Result<(), Misfit> {
    let schema = meant(schema, value);
    if !is_of_its_kind(schema, value) {
        return Err(unexpected(path, schema, value));
    }
    match value {
        Value::Object(members) => check_members(path, schema, members),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| {
            let path = format!("{path}[{at}]");
            check_at(&path, &schema["items"], item)
        }),
        _ => Ok(()),
    }
}

/// Of a schema that allows null beside something else, that which belongs to the value.
fn meant<'a>(schema: &'a Value, value: &Value) -> &'a Value {
    let Some(choices) = schema["anyOf"].as_array() else {
        return schema;
    };
    let is_null = |choice: &&Value| choice["type"] == "null";
    let found = choices
        .iter()
        .find(|choice| is_null(choice) == value.is_null());
    found.unwrap_or(schema)
}

fn check_members(path: &str, schema: &Value, members: &Map<String, Value>) -> Result<(), Misfit> {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let at = |name: &str| match path {
        "" => shown_name(name),
        path => format!("{path}.{}", shown_name(name)),
    };
    if let Some(name) = members.keys().find(|name| !known.contains_key(*name)) {
        return Err(misfit(at(name), "there is no such field", known));
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required
        .filter_map(Value::as_str)
        .find(|name| !members.contains_key(*name));
    if let Some(name) = missing {
        return Err(misfit(at(name), "it is missing", known));
    }
    members
        .iter()
        .try_for_each(|(name, value)| check_at(&at(name), &known[name], value))
}

/// Type, words, length and range; what is inside is looked at later.
fn is_of_its_kind(schema: &Value, value: &Value) -> bool {
    if let Some(words) = schema["enum"].as_array() {
        return words.contains(value);
    }
    let is_allowed = |kind: &str| match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(kinds) => kinds.iter().any(|one| one == kind),
        _ => true,
    };
    match value {
        Value::Null => is_allowed("null"),
        Value::Bool(_) => is_allowed("boolean"),
        Value::Number(number) => {
            let number = number.as_u64().filter(|_| is_allowed("integer"));
            number.is_some_and(|number| is_within(schema, "minimum", "maximum", number))
        }
        Value::String(text) => {
            let length = text.chars().count() as u64;
            is_allowed("string") && is_within(schema, "minLength", "maxLength", length)
        }
        Value::Array(items) => {
            let length = items.len() as u64;
            is_allowed("array") && is_within(schema, "minItems", "maxItems", length)
        }
        Value::Object(_) => is_allowed("object"),
    }
}

fn is_within(schema: &Value, least: &str, most: &str, value: u64) -> bool {
    let bound = |name: &str| schema[name].as_u64();
    bound(least).is_none_or(|least| value >= least) && bound(most).is_none_or(|most| value <= most)
}

fn misfit(field: String, rule: &str, known: &Map<String, Value>) -> Misfit {
    Misfit {
        message: format!("{field}: {rule}. {}", fields(known)),
        rule: rule.to_owned(),
        field,
    }
}

fn unexpected(path: &str, schema: &Value, value: &Value) -> Misfit {
    let place = if path.is_empty() { "The body" } else { path };
    let rule = expected(schema);
    Misfit {
        message: format!("{place}: {rule} is expected; {} came.", shown(value)),
        field: path.to_owned(),
        rule,
    }
}

fn expected(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return format!("one of {}", words.join(", "));
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null"),
        one => Some(one),
    };
    match kind.and_then(Value::as_str).unwrap_or_default() {
        "string" => format!(
            "text{}",
            of_length(schema, "minLength", "maxLength", " characters")
        ),
        "integer" => format!("a whole number{}", of_range(schema)),
        "boolean" => "true or false".to_owned(),
        "array" => format!("a list{}", of_length(schema, "minItems", "maxItems", "")),
        _ => "an object".to_owned(),
    }
}

fn of_length(schema: &Value, least: &str, most: &str, of: &str) -> String {
    match (schema[least].as_u64(), schema[most].as_u64()) {
        (Some(least), Some(most)) => format!(" of {least} to {most}{of}"),
        (None, Some(most)) => format!(" of at most {most}{of}"),
        _ => String::new(),
    }
}

fn of_range(schema: &Value) -> String {
    match (schema["minimum"].as_u64(), schema["maximum"].as_u64()) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" from {least} on"),
        _ => String::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => match text.chars().count() {
            length if length > MOST_SHOWN => format!("text of {length} characters"),
            _ => format!("{text:?}"),
        },
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        plain => plain.to_string(),
    }
}

/// A field's name as it may stand in a sentence, whatever came as one.
fn shown_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if (1..=MOST_SHOWN).contains(&name.len()) && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST_SHOWN).collect();
    format!("{start:?}")
}

fn fields(known: &Map<String, Value>) -> String {
    if known.is_empty() {
        return "No field is taken here.".to_owned();
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    format!("The fields here are {}.", names.join(", "))
}

/// A keyword of a request's schema against which nothing is held: neither here, nor by the type that
/// is read afterwards.
#[cfg(test)]
pub(crate) fn unheld(schema: &Value) -> Option<String> {
    const HERE: [&str; 9] = [
        "type",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "required",
    ];
    // Formats are read by the types of ids and times; twins on a panel are refused by name, and what a
    // request's id is made of by the use cases of mail.
    const ELSEWHERE: [&str; 3] = ["format", "uniqueItems", "pattern"];
    const SAID: [&str; 4] = ["title", "description", "default", "examples"];
    let members = schema.as_object()?;
    members
        .iter()
        .find_map(|(keyword, value)| match keyword.as_str() {
            "properties" => value.as_object()?.values().find_map(unheld),
            "items" => unheld(value),
            "anyOf" => value.as_array()?.iter().find_map(unheld),
            "additionalProperties" if value == &json!(false) => None,
            known if [&HERE[..], &ELSEWHERE, &SAID].concat().contains(&known) => None,
            unknown => Some(unknown.to_owned()),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object", "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string", "minLength": 1, "maxLength": 100},
                "seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 120},
                "place": {"type": "integer", "minimum": 0},
                "state": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]},
                "parts": {"type": "array", "maxItems": 2, "items": {
                    "type": "object", "required": ["kind"],
                    "properties": {"kind": {"enum": ["K", "L"]}, "is_new": {"type": "boolean"}},
                }},
            },
        })
    }

    #[test]
    fn what_fits_is_taken_with_null_where_it_may_stand() {
        for body in [
            json!({"prompt": "?"}),
            json!({"prompt": "?", "seconds": null, "state": null, "place": 0}),
            json!({"prompt": "?", "seconds": 120, "state": "b", "parts": [{"kind": "K", "is_new": true}]}),
        ] {
            check(&schema(), &body).unwrap();
        }
    }

    #[test]
    fn null_stands_for_a_field_that_is_left_out_and_a_whole_number_may_have_a_point() {
        let mut body = json!({"prompt": "?", "place": null, "seconds": 40.0, "state": null});
        plain(&schema(), &mut body);
        assert_eq!(body, json!({"prompt": "?", "seconds": 40, "state": null}));
        check(&schema(), &body).unwrap();
        let mut kept = json!({"prompt": null, "seconds": 40.5, "stranger": null});
        let before = kept.clone();
        plain(&schema(), &mut kept);
        assert_eq!(kept, before, "what is wrong stays to be told");
    }

    #[test]
    fn what_does_not_is_told_with_field_rule_and_what_came() {
        let with = |name: &str, value: Value| json!({"prompt": "?", name: value});
        const FIELDS: &str = "The fields here are";
        for (body, told) in [
            (json!(null), "The body: an object is expected; null came."),
            (
                json!([]),
                "The body: an object is expected; a list of 0 came.",
            ),
            (
                json!({"prompt": 7}),
                "prompt: text of 1 to 100 characters is expected; 7 came.",
            ),
            (
                json!({"prompt": ""}),
                "prompt: text of 1 to 100 characters is expected; \"\" came.",
            ),
            (
                json!({"prompt": "é".repeat(101)}),
                "prompt: text of 1 to 100 characters is expected; text of 101 characters came.",
            ),
            (
                with("seconds", json!(0)),
                "seconds: a whole number from 1 to 120 is expected; 0 came.",
            ),
            (
                with("seconds", json!(-1)),
                "seconds: a whole number from 1 to 120 is expected; -1 came.",
            ),
            (
                with("place", json!(1.5)),
                "place: a whole number from 0 on is expected; 1.5 came.",
            ),
            (
                with("place", json!("x")),
                "place: a whole number from 0 on is expected; \"x\" came.",
            ),
            (
                with("state", json!("c")),
                "state: one of a, b is expected; \"c\" came.",
            ),
            (
                with("parts", json!({})),
                "parts: a list of at most 2 is expected; an object came.",
            ),
            (
                with("parts", json!([{}, {}, {}])),
                "parts: a list of at most 2 is expected; a list of 3 came.",
            ),
            (
                with("parts", json!([{"kind": "k"}])),
                "parts[0].kind: one of K, L is expected; \"k\" came.",
            ),
            (
                with("parts", json!([{"kind": "K"}, {"kind": "L", "is_new": 1}])),
                "parts[1].is_new: true or false is expected; 1 came.",
            ),
        ] {
            assert_eq!(check(&schema(), &body).unwrap_err().message, told, "{body}");
        }
        for (body, told) in [
            (json!({}), "prompt: it is missing."),
            (json!({"promt": "?"}), "promt: there is no such field."),
            (with("parts", json!([{}])), "parts[0].kind: it is missing."),
            (with("a\nb", json!(1)), "\"a\\nb\": there is no such field."),
        ] {
            let message = check(&schema(), &body).unwrap_err().message;
            assert!(
                message.starts_with(&format!("{told} {FIELDS} ")),
                "{message}"
            );
        }
    }
}
