//! What providers say they have.

use husting_domain::money::{MicroUsd, Price};
use husting_wire::commands::{AskForModels, FindProviders};
use husting_wire::errors::Error;
use husting_wire::models::{OfferedModel, OfferedModels, RefreshModels};
use husting_wire::settings::Nothing;
use serde::Serialize;

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::dollars;

/// What a provider says it has.
#[derive(Serialize)]
struct Offer {
    provider: String,
    offered: Vec<OfferedModel>,
}

pub(super) async fn refresh(
    door: &dyn Door,
    provider: Option<String>,
    json: bool,
) -> Result<Exit, Failure> {
    let providers = match provider {
        Some(provider) => vec![provider],
        None => {
            let list = ask::<FindProviders>(door, Nothing {}).await?;
            list.providers
                .into_iter()
                .map(|provider| provider.name)
                .collect()
        }
    };
    let (mut offers, mut failed) = (Vec::new(), None);
    for provider in providers {
        let asked = RefreshModels {
            provider: provider.clone(),
        };
        match ask::<AskForModels>(door, asked).await {
            Ok(OfferedModels { offered }) => offers.push(Offer { provider, offered }),
            Err(Failure::Console(fault)) => failed = Some(beside(failed, &provider, fault)),
            Err(fault) => return Err(fault),
        }
    }
    // What the others offer is told all the same.
    if failed.is_none() || !offers.is_empty() {
        if json {
            output::json(&offers)?;
        } else {
            output::text(&offered(&offers))?;
        }
    }
    failed.map_or(Ok(Exit::Done), |fault| Err(fault.into()))
}

/// A provider's fault, named, behind those of others before it.
fn beside(before: Option<Error>, provider: &str, fault: Error) -> Error {
    let before = before.map(|before| before.message + " ");
    Error {
        message: format!(
            "{}{provider}: {}",
            before.unwrap_or_default(),
            fault.message
        ),
        ..fault
    }
}

fn offered(offers: &[Offer]) -> String {
    let mut table = Table::new(&[
        ("PROVIDER", Align::Left),
        ("MODEL", Align::Left),
        ("HERE AS", Align::Left),
        ("IN", Align::Money),
        ("OUT", Align::Money),
    ]);
    for offer in offers {
        for model in &offer.offered {
            let figure = |pick: fn(&Price) -> MicroUsd| {
                model.table_price.as_ref().map(|price| dollars(pick(price)))
            };
            table.row([
                offer.provider.clone(),
                model.provider_model.clone(),
                model
                    .known_as
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                figure(|price| price.input).unwrap_or_default(),
                figure(|price| price.output).unwrap_or_default(),
            ]);
        }
    }
    if offers.is_empty() {
        return "No provider yet: `husting provider add` adds one.\n".to_owned();
    }
    let table = table.or("Nothing is offered.");
    format!("{table}`husting models add MODEL --provider PROVIDER` puts one on the list.\n")
}
