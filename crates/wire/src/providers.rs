//! Providers and their keys. A key goes in; only its last four characters ever come out.

use husting_domain::providers::{Preset, ProviderKind, ProviderTest};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// In a tail's place where a key is so short that its last characters would tell too much of it.
pub const NO_TAIL: &str = "…";

/// A provider as the settings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderView {
    /// Unique.
    pub name: String,
    /// The wire.
    pub kind: ProviderKind,
    /// Where it is called.
    pub base_url: String,
    /// Last four characters of the key; [`NO_TAIL`], a lone `…`, where it is too short to show any.
    pub key_tail: Option<String>,
    /// Where the key is kept.
    pub kept_in: Option<KeptIn>,
    /// Whether the key can be read now.
    pub key_readable: bool,
    /// Newest test.
    pub last_test: Option<ProviderTest>,
    /// That test found something at its address that is no provider: another address mends it.
    #[serde(default)]
    pub misaddressed: bool,
    /// Its models on the list.
    pub models: u32,
    /// When it was added.
    pub created_at: Timestamp,
}

impl ProviderView {
    /// Whether its key can be read, and was refused when it was tried last. What was found with a key tells nothing
    /// once the key cannot be had.
    #[must_use]
    pub fn refuses_key(&self) -> bool {
        let test = self.last_test.as_ref();
        self.key_readable && test.is_some_and(ProviderTest::is_key_refused)
    }

    /// Whether nothing answered when it was tried last.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let test = self.last_test.as_ref();
        test.is_some_and(ProviderTest::is_unanswered)
    }
}

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeptIn {
    /// The system's keyring.
    Keyring,
    /// A sealed file, opened by a passphrase or a key file.
    SealedFile,
    /// This process, until it ends.
    Memory,
}

/// All providers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderList {
    /// By name.
    pub providers: Vec<ProviderView>,
    /// Keys found in the environment, offered and not used unasked.
    pub offers: Vec<ProviderOffer>,
    /// Vendors whose name says kind and address.
    pub presets: Vec<ProviderPreset>,
}

/// A vendor that is added by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderPreset {
    /// What its provider is called unless the operator says otherwise.
    pub name: String,
    /// For people.
    pub label: String,
    /// The wire.
    pub kind: ProviderKind,
    /// Its public address.
    pub base_url: String,
    /// Whether it answers to those with a key alone.
    pub needs_key: bool,
}

impl From<&Preset> for ProviderPreset {
    fn from(preset: &Preset) -> Self {
        Self {
            name: preset.name.to_owned(),
            label: preset.label.to_owned(),
            kind: preset.kind,
            base_url: preset.base_url.to_owned(),
            needs_key: preset.key_variable.is_some(),
        }
    }
}

/// A provider that could be added with one click.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderOffer {
    /// A name for it.
    pub name: String,
    /// The wire.
    pub kind: ProviderKind,
    /// What was found: `ANTHROPIC_API_KEY` or an address.
    pub found: String,
    /// The last four characters of the key that was found, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key_tail: Option<String>,
}

/// Adds a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddProvider {
    /// `^[a-z][a-z0-9-]{0,62}$`.
    pub name: String,
    /// The wire.
    pub kind: ProviderKind,
    /// The vendor's own address when left out.
    #[serde(default)]
    #[ts(optional)]
    pub base_url: Option<String>,
    /// The key; not needed by local servers.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
    /// Take the key from this variable of Husting's own environment, as offered.
    #[serde(default)]
    #[ts(optional)]
    pub key_from_env: Option<String>,
    /// Put the provider's well-known models (those in the price table) on the list.
    #[serde(default)]
    pub add_known_models: bool,
}

impl std::fmt::Debug for AddProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddProvider")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("base_url", &self.base_url)
            .field("key", &self.key.as_ref().map(|_| "[redacted]"))
            .finish_non_exhaustive()
    }
}

/// Replaces a provider's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReplaceKey {
    /// Whose.
    pub name: String,
    /// The new key.
    pub key: String,
}

impl std::fmt::Debug for ReplaceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplaceKey")
            .field("name", &self.name)
            .field("key", &"[redacted]")
            .finish()
    }
}

/// Has a provider called at another address, with its key and its models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeAddress {
    /// Whose.
    pub name: String,
    /// The vendor's own address when left out.
    #[serde(default)]
    #[ts(optional)]
    pub base_url: Option<String>,
}

/// Names one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProviderRef {
    /// Which.
    pub name: String,
}
