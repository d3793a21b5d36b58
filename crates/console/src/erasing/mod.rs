//! Erasing all data. What runs only writes down what is to go and asks to begin anew; whoever takes the folder next
//! erases it before its store is opened. A kill at any moment is followed by a start that ends the work.
//!
//! Keys in the keyring go first, whatever their names: a store knows those of its present providers alone. Where a
//! keyring cannot be searched, those go whose names the marker holds.

mod folder;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use husting_domain::ids::TenantId;
use husting_secrets::{KeyringStore, SecretStore};
use husting_store::{ERASING_MARKER, Held, StoreFile, begin_erasing, refuse_owned};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::settings::Erasing;
use serde::{Deserialize, Serialize};

use crate::audit::{SEAL_KEY, mark_of};
use crate::discord::BOT_TOKEN;
use crate::errors::Outward;
use crate::keys::{KeyChoice, Keys, key_name, namespace};
use crate::{Inner, OpenError};

/// What whoever ends the erasure has to know. Names, and nothing that they stand for.
#[derive(Serialize, Deserialize)]
struct Marker {
    /// Under which the folder's keys are filed in the keyring.
    namespace: String,
    /// Names of keys that may be there, for a keyring that cannot be searched.
    keys: Vec<String>,
    /// The keyring answered: without it the erasure does not end.
    needs_keyring: bool,
}

/// What became of a folder that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// What lies in the folder and is not Husting's.
    pub left: Vec<PathBuf>,
    /// What may hold data of Husting's and is still there: what links in the folder lead to, and what could not be
    /// removed.
    pub not_removed: Vec<PathBuf>,
    /// Whether a keyring answered, which has none of the folder's keys any more.
    pub keyring_answered: bool,
}

impl Inner {
    /// Writes down what is to go, and asks whoever runs the program to begin anew, which erases it. It goes on
    /// where whoever asked has left.
    pub(crate) async fn erase_all(self: &Arc<Self>) -> Result<Erasing, Error> {
        let inner = self.clone();
        let erasing = async move { inner.begin_erasing().await };
        self.undisturbed(
            "It could not be written down what is to be erased.",
            erasing,
        )
        .await
    }

    async fn begin_erasing(&self) -> Result<Erasing, Error> {
        let _anew = self.turn_to_begin_anew().await?;
        refuse_bridge(&self.home)?;
        let stays = self.what_stays().await?;
        // A new provider's key is kept before its name is.
        let _turn = self.provider_turn.lock().await;
        self.keys.take_no_more(true).await;
        if let Err(fault) = self.lay_marker().await {
            self.keys.take_no_more(false).await;
            return Err(fault);
        }
        tracing::info!("all data is to be erased");
        // Whoever watches from elsewhere did not ask for it.
        self.tell(Event::EraseBegun {
            erasing: stays.clone(),
        });
        self.begin_anew.cancel();
        Ok(stays)
    }

    async fn lay_marker(&self) -> Result<(), Error> {
        let has_kept = self.has_kept_keys().await?;
        let marker = Marker {
            namespace: namespace(&self.home),
            keys: self.key_names().await?,
            needs_keyring: self.keys.keyring_answers(has_kept).await?,
        };
        lay(&self.home, &marker)
    }

    /// Names of all keys that may be kept.
    async fn key_names(&self) -> Result<Vec<String>, Error> {
        let providers = self.store.providers(&TenantId::local()).await.outward()?;
        let tenants = self.store.all_tenants().await.outward()?;
        let providers = providers.iter().map(|provider| key_name(&provider.name));
        let marks = tenants.iter().map(|tenant| mark_of(&tenant.id));
        Ok(fixed_names().chain(providers).chain(marks).collect())
    }

    async fn what_stays(&self) -> Result<Erasing, Error> {
        let home = self.home.clone();
        let found = tokio::task::spawn_blocking(move || folder::found(&home))
            .await
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?
            .map_err(|fault| Error::new(ErrorCode::StoreUnavailable, format!("{fault}.")))?;
        Ok(Erasing {
            left: shown(&found.stays.foreign),
            not_removed: shown(&found.stays.not_removed),
        })
    }
}

/// Erases a folder whose store cannot be opened, and needs it for nothing. Keys in a keyring that cannot be searched
/// stay there then, but for those with the same name in every folder.
///
/// # Errors
/// [`OpenError`]; nothing was erased, or the next start goes on from there.
pub async fn erase_unopened(
    home: &Path,
    keys: KeyChoice,
    patience: Duration,
) -> Result<Option<Erased>, OpenError> {
    let held = Held::wait(home, StoreFile::Husting, patience).await?;
    // One that was begun with a store knows more.
    if held.marker()?.is_none() {
        refuse_bridge(home)?;
        let keys = Keys::look(home, keys).await;
        let marker = Marker {
            namespace: namespace(home),
            keys: fixed_names().collect(),
            needs_keyring: keys.keyring_answers(false).await?,
        };
        lay(home, &marker)?;
    }
    finish(home, &held, patience).await
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
            &format!("{ERASING_MARKER} cannot be read ({fault}); delete the folder by hand"),
        )
    })?;
    // A bridge that runs alone has a store of its own here.
    let _bridge = match home.join(StoreFile::Discord.lock_name()).exists() {
        true => Some(Held::wait(home, StoreFile::Discord, patience).await?),
        false => None,
    };
    let keyring_answered = forget_keys(&marker).await?;
    let folder = home.to_owned();
    let stays = tokio::task::spawn_blocking(move || folder::erase(&folder))
        .await
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?
        .map_err(|fault| unfinished(ErrorCode::StoreUnavailable, &fault.to_string()))?;
    held.end_erasing()?;
    // Names of what is somebody else's are their words.
    let (others, not_removed) = (stays.foreign.len(), stays.not_removed.len());
    tracing::info!(keyring_answered, others, not_removed, "all data was erased");
    Ok(Some(Erased {
        left: stays.foreign,
        not_removed: stays.not_removed,
        keyring_answered,
    }))
}

/// Deletes the folder's keys from the keyring; whether one answered.
async fn forget_keys(marker: &Marker) -> Result<bool, Error> {
    let forgetting = async {
        let keyring = KeyringStore::open(&marker.namespace).await?;
        if !keyring.delete_all().await? {
            for name in &marker.keys {
                keyring.delete(name).await?;
            }
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

/// Refuses while a bridge that runs alone works on its store in the folder.
fn refuse_bridge(home: &Path) -> Result<(), Error> {
    refuse_owned(home, StoreFile::Discord).map_err(|fault| {
        let words = format!("Nothing was erased: {fault}. It is a bridge that runs alone.");
        Error::new(ErrorCode::InvalidState, words)
    })
}

fn lay(home: &Path, marker: &Marker) -> Result<(), Error> {
    let text = serde_json::to_string(marker)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    begin_erasing(home, &text).map_err(|fault| {
        let words = format!("Nothing was erased: the data folder cannot be written ({fault}).");
        Error::new(ErrorCode::StoreUnavailable, words)
    })
}

/// Names of the keys that any folder may have.
fn fixed_names() -> impl Iterator<Item = String> {
    [SEAL_KEY, BOT_TOKEN].into_iter().map(str::to_owned)
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect()
}

fn unfinished(code: ErrorCode, why: &str) -> Error {
    Error::new(
        code,
        format!("All data here is being erased, and that has not ended: {why}."),
    )
}
