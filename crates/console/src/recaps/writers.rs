//! Who writes a recap: the operator's choice in its order, or the cheapest model, rather one that does
//! not sit on the session's panel.

use std::collections::HashMap;

use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::MicroUsd;
use husting_wire::settings::AUTO;

use crate::Inner;
use crate::catalog::{Catalog, Entry};

/// Most models that are asked where Husting chooses.
const MOST_TRIES: usize = 3;

/// Writes where every seat of a session is a rehearsal seat.
const REHEARSAL_WRITER: &str = "rehearsal-pragmatist";

/// A model that may be asked.
pub(super) struct Writer {
    pub model: ModelId,
    /// Why it cannot be; a sentence.
    pub hindrance: Option<String>,
}

impl Inner {
    /// Who is asked for summaries of what `panel` says, one after the other until one has written. Empty
    /// where there is nobody.
    pub(super) fn writers(&self, catalog: &Catalog, panel: &[ModelId]) -> Vec<Writer> {
        if panel.iter().all(ModelId::is_rehearsal) {
            // What nobody thought is not summed up by somebody who thinks, and the other way round.
            return ModelId::parse(REHEARSAL_WRITER)
                .map(|model| writer(catalog, model))
                .into_iter()
                .collect();
        }
        let chosen = self.settings().recap_model;
        let ids = if chosen.trim() == AUTO {
            writers_for(catalog, panel)
        } else {
            let ids = chosen.split(',');
            ids.filter_map(|id| ModelId::parse(id.trim())).collect()
        };
        ids.into_iter().map(|id| writer(catalog, id)).collect()
    }
}

fn writer(catalog: &Catalog, model: ModelId) -> Writer {
    let hindrance = match catalog.entry(&model) {
        None => Some("It is not on this machine's list of models.".to_owned()),
        Some(entry) => entry.unfit.as_ref().map(|(_, sentence)| sentence.clone()),
    };
    Writer { model, hindrance }
}

/// Whom Husting chooses to sum up what `panel` says, in the order in which they are asked.
///
/// A server that does not answer spends one try and not all of them: each provider's first choice
/// comes before anybody's second. Among equals panelists come last, who would sum up their own debate; but one of them
/// is tried where they would not come to it, as they were heard just now. Those of a provider that failed when it was
/// last tried are asked after all others.
pub(crate) fn writers_for(catalog: &Catalog, panel: &[ModelId]) -> Vec<ModelId> {
    let is_real = |entry: &&Entry| entry.model.kind != SeatKind::Rehearsal && entry.unfit.is_none();
    let mut entries: Vec<&Entry> = catalog.entries().iter().filter(is_real).collect();
    let order = |entry: &&Entry| (panel.contains(&entry.model.id), rank(entry));
    entries.sort_by_cached_key(order);
    let mut choices: HashMap<&str, usize> = HashMap::new();
    let mut numbered: Vec<(usize, &Entry)> = entries
        .into_iter()
        .map(|entry| {
            let choice = choices.entry(&entry.model.provider).or_default();
            *choice += 1;
            (*choice, entry)
        })
        .collect();
    // Stable, so that the order stays among the choices of one number.
    numbered.sort_by_cached_key(|(choice, entry)| (catalog.is_failing(&entry.model.id), *choice));
    let mut ids: Vec<ModelId> = numbered
        .into_iter()
        .map(|(_, entry)| entry.model.id.clone())
        .collect();
    let is_seated = |id: &ModelId| panel.contains(id) && !catalog.is_failing(id);
    if let Some(seat) = ids
        .iter()
        .position(is_seated)
        .filter(|at| *at >= MOST_TRIES)
    {
        ids.swap(MOST_TRIES - 1, seat);
    }
    ids.truncate(MOST_TRIES);
    ids
}

/// By what is written, then by what is read; the name decides between equals.
fn rank(entry: &Entry) -> (MicroUsd, MicroUsd, ModelId) {
    let price = entry.price();
    (price.output, price.input, entry.model.id.clone())
}
