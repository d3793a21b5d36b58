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
    _file: File,
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
    /// there; `api_base` tells apart bots of servers that are not Discord; `who` is this process, in words.
    ///
    /// # Errors
    /// [`OneBotError`].
    pub fn take(
        folder: &Path,
        api_base: &str,
        bot: Snowflake,
        who: &str,
    ) -> Result<Self, OneBotError> {
        let path = folder.join(name(api_base, bot));
        let unusable = |source| OneBotError::Unusable {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let mut file = open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OneBotError::Taken {
                    holder: signed(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        sign(&mut file, who).map_err(unusable)?;
        Ok(Self { _file: file })
    }
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

fn sign(file: &mut File, who: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(who.as_bytes())?;
    file.flush()
}

/// Whoever holds it may not have signed yet.
fn signed(file: &mut File) -> String {
    let mut who = String::new();
    match file.take(200).read_to_string(&mut who) {
        Ok(_) if !who.trim().is_empty() => who.trim().to_owned(),
        _ => "another program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISCORD: &str = "https://discord.com/api/v10";

    fn bot(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[test]
    fn a_bot_has_one_holder_who_is_named_to_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("made");
        let first = OneBot::take(&folder, DISCORD, bot(7), "Husting (process 12)").unwrap();
        let second = OneBot::take(&folder, DISCORD, bot(7), "another").unwrap_err();
        assert_eq!(
            second.to_string(),
            "Husting (process 12) runs this bot already: stop it there, or use the token of another bot here"
        );
        drop(first);
        OneBot::take(&folder, DISCORD, bot(7), "another").unwrap();
    }

    #[test]
    fn another_bot_and_another_server_are_free() {
        let folder = tempfile::tempdir().unwrap();
        let _first = OneBot::take(folder.path(), DISCORD, bot(7), "first").unwrap();
        OneBot::take(folder.path(), DISCORD, bot(8), "second").unwrap();
        OneBot::take(folder.path(), "http://127.0.0.1:1/api/v10", bot(7), "third").unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let inside = file.path().join("locks");
        let refused = OneBot::take(&inside, DISCORD, bot(7), "first").unwrap_err();
        assert!(matches!(refused, OneBotError::Unusable { .. }), "{refused}");
    }
}
