//! The page of all figures, each under the command that measures it.

use std::fs;
use std::path::Path;

use crate::REPETITIONS;
use crate::figures::{Figure, Goal, Series, median, range, shown};
use crate::sections::{SECTIONS, Section};

/// Writes the page; a section that was never measured here says so.
pub fn write(figures: &Path, page: &Path) -> anyhow::Result<()> {
    let mut text = head();
    for section in SECTIONS {
        text += &self::section(section, Figure::read(figures, section.id)?.as_ref());
    }
    if let Some(folder) = page.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(page, text)?;
    println!("{}", page.display());
    Ok(())
}

fn head() -> String {
    format!(
        "# Benchmarks\n\n\
         Written by `./dev bench`, which measures the release build from outside, over real sockets and in the real \
         window. Every quantity is measured {REPETITIONS} times, in turns with what it is compared with; a row shows \
         the median, the range, and the median of the pairwise ratios. Absolute values belong to the machine named \
         with them; the ratios travel better. Goals are those of the specification (8.1), judged by the median. \
         Nothing here is a test, and no test fails on a clock.\n"
    )
}

fn section(section: &Section, figure: Option<&Figure>) -> String {
    let Section {
        title,
        command,
        about,
        note,
        ..
    } = section;
    let body = figure.map_or_else(|| "Not measured yet.\n".to_owned(), table);
    let note = if note.is_empty() {
        String::new()
    } else {
        format!("\n{note}\n")
    };
    format!("\n## {title}\n\n{about}\n\n    {command}\n\n{body}{note}")
}

fn table(figure: &Figure) -> String {
    let rows: String = figure
        .series
        .iter()
        .map(|series| row(figure, series))
        .collect();
    format!(
        "| | median | range | ratio | goal | |\n|---|---:|---:|---:|---|---|\n{rows}\nMeasured on: {}.\n",
        figure.machine.sentence()
    )
}

fn row(figure: &Figure, series: &Series) -> String {
    let (low, high) = range(&series.values);
    let met = figure
        .met(series)
        .map_or("", |met| if met { "met" } else { "**missed**" });
    format!(
        "| {} | {} {unit} | {} – {} | {} | {} | {met} |\n",
        series.name,
        shown(median(&series.values)),
        shown(low),
        shown(high),
        ratio(figure, series),
        goal(series),
        unit = series.unit,
    )
}

fn ratio(figure: &Figure, series: &Series) -> String {
    let ratios = figure.ratios(series);
    ratios
        .map(|ratios| format!("{:.2} ×", median(&ratios)))
        .unwrap_or_default()
}

fn goal(series: &Series) -> String {
    let (unit, against) = (&series.unit, series.against.as_deref().unwrap_or_default());
    match series.goal {
        None => String::new(),
        Some(Goal::AtMost(limit)) => format!("≤ {} {unit}", shown(limit)),
        Some(Goal::AtLeast(limit)) => format!("≥ {} {unit}", shown(limit)),
        Some(Goal::Times(limit)) => format!("≤ {limit} × {against}"),
        Some(Goal::Above(limit)) => format!("≤ {against} + {} {unit}", shown(limit)),
    }
}
