//! TOML.

use serde_json::{Map, Value};
use toml_edit::visit::{self, Visit};
use toml_edit::visit_mut::{self, VisitMut};
use toml_edit::{
    Array, DocumentMut, InlineTable, Item, Key, RawString, Table as TomlTable, TableLike,
    TomlError, Value as TomlValue,
};

use super::{MergeError, position};
use crate::entry::Table;
use crate::format::Format;

fn broken(body: &str, message: &str, span: Option<std::ops::Range<usize>>) -> MergeError {
    let (line, column) = position(body, span.map_or(0, |span| span.start));
    // The reader tells this fault by its words alone.
    if message.starts_with("duplicate key") {
        return MergeError::Twice { line, column };
    }
    MergeError::Broken {
        format: Format::Toml,
        line,
        column,
    }
}

fn unread(body: &str, error: &TomlError) -> MergeError {
    broken(body, error.message(), error.span())
}

pub fn read(body: &str) -> Result<Value, MergeError> {
    toml_edit::de::from_str(body)
        .map_err(|error: toml_edit::de::Error| broken(body, error.message(), error.span()))
}

pub fn merge(body: &str, root: &str, name: &str, entry: &Table) -> Result<String, MergeError> {
    let mut file: DocumentMut = body.parse().map_err(|error| unread(body, &error))?;
    let is_first = file.is_empty();
    let no_table = || MergeError::NoTable(format!("the key {root:?}"));
    let servers = file.entry(root).or_insert_with(|| {
        // Without a line of its own: `[mcp_servers.sos]` says both.
        let mut servers = TomlTable::new();
        servers.set_implicit(true);
        Item::Table(servers)
    });
    match servers {
        Item::Table(servers) => put(servers, name, entry, is_first),
        Item::Value(TomlValue::InlineTable(servers)) => {
            servers.insert(name, inline(entry.expose()));
        }
        _ => return Err(no_table()),
    }
    Ok(file.to_string())
}

pub fn remove(body: &str, root: &str, name: &str) -> Result<String, MergeError> {
    let mut file: DocumentMut = body.parse().map_err(|error| unread(body, &error))?;
    let servers = file.get_mut(root).and_then(Item::as_table_like_mut);
    let removed = servers.and_then(|servers| servers.remove(name));
    if let Some(Item::Table(ours)) = removed {
        keep_comments(&mut file, &ours);
    }
    Ok(file.to_string())
}

/// Puts what stood above a table that was removed, and does not speak of it, above what followed it: a comment
/// that ends in an empty line.
fn keep_comments(file: &mut DocumentMut, removed: &TomlTable) {
    let above = removed.decor().prefix().and_then(RawString::as_str);
    let Some((comments, _)) = above.and_then(|above| above.rsplit_once("\n\n")) else {
        return;
    };
    if comments.trim().is_empty() {
        return;
    }
    let mut next = Next {
        after: removed.position(),
        nearest: None,
    };
    next.visit_document(file);
    match next.nearest {
        Some(nearest) => Above { nearest, comments }.visit_document_mut(file),
        None => {
            let rest = file.trailing().as_str().unwrap_or_default();
            let trailing = format!("{comments}\n{rest}");
            file.set_trailing(trailing);
        }
    }
}

/// Finds the table that comes next after a place.
struct Next {
    after: Option<isize>,
    nearest: Option<isize>,
}

impl<'doc> Visit<'doc> for Next {
    fn visit_table(&mut self, table: &'doc TomlTable) {
        let place = table.position().filter(|_| !table.is_implicit());
        if place > self.after && (self.nearest.is_none() || place < self.nearest) {
            self.nearest = place;
        }
        visit::visit_table(self, table);
    }
}

/// Puts comments above the table at a place.
struct Above<'a> {
    nearest: isize,
    comments: &'a str,
}

impl VisitMut for Above<'_> {
    fn visit_table_mut(&mut self, table: &mut TomlTable) {
        if table.position() == Some(self.nearest) && !table.is_implicit() {
            let own = table.decor().prefix().and_then(RawString::as_str);
            let own = own.unwrap_or_default();
            let apart = if own.starts_with('\n') { "" } else { "\n" };
            let prefix = format!("{}\n{apart}{own}", self.comments);
            table.decor_mut().set_prefix(prefix);
        }
        visit_mut::visit_table_mut(self, table);
    }
}

fn put(servers: &mut TomlTable, name: &str, entry: &Table, is_first: bool) {
    let is_dotted = servers.is_dotted();
    match servers.get_mut(name) {
        // In its place, with the comments before it.
        Some(Item::Table(there)) => {
            there.clear();
            there.set_implicit(false);
            fill(there, entry.expose());
        }
        Some(there) => *there = Item::Value(inline(entry.expose())),
        None if is_dotted => {
            servers.insert(name, Item::Value(inline(entry.expose())));
        }
        None => {
            let mut table = TomlTable::new();
            fill(&mut table, entry.expose());
            if !is_first {
                table.decor_mut().set_prefix("\n");
            }
            servers.insert_formatted(&Key::new(name), Item::Table(table));
        }
    }
}

fn fill(table: &mut dyn TableLike, map: &Map<String, Value>) {
    for (key, item) in map {
        if let Some(item) = value(item) {
            table.insert(key, Item::Value(item));
        }
    }
}

fn inline(map: &Map<String, Value>) -> TomlValue {
    let mut table = InlineTable::new();
    fill(&mut table, map);
    table.into()
}

/// `None` for null, which TOML does not have.
fn value(value: &Value) -> Option<TomlValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items
            .iter()
            .filter_map(self::value)
            .collect::<Array>()
            .into(),
        Value::Object(map) => inline(map),
    })
}
