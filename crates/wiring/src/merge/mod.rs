//! Our entry put into the text of a file that is somebody's own: comments, order, indentation
//! and the other servers stay as they are.
//!
//! Each format is edited by a library that keeps what it does not understand. What it made is
//! read once more by a strict reader and compared with what it should say, so that a library's
//! fault ends as a refusal and not as somebody's broken file.

mod json;
mod toml;
mod yaml;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::entry::Table;
use crate::format::Format;

/// Why a text is left as it is. None of these repeats a piece of it, since it may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// It cannot be read.
    #[error("it is not valid {format}: look at line {line}, column {column}")]
    Broken {
        /// What it should be.
        format: Format,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
    /// A key stands twice in one table, so that it is not known which of them counts.
    #[error(
        "a key stands twice in the same table: the second is at line {line}, column {column}; \
         remove one of them"
    )]
    Twice {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
    /// Something else stands where the servers belong.
    #[error("{0} holds something else than a table")]
    NoTable(String),
    /// It could only be changed at the expense of something else in it.
    #[error(
        "it is written in a way in which Husting cannot change its entry without changing the rest"
    )]
    Unsure,
    /// There is no file to merge into.
    #[error("this client keeps no file; it is wired by a command")]
    NoFile,
}

/// `text` with `entry` under `name` in the table `root`: replaced where it stands, else added
/// after the others. An empty text is one without servers.
///
/// # Errors
/// [`MergeError`] when the text cannot be read, or not be changed safely.
pub fn merge(
    text: &str,
    format: Format,
    root: &str,
    name: &str,
    entry: &Table,
) -> Result<String, MergeError> {
    let put = |body: &str| match format {
        Format::Json | Format::Jsonc => json::merge(body, format, root, name, entry),
        Format::Toml => toml::merge(body, root, name, entry),
        Format::Yaml => yaml::merge(body, root, name, entry),
        Format::Command => Err(MergeError::NoFile),
    };
    edited(text, format, root, put, |file| {
        servers_of(file, root)?.insert(name.to_owned(), entry.expose().clone().into());
        Ok(())
    })
}

/// `text` without what stands under `name` in the table `root`. The table itself may stay, empty.
///
/// # Errors
/// [`MergeError`] when the text cannot be read, or not be changed safely.
pub fn remove(text: &str, format: Format, root: &str, name: &str) -> Result<String, MergeError> {
    let take = |body: &str| match format {
        Format::Json | Format::Jsonc => json::remove(body, format, root, name),
        Format::Toml => toml::remove(body, root, name),
        Format::Yaml => yaml::remove(body, root, name),
        Format::Command => Err(MergeError::NoFile),
    };
    edited(text, format, root, take, |file| {
        servers_of(file, root)?.remove(name);
        Ok(())
    })
}

/// `text` as `edit` has it, which must say what it said before with `change` done to it: an empty table of
/// servers, and none at all, say the same.
fn edited(
    text: &str,
    format: Format,
    root: &str,
    edit: impl FnOnce(&str) -> Result<String, MergeError>,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<(), MergeError>,
) -> Result<String, MergeError> {
    let (mark, body) = split_mark(text);
    let windows = body.contains("\r\n") && !body.replace("\r\n", "").contains('\n');
    let body = if windows {
        Cow::Owned(body.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(body)
    };

    let mut expected = read(&body, format)?;
    let made = ended_like(&body, edit(&body)?);
    change(&mut expected)?;
    let said = read(&made, format).map_err(|_| MergeError::Unsure)?;
    if without_empty(said, root) != without_empty(expected, root) {
        return Err(MergeError::Unsure);
    }
    let made = if windows {
        made.replace('\n', "\r\n")
    } else {
        made
    };
    Ok(format!("{mark}{made}"))
}

fn without_empty(mut file: Map<String, Value>, root: &str) -> Map<String, Value> {
    let is_empty = match file.get(root) {
        Some(Value::Object(servers)) => servers.is_empty(),
        Some(Value::Null) => true,
        _ => false,
    };
    if is_empty {
        file.remove(root);
    }
    file
}

/// What stands under `name` in the table `root`.
///
/// # Errors
/// [`MergeError`] when the text cannot be read.
pub fn entry_in(
    text: &str,
    format: Format,
    root: &str,
    name: &str,
) -> Result<Option<Value>, MergeError> {
    let mut file = read(split_mark(text).1, format)?;
    Ok(servers_of(&mut file, root)?.remove(name))
}

/// The keys in the table `root`, in their order.
///
/// # Errors
/// [`MergeError`] when the text cannot be read.
pub fn names(text: &str, format: Format, root: &str) -> Result<Vec<String>, MergeError> {
    let mut file = read(split_mark(text).1, format)?;
    Ok(servers_of(&mut file, root)?.keys().cloned().collect())
}

/// Everything the text says, strictly read; an empty one says an empty table.
fn read(body: &str, format: Format) -> Result<Map<String, Value>, MergeError> {
    let value = match format {
        Format::Json | Format::Jsonc => json::read(body, format),
        Format::Toml => toml::read(body),
        Format::Yaml => yaml::read(body),
        Format::Command => Err(MergeError::NoFile),
    }?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(MergeError::NoTable("the file".into())),
    }
}

/// The table of servers, made where it is missing or empty.
fn servers_of<'a>(
    file: &'a mut Map<String, Value>,
    root: &str,
) -> Result<&'a mut Map<String, Value>, MergeError> {
    let servers = file.entry(root).or_insert(Value::Null);
    if servers.is_null() {
        *servers = Value::Object(Map::new());
    }
    servers
        .as_object_mut()
        .ok_or_else(|| MergeError::NoTable(format!("the key {root:?}")))
}

/// A byte order mark, which some editors put before everything, and the rest.
fn split_mark(text: &str) -> (&str, &str) {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => text.split_at(text.len() - rest.len()),
        None => ("", text),
    }
}

/// `merged` with or without a last newline, as `body` had it. A new file has one.
fn ended_like(body: &str, mut merged: String) -> String {
    merged.truncate(merged.trim_end_matches('\n').len());
    let newlines = body.len() - body.trim_end_matches('\n').len();
    // One that says nothing any more is empty.
    let newlines = match (body.trim().is_empty(), merged.is_empty()) {
        (_, true) => 0,
        (true, false) => 1,
        (false, false) => newlines,
    };
    merged.push_str(&"\n".repeat(newlines));
    merged
}

/// Line and column of the byte at `offset`, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_counted_from_one_in_characters() {
        assert_eq!(position("äb\ncd", 0), (1, 1));
        assert_eq!(position("äb\ncd", 2), (1, 2));
        assert_eq!(position("äb\ncd", 5), (2, 2));
        assert_eq!(position("ab", 99), (1, 3));
    }

    #[test]
    fn a_text_ends_as_it_ended() {
        assert_eq!(ended_like("a", "b\n".into()), "b");
        assert_eq!(ended_like("a\n\n", "b".into()), "b\n\n");
        assert_eq!(ended_like("", "b".into()), "b\n");
    }
}
