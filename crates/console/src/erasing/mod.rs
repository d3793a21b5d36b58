//! Erasing all data. What runs only writes down what is to go and asks to begin anew; whoever takes the folder next
//! erases it before its store is opened. A kill at any moment is followed by a start that ends the work.
//!
//! Keys in the keyring go first, by the names that the marker holds: a name that is gone would leave a key that
//! nobody finds.

mod folder;

use std::path::{Path, PathBuf};
use std::time::Duration;

use husting_domain::ids::TenantId;
use husting_secrets::{KeyringStore, SecretStore};
use husting_store::{Held, StoreFile, begin_erasing, refuse_owned};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Erasing;
use serde::{Deserialize, Serialize};

use crate::audit::{SEAL_KEY, mark_of};
use crate::discord::BOT_TOKEN;
use crate::errors::Outward;
use crate::keys::{key_name, namespace};
use crate::{Inner, OpenError};

/// What whoever ends the erasure has to know. Names, and nothing that they stand for.
#[derive(Serialize, Deserialize)]
struct Marker {
    /// Under which the folder's keys are filed in the keyring.
    namespace: String,
    /// Names of all keys that may be there.
    keys: Vec<String>,
    /// The keyring answered: without it the erasure does not end.
    needs_keyring: bool,
}

/// What became of a folder that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// What lies in the folder and is not Husting's, what links there lead to, and what could not be removed.
    pub left: Vec<PathBuf>,
    /// Whether a keyring answered, which has none of the folder's keys any more.
    pub keyring_answered: bool,
}

impl Inner {
    /// Writes down what is to go, and asks whoever runs the program to begin anew, which erases it.
    pub(crate) async fn erase_all(&self) -> Result<Erasing, Error> {
        self.refuse_while_closing()?;
        refuse_owned(&self.home, StoreFile::Discord).map_err(|fault| {
            let words = format!("Nothing was erased: {fault}. It is a bridge that runs alone.");
            Error::new(ErrorCode::InvalidState, words)
        })?;
        let left = self.left_behind().await?;
        // A new provider's key is kept before its name is.
        let _turn = self.provider_turn.lock().await;
        self.keys.take_no_more(true).await;
        if let Err(fault) = self.lay_marker().await {
            self.keys.take_no_more(false).await;
            return Err(fault);
        }
        tracing::info!("all data is to be erased");
        self.begin_anew.cancel();
        Ok(Erasing { left })
    }

    async fn lay_marker(&self) -> Result<(), Error> {
        let (keys, has_kept) = self.key_names().await?;
        let marker = Marker {
            namespace: namespace(&self.home),
            keys,
            needs_keyring: self.keys.keyring_answers(has_kept).await?,
        };
        let text = serde_json::to_string(&marker)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        begin_erasing(&self.home, &text).map_err(|fault| {
            let words = format!("Nothing was erased: the data folder cannot be written ({fault}).");
            Error::new(ErrorCode::StoreUnavailable, words)
        })
    }

    /// Names of all keys that may be kept, and whether any ever was, as far as the store knows.
    async fn key_names(&self) -> Result<(Vec<String>, bool), Error> {
        let providers = self.store.providers(&TenantId::local()).await.outward()?;
        let tenants = self.store.all_tenants().await.outward()?;
        let has_kept = providers.iter().any(|provider| provider.key_tail.is_some())
            || self.bridge.token_name().is_some()
            || !self.known_keys().await?.is_empty();
        let fixed = [SEAL_KEY, BOT_TOKEN].map(str::to_owned);
        let providers = providers.iter().map(|provider| key_name(&provider.name));
        let marks = tenants.iter().map(|tenant| mark_of(&tenant.id));
        Ok((
            fixed.into_iter().chain(providers).chain(marks).collect(),
            has_kept,
        ))
    }

    async fn left_behind(&self) -> Result<Vec<String>, Error> {
        let home = self.home.clone();
        let found = tokio::task::spawn_blocking(move || folder::found(&home))
            .await
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?
            .map_err(|fault| Error::new(ErrorCode::StoreUnavailable, format!("{fault}.")))?;
        let shown = found.left.iter().map(|path| path.display().to_string());
        Ok(shown.collect())
    }
}

/// Ends an erasure that was begun on a folder that nobody works on; `None` where none was.
///
/// # Errors
/// [`OpenError`]; the next try goes on from there.
pub async fn finish_erasing(home: &Path, patience: Duration) -> Result<Option<Erased>, OpenError> {
    let held = Held::wait(home, StoreFile::Husting, patience).await?;
    finish(home, &held, patience).await
}

/// The same for whoever has the folder.
pub(crate) async fn finish(
    home: &Path,
    held: &Held,
    patience: Duration,
) -> Result<Option<Erased>, OpenError> {
    let Some(text) = held.marker()? else {
        return Ok(None);
    };
    let marker: Marker = serde_json::from_str(&text).map_err(|fault| {
        unfinished(
            ErrorCode::Internal,
            &format!("husting.erasing cannot be read ({fault}); delete the folder by hand"),
        )
    })?;
    // A bridge that runs alone has a store of its own here.
    let _bridge = match home.join("discord.lock").exists() {
        true => Some(Held::wait(home, StoreFile::Discord, patience).await?),
        false => None,
    };
    let keyring_answered = forget_keys(&marker).await?;
    let folder = home.to_owned();
    let left = tokio::task::spawn_blocking(move || folder::erase(&folder))
        .await
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?
        .map_err(|fault| unfinished(ErrorCode::StoreUnavailable, &fault.to_string()))?;
    held.end_erasing()?;
    // Names of what is somebody else's are their words.
    let others = left.len();
    tracing::info!(keyring_answered, others, "all data was erased");
    Ok(Some(Erased {
        left,
        keyring_answered,
    }))
}

/// Deletes the folder's keys from the keyring; whether one answered.
async fn forget_keys(marker: &Marker) -> Result<bool, Error> {
    let forgetting = async {
        let keyring = KeyringStore::open(&marker.namespace).await?;
        for name in &marker.keys {
            keyring.delete(name).await?;
        }
        Ok::<(), husting_secrets::SecretsError>(())
    };
    match forgetting.await {
        Ok(()) => Ok(true),
        Err(fault) if marker.needs_keyring => Err(unfinished(
            ErrorCode::SecretsUnavailable,
            &fault.to_string(),
        )),
        Err(fault) => {
            tracing::info!(%fault, "no keyring answered; none did when the erasure began");
            Ok(false)
        }
    }
}

fn unfinished(code: ErrorCode, why: &str) -> Error {
    Error::new(
        code,
        format!("All data here is being erased, and that has not ended: {why}."),
    )
}
