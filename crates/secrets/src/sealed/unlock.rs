//! What opens a sealed file: something the operator knows, or a file only they can read.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::disk;
use crate::SecretsError;

/// Least bytes of a key file.
const KEY_BYTES: usize = 32;

/// How a sealed file is opened.
#[derive(Clone, Debug)]
pub enum Unlock {
    /// Typed at each start, or `HUSTING_PASSPHRASE`.
    Passphrase(SecretString),
    /// A file of mode 0600 and at least 32 bytes, all of which count (`HUSTING_SECRETS_KEY_FILE`).
    KeyFile(PathBuf),
}

/// Which kind of [`Unlock`] a file was sealed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlockKind {
    Passphrase,
    KeyFile,
}

impl UnlockKind {
    pub fn words(self) -> &'static str {
        match self {
            Self::Passphrase => "a passphrase (HUSTING_PASSPHRASE)",
            Self::KeyFile => "a key file (HUSTING_SECRETS_KEY_FILE)",
        }
    }
}

impl Unlock {
    pub(super) fn kind(&self) -> UnlockKind {
        match self {
            Self::Passphrase(_) => UnlockKind::Passphrase,
            Self::KeyFile(_) => UnlockKind::KeyFile,
        }
    }

    /// What the key is derived from.
    pub(super) fn material(&self) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        match self {
            Self::Passphrase(passphrase) => passphrase_bytes(passphrase),
            Self::KeyFile(path) => key_bytes(path),
        }
    }

    /// What to say when it opens nothing.
    pub(super) fn wrong(&self) -> SecretsError {
        match self {
            Self::Passphrase(_) => SecretsError::WrongPassphrase,
            Self::KeyFile(path) => SecretsError::WrongKeyFile { path: path.clone() },
        }
    }
}

fn passphrase_bytes(passphrase: &SecretString) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    let bytes = passphrase.expose_secret().as_bytes();
    if bytes.is_empty() {
        return Err(SecretsError::EmptyPassphrase);
    }
    Ok(Zeroizing::new(bytes.to_owned()))
}

fn key_bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    let key = disk::read(path).map_err(|fault| match fault {
        SecretsError::Io { source, .. } => SecretsError::KeyFile {
            path: path.to_owned(),
            source,
        },
        fault => fault,
    })?;
    if key.len() < KEY_BYTES {
        return Err(SecretsError::ShortKeyFile {
            path: path.to_owned(),
            bytes: key.len(),
        });
    }
    Ok(key)
}
