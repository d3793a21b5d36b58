//! A model's seat for one call: its key fetched, its limits around it.

mod machine;
mod servers;

use std::sync::Arc;

use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatFailure};
use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::Usage;
use husting_domain::providers::Provider;
use husting_seats::SharedSeat;
use husting_seats::api::{ApiSeat, ApiSeatConfig};
use husting_seats::queue::Queued;
use husting_seats::rehearsal::RehearsalSeat;
use husting_seats::timed::Timed;

use crate::Inner;
use crate::catalog::{Catalog, Entry};

pub(crate) use self::machine::Machine;
pub(crate) use self::servers::Servers;

/// Seconds a local seat may take, once it is its turn.
pub(crate) const LOCAL_SECONDS: u32 = 600;

impl Inner {
    /// The seat of `model`, ready for one call.
    ///
    /// # Errors
    /// `pre_stream_failure` with a sentence when there is no key or no such model any more.
    pub(crate) async fn seat(
        &self,
        catalog: &Catalog,
        model: &ModelId,
        pace: Option<u32>,
    ) -> Result<SharedSeat, SeatFailure> {
        let entry = catalog
            .entry(model)
            .ok_or_else(|| before_call("The model was removed from this machine."))?;
        let inner: SharedSeat = match entry.model.kind {
            SeatKind::Rehearsal => Arc::new(RehearsalSeat::new(model, pace, self.clock.clone())),
            SeatKind::Api => Arc::new(self.api_seat(provider_of(catalog, entry)?, entry).await?),
            SeatKind::Local => {
                let provider = provider_of(catalog, entry)?;
                let seat = Arc::new(self.api_seat(provider, entry).await?);
                Arc::new(Queued::new(seat, self.servers.queue(provider)))
            }
        };
        Ok(Arc::new(Timed::new(inner, self.clock.clone())))
    }

    async fn api_seat(&self, provider: &Provider, entry: &Entry) -> Result<ApiSeat, SeatFailure> {
        if entry.price.is_none() {
            return Err(before_call(
                "The model has no price. Set one in Settings, 0 included.",
            ));
        }
        let key = self
            .key_of(provider)
            .await
            .map_err(|fault| before_call(&fault.message))?;
        let http = self.http.client().await;
        let http = http.map_err(|fault| before_call(&fault.message))?;
        Ok(ApiSeat::new(ApiSeatConfig {
            kind: provider.kind,
            base_url: provider.base_url.clone(),
            key,
            provider_model: entry.model.provider_model.clone(),
            http: http.clone(),
            clock: self.clock.clone(),
            dialect: self.servers.dialect(provider, &entry.model.provider_model),
        }))
    }
}

fn provider_of<'a>(catalog: &'a Catalog, entry: &Entry) -> Result<&'a Provider, SeatFailure> {
    catalog
        .provider(&entry.model.provider)
        .ok_or_else(|| before_call("The model's provider was removed."))
}

/// Refuses a call whose context cannot fit the model's window; nobody's words are cut silently.
pub(crate) fn check_window(entry: &Entry, prompt: &Prompt) -> Result<(), SeatFailure> {
    let (window, answer) = (entry.model.context_window, prompt.max_output_tokens);
    let context = Measured::of(prompt).tokens();
    if context.saturating_add(answer) <= window {
        return Ok(());
    }
    Err(before_call(&format!(
        "The context does not fit: about {context} tokens and {answer} for the answer, where {name} has {window}. \
         Shorten the reference, or seat a model with a larger window.",
        name = entry.model.display_name,
    )))
}

/// The characters of a prompt, as its tokens are told from them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    ascii: u64,
    others: u64,
}

impl Measured {
    pub fn of(prompt: &Prompt) -> Self {
        let texts = prompt.messages.iter().map(|message| message.text.as_str());
        let mut measured = Self::default();
        for text in texts.chain([prompt.system.as_str()]) {
            let all = text.chars().count() as u64;
            let plain = text.bytes().filter(u8::is_ascii).count() as u64;
            measured.ascii += plain;
            measured.others += all - plain;
        }
        measured
    }

    /// With `bytes` of a text that is not there yet, taken for ASCII.
    pub const fn with_bytes(self, bytes: u64) -> Self {
        Self {
            ascii: self.ascii.saturating_add(bytes),
            others: self.others,
        }
    }

    /// Tokens as models commonly count them: a quarter of each ASCII character, a whole one of any
    /// other.
    pub const fn tokens(self) -> u64 {
        self.ascii.div_ceil(4).saturating_add(self.others)
    }
}

/// A call that was never made.
pub(crate) fn before_call(message: &str) -> SeatFailure {
    SeatFailure {
        code: SeatErrorCode::PreStreamFailure,
        message: message.to_owned(),
        partial_text: String::new(),
        usage: Usage::default(),
    }
}
