//! The form of the file, closed and opened. One line of JSON; everything before the nonce is
//! authenticated with the contents, and the file must be, byte for byte, what we would write, so
//! that no change to it goes unnoticed.

use std::io;
use std::path::Path;

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::entries::Entries;
use super::kdf::{Cost, Kdf, Key};
use super::text;
use super::unlock::{Unlock, UnlockKind};
use crate::SecretsError;

/// The form this program writes, and the only one it reads.
const VERSION: u32 = 1;

/// An open seal: the key, and the header that says how it was derived.
pub struct Seal {
    header: Header,
    key: Key,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Header {
    version: u32,
    unlocked_by: UnlockKind,
    kdf: Kdf,
}

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(flatten)]
    header: Header,
    #[serde(with = "text")]
    nonce: [u8; 24],
    #[serde(with = "text")]
    ciphertext: Vec<u8>,
}

/// All that is read of a file before its version is known to be ours.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Seal {
    /// With a salt of its own.
    pub fn new(unlock: &Unlock, cost: Cost) -> Result<Self, SecretsError> {
        let salt = random()?;
        let (kdf, key) = Kdf::new(&unlock.material()?, salt, cost)
            .map_err(|fault| cannot_seal(&fault.to_string()))?;
        let header = Header {
            version: VERSION,
            unlocked_by: unlock.kind(),
            kdf,
        };
        Ok(Self { header, key })
    }

    /// The seal of a file, if `unlock` is what it was sealed with.
    pub fn unlock(path: &Path, bytes: &[u8], unlock: &Unlock) -> Result<Self, SecretsError> {
        let header = Document::read(path, bytes)?.header;
        if header.unlocked_by != unlock.kind() {
            return Err(SecretsError::OtherUnlock {
                wanted: header.unlocked_by.words(),
            });
        }
        if header.kdf.is_excessive() {
            return Err(damaged(path, "it asks for more work than we ever would"));
        }
        let key = header.kdf.key(&unlock.material()?);
        match key.map_err(|fault| damaged(path, &fault.to_string()))? {
            Some(key) => Ok(Self { header, key }),
            None => Err(unlock.wrong()),
        }
    }

    /// The file's bytes with `entries` in it, under a new nonce.
    pub fn close(&self, entries: &Entries) -> Result<Vec<u8>, SecretsError> {
        let nonce = random()?;
        let mut buffer = entries
            .encode()
            .ok_or_else(|| cannot_seal("a secret is longer than 4 GiB"))?;
        self.cipher()
            .encrypt_in_place(
                XNonce::from_slice(&nonce),
                &self.header.authenticated()?,
                &mut *buffer,
            )
            .map_err(|fault| cannot_seal(&fault.to_string()))?;
        let document = Document {
            header: self.header.clone(),
            nonce,
            ciphertext: std::mem::take(&mut *buffer),
        };
        document.written()
    }

    /// What is in a file of this seal.
    pub fn open(&self, path: &Path, bytes: &[u8]) -> Result<Entries, SecretsError> {
        let document = Document::read(path, bytes)?;
        if document.header != self.header {
            return Err(SecretsError::Replaced {
                path: path.to_owned(),
            });
        }
        let mut buffer = Zeroizing::new(document.ciphertext);
        self.cipher()
            .decrypt_in_place(
                XNonce::from_slice(&document.nonce),
                &self.header.authenticated()?,
                &mut *buffer,
            )
            .map_err(|_| damaged(path, "its contents are not those that were sealed"))?;
        Entries::decode(&buffer).ok_or_else(|| damaged(path, "its entries are cut short"))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

impl Header {
    fn authenticated(&self) -> Result<Vec<u8>, SecretsError> {
        serde_json::to_vec(self).map_err(|fault| cannot_seal(&fault.to_string()))
    }
}

impl Document {
    fn read(path: &Path, bytes: &[u8]) -> Result<Self, SecretsError> {
        let unreadable = |fault: serde_json::Error| damaged(path, &fault.to_string());
        let Versioned { version } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if version != VERSION {
            let why = format!("it says version {version} and this program reads {VERSION}");
            return Err(damaged(path, &why));
        }
        let document: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        if document.written()? != bytes {
            return Err(damaged(path, "it is not as this program writes it"));
        }
        Ok(document)
    }

    fn written(&self) -> Result<Vec<u8>, SecretsError> {
        let mut bytes =
            serde_json::to_vec(self).map_err(|fault| cannot_seal(&fault.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn random<const N: usize>() -> Result<[u8; N], SecretsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|fault| cannot_seal_because(fault.into()))?;
    Ok(bytes)
}

fn damaged(path: &Path, why: &str) -> SecretsError {
    SecretsError::Damaged {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

fn cannot_seal(why: &str) -> SecretsError {
    cannot_seal_because(io::Error::other(why.to_owned()))
}

fn cannot_seal_because(source: io::Error) -> SecretsError {
    SecretsError::Io {
        doing: "seal the file".to_owned(),
        source,
    }
}
