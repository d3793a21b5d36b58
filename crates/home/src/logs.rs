//! Where logs go: warnings to standard error, the rest into the data folder, a file a day, seven kept.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
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

/// Standard error belongs to a script's answers. One for the process, as its log is.
static IN_FILE_ALONE: AtomicBool = AtomicBool::new(false);

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
    /// Keeps the log off standard error from its start on, where a script reads an error as JSON.
    /// Whoever sets `HUSTING_LOG` has asked for the log and sees it all the same.
    pub fn in_file_alone() {
        IN_FILE_ALONE.store(true, Ordering::Relaxed);
    }

    /// Starts logging. Called once, by the program's entry.
    ///
    /// # Errors
    /// [`LogError`]; the program can go on without a log.
    pub fn start(home: &Home) -> Result<Self, LogError> {
        let (file, guard) = open(home)?;
        let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(FILTER));
        let to_file = fmt::layer().json().with_writer(file).with_filter(filter);
        tracing_subscriber::registry()
            .with(to_file)
            .with(is_for_people().then(to_people))
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

fn is_for_people() -> bool {
    !IN_FILE_ALONE.load(Ordering::Relaxed) || std::env::var_os(VARIABLE).is_some()
}

fn to_people<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .with_filter(LevelFilter::WARN)
}
