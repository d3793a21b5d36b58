//! The version of the tables: told from the file before anything is changed, then brought up to date.

use std::path::Path;
use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::{SqliteConnection, SqlitePool};

use super::faults::fault;
use crate::errors::{OpenError, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Marks a file as ours; the first migration writes it.
const APPLICATION_ID: i64 = 0x4855_5354;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No tables yet.
    Nothing,
    /// A store of this version.
    Version(i64),
}

/// The newest version known here.
pub fn known() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Looks without changing anything.
pub async fn found(db: &mut SqliteConnection, path: &Path) -> Result<Found, OpenError> {
    let reading = |error| fault("reading the store's version", error);
    let id: i64 = sqlx::query_scalar("pragma application_id")
        .fetch_one(&mut *db)
        .await
        .map_err(reading)?;
    let (tables, bookkeeping): (i64, bool) = sqlx::query_as(
        "select count(*), coalesce(max(name = '_sqlx_migrations'), 0) from sqlite_schema where type = 'table'",
    )
    .fetch_one(&mut *db)
    .await
    .map_err(reading)?;
    match (id, tables, bookkeeping) {
        // A first start that was cut short leaves at most the list of migrations.
        (0, 0, _) | (0, 1, true) => Ok(Found::Nothing),
        (APPLICATION_ID, _, true) => version(db, path).await,
        _ => Err(OpenError::NotAStore {
            path: path.to_owned(),
        }),
    }
}

async fn version(db: &mut SqliteConnection, path: &Path) -> Result<Found, OpenError> {
    let found: i64 = sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations")
        .fetch_one(db)
        .await
        .map_err(|error| fault("reading the store's version", error))?;
    if found > known() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known: known(),
        });
    }
    Ok(Found::Version(found))
}

/// Applies what is missing, each migration in a transaction of its own.
pub async fn migrate(db: &SqlitePool, path: &Path) -> Result<(), OpenError> {
    let applied = MIGRATIONS.run(db).await;
    applied.map_err(|source| OpenError::Migrate {
        path: path.to_owned(),
        source: Arc::new(source),
    })
}

/// Whether every page and index is sound; reads the whole file.
pub async fn check(db: &mut SqliteConnection) -> Result<(), OpenError> {
    let first: String = sqlx::query_scalar("pragma integrity_check(1)")
        .fetch_one(db)
        .await
        .map_err(|error| fault("checking the store", error))?;
    if first == "ok" {
        return Ok(());
    }
    Err(StoreError::Corrupt(Arc::new(Damage(first))).into())
}

/// What the engine's own check found first.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Damage(String);
