//! The default panel: one seat from each bucket, or the rehearsal seats where there is nobody else.

use std::collections::BTreeMap;

use husting_domain::ids::TenantId;
use husting_domain::models::{ModelId, REHEARSAL_MODELS, SeatKind};
use husting_store::Write;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::models::{DefaultPanel, DefaultPanelView};
use serde_json::json;

use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::convene::check_known;
use crate::errors::Outward;
use crate::recaps::writers_for;

const KEY: &str = "panel.buckets";
/// Seats the default panel aims at where the operator chose no buckets.
const SEATS: usize = 3;

impl Inner {
    /// Whom the default panel seats now. `moderator` is whoever steers: their own family of models
    /// is asked last.
    pub(crate) async fn panel_of(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        moderator: Option<&str>,
    ) -> Result<DefaultPanelView, Error> {
        let chosen = self.chosen_buckets(tenant).await?;
        let is_chosen = chosen.is_some();
        let buckets = chosen.unwrap_or_else(|| by_provider(catalog, moderator));
        let is_free = |entry: &Entry| is_real(entry) && entry.is_available();
        let mut panel = seat(buckets, catalog, moderator, is_free);
        panel.chosen = is_chosen;
        if panel.rehearsal && self.waits_for_keys(catalog) {
            (panel.rehearsal, panel.waits_for_keys) = (false, true);
            panel.seats.clear();
        }
        panel
            .seats
            .truncate(self.settings().panel_max_seats as usize);
        if !panel.rehearsal && !panel.seats.is_empty() {
            panel.recap_writers = writers_for(catalog, &panel.seats);
        }
        Ok(panel)
    }

    /// The operator's buckets; `None` where they chose none.
    async fn chosen_buckets(&self, tenant: &TenantId) -> Result<Option<Vec<Vec<ModelId>>>, Error> {
        let stored = self.store.setting(tenant, KEY).await.outward()?;
        Ok(stored.and_then(|text| {
            serde_json::from_str(&text)
                .inspect_err(|fault| tracing::warn!(%fault, "the stored panel cannot be read"))
                .ok()
        }))
    }

    /// The default panel's models for a new session.
    ///
    /// # Errors
    /// `insufficient_active_models` when the buckets give fewer than two seats.
    pub(crate) async fn default_models(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        moderator: Option<&str>,
    ) -> Result<Vec<ModelId>, Error> {
        let panel = self.panel_of(tenant, catalog, moderator).await?;
        if panel.waits_for_keys {
            let way = self.keys.locked();
            let way = way.as_deref().unwrap_or(if self.keys.is_ready() {
                "They are not where keys are kept now: enter them anew in Settings, Providers."
            } else {
                "Choose in Settings where keys are kept."
            });
            return Err(Error::new(
                ErrorCode::SecretsUnavailable,
                format!(
                    "The keys of your models cannot be read, and rehearsal seats are no substitute for them. \
                     {way} Or name seats that need no key."
                ),
            ));
        }
        if panel.seats.len() >= 2 {
            return Ok(panel.seats);
        }
        // Where nothing but money is missing, the preflight says so with its figures.
        let mut unpaid = seat(panel.buckets, catalog, moderator, is_real).seats;
        if unpaid.len() >= 2 {
            unpaid.truncate(self.settings().panel_max_seats as usize);
            return Ok(unpaid);
        }
        let message = "The default panel finds fewer than two models that are on and available. \
                       Enable more models, or choose the seats yourself.";
        Err(Error::new(ErrorCode::InsufficientActiveModels, message)
            .with(json!({ "collapsed_buckets": panel.collapsed_buckets })))
    }

    /// Whether there would be a real panel if every key that was kept could be read.
    fn waits_for_keys(&self, catalog: &Catalog) -> bool {
        let waits = |entry: &Entry| {
            let provider = catalog.provider(&entry.model.provider);
            let has_key = provider.is_some_and(|provider| !self.keys.hold(provider));
            has_key && entry.model.enabled && entry.price.is_some()
        };
        let entries = catalog.entries().iter();
        let (real, waiting) = entries.fold((0, 0), |(real, waiting), entry| {
            (
                real + usize::from(is_real(entry)),
                waiting + usize::from(!is_real(entry) && waits(entry)),
            )
        });
        waiting > 0 && real + waiting >= 2
    }

    pub(crate) async fn set_default_panel(
        &self,
        tenant: &TenantId,
        panel: DefaultPanel,
    ) -> Result<DefaultPanelView, Error> {
        let write = if panel.buckets.iter().all(Vec::is_empty) {
            Write::DeleteSetting(KEY.to_owned())
        } else {
            let buckets = self.checked(tenant, panel.buckets).await?;
            let value = serde_json::to_string(&buckets)
                .map_err(|fault| Error::invalid(fault.to_string()))?;
            Write::PutSetting {
                key: KEY.to_owned(),
                value,
            }
        };
        self.keep(tenant, [write]).await?;
        self.tell_models(tenant).await?;
        let catalog = self.catalog(tenant).await?;
        self.panel_of(tenant, &catalog, None).await
    }

    /// Buckets as they may be stored: of models on this machine, and with seats for two. A model
    /// that stood in them and was removed since is no mistake of whoever changes the rest; it goes.
    async fn checked(
        &self,
        tenant: &TenantId,
        mut buckets: Vec<Vec<ModelId>>,
    ) -> Result<Vec<Vec<ModelId>>, Error> {
        if buckets.len() > 8 || buckets.iter().any(|bucket| bucket.len() > 40) {
            return Err(Error::invalid(
                "A panel has at most 8 buckets of at most 40 models.",
            ));
        }
        let catalog = self.catalog(tenant).await?;
        let stood = self.chosen_buckets(tenant).await?.unwrap_or_default();
        let is_gone = |id: &ModelId| {
            catalog.entry(id).is_none() && stood.iter().flatten().any(|old| old == id)
        };
        for bucket in &mut buckets {
            bucket.retain(|id| !is_gone(id));
        }
        let named: Vec<ModelId> = buckets.iter().flatten().cloned().collect();
        check_known(&catalog, &named)?;
        let seats = distinct_seats(&buckets);
        if seats < 2 {
            let uncounted = if named.iter().any(ModelId::is_rehearsal) {
                " Rehearsal seats are not counted: they sit where no other panel can."
            } else {
                ""
            };
            return Err(Error::invalid(format!(
                "A panel needs at least two buckets with different models in them; these give {seats}.{uncounted}"
            )));
        }
        Ok(buckets)
    }
}

/// Seats that the buckets give when everybody in them can be called; rehearsal seats sit together
/// or not at all.
fn distinct_seats(buckets: &[Vec<ModelId>]) -> usize {
    let mut seated: Vec<&ModelId> = Vec::new();
    for bucket in buckets {
        let mut models = bucket.iter();
        seated.extend(models.find(|id| !id.is_rehearsal() && !seated.contains(id)));
    }
    seated.len()
}

/// Without a choice of the operator: a bucket for each provider, and where there are fewer
/// providers than seats, further buckets of the same models. Providers that have nobody but the
/// moderator's own family come last. One that failed when it was tried last is asked only where the
/// others give no panel.
fn by_provider(catalog: &Catalog, moderator: Option<&str>) -> Vec<Vec<ModelId>> {
    let mut providers: BTreeMap<&str, Vec<ModelId>> = BTreeMap::new();
    for entry in catalog.entries().iter().filter(|entry| is_real(entry)) {
        providers
            .entry(entry.model.provider.as_str())
            .or_default()
            .push(entry.model.id.clone());
    }
    let mut buckets: Vec<Vec<ModelId>> = providers.into_values().collect();
    let own = moderator.and_then(family);
    let is_own = |id: &ModelId| own.is_some() && family(id.as_str()) == own;
    // Stable: the others keep their order.
    buckets.sort_by_key(|bucket| bucket.iter().all(is_own));
    let (failing, sound): (Vec<_>, Vec<_>) = buckets
        .into_iter()
        .partition(|bucket| bucket.iter().any(|id| catalog.is_failing(id)));
    let spread_out = spread(sound.clone());
    match distinct_seats(&spread_out) {
        0 | 1 => spread([sound, failing].concat()),
        _ => spread_out,
    }
}

/// As many buckets as there are seats, as far as further ones seat somebody further.
fn spread(mut buckets: Vec<Vec<ModelId>>) -> Vec<Vec<ModelId>> {
    buckets.truncate(SEATS);
    let mut at = 0;
    while buckets.len() < SEATS && at < buckets.len() {
        let again = buckets[at].clone();
        let seats = distinct_seats(&buckets);
        buckets.push(again);
        // One that could seat nobody further would only be to spare.
        if distinct_seats(&buckets) == seats {
            buckets.pop();
        }
        at += 1;
    }
    buckets
}

fn is_real(entry: &Entry) -> bool {
    entry.model.kind != SeatKind::Rehearsal && entry.unfit.is_none()
}

fn seat(
    buckets: Vec<Vec<ModelId>>,
    catalog: &Catalog,
    moderator: Option<&str>,
    may_sit: impl Fn(&Entry) -> bool,
) -> DefaultPanelView {
    if catalog
        .entries()
        .iter()
        .filter(|entry| is_real(entry))
        .count()
        < 2
    {
        let seats = REHEARSAL_MODELS
            .iter()
            .filter_map(|name| ModelId::parse(name))
            .collect();
        return DefaultPanelView {
            buckets,
            seats,
            rehearsal: true,
            ..DefaultPanelView::default()
        };
    }
    let own_family = moderator.and_then(family);
    let mut seats: Vec<ModelId> = Vec::new();
    let mut collapsed = Vec::new();
    for (at, bucket) in buckets.iter().enumerate() {
        let free = |id: &&ModelId| !seats.contains(id) && catalog.entry(id).is_some_and(&may_sit);
        let foreign = |id: &&ModelId| own_family.is_none() || family(id.as_str()) != own_family;
        // The first of those that are the best.
        let pick = bucket
            .iter()
            .filter(free)
            .min_by_key(|id| (catalog.is_failing(id), !foreign(id)));
        match pick {
            Some(id) => seats.push(id.clone()),
            None => collapsed.extend(u32::try_from(at)),
        }
    }
    DefaultPanelView {
        buckets,
        seats,
        collapsed_buckets: collapsed,
        ..DefaultPanelView::default()
    }
}

/// Whether a name tells the family of models that it belongs to.
pub(crate) fn has_family(name: &str) -> bool {
    family(name).is_some()
}

/// The family a model or a client belongs to, by its name.
fn family(name: &str) -> Option<&'static str> {
    const FAMILIES: [(&str, &[&str]); 4] = [
        (
            "anthropic",
            &["claude", "anthropic", "opus", "sonnet", "haiku"],
        ),
        ("openai", &["gpt", "openai", "codex"]),
        ("google", &["gemini", "google"]),
        ("xai", &["grok", "xai"]),
    ];
    let name = name.to_ascii_lowercase();
    FAMILIES
        .iter()
        .find(|(_, words)| words.iter().any(|word| name.contains(word)))
        .map(|(family, _)| *family)
}
