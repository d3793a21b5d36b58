//! Files beside a message: fetched as soon as it is heard, for Discord gives them out for a day, and
//! handed to the agent as a path with a hash. What is too large or of another kind is named instead.

mod names;
mod room;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use husting_domain::discord::{Attachment, AttachmentState, RequestId};
use reqwest::{Client, Url, redirect};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use self::room::{MOST_BYTES_KEPT, Room, kept_in};

/// Most bytes of one file: 10 MiB.
pub const MOST_BYTES: u64 = 10 << 20;
/// Most files of one message; Discord's own limit.
pub const MOST_FILES: usize = 10;
/// Discord's own hosts for files.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];
/// Until when a file has to be there.
const PATIENCE: Duration = Duration::from_secs(30);
/// For how long files are kept: as long as questions that have ended.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What agents can read: text, pictures, documents. Nothing that runs.
const KINDS: [&str; 9] = [
    "text/",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "application/json",
    "application/xml",
    "application/yaml",
];

/// Fetches files into a folder of this machine.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    folder: PathBuf,
    /// Most bytes that are kept in the folder.
    most_kept: u64,
    /// Where files may be besides Discord's hosts: a server for tests, on this machine.
    also: Option<Url>,
}

/// Why a file was not fetched; the agent is told in these words.
#[derive(Debug, thiserror::Error)]
enum Skipped {
    #[error("it is larger than 10 MiB")]
    TooLarge,
    #[error("it is of a kind that is not fetched ({0})")]
    Kind(String),
    #[error("there are more than ten files")]
    TooMany,
    #[error("the files of its message are larger than 25 MiB together")]
    TooMuch,
    #[error("this machine keeps 1 GiB of such files already")]
    NoRoom,
    #[error("it is larger than Discord says")]
    NotAsSaid,
    #[error("its address is not Discord's")]
    Elsewhere,
    #[error("Discord does not give it out ({0})")]
    Refused(u16),
    #[error("it could not be fetched")]
    Network(#[source] reqwest::Error),
    #[error("it could not be kept on this machine")]
    Disk(#[from] io::Error),
}

impl Files {
    /// Into this folder, which is made when the first file comes. `api_base` is where Discord's REST
    /// API is: files may come from there where that is a server for tests.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn new(folder: PathBuf, api_base: &str) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .build()?;
        let also = Url::parse(api_base).ok();
        Ok(Self {
            client,
            folder,
            most_kept: MOST_BYTES_KEPT,
            also,
        })
    }

    /// Fetches the files of a question that were only named so far, as many of them as there is room for.
    pub async fn fetch_all(&self, request: RequestId, files: &[Attachment]) -> Vec<Attachment> {
        let mut room = self.room().await;
        let mut plans = Vec::with_capacity(files.len());
        for (number, file) in (1..).zip(files) {
            plans.push((number, file, self.plan(number, file, &mut room)));
        }
        let fetched = plans.into_iter().map(|(number, file, plan)| async move {
            let mut file = file.clone();
            if let Some(url) = plan {
                file.state = self.state_of(request, number, &file, url).await;
            }
            file
        });
        join_all(fetched).await
    }

    /// What there is room for now.
    async fn room(&self) -> Room {
        let folder = self.folder.clone();
        let kept = tokio::task::spawn_blocking(move || kept_in(&folder)).await;
        let kept = match kept {
            Ok(Ok(kept)) => kept,
            Ok(Err(fault)) => {
                tracing::warn!(%fault, "it is not known how much is kept");
                0
            }
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        Room::of(self.most_kept.saturating_sub(kept))
    }

    /// From where a file is to be fetched, or why not; nothing of one that is dealt with.
    fn plan(
        &self,
        number: usize,
        file: &Attachment,
        room: &mut Room,
    ) -> Option<Result<Url, Skipped>> {
        match file.state {
            AttachmentState::Named => {
                let wanted = self.wanted(number, file);
                Some(wanted.and_then(|url| room.take(file.bytes).map(|()| url)))
            }
            AttachmentState::Fetched { .. } => {
                room.has(file.bytes);
                None
            }
            AttachmentState::Skipped { .. } => None,
        }
    }

    /// Deletes the files of questions that were asked so long ago that they are forgotten themselves.
    pub async fn forget_old(&self) {
        let folder = self.folder.clone();
        let forgotten = tokio::task::spawn_blocking(move || forget_old(&folder)).await;
        match forgotten {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::warn!(%fault, "old files were not deleted"),
            Err(panic) => tracing::error!(%panic, "deleting old files ended badly"),
        }
    }

    async fn state_of(
        &self,
        request: RequestId,
        number: usize,
        file: &Attachment,
        url: Result<Url, Skipped>,
    ) -> AttachmentState {
        let fetched = match url {
            Ok(url) => self.fetch(request, number, file, url).await,
            Err(skipped) => Err(skipped),
        };
        match fetched {
            Ok((path, sha256)) => AttachmentState::Fetched {
                path: path.display().to_string(),
                sha256,
            },
            Err(skipped) => {
                tracing::info!(%request, number, fault = %skipped, "a file was not fetched");
                AttachmentState::Skipped {
                    why: skipped.to_string(),
                }
            }
        }
    }

    async fn fetch(
        &self,
        request: RequestId,
        number: usize,
        file: &Attachment,
        url: Url,
    ) -> Result<(PathBuf, String), Skipped> {
        let answer = self.client.get(url).send().await;
        let mut answer = answer.map_err(|fault| Skipped::Network(fault.without_url()))?;
        if !answer.status().is_success() {
            return Err(Skipped::Refused(answer.status().as_u16()));
        }
        let folder = self.folder.join(request.to_string());
        make_private(&folder)?;
        let mut kept = NamedTempFile::new_in(&folder)?;
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = answer
            .chunk()
            .await
            .map_err(|fault| Skipped::Network(fault.without_url()))?
        {
            bytes += piece.len() as u64;
            if bytes > file.bytes {
                return Err(Skipped::NotAsSaid);
            }
            hash.update(&piece);
            kept.write_all(&piece)?;
        }
        let path = folder.join(names::kept_as(number, &file.filename));
        kept.persist(&path).map_err(|fault| fault.error)?;
        Ok((path, hex(&hash.finalize())))
    }

    /// Its address, if it is to be fetched.
    fn wanted(&self, number: usize, file: &Attachment) -> Result<Url, Skipped> {
        if number > MOST_FILES {
            return Err(Skipped::TooMany);
        }
        if file.bytes > MOST_BYTES {
            return Err(Skipped::TooLarge);
        }
        let kind = file.content_type.as_deref().unwrap_or("unknown");
        if !KINDS.iter().any(|wanted| kind.starts_with(wanted)) {
            return Err(Skipped::Kind(kind.to_owned()));
        }
        let url = Url::parse(&file.url).map_err(|_| Skipped::Elsewhere)?;
        let is_discords =
            url.scheme() == "https" && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        let is_of_tests = self
            .also
            .as_ref()
            .is_some_and(|also| is_loopback(also) && also.origin() == url.origin());
        if is_discords || is_of_tests {
            Ok(url)
        } else {
            Err(Skipped::Elsewhere)
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Makes a folder, open to this user alone.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The folders of questions, which are named by their ids, that nobody wrote to for so long.
fn forget_old(folder: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = is_of_question(&name);
        let written = entry.metadata()?.modified()?;
        let age = SystemTime::now().duration_since(written);
        if is_ours && age.is_ok_and(|age| age > KEPT) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Folders of questions are named by their ids.
#[must_use]
pub fn is_of_question(folder: &OsStr) -> bool {
    let name = folder.to_str();
    name.is_some_and(|name| uuid::Uuid::parse_str(name).is_ok())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn file(url: &str, content_type: Option<&str>, bytes: u64) -> Attachment {
        Attachment {
            id: husting_domain::discord::Snowflake::new(1).unwrap(),
            filename: "a.txt".to_owned(),
            bytes,
            content_type: content_type.map(str::to_owned),
            url: url.to_owned(),
            state: AttachmentState::Named,
        }
    }

    const TEXT: Option<&str> = Some("text/plain; charset=utf-8");
    const CDN: &str = "https://cdn.discordapp.com/attachments/1/2/a.txt?ex=1";

    #[rstest]
    #[case(1, CDN, TEXT, MOST_BYTES, "fetched")]
    #[case(10, CDN, TEXT, 1, "fetched")]
    #[case(11, CDN, TEXT, 1, "there are more than ten files")]
    #[case(1, CDN, TEXT, MOST_BYTES + 1, "it is larger than 10 MiB")]
    #[case(1, CDN, None, 1, "it is of a kind that is not fetched (unknown)")]
    #[case(
        1,
        CDN,
        Some("application/x-msdownload"),
        1,
        "it is of a kind that is not fetched (application/x-msdownload)"
    )]
    #[case(
        1,
        "http://cdn.discordapp.com/a.txt",
        TEXT,
        1,
        "its address is not Discord's"
    )]
    #[case(
        1,
        "https://cdn.discordapp.com.example/a.txt",
        TEXT,
        1,
        "its address is not Discord's"
    )]
    #[case(
        1,
        "https://user@127.0.0.1/a.txt",
        TEXT,
        1,
        "its address is not Discord's"
    )]
    #[case(1, "file:///etc/passwd", TEXT, 1, "its address is not Discord's")]
    #[case(1, "http://127.0.0.1:9/a.txt", TEXT, 1, "fetched")]
    #[case(1, "http://127.0.0.1:8/a.txt", TEXT, 1, "its address is not Discord's")]
    fn only_what_can_be_read_is_fetched_and_only_from_discord(
        #[case] number: usize,
        #[case] url: &str,
        #[case] content_type: Option<&str>,
        #[case] bytes: u64,
        #[case] outcome: &str,
    ) {
        let files = Files::new("files".into(), "http://127.0.0.1:9/api/v10").unwrap();
        let wanted = files.wanted(number, &file(url, content_type, bytes));
        let said = wanted.map_or_else(|skipped| skipped.to_string(), |_| "fetched".to_owned());
        assert_eq!(said, outcome);
    }

    #[tokio::test]
    async fn what_is_too_much_together_is_named_and_the_rest_is_fetched() {
        let home = tempfile::tempdir().unwrap();
        let mut files = Files::new(home.path().to_owned(), "http://127.0.0.1:9/api/v10").unwrap();
        let of = |bytes| file(CDN, TEXT, bytes);
        let program = file(CDN, Some("application/x-msdownload"), MOST_BYTES);
        let fetched = Attachment {
            state: AttachmentState::Fetched {
                path: String::new(),
                sha256: String::new(),
            },
            ..of(MOST_BYTES)
        };
        let all = [
            program,
            fetched,
            of(MOST_BYTES),
            of(MOST_BYTES),
            of(5 << 20),
        ];
        let plan = async |files: &Files| {
            let mut room = files.room().await;
            let planned = (1..)
                .zip(&all)
                .map(|(number, file)| files.plan(number, file, &mut room));
            let said = planned.flatten().map(|planned| {
                planned.map_or_else(|skipped| skipped.to_string(), |_| "fetched".to_owned())
            });
            said.collect::<Vec<_>>()
        };
        let kind = Skipped::Kind("application/x-msdownload".to_owned()).to_string();
        let [too_much, no_room] = [Skipped::TooMuch, Skipped::NoRoom].map(|why| why.to_string());
        let fetched = "fetched".to_owned();
        let wanted = [kind.clone(), fetched.clone(), too_much, fetched.clone()];
        assert_eq!(plan(&files).await, wanted);

        // Of other questions; what is not of a question does not count.
        let other = home.path().join(uuid::Uuid::from_u128(1).to_string());
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("1-a.txt"), vec![0; 5 << 20]).unwrap();
        std::fs::write(home.path().join("flight.log"), vec![0; 9 << 20]).unwrap();
        files.most_kept = 12 << 20;
        let wanted = [kind, no_room.clone(), no_room, fetched];
        assert_eq!(plan(&files).await, wanted);
    }

    #[test]
    fn files_of_questions_go_after_thirty_days_and_nothing_else_does() {
        let home = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
        let [old, new] =
            [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)].map(|id| id.to_string());
        for (name, is_old) in [(old.as_str(), true), ("kept", true), (&new, false)] {
            let folder = home.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("1-a.txt"), "a").unwrap();
            if is_old {
                std::fs::File::open(&folder)
                    .unwrap()
                    .set_modified(long_ago)
                    .unwrap();
            }
        }
        forget_old(home.path()).unwrap();
        let left = |name: &str| home.path().join(name).exists();
        assert_eq!([left(&old), left("kept"), left(&new)], [false, true, true]);
        forget_old(&home.path().join("nowhere")).unwrap();
    }

    #[test]
    fn another_server_is_one_for_tests_only_on_this_machine() {
        let files = Files::new("files".into(), "https://discord.example/api/v10").unwrap();
        let wanted = files.wanted(1, &file("https://discord.example/a.txt", TEXT, 1));
        assert!(matches!(wanted, Err(Skipped::Elsewhere)));
    }
}
