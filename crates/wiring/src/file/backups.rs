//! What stood in a file before: the first such text stays for good, of the later ones the last
//! few. A name that is taken is never written to. Tokens and keys of Husting's own are left out: they
//! may open the bus for long after whoever wired the file believes them gone.

use std::ffi::{OsStr, OsString};
use std::io;

use husting_domain::secrets::without_own;

use super::folder::Folder;
use super::with_ending;

/// What follows a file's name in its backup's, before a number.
pub const ENDING: &str = ".before-husting";

/// How many numbered ones are kept.
const KEPT: usize = 9;

/// A backup that holds the text.
pub struct Backup {
    pub name: OsString,
    is_new: bool,
}

impl Backup {
    /// Takes back what was made, when the file was not written after all.
    pub fn undo(&self, folder: &Folder) -> io::Result<()> {
        if self.is_new {
            folder.remove(&self.name)
        } else {
            Ok(())
        }
    }
}

/// Keeps `text`, without our own tokens, under the next free name, or finds it in the last one.
pub fn keep(folder: &Folder, name: &OsStr, text: &str) -> io::Result<Backup> {
    let text = &*without_own(text);
    let last = numbers(folder, name)?.last().copied();
    if let Some(last) = last {
        let last = numbered(name, last);
        // One that cannot be read is somebody else's, and no reason to stop.
        if folder
            .read(&last)
            .is_ok_and(|there| there.as_deref() == Some(text))
        {
            return Ok(Backup {
                name: last,
                is_new: false,
            });
        }
    }
    let mut number = last.map_or(0, |last| last.saturating_add(1));
    loop {
        let name = numbered(name, number);
        match folder.create(&name, text) {
            Ok(()) => return Ok(Backup { name, is_new: true }),
            // Taken by whoever writes at the same time.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => {
                number += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Removes the oldest numbered ones beyond those that are kept.
pub fn forget_oldest(folder: &Folder, name: &OsStr) -> io::Result<()> {
    let numbers = numbers(folder, name)?;
    let numbered_ones = numbers.strip_prefix(&[0]).unwrap_or(&numbers);
    let excess = numbered_ones.len().saturating_sub(KEPT);
    for &number in &numbered_ones[..excess] {
        folder.remove(&numbered(name, number))?;
    }
    Ok(())
}

/// The numbers in use, rising; 0 is the one without a number.
fn numbers(folder: &Folder, name: &OsStr) -> io::Result<Vec<u32>> {
    let first = with_ending(name, ENDING);
    let first = first.as_encoded_bytes();
    let mut numbers: Vec<u32> = folder
        .names()?
        .iter()
        .filter_map(|there| {
            let rest = there.as_encoded_bytes().strip_prefix(first)?;
            let number = std::str::from_utf8(rest).ok()?;
            match number.strip_prefix('.') {
                None => number.is_empty().then_some(0),
                // Only as it is written here: "+1" and "01" are somebody else's.
                Some(digits) => digits
                    .parse()
                    .ok()
                    .filter(|number: &u32| *number > 0 && number.to_string() == digits),
            }
        })
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn numbered(name: &OsStr, number: u32) -> OsString {
    match number {
        0 => with_ending(name, ENDING),
        number => with_ending(name, &format!("{ENDING}.{number}")),
    }
}
