//! A copy of the store, asked for.

use std::path::Path;

use husting_wire::errors::Error;
use husting_wire::sessions::Exported;
use husting_wire::settings::Backup;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// Copies the store to the path; answers with where the copy is.
    pub(crate) async fn backup(&self, asked: Backup) -> Result<Exported, Error> {
        let path = Path::new(&asked.path);
        // Relative to what? The folder this program was started in is nobody's choice.
        if !path.is_absolute() {
            return Err(Error::invalid(
                "A backup needs a whole path, such as /home/you/husting-backup.db.",
            ));
        }
        self.store.backup(path).await.outward()?;
        Ok(Exported {
            file_name: asked.path,
            text: String::new(),
        })
    }
}
