//! How much room each kind of what is kept takes: in the store by its tables, beside it by its files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path};

use husting_domain::storage::{StorageKind, StorageUse};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::storage::StorageView;
use walkdir::WalkDir;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// # Errors
    /// When the store or the folder cannot be read.
    pub(crate) async fn storage(&self) -> Result<StorageView, Error> {
        let mut sums: BTreeMap<StorageKind, u64> = BTreeMap::new();
        let home = self.home.clone();
        let files = tokio::task::spawn_blocking(move || files_of(&home))
            .await
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?
            .map_err(|fault| {
                let words = format!("The data folder cannot be read: {fault}.");
                Error::new(ErrorCode::Internal, words)
            })?;
        for found in self.store.bytes().await.outward()?.into_iter().chain(files) {
            *sums.entry(found.kind).or_default() += found.bytes;
        }
        Ok(StorageView {
            folder: self.home.display().to_string(),
            bytes: sums.values().sum(),
            uses: sums
                .into_iter()
                .map(|(kind, bytes)| StorageUse { kind, bytes })
                .collect(),
        })
    }
}

/// Files below the data folder but the store's own, of which its tables tell. What a link leads to is
/// somewhere else.
fn files_of(home: &Path) -> Result<Vec<StorageUse>, walkdir::Error> {
    let mut uses = Vec::new();
    for entry in WalkDir::new(home) {
        let entry = match entry {
            // Logs and backups come and go while they are counted.
            Err(fault) if is_gone(&fault) => continue,
            entry => entry?,
        };
        let within = entry.path().strip_prefix(home).unwrap_or(entry.path());
        let Some(kind) = kind_of(within).filter(|_| entry.file_type().is_file()) else {
            continue;
        };
        match entry.metadata() {
            Ok(found) if found.len() > 0 => uses.push(StorageUse {
                kind,
                bytes: found.len(),
            }),
            Err(fault) if !is_gone(&fault) => return Err(fault),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(uses)
}

fn is_gone(fault: &walkdir::Error) -> bool {
    fault
        .io_error()
        .is_some_and(|fault| fault.kind() == std::io::ErrorKind::NotFound)
}

/// The kind of a file by its place in the data folder; none for the store's own.
fn kind_of(within: &Path) -> Option<StorageKind> {
    let first = match within.components().next() {
        Some(Component::Normal(first)) => first.to_str().unwrap_or_default(),
        _ => return None,
    };
    let is_alone = within.parent() == Some(Path::new(""));
    Some(match first {
        "husting.db" if is_alone => return None,
        "husting.db-wal" | "husting.db-shm" => StorageKind::WriteAhead,
        "backups" => StorageKind::Backups,
        "logs" => StorageKind::Logs,
        "agents" => StorageKind::AgentFolders,
        "discord" | "bots" => StorageKind::Discord,
        bridge if is_alone && bridge.starts_with("discord.db") => StorageKind::Discord,
        _ if is_alone && within.extension() == Some(OsStr::new("toml")) => StorageKind::Settings,
        _ => StorageKind::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("husting.db", None)]
    #[case("husting.db-wal", Some(StorageKind::WriteAhead))]
    #[case("backups/2026-11-20.db", Some(StorageKind::Backups))]
    #[case("logs/husting.2026-11-20.log", Some(StorageKind::Logs))]
    #[case("agents/loom-1/husting.db", Some(StorageKind::AgentFolders))]
    #[case("discord/files/a.png", Some(StorageKind::Discord))]
    #[case("discord.db-wal", Some(StorageKind::Discord))]
    #[case("config.toml", Some(StorageKind::Settings))]
    #[case("run/instance.json", Some(StorageKind::Other))]
    #[case("", None)]
    fn a_file_is_of_the_kind_of_its_place(#[case] path: &str, #[case] kind: Option<StorageKind>) {
        assert_eq!(kind_of(Path::new(path)), kind);
    }
}
