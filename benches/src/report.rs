//! The page of all figures, each under the command that measures it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::REPETITIONS;
use crate::figures::{Figure, Goal, Series, median, range, shown};
use crate::sections::{SECTIONS, Section};

/// Before the machine and the day, behind a table.
const MEASURED: &str = "Measured on:";

/// Writes the page. What was not measured here keeps the figures that stand there, which name their machine and day.
pub fn write(figures: &Path, page: &Path) -> anyhow::Result<()> {
    let before = match fs::read_to_string(page) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let mut text = head();
    for section in SECTIONS {
        let body = match Figure::read(figures, section.id)? {
            Some(figure) => table(&figure),
            None => standing(&before, section).unwrap_or_else(|| "Not measured yet.\n".to_owned()),
        };
        text += &self::section(section, &body);
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
         with them; the ratios travel better. The goals in the tables are judged by the median. \
         Nothing here is a test, and no test fails on a clock.\n"
    )
}

/// The table of a section as the page has it.
fn standing(page: &str, section: &Section) -> Option<String> {
    let (_, below) = page.split_once(&format!("\n    {}\n\n", section.command))?;
    let last = below.find(MEASURED)?;
    let end = last + below[last..].find('\n')? + 1;
    let body = &below[..end];
    (!body.contains("\n## ")).then(|| body.to_owned())
}

fn section(section: &Section, body: &str) -> String {
    let Section {
        title,
        command,
        about,
        note,
        ..
    } = section;
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
        "| | median | range | ratio | goal | |\n|---|---:|---:|---:|---|---|\n{rows}\n{MEASURED} {}.\n",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_here_keeps_its_figures() {
        let folder = tempfile::tempdir().unwrap();
        let (figures, page) = (folder.path().join("figures"), folder.path().join("page.md"));
        fs::create_dir_all(&figures).unwrap();
        write(&figures, &page).unwrap();
        let empty = fs::read_to_string(&page).unwrap();
        assert_eq!(empty.matches("Not measured yet.").count(), SECTIONS.len());

        let table = "| a | 1 ms |\n\nMeasured on: a machine, on a day.\n";
        let [first, second, ..] = SECTIONS else {
            panic!("there are sections")
        };
        let filled = empty.replacen("Not measured yet.\n", table, 1);
        fs::write(&page, &filled).unwrap();
        write(&figures, &page).unwrap();
        assert_eq!(fs::read_to_string(&page).unwrap(), filled);
        assert_eq!(standing(&filled, first).as_deref(), Some(table));
        assert_eq!(standing(&filled, second), None);
    }
}
