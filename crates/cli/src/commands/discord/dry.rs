//! Frames run dry.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;

use husting_clock::{Clock, SystemClock};
use husting_discord::dry_run::{self, Step, Tally, samples};
use husting_discord::settings::Settings;
use husting_domain::discord::RequestId;
use serde_json::json;
use uuid::Uuid;

use super::{file, variables, wrong};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::count;

/// Where the bridge of a data folder records.
const RECORDING: &str = "discord/flight.jsonl";

/// Frames that the flight recorder kept
#[derive(Debug, Args)]
pub struct Replay {
    /// The recording [default: discord/flight.jsonl in the data folder]
    file: Option<PathBuf>,
    /// Read this file in place of .env: who is asked where is decided by the settings
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

impl Replay {
    pub(super) fn run(&self, invocation: &Invocation) -> Result<Exit, Failure> {
        let variables = variables(self.env_file.as_deref())?;
        let settings = Settings::read_dry(&variables).map_err(wrong)?;
        let own = invocation.home.path().join(RECORDING);
        let file = self.file.as_deref().unwrap_or(&own);
        run(&settings, Some(file), invocation.json)
    }
}

pub(super) fn run(settings: &Settings, path: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let mut steps = Vec::new();
    let told = |step: &Step| {
        if json {
            steps.push(step.clone());
            return Ok(());
        }
        shown(step)
    };
    let tally = match path.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let lines = File::open(path).map_err(|source| file(path, source))?;
            frames(settings, BufReader::new(lines), told)?
        }
        None => of_standard_input(settings, path.is_some(), told)?,
    };
    if json {
        let faults = tally.faults;
        output::json(&json!({ "steps": steps, "asked": tally.asked, "faults": faults }))?;
    } else {
        output::line(&summary(tally))?;
    }
    Ok(if tally.faults == 0 {
        Exit::Done
    } else {
        Exit::Partial
    })
}

/// Where nothing is given, samples are run.
fn of_standard_input(
    settings: &Settings,
    is_named: bool,
    mut told: impl FnMut(&Step) -> io::Result<()>,
) -> Result<Tally, Failure> {
    let input = io::stdin().lock();
    if is_named || !input.is_terminal() {
        let tally = frames(settings, input, &mut told)?;
        if is_named || tally.lines > 0 {
            return Ok(tally);
        }
    }
    eprintln!("No frames were given; these are samples.");
    frames(settings, samples(settings).as_bytes(), told)
}

fn frames(
    settings: &Settings,
    lines: impl BufRead,
    told: impl FnMut(&Step) -> io::Result<()>,
) -> Result<Tally, Failure> {
    let ids = || RequestId(Uuid::now_v7());
    dry_run::run(settings, SystemClock.now(), ids, lines, told).map_err(Failure::Stream)
}

fn shown(step: &Step) -> io::Result<()> {
    output::text(&step.to_string()).map_err(|failure| match failure {
        Failure::Stream(fault) => fault,
        other => io::Error::other(other),
    })
}

fn summary(tally: Tally) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let [lines, asked] = [
        count(number(tally.lines), "line"),
        count(number(tally.asked), "question"),
    ];
    let faults = match tally.faults {
        0 => String::new(),
        faults => format!(", {} not understood", count(number(faults), "line")),
    };
    format!("{lines}, {asked} that would be asked{faults}. No socket was opened.")
}
