//! Models on this machine: their terms, their price, whether they can be seated and why not.

mod changes;
mod entries;

use std::collections::BTreeMap;

use husting_domain::ids::TenantId;
use husting_domain::models::{Model, ModelId, PriceSource, UnavailableReason};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::Provider;
use husting_seats::prices;
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::models::{DefaultPanelView, ModelList, ModelView, RemovedModel};

pub(crate) use self::changes::new_model;
pub(crate) use self::entries::table_row;

use self::entries::{entry, order, rehearsal_models};
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
            let minimum = self.minimum;
            (
                UnavailableReason::CreditExhausted,
                format!("Needs {minimum} in the wallet, which has less."),
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

    /// Whether a model's provider was tried, and did not answer or refused the key.
    pub fn is_failing(&self, id: &ModelId) -> bool {
        let entry = self.entry(id);
        let provider = entry.and_then(|entry| self.provider(&entry.model.provider));
        let last = provider.and_then(|provider| provider.last_test.as_ref());
        last.is_some_and(|test| !test.ok)
    }

    /// A model's name for people; its id when it was removed.
    pub fn name(&self, id: &ModelId) -> String {
        self.entry(id)
            .map_or_else(|| id.to_string(), |entry| entry.model.display_name.clone())
    }
}

fn view(entry: &Entry, taken: &[ModelId]) -> ModelView {
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

fn removed_view(model: Model) -> RemovedModel {
    RemovedModel {
        id: model.id,
        provider: model.provider,
        display_name: model.display_name,
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
        let mut entries: Vec<Entry> = stored
            .into_iter()
            .chain(rehearsal_models())
            .map(|model| {
                let provider = providers.get(&model.provider);
                let lacks_key = provider.and_then(|provider| self.keys.lack(provider));
                let installed = provider.and_then(|provider| self.servers.has(provider, &model));
                entry(model, &providers, &wallet, lacks_key, installed)
            })
            .collect();
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(Catalog { entries, providers })
    }

    pub(crate) async fn models(&self, tenant: &TenantId) -> Result<ModelList, Error> {
        let catalog = self.catalog(tenant).await?;
        let panel = self.panel_of(tenant, &catalog, None).await?;
        self.model_list(tenant, &catalog, &panel).await
    }

    /// All models with the default panel's picks marked, and what was taken off the list.
    pub(crate) async fn model_list(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        panel: &DefaultPanelView,
    ) -> Result<ModelList, Error> {
        let taken: &[ModelId] = if panel.rehearsal { &[] } else { &panel.seats };
        let removed = self.store.removed_models(tenant).await.outward()?;
        let models = catalog.entries.iter().map(|entry| view(entry, taken));
        Ok(ModelList {
            models: models.collect(),
            table_as_of: prices::as_of().to_owned(),
            table_rows: u32::try_from(prices::all().len()).unwrap_or(u32::MAX),
            removed: removed.into_iter().map(removed_view).collect(),
        })
    }

    /// Tells models and panel anew and returns them.
    pub(crate) async fn tell_models(&self, tenant: &TenantId) -> Result<ModelList, Error> {
        self.means_moved();
        let _turn = self.telling.models.lock().await;
        let catalog = self.catalog(tenant).await?;
        let panel = self.panel_of(tenant, &catalog, None).await?;
        let models = self.model_list(tenant, &catalog, &panel).await?;
        self.tell_of(
            tenant,
            Event::ModelsChanged {
                models: models.clone(),
                panel,
            },
        );
        Ok(models)
    }
}
