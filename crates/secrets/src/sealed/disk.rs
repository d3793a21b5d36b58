//! Files that are their owner's alone, read whole and replaced whole.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};
use zeroize::Zeroizing;

use crate::SecretsError;

/// A file of mode 0600 or narrower. The mode asked about is that of the file which is read.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    let failed = || SecretsError::io("read", path);
    let mut file = File::open(path).map_err(failed())?;
    let metadata = file.metadata().map_err(failed())?;
    if !metadata.is_file() {
        let kind = io::ErrorKind::InvalidInput;
        return Err(failed()(io::Error::new(kind, "it is not a regular file")));
    }
    refuse_wider(path, &metadata)?;
    // With room to spare the buffer never moves and leaves no copy behind.
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.read_to_end(&mut bytes).map_err(failed())?;
    Ok(bytes)
}

#[cfg(unix)]
fn refuse_wider(path: &Path, metadata: &Metadata) -> Result<(), SecretsError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(SecretsError::WiderPermissions {
        path: path.to_owned(),
        mode,
        fix: format!("chmod 600 {}", quoted(path)),
    })
}

// Elsewhere the folders of a person are closed to others by their access lists.
#[cfg(not(unix))]
fn refuse_wider(_path: &Path, _metadata: &Metadata) -> Result<(), SecretsError> {
    Ok(())
}

/// As a shell takes it literally.
#[cfg(unix)]
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// Bytes that are on the disk beside the file they are for, and not yet it.
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

/// Writes `bytes` into a new file (mode 0600, created exclusively) in the folder of `path`.
pub fn stage(path: &Path, bytes: &[u8]) -> Result<Staged, SecretsError> {
    let failed = || SecretsError::io("write beside", path);
    let mut file = Builder::new()
        .prefix(".sealed-")
        .tempfile_in(folder(path))
        .map_err(failed())?;
    file.write_all(bytes).map_err(failed())?;
    file.as_file().sync_all().map_err(failed())?;
    Ok(Staged {
        file,
        path: path.to_owned(),
    })
}

impl Staged {
    /// Takes the file's place in one step.
    pub fn replace(self) -> Result<(), SecretsError> {
        let failed = SecretsError::io("replace", &self.path);
        self.file
            .persist(&self.path)
            .map_err(|fault| failed(fault.error))?;
        sync_folder(&self.path)
    }

    /// Takes a place that nothing holds.
    pub fn create(self) -> Result<(), SecretsError> {
        let failed = SecretsError::io("create", &self.path);
        let placed = self.file.persist_noclobber(&self.path);
        placed.map_err(|fault| match fault.error.kind() {
            io::ErrorKind::AlreadyExists => SecretsError::Exists,
            _ => failed(fault.error),
        })?;
        sync_folder(&self.path)
    }
}

/// A rename lasts once its folder is on the disk.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), SecretsError> {
    let folder = folder(path);
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(SecretsError::io("save the folder", folder))
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> Result<(), SecretsError> {
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
