//! Secrets that end with the process: the choice "until Husting quits", and tests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{SecretStore, SecretsError, checked};

/// Keeps secrets in this process and writes them nowhere.
#[derive(Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, SecretString>>);

impl MemoryStore {
    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretStore for MemoryStore {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        checked(name)?;
        Ok(self.secrets().get(name).cloned())
    }

    async fn put(&self, name: &str, secret: &SecretString) -> Result<(), SecretsError> {
        checked(name)?;
        self.secrets().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsError> {
        checked(name)?;
        self.secrets().remove(name);
        Ok(())
    }

    fn fleeting(&self) -> Vec<(String, SecretString)> {
        let secrets = self.secrets();
        let all = secrets.iter();
        all.map(|(name, secret)| (name.clone(), secret.clone()))
            .collect()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryStore([REDACTED])")
    }
}
