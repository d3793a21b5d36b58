//! Looking for what must be nowhere.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Files below `folder` that hold any of `needles`, with the name of what they hold.
pub fn holders(folder: &Path, needles: &[(&str, &str)]) -> Vec<String> {
    let files = files(folder);
    let found = files.iter().flat_map(|file| {
        let bytes = read(file);
        let hits = needles
            .iter()
            .filter(move |(_, needle)| holds(&bytes, needle.as_bytes()));
        hits.map(|(name, _)| {
            format!(
                "{name} in {}",
                file.strip_prefix(folder).unwrap_or(file).display()
            )
        })
    });
    found.collect()
}

/// What the tokens of agents, tenants and keys begin with.
const TOKENS: [&str; 3] = ["hst_a_", "hst_t_", "mmo_live_"];
/// So many characters of a token behind its beginning are more than may ever be named.
const TOO_MANY: usize = 24;

/// Files below `folder` that hold the better part of anybody's token, with its kind.
pub fn holders_of_tokens(folder: &Path) -> Vec<String> {
    let files = files(folder);
    let found = files.iter().flat_map(|file| {
        let bytes = read(file);
        let kinds = TOKENS.iter().filter(move |kind| holds_token(&bytes, kind));
        kinds.map(|kind| format!("{kind}… in {}", file.display()))
    });
    found.collect()
}

/// Kinds of the tokens in a text.
pub fn tokens_in(text: &str) -> Vec<&'static str> {
    let kinds = TOKENS.into_iter();
    kinds
        .filter(|kind| holds_token(text.as_bytes(), kind))
        .collect()
}

/// The command lines of a process and of all that it started, words apart by a blank.
pub fn command_lines(process: u32) -> Vec<String> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("processes are listed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut family = vec![process];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        let children = parents.iter().filter(|(_, of)| *of == parent);
        family.extend(children.map(|(pid, _)| *pid));
        next += 1;
    }
    let lines = family.iter().filter_map(|pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some(String::from_utf8_lossy(&words).replace('\0', " "))
    });
    lines.collect()
}

/// The second field behind the name, which may hold anything but ends with the last parenthesis.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(1)?.parse().ok()
}

fn holds_token(bytes: &[u8], kind: &str) -> bool {
    let marks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    let starts = marks.filter_map(|(at, _)| at.checked_sub(kind.len() - 1));
    let mut found = starts.filter(|start| bytes[*start..].starts_with(kind.as_bytes()));
    found.any(|start| {
        let secret = &bytes[start + kind.len()..];
        let length = secret
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric());
        length.count() >= TOO_MANY
    })
}

fn read(file: &Path) -> Vec<u8> {
    match fs::read(file) {
        Ok(bytes) => bytes,
        // A running program takes its own files away.
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => panic!("{} cannot be read: {error}", file.display()),
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Whether `needle` stands anywhere in `bytes`.
pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}
