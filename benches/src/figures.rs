//! What a measurement leaves behind: series of values, each beside the one it is compared with.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// One benchmark's outcome, kept as JSON between the commands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figure {
    /// The section of the page it belongs to.
    pub id: String,
    /// What it was measured on.
    pub machine: Machine,
    /// In the page's order.
    pub series: Vec<Series>,
}

/// One quantity, one value for each repetition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Series {
    /// In the page's words; unique in its figure.
    pub name: String,
    /// `ms`, `MiB`, …
    pub unit: String,
    /// In order of measuring.
    pub values: Vec<f64>,
    /// The series measured in turns with this one, for the ratio.
    #[serde(default)]
    pub against: Option<String>,
    /// What spec 8.1 wants.
    #[serde(default)]
    pub goal: Option<Goal>,
}

/// A goal, judged by the median.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
    /// At most so many times the series it stands against.
    Times(f64),
    /// At most so much more than the series it stands against.
    Above(f64),
}

impl Figure {
    /// A figure of this machine, now.
    pub fn new(id: &str, series: Vec<Series>) -> Self {
        Self {
            id: id.to_owned(),
            machine: Machine::here(),
            series,
        }
    }

    /// A figure whose series come from another program on this machine.
    pub fn given(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Given {
            id: String,
            series: Vec<Series>,
        }
        let given: Given = serde_json::from_str(text).context("that is no figure")?;
        Ok(Self::new(&given.id, given.series))
    }

    /// Writes it below `folder` and says in a line each what was found.
    pub fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        for series in &self.series {
            println!("{}", self.line(series));
        }
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.json", self.id));
        fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads the figure `id`; nothing when it was never measured here.
    pub fn read(folder: &Path, id: &str) -> anyhow::Result<Option<Self>> {
        let path = folder.join(format!("{id}.json"));
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path)?;
        serde_json::from_slice(&text)
            .map(Some)
            .with_context(|| format!("{} is no figure", path.display()))
    }

    /// The values a series stands against, pair by pair.
    pub fn base(&self, series: &Series) -> Option<&Series> {
        let name = series.against.as_deref()?;
        self.series.iter().find(|other| other.name == name)
    }

    /// Ratios to the base, pair by pair; nothing where the base is nothing.
    pub fn ratios(&self, series: &Series) -> Option<Vec<f64>> {
        let base = self.base(series)?;
        let ratios = pairs(series, base).map(|(value, base)| value / base);
        base.values
            .iter()
            .all(|value| *value > 0.0)
            .then(|| ratios.collect())
    }

    /// Whether the goal is met; nothing without one.
    pub fn met(&self, series: &Series) -> Option<bool> {
        let (value, limit) = match series.goal? {
            Goal::AtMost(limit) => (median(&series.values), limit),
            Goal::AtLeast(limit) => return Some(median(&series.values) >= limit),
            Goal::Times(limit) => (median(&self.ratios(series)?), limit),
            Goal::Above(limit) => {
                let more: Vec<f64> = pairs(series, self.base(series)?)
                    .map(|(value, base)| value - base)
                    .collect();
                (median(&more), limit)
            }
        };
        Some(value <= limit)
    }

    fn line(&self, series: &Series) -> String {
        let ratio = self
            .ratios(series)
            .map(|ratios| format!(", {:.2} ×", median(&ratios)))
            .unwrap_or_default();
        let (low, high) = range(&series.values);
        format!(
            "{}: {} {unit} ({} – {}){ratio}",
            series.name,
            shown(median(&series.values)),
            shown(low),
            shown(high),
            unit = series.unit
        )
    }
}

impl Series {
    /// A series by name.
    pub fn new(name: impl Into<String>, unit: &str, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            unit: unit.to_owned(),
            values,
            ..Self::default()
        }
    }

    /// Compared with another series of the figure.
    pub fn against(mut self, name: &str) -> Self {
        self.against = Some(name.to_owned());
        self
    }

    /// With what spec 8.1 wants.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }
}

/// The middle value, or the mean of the two in the middle; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => 0.0,
        (middle, 0) => (sorted[middle - 1] + sorted[middle]) / 2.0,
        (middle, _) => sorted[middle],
    }
}

/// The value that a `part` of all do not exceed, by nearest rank; 0 of nothing.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let sorted = sorted(values);
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The smallest and the largest; zeros of nothing.
pub fn range(values: &[f64]) -> (f64, f64) {
    (quantile(values, 0.0), quantile(values, 1.0))
}

/// A value with three digits that say something.
pub fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

fn pairs<'a>(one: &'a Series, other: &'a Series) -> impl Iterator<Item = (f64, f64)> + 'a {
    one.values.iter().copied().zip(other.values.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_rate_may_be_higher_than_its_goal_and_not_lower() {
        let rate = |value| {
            let series = Series::new("rate", "/s", vec![value]).goal(Goal::AtLeast(20.0));
            let figure = Figure::new("t", vec![series]);
            figure.met(&figure.series[0])
        };
        assert_eq!((rate(20.0), rate(19.9)), (Some(true), Some(false)));
    }

    #[test]
    fn a_goal_is_judged_by_pairs_and_not_by_means_of_everything() {
        let series = vec![
            Series::new("base", "ms", vec![100.0, 200.0, 300.0]),
            Series::new("ours", "ms", vec![110.0, 220.0, 900.0])
                .against("base")
                .goal(Goal::Times(1.2)),
        ];
        let figure = Figure::new("t", series);
        assert_eq!(figure.met(&figure.series[1]), Some(true));
        assert_eq!(figure.met(&figure.series[0]), None);
    }
}
