//! Looking for what must be nowhere.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Files below `folder` that hold any of `needles`, with the name of what they hold.
pub fn holders(folder: &Path, needles: &[(&str, &str)]) -> Vec<String> {
    let files = files(folder);
    let found = files.iter().flat_map(|file| {
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            // A running program takes its own files away.
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => panic!("{} cannot be read: {error}", file.display()),
        };
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
