//! What can go wrong with keys, said so that the operator knows what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a key store did not do what it was asked. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// No keyring at all: no session bus, or nothing on it that keeps secrets.
    #[error(
        "no keyring answers on this machine ({system_words}): start one, or keep keys in a sealed file \
         (HUSTING_SECRETS=file, with a key file named in HUSTING_SECRETS_KEY_FILE or a passphrase in HUSTING_PASSPHRASE)"
    )]
    NoKeyring {
        /// What the system said.
        system_words: String,
    },
    /// A keyring that is to be there, and said nothing in all the time it had.
    #[error(
        "the keyring did not answer within {} seconds: see that it runs in this session, or log in anew, and try again",
        limit.as_secs()
    )]
    KeyringSilent {
        /// How long it was waited for.
        limit: Duration,
    },
    /// A keyring that wants to be unlocked first.
    #[error("the keyring is locked ({system_words}): unlock it and try again")]
    KeyringLocked {
        /// What the system said.
        system_words: String,
    },
    /// A keyring that answers, but not with what was asked for.
    #[error("the keyring did not do it ({system_words}): look at the entries of Husting in it")]
    KeyringRefused {
        /// What the system said.
        system_words: String,
    },
    /// The sealed file was sealed with another passphrase.
    #[error("this passphrase does not open the sealed file: type the one it was sealed with")]
    WrongPassphrase,
    /// The sealed file was sealed with another key file.
    #[error(
        "the key file {} does not open the sealed file: name the one it was sealed with",
        path.display()
    )]
    WrongKeyFile {
        /// The key file that was tried.
        path: PathBuf,
    },
    /// The sealed file wants the other kind of [`Unlock`](crate::Unlock).
    #[error("the sealed file is opened by {wanted}")]
    OtherUnlock {
        /// Which one, and the setting that names it.
        wanted: &'static str,
    },
    /// A passphrase of no characters.
    #[error("the passphrase is empty: give one of at least 12 characters")]
    EmptyPassphrase,
    /// The key file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    KeyFile {
        /// The key file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A key file too short to be a key.
    #[error(
        "the key file {} has {bytes} bytes and needs at least 32: make one with `head -c 32 /dev/urandom`",
        path.display()
    )]
    ShortKeyFile {
        /// The key file.
        path: PathBuf,
        /// How long it is.
        bytes: usize,
    },
    /// The sealed file is not as it was written.
    #[error(
        "the sealed file {} is damaged, {why}: put a copy of it back, or move it away and paste the keys again",
        path.display()
    )]
    Damaged {
        /// The sealed file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another sealed file stands where the opened one was.
    #[error("the sealed file {} was replaced since it was opened: open it again", path.display())]
    Replaced {
        /// The sealed file.
        path: PathBuf,
    },
    /// Others may read a file that holds a secret.
    #[error("{} has mode {mode:04o} and must be its owner's alone: {fix}", path.display())]
    WiderPermissions {
        /// The sealed file or key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The command that narrows them.
        fix: String,
    },
    /// A sealed file may not be made over another.
    #[error("a sealed file is there already: open it, or move it away first")]
    Exists,
    /// A secret without a name.
    #[error("a secret needs a name")]
    NoName,
    /// The program ends before the store could act.
    #[error("the program is ending")]
    Stopping,
    /// A file could not be read or written.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried, with the path.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl SecretsError {
    /// For `map_err`: what was being done with `path`.
    pub(crate) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}
