//! Where a provider is called and with which key.

use husting_domain::providers::ProviderKind;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The version of the Messages API spoken here (<https://docs.claude.com/en/api/versioning>).
const ANTHROPIC_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// How the Gemini API begins the name of a model; a seat's id may leave it out.
pub(crate) const GEMINI_MODELS: &str = "models/";

/// A provider's door.
#[derive(Clone, Debug)]
pub struct Endpoint {
    kind: ProviderKind,
    /// Without a slash at the end.
    base_url: String,
    /// `SecretString` keeps it out of debug output.
    key: Option<SecretString>,
}

/// Why a request cannot even be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The provider wants a key and there is none.
    #[error("the provider has no key")]
    Missing,
    /// The key holds characters that no header can carry.
    #[error("the provider's key holds characters that no key can have")]
    Malformed,
}

impl Endpoint {
    /// A door at `base_url`, the way the vendor writes it: with `/v1` for OpenAI's wires, `/v1beta`
    /// for Gemini's, without either for Anthropic's and Ollama's (where `/v1` is taken too).
    #[must_use]
    pub fn new(kind: ProviderKind, base_url: &str, key: Option<SecretString>) -> Self {
        let mut base_url = base_url.trim().trim_end_matches('/');
        if matches!(kind, ProviderKind::Anthropic | ProviderKind::Ollama) {
            base_url = base_url.strip_suffix("/v1").unwrap_or(base_url);
        }
        Self {
            kind,
            base_url: base_url.to_owned(),
            key,
        }
    }

    /// The wire spoken there.
    #[must_use]
    pub const fn kind(&self) -> ProviderKind {
        self.kind
    }

    /// The key, to be taken out of what the provider says.
    pub(crate) const fn key(&self) -> Option<&SecretString> {
        self.key.as_ref()
    }

    /// Without a slash or what the wire itself adds at the end: the same for every spelling of one
    /// server's address.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where `model` is asked for an answer.
    pub(crate) fn completions(&self, model: &str) -> String {
        let base = &self.base_url;
        match self.kind {
            ProviderKind::Openai => format!("{base}/responses"),
            ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal => {
                format!("{base}/chat/completions")
            }
            ProviderKind::Anthropic => format!("{base}/v1/messages"),
            ProviderKind::Ollama => format!("{base}/api/chat"),
            ProviderKind::Gemini => {
                let model = model.strip_prefix(GEMINI_MODELS).unwrap_or(model);
                let model = escaped(model);
                format!("{base}/{GEMINI_MODELS}{model}:streamGenerateContent?alt=sse")
            }
        }
    }

    /// Where models are listed.
    pub(crate) fn models(&self) -> String {
        match self.kind {
            ProviderKind::Anthropic => format!("{}/v1/models", self.base_url),
            ProviderKind::Ollama => format!("{}/api/tags", self.base_url),
            ProviderKind::Openai
            | ProviderKind::OpenaiCompatible
            | ProviderKind::OpenaiLocal
            | ProviderKind::Gemini => {
                format!("{}/models", self.base_url)
            }
        }
    }

    /// The headers that let a request in.
    pub(crate) fn headers(&self) -> Result<HeaderMap, KeyError> {
        let mut headers = HeaderMap::new();
        let key = self
            .key
            .as_ref()
            .map(|key| key.expose_secret().trim())
            .filter(|key| !key.is_empty());
        match (self.kind, key) {
            (ProviderKind::Anthropic, Some(key)) => {
                headers.insert(HeaderName::from_static("x-api-key"), secret(key)?);
                headers.insert(
                    HeaderName::from_static("anthropic-version"),
                    ANTHROPIC_VERSION,
                );
            }
            (ProviderKind::Gemini, Some(key)) => {
                headers.insert(HeaderName::from_static("x-goog-api-key"), secret(key)?);
            }
            (_, Some(key)) => {
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {key}"))?);
            }
            (ProviderKind::Openai | ProviderKind::Anthropic | ProviderKind::Gemini, None) => {
                return Err(KeyError::Missing);
            }
            (
                ProviderKind::OpenaiCompatible | ProviderKind::OpenaiLocal | ProviderKind::Ollama,
                None,
            ) => {}
        }
        Ok(headers)
    }
}

/// `text` as a part of an address: a model's id is printable and without spaces, but may hold what
/// means something there.
pub(crate) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

fn secret(value: &str) -> Result<HeaderValue, KeyError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| KeyError::Malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_vendors() {
        use ProviderKind::{Anthropic, Gemini, Ollama, Openai, OpenaiCompatible};
        for (kind, base, answers, models) in [
            (
                Openai,
                "https://a/v1/",
                "https://a/v1/responses",
                "https://a/v1/models",
            ),
            (
                OpenaiCompatible,
                "https://a/v1",
                "https://a/v1/chat/completions",
                "https://a/v1/models",
            ),
            (
                Anthropic,
                "https://a",
                "https://a/v1/messages",
                "https://a/v1/models",
            ),
            (
                Anthropic,
                "https://a/v1",
                "https://a/v1/messages",
                "https://a/v1/models",
            ),
            (Ollama, "http://a", "http://a/api/chat", "http://a/api/tags"),
            (
                Ollama,
                "http://a/v1/",
                "http://a/api/chat",
                "http://a/api/tags",
            ),
            (
                Gemini,
                "https://a/v1beta",
                "https://a/v1beta/models/m:streamGenerateContent?alt=sse",
                "https://a/v1beta/models",
            ),
        ] {
            let endpoint = Endpoint::new(kind, base, None);
            assert_eq!(endpoint.completions("m"), answers);
            assert_eq!(endpoint.models(), models);
        }
    }

    #[test]
    fn a_model_cannot_lead_to_another_address() {
        let endpoint = Endpoint::new(ProviderKind::Gemini, "https://a/v1beta", None);
        assert_eq!(
            endpoint.completions("models/../x?key=1"),
            "https://a/v1beta/models/..%2Fx%3Fkey%3D1:streamGenerateContent?alt=sse"
        );
    }

    #[test]
    fn a_key_shows_nowhere() {
        let endpoint = Endpoint::new(
            ProviderKind::Openai,
            "https://a",
            Some("sk-secret-1".into()),
        );
        let headers = endpoint.headers().unwrap();
        assert!(!format!("{endpoint:?} {headers:?}").contains("secret-1"));
    }

    #[test]
    fn a_key_is_asked_for_where_it_is_needed() {
        let error = |kind, key: Option<&str>| {
            Endpoint::new(kind, "https://a", key.map(Into::into))
                .headers()
                .err()
        };
        assert_eq!(error(ProviderKind::Openai, None), Some(KeyError::Missing));
        assert_eq!(
            error(ProviderKind::Anthropic, Some(" ")),
            Some(KeyError::Missing)
        );
        assert_eq!(
            error(ProviderKind::Openai, Some("a\nb")),
            Some(KeyError::Malformed)
        );
        assert_eq!(error(ProviderKind::Ollama, None), None);
        assert_eq!(error(ProviderKind::OpenaiCompatible, None), None);
    }
}
