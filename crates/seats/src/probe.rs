//! Asks a provider something that costs nothing: whether it takes the key, and which models it has.

use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::calls::A_PAGE;
use husting_domain::providers::{ProviderKind, ProviderTest};
use serde::Deserialize;

use crate::api::{Endpoint, GEMINI_MODELS, KeyError, causes, escaped, is_page};
use crate::api::{bodies, redaction};

/// A provider that has not listed its models by then is not there.
const PATIENCE: Duration = Duration::from_secs(15);

/// Pages of a list that are read, of up to a thousand models each.
const PAGES: usize = 10;

/// Bytes of one page. The longest list known, of some hundred models with prices, is a tenth of it.
const LONGEST_PAGE: usize = 8 * 1_024 * 1_024;

/// Characters kept of a page that is no list.
const MOST_OF_A_PAGE: usize = 200;

/// Why there is no list of models. The messages are the provider's, secrets removed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// There is no key to ask with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The provider was not reached.
    #[error("{message}")]
    Unreached {
        /// The chain of causes.
        message: String,
    },
    /// The provider did not answer in time.
    #[error("the provider did not answer within {} seconds", PATIENCE.as_secs())]
    Silent,
    /// The provider said no.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// In the provider's words.
        message: String,
    },
    /// The answer is a page for people.
    #[error("{A_PAGE}: {said}")]
    Page {
        /// How it begins.
        said: String,
    },
    /// The answer is no list of models.
    #[error("the provider's answer is no list of models")]
    NotAList,
    /// The answer does not end where any list of models would.
    #[error("the provider's list of models is longer than {} MiB", LONGEST_PAGE / (1_024 * 1_024))]
    TooLong,
}

impl ProbeError {
    const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Page { .. } | Self::NotAList | Self::TooLong => Some(200),
            Self::Key(_) | Self::Unreached { .. } | Self::Silent => None,
        }
    }
}

/// Tries the key by listing the models.
pub async fn test(
    endpoint: &Endpoint,
    http: &reqwest::Client,
    clock: &SharedClock,
) -> ProviderTest {
    look(endpoint, http, clock).await.0
}

/// The finding of [`test`] with the list it was made from.
pub async fn look(
    endpoint: &Endpoint,
    http: &reqwest::Client,
    clock: &SharedClock,
) -> (ProviderTest, Result<Vec<String>, ProbeError>) {
    let started = clock.now();
    let listed = list_models(endpoint, http, clock).await;
    let at = clock.now();
    let (status, message) = match &listed {
        Ok(_) => (Some(200), None),
        Err(error) => (error.status(), Some(error.to_string())),
    };
    let test = ProviderTest {
        at,
        millis: at.millis_since(started),
        ok: listed.is_ok(),
        status,
        message,
    };
    (test, listed)
}

/// The ids of the models the provider offers, in its order.
///
/// # Errors
/// [`ProbeError`], which [`test`] turns into a finding.
pub async fn list_models(
    endpoint: &Endpoint,
    http: &reqwest::Client,
    clock: &SharedClock,
) -> Result<Vec<String>, ProbeError> {
    let given_up = clock
        .now()
        .plus_millis(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX));
    tokio::select! {
        biased;
        listed = pages(endpoint, http) => listed,
        () = clock.sleep_until(given_up) => Err(ProbeError::Silent),
    }
}

async fn pages(endpoint: &Endpoint, http: &reqwest::Client) -> Result<Vec<String>, ProbeError> {
    let (mut ids, mut next) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = page(endpoint, http, next.as_deref()).await?;
        ids.extend(page.ids);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok(ids)
}

/// One page: all there is on most servers, up to a thousand after `from` on Anthropic's
/// (<https://docs.claude.com/en/api/models-list>) and Gemini's (<https://ai.google.dev/api/models>).
async fn page(
    endpoint: &Endpoint,
    http: &reqwest::Client,
    from: Option<&str>,
) -> Result<Page, ProbeError> {
    let mut address = endpoint.models();
    let (size, onward) = match endpoint.kind() {
        ProviderKind::Anthropic => ("?limit=1000", "&after_id="),
        ProviderKind::Gemini => ("?pageSize=1000", "&pageToken="),
        _ => ("", ""),
    };
    address.push_str(size);
    if let Some(from) = from {
        address.push_str(onward);
        address.push_str(&escaped(from));
    }
    let request = http.get(address).headers(endpoint.headers()?);
    let unreached = |error: reqwest::Error| ProbeError::Unreached {
        message: causes(&error),
    };
    let response = request.send().await.map_err(unreached)?;
    let status = response.status();
    if status.is_success() {
        let is_page = is_page(&response);
        let body = bodies::whole(response, LONGEST_PAGE).await;
        let body = body.map_err(unreached)?.ok_or(ProbeError::TooLong)?;
        // A list is one whatever it is called.
        return read(endpoint.kind(), &body).map_err(|_| match is_page {
            true => ProbeError::Page {
                said: beginning(&redaction::words(&body, endpoint.key())),
            },
            false => ProbeError::NotAList,
        });
    }
    let said = redaction::words(&bodies::beginning(response).await, endpoint.key());
    let message = if said.is_empty() {
        format!("HTTP {status}")
    } else {
        said
    };
    Err(ProbeError::Refused {
        status: status.as_u16(),
        message,
    })
}

/// So much of a page as says whose it is, on one line.
fn beginning(page: &str) -> String {
    let words: Vec<&str> = page.split_whitespace().collect();
    words.join(" ").chars().take(MOST_OF_A_PAGE).collect()
}

/// Some models of a list, and where the next ones are.
struct Page {
    ids: Vec<String>,
    next: Option<String>,
}

fn read(kind: ProviderKind, body: &[u8]) -> serde_json::Result<Page> {
    Ok(match kind {
        ProviderKind::Gemini => serde_json::from_slice::<Gemini>(body)?.into(),
        ProviderKind::Ollama => serde_json::from_slice::<Ollama>(body)?.into(),
        ProviderKind::Openai
        | ProviderKind::Anthropic
        | ProviderKind::OpenaiCompatible
        | ProviderKind::OpenaiLocal => serde_json::from_slice::<Listed>(body)?.into(),
    })
}

/// OpenAI's list, which Anthropic cuts into pages.
#[derive(Deserialize)]
struct Listed {
    data: Vec<Named>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl From<Listed> for Page {
    fn from(listed: Listed) -> Self {
        let ids: Vec<String> = listed.data.into_iter().map(|model| model.id).collect();
        let next = listed.has_more.then(|| ids.last().cloned()).flatten();
        Self { ids, next }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Gemini {
    models: Vec<GeminiModel>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GeminiModel {
    name: String,
    /// Some only count, embed or draw.
    supported_generation_methods: Option<Vec<String>>,
}

impl From<Gemini> for Page {
    fn from(listed: Gemini) -> Self {
        let answers = |model: &GeminiModel| {
            let methods = model.supported_generation_methods.as_ref();
            methods.is_none_or(|methods| methods.iter().any(|method| method == "generateContent"))
        };
        let models = listed.models.into_iter().filter(answers);
        let bare = |name: String| match name.strip_prefix(GEMINI_MODELS) {
            Some(bare) => bare.to_owned(),
            None => name,
        };
        Self {
            ids: models.map(|model| bare(model.name)).collect(),
            next: listed.next_page_token.filter(|token| !token.is_empty()),
        }
    }
}

/// What is installed: <https://docs.ollama.com/api/tags>.
#[derive(Deserialize)]
struct Ollama {
    models: Vec<OllamaModel>,
}

#[derive(Deserialize)]
struct OllamaModel {
    name: String,
}

impl From<Ollama> for Page {
    fn from(listed: Ollama) -> Self {
        Self {
            ids: listed.models.into_iter().map(|model| model.name).collect(),
            next: None,
        }
    }
}
