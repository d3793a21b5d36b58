//! `PENDING_STORE_PATH`: the questions that may still be answered, as a JSON map that other programs can
//! read. It is kept beside the journal, which alone decides; at the start, questions that only the file
//! knows are taken into the journal, so that a bridge that moves takes its open questions with it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use husting_domain::agents::Name;
use husting_domain::discord::{
    ANSWERABLE_SECONDS, Author, Inbound, InboundState, Place, RequestId, Snowflake,
};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One question, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    guild_id: Option<Snowflake>,
    channel_id: Snowflake,
    thread_id: Option<Snowflake>,
    message_id: Snowflake,
    author: Author,
    agent: Name,
    received_at: Timestamp,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PendingError {
    /// It cannot be read or written.
    #[error("{path} (PENDING_STORE_PATH) cannot be used: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no map of questions.
    #[error(
        "{path} (PENDING_STORE_PATH) is not what the bridge wrote ({source}): move it away to begin anew"
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The questions of a file that may still be answered, oldest first; none when there is no file.
///
/// # Errors
/// [`PendingError`] when it cannot be read, or is something else; it is left as it was.
pub fn read(path: &Path, bot: Snowflake, now: Timestamp) -> Result<Vec<Inbound>, PendingError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            let path = path.to_owned();
            return Err(PendingError::Io { path, source });
        }
    };
    let map: BTreeMap<RequestId, Pending> =
        serde_json::from_str(&text).map_err(|source| PendingError::Format {
            path: path.to_owned(),
            source,
        })?;
    let mut open: Vec<_> = map
        .into_iter()
        .map(|(request, pending)| pending.question(request, bot))
        .filter(|question| is_answerable(question, now))
        .collect();
    open.sort_by_key(|question| question.received_at);
    Ok(open)
}

/// Puts these questions in the file, in place of all that were there: it is replaced in one step, and
/// readable by this user alone.
///
/// # Errors
/// [`PendingError::Io`]; then the file is what it was.
pub fn write(path: &Path, open: &[Inbound], now: Timestamp) -> Result<(), PendingError> {
    let answerable = open.iter().filter(|each| is_answerable(each, now));
    let map: BTreeMap<RequestId, Pending> = answerable
        .map(|question| (question.request, Pending::of(question)))
        .collect();
    replace(path, &map).map_err(|source| PendingError::Io {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, map: &BTreeMap<RequestId, Pending>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| folder != &Path::new(""));
    // A new file of mode 0600, as the crate makes them.
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    serde_json::to_writer_pretty(&mut file, map)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn is_answerable(question: &Inbound, now: Timestamp) -> bool {
    let age = now
        .as_micros()
        .saturating_sub(question.received_at.as_micros());
    age <= ANSWERABLE_SECONDS * 1_000_000
}

impl Pending {
    fn of(question: &Inbound) -> Self {
        Self {
            guild_id: question.place.guild,
            channel_id: question.place.channel,
            thread_id: question.place.thread,
            message_id: question.message,
            author: question.author.clone(),
            agent: question.agent.clone(),
            received_at: question.received_at,
        }
    }

    /// Its words are not in the file: it was asked already.
    fn question(self, request: RequestId, bot: Snowflake) -> Inbound {
        Inbound {
            request,
            bot,
            message: self.message_id,
            place: Place {
                guild: self.guild_id,
                channel: self.channel_id,
                thread: self.thread_id,
            },
            author: self.author,
            text: String::new(),
            attachments: Vec::new(),
            received_at: self.received_at,
            agent: self.agent,
            state: InboundState::Sent,
            bus_id: None,
            sent_at: None,
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            amends: None,
            fault: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use uuid::Uuid;

    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    fn asked(request: u128, seconds: i64) -> Inbound {
        let pending = Pending {
            guild_id: Some(id(1)),
            channel_id: id(2),
            thread_id: Some(id(3)),
            message_id: id(4),
            author: Author {
                id: id(5),
                name: "Ana".to_owned(),
            },
            agent: Name::parse("kasra").unwrap(),
            received_at: Timestamp::from_micros(seconds * 1_000_000),
        };
        pending.question(RequestId(Uuid::from_u128(request)), id(9))
    }

    #[test]
    fn what_is_written_is_read_again_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pending.json");
        let now = Timestamp::from_micros(100 * 1_000_000);
        assert_eq!(read(&path, id(9), now).unwrap(), []);

        let (first, second) = (asked(7, 10), asked(6, 20));
        write(&path, &[second.clone(), first.clone()], now).unwrap();
        assert_eq!(read(&path, id(9), now).unwrap(), [first, second]);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_question_is_dropped_after_its_week() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pending.json");
        let question = asked(7, 0);
        let week = Timestamp::from_micros(ANSWERABLE_SECONDS * 1_000_000);
        write(&path, std::slice::from_ref(&question), week).unwrap();
        assert_eq!(read(&path, id(9), week).unwrap(), [question]);
        let later = week.plus_millis(1);
        assert_eq!(read(&path, id(9), later).unwrap(), []);
        write(&path, &[asked(7, 0)], later).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
    }

    #[test]
    fn what_is_no_map_of_questions_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pending.json");
        std::fs::write(&path, "[1, 2]").unwrap();
        let now = Timestamp::from_micros(0);
        let fault = read(&path, id(9), now).unwrap_err();
        assert!(matches!(fault, PendingError::Format { .. }), "{fault}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[1, 2]");

        let nowhere = folder.path().join("nowhere/pending.json");
        let fault = write(&nowhere, &[], now).unwrap_err();
        assert!(fault.to_string().contains("PENDING_STORE_PATH"), "{fault}");
    }
}
