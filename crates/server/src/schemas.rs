//! JSON Schemas of the wire's types, in the dialect that clients of every age understand.

use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

/// Schemas of what is sent to us.
pub(crate) fn of_requests(definitions: &'static str) -> SchemaGenerator {
    settings(definitions).for_deserialize().into_generator()
}

/// The same for an agent's model: without references, which not every client follows in what it
/// shows to one.
pub(crate) fn of_arguments() -> SchemaGenerator {
    settings("/$defs")
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(listed))
        .for_deserialize()
        .into_generator()
}

/// The schema of a body, whole and without references, to hold what comes against it.
pub(crate) fn of_body(body: fn(&mut SchemaGenerator) -> Schema) -> Value {
    let mut schema = body(&mut of_arguments());
    plain(&mut schema);
    RecursiveTransform(listed).transform(&mut schema);
    schema.to_value()
}

/// Schemas of what we answer.
pub(crate) fn of_answers(definitions: &'static str) -> SchemaGenerator {
    settings(definitions).for_serialize().into_generator()
}

fn settings(definitions: &'static str) -> SchemaSettings {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.definitions_path = definitions.into();
            // The newest dialect is the default, and some validators stumble over its name.
            settings.meta_schema = None;
        })
        .with_transform(RecursiveTransform(tidied))
}

/// A schema that was made apart, as the others are.
pub(crate) fn plain(schema: &mut Schema) {
    RecursiveTransform(tidied).transform(schema);
}

/// Says of a request's `models` how many a panel has.
pub(crate) fn seat(members: Option<&mut Value>, most: u64) {
    if let Some(Value::Object(models)) = members.and_then(|members| members.get_mut("models")) {
        models.insert("minItems".to_owned(), json!(2));
        models.insert("maxItems".to_owned(), json!(most));
        models.insert("uniqueItems".to_owned(), json!(true));
    }
}

fn tidied(schema: &mut Schema) {
    without_width(schema);
    unwrapped(schema);
}

/// Rust's number formats are no formats of JSON Schema; strict validators refuse them.
fn without_width(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str);
    let is_width = format.is_some_and(|format| {
        format.starts_with("uint") || format.starts_with("int") || format == "double"
    });
    if is_width {
        schema.remove("format");
    }
}

/// Source lines end where the source is full, and a description is read elsewhere.
fn unwrapped(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

/// Words as one list, where each had a schema for its description.
fn listed(schema: &mut Schema) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else {
        return;
    };
    let words: Option<Vec<Value>> = choices
        .iter()
        .map(|choice| choice.get("const").cloned())
        .collect();
    if let Some(words) = words {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("enum".to_owned(), Value::Array(words));
    }
}
