//! Answers on standard output.

pub mod table;
pub mod words;

use std::io::{self, Write};

use husting_wire::sessions::Exported;
use serde::Serialize;

use crate::exit::{Exit, Failure};

/// Prints a text; whatever is in it that steers a terminal is left out.
///
/// # Errors
/// When standard output fails, say because its reader has gone.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(words::inert(text).as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::Stream)
}

/// Prints a line.
///
/// # Errors
/// As [`text`].
pub fn line(line: &str) -> Result<(), Failure> {
    text(&format!("{line}\n"))
}

/// Prints a file that the console wrote, with JSON as a document around it.
///
/// # Errors
/// As [`text`].
pub fn file(written: &Exported, as_json: bool) -> Result<(), Failure> {
    if as_json {
        json(written)
    } else {
        text(&written.text)
    }
}

/// Prints what a command answers: as one JSON document, or in words.
///
/// # Errors
/// As [`text`].
pub fn answer(record: &impl Serialize, as_json: bool, words: &str) -> Result<Exit, Failure> {
    if as_json {
        json(record)?;
    } else {
        text(words)?;
    }
    Ok(Exit::Done)
}

/// Prints one JSON document, indented.
///
/// # Errors
/// As [`text`].
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Prints one JSON document on one line.
///
/// # Errors
/// As [`text`].
pub fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    line(&serde_json::to_string(value)?)
}
