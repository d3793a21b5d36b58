//! A change of a client's file: made, shown, and then written.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use husting_domain::clients::Client;

use crate::client::ClientFiles;
use crate::endpoint::Endpoint;
use crate::entry::{Entry, EntryError, entry};
use crate::file::{self, FileError, Present, Written};
use crate::format::Format;
use crate::git::{self, GitError, Standing};
use crate::merge::{self, MergeError};
use crate::removal::tokens_in;

/// What a person does where Husting may not touch the file.
const BY_HAND: &str = "copy the entry into it by hand";

/// Why there is nothing to write.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The client cannot reach the server.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is left as it is.
    #[error("{} is left as it is: {source}", path.display())]
    Merge {
        /// The file.
        path: PathBuf,
        /// Why.
        source: MergeError,
    },
    /// It is not known whether the file would be committed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// What Husting may not do, a person can.
    #[error("{cause}; {remedy}")]
    ByHand {
        /// Why Husting does not.
        cause: Box<Self>,
        /// What is to be done.
        remedy: &'static str,
    },
}

impl PlanError {
    pub(crate) fn merge(path: &Path, source: MergeError) -> Self {
        Self::Merge {
            path: path.to_owned(),
            source,
        }
    }

    /// The same with what a person does, where the file itself needs no mending.
    pub(crate) fn or_by_hand(self, remedy: &'static str) -> Self {
        match self {
            Self::File(FileError::TooLong(_))
            | Self::Merge {
                source: MergeError::Unsure,
                ..
            } => Self::ByHand {
                cause: Box::new(self),
                remedy,
            },
            other => other,
        }
    }
}

/// What would be written, and where. Nothing in it but [`Plan::write`] gives the secret away.
#[derive(Debug)]
pub struct Plan {
    /// Whose file it is.
    pub client: Client,
    /// The file.
    pub path: PathBuf,
    /// How it is written.
    pub format: Format,
    /// Our entry as it will stand, with a placeholder for the secret and without the rest of the
    /// file, which may hold other people's secrets.
    pub after_shown: String,
    /// Whether a server of our name is replaced.
    pub replaces: bool,
    /// Whether that one is not Husting's: it has neither a token of Husting's nor the address.
    pub is_anothers: bool,
    /// How many other servers are in the file, and stay.
    pub others: usize,
    /// Whether the file would be committed.
    pub git: Standing,
    present: Present,
    after: SecretString,
}

impl Plan {
    /// What `client` would be given in the file at `path`, as [`Client::file_at`] gives it.
    ///
    /// # Errors
    /// [`PlanError`] when the client cannot reach the server, or the file cannot be changed
    /// without harm.
    pub fn of(client: Client, endpoint: &Endpoint, path: &Path) -> Result<Self, PlanError> {
        let refused = |source| PlanError::merge(path, source).or_by_hand(BY_HAND);
        let Entry::Table(table) = entry(client, endpoint)? else {
            return Err(refused(MergeError::NoFile));
        };
        let present =
            file::read(path).map_err(|fault| PlanError::from(fault).or_by_hand(BY_HAND))?;
        let (format, root, name) = (client.format(), client.root(), endpoint.server.key());
        let text = present.text().unwrap_or_default();
        let names = merge::names(text, format, root).map_err(refused)?;
        let before = merge::entry_in(text, format, root, name).map_err(refused)?;
        let before = before.map(|entry| entry.to_string());
        let is_ours = |entry: &str| entry.contains(&endpoint.url) || !tokens_in(entry).is_empty();
        let after = merge::merge(text, format, root, name, &table).map_err(refused)?;
        Ok(Self {
            client,
            path: path.to_owned(),
            format,
            after_shown: snippet(client, &endpoint.shown())?,
            replaces: names.iter().any(|other| other == name),
            is_anothers: before.is_some_and(|entry| !is_ours(&entry)),
            others: names.iter().filter(|other| *other != name).count(),
            git: git::standing(path)?,
            after: after.into(),
            present,
        })
    }

    /// Whether the file exists already.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.present.text().is_some()
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`FileError`], also when the file was changed since the plan was made; nothing is then
    /// changed by us.
    pub fn write(&self) -> Result<Written, FileError> {
        file::write(&self.present, self.after.expose_secret())
    }

    /// Leaves the file and its backups out of the repository that it is in. Whether that was
    /// news.
    ///
    /// # Errors
    /// [`GitError`] when the repository cannot be written.
    pub fn leave_out(&self) -> Result<bool, GitError> {
        match &self.git {
            Standing::Outside => Ok(false),
            Standing::Inside { exclude, lines, .. } => git::leave_out(exclude, lines),
        }
    }
}

/// The whole file of a client that has nothing else in it, or the command that is run instead.
/// It holds the secret of `endpoint`.
///
/// # Errors
/// [`PlanError`] when the client cannot reach the server.
pub fn snippet(client: Client, endpoint: &Endpoint) -> Result<String, PlanError> {
    let (format, root, name) = (client.format(), client.root(), endpoint.server.key());
    match entry(client, endpoint)? {
        Entry::Command(command) => Ok(command.text),
        Entry::Table(table) => merge::merge("", format, root, name, &table)
            .map_err(|source| PlanError::merge(client.own_file(), source)),
    }
}
