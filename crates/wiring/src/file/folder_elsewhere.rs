//! The same where there are no open folders to look names up in: by path, with links refused
//! when they are seen. The folders of a person are closed to others by their access lists.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::backups::ENDING;
use super::{LONGEST, with_ending};

const ATTEMPTS: u32 = 100;
const LINK: &str = "it is a symbolic link";

/// Whether the error is that a name is a link, which is never followed.
pub fn is_link(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Other && error.to_string() == LINK
}

pub struct Folder(PathBuf);

impl Folder {
    pub fn open(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            Ok(Self(path.to_owned()))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    pub fn open_or_make(path: &Path) -> io::Result<(Self, bool)> {
        match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path)?;
                Ok((Self::open(path)?, true))
            }
            done => Ok((done?, false)),
        }
    }

    pub fn read(&self, name: &OsStr) -> io::Result<Option<String>> {
        let path = self.0.join(name);
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if metadata.is_symlink() {
            return Err(io::Error::other(LINK));
        }
        if !metadata.is_file() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(path)?;
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| io::ErrorKind::InvalidData.into())
    }

    pub fn create(&self, name: &OsStr, text: &str) -> io::Result<()> {
        let path = self.0.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all());
        drop(file);
        if written.is_err() {
            self.remove(name)?;
        }
        written
    }

    pub fn stage(&self, name: &OsStr, text: &str) -> io::Result<Staged<'_>> {
        for attempt in 0..ATTEMPTS {
            // Left by a crash, it is kept out of git by the pattern that its backups are.
            let ending = format!("{ENDING}.new-{}-{attempt}", std::process::id());
            let staged = with_ending(name, &ending);
            match self.create(&staged, text) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                done => {
                    return done.map(|()| Staged {
                        folder: self,
                        staged: Some(staged),
                        name: name.to_owned(),
                    });
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// Whoever replaces a file here owns it by the folder's access list.
    pub fn take_owner(&self, _name: &OsStr, _like: &OsStr) -> io::Result<bool> {
        Ok(true)
    }

    pub fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.0)?
            .map(|entry| Ok(entry?.file_name()))
            .collect()
    }
}

/// A text on the disk that is not yet the file. Dropped, it is gone.
pub struct Staged<'a> {
    folder: &'a Folder,
    staged: Option<OsString>,
    name: OsString,
}

impl Staged<'_> {
    /// Becomes a file that was not there (`AlreadyExists` if it is).
    pub fn appear(self) -> io::Result<()> {
        if let Some(staged) = &self.staged {
            let folder = &self.folder.0;
            fs::hard_link(folder.join(staged), folder.join(&self.name))?;
        }
        Ok(())
    }

    /// Takes the place of the file.
    pub fn replace(mut self) -> io::Result<()> {
        if let Some(staged) = &self.staged {
            let folder = &self.folder.0;
            fs::rename(folder.join(staged), folder.join(&self.name))?;
        }
        self.staged = None;
        Ok(())
    }

    pub fn take_owner(&self) -> io::Result<bool> {
        Ok(true)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if let Some(staged) = &self.staged
            && self.folder.remove(staged).is_err()
        {
            // Nothing more can be done: it is its owner's alone and named as ours.
        }
    }
}
