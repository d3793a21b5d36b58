//! The flight recorder: what the gateway brought lately, without what people wrote, so that decisions can
//! be looked at afterwards: `husting discord replay FILE`.
//!
//! It is a ring of two files, the older of which goes when the newer one is full. Each begins with who the
//! bot is and which threads it knew, so that each can be replayed alone. It is no journal: a line that
//! cannot be written is missing, and nothing waits for it.

mod redacted;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use husting_domain::discord::{KnownChannel, Snowflake};
use serde_json::json;
use tokio::sync::mpsc;

use crate::gateway::Heard;

pub use self::redacted::redacted;

/// The newer file.
pub const NEWER: &str = "flight.jsonl";
/// The older one.
pub const OLDER: &str = "flight.1.jsonl";
/// Most bytes of one of them: 2 MiB.
const MOST_BYTES: u64 = 2 << 20;
/// How long a file that nobody writes to is kept, where no setting says otherwise: a week.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Lines that may wait for the disk; what comes when they do is not recorded.
const WAITING: usize = 256;

/// Takes lines for the recorder. They are written in the background until it is dropped.
#[derive(Clone, Debug)]
pub struct Recorder {
    lines: mpsc::Sender<String>,
}

impl Recorder {
    /// Records in this folder, which is made where it is not there, for this bot. A file that nobody wrote to for
    /// longer than `kept` goes first.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn begin(
        folder: &Path,
        bot: Snowflake,
        known: &[KnownChannel],
        kept: Duration,
    ) -> io::Result<Self> {
        let ring = Ring::open(folder, head(bot, known), kept)?;
        let (lines, waiting) = mpsc::channel(WAITING);
        tokio::task::spawn_blocking(move || ring.write_all(waiting));
        Ok(Self { lines })
    }

    /// Records an event, as far as it decides anything.
    pub fn record(&self, heard: &Heard) {
        let Some(data) = redacted(&heard.name, heard.data.get()) else {
            return;
        };
        let frame = json!({ "op": 0, "t": heard.name, "s": heard.cursor.sequence, "d": data });
        if self.lines.try_send(frame.to_string()).is_err() {
            tracing::debug!("the flight recorder is behind; an event is missing in it");
        }
    }
}

/// With what a file begins.
fn head(bot: Snowflake, known: &[KnownChannel]) -> String {
    let ready = json!({ "op": 0, "t": "READY", "d": { "user": { "id": bot } } });
    let threads = known.iter().filter_map(|channel| {
        let parent = channel.parent?;
        let thread =
            json!({ "id": channel.id, "type": 11, "parent_id": parent, "guild_id": channel.guild });
        Some(json!({ "op": 0, "t": "THREAD_CREATE", "d": thread }).to_string())
    });
    let lines = std::iter::once(ready.to_string()).chain(threads);
    lines.map(|line| line + "\n").collect()
}

/// The two files.
struct Ring {
    folder: PathBuf,
    head: String,
    file: File,
    bytes: u64,
}

impl Ring {
    fn open(folder: &Path, head: String, kept: Duration) -> io::Result<Self> {
        crate::files::make_private(folder)?;
        for name in [NEWER, OLDER] {
            forget_if_old(&folder.join(name), kept)?;
        }
        let mut ring = Self {
            folder: folder.to_owned(),
            head,
            file: append(&folder.join(NEWER))?,
            bytes: 0,
        };
        ring.bytes = ring.file.metadata()?.len();
        // What is known may have changed since the file began.
        ring.put(&ring.head.clone())?;
        Ok(ring)
    }

    fn write_all(mut self, mut waiting: mpsc::Receiver<String>) {
        while let Some(line) = waiting.blocking_recv() {
            if let Err(fault) = self.record(&line) {
                tracing::warn!(%fault, "the flight recorder cannot write");
            }
        }
    }

    fn record(&mut self, line: &str) -> io::Result<()> {
        if self.bytes + line.len() as u64 >= MOST_BYTES {
            fs::rename(self.folder.join(NEWER), self.folder.join(OLDER))?;
            self.file = append(&self.folder.join(NEWER))?;
            self.bytes = 0;
            self.put(&self.head.clone())?;
        }
        self.put(&format!("{line}\n"))
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.bytes += text.len() as u64;
        Ok(())
    }
}

/// Opens a file for this user alone.
fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn forget_if_old(path: &Path, kept: Duration) -> io::Result<()> {
    let written = match fs::metadata(path) {
        Ok(file) => file.modified()?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(fault),
    };
    let age = SystemTime::now().duration_since(written);
    if age.is_ok_and(|age| age > kept) {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    fn thread() -> KnownChannel {
        KnownChannel {
            id: id(7),
            guild: Some(id(1)),
            parent: Some(id(2)),
            name: Some("plans of ana".to_owned()),
            last_message: None,
            stopped_at: None,
        }
    }

    #[test]
    fn a_full_file_becomes_the_older_one_and_both_begin_with_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let head = head(id(9), &[thread()]);
        assert!(!head.contains("ana"), "{head}");
        let mut ring = Ring::open(folder.path(), head.clone(), KEPT).unwrap();
        let line = "x".repeat(1 << 20);
        for _ in 0..3 {
            ring.record(&line).unwrap();
        }
        for name in [NEWER, OLDER] {
            let path = folder.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with(&head), "{name}");
            assert!(text.len() as u64 <= MOST_BYTES, "{name}");
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &fs::metadata(&path).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_older_than_it_is_kept_goes_when_it_begins_anew() {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let folder = tempfile::tempdir().unwrap();
        let (newer, older) = (folder.path().join(NEWER), folder.path().join(OLDER));
        for path in [&newer, &older] {
            fs::write(path, "before\n").unwrap();
        }
        let four_days_ago = SystemTime::now() - 4 * DAY;
        File::options()
            .write(true)
            .open(&older)
            .unwrap()
            .set_modified(four_days_ago)
            .unwrap();
        Ring::open(folder.path(), head(id(9), &[]), 5 * DAY).unwrap();
        assert!(older.exists());
        Ring::open(folder.path(), head(id(9), &[]), 3 * DAY).unwrap();
        assert!(!older.exists());
        assert!(fs::read_to_string(newer).unwrap().starts_with("before\n"));
    }
}
