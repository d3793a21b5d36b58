//! The default panel.

use clap::Args;
use husting_domain::models::ModelId;
use husting_domain::system_words::without_os_numbers;
use husting_wire::commands::{ChangePanel, TakeSnapshot};
use husting_wire::models::{DefaultPanel, DefaultPanelView};
use husting_wire::settings::Nothing;
use husting_wire::snapshot::Snapshot;

use crate::commands::deliberate::model_id;
use crate::commands::provider::{advice, failure};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{plain, shortened};

/// Characters of a provider's own words that a line has; `husting provider list` has them all.
const MOST_WORDS: usize = 120;

const REHEARSAL_WAITS: &str = "Rehearsal models sit together, where fewer than two others can be called, and take no single seat.\n";

/// The default panel: printed, chosen, or given back.
#[derive(Debug, Args)]
pub struct Panel {
    /// One place for each seat, the models for it in order of preference, such as a,b c,d
    #[arg(value_parser = bucket, value_name = "ID,ID")]
    buckets: Vec<Bucket>,
    /// Let the providers suggest it again
    #[arg(long, conflicts_with = "buckets")]
    reset: bool,
}

/// The models for one seat, the first that can be called first.
#[derive(Clone, Debug)]
struct Bucket(Vec<ModelId>);

fn bucket(text: &str) -> Result<Bucket, String> {
    let ids = text.split(',').map(|id| model_id(id.trim()));
    ids.collect::<Result<_, _>>().map(Bucket)
}

impl Panel {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let look = ask::<TakeSnapshot>(door, Nothing {});
        let (panel, known) = if self.buckets.is_empty() && !self.reset {
            let known = look.await?;
            (known.panel.clone(), Some(known))
        } else {
            let buckets = self.buckets.into_iter().map(|bucket| bucket.0).collect();
            let panel = ask::<ChangePanel>(door, DefaultPanel { buckets }).await?;
            // It is changed, and is told, whatever else cannot be read.
            (panel, look.await.ok())
        };
        let failing = known.map(|known| failing(&panel, &known));
        output::answer(&panel, json, &shown(&panel, &failing.unwrap_or_default()))
    }
}

/// A line for each provider with seats on the panel that failed when it was tried last.
fn failing(panel: &DefaultPanelView, snapshot: &Snapshot) -> String {
    let providers = snapshot.providers.providers.iter();
    let lines = providers.filter_map(|provider| {
        let why = failure(provider.last_test.as_ref()?)?;
        let name = &provider.name;
        let is_theirs = |seat: &&ModelId| {
            let mut models = snapshot.models.models.iter();
            models.any(|model| model.id == **seat && model.provider == *name)
        };
        let seats = panel.seats.iter();
        let theirs: Vec<_> = seats.filter(is_theirs).cloned().collect();
        let words = shortened(&plain(&without_os_numbers(&why)), MOST_WORDS);
        (!theirs.is_empty()).then(|| {
            format!(
                "{}: {name} failed when it was tried last ({words}); {}.\n",
                names(&theirs),
                advice(provider)
            )
        })
    });
    lines.collect()
}

/// The panel, and below who sits on it what is `failing`.
fn shown(panel: &DefaultPanelView, failing: &str) -> String {
    let seats = names(&panel.seats);
    if panel.rehearsal {
        return format!(
            "The default panel is {seats} (rehearsal: fewer than two real models can be called).\n"
        );
    }
    if panel.waits_for_keys {
        return "The default panel waits for the keys of its models, which cannot be read now: `husting secrets --help` \
                lists how they are unlocked.\n"
            .to_owned();
    }
    let mut table = Table::new(&[
        ("SEAT", Align::Right),
        ("NOW", Align::Left),
        ("IN ORDER OF PREFERENCE", Align::Left),
    ]);
    let mut seated = panel.seats.iter();
    for (at, bucket) in panel.buckets.iter().enumerate() {
        let is_empty = panel
            .collapsed_buckets
            .iter()
            .any(|seat| *seat as usize == at);
        let now = if is_empty { None } else { seated.next() };
        let now = now.map_or_else(|| "nobody".to_owned(), ToString::to_string);
        table.row([(at + 1).to_string(), now, names(bucket)]);
    }
    if panel.seats.is_empty() {
        return format!(
            "Nobody of the default panel can be called now: `husting models list` shows why.\n\n{table}"
        );
    }
    let waits = panel
        .buckets
        .iter()
        .any(|bucket| bucket.iter().all(ModelId::is_rehearsal));
    let idle = if waits { REHEARSAL_WAITS } else { "" };
    format!("The default panel is {seats}.\n{failing}{idle}\n{table}")
}

fn names(models: &[ModelId]) -> String {
    let names: Vec<_> = models.iter().map(ModelId::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_panel_on_which_nobody_sits_says_why() {
        let mut panel: DefaultPanelView = serde_json::from_value(json!({
            "buckets": [["alpha"], ["beta"]], "chosen": true, "seats": [], "collapsed_buckets": [0, 1],
            "rehearsal": false, "waits_for_keys": false, "recap_writers": [],
        }))
        .unwrap();
        let told = shown(&panel, "");
        assert!(told.starts_with("Nobody of the default panel"), "{told}");
        assert!(told.contains("alpha"), "{told}");
        panel.waits_for_keys = true;
        let told = shown(&panel, "");
        assert!(told.contains("waits for the keys"), "{told}");
        assert!(!told.contains("nobody"), "{told}");
    }

    #[test]
    fn a_rehearsal_model_that_takes_no_seat_is_told_why() {
        let told = |third: &str| {
            let panel = serde_json::from_value(json!({
                "buckets": [["alpha"], ["beta"], [third]], "chosen": true, "seats": ["alpha", "beta"],
                "collapsed_buckets": [2], "rehearsal": false, "waits_for_keys": false, "recap_writers": [],
            }));
            shown(&panel.unwrap(), "")
        };
        let idle = told("rehearsal-skeptic");
        assert!(idle.contains("Rehearsal models sit together"), "{idle}");
        let other = told("gamma");
        assert!(!other.contains("Rehearsal"), "{other}");
    }
}
