//! From the engine's result codes to what a person can do about them.

use std::sync::Arc;

use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteQueryResult;

use crate::errors::{CommitError, Constraint, StoreError};

/// Primary result codes, from <https://www.sqlite.org/rescode.html>.
mod code {
    pub const BUSY: i32 = 5;
    pub const LOCKED: i32 = 6;
    pub const READONLY: i32 = 8;
    pub const IOERR: i32 = 10;
    pub const CORRUPT: i32 = 11;
    pub const FULL: i32 = 13;
    pub const CONSTRAINT: i32 = 19;
    pub const NOTADB: i32 = 26;
    /// Extended: the index of the log cannot grow, which means that the disk is full.
    pub const IOERR_SHMSIZE: i32 = 4874;
}

/// The engine's failure while `doing` something.
pub fn fault(doing: &'static str, error: sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) {
        return StoreError::Closed;
    }
    let (extended, primary) = (extended_code(&error), primary_code(&error));
    let source = Arc::new(error);
    match primary {
        _ if extended == Some(code::IOERR_SHMSIZE) => StoreError::DiskFull(source),
        Some(code::FULL) => StoreError::DiskFull(source),
        Some(code::READONLY) => StoreError::ReadOnly(source),
        Some(code::CORRUPT | code::NOTADB) => StoreError::Corrupt(source),
        Some(code::BUSY | code::LOCKED) => StoreError::Locked(source),
        Some(code::IOERR) => StoreError::Disk { doing, source },
        _ => StoreError::Failed { doing, source },
    }
}

/// Tells a broken rule of the data from a failing engine.
pub trait Explain<T> {
    /// `noun` is what was being written.
    fn explain(self, noun: &'static str) -> Result<T, CommitError>;
}

impl<T> Explain<T> for Result<T, sqlx::Error> {
    fn explain(self, noun: &'static str) -> Result<T, CommitError> {
        self.map_err(|error| match broken(&error) {
            Some(ErrorKind::UniqueViolation) => Constraint::Exists(noun).into(),
            Some(ErrorKind::ForeignKeyViolation) => Constraint::Reference(noun).into(),
            Some(_) => Constraint::Range(noun).into(),
            None => fault("writing a change", error).into(),
        })
    }
}

/// Fails when an update or a delete met no row.
pub fn touched(
    result: Result<SqliteQueryResult, sqlx::Error>,
    noun: &'static str,
) -> Result<(), CommitError> {
    if result.explain(noun)?.rows_affected() == 0 {
        return Err(Constraint::Absent(noun).into());
    }
    Ok(())
}

/// The kind of constraint that an error is about, if it is about one.
pub fn broken(error: &sqlx::Error) -> Option<ErrorKind> {
    if primary_code(error) != Some(code::CONSTRAINT) {
        return None;
    }
    error
        .as_database_error()
        .map(sqlx::error::DatabaseError::kind)
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    // The extended code carries the primary one in its low byte.
    extended_code(error).map(|extended| extended & 0xff)
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
