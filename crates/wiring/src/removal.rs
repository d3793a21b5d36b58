//! Our entry in a client's file: looked at, and taken out.

use std::path::{Path, PathBuf};

use husting_domain::clients::Client;
use husting_domain::secrets;
use secrecy::SecretString;

use crate::client::ClientFiles;
use crate::endpoint::Server;
use crate::file::{self, Present, Written};
use crate::merge::{self, MergeError};
use crate::plan::PlanError;

/// What a person does where Husting may not touch the file.
const BY_HAND: &str = "take the entry out of it by hand";

/// Tokens and keys of Husting's that stand in a client's file.
#[derive(Debug)]
pub struct Tokens {
    /// Those in what stands under the server's name; `None` where nothing does.
    pub entry: Option<Vec<SecretString>>,
    /// Those in the whole file, its comments too.
    pub all: Vec<SecretString>,
}

impl Tokens {
    /// Those in a file's text.
    ///
    /// # Errors
    /// [`MergeError`] when the text cannot be read.
    pub fn of(client: Client, server: Server, text: &str) -> Result<Self, MergeError> {
        let (format, root, name) = (client.format(), client.root(), server.key());
        let entry = merge::entry_in(text, format, root, name)?;
        Ok(Self {
            entry: entry.map(|entry| tokens_in(&entry.to_string())),
            all: tokens_in(text),
        })
    }
}

/// Tokens and keys of Husting's in a text that may be no file of any client's.
#[must_use]
pub fn tokens_in(text: &str) -> Vec<SecretString> {
    let found = secrets::own_in(text).into_iter();
    found.map(SecretString::from).collect()
}

/// What would be taken out of a file. Nothing in it shows what stands there.
#[derive(Debug)]
pub struct Removal {
    /// Whose file it is.
    pub client: Client,
    /// The file.
    pub path: PathBuf,
    /// How many other servers are in the file, and stay.
    pub others: usize,
    /// Whose entry it is, as far as tokens tell.
    pub tokens: Tokens,
    name: &'static str,
    present: Present,
}

/// What came of that.
#[derive(Debug)]
pub struct Removed {
    /// The file.
    pub written: Written,
    /// Tokens and keys of Husting's that stand elsewhere in it.
    pub left: Vec<SecretString>,
}

impl Removal {
    /// What of that server is in the file at `path`; `None` where no file is there.
    ///
    /// # Errors
    /// [`PlanError`] when the file cannot be read.
    pub fn of(client: Client, server: Server, path: &Path) -> Result<Option<Self>, PlanError> {
        let refused = |source| PlanError::merge(path, source).or_by_hand(BY_HAND);
        let present =
            file::read(path).map_err(|fault| PlanError::from(fault).or_by_hand(BY_HAND))?;
        let Some(text) = present.text() else {
            return Ok(None);
        };
        let name = server.key();
        let names = merge::names(text, client.format(), client.root()).map_err(refused)?;
        Ok(Some(Self {
            client,
            path: path.to_owned(),
            others: names.iter().filter(|other| *other != name).count(),
            tokens: Tokens::of(client, server, text).map_err(refused)?,
            name,
            present,
        }))
    }

    /// Takes the entry out.
    ///
    /// # Errors
    /// [`PlanError`] when the file cannot be changed without harm, also when it was changed since it was looked at;
    /// nothing is then changed by us.
    pub fn write(&self) -> Result<Removed, PlanError> {
        let refused = |source| PlanError::merge(&self.path, source).or_by_hand(BY_HAND);
        let (format, root) = (self.client.format(), self.client.root());
        let text = self.present.text().unwrap_or_default();
        let after = merge::remove(text, format, root, self.name).map_err(refused)?;
        Ok(Removed {
            written: file::write(&self.present, &after)?,
            left: tokens_in(&after),
        })
    }
}
