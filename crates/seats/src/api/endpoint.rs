//! Where a provider is called and with which key.

use husting_domain::providers::ProviderKind;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The version of the Messages API spoken here (<https://docs.claude.com/en/api/versioning>).
const ANTHROPIC_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

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
    /// A door at `base_url`, the way the vendor writes it: with `/v1` for chat completions, without
    /// it for the Messages API (where it is taken too).
    #[must_use]
    pub fn new(kind: ProviderKind, base_url: &str, key: Option<SecretString>) -> Self {
        let mut base_url = base_url.trim().trim_end_matches('/');
        if kind == ProviderKind::Anthropic {
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

    /// Where completions are asked for.
    pub(crate) fn completions(&self) -> String {
        match self.kind {
            ProviderKind::Anthropic => format!("{}/v1/messages", self.base_url),
            _ => format!("{}/chat/completions", self.base_url),
        }
    }

    /// Where models are listed.
    pub(crate) fn models(&self) -> String {
        match self.kind {
            ProviderKind::Anthropic => format!("{}/v1/models", self.base_url),
            _ => format!("{}/models", self.base_url),
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
            (ProviderKind::OpenaiCompatible | ProviderKind::Ollama, None) => {}
        }
        Ok(headers)
    }
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
        let at = |kind, base| Endpoint::new(kind, base, None);
        assert_eq!(
            at(ProviderKind::Openai, "https://a/v1/").completions(),
            "https://a/v1/chat/completions"
        );
        assert_eq!(
            at(ProviderKind::Anthropic, "https://a").completions(),
            "https://a/v1/messages"
        );
        assert_eq!(
            at(ProviderKind::Anthropic, "https://a/v1").models(),
            "https://a/v1/models"
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
