//! A folder that is held open: names in it are looked up in this very folder, whatever its own
//! path means by then.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, Gid, Mode, OFlags, RenameFlags, Uid};
use rustix::io::Errno;

use super::backups::ENDING;
use super::{LONGEST, with_ending};

/// Read and written by its owner alone.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);
/// How many names for a file on its way are tried before somebody is in the way on purpose.
const ATTEMPTS: u32 = 100;

/// Whether the error is that a name is a link, which is never followed.
pub fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

pub struct Folder(OwnedFd);

impl Folder {
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// The folder, made with those above it for their owner alone where it is missing; and whether it was.
    pub fn open_or_make(path: &Path) -> io::Result<(Self, bool)> {
        match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                Ok((Self::open(path)?, true))
            }
            done => Ok((done?, false)),
        }
    }

    /// The text of a regular file, `None` where there is nothing. An error are a link
    /// ([`is_link`]), what is no text (`InvalidData`), and what is too long (`FileTooLarge`).
    pub fn read(&self, name: &OsStr) -> io::Result<Option<String>> {
        // Without NONBLOCK a pipe would be waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            // A socket cannot be opened at all.
            Err(Errno::NXIO) => return Err(io::ErrorKind::IsADirectory.into()),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Writes a new file that is its owner's alone; nothing is left of one that fails.
    pub fn create(&self, name: &OsStr, text: &str) -> io::Result<()> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::openat(&self.0, name, flags, PRIVATE)?);
        let written = (|| {
            // A narrow umask may have taken the owner's rights as well.
            rustix::fs::fchmod(&file, PRIVATE)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })();
        if written.is_err() {
            self.remove(name)?;
        }
        written
    }

    /// The text under another name, ready to take the place of `name`.
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
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Gives `name` to the owner of `like`, for whom it would else be unreadable; false where
    /// that is not allowed.
    pub fn take_owner(&self, name: &OsStr, like: &OsStr) -> io::Result<bool> {
        let of = |name| rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW);
        let (ours, theirs) = (of(name)?, of(like)?);
        if ours.st_uid == theirs.st_uid {
            return Ok(true);
        }
        let (user, group) = (Uid::from_raw(theirs.st_uid), Gid::from_raw(theirs.st_gid));
        let given = rustix::fs::chownat(
            &self.0,
            name,
            Some(user),
            Some(group),
            AtFlags::SYMLINK_NOFOLLOW,
        );
        match given {
            Err(Errno::PERM) => Ok(false),
            done => Ok(done.map(|()| true)?),
        }
    }

    pub fn names(&self) -> io::Result<Vec<OsString>> {
        Dir::read_from(&self.0)?
            .map(|entry| Ok(OsString::from_vec(entry?.file_name().to_bytes().to_vec())))
            .collect()
    }

    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
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
    pub fn appear(mut self) -> io::Result<()> {
        match self.rename(RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.appear_by_claim(),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(()),
        }
    }

    /// The same where the file system, as one of a network, does not know the request: the name is
    /// taken by an empty file, which nobody else can do then, and that one is replaced.
    fn appear_by_claim(mut self) -> io::Result<()> {
        let (folder, name) = (self.folder, self.name.clone());
        folder.create(&name, "")?;
        let renamed = self.rename(RenameFlags::empty());
        if renamed.is_err() {
            folder.remove(&name)?;
        }
        Ok(renamed?)
    }

    /// Takes the place of the file.
    pub fn replace(mut self) -> io::Result<()> {
        Ok(self.rename(RenameFlags::empty())?)
    }

    /// Gives it to the owner of the file it is to replace; false where that is not allowed.
    pub fn take_owner(&self) -> io::Result<bool> {
        match &self.staged {
            Some(staged) => self.folder.take_owner(staged, &self.name),
            None => Ok(true),
        }
    }

    fn rename(&mut self, flags: RenameFlags) -> Result<(), Errno> {
        let folder = &self.folder.0;
        if let Some(staged) = &self.staged {
            rustix::fs::renameat_with(folder, staged, folder, &self.name, flags)?;
        }
        self.staged = None;
        // The file stands there either way; there are file systems that know no such request, and
        // nothing is taken back for that.
        self.folder.sync().ok();
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        (place, folder)
    }

    fn is_taken(done: &io::Result<()>) -> bool {
        let error = done.as_ref().err();
        error.is_some_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
    }

    #[test]
    fn a_name_is_taken_by_whoever_comes_first() {
        let (place, folder) = folder();
        let name = OsStr::new("a");
        std::fs::write(place.path().join(name), "theirs").unwrap();
        let by_request = folder.stage(name, "ours").unwrap().appear();
        let by_claim = folder.stage(name, "ours").unwrap().appear_by_claim();
        for done in [folder.create(name, "ours"), by_request, by_claim] {
            assert!(is_taken(&done), "{done:?}");
        }
        assert_eq!(folder.read(name).unwrap().as_deref(), Some("theirs"));
        assert_eq!(folder.names().unwrap().len(), 3, "and nothing is left");
    }

    #[test]
    fn a_file_on_its_way_takes_a_name_that_nobody_has() {
        let (place, folder) = folder();
        let name = OsStr::new("a");
        let taken = format!("a{ENDING}.new-{}-0", std::process::id());
        std::fs::write(place.path().join(&taken), "theirs").unwrap();
        folder
            .stage(name, "ours")
            .unwrap()
            .appear_by_claim()
            .unwrap();
        assert_eq!(folder.read(name).unwrap().as_deref(), Some("ours"));
        let there = folder.read(OsStr::new(&taken)).unwrap();
        assert_eq!(there.as_deref(), Some("theirs"));
    }
}
