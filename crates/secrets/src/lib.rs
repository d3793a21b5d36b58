//! Where keys are kept: the system's keyring, a sealed file, or this process's memory. The
//! operator chooses; no store falls back to another and none writes a key in clear.

mod errors;
mod keyring;
mod memory;
mod sealed;
mod threads;

use async_trait::async_trait;
use secrecy::SecretString;

pub use errors::SecretsError;
pub use keyring::KeyringStore;
pub use memory::MemoryStore;
pub use sealed::{SealedFile, Unlock};

/// Secrets under names. A name is any text that is not empty.
#[async_trait]
pub trait SecretStore: Send + Sync + 'static {
    /// The secret of this name; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be read; absence is no error.
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError>;

    /// Keeps a secret, in place of the one before. After `Ok` it outlives a power cut where the
    /// store is a file.
    ///
    /// # Errors
    /// When the store cannot be written; then the secret before is still there.
    async fn put(&self, name: &str, secret: &SecretString) -> Result<(), SecretsError>;

    /// Forgets a secret. One that is not there is forgotten already.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn delete(&self, name: &str) -> Result<(), SecretsError>;

    /// All that ends with the process, by name: nothing, where the store outlives it.
    fn fleeting(&self) -> Vec<(String, SecretString)> {
        Vec::new()
    }
}

/// Refuses what some keyring would.
fn checked(name: &str) -> Result<(), SecretsError> {
    if name.is_empty() {
        Err(SecretsError::NoName)
    } else {
        Ok(())
    }
}
