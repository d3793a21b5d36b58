//! Our entry taken out of a client's file: looked at, and then done.

use std::path::{Path, PathBuf};

use husting_domain::clients::Client;
use husting_domain::secrets;
use secrecy::{ExposeSecret, SecretString};

use crate::client::ClientFiles;
use crate::endpoint::Server;
use crate::file::{self, FileError, Present, Written};
use crate::merge;
use crate::plan::PlanError;

/// What would be taken out of a file. Nothing in it shows what stands there.
#[derive(Debug)]
pub struct Removal {
    /// Whose file it is.
    pub client: Client,
    /// The file.
    pub path: PathBuf,
    /// How many other servers are in the file, and stay.
    pub others: usize,
    entry: SecretString,
    present: Present,
    after: SecretString,
}

impl Removal {
    /// What is to be taken out of the file at `path`; `None` where nothing of that server is in it, or no file is there.
    ///
    /// # Errors
    /// [`PlanError`] when the file cannot be read, or not be changed without harm.
    pub fn of(client: Client, server: Server, path: &Path) -> Result<Option<Self>, PlanError> {
        let refused = |source| PlanError::Merge {
            path: path.to_owned(),
            source,
        };
        let present = file::read(path)?;
        let Some(text) = present.text() else {
            return Ok(None);
        };
        let (format, root, name) = (client.format(), client.root(), server.key());
        let Some(entry) = merge::entry_in(text, format, root, name).map_err(refused)? else {
            return Ok(None);
        };
        let names = merge::names(text, format, root).map_err(refused)?;
        let after = merge::remove(text, format, root, name).map_err(refused)?;
        Ok(Some(Self {
            client,
            path: path.to_owned(),
            others: names.iter().filter(|other| *other != name).count(),
            entry: entry.to_string().into(),
            after: after.into(),
            present,
        }))
    }

    /// The tokens and keys of Husting's that stand in the entry.
    #[must_use]
    pub fn tokens(&self) -> Vec<SecretString> {
        let found = secrets::own_in(self.entry.expose_secret());
        found.into_iter().map(SecretString::from).collect()
    }

    /// Takes it out.
    ///
    /// # Errors
    /// [`FileError`], also when the file was changed since it was looked at; nothing is then changed by us.
    pub fn write(&self) -> Result<Written, FileError> {
        file::write(&self.present, self.after.expose_secret())
    }
}
