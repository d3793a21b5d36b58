//! Providers as people read them.

use husting_wire::providers::{ProviderList, ProviderView};

use crate::output::table::{Align, Table};
use crate::output::words::word;

/// Providers, and below them keys found in the environment.
pub(super) fn listed(list: &ProviderList) -> String {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("KIND", Align::Left),
        ("ADDRESS", Align::Left),
        ("KEY", Align::Left),
        ("MODELS", Align::Right),
        ("LAST TEST", Align::Left),
    ]);
    for provider in &list.providers {
        table.row([
            provider.name.clone(),
            word(&provider.kind),
            provider.base_url.clone(),
            key(provider),
            provider.models.to_string(),
            test(provider),
        ]);
    }
    let offers = list.offers.iter().map(|offer| {
        format!(
            "{found} was found; `husting provider add {name} --key-env {found}` would use it.\n",
            found = offer.found,
            name = offer.name,
        )
    });
    table.or("No provider yet: `husting provider add` adds one.") + &offers.collect::<String>()
}

fn key(provider: &ProviderView) -> String {
    match &provider.key_tail {
        None => "none".to_owned(),
        Some(tail) if provider.key_readable => format!("…{tail}"),
        Some(tail) => format!("…{tail} (cannot be read now)"),
    }
}

fn test(provider: &ProviderView) -> String {
    match &provider.last_test {
        None => "never".to_owned(),
        Some(test) if test.ok => format!("good, {} ms", test.millis),
        Some(test) => {
            let status = test
                .status
                .map(|status| format!("{status} "))
                .unwrap_or_default();
            format!(
                "failed: {status}{}",
                test.message.clone().unwrap_or_default()
            )
        }
    }
}

/// Known models were asked for and none was put on the list.
pub(super) fn no_models(provider: &ProviderView) -> String {
    let name = &provider.name;
    let why = match &provider.last_test {
        Some(test) if !test.ok => "It did not say what it has",
        _ => "The price table knows none of its models",
    };
    format!(
        "{why}, so none was put on the list.\n\
         `husting models refresh {name}` asks it again, and\n\
         `husting models add MODEL --provider {name}` puts one on the list.\n"
    )
}
