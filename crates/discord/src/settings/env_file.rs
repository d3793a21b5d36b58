//! An env file, read as `dotenvy` does, and with JSON in a value as the public page writes it.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::de::IgnoredAny;

/// An env file cannot be read. What stands in it is never told: it may be a token.
#[derive(Debug, thiserror::Error)]
pub enum EnvFileError {
    /// It cannot be opened or read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is no assignment.
    #[error(
        "{}, line {line}: no assignment; write NAME=value, with quotes around a value that has \
         spaces, and close every quote",
        path.display()
    )]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where the assignment begins, from 1.
        line: usize,
    },
    /// A line is no text in UTF-8.
    #[error("{}, line {line}: no text in UTF-8; save the file as UTF-8", path.display())]
    NoText {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// What a file assigns, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Assigned {
    pub(super) name: String,
    pub(super) value: String,
    /// Where it begins, from 1.
    pub(super) line: usize,
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<Assigned>, EnvFileError> {
    let bytes = std::fs::read(path).map_err(|source| EnvFileError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let text = String::from_utf8(bytes).map_err(|fault| {
        let read = &fault.as_bytes()[..fault.utf8_error().valid_up_to()];
        EnvFileError::NoText {
            path: path.to_owned(),
            line: 1 + read.iter().filter(|byte| **byte == b'\n').count(),
        }
    })?;
    assigned(&text).map_err(|line| EnvFileError::Malformed {
        path: path.to_owned(),
        line,
    })
}

/// What a text assigns, or the line of what cannot be read.
fn assigned(text: &str) -> Result<Vec<Assigned>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<String> = text.lines().map(with_json_quoted).collect();
    let read = Rc::new(Cell::new(0));
    let given = OneByOne {
        lines: lines.iter(),
        rest: Vec::new(),
        given: Rc::clone(&read),
    };
    let mut all = Vec::new();
    let mut before = 0;
    for item in dotenvy::from_read_iter(given) {
        let line = begin_of(&lines, before);
        let (name, value) = item.map_err(|_| line)?;
        all.push(Assigned { name, value, line });
        before = read.get();
    }
    Ok(all)
}

/// The first line after so many that says something, from 1.
fn begin_of(lines: &[String], after: usize) -> usize {
    let says = |line: &String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let skipped = lines.iter().skip(after).take_while(|line| !says(line));
    after + skipped.count() + 1
}

/// A line whose value is JSON without quotes around it, `MAP={"1": "kasra"}`, with such quotes: for
/// `dotenvy` the quotes in it would be its own, and the spaces wrong.
fn with_json_quoted(line: &str) -> String {
    let Some((name, value)) = line.split_once('=') else {
        return line.to_owned();
    };
    let value = value.trim();
    if name.contains(['#', '"', '\'']) || !value.starts_with('{') {
        return line.to_owned();
    }
    let mut documents = serde_json::Deserializer::from_str(value).into_iter::<IgnoredAny>();
    let is_json = documents.next().is_some_and(|document| document.is_ok());
    // What is no JSON is told as such later, with its variable.
    let end = if is_json {
        documents.byte_offset()
    } else {
        value.len()
    };
    let (json, comment) = value.split_at(end);
    let escaped = json
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('$', r"\$");
    format!("{name}=\"{escaped}\"{comment}")
}

/// Lines given one at each read, so that it is known how many were taken.
struct OneByOne<'a> {
    lines: std::slice::Iter<'a, String>,
    rest: Vec<u8>,
    given: Rc<Cell<usize>>,
}

impl Read for OneByOne<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let Some(line) = self.lines.next() else {
                return Ok(0);
            };
            self.rest = format!("{line}\n").into_bytes();
            self.given.set(self.given.get() + 1);
        }
        let count = self.rest.len().min(out.len());
        out[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String, usize)>, usize> {
        let all = assigned(text)?.into_iter();
        Ok(all
            .map(|Assigned { name, value, line }| (name, value, line))
            .collect())
    }

    #[rstest]
    #[case("A=b", "b")]
    #[case("export A = b # why", "b")]
    #[case("A=\"two words\"", "two words")]
    #[case("A='$not ${replaced}'", "$not ${replaced}")]
    #[case("A=", "")]
    #[case("A=b \r", "b")]
    #[case("\u{feff}A=b", "b")]
    #[case(r#"A={"1": "kasra", "2": "loom"}"#, r#"{"1": "kasra", "2": "loom"}"#)]
    #[case(r#"A={"1": "kasra"}  # {why}"#, r#"{"1": "kasra"}"#)]
    #[case(r#"A='{"1": "kasra"}'"#, r#"{"1": "kasra"}"#)]
    #[case("A='{\n\"1\": \"kasra\"\n}'", "{\n\"1\": \"kasra\"\n}")]
    #[case(r#"A={"\u0031": "it's $HOME"}"#, r#"{"\u0031": "it's $HOME"}"#)]
    #[case(r#"A={"1": kasra}"#, r#"{"1": kasra}"#)]
    fn a_value_is_read_as_it_is_meant(#[case] text: &str, #[case] value: &str) {
        assert_eq!(read(text), Ok(vec![("A".to_owned(), value.to_owned(), 1)]));
    }

    #[test]
    fn every_assignment_knows_its_line() {
        let text = "# head\n\nA=1\nB='x\ny'\n  # more\nC=3";
        let lines: Vec<_> = read(text)
            .unwrap()
            .into_iter()
            .map(|(name, _, line)| (name, line))
            .collect();
        assert_eq!(
            lines,
            [
                ("A".to_owned(), 3),
                ("B".to_owned(), 4),
                ("C".to_owned(), 7)
            ]
        );
    }

    #[rstest]
    #[case("A=1\nB=two words\nC=3", 2)]
    #[case("# A\n\nno assignment", 3)]
    #[case("A=1\n\nB=\"never closed\nC=3\n", 3)]
    #[case("1A=b", 1)]
    fn what_is_no_assignment_is_told_with_its_line(#[case] text: &str, #[case] line: usize) {
        assert_eq!(read(text), Err(line));
    }

    #[test]
    fn a_file_that_is_no_text_is_told_with_its_line_and_without_its_words() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"A=secret\nB=\xff").unwrap();
        let fault = super::read(file.path()).unwrap_err();
        assert!(matches!(fault, EnvFileError::NoText { line: 2, .. }));
        std::fs::write(file.path(), b"A=secret words here").unwrap();
        let fault = super::read(file.path()).unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains("secret"), "{fault}");
    }
}
