//! Models on this machine: their terms, their price, whether they can be seated and why not.

use std::collections::BTreeMap;

use husting_domain::ids::TenantId;
use husting_domain::models::{
    Model, ModelId, PriceSource, REHEARSAL_MODELS, SeatKind, UnavailableReason,
};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::{Provider, ProviderKind};
use husting_seats::api::Endpoint;
use husting_seats::prices;
use husting_store::Write;
use husting_wallet::wallet::Wallet;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::models::{
    AddModel, EditModel, ModelList, ModelView, OfferedModel, OfferedModels, SetPrice,
};
use husting_wire::ranges;

use crate::Inner;
use crate::errors::Outward;

/// What a model has when neither table nor operator says more.
const DEFAULT_WINDOW: u64 = 128_000;
const DEFAULT_OUTPUT: u64 = 8_192;

/// Everything known about the models at one moment.
pub(crate) struct Catalog {
    entries: Vec<Entry>,
    providers: BTreeMap<String, Provider>,
}

/// One model with its price and its state.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub model: Model,
    pub price: Option<Price>,
    pub price_source: Option<PriceSource>,
    pub table_price: Option<Price>,
    pub price_as_of: Option<String>,
    pub minimum: MicroUsd,
    /// Why it cannot be seated, money aside.
    pub unfit: Option<(UnavailableReason, String)>,
    /// The wallet lacks its minimum.
    pub unpaid: bool,
}

impl Entry {
    pub fn is_available(&self) -> bool {
        self.unfit.is_none() && !self.unpaid
    }

    /// What a call costs; nothing where no price is known (such a model is never called).
    pub fn price(&self) -> Price {
        self.price.unwrap_or(Price::FREE)
    }

    fn reason(&self) -> Option<(UnavailableReason, String)> {
        let unpaid = || {
            let minimum = self.minimum.to_usd_string();
            (
                UnavailableReason::CreditExhausted,
                format!("Needs ${minimum} in the wallet, which has less."),
            )
        };
        self.unfit.clone().or_else(|| self.unpaid.then(unpaid))
    }
}

impl Catalog {
    pub fn entry(&self, id: &ModelId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.model.id == *id)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.get(name)
    }

    /// A model's name for people; its id when it was removed.
    pub fn name(&self, id: &ModelId) -> String {
        self.entry(id)
            .map_or_else(|| id.to_string(), |entry| entry.model.display_name.clone())
    }

    fn view(&self, entry: &Entry, taken: &[ModelId]) -> ModelView {
        let reason = entry.reason();
        let bucket = taken
            .iter()
            .position(|id| *id == entry.model.id)
            .and_then(|at| u32::try_from(at + 1).ok());
        ModelView {
            id: entry.model.id.clone(),
            provider: entry.model.provider.clone(),
            display_name: entry.model.display_name.clone(),
            kind: entry.model.kind,
            context_window: entry.model.context_window,
            max_output_tokens: entry.model.max_output_tokens,
            price: entry.price,
            price_source: entry.price_source,
            table_price: entry.table_price,
            price_as_of: entry.price_as_of.clone(),
            price_set_at: entry.model.price_set_at,
            minimum: entry.minimum,
            enabled: entry.model.enabled,
            available: reason.is_none(),
            unavailable_reason: reason.as_ref().map(|(reason, _)| *reason),
            unavailable_message: reason.map(|(_, message)| message),
            default_bucket: bucket,
            deadline_seconds: entry.model.deadline_seconds,
        }
    }

    /// All models with the default panel's picks marked.
    pub fn list(&self, taken: &[ModelId]) -> ModelList {
        ModelList {
            models: self
                .entries
                .iter()
                .map(|entry| self.view(entry, taken))
                .collect(),
            table_as_of: prices::as_of().to_owned(),
            table_rows: u32::try_from(prices::all().len()).unwrap_or(u32::MAX),
        }
    }
}

impl Inner {
    /// The models as of now.
    pub(crate) async fn catalog(&self, tenant: &TenantId) -> Result<Catalog, Error> {
        let wallet = self.books(tenant).await?.wallet;
        let providers: BTreeMap<String, Provider> = self
            .store
            .providers(tenant)
            .await
            .outward()?
            .into_iter()
            .map(|provider| (provider.name.clone(), provider))
            .collect();
        let stored = self.store.models(tenant).await.outward()?;
        let keys_readable = self.keys.is_ready();
        let mut entries: Vec<Entry> = stored
            .into_iter()
            .chain(rehearsal_models())
            .map(|model| entry(model, &providers, &wallet, keys_readable))
            .collect();
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(Catalog { entries, providers })
    }

    pub(crate) async fn models(&self, tenant: &TenantId) -> Result<ModelList, Error> {
        let catalog = self.catalog(tenant).await?;
        let panel = self.panel_of(tenant, &catalog, None).await?;
        Ok(catalog.list(if panel.rehearsal { &[] } else { &panel.seats }))
    }

    /// Tells models and panel anew and returns them.
    pub(crate) async fn tell_models(&self, tenant: &TenantId) -> Result<ModelList, Error> {
        let catalog = self.catalog(tenant).await?;
        let panel = self.panel_of(tenant, &catalog, None).await?;
        let models = catalog.list(if panel.rehearsal { &[] } else { &panel.seats });
        self.tell(Event::ModelsChanged {
            models: models.clone(),
            panel,
        });
        Ok(models)
    }

    pub(crate) async fn add_model(
        &self,
        tenant: &TenantId,
        asked: AddModel,
    ) -> Result<ModelList, Error> {
        let Some(provider) = self
            .store
            .provider(tenant, &asked.provider)
            .await
            .outward()?
        else {
            return Err(Error::invalid(format!(
                "There is no provider named {}. Add it first.",
                asked.provider
            )));
        };
        let id = asked
            .id
            .clone()
            .or_else(|| ModelId::parse(&asked.provider_model));
        let id = id.ok_or_else(|| {
            Error::invalid("A model id has 1 to 200 printable characters without spaces.")
        })?;
        if id.is_rehearsal() || self.store.model(tenant, &id).await.outward()?.is_some() {
            return Err(Error::new(
                ErrorCode::AlreadyExists,
                format!("{id} is on the list already."),
            ));
        }
        let model = new_model(id, &provider, asked)?;
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn edit_model(
        &self,
        tenant: &TenantId,
        edit: EditModel,
    ) -> Result<ModelList, Error> {
        let mut model = self.stored_model(tenant, &edit.id).await?;
        model.enabled = edit.enabled.unwrap_or(model.enabled);
        if let Some(seconds) = edit.deadline_seconds {
            ranges::DEADLINE_SECONDS.check("deadline_seconds", seconds.into())?;
            model.deadline_seconds = Some(seconds);
        }
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn remove_model(
        &self,
        tenant: &TenantId,
        id: &ModelId,
    ) -> Result<ModelList, Error> {
        self.stored_model(tenant, id).await?;
        self.keep(tenant, [Write::DeleteModel(id.clone())]).await?;
        self.tell_models(tenant).await
    }

    pub(crate) async fn set_price(
        &self,
        tenant: &TenantId,
        asked: SetPrice,
    ) -> Result<ModelList, Error> {
        let mut model = self.stored_model(tenant, &asked.id).await?;
        if let Some(price) = &asked.price {
            let rates = [
                Some(price.input),
                Some(price.output),
                price.cache_read,
                price.cache_write,
            ];
            if rates
                .into_iter()
                .flatten()
                .any(|rate| rate < MicroUsd::ZERO || rate > MicroUsd::dollars(100_000))
            {
                return Err(Error::invalid(
                    "A price lies between $0 and $100,000 per million tokens.",
                ));
            }
        }
        model.price_override = asked.price;
        model.price_set_at = asked.price.map(|_| self.now());
        self.keep(tenant, [Write::PutModel(model)]).await?;
        self.tell_models(tenant).await
    }

    /// What the provider says it has, beside what is on the list.
    pub(crate) async fn offered_models(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<OfferedModels, Error> {
        let provider = self.stored_provider(tenant, name).await?;
        let key = self.key_of(&provider).await?;
        let endpoint = Endpoint::new(provider.kind, &provider.base_url, key);
        let offered = husting_seats::probe::list_models(&endpoint, &self.http, &self.clock)
            .await
            .map_err(|fault| crate::providers::provider_fault(&fault))?;
        let known = self.store.models(tenant).await.outward()?;
        let offered = offered.into_iter().map(|provider_model| {
            let on_list = known
                .iter()
                .find(|model| model.provider == name && model.provider_model == provider_model);
            OfferedModel {
                known_as: on_list.map(|model| model.id.clone()),
                table_price: table_row(&provider, &provider_model).map(|row| row.price),
                provider_model,
            }
        });
        Ok(OfferedModels {
            offered: offered.collect(),
        })
    }

    async fn stored_model(&self, tenant: &TenantId, id: &ModelId) -> Result<Model, Error> {
        if id.is_rehearsal() {
            return Err(Error::invalid(
                "The rehearsal seats are built in and free; they cannot be changed.",
            ));
        }
        self.store
            .model(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("model"))
    }
}

/// The table's row for a provider's model.
pub(crate) fn table_row(
    provider: &Provider,
    provider_model: &str,
) -> Option<&'static prices::PriceRow> {
    prices::lookup(provider.kind, &provider.name, provider_model)
}

/// A model for the list, with the table's figures where nothing was said.
pub(crate) fn new_model(id: ModelId, provider: &Provider, asked: AddModel) -> Result<Model, Error> {
    let row = table_row(provider, &asked.provider_model);
    let window = asked
        .context_window
        .or_else(|| row?.context_window)
        .unwrap_or(DEFAULT_WINDOW);
    let output = asked
        .max_output_tokens
        .unwrap_or(DEFAULT_OUTPUT.max(window.min(32_768)));
    if !(1_024..=100_000_000).contains(&window) || !(512..=window).contains(&output) {
        return Err(Error::invalid(
            "A context window has at least 1,024 tokens, and an answer 512 up to the window.",
        ));
    }
    let display_name = asked
        .display_name
        .unwrap_or_else(|| display_name(&asked.provider_model));
    Ok(Model {
        id,
        provider: provider.name.clone(),
        provider_model: asked.provider_model,
        display_name: display_name.chars().take(80).collect(),
        kind: if provider.kind.is_local() {
            SeatKind::Local
        } else {
            SeatKind::Api
        },
        context_window: window,
        max_output_tokens: output,
        enabled: true,
        price_override: None,
        price_set_at: None,
        minimum: None,
        deadline_seconds: None,
    })
}

/// `claude-opus-4-7` as people say it: `Claude Opus 4.7`.
fn display_name(provider_model: &str) -> String {
    let name = provider_model.rsplit('/').next().unwrap_or(provider_model);
    let mut words: Vec<String> = Vec::new();
    for part in name.split(['-', '_', ':']).filter(|part| !part.is_empty()) {
        let is_number = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        match words.last_mut() {
            Some(last) if is_number(part) && is_number(last) => *last = format!("{last}.{part}"),
            _ => words.push(capitalised(part)),
        }
    }
    words.join(" ")
}

fn capitalised(word: &str) -> String {
    if matches!(word, "gpt" | "glm" | "oss") {
        return word.to_uppercase();
    }
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// The built-in seats.
fn rehearsal_models() -> impl Iterator<Item = Model> {
    REHEARSAL_MODELS.iter().filter_map(|name| {
        let id = ModelId::parse(name)?;
        Some(Model {
            provider: "rehearsal".to_owned(),
            provider_model: id.to_string(),
            display_name: display_name(id.as_str()).replace("Rehearsal ", "Rehearsal: "),
            kind: SeatKind::Rehearsal,
            context_window: 10_000_000,
            max_output_tokens: DEFAULT_OUTPUT,
            enabled: true,
            price_override: None,
            price_set_at: None,
            minimum: None,
            deadline_seconds: None,
            id,
        })
    })
}

fn entry(
    model: Model,
    providers: &BTreeMap<String, Provider>,
    wallet: &Wallet,
    keys_readable: bool,
) -> Entry {
    let provider = providers.get(&model.provider);
    let row = provider.and_then(|provider| table_row(provider, &model.provider_model));
    let table_price = row.map(|row| row.price);
    let (price, price_source) = match (model.kind, model.price_override, table_price) {
        (SeatKind::Local | SeatKind::Rehearsal, ..) => (Some(Price::FREE), Some(PriceSource::Free)),
        (SeatKind::Api, Some(own), _) => (Some(own), Some(PriceSource::Operator)),
        (SeatKind::Api, None, Some(table)) => (Some(table), Some(PriceSource::Table)),
        (SeatKind::Api, None, None) => (None, None),
    };
    let minimum = price.map_or(MicroUsd::ZERO, |price| {
        wallet.terms.minimum_of(&price, model.minimum)
    });
    let unpaid = wallet
        .available()
        .is_some_and(|available| available < minimum);
    let unfit = unfit(&model, provider, price, keys_readable);
    let price_as_of = match price_source {
        Some(PriceSource::Operator) => model.price_set_at.map(|at| at.to_string()[..10].to_owned()),
        Some(PriceSource::Table) => row.map(|row| row.as_of.clone()),
        Some(PriceSource::Free) | None => None,
    };
    Entry {
        price,
        price_source,
        table_price,
        price_as_of,
        minimum,
        unfit,
        unpaid,
        model,
    }
}

fn unfit(
    model: &Model,
    provider: Option<&Provider>,
    price: Option<Price>,
    keys_readable: bool,
) -> Option<(UnavailableReason, String)> {
    if !model.enabled {
        return Some((
            UnavailableReason::Disabled,
            "Switched off in Settings.".to_owned(),
        ));
    }
    if model.kind == SeatKind::Rehearsal {
        return None;
    }
    let Some(provider) = provider else {
        return Some((
            UnavailableReason::Unreachable,
            format!("Its provider {} was removed.", model.provider),
        ));
    };
    let needs_key = matches!(
        provider.kind,
        ProviderKind::Openai | ProviderKind::Anthropic
    );
    if provider.key_tail.is_none() && needs_key {
        return Some((
            UnavailableReason::NoKey,
            format!("{} has no key.", provider.name),
        ));
    }
    if provider.key_tail.is_some() && !keys_readable {
        return Some((
            UnavailableReason::NoKey,
            "The key store is locked.".to_owned(),
        ));
    }
    if price.is_none() {
        return Some((
            UnavailableReason::NoPrice,
            "Not in the price table. Set a price, 0 included.".to_owned(),
        ));
    }
    None
}

/// By who pays, then provider, then name.
fn order(entry: &Entry) -> (u8, &str, &str) {
    let kind = match entry.model.kind {
        SeatKind::Api => 0,
        SeatKind::Local => 1,
        SeatKind::Rehearsal => 2,
    };
    // The rehearsal seats keep their panel order.
    let name = if kind == 2 {
        ""
    } else {
        entry.model.display_name.as_str()
    };
    (kind, &entry.model.provider, name)
}

#[cfg(test)]
mod tests {
    use super::display_name;

    #[test]
    fn ids_read_as_people_say_them() {
        assert_eq!(display_name("claude-opus-4-7"), "Claude Opus 4.7");
        assert_eq!(display_name("qwen/qwen3-max"), "Qwen3 Max");
        assert_eq!(display_name("gpt-5.4"), "GPT 5.4");
        assert_eq!(display_name("gpt-oss:20b"), "GPT OSS 20b");
    }
}
