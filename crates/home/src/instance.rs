//! The instance that runs on a data folder: its address and its operator token, in a file that
//! only this user reads and that goes when the instance goes.

use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::folder::{Home, make_private_folder, replace_private_file};

/// How to reach a running instance.
#[derive(Debug)]
pub struct Instance {
    /// `http://127.0.0.1:6070`.
    pub http: String,
    /// Its process.
    pub pid: u32,
    /// Opens its doors while it runs.
    pub token: SecretString,
    /// Its version.
    pub version: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The system refused.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It holds a token that others may have read.
    #[error("{} can be read by others: stop husting, delete the file, and start again", path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// Not what we write.
    #[error("{} is damaged: delete it, and restart husting if it runs", path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Serialize, Deserialize)]
struct Written {
    http: String,
    pid: u32,
    token: String,
    version: String,
}

impl Instance {
    /// The instance that the folder names, if any. A crash leaves the file behind: it runs only
    /// while its process is the folder's [`crate::Holder`].
    ///
    /// # Errors
    /// [`InstanceError`] when there is a file that cannot be used.
    pub fn read(home: &Home) -> Result<Option<Self>, InstanceError> {
        let path = home.instance_file();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(InstanceError::Read { path, source }),
        };
        refuse_if_open(&path)?;
        let Ok(written) = serde_json::from_str::<Written>(&text) else {
            return Err(InstanceError::Form { path });
        };
        let Written {
            http,
            pid,
            token,
            version,
        } = written;
        Ok(Some(Self {
            http,
            pid,
            token: SecretString::from(token),
            version,
        }))
    }
}

#[cfg(unix)]
fn refuse_if_open(path: &Path) -> Result<(), InstanceError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|source| InstanceError::Read {
        path: path.to_owned(),
        source,
    })?;
    if metadata.permissions().mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(InstanceError::Open {
            path: path.to_owned(),
        })
    }
}

#[cfg(not(unix))]
fn refuse_if_open(_: &Path) -> Result<(), InstanceError> {
    Ok(())
}

/// The file of this process's own instance; removed when dropped.
#[derive(Debug)]
pub struct InstanceFile(PathBuf);

impl InstanceFile {
    /// Tells other commands of this user where this instance is. The folder must be locked by
    /// this process: what a crashed one left is replaced.
    ///
    /// # Errors
    /// What the system says when the file cannot be written.
    pub fn write(home: &Home, http: &str, token: &SecretString) -> io::Result<Self> {
        let path = home.instance_file();
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        let written = Written {
            http: http.to_owned(),
            pid: std::process::id(),
            token: token.expose_secret().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        replace_private_file(
            &path,
            &serde_json::to_string(&written).map_err(io::Error::other)?,
        )?;
        Ok(Self(path))
    }
}

impl Drop for InstanceFile {
    fn drop(&mut self) {
        if let Err(fault) = std::fs::remove_file(&self.0) {
            tracing::warn!(%fault, "the instance file could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        (folder, home)
    }

    fn token() -> SecretString {
        SecretString::from("hst_o_test".to_owned())
    }

    #[test]
    fn an_instance_is_found_while_it_runs() {
        let (_folder, home) = home();
        assert!(Instance::read(&home).unwrap().is_none());
        let file = InstanceFile::write(&home, "http://127.0.0.1:1", &token()).unwrap();
        let found = Instance::read(&home).unwrap().unwrap();
        assert_eq!(
            (found.http.as_str(), found.pid),
            ("http://127.0.0.1:1", std::process::id())
        );
        assert_eq!(found.token.expose_secret(), "hst_o_test");
        assert!(!format!("{found:?}").contains("hst_o_test"));
        drop(file);
        assert!(Instance::read(&home).unwrap().is_none());
    }

    #[test]
    fn what_a_crash_left_is_replaced() {
        let (_folder, home) = home();
        std::mem::forget(InstanceFile::write(&home, "http://127.0.0.1:1", &token()).unwrap());
        let _file = InstanceFile::write(&home, "http://127.0.0.1:2", &token()).unwrap();
        assert_eq!(
            Instance::read(&home).unwrap().unwrap().http,
            "http://127.0.0.1:2"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_this_users_alone_and_is_not_trusted_otherwise() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, home) = home();
        let _file = InstanceFile::write(&home, "http://127.0.0.1:1", &token()).unwrap();
        let path = home.instance_file();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Instance::read(&home),
            Err(InstanceError::Open { .. })
        ));
    }
}
