//! Where logs go: into the data folder, a file a day, seven kept; and to standard error what a person
//! is not told in another way.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::filter::{FilterExt, LevelFilter, dynamic_filter_fn, filter_fn};
use tracing_subscriber::fmt::format::{Compact, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::folder::{Home, make_private_folder};

/// Another filter for the file, in the form of `RUST_LOG`.
const VARIABLE: &str = "HUSTING_LOG";
/// Above DEBUG nothing a user wrote is logged; below it, libraries may print what they carry.
const FILTER: &str = "info,sqlx=warn,hyper=warn,reqwest=warn";
const KEPT: usize = 7;
/// Lines that may wait for the disk. Room for all of them is taken at the start, and the library's
/// own number takes 4 MiB.
const WAITING: usize = 4_096;

/// What of the log is said on standard error too. One for the process, as its log is.
static SAID: AtomicU8 = AtomicU8::new(Said::Faults as u8);

/// What of the log is said on standard error too. Whoever sets `HUSTING_LOG` has asked for the log
/// and hears all faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Said {
    /// Warnings and errors: a program that runs for long has no other voice.
    Faults,
    /// Warnings: a command says in its own words what failed.
    Warnings,
    /// Nothing: a script reads standard error, or somebody tells what happens.
    Nothing,
}

/// Keeps the log's writer at work; what is still to be written is written when it is dropped.
pub struct Logs(#[expect(dead_code, reason = "held for its Drop")] WorkerGuard);

/// Why nothing is logged to a file.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder cannot be made.
    #[error("the log folder {} cannot be made: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("the log file cannot be made: {0}")]
    File(#[from] InitError),
    /// Something else logs in this process already.
    #[error("the log was started twice")]
    Twice(#[from] TryInitError),
}

impl Logs {
    /// Chooses what is said on standard error from now on, at the log's start or later.
    pub fn say(said: Said) {
        SAID.store(said as u8, Ordering::Relaxed);
    }

    /// Starts logging. Called once, by the program's entry.
    ///
    /// # Errors
    /// [`LogError`]; the program can go on without a log.
    pub fn start(home: &Home) -> Result<Self, LogError> {
        let (file, guard) = open(home)?;
        let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(FILTER));
        let to_file = fmt::layer().json().with_writer(file);
        let to_file = to_file.with_filter(filter.and(filter_fn(is_no_callers)));
        tracing_subscriber::registry()
            .with(to_file)
            .with(to_people())
            .try_init()?;
        Ok(Self(guard))
    }
}

fn open(home: &Home) -> Result<(NonBlocking, WorkerGuard), LogError> {
    let path = home.logs();
    make_private_folder(&path).map_err(|source| LogError::Folder {
        path: path.clone(),
        source,
    })?;
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("husting")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(path)?;
    let writer = NonBlockingBuilder::default().buffered_lines_limit(WAITING);
    Ok(writer.finish(file))
}

/// What rmcp tells above DEBUG has callers' names, ids and headers in it; its errors are of its own work.
fn is_no_callers(line: &Metadata<'_>) -> bool {
    let of_rmcp = line.target().split("::").next() == Some("rmcp");
    !(of_rmcp && matches!(*line.level(), Level::WARN | Level::INFO))
}

fn to_people<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let is_asked_for = std::env::var_os(VARIABLE).is_some();
    let is_said =
        dynamic_filter_fn(move |line, _| is_said(line, is_asked_for, SAID.load(Ordering::Relaxed)));
    let as_log = fmt::format().compact().without_time().with_target(false);
    fmt::layer()
        .event_format(ToPeople {
            as_log,
            is_asked_for,
        })
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .with_filter(is_said.with_max_level_hint(LevelFilter::WARN))
}

/// A command tells a warning as it tells all else; whoever asked for the log, or runs for long, is told its lines.
struct ToPeople {
    as_log: Format<Compact, ()>,
    is_asked_for: bool,
}

impl<S, N> FormatEvent<S, N> for ToPeople
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let is_a_commands = SAID.load(Ordering::Relaxed) == Said::Warnings as u8;
        if self.is_asked_for || !is_a_commands {
            return self.as_log.format_event(context, writer, event);
        }
        let mut sentence = Sentence::default();
        event.record(&mut sentence);
        writeln!(writer, "husting: warning: {sentence}")
    }
}

/// What an event says, and what it names beside that.
#[derive(Default)]
struct Sentence {
    message: String,
    named: Vec<String>,
}

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Nothing in it steers a terminal.
        let text = format!("{value:?}").replace(char::is_control, " ");
        match field.name() {
            "message" => self.message = text,
            name => self.named.push(format!("{name}: {text}")),
        }
    }
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match &self.named[..] {
            [] => Ok(()),
            named => write!(f, " ({})", named.join(", ")),
        }
    }
}

fn is_said(line: &Metadata<'_>, is_asked_for: bool, said: u8) -> bool {
    let level = *line.level();
    let is_fault = level <= Level::WARN;
    let is_for_people = match level {
        Level::ERROR => said == Said::Faults as u8,
        _ => said != Said::Nothing as u8,
    };
    is_fault && is_no_callers(line) && (is_asked_for || is_for_people)
}
