//! Providers: where API models are called, by which wire, with which key.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The wire a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ProviderKind {
    /// The Responses API, as OpenAI serves it.
    Openai,
    /// The Messages API.
    Anthropic,
    /// Chat completions at any other base URL.
    OpenaiCompatible,
    /// Chat completions on this machine (llama.cpp, LM Studio, vLLM); costs nothing, needs no key.
    OpenaiLocal,
    /// A local Ollama, by its own API; needs no key.
    Ollama,
    /// Google's Gemini API.
    Gemini,
}

impl ProviderKind {
    /// The vendor's public address; `None` where the operator must name one.
    #[must_use]
    pub const fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Ollama => Some("http://127.0.0.1:11434"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com/v1beta"),
            Self::OpenaiCompatible | Self::OpenaiLocal => None,
        }
    }

    /// Whether calls are on this machine and cost nothing.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Ollama | Self::OpenaiLocal)
    }
}

/// What a provider may be called.
pub const NAME_RULE: &str = "A provider's name begins with a lower-case letter and has at most 63 lower-case letters, digits and dashes.";

/// Whether a provider may be called so; `rehearsal` is Husting's own.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name != "rehearsal"
}

/// A vendor whose name says kind and address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What its provider is called unless the operator says otherwise.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// The wire.
    pub kind: ProviderKind,
    /// Its public address.
    pub base_url: &'static str,
    /// Where its key usually stands in an environment; `None` where there is none.
    pub key_variable: Option<&'static str>,
}

/// Vendors and local servers that speak a wire of ours at an address of their own, from their own
/// pages.
pub const PRESETS: [Preset; 12] = [
    preset(
        "openai",
        "OpenAI",
        ProviderKind::Openai,
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
    ),
    preset(
        "anthropic",
        "Anthropic",
        ProviderKind::Anthropic,
        "https://api.anthropic.com",
        "ANTHROPIC_API_KEY",
    ),
    preset(
        "gemini",
        "Google Gemini",
        ProviderKind::Gemini,
        "https://generativelanguage.googleapis.com/v1beta",
        "GEMINI_API_KEY",
    ),
    // https://docs.x.ai/docs/api-reference
    preset(
        "xai",
        "xAI",
        ProviderKind::OpenaiCompatible,
        "https://api.x.ai/v1",
        "XAI_API_KEY",
    ),
    // https://docs.mistral.ai/api
    preset(
        "mistral",
        "Mistral",
        ProviderKind::OpenaiCompatible,
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
    ),
    // https://api-docs.deepseek.com
    preset(
        "deepseek",
        "DeepSeek",
        ProviderKind::OpenaiCompatible,
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
    ),
    // https://console.groq.com/docs/openai
    preset(
        "groq",
        "Groq",
        ProviderKind::OpenaiCompatible,
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
    ),
    // https://openrouter.ai/docs/api-reference/overview
    preset(
        "openrouter",
        "OpenRouter",
        ProviderKind::OpenaiCompatible,
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
    ),
    local(
        "ollama",
        "Ollama",
        ProviderKind::Ollama,
        "http://127.0.0.1:11434",
    ),
    // https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    local(
        "llamacpp",
        "llama.cpp",
        ProviderKind::OpenaiLocal,
        "http://127.0.0.1:8080/v1",
    ),
    // https://lmstudio.ai/docs/app/api
    local(
        "lmstudio",
        "LM Studio",
        ProviderKind::OpenaiLocal,
        "http://127.0.0.1:1234/v1",
    ),
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    local(
        "vllm",
        "vLLM",
        ProviderKind::OpenaiLocal,
        "http://127.0.0.1:8000/v1",
    ),
];

/// A server on this machine.
const fn local(
    name: &'static str,
    label: &'static str,
    kind: ProviderKind,
    base_url: &'static str,
) -> Preset {
    Preset {
        name,
        label,
        kind,
        base_url,
        key_variable: None,
    }
}

const fn preset(
    name: &'static str,
    label: &'static str,
    kind: ProviderKind,
    base_url: &'static str,
    key_variable: &'static str,
) -> Preset {
    Preset {
        name,
        label,
        kind,
        base_url,
        key_variable: Some(key_variable),
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

impl ProviderTest {
    /// Whether the provider was reached and does not take the key.
    #[must_use]
    pub const fn is_key_refused(&self) -> bool {
        !self.ok && matches!(self.status, Some(401 | 403))
    }

    /// Whether nothing answered there.
    #[must_use]
    pub const fn is_unanswered(&self) -> bool {
        !self.ok && self.status.is_none()
    }

    /// Whether what answers at the address has nothing there for a provider: to try again does not mend that, another address does.
    #[must_use]
    pub const fn is_misaddressed(&self) -> bool {
        !self.ok && matches!(self.status, Some(200 | 404 | 405))
    }
}
