//! Who sits on a panel: named or by default, known, and able to be called in time.

use std::collections::HashSet;

use husting_deliberation::roster::Roster;
use husting_domain::ids::TenantId;
use husting_domain::models::{ModelId, SeatKind, UnavailableReason};
use husting_domain::sessions::Session;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::ranges::MAX_SEATS;
use husting_wire::sessions::Convene;
use serde_json::json;

use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::keys::Keys;
use crate::panel::has_family;
use crate::seating::{LOCAL_SECONDS, Machine};

impl Inner {
    pub(super) async fn panel_for(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        asked: &Convene,
    ) -> Result<Vec<ModelId>, Error> {
        let Some(models) = &asked.models else {
            let names = [
                asked.moderator_name.as_deref(),
                asked.application.as_deref(),
            ];
            let moderator = names.into_iter().flatten().find(|name| has_family(name));
            return self.default_models(tenant, catalog, moderator).await;
        };
        check_panel(catalog, models, self.settings().panel_max_seats)?;
        check_seats(catalog, &self.keys, models)?;
        Ok(models.clone())
    }

    /// Whether the key of every seat can be read, before anything is kept or held.
    pub(super) async fn check_keys(
        &self,
        catalog: &Catalog,
        models: &[ModelId],
    ) -> Result<(), Error> {
        let entries = models.iter().filter_map(|model| catalog.entry(model));
        for entry in entries {
            if let Some(provider) = catalog.provider(&entry.model.provider) {
                self.key_of(provider).await?;
            }
        }
        Ok(())
    }

    /// A call's deadline in seconds: the session's, the model's, the kind's.
    pub(crate) fn seconds_for(&self, catalog: &Catalog, session: &Session, model: &ModelId) -> u32 {
        let entry = catalog.entry(model);
        let by_kind = || match entry.map(|entry| entry.model.kind) {
            Some(SeatKind::Local) => {
                LOCAL_SECONDS.saturating_mul(takers_of_turns(catalog, session, model))
            }
            Some(SeatKind::Rehearsal) => LOCAL_SECONDS,
            Some(SeatKind::Api) | None => self.settings().panel_deadline_seconds,
        };
        session
            .deadline_seconds
            .or_else(|| entry?.model.deadline_seconds)
            .unwrap_or_else(by_kind)
    }
}

/// Seats of the session's panel that take turns on the machine of a local one, itself included: the
/// last of them waits for all the others. Other sessions' seats there are not known beforehand.
fn takers_of_turns(catalog: &Catalog, session: &Session, model: &ModelId) -> u32 {
    let machine = Machine::of_local(catalog, model);
    let beside = |other: &&ModelId| Machine::of_local(catalog, other) == machine;
    let takers = session.models.iter().filter(beside).count();
    u32::try_from(takers).unwrap_or(u32::MAX).max(1)
}

/// The session's panel with names for people.
pub(crate) fn roster_of(session: &Session, catalog: &Catalog) -> Roster {
    let seats = session
        .models
        .iter()
        .map(|model| (model.clone(), catalog.name(model)))
        .collect();
    Roster::new(seats, session.seed, session.blind)
}

/// Whether every one of `models` can be called, money aside: a lack of that is told by the
/// preflight, with its figures.
pub(crate) fn check_seats(catalog: &Catalog, keys: &Keys, models: &[ModelId]) -> Result<(), Error> {
    check_known(catalog, models)?;
    // A lack of money is told by the preflight, with its figures.
    let unfit: Vec<&Entry> = models
        .iter()
        .filter_map(|model| catalog.entry(model))
        .filter(|entry| entry.unfit.is_some())
        .collect();
    if !unfit.is_empty() {
        let why = reasons(&unfit);
        let ids: Vec<&ModelId> = unfit.iter().map(|entry| &entry.model.id).collect();
        let no_key = |entry: &&Entry| {
            let reason = entry.unfit.as_ref().map(|(reason, _)| *reason);
            reason == Some(UnavailableReason::NoKey)
        };
        let way = keys.locked().filter(|_| unfit.iter().any(no_key));
        let way = way.filter(|way| !why.iter().any(|told| told.ends_with(way)));
        let told: Vec<String> = why.into_iter().chain(way).collect();
        return Err(Error::new(
            ErrorCode::IneligibleModels,
            format!("Not every seat can be called. {}", told.join(" ")),
        )
        .with(json!({ "ineligible_models": ids })));
    }
    Ok(())
}

/// Why they cannot be called; those of whom the same is to be said are named together.
fn reasons(unfit: &[&Entry]) -> Vec<String> {
    let mut told: Vec<(&str, Vec<&ModelId>)> = Vec::new();
    for entry in unfit {
        let Some((_, why)) = &entry.unfit else {
            continue;
        };
        match told.iter_mut().find(|(other, _)| other == why) {
            Some((_, ids)) => ids.push(&entry.model.id),
            None => told.push((why, vec![&entry.model.id])),
        }
    }
    let told = told.into_iter();
    told.map(|(why, ids)| format!("{}: {why}", listed(&ids)))
        .collect()
}

/// Whether `models` are a panel, be they able to be called or not: known, enough of them, at most `most`, and each once.
pub(crate) fn check_panel(catalog: &Catalog, models: &[ModelId], most: u32) -> Result<(), Error> {
    // Whoever mistyped a name is told of that first.
    check_known(catalog, models)?;
    let named = models.len();
    if !(2..=most as usize).contains(&named) {
        let were = if named == 1 { "was" } else { "were" };
        let more = if named > most as usize && u64::from(most) < MAX_SEATS.most {
            " The setting `panel.max_seats` allows more."
        } else {
            ""
        };
        return Err(Error::invalid(format!(
            "A panel has 2 to {most} models; {named} {were} named.{more}"
        )));
    }
    let is_named_twice = |(at, model): &(usize, &ModelId)| models[..*at].contains(model);
    if let Some((_, model)) = models.iter().enumerate().find(is_named_twice) {
        return Err(Error::invalid(format!(
            "A panel holds each model once; `{}` was named twice.",
            model.as_str()
        )));
    }
    Ok(())
}

/// Whether every one of `models` is on this machine.
pub(crate) fn check_known(catalog: &Catalog, models: &[ModelId]) -> Result<(), Error> {
    let mut unknown: Vec<&ModelId> = models
        .iter()
        .filter(|model| catalog.entry(model).is_none())
        .collect();
    let mut told = HashSet::new();
    unknown.retain(|model| told.insert(*model));
    if !unknown.is_empty() {
        let message = format!(
            "{} {} on this machine. Settings, or `husting models list`, shows them all, and those that were taken off.",
            listed(&unknown),
            if unknown.len() == 1 {
                "is not a model"
            } else {
                "are not models"
            }
        );
        return Err(Error::new(ErrorCode::UnknownModels, message)
            .with(json!({ "unknown_models": unknown, "models_requested": models })));
    }
    Ok(())
}

/// Whether it is known of every seat what it takes: what nobody knows is not estimated as nothing.
pub(crate) fn check_priced(seats: &[&Entry]) -> Result<(), Error> {
    let unpriced = seats.iter().filter(|entry| entry.price.is_none());
    let unpriced: Vec<&ModelId> = unpriced.map(|entry| &entry.model.id).collect();
    if unpriced.is_empty() {
        return Ok(());
    }
    let message = format!(
        "No price is known of {}. Set one, 0 included: `husting models price`, or on the screen of the models.",
        listed(&unpriced)
    );
    Err(Error::new(ErrorCode::IneligibleModels, message)
        .with(json!({ "ineligible_models": unpriced })))
}

fn listed(models: &[&ModelId]) -> String {
    models
        .iter()
        .map(|model| model.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
