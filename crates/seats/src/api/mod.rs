//! Seats filled by a provider's API, over five wires: OpenAI's Responses, chat completions (any
//! compatible server), Anthropic's Messages, Gemini's and Ollama's own.
//!
//! Requests go through reqwest, event streams through sse-stream, lines through tokio-util; the few fields of each wire that a
//! seat needs are typed here. The client library genai was set aside after reading its source
//! (0.7.2): a CR LF that the network splits between two chunks ends an event early and loses words,
//! pings sent as comments stay unseen, the figures a provider gave before a failure are dropped with
//! it, and parts of answers are logged.

mod anthropic;
pub(crate) mod bodies;
mod chat;
mod dialect;
mod endpoint;
mod framing;
mod gemini;
mod names;
mod ollama;
mod reading;
pub(crate) mod redaction;
mod refusals;
mod responses;
mod retries;
mod stream;
mod wires;

use std::time::Duration;

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatEvent, SeatFailure, SeatOutcome};
use husting_domain::money::Usage;
use husting_domain::providers::ProviderKind;
use reqwest::header::CONTENT_TYPE;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use dialect::Dialect;
pub use endpoint::{Endpoint, KeyError};
pub(crate) use endpoint::{GEMINI_MODELS, escaped};

use crate::api::dialect::Extras;
use crate::api::refusals::Refusal;
pub(crate) use crate::api::refusals::{causes, is_page};
use crate::api::retries::Retries;
use crate::api::stream::{End, Hearing};
use crate::{CallTerms, Seat};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The client all seats and probes share, for its connections. It follows no redirect, since a key
/// sent along would leave the provider, and sets no limit on a whole answer, which the call's own
/// deadline does.
///
/// # Errors
/// Where the system's certificates cannot be read.
pub fn http_client() -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("husting/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        // A system's proxy is used for https alone: it would read a key sent over plain http.
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true);
    match https_proxy() {
        Some(address) => {
            builder.proxy(reqwest::Proxy::https(address)?.no_proxy(reqwest::NoProxy::from_env()))
        }
        None => builder,
    }
    .build()
}

/// The proxy the environment names for https.
fn https_proxy() -> Option<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.map(|value| {
        if value.contains("://") {
            value
        } else {
            format!("http://{value}")
        }
    })
}

/// What an API seat is made of.
#[derive(Clone)]
pub struct ApiSeatConfig {
    /// The wire.
    pub kind: ProviderKind,
    /// The vendor's way of writing it: with `/v1` for OpenAI's wires, `/v1beta` for Gemini.
    pub base_url: String,
    /// Never shown, logged or stored by the seat.
    pub key: Option<SecretString>,
    /// The id the provider's own API takes.
    pub provider_model: String,
    /// From [`http_client`].
    pub http: reqwest::Client,
    /// For pauses between attempts.
    pub clock: SharedClock,
    /// Shared by all seats of this model at this base URL.
    pub dialect: Dialect,
}

/// A seat filled by a provider's API.
///
/// It watches `terms.cancel` but leaves deadline and idle limit to [`crate::timed::Timed`].
pub struct ApiSeat {
    endpoint: Endpoint,
    model: String,
    http: reqwest::Client,
    clock: SharedClock,
    jitter_seed: Option<u64>,
    dialect: Dialect,
}

impl ApiSeat {
    /// A seat; nothing is called yet.
    #[must_use]
    pub fn new(config: ApiSeatConfig) -> Self {
        Self {
            endpoint: Endpoint::new(config.kind, &config.base_url, config.key),
            model: config.provider_model,
            http: config.http,
            clock: config.clock,
            jitter_seed: None,
            dialect: config.dialect,
        }
    }

    /// With pauses that are the same each time.
    #[must_use]
    pub fn with_jitter_seed(self, seed: u64) -> Self {
        Self {
            jitter_seed: Some(seed),
            ..self
        }
    }

    /// Asks until there is an answer, or no more asking helps.
    async fn ask(
        &self,
        prompt: &Prompt,
        terms: &CallTerms,
        events: &mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        let mut retries = Retries::new(self.jitter_seed);
        loop {
            let extras = self.dialect.extras();
            let refusal = match self.send(prompt, extras).await {
                Ok(response) => match self.hear(response, prompt, &terms.cancel, events).await {
                    Ok(outcome) => return outcome,
                    Err(refusal) => refusal,
                },
                Err(refusal) => refusal,
            };
            if refusal.is_about_the_request && self.can_do_without(extras, &refusal) {
                continue;
            }
            let pause = retries
                .next(refusal, self.clock.now(), terms.deadline)
                .map_err(unreached)?;
            // A receiver that went away does not stop the call.
            drop(events.send(pause.event).await);
            self.clock.sleep_until(pause.until).await;
        }
    }

    /// The response, once it is certain to be a stream of events.
    async fn send(&self, prompt: &Prompt, extras: Extras) -> Result<reqwest::Response, Refusal> {
        let before_the_call =
            |message: String| Refusal::lasting(SeatErrorCode::PreStreamFailure, message);
        let headers = self
            .endpoint
            .headers()
            .map_err(|error| before_the_call(error.to_string()))?;
        let body = wires::body(self.endpoint.kind(), &self.model, prompt, extras);
        let request = self
            .http
            .post(self.endpoint.completions(&self.model))
            .headers(headers)
            .json(&body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => {
                return Err(before_the_call(refusals::causes(&error)));
            }
            Err(error) => return Err(Refusal::unreached(&error)),
        };
        let key = self.endpoint.key();
        if !response.status().is_success() {
            return Err(Refusal::read(response, key, self.clock.now()).await);
        }
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        // Servers name their streams in more ways than one; these two are none.
        if refusals::is_page(&response) || kind.starts_with("application/json") {
            return Err(Refusal::of_another_kind(response, key).await);
        }
        Ok(response)
    }

    /// Leaves out what the server has just refused by name; whether there was such a thing.
    fn can_do_without(&self, sent: Extras, refusal: &Refusal) -> bool {
        self.dialect.learn(self.endpoint.kind(), sent, refusal)
    }

    /// The answer, or what its stream said instead of beginning one.
    async fn hear(
        &self,
        response: reqwest::Response,
        prompt: &Prompt,
        cancel: &CancellationToken,
        events: &mpsc::Sender<SeatEvent>,
    ) -> Result<SeatOutcome, Refusal> {
        let kind = self.endpoint.kind();
        let mut hearing = Hearing::new(prompt, wires::reader(kind), wires::framing(kind));
        let end = tokio::select! {
            biased;
            () = cancel.cancelled() => End::Stopped,
            end = hearing.listen(response.bytes_stream(), events) => end,
        };
        let key = self.endpoint.key();
        match hearing.refusal(&end, key) {
            Some(refusal) => Err(refusal),
            None => Ok(hearing.outcome(end, key)),
        }
    }
}

#[async_trait]
impl Seat for ApiSeat {
    async fn call(
        &self,
        prompt: &Prompt,
        terms: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        tokio::select! {
            biased;
            outcome = self.ask(prompt, &terms, &events) => outcome,
            () = terms.cancel.cancelled() => Err(unreached(Refusal::lasting(SeatErrorCode::Cancelled, "stopped".to_owned()))),
        }
    }
}

/// A failure before the first byte, which costs nothing.
fn unreached(refusal: Refusal) -> SeatFailure {
    let Refusal { code, message, .. } = refusal;
    SeatFailure {
        code,
        message,
        partial_text: String::new(),
        usage: Usage::default(),
    }
}
