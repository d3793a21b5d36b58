//! The default panel.

use clap::Args;
use husting_domain::models::ModelId;
use husting_wire::commands::{ChangePanel, TakeSnapshot};
use husting_wire::models::{DefaultPanel, DefaultPanelView};
use husting_wire::settings::Nothing;

use crate::commands::deliberate::model_id;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};

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
        let panel = if self.buckets.is_empty() && !self.reset {
            ask::<TakeSnapshot>(door, Nothing {}).await?.panel
        } else {
            let buckets = self.buckets.into_iter().map(|bucket| bucket.0).collect();
            ask::<ChangePanel>(door, DefaultPanel { buckets }).await?
        };
        if json {
            output::json(&panel)?;
        } else {
            output::text(&shown(&panel))?;
        }
        Ok(Exit::Done)
    }
}

fn shown(panel: &DefaultPanelView) -> String {
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
    format!("The default panel is {seats}.\n\n{table}")
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
        let told = shown(&panel);
        assert!(told.starts_with("Nobody of the default panel"), "{told}");
        assert!(told.contains("alpha"), "{told}");
        panel.waits_for_keys = true;
        let told = shown(&panel);
        assert!(told.contains("waits for the keys"), "{told}");
        assert!(!told.contains("nobody"), "{told}");
    }
}
