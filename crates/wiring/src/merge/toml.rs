//! TOML.

use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::{
    Array, Document, DocumentMut, InlineTable, Item, Key, Table as TomlTable, TableLike, TomlError,
    Value as TomlValue,
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
    // With the place of everything in it, which what is read to be changed does not have.
    let file = Document::parse(body).map_err(|error| unread(body, &error))?;
    if let Some(Item::Table(servers)) = file.get(root) {
        let mut ours = Pieces::default();
        if let Some((key, item)) = servers.get_key_value(name) {
            ours.add(key, item);
        }
        let mut all = Pieces::default();
        all.add_all(file.as_table());
        return Ok(without(body, &ours.found(), &all.found()));
    }
    let mut file: DocumentMut = body.parse().map_err(|error| unread(body, &error))?;
    if let Some(servers) = file.get_mut(root).and_then(Item::as_table_like_mut) {
        servers.remove(name);
    }
    Ok(file.to_string())
}

/// Where things are written, in bytes.
#[derive(Default)]
struct Pieces {
    /// From a key to the end of its value.
    values: Vec<Range<usize>>,
    /// From a header to the last value under it.
    sections: Vec<Range<usize>>,
}

impl Pieces {
    fn add(&mut self, key: &Key, item: &Item) {
        match item {
            Item::None => {}
            Item::Value(value) => {
                let (key, value) = (key.span(), value.span());
                let whole = key.zip(value).map(|(key, value)| key.start..value.end);
                self.values.extend(whole);
            }
            Item::Table(table) if table.is_dotted() => self.add_all(table),
            Item::Table(table) => self.add_section(table),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|table| self.add_section(table)),
        }
    }

    fn add_all(&mut self, table: &TomlTable) {
        for (name, _) in table {
            if let Some((key, item)) = table.get_key_value(name) {
                self.add(key, item);
            }
        }
    }

    fn add_section(&mut self, table: &TomlTable) {
        let mut inside = Self::default();
        inside.add_all(table);
        if let Some(header) = table.span().filter(|_| !table.is_implicit()) {
            let last = inside.values.iter().map(|value| value.end).max();
            self.sections.push(header.start..last.unwrap_or(header.end));
        }
        self.sections.extend(inside.sections);
    }

    fn found(self) -> Vec<Range<usize>> {
        [self.values, self.sections].concat()
    }
}

/// `body` without the lines of what is ours, the comments right above them, and empty lines that would follow
/// others then. `all` is where everything stands: what looks like a comment in the midst of it is none.
fn without(body: &str, ours: &[Range<usize>], all: &[Range<usize>]) -> String {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in body.split_inclusive('\n') {
        lines.push((start..start + line.len(), line));
        start += line.len();
    }
    let mut is_ours = vec![false; lines.len()];
    for piece in ours {
        let before = all.iter().map(|other| other.end);
        let before = before.filter(|end| *end <= piece.start).max();
        let mut is_above = false;
        for (index, (place, line)) in lines.iter().enumerate().rev() {
            let is_piece = place.start < piece.end && piece.start < place.end;
            let is_comment = line.trim_start().starts_with('#') && before <= Some(place.start);
            is_above = is_piece || (is_above && is_comment);
            is_ours[index] |= is_above;
        }
    }
    let mut kept = String::with_capacity(body.len());
    let (mut was_cut, mut was_blank) = (false, true);
    for ((_, line), is_ours) in lines.into_iter().zip(is_ours) {
        let is_blank = line.trim().is_empty();
        if is_ours {
            was_cut = true;
        } else if !(is_blank && was_blank && was_cut) {
            kept.push_str(line);
            (was_cut, was_blank) = (was_cut && is_blank, is_blank);
        }
    }
    kept
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
