//! Providers as people read them.

use husting_domain::providers::ProviderTest;
use husting_wire::providers::{NO_TAIL, ProviderList, ProviderView};

use crate::output::table::{Align, Table};
use crate::output::words::word;

/// Providers, and below them keys found in the environment.
pub(super) fn listed(list: &ProviderList) -> String {
    let offers = list.offers.iter().map(|offer| {
        format!(
            "{found}{tail} was found; `husting provider add {name} --key-env {found}` would use it.\n",
            found = offer.found,
            name = offer.name,
            tail = offer.key_tail.as_ref().map(|tail| format!(", …{tail},")).unwrap_or_default(),
        )
    });
    let table = table(list.providers.iter());
    table.or("No provider yet: `husting provider add` adds one.") + &offers.collect::<String>()
}

/// The row of one provider; none of one that went meanwhile.
pub(super) fn only(list: &ProviderList, name: &str) -> String {
    let mut rows = list.providers.iter().filter(|known| known.name == name);
    let row = rows.next();
    row.map_or_else(String::new, |row| table([row].into_iter()).to_string())
}

fn table<'a>(providers: impl Iterator<Item = &'a ProviderView>) -> Table {
    let mut table = Table::new(&[
        ("NAME", Align::Left),
        ("KIND", Align::Left),
        ("ADDRESS", Align::Left),
        ("KEY", Align::Left),
        ("MODELS", Align::Right),
        ("LAST TEST", Align::Left),
    ]);
    for provider in providers {
        table.row([
            provider.name.clone(),
            word(&provider.kind),
            provider.base_url.clone(),
            key(provider),
            provider.models.to_string(),
            test(provider),
        ]);
    }
    table
}

fn key(provider: &ProviderView) -> String {
    match &provider.key_tail {
        None => "none".to_owned(),
        Some(tail) if provider.key_readable => shown(tail),
        Some(tail) => format!("{} (cannot be read now)", shown(tail)),
    }
}

/// The end of a key as it stands in a line; of a short one a lone `…`.
pub(super) fn shown(tail: &str) -> String {
    match tail {
        NO_TAIL => NO_TAIL.to_owned(),
        tail => format!("…{tail}"),
    }
}

fn test(provider: &ProviderView) -> String {
    match &provider.last_test {
        None => "never".to_owned(),
        Some(test) => match failure(test) {
            None => format!("good, {} ms", test.millis),
            Some(why) => format!("failed: {why}"),
        },
    }
}

/// What a provider answered that failed, its status first; none of one that is well.
pub(in crate::commands) fn failure(test: &ProviderTest) -> Option<String> {
    let status = test.status.map(|status| status.to_string());
    let told: Vec<_> = status.into_iter().chain(test.message.clone()).collect();
    (!test.ok).then(|| told.join(" "))
}

/// Known models were asked for and none was put on the list.
pub(super) fn no_models(provider: &ProviderView) -> String {
    let name = &provider.name;
    let status = match &provider.last_test {
        Some(test) if !test.ok => match test.status {
            Some(status) if provider.misaddressed => Heard::NoProvider(status),
            Some(status) => Heard::Status(status),
            None => Heard::Nothing,
        },
        _ => Heard::Models,
    };
    let why = match status {
        Heard::Status(status @ (401 | 403)) => {
            return format!(
                "{name} refuses this key ({status}), so none of its models was put on the list.\n\
                 `husting provider key {name} --key-stdin` takes another one, and\n\
                 `husting models add MODEL --provider {name}` puts one on the list.\n"
            );
        }
        Heard::NoProvider(status) => {
            let what = match status {
                200 => "answered with something that is no list of models".to_owned(),
                _ => format!("has no list of models at its address ({status})"),
            };
            return format!(
                "{name} {what}, so none was put on the list.\n\
                 {}, and\n\
                 `husting models add MODEL --provider {name}` puts one on the list.\n",
                elsewhere(provider)
            );
        }
        Heard::Status(status) => &format!("{name} answered with an error ({status})"),
        Heard::Nothing => &format!("{name} could not be reached"),
        Heard::Models => "The price table knows none of its models",
    };
    format!(
        "{why}, so none was put on the list.\n\
         `husting models refresh {name}` asks it again, and\n\
         `husting models add MODEL --provider {name}` puts one on the list.\n"
    )
}

/// It was added: whether its address and key are right.
pub(super) fn outcome(provider: &ProviderView) -> String {
    let name = &provider.name;
    let Some(test) = &provider.last_test else {
        return format!(
            "{name} was not called yet: `husting provider test {name}` makes a free call.\n"
        );
    };
    let Some(why) = failure(test) else {
        let models = match provider.models {
            0 => format!(
                "`husting models add MODEL --provider {name}` puts a model of it on the list.\n"
            ),
            _ => String::new(),
        };
        return format!("{name} was added, and answers.\n{models}");
    };
    let way = advice(provider);
    // The table has all of it.
    let why = why.lines().next().unwrap_or_default();
    let why = why.trim_end_matches('.');
    format!("{name} was added, and its test failed: {why}; {way}.\n")
}

/// It was tested: what mends it, where a test that failed says that; the table has the rest.
pub(super) fn mending(provider: &ProviderView) -> String {
    way(provider)
        .map(|way| format!("{way}.\n"))
        .unwrap_or_default()
}

/// What is to be done with a provider that failed when it was tried last.
pub(in crate::commands) fn advice(provider: &ProviderView) -> String {
    let again = || format!("`husting provider test {}` tries it again", provider.name);
    way(provider).unwrap_or_else(again)
}

/// What mends a provider that answers the same however often it is tried.
fn way(provider: &ProviderView) -> Option<String> {
    let test = provider.last_test.as_ref().filter(|test| !test.ok)?;
    if provider.misaddressed {
        return Some(elsewhere(provider));
    }
    if provider.is_silent() {
        let name = &provider.name;
        return Some(format!(
            "`husting provider test {name}` tries it again once it runs and can be reached; {}",
            elsewhere(provider)
        ));
    }
    match test.status? {
        401 | 403 => Some(format!(
            "`husting provider key {} --key-stdin` takes a key",
            provider.name
        )),
        _ => None,
    }
}

/// How a provider's address is changed, and what the one that it has may lack.
fn elsewhere(ProviderView { name, base_url, .. }: &ProviderView) -> String {
    let lacks = match base_url.trim_end_matches('/').ends_with("/v1") {
        true => "",
        false => " (many addresses end in /v1)",
    };
    format!("`husting provider address {name} URL` has it called elsewhere{lacks}")
}

/// What a provider that was asked for its models gave.
enum Heard {
    Models,
    Status(u16),
    /// The status of what has no provider there.
    NoProvider(u16),
    Nothing,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn of_a_short_key_nothing_is_shown_but_that_it_is_there() {
        let with = |tail: &str| ProviderView {
            key_tail: Some(tail.to_owned()),
            ..provider(json!(null))
        };
        assert_eq!(key(&with("8f46")), "…8f46");
        assert_eq!(key(&with("…")), "…");
    }

    fn provider(last_test: Value) -> ProviderView {
        let test: Option<ProviderTest> =
            serde_json::from_value(last_test.clone()).expect("a test as the core gives it");
        let misaddressed = test.is_some_and(|test| test.is_misaddressed());
        let view = json!({
            "name": "rack", "misaddressed": misaddressed, "kind": "openai-compatible", "base_url": "http://127.0.0.1:4010/v1", "key_tail": "1234",
            "kept_in": "memory", "key_readable": true, "last_test": last_test, "models": 0, "created_at": "2026-11-24T10:00:00Z",
        });
        serde_json::from_value(view).expect("a provider as the core gives it")
    }

    #[test]
    fn why_none_of_its_models_is_there_is_told_by_what_it_answered() {
        let failed = |status: Value| json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": false, "status": status, "message": "No." });
        let good = json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": true, "status": 200, "message": null });
        for (last_test, begins, helps) in [
            (
                failed(json!(401)),
                "rack refuses this key (401)",
                "provider key rack",
            ),
            (
                failed(json!(403)),
                "rack refuses this key (403)",
                "provider key rack",
            ),
            (
                failed(json!(503)),
                "rack answered with an error (503)",
                "models refresh rack",
            ),
            (
                failed(json!(200)),
                "rack answered with something that is no list of models",
                "provider address rack URL",
            ),
            (
                failed(json!(404)),
                "rack has no list of models at its address (404)",
                "provider address rack URL",
            ),
            (
                failed(json!(null)),
                "rack could not be reached",
                "models refresh rack",
            ),
            (good, "The price table knows none", "models add MODEL"),
        ] {
            let words = no_models(&provider(last_test));
            assert!(
                words.starts_with(begins) && words.contains(helps),
                "{words}"
            );
        }
    }

    #[test]
    fn a_provider_that_answers_and_has_no_model_on_the_list_says_what_puts_one_there() {
        let test = json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": true, "status": 200, "message": null });
        let bare = ProviderView {
            models: 0,
            ..provider(test)
        };
        let added = "rack was added, and answers.\n";
        let way = "`husting models add MODEL --provider rack` puts a model of it on the list.\n";
        assert_eq!(outcome(&bare), format!("{added}{way}"));
        assert_eq!(outcome(&ProviderView { models: 2, ..bare }), added);
    }

    #[test]
    fn a_provider_whose_address_answers_and_is_no_api_is_called_elsewhere() {
        let page = "a page came that is not what an API answers: <html>";
        let test = json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": false, "status": 200, "message": page });
        let told = outcome(&provider(test));
        let way =
            "API answers: <html>; `husting provider address rack URL` has it called elsewhere.\n";
        assert!(told.ends_with(way), "{told}");
    }

    #[test]
    fn a_provider_that_has_nothing_at_its_address_is_called_elsewhere_and_not_tried_again() {
        for status in [404, 405] {
            let test = json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": false, "status": status, "message": "Not Found" });
            let bare = ProviderView {
                base_url: "http://127.0.0.1:4010".to_owned(),
                ..provider(test.clone())
            };
            let way = "`husting provider address rack URL` has it called elsewhere (many addresses end in /v1).\n";
            let told = outcome(&bare);
            assert!(told.ends_with(&format!("Not Found; {way}")), "{told}");
            assert_eq!(mending(&bare), way);
            let with_path = "`husting provider address rack URL` has it called elsewhere.\n";
            assert_eq!(mending(&provider(test)), with_path, "it ends in it already");
        }
    }

    #[test]
    fn after_a_test_nothing_is_advised_that_mends_nothing() {
        let test = |ok: bool, status: Value| json!({ "at": "2026-11-24T10:00:00Z", "millis": 80, "ok": ok, "status": status, "message": null });
        for last_test in [json!(null), test(true, json!(200)), test(false, json!(503))] {
            assert_eq!(mending(&provider(last_test)), "");
        }
        let silent = mending(&provider(test(false, json!(null))));
        let ways = "`husting provider test rack` tries it again once it runs and can be reached; \
                    `husting provider address rack URL` has it called elsewhere.\n";
        assert_eq!(silent, ways);
        let refused = mending(&provider(test(false, json!(401))));
        assert_eq!(
            refused,
            "`husting provider key rack --key-stdin` takes a key.\n"
        );
    }
}
