//! What is sealed: names and secrets, each after its length in four bytes. Not JSON, whose reader
//! and writer leave copies of secrets in memory.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// Bytes the cipher appends; room for them is made with the text, so that it never moves.
const TAG: usize = 16;

#[derive(Default)]
pub struct Entries(BTreeMap<String, SecretString>);

impl Entries {
    pub fn insert(&mut self, name: String, secret: SecretString) {
        self.0.insert(name, secret);
    }

    pub fn remove(&mut self, name: &str) -> Option<SecretString> {
        self.0.remove(name)
    }

    /// `None` when a text is too long for four bytes of length.
    pub fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let texts = || {
            self.0
                .iter()
                .flat_map(|(name, secret)| [name, secret.expose_secret()])
        };
        let size: usize = texts().map(|text| 4 + text.len()).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size + TAG));
        for text in texts() {
            bytes.extend_from_slice(&u32::try_from(text.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Some(bytes)
    }

    /// `None` for what [`encode`](Self::encode) never wrote.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut entries = Self::default();
        while !bytes.is_empty() {
            let name = take(&mut bytes)?;
            let secret = take(&mut bytes)?;
            entries.insert(name.to_owned(), SecretString::from(secret));
        }
        Some(entries)
    }
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    str::from_utf8(text).ok()
}
