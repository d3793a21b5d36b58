//! JSON, with and without comments.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

use super::{MergeError, position};
use crate::entry::Table;
use crate::format::Format;

fn options(format: Format) -> ParseOptions {
    let comments = format == Format::Jsonc;
    ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn broken(body: &str, format: Format, error: &ParseError) -> MergeError {
    let stumbled_at = match error.kind() {
        // The parser tells where they begin; what lacks, lacks at the end.
        ParseErrorKind::UnterminatedObject | ParseErrorKind::UnterminatedArray => {
            body.trim_end().len()
        }
        _ => error.range().start,
    };
    let (line, column) = position(body, stumbled_at);
    MergeError::Broken {
        format,
        line,
        column,
    }
}

pub fn read(body: &str, format: Format) -> Result<Value, MergeError> {
    let read = parse_to_ast(body, &CollectOptions::default(), &options(format))
        .map_err(|error| broken(body, format, &error))?;
    Ok(read.value.map_or(Value::Null, Value::from))
}

pub fn merge(
    body: &str,
    format: Format,
    root: &str,
    name: &str,
    entry: &Table,
) -> Result<String, MergeError> {
    refuse_twins(body, format, root, name)?;
    let file =
        CstRootNode::parse(body, &options(format)).map_err(|error| broken(body, format, &error))?;
    let top = file
        .object_value_or_create()
        .ok_or_else(|| MergeError::NoTable("the file".into()))?;
    let servers =
        table(&top, root).ok_or_else(|| MergeError::NoTable(format!("the key {root:?}")))?;
    let entry = object(entry.expose());
    match servers.get(name) {
        Some(there) => there.set_value(entry),
        None => {
            servers.append(name, entry);
        }
    }
    Ok(file.to_string())
}

pub fn remove(body: &str, format: Format, root: &str, name: &str) -> Result<String, MergeError> {
    refuse_twins(body, format, root, name)?;
    let file =
        CstRootNode::parse(body, &options(format)).map_err(|error| broken(body, format, &error))?;
    let servers = file.object_value().and_then(|top| top.object_value(root));
    if let Some(entry) = servers.and_then(|servers| servers.get(name)) {
        entry.remove();
    }
    Ok(file.to_string())
}

/// The object under `key`, made where it is missing or null.
fn table(top: &CstObject, key: &str) -> Option<CstObject> {
    let is_null = |value: &jsonc_parser::cst::CstNode| value.as_null_keyword().is_some();
    if let Some(property) = top.get(key)
        && property.value().as_ref().is_some_and(is_null)
    {
        property.set_value(CstInputValue::Object(Vec::new()));
    }
    top.object_value_or_create(key)
}

fn object(map: &Map<String, Value>) -> CstInputValue {
    CstInputValue::Object(
        map.iter()
            .map(|(key, value)| (key.clone(), input(value)))
            .collect(),
    )
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(map) => object(map),
    }
}

/// JSON itself does not refuse a key that stands twice, and readers differ in which they take.
fn refuse_twins(body: &str, format: Format, root: &str, name: &str) -> Result<(), MergeError> {
    let read = parse_to_ast(body, &CollectOptions::default(), &options(format))
        .map_err(|error| broken(body, format, &error))?;
    let Some(ast::Value::Object(top)) = &read.value else {
        return Ok(());
    };
    refuse_twin(body, top, root)?;
    match top.get_object(root) {
        Some(servers) => refuse_twin(body, servers, name),
        None => Ok(()),
    }
}

fn refuse_twin(body: &str, object: &ast::Object<'_>, key: &str) -> Result<(), MergeError> {
    let mut same = object
        .properties
        .iter()
        .filter(|property| property.name.as_str() == key);
    match same.nth(1) {
        None => Ok(()),
        Some(second) => {
            let (line, column) = position(body, second.start());
            Err(MergeError::Twice { line, column })
        }
    }
}
