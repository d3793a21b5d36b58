//! The copies of the store that lie in its folder, to choose one from.

use std::fs;
use std::io;
use std::path::Path;

use husting_domain::storage::BackupOccasion;

use super::backups::{is_daily, written_as};
use super::erasing::is_own_backup;
use super::home::{Home, StoreFile};
use crate::errors::BackupError;
use crate::views::KeptBackup;

/// The backups of a data folder, the newest first; none where it has no folder for them. They are told by their
/// names, and whether one can be restored [`look_at_backup`](super::look_at_backup) finds out.
///
/// # Errors
/// [`BackupError::Read`].
pub fn kept_backups(home: &Path) -> Result<Vec<KeptBackup>, BackupError> {
    let home = Home::at(home, StoreFile::Husting).map_err(Box::new)?;
    let folder = home.backups();
    let failed = |source| BackupError::Read {
        path: folder.clone(),
        source,
    };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut kept = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let Some(made) = occasion(&path) else {
            continue;
        };
        // One that has just gone, as the oldest of a week does, is no backup any more.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        if found.is_file() {
            kept.push(KeptBackup {
                written_at: written_as(&found, &path)?,
                bytes: found.len(),
                made,
                path,
            });
        }
    }
    kept.sort_by(|one, other| {
        let order = other.written_at.cmp(&one.written_at);
        order.then_with(|| one.path.cmp(&other.path))
    });
    Ok(kept)
}

/// Why it was made, by its name; none for what is no copy of the main store.
fn occasion(path: &Path) -> Option<BackupOccasion> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".db")?;
    if !is_own_backup(name) {
        return Some(BackupOccasion::ByHand);
    }
    if is_daily(path, StoreFile::Husting) {
        Some(BackupOccasion::Daily)
    } else if stem.starts_with("version-") {
        Some(BackupOccasion::BeforeUpdate)
    } else if stem.starts_with("replaced-") {
        Some(BackupOccasion::BeforeRestore)
    } else {
        // The bridge's own store, which no restore takes.
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_backup_was_made_is_told_by_its_name() {
        let told = |name: &str| occasion(&Path::new("backups").join(name));
        for (name, made) in [
            ("husting-2026-11-20.db", Some(BackupOccasion::Daily)),
            (
                "version-3-2026-11-20T08-04-21.123Z.db",
                Some(BackupOccasion::BeforeUpdate),
            ),
            (
                "replaced-2026-11-20T08-04-21.123Z.db",
                Some(BackupOccasion::BeforeRestore),
            ),
            ("before-the-move.db", Some(BackupOccasion::ByHand)),
            ("discord-2026-11-20.db", None),
            ("discord-version-3-2026-11-20T08-04-21.123Z.db", None),
            ("husting-2026-11-20.unfinished", None),
            ("replaced-2026-11-20T08-04-21.123Z.db-wal", None),
        ] {
            assert_eq!(told(name), made, "{name}");
        }
    }
}
