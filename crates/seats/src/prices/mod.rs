//! The vendored price table: what models cost, on a stated day.
//!
//! `table.json` is a subset of genai-prices (see `NOTICE.md`), written by `prices-refresh.py`. It
//! knows a model under its own id and under the spellings its provider accepts.

mod pattern;

use std::sync::LazyLock;

use husting_domain::money::{LongPrice, MicroUsd, Price};
use husting_domain::providers::ProviderKind;
use serde::Deserialize;

/// One model of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// The table's name of the provider, such as `openai`.
    pub provider: String,
    /// The provider's own id of the model.
    pub id: String,
    /// In micro-dollars per million tokens.
    pub price: Price,
    /// In tokens, where the table knows it.
    pub context_window: Option<u64>,
    /// The day whose prices these are, such as `2026-11-20`.
    pub as_of: String,
    spellings: Vec<String>,
    excepted: Vec<String>,
}

/// The price of `model` at a provider of this kind and name; `None` where the table has none, and
/// for a server that only speaks a known wire but is not a known vendor. A model may be written as
/// `<provider>/<id>`.
#[must_use]
pub fn lookup(kind: ProviderKind, provider: &str, model: &str) -> Option<&'static PriceRow> {
    let vendor = vendor(kind, provider)?;
    let model = model.to_lowercase();
    let find = |id: &str| {
        let rows = || all().iter().filter(|row| row.provider == vendor);
        rows()
            .find(|row| row.id == id)
            .or_else(|| rows().find(|row| row.is_spelled(id)))
    };
    let bare = model
        .split_once('/')
        .filter(|(prefix, _)| *prefix == provider || *prefix == vendor);
    find(&model).or_else(|| find(bare?.1))
}

/// Every row, by provider.
#[must_use]
pub fn all() -> &'static [PriceRow] {
    &TABLE.rows
}

/// The day whose prices the table holds, such as `2026-11-20`.
#[must_use]
pub fn as_of() -> &'static str {
    &TABLE.as_of
}

fn vendor(kind: ProviderKind, provider: &str) -> Option<&'static str> {
    match kind {
        ProviderKind::Openai => Some("openai"),
        ProviderKind::Anthropic => Some("anthropic"),
        ProviderKind::Gemini => Some("google"),
        ProviderKind::Ollama | ProviderKind::OpenaiLocal => None,
        ProviderKind::OpenaiCompatible => match provider {
            "google" | "gemini" => Some("google"),
            "xai" | "x-ai" | "grok" => Some("x-ai"),
            "mistral" | "mistralai" => Some("mistral"),
            "deepseek" => Some("deepseek"),
            "groq" => Some("groq"),
            "openrouter" => Some("openrouter"),
            _ => None,
        },
    }
}

impl PriceRow {
    fn is_spelled(&self, id: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| pattern::fits(pattern, id));
        any(&self.spellings) && !any(&self.excepted)
    }
}

#[derive(Default)]
struct Table {
    as_of: String,
    rows: Vec<PriceRow>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A broken table prices nothing, so nothing can be called at a wrong price; a test reads it.
    serde_json::from_str::<File>(include_str!("table.json"))
        .map(Table::from)
        .unwrap_or_default()
});

#[derive(Deserialize)]
struct File {
    as_of: String,
    providers: Vec<Vendor>,
}

#[derive(Deserialize)]
struct Vendor {
    id: String,
    models: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    r#match: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    input: i64,
    output: i64,
    cache_read: Option<i64>,
    cache_write: Option<i64>,
    window: Option<u64>,
    long: Option<LongPrice>,
}

impl From<File> for Table {
    fn from(file: File) -> Self {
        let as_of = file.as_of;
        let rows = file.providers.into_iter().flat_map(|vendor| {
            let as_of = as_of.clone();
            vendor
                .models
                .into_iter()
                .map(move |line| line.row(&vendor.id, &as_of))
        });
        let rows = rows.collect();
        Self { as_of, rows }
    }
}

impl Line {
    fn row(self, provider: &str, as_of: &str) -> PriceRow {
        let price = Price {
            input: MicroUsd(self.input),
            output: MicroUsd(self.output),
            cache_read: self.cache_read.map(MicroUsd),
            cache_write: self.cache_write.map(MicroUsd),
            long: self.long,
        };
        PriceRow {
            provider: provider.to_owned(),
            id: self.id,
            price,
            context_window: self.window,
            as_of: as_of.to_owned(),
            spellings: self.r#match,
            excepted: self.unless,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_domain::providers::PRESETS;

    fn id(kind: ProviderKind, provider: &str, model: &str) -> Option<&'static str> {
        lookup(kind, provider, model).map(|row| row.id.as_str())
    }

    #[test]
    fn the_whole_table_reads() {
        for (vendor, least) in [
            ("openai", 80),
            ("anthropic", 20),
            ("google", 40),
            ("x-ai", 10),
            ("mistral", 20),
            ("deepseek", 5),
            ("groq", 20),
            ("openrouter", 500),
        ] {
            let rows = all().iter().filter(|row| row.provider == vendor).count();
            assert!(rows >= least, "{vendor} has {rows}");
        }
        assert!(
            all()
                .iter()
                .all(|row| row.price.input.0 >= 0 && row.price.output.0 >= 0)
        );
        let day: jiff::civil::Date = as_of().parse().unwrap();
        assert_eq!(day.to_string(), as_of());
    }

    #[test]
    fn a_model_has_its_published_price() {
        // https://platform.claude.com/docs/en/about-claude/pricing
        let row = lookup(ProviderKind::Anthropic, "anthropic", "claude-opus-4-7").unwrap();
        let dollars = |micros| Some(MicroUsd(micros));
        assert_eq!(
            (row.price.input, row.price.output),
            (MicroUsd::dollars(5), MicroUsd::dollars(25))
        );
        assert_eq!(
            (row.price.cache_read, row.price.cache_write),
            (dollars(500_000), dollars(6_250_000))
        );
        assert_eq!(row.context_window, Some(1_000_000));
    }

    #[test]
    fn a_long_prompt_has_its_published_price() {
        // https://ai.google.dev/gemini-api/docs/pricing
        let row = lookup(ProviderKind::Gemini, "gemini", "gemini-2.5-pro").unwrap();
        let long = LongPrice {
            above: 200_000,
            input: MicroUsd(2_500_000),
            output: MicroUsd::dollars(15),
            cache_read: Some(MicroUsd(250_000)),
            cache_write: None,
        };
        assert_eq!(row.price.long, Some(long));
        let (mut longer, mut dearer) = (0, 0);
        for PriceRow { price, id, .. } in all() {
            let Some(long) = price.long else { continue };
            longer += 1;
            dearer += usize::from(long.input > price.input);
            assert!(
                long.input >= price.input && long.output >= price.output,
                "{id}"
            );
            assert_eq!(
                long.cache_read.is_some(),
                price.cache_read.is_some(),
                "{id}"
            );
        }
        assert!(longer >= 100 && dearer >= 100, "{longer} {dearer}");
    }

    #[test]
    fn other_spellings_are_known() {
        use ProviderKind::{Anthropic, Openai, OpenaiCompatible};
        assert_eq!(
            id(Anthropic, "claude", "claude-opus-4-7-20260416"),
            Some("claude-opus-4-7")
        );
        assert_eq!(id(Openai, "work", "gpt-5-2025-08-07"), Some("gpt-5"));
        assert_eq!(id(Openai, "work", "work/gpt-5"), Some("gpt-5"));
        assert_eq!(
            id(
                OpenaiCompatible,
                "openrouter",
                "openrouter/anthropic/claude-opus-4.7"
            ),
            Some("anthropic/claude-opus-4.7")
        );
        assert_eq!(
            id(OpenaiCompatible, "google", "gemini-2.5-pro-exp"),
            Some("gemini-2.5-pro")
        );
        assert_ne!(
            id(OpenaiCompatible, "google", "gemini-2.5-pro-exp-tts"),
            Some("gemini-2.5-pro")
        );
    }

    #[test]
    fn every_vendor_known_by_its_name_has_its_prices() {
        let models = [
            ("openai", "gpt-5"),
            ("anthropic", "claude-opus-4-7"),
            ("gemini", "gemini-2.5-pro"),
            ("xai", "grok-4"),
            ("mistral", "mistral-large-latest"),
            ("deepseek", "deepseek-chat"),
            ("groq", "llama-3.3-70b-versatile"),
            ("openrouter", "anthropic/claude-opus-4.7"),
        ];
        // Nobody is paid for those that run here.
        let vendors = PRESETS.iter().filter(|preset| !preset.kind.is_local());
        for (vendor, (name, model)) in vendors.clone().zip(models) {
            assert_eq!(vendor.name, name);
            assert!(id(vendor.kind, name, model).is_some(), "{name} {model}");
        }
        assert_eq!(vendors.count(), models.len());
    }

    #[test]
    fn an_unknown_model_or_server_has_no_price() {
        assert_eq!(
            id(ProviderKind::Anthropic, "anthropic", "claude-opus-99"),
            None
        );
        assert_eq!(id(ProviderKind::OpenaiCompatible, "aimock", "gpt-5"), None);
        assert_eq!(id(ProviderKind::Ollama, "ollama", "gpt-5"), None);
    }
}
