//! The contract of secret stores, over those that need nothing but a disk. The keyring's turn is
//! in `keyring.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use husting_secrets::{MemoryStore, SealedFile, Unlock};
use secrecy::SecretString;
use tempfile::TempDir;

common::contract!(memory, sealed_by_passphrase, sealed_by_key_file);

async fn memory() -> (MemoryStore, ()) {
    (MemoryStore::default(), ())
}

async fn sealed_by_passphrase() -> (SealedFile, TempDir) {
    let folder = TempDir::new().unwrap();
    let unlock = Unlock::Passphrase(SecretString::from("correct horse battery"));
    (sealed(&folder, unlock).await, folder)
}

async fn sealed_by_key_file() -> (SealedFile, TempDir) {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("husting.key");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    (sealed(&folder, Unlock::KeyFile(key)).await, folder)
}

async fn sealed(folder: &TempDir, unlock: Unlock) -> SealedFile {
    let path = folder.path().join("secrets.sealed");
    SealedFile::create(&path, unlock).await.unwrap()
}
