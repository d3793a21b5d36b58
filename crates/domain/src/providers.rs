//! Providers: where API models are called, by which wire, with which key.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The wire a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ProviderKind {
    /// Chat completions as OpenAI itself serves them.
    Openai,
    /// The Messages API.
    Anthropic,
    /// Chat completions at any other base URL.
    OpenaiCompatible,
    /// A local Ollama, through its chat-completions door; needs no key.
    Ollama,
}

impl ProviderKind {
    /// The vendor's public address; `None` where the operator must name one.
    #[must_use]
    pub const fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Ollama => Some("http://127.0.0.1:11434/v1"),
            Self::OpenaiCompatible => None,
        }
    }

    /// Whether calls are on this machine and cost nothing.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Ollama)
    }
}

/// A configured provider. The key itself is in the secret store under `provider/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Unique within the tenant: `^[a-z][a-z0-9-]{0,62}$`.
    pub name: String,
    /// The wire.
    pub kind: ProviderKind,
    /// Without a trailing slash.
    pub base_url: String,
    /// Last four characters of the key, for people; `None` without a key.
    pub key_tail: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// The newest test, if any.
    pub last_test: Option<ProviderTest>,
}

/// What a test call found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderTest {
    /// When it ended.
    pub at: Timestamp,
    /// Milliseconds until the answer.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub millis: i64,
    /// Whether the provider accepted the key.
    pub ok: bool,
    /// HTTP status, when there was one.
    pub status: Option<u16>,
    /// The provider's own words, secrets removed.
    pub message: Option<String>,
}
