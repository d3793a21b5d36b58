//! Which models can be seated, and what the others lack.

use husting_domain::models::{SeatKind, UnavailableReason};
use husting_wire::models::ModelView;
use husting_wire::providers::ProviderView;
use husting_wire::settings::Finding;

use super::finding;

pub(super) const MODELS: &str = "models";
/// Models of one kind of want that are named; the rest are counted.
const MOST_NAMES: usize = 5;

/// After the providers were asked: what was found of one is true of its models.
pub(super) fn examined(models: &[ModelView], providers: &[ProviderView]) -> Finding {
    let mut lacks: Vec<(String, Vec<&str>)> = Vec::new();
    let (mut well, mut real) = (0, 0);
    for model in models {
        let Some(lack) = lack(model, providers) else {
            well += usize::from(model.available);
            real += usize::from(model.available && model.kind != SeatKind::Rehearsal);
            continue;
        };
        match lacks.iter_mut().find(|(known, _)| *known == lack) {
            Some((_, of)) => of.push(model.id.as_str()),
            None => lacks.push((lack, vec![model.id.as_str()])),
        }
    }
    let all = models.len();
    let mut told = format!("{well} of {all} have all that a seat needs");
    if real == 0 && well > 0 {
        told += ", all of them rehearsal seats, which follow rules and think nothing";
    }
    if !lacks.is_empty() {
        told += "; ";
        told += &named(&lacks);
    }
    Finding {
        waits: !lacks.is_empty() || real == 0,
        command: (!lacks.is_empty()).then(|| "`husting models list` says it of each".to_owned()),
        ..finding(MODELS, true, told)
    }
}

/// What keeps a model from a seat, as it follows its name; none where nothing does, or the operator wants it so.
fn lack(model: &ModelView, providers: &[ProviderView]) -> Option<String> {
    let name = &model.provider;
    let provider = providers.iter().find(|known| known.name == *name);
    match model.unavailable_reason {
        Some(UnavailableReason::Disabled) => return None,
        Some(UnavailableReason::NoPrice) => return Some(" has no price".to_owned()),
        Some(UnavailableReason::NoKey) if provider.is_some_and(|it| !it.key_readable) => {
            return Some(format!(": the key of {name} cannot be read now"));
        }
        // What it would take differs from model to model.
        Some(UnavailableReason::CreditExhausted) => {
            return Some(": the wallet has less than a call needs".to_owned());
        }
        Some(_) => {
            let why = model.unavailable_message.as_deref().unwrap_or_default();
            return Some(format!(": {}", why.trim_end_matches('.')));
        }
        None => {}
    }
    let provider = provider?;
    if provider.refuses_key() {
        return Some(match provider.key_tail {
            Some(_) => format!(": the key of {name} was refused"),
            None => format!(": {name} wants a key"),
        });
    }
    provider
        .is_silent()
        .then(|| format!(": {name} did not answer"))
}

fn named(lacks: &[(String, Vec<&str>)]) -> String {
    let told = lacks.iter().map(|(lack, models)| {
        let names = models.iter().take(MOST_NAMES).copied();
        let names = names.collect::<Vec<_>>().join(", ");
        let rest = match models.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let lack = match (lack.as_str(), models.len()) {
            (" has no price", 2..) => " have no price",
            (lack, _) => lack,
        };
        format!("{names}{rest}{lack}")
    });
    told.collect::<Vec<_>>().join("; ")
}
