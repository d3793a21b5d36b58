//! YAML.

use std::str::FromStr;

use serde_json::{Map, Value};
use serde_saphyr::Error;
use serde_saphyr::options::NonFiniteFloatPolicy;
use yaml_edit::{Document, Mapping};

use super::MergeError;
use crate::entry::Table;
use crate::format::Format;

/// How far the library, and [`written`], indent what is inside something.
const STEP: usize = 2;

pub fn read(body: &str) -> Result<Value, MergeError> {
    // A text of comments alone says nothing, and is no document to some readers.
    if is_blank(body) {
        return Ok(Value::Null);
    }
    let options = serde_saphyr::options! {
        // Kept apart from null, which is all that JSON has for them.
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(body, options).map_err(|error| unread(&error))
}

fn is_blank(body: &str) -> bool {
    body.lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#'))
}

fn unread(error: &Error) -> MergeError {
    let at = error.location();
    let count = |number: Option<u64>| {
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(1)
    };
    let (line, column) = (
        count(at.map(|at| at.line())),
        count(at.map(|at| at.column())),
    );
    match error.without_snippet() {
        Error::MultipleDocuments { .. } => MergeError::Unsure,
        Error::DuplicateMappingKey { .. } => MergeError::Twice { line, column },
        _ => MergeError::Broken {
            format: Format::Yaml,
            line,
            column,
        },
    }
}

pub fn merge(body: &str, root: &str, name: &str, entry: &Table) -> Result<String, MergeError> {
    if is_blank(body) {
        return Ok(under_comments(body, root, name, entry));
    }
    let file = editable(body)?;
    let top = file.as_mapping().ok_or(MergeError::Unsure)?;
    let mut ours = written(entry.expose(), 0);
    let (holder, key) = match top.get_mapping(root) {
        Some(servers) => (servers, name),
        None => {
            ours = format!("{name}:\n{}", written(entry.expose(), STEP));
            (top, root)
        }
    };
    holder.set(key, built(&ours)?);
    let start = holder
        .find_entry_by_key(key)
        .ok_or(MergeError::Unsure)?
        .byte_range()
        .start;
    let merged = file.to_string();
    let start = usize::try_from(start).map_err(|_| MergeError::Unsure)?;
    Ok(stretched(&merged, start, ours.lines().count(), step(body)))
}

/// The text as one document; what stands outside of it would be lost.
fn editable(body: &str) -> Result<Document, MergeError> {
    let file = Document::from_str(body).map_err(|_| MergeError::Unsure)?;
    if file.to_string() == body {
        Ok(file)
    } else {
        Err(MergeError::Unsure)
    }
}

pub fn remove(body: &str, root: &str, name: &str) -> Result<String, MergeError> {
    let file = editable(body)?;
    let servers = file.get_mapping(root).ok_or(MergeError::Unsure)?;
    servers.remove(name).ok_or(MergeError::Unsure)?;
    Ok(file.to_string())
}

/// A text that says nothing yet keeps its comments above what is added.
fn under_comments(body: &str, root: &str, name: &str, entry: &Table) -> String {
    let mut text = body.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("{root}:\n  {name}:\n"));
    text.push_str(&written(entry.expose(), 2 * STEP));
    text
}

/// `text` with the `count` lines below the key at `start`, which are ours and indented by
/// [`STEP`], indented by `step` as the rest of the file is.
fn stretched(text: &str, start: usize, count: usize, step: usize) -> String {
    let (before, ours) = text.split_at_checked(start).unwrap_or((text, ""));
    let base = before.len() - before.trim_end_matches(' ').len();
    let mut stretched = before.to_owned();
    for (number, line) in ours.split_inclusive('\n').enumerate() {
        let bare = line.trim_start_matches(' ');
        let deeper = (line.len() - bare.len()).saturating_sub(base) / STEP;
        if (1..=count).contains(&number) && deeper > 0 {
            stretched.push_str(&" ".repeat(base + deeper * step));
            stretched.push_str(bare);
        } else {
            stretched.push_str(line);
        }
    }
    stretched
}

/// How far the text indents what is inside something: as far as it does first.
fn step(body: &str) -> usize {
    let mut lines = body
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    // Not below a list or a text of several lines, which need not be indented alike.
    let opens = |line: &str| line.ends_with(':') && !line.starts_with([' ', '\t', '-']);
    while let Some(line) = lines.next() {
        let inside = lines.clone().next().unwrap_or_default();
        let spaces = inside.len() - inside.trim_start_matches(' ').len();
        if opens(line.trim_end()) && spaces > 0 {
            return spaces;
        }
    }
    STEP
}

fn built(text: &str) -> Result<Mapping, MergeError> {
    Document::from_str(text)
        .ok()
        .and_then(|document| document.as_mapping())
        .ok_or(MergeError::Unsure)
}

/// In block style; every text quoted, since a bare one may mean something else.
fn written(map: &Map<String, Value>, indent: usize) -> String {
    let mut text = String::new();
    for (key, value) in map {
        text.push_str(&" ".repeat(indent));
        text.push_str(key);
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push_str(":\n");
                text.push_str(&written(inner, indent + STEP));
            }
            // What JSON writes is what YAML reads.
            other => text.push_str(&format!(": {other}\n")),
        }
    }
    text
}
