//! A copy of the store, asked for, and the way back.

use std::path::Path;

use husting_store::BackupError;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::Exported;
use husting_wire::settings::{Backup, RestoreBackup};

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Copies the store to the path; answers with where the copy is.
    pub(crate) async fn backup(&self, asked: Backup) -> Result<Exported, Error> {
        let path = whole(&asked.path)?;
        self.store.backup(path).await.outward()?;
        Ok(Exported {
            file_name: asked.path,
            text: String::new(),
        })
    }

    /// Takes a backup in and asks whoever runs the program to begin anew with it.
    pub(crate) async fn restore_backup(&self, asked: &RestoreBackup) -> Result<(), Error> {
        self.refuse_while_closing()?;
        let path = whole(&asked.path)?;
        husting_store::stage(&self.home, path)
            .await
            .map_err(|fault| Error::new(code(&fault), format!("Nothing was restored: {fault}.")))?;
        self.begin_anew.cancel();
        Ok(())
    }
}

/// Relative to what? The folder this program was started in is nobody's choice.
fn whole(path: &str) -> Result<&Path, Error> {
    let whole = Path::new(path);
    if whole.is_absolute() {
        return Ok(whole);
    }
    Err(Error::invalid(
        "A backup needs a whole path, such as /home/you/husting-backup.db.",
    ))
}

/// Whether the file is wrong, or the folder.
const fn code(fault: &BackupError) -> ErrorCode {
    match fault {
        BackupError::Read { .. }
        | BackupError::NotABackup { .. }
        | BackupError::Damaged { .. }
        | BackupError::Open(_) => ErrorCode::InvalidRequest,
        BackupError::Exists { .. } | BackupError::Write { .. } | BackupError::Store(_) => {
            ErrorCode::StoreUnavailable
        }
    }
}
