//! One bot is run by one bridge of this machine: two would answer everything twice. Discord itself does not
//! refuse a second gateway session.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use husting_domain::discord::Snowflake;
use sha2::{Digest as _, Sha256};

/// The bot is this process's as long as this lives.
#[derive(Debug)]
pub struct OneBot {
    file: File,
    path: PathBuf,
    who: String,
    /// The fingerprint of its journal.
    own: String,
    /// That of the journal of the last bridge of the bot.
    before: Option<String>,
}

/// Who takes a bot.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The process, in words.
    pub who: &'a str,
    /// The file of its journal.
    pub journal: &'a Path,
}

/// The bot is not this process's.
#[derive(Debug, thiserror::Error)]
pub enum OneBotError {
    /// Another process of this machine runs it.
    #[error("{holder} runs this bot already: stop it there, or use the token of another bot here")]
    Taken {
        /// Which, in words.
        holder: String,
    },
    /// It cannot be known.
    #[error("the lock {} cannot be used: {source}", path.display())]
    Unusable {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl OneBot {
    /// Takes the bot. `folder` is the same for all data folders of a user, and is made where it is not
    /// there; `api_base` tells apart bots of servers that are not Discord.
    ///
    /// # Errors
    /// [`OneBotError`].
    pub fn take(
        folder: &Path,
        api_base: &str,
        bot: Snowflake,
        holder: Holder<'_>,
    ) -> Result<Self, OneBotError> {
        let path = folder.join(name(api_base, bot));
        let unusable = |source| OneBotError::Unusable {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let file = open(&path).map_err(unusable)?;
        let is_free = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        };
        let (who, before) = signed(&file);
        if !is_free {
            return Err(OneBotError::Taken { holder: who });
        }
        let taken = Self {
            file,
            path,
            who: holder.who.to_owned(),
            own: fingerprint(holder.journal),
            before,
        };
        taken.sign(taken.before.as_deref())?;
        Ok(taken)
    }

    /// Whether the last bridge of the bot had the same journal. Another one may have dealt with events that
    /// the session of this journal would give again.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        self.before
            .as_ref()
            .is_none_or(|before| *before == self.own)
    }

    /// From now on this journal is the one that the bot's bridge had last.
    ///
    /// # Errors
    /// [`OneBotError::Unusable`].
    pub fn begin(&self) -> Result<(), OneBotError> {
        self.sign(Some(&self.own))
    }

    fn sign(&self, journal: Option<&str>) -> Result<(), OneBotError> {
        let text = format!("{}\n{}\n", self.who, journal.unwrap_or_default());
        let mut file = &self.file;
        let signing = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()));
        signing.map_err(|source| OneBotError::Unusable {
            path: self.path.clone(),
            source,
        })
    }
}

impl Drop for OneBot {
    /// Closing the file alone would leave the bot, for a moment, to a child process that another thread is
    /// starting: it has a copy of the file until its own program begins.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "a bot's lock ends with its file");
        }
    }
}

/// By which a journal is known again; where it is says nothing else to whoever reads the lock.
fn fingerprint(journal: &Path) -> String {
    let digest = Sha256::digest(journal.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// A bot's id is no secret.
fn name(api_base: &str, bot: Snowflake) -> String {
    let digest = Sha256::digest(api_base.as_bytes());
    let server: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("discord-bot-{server}-{bot}.lock")
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Who signed last, and the fingerprint of their journal. Whoever holds it may not have signed yet.
fn signed(file: &File) -> (String, Option<String>) {
    let mut text = String::new();
    let mut file = file;
    if let Err(fault) = file.rewind() {
        tracing::debug!(%fault, "a lock cannot be read from its beginning");
    }
    if let Err(fault) = file.take(200).read_to_string(&mut text) {
        tracing::debug!(%fault, "a lock cannot be read");
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let who = lines.next().unwrap_or("another program");
    (who.to_owned(), lines.next().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISCORD: &str = "https://discord.com/api/v10";

    fn bot(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    fn of<'a>(who: &'a str, journal: &'a str) -> Holder<'a> {
        Holder {
            who,
            journal: Path::new(journal),
        }
    }

    #[test]
    fn a_bot_has_one_holder_who_is_named_to_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("made");
        let husting = of("Husting (process 12)", "a.db");
        let first = OneBot::take(&folder, DISCORD, bot(7), husting).unwrap();
        let second = OneBot::take(&folder, DISCORD, bot(7), of("another", "b.db")).unwrap_err();
        assert_eq!(
            second.to_string(),
            "Husting (process 12) runs this bot already: stop it there, or use the token of another bot here"
        );
        drop(first);
        OneBot::take(&folder, DISCORD, bot(7), of("another", "b.db")).unwrap();
    }

    #[test]
    fn a_bot_that_was_left_is_free_while_a_child_that_begins_has_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let left = OneBot::take(folder.path(), DISCORD, bot(7), of("one", "a.db")).unwrap();
        let inherited = left.file.try_clone().unwrap();
        drop(left);
        OneBot::take(folder.path(), DISCORD, bot(7), of("another", "b.db")).unwrap();
        drop(inherited);
    }

    #[test]
    fn a_session_is_taken_up_again_by_the_journal_that_ran_last_alone() {
        let folder = tempfile::tempdir().unwrap();
        let take =
            |journal| OneBot::take(folder.path(), DISCORD, bot(7), of("Husting", journal)).unwrap();
        let resumes = |journal| {
            let taken = take(journal);
            taken.begin().unwrap();
            taken.is_resumable()
        };
        assert!(resumes("a.db"), "nobody ran it before");
        assert!(resumes("a.db"));
        assert!(!take("b.db").is_resumable());
        assert!(resumes("a.db"), "the other has not begun");
        assert!(!resumes("b.db"));
        assert!(resumes("b.db"));
        assert!(!resumes("a.db"));
    }

    #[test]
    fn another_bot_and_another_server_are_free() {
        let folder = tempfile::tempdir().unwrap();
        let take = |server, id| OneBot::take(folder.path(), server, bot(id), of("one", "a.db"));
        let _first = take(DISCORD, 7).unwrap();
        take(DISCORD, 8).unwrap();
        take("http://127.0.0.1:1/api/v10", 7).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let inside = file.path().join("locks");
        let refused = OneBot::take(&inside, DISCORD, bot(7), of("one", "a.db")).unwrap_err();
        assert!(matches!(refused, OneBotError::Unusable { .. }), "{refused}");
    }
}
