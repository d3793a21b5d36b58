//! One model's price and state, from what is stored, the table and the keys.

use std::collections::BTreeMap;

use husting_domain::models::{
    Model, ModelId, PriceSource, REHEARSAL_MODELS, SeatKind, UnavailableReason,
};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::{PRESETS, Provider};
use husting_seats::prices;
use husting_wallet::wallet::Wallet;

use super::changes::display_name;
use super::{DEFAULT_OUTPUT, Entry};
use crate::providers::needs_key;

pub(super) fn entry(
    model: Model,
    providers: &BTreeMap<String, Provider>,
    wallet: &Wallet,
    lacks_key: Option<String>,
    installed: Option<bool>,
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
    let unfit =
        unfit(&model, provider, price, lacks_key).or_else(|| absent(&model, provider?, installed));
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

pub(super) fn unfit(
    model: &Model,
    provider: Option<&Provider>,
    price: Option<Price>,
    lacks_key: Option<String>,
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
    if provider.key_tail.is_none() && needs_key(provider.kind, &provider.base_url) {
        return Some((
            UnavailableReason::NoKey,
            format!("{} has no key.", provider.name),
        ));
    }
    if let Some(why) = lacks_key {
        return Some((UnavailableReason::NoKey, why));
    }
    if price.is_none() {
        return Some((
            UnavailableReason::NoPrice,
            "Not in the price table. Set a price, 0 included.".to_owned(),
        ));
    }
    None
}

/// What the newest look at a local server found; nothing is known before the first one.
fn absent(
    model: &Model,
    provider: &Provider,
    installed: Option<bool>,
) -> Option<(UnavailableReason, String)> {
    if model.kind != SeatKind::Local {
        return None;
    }
    let last = provider.last_test.as_ref();
    if last.is_some_and(|test| !test.ok && test.status.is_none()) {
        return Some((
            UnavailableReason::Unreachable,
            format!(
                "{} did not answer when it was last tried. Start it, and test it again in Settings.",
                provider.name
            ),
        ));
    }
    (installed == Some(false)).then(|| {
        let message = format!(
            "{} did not list it when it was last asked. Pull it, and test {0} again in Settings.",
            provider.name
        );
        (UnavailableReason::NotInstalled, message)
    })
}

/// The built-in seats.
pub(super) fn rehearsal_models() -> impl Iterator<Item = Model> {
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

/// By who pays, then provider, then name.
pub(super) fn order(entry: &Entry) -> (u8, &str, &str) {
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

/// The table's row for a provider's model.
pub(crate) fn table_row(
    provider: &Provider,
    provider_model: &str,
) -> Option<&'static prices::PriceRow> {
    // A vendor's address says more than the name its provider was given.
    let preset = PRESETS
        .iter()
        .find(|preset| preset.base_url == provider.base_url);
    let vendor = preset.map_or(provider.name.as_str(), |preset| preset.name);
    prices::lookup(provider.kind, vendor, provider_model)
}
