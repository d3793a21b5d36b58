//! Keys to the public contract, as the operator keeps them: made, shown once, looked up without the store, revoked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{KeyId, TenantId};
use husting_domain::keys::{DeliberationKey, KEY_PREFIX};
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Constraint, Tenanted, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::keys::{CreateKey, CreatedKey, KeyList, KeyView};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::caller::{Caller, ContractDoor, KeyHolder};
use crate::errors::commit_fault;
use crate::{Console, Inner, chance};

/// How often the store is told that a key is in use, in milliseconds.
const USED_MILLIS: i64 = 60_000;

/// One key with what ends when it is revoked.
struct Live {
    tenant: TenantId,
    key: DeliberationKey,
    name: Arc<str>,
    revoked: CancellationToken,
}

/// All keys by what they open with; a lookup never waits for the disk.
pub(crate) struct LiveKeys {
    by_hash: Mutex<HashMap<[u8; 32], Live>>,
    /// What they are called, those that were revoked too.
    names: Mutex<HashMap<KeyId, Arc<str>>>,
}

impl LiveKeys {
    pub fn load(keys: Vec<Tenanted<DeliberationKey>>) -> Self {
        let live = Self {
            by_hash: Mutex::default(),
            names: Mutex::default(),
        };
        for found in keys {
            live.insert(found.tenant, found.row);
        }
        live
    }

    /// What the key is called.
    pub fn name_of(&self, id: KeyId) -> Option<Arc<str>> {
        self.lock_names().get(&id).cloned()
    }

    /// Live ones first, then by name.
    fn list(&self) -> KeyList {
        let mut keys: Vec<KeyView> = self.lock().values().map(Live::view).collect();
        keys.sort_by(|a, b| {
            let order = |key: &KeyView| (key.revoked_at.is_some(), key.name.clone(), key.key_id);
            order(a).cmp(&order(b))
        });
        KeyList { keys }
    }

    fn insert(&self, tenant: TenantId, key: DeliberationKey) {
        let live = Live::of(tenant, key);
        self.lock_names().insert(live.key.id, live.name.clone());
        self.lock().insert(live.key.hash, live);
    }

    /// Whether this is that key, and it opens.
    pub fn is(&self, id: KeyId, hash: &[u8; 32]) -> bool {
        let keys = self.lock();
        let found = keys.get(hash);
        found.is_some_and(|live| live.key.id == id && live.key.revoked_at.is_none())
    }

    fn by_id(&self, id: KeyId) -> Option<TenantId> {
        let keys = self.lock();
        let found = keys.values().find(|live| live.key.id == id)?;
        Some(found.tenant.clone())
    }

    fn revoke(&self, id: KeyId, at: Timestamp) {
        for live in self.lock().values_mut().filter(|live| live.key.id == id) {
            live.key.revoked_at = live.key.revoked_at.or(Some(at));
            live.revoked.cancel();
        }
    }

    /// Whoever holds the key, and whether the store should hear of its use.
    fn open(&self, hash: &[u8; 32], door: ContractDoor, now: Timestamp) -> Result<Opened, Error> {
        let mut keys = self.lock();
        let Some(live) = keys.get_mut(hash) else {
            return Err(invalid(
                "This key is not one of Husting's. `husting key create` makes one.",
            ));
        };
        if live.key.revoked_at.is_some() {
            return Err(invalid("This key was revoked."));
        }
        let is_news = live
            .key
            .last_used_at
            .is_none_or(|at| now.millis_since(at) >= USED_MILLIS);
        if is_news {
            live.key.last_used_at = Some(now);
        }
        Ok(Opened {
            holder: KeyHolder {
                key: live.key.id,
                tenant: live.tenant.clone(),
                name: live.name.clone(),
                daily_rounds: live.key.daily_rounds,
                door,
                revoked: live.revoked.clone(),
            },
            is_news,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Live>> {
        self.by_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody holds this and the keys at once.
    fn lock_names(&self) -> MutexGuard<'_, HashMap<KeyId, Arc<str>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Opened {
    holder: KeyHolder,
    is_news: bool,
}

impl Live {
    fn of(tenant: TenantId, key: DeliberationKey) -> Self {
        let revoked = CancellationToken::new();
        if key.revoked_at.is_some() {
            revoked.cancel();
        }
        Self {
            tenant,
            name: Arc::from(key.name.as_str()),
            key,
            revoked,
        }
    }

    fn view(&self) -> KeyView {
        KeyView {
            key_id: self.key.id,
            tenant_id: self.tenant.clone(),
            name: self.key.name.clone(),
            tail: self.key.tail.clone(),
            daily_rounds: self.key.daily_rounds,
            created_at: self.key.created_at,
            last_used_at: self.key.last_used_at,
            revoked_at: self.key.revoked_at,
        }
    }
}

impl Console {
    /// What the settings allow one key: calls a minute, calls at once, open waits.
    #[must_use]
    pub fn key_limits(&self) -> (u32, u32, u32) {
        // Asked with every call: read in place rather than copied.
        let settings = self.0.settings.read();
        let settings = settings.unwrap_or_else(PoisonError::into_inner);
        (
            settings.limits_calls_per_minute,
            settings.limits_burst,
            settings.limits_open_waits,
        )
    }

    /// Whoever holds this key; looked up by its hash, in memory.
    ///
    /// # Errors
    /// `invalid_token` for a key that is malformed, unknown or revoked.
    pub fn key_holder(&self, key: &str, door: ContractDoor) -> Result<Caller, Error> {
        let hash = husting_tokens::hash(key);
        let opened = self.0.live_keys.open(&hash, door, self.0.now())?;
        if opened.is_news {
            self.0.note_use(&opened.holder);
        }
        Ok(Caller::Key(opened.holder))
    }
}

impl Inner {
    pub(crate) async fn key_list(&self) -> Result<KeyList, Error> {
        Ok(self.live_keys.list())
    }

    pub(crate) async fn create_key(&self, asked: CreateKey) -> Result<CreatedKey, Error> {
        let name = checked_name(&asked.name)?;
        let tenant = checked_tenant(asked.tenant_id.as_deref())?;
        let raw = husting_tokens::token(KEY_PREFIX)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        let raw = raw.expose_secret();
        let key = DeliberationKey {
            id: chance::key_id(),
            name,
            hash: husting_tokens::hash(raw),
            tail: husting_tokens::tail(raw).to_owned(),
            daily_rounds: asked.daily_rounds,
            created_at: self.now(),
            last_used_at: None,
            revoked_at: None,
        };
        let unit = Unit::of(tenant.clone()).write(Write::InsertKey(key.clone()));
        self.store.commit(unit).await.map_err(|fault| match fault {
            CommitError::Constraint(Constraint::Exists(_)) => Error::new(
                ErrorCode::AlreadyExists,
                format!(
                    "There is a key called {} already. Choose another name, or revoke it.",
                    key.name
                ),
            ),
            fault => commit_fault(&fault),
        })?;
        let view = Live::of(tenant.clone(), key.clone()).view();
        self.live_keys.insert(tenant, key);
        self.tell_keys();
        Ok(CreatedKey {
            raw_key: raw.to_owned(),
            key: view,
            mcp_url: self.base_url().map(|url| format!("{url}/api/mcp")),
        })
    }

    /// Revokes the key: it opens nothing from the commit on, and what it holds open ends.
    pub(crate) async fn revoke_key(&self, id: KeyId) -> Result<KeyList, Error> {
        let tenant = self
            .live_keys
            .by_id(id)
            .ok_or_else(|| Error::not_found("key"))?;
        let at = self.now();
        self.keep(&tenant, [Write::RevokeKey { key: id, at }])
            .await?;
        self.live_keys.revoke(id, at);
        self.tell_keys();
        self.key_list().await
    }

    fn tell_keys(&self) {
        self.tell(Event::KeysChanged {
            keys: self.live_keys.list(),
        });
    }

    /// Notes the use beside the request, which does not wait for it.
    fn note_use(self: &Arc<Self>, holder: &KeyHolder) {
        let (inner, tenant, key) = (self.clone(), holder.tenant.clone(), holder.key);
        self.tasks.spawn(async move {
            let at = inner.now();
            if let Err(fault) = inner.keep(&tenant, [Write::KeyUsed { key, at }]).await {
                tracing::warn!(%fault, "a key's use was not noted");
            }
            inner.tell_keys();
        });
    }
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let is_plain = !name.chars().any(char::is_control);
    if is_plain && (1..=60).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(
        "A key's name has 1 to 60 characters, and no line breaks.",
    ))
}

fn checked_tenant(id: Option<&str>) -> Result<TenantId, Error> {
    let Some(id) = id else {
        return Ok(TenantId::local());
    };
    TenantId::parse(id).ok_or_else(|| {
        Error::invalid("A tenant's id has 1 to 64 letters, digits, dots, underscores and hyphens.")
    })
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorCode::InvalidToken, message)
}
