//! Asks a provider something that costs nothing: whether it takes the key, and which models it has.

use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::providers::{ProviderKind, ProviderTest};
use serde::Deserialize;

use crate::api::{Endpoint, KeyError, causes};
use crate::api::{bodies, redaction};

/// A provider that has not listed its models by then is not there.
const PATIENCE: Duration = Duration::from_secs(15);

/// Pages of a list that are read, of up to a thousand models each.
const PAGES: usize = 10;

/// Bytes of one page. The longest list known, of some hundred models with prices, is a tenth of it.
const LONGEST_PAGE: usize = 8 * 1_024 * 1_024;

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
            Self::NotAList | Self::TooLong => Some(200),
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
    let started = clock.now();
    let listed = list_models(endpoint, http, clock).await;
    let at = clock.now();
    let millis = at.millis_since(started);
    match listed {
        Ok(_) => ProviderTest {
            at,
            millis,
            ok: true,
            status: Some(200),
            message: None,
        },
        Err(error) => ProviderTest {
            at,
            millis,
            ok: false,
            status: error.status(),
            message: Some(error.to_string()),
        },
    }
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
    let mut ids = Vec::new();
    for _ in 0..PAGES {
        let page = page(endpoint, http, ids.last()).await?;
        ids.extend(page.data.into_iter().map(|model| model.id));
        if !page.has_more {
            break;
        }
    }
    Ok(ids)
}

/// One page: all there is on most servers, up to a thousand after `last` on Anthropic's
/// (<https://docs.claude.com/en/api/models-list>).
async fn page(
    endpoint: &Endpoint,
    http: &reqwest::Client,
    last: Option<&String>,
) -> Result<Page, ProbeError> {
    let mut address = endpoint.models();
    if endpoint.kind() == ProviderKind::Anthropic {
        address.push_str("?limit=1000");
        // An id is printable and without spaces, but may hold what means something in an address.
        let after = last.map(|last| format!("&after_id={}", escaped(last)));
        address.push_str(&after.unwrap_or_default());
    }
    let request = http.get(address).headers(endpoint.headers()?);
    let unreached = |error: reqwest::Error| ProbeError::Unreached {
        message: causes(&error),
    };
    let response = request.send().await.map_err(unreached)?;
    let status = response.status();
    if status.is_success() {
        let body = bodies::whole(response, LONGEST_PAGE).await;
        let body = body.map_err(unreached)?.ok_or(ProbeError::TooLong)?;
        return serde_json::from_slice(&body).map_err(|_| ProbeError::NotAList);
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

fn escaped(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    id.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Listed>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}
