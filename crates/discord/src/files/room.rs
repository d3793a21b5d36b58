//! How much may still be fetched: for one message, and into the folder.

use std::io;
use std::path::Path;

use super::{Skipped, is_of_question};

/// Most bytes of all files of one message: 25 MiB.
const MOST_BYTES_OF_MESSAGE: u64 = 25 << 20;
/// Most bytes of all files that are kept: 1 GiB.
pub const MOST_BYTES_KEPT: u64 = 1 << 30;

/// What the files of one message may still take.
pub struct Room {
    of_message: u64,
    on_disk: u64,
}

impl Room {
    /// For a message of which nothing was fetched, with so many bytes left in the folder.
    pub const fn of(on_disk: u64) -> Self {
        Self {
            of_message: MOST_BYTES_OF_MESSAGE,
            on_disk,
        }
    }

    /// Takes what a file needs.
    pub fn take(&mut self, bytes: u64) -> Result<(), Skipped> {
        let of_message = self.of_message.checked_sub(bytes);
        let of_message = of_message.ok_or(Skipped::TooMuch)?;
        self.on_disk = self.on_disk.checked_sub(bytes).ok_or(Skipped::NoRoom)?;
        self.of_message = of_message;
        Ok(())
    }

    /// A file of the message is in the folder already.
    pub const fn has(&mut self, bytes: u64) {
        self.of_message = self.of_message.saturating_sub(bytes);
    }
}

/// Bytes that the folder holds in files of questions.
pub fn kept_in(folder: &Path) -> io::Result<u64> {
    let mut kept = 0;
    for question in entries(folder)? {
        let question = question?;
        if !is_of_question(&question.file_name()) {
            continue;
        }
        for file in entries(&question.path())? {
            kept += file?.metadata()?.len();
        }
    }
    Ok(kept)
}

/// None of a folder that is not there.
fn entries(
    folder: &Path,
) -> io::Result<impl Iterator<Item = io::Result<std::fs::DirEntry>> + use<>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(fault) => Err(fault),
    }
}
