//! The program's log: one file a day in the data folder, seven kept, and warnings on the terminal.
//! Nothing a person wrote and no secret is logged above DEBUG.

use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};

use tracing::Level;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// What is written to the file, in the syntax of `tracing_subscriber::EnvFilter`.
pub const FILTER: &str = "HUSTING_LOG";

/// Days whose files are kept.
const DAYS: usize = 7;

/// Why nothing is logged to a file.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder cannot be made.
    #[error("the log's folder {} cannot be made: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("the log's file cannot be written: {0}")]
    File(#[from] InitError),
    /// This process logs already.
    #[error(transparent)]
    Twice(#[from] TryInitError),
}

/// Begins to log; what is still buffered is written when the guard is dropped.
///
/// # Errors
/// [`LogError`]; the program can go on without a log.
pub fn keep(home: &Path, terminal: Level) -> Result<WorkerGuard, LogError> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("husting")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder(home)?)?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let wanted = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let to_file = fmt::layer().json().with_writer(writer).with_filter(wanted);
    let to_terminal = fmt::layer()
        .compact()
        .without_time()
        .with_writer(io::stderr)
        .with_filter(LevelFilter::from_level(terminal));
    tracing_subscriber::registry()
        .with(to_file)
        .with(to_terminal)
        .try_init()?;
    Ok(guard)
}

/// `logs` in the data folder; both are open to this user alone where they have to be made.
fn folder(home: &Path) -> Result<PathBuf, LogError> {
    let path = home.join("logs");
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    match folders.create(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(LogError::Folder { path, source }),
    }
}
