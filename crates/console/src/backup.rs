//! A copy of the store, asked for, and the way back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_store::{BackupContent, BackupError, OpenError};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::sessions::Exported;
use husting_wire::settings::{
    Backup, BackupView, Backups, KeptBackup, LookAtBackup, RestoreBackup,
};

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Copies the store to the path; answers with where the copy is.
    pub(crate) async fn backup(&self, asked: Backup) -> Result<Exported, Error> {
        let path = self.backup_file(&asked.path)?;
        let folder = path.parent().unwrap_or(&path);
        if !tokio::fs::try_exists(folder).await.unwrap_or(true) {
            return Err(Error::invalid(format!(
                "The folder {} is not there. Make it first, or choose another place.",
                folder.display()
            )));
        }
        self.store.backup(&path).await.outward()?;
        Ok(Exported {
            file_name: path.display().to_string(),
            text: String::new(),
        })
    }

    /// The backups in the data folder, the newest first.
    pub(crate) async fn list_backups(&self) -> Result<Backups, Error> {
        let home = self.home.clone();
        let reading = tokio::task::spawn_blocking(move || kept_backups(&home));
        let stopped = |_| Error::new(ErrorCode::Internal, "The backups could not be looked at.");
        reading
            .await
            .map_err(stopped)?
            .map_err(|fault| Error::new(restore_code(&fault), format!("{fault}.")))
    }

    /// What a backup holds, before anybody asks to restore it. It goes on where whoever asked has left, so that
    /// a copy that it needed goes again.
    pub(crate) async fn look_at_backup(
        self: &Arc<Self>,
        asked: &LookAtBackup,
    ) -> Result<BackupView, Error> {
        let path = self.backup_file(&asked.path)?;
        let inner = self.clone();
        let looking = async move {
            // One looks at a time, and nobody while the folder is being left.
            let _turn = inner.turn_to_begin_anew().await?;
            look_at_backup(&inner.home, &path).await.map_err(|fault| {
                Error::new(
                    restore_code(&fault),
                    format!("This cannot be restored: {fault}."),
                )
            })
        };
        self.undisturbed("The backup could not be looked at.", looking)
            .await
    }

    /// Takes a backup in and asks whoever runs the program to begin anew with it. It goes on where whoever
    /// asked has left.
    pub(crate) async fn restore_backup(
        self: &Arc<Self>,
        asked: &RestoreBackup,
    ) -> Result<(), Error> {
        let path = self.backup_file(&asked.path)?;
        let inner = self.clone();
        let taking = async move {
            let _turn = inner.turn_to_begin_anew().await?;
            husting_store::stage(&inner.home, &path)
                .await
                .map_err(|fault| {
                    Error::new(
                        restore_code(&fault),
                        format!("Nothing was restored: {fault}."),
                    )
                })?;
            inner.tell(Event::RestoreBegun {
                backup: path.display().to_string(),
            });
            inner.begin_anew.cancel();
            Ok(())
        };
        self.undisturbed("The backup could not be taken in.", taking)
            .await
    }

    fn backup_file(&self, path: &str) -> Result<PathBuf, Error> {
        self.surroundings
            .file(path, "A backup", "husting-backup.db")
    }
}

/// The backups in the data folder, the newest first, through whoever runs and without anybody alike.
///
/// # Errors
/// [`BackupError::Read`] where their folder cannot be read.
pub fn kept_backups(home: &Path) -> Result<Backups, BackupError> {
    let shown = |kept: husting_store::KeptBackup| KeptBackup {
        path: kept.path.display().to_string(),
        made: kept.made,
        bytes: kept.bytes,
        written_at: kept.written_at,
    };
    Ok(Backups {
        backups: husting_store::kept_backups(home)?
            .into_iter()
            .map(shown)
            .collect(),
    })
}

/// What a backup holds, through whoever runs and without anybody alike; nothing is changed.
///
/// # Errors
/// What a restoration would say of the file.
pub async fn look_at_backup(home: &Path, file: &Path) -> Result<BackupView, BackupError> {
    let BackupContent {
        version,
        known,
        written_at,
        newest_at,
        sessions,
        messages,
        agents,
    } = husting_store::look_at_backup(home, file).await?;
    Ok(BackupView {
        version,
        known,
        written_at,
        newest_at,
        sessions,
        messages,
        agents,
    })
}

/// The code of a restoration that failed, through whoever runs and without anybody alike: whether the file is
/// wrong, the moment, or the folder.
#[must_use]
pub fn restore_code(fault: &BackupError) -> ErrorCode {
    match fault {
        BackupError::Read { .. } | BackupError::NotABackup { .. } | BackupError::Damaged { .. } => {
            ErrorCode::InvalidRequest
        }
        BackupError::Open(refused) => match **refused {
            OpenError::Newer { .. } | OpenError::NotAStore { .. } => ErrorCode::InvalidRequest,
            OpenError::Owned { .. } | OpenError::Erasing { .. } => ErrorCode::InvalidState,
            OpenError::Folder { .. }
            | OpenError::File { .. }
            | OpenError::Migrate { .. }
            | OpenError::Backup(_)
            | OpenError::Restore { .. }
            | OpenError::Store(_) => ErrorCode::StoreUnavailable,
        },
        BackupError::Exists { .. } | BackupError::Write { .. } | BackupError::Store(_) => {
            ErrorCode::StoreUnavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use husting_store::StoreError;

    use super::*;

    #[test]
    fn a_restoration_that_failed_says_whether_file_moment_or_folder_hindered_it() {
        let path = || "husting.db".into();
        let fault = || io::ErrorKind::PermissionDenied.into();
        let table = [
            (
                OpenError::Newer {
                    path: path(),
                    found: 2,
                    known: 1,
                },
                ErrorCode::InvalidRequest,
            ),
            (
                OpenError::NotAStore { path: path() },
                ErrorCode::InvalidRequest,
            ),
            (
                OpenError::Owned {
                    home: path(),
                    holder: None,
                },
                ErrorCode::InvalidState,
            ),
            (OpenError::Erasing { home: path() }, ErrorCode::InvalidState),
            (
                OpenError::Folder {
                    path: path(),
                    source: fault(),
                },
                ErrorCode::StoreUnavailable,
            ),
            (
                OpenError::Store(StoreError::Closed),
                ErrorCode::StoreUnavailable,
            ),
        ];
        for (refused, code) in table {
            let refused = BackupError::from(Box::new(refused));
            assert_eq!(restore_code(&refused), code, "{refused}");
        }
        let (path, source) = (path(), fault());
        let unwritten = BackupError::Write { path, source };
        assert_eq!(restore_code(&unwritten), ErrorCode::StoreUnavailable);
    }
}
