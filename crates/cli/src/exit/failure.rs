//! Why a command failed, as it is said.

use std::io;
use std::path::{Path, PathBuf};

use husting_domain::ids::SessionId;
use husting_domain::system_words::without_os_numbers;
use husting_home::{Holder, Home};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use super::Exit;
use super::fields;
use super::holder::{at_work, command_of, silent};
use crate::output::words::inert;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The console refused.
    #[error(transparent)]
    Console(#[from] Error),
    /// The console refused a session for the limit that it was to have; there is none whose limit could be raised.
    #[error(transparent)]
    Unopened(Error),
    /// The console refused a round after others of the same command were held.
    #[error("round {round} was not begun. {}", refused.message)]
    Unbegun {
        /// As transcripts number it.
        round: u32,
        /// Whose.
        session: SessionId,
        /// Why.
        refused: Box<Error>,
    },
    /// The command is wrong in a way that its form does not show.
    #[error("{0}")]
    Usage(String),
    /// Something by that name is there already.
    #[error("{} exists already; choose another name", .0.display())]
    Exists(PathBuf),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] husting_home::ConfigError),
    /// There is no data folder.
    #[error(transparent)]
    Home(#[from] husting_home::HomeError),
    /// The folder that was named is not there, and the command is not one that begins with a new one.
    #[error(
        "there is no folder {}; look at what --home names, or begin there with `husting serve`, `husting restore` or \
         `husting discord`",
        .0.display()
    )]
    NoFolder(PathBuf),
    /// The folder that was to be erased is not there.
    #[error("{} is not there; nothing was erased", .0.display())]
    NothingToErase(PathBuf),
    /// The data folder cannot be opened.
    #[error(transparent)]
    Open(#[from] husting_console::OpenError),
    /// Another process works on the folder.
    #[error("{}", at_work(.0))]
    Held(Holder),
    /// The process that does commands on the folder hangs.
    #[error("{}", silent(.0))]
    Silent(Holder),
    /// The running instance's file cannot be used.
    #[error(transparent)]
    Instance(#[from] husting_home::InstanceError),
    /// The running instance did not answer.
    #[error(
        "husting at {http} did not answer, or ended while it was at work; what was on disk is kept, and \
         `husting session list` shows how rounds stand: {}",
        first_cause(source)
    )]
    Unreachable {
        /// Where.
        http: String,
        /// Why.
        source: reqwest::Error,
    },
    /// It was lost while one of its rounds was waited for.
    #[error(
        "husting at {http} ended, or could not be reached any more, while the round was at work: {}; what was said is \
         kept: `husting session show {session}` shows how it stands, and `husting session retry {session}` asks again \
         the seats that had not answered",
        first_cause(source)
    )]
    RoundUnseen {
        /// Where.
        http: String,
        /// The round's.
        session: SessionId,
        /// Why.
        source: reqwest::Error,
    },
    /// The running instance answered something that is not ours.
    #[error("husting at {http} answered with something else than expected; is it another version?")]
    Answer {
        /// Where.
        http: String,
    },
    /// Nothing runs.
    #[error("husting does not run on {}; start it with `husting serve`", .0.display())]
    NotRunning(PathBuf),
    /// Something runs that must not.
    #[error(
        "husting, process {0}, is at work on this folder; end it before another takes its place"
    )]
    Running(u32),
    /// It ended to begin anew, and the system did not start it.
    #[error("husting has ended and could not begin anew: {0}; start it again")]
    NotBegunAnew(io::Error),
    /// The listener cannot be had.
    #[error(transparent)]
    Bind(#[from] husting_server::BindError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Randomness(#[from] husting_server::access::RandomnessError),
    /// A backup cannot be put back.
    #[error("nothing was restored: {0}")]
    Restore(#[source] Box<husting_console::BackupError>),
    /// A backup could not be put back; nobody tried to.
    #[error("this cannot be restored: {0}")]
    Unrestorable(#[source] Box<husting_console::BackupError>),
    /// The backups could not be listed.
    #[error("the backups cannot be listed: {0}")]
    Unlisted(#[source] Box<husting_console::BackupError>),
    /// A file or stream failed.
    #[error("{}", unusable(path, doing, source))]
    File {
        /// Which.
        path: PathBuf,
        /// `read`, `written`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Standard output or input failed.
    #[error("{0}")]
    Stream(io::Error),
    /// What the console answered cannot be printed as JSON.
    #[error("the answer could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The bridge cannot begin.
    #[error(transparent)]
    Bridge(Box<husting_discord::alone::AloneError>),
    /// Discord does not know the bot's token.
    #[error(
        "Discord does not accept the bot's token: reset it on the Bot page of \
         https://discord.com/developers/applications and put the new one in DISCORD_BOT_TOKEN"
    )]
    TokenRejected,
    /// Discord ended the gateway for good.
    #[error("Discord does not take the connection ({code}): {why}")]
    GatewayRefused {
        /// Its close code.
        code: u16,
        /// Its words, and what they mean.
        why: String,
    },
    /// The runtime did not start.
    #[error("husting could not start: {0}")]
    Runtime(io::Error),
    /// A person or the system ended the command while a round was at work.
    #[error("stopped; {}", left(*.session, *.goes_on))]
    Interrupted {
        /// Whose round.
        session: SessionId,
        /// The round is run by another process and goes on.
        goes_on: bool,
    },
    /// The round cannot be ended, because the store cannot be written.
    #[error("the round cannot be ended: {fault} {}", kept(*.session, *.goes_on))]
    Stuck {
        /// Whose round.
        session: SessionId,
        /// The round is run by another process, which goes on trying.
        goes_on: bool,
        /// Why, as a sentence.
        fault: String,
    },
}

fn left(session: SessionId, goes_on: bool) -> String {
    if goes_on {
        format!(
            "the round goes on in the running instance: `husting session show {session}` shows it, \
             `husting session cancel {session}` stops it with what it has"
        )
    } else {
        format!(
            "what was said is kept; `husting session retry {session}` asks again the seats that had not \
             answered or reacted, and pays for them"
        )
    }
}

/// Where a request's fault began, as the system says it; the client's own words name its address once more.
fn first_cause(fault: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(fault), |cause| cause.source());
    causes
        .last()
        .map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
}

/// A sentence with its full stop.
fn whole(sentence: &str) -> String {
    let sentence = sentence.trim_end();
    let ends = sentence.ends_with(['.', '!', '?', '…']) || sentence.ends_with(".”");
    format!("{sentence}{}", if ends { "" } else { "." })
}

/// Why a file cannot be used. The system's own number is among the details.
fn unusable(path: &Path, doing: &str, fault: &io::Error) -> String {
    let path = path.display();
    match (fault.kind(), doing) {
        (io::ErrorKind::NotFound, "read") => format!("{path} is not there"),
        (io::ErrorKind::NotFound, _) => {
            format!("{path} cannot be {doing}: its folder is not there")
        }
        (io::ErrorKind::IsADirectory, _) => {
            format!("{path} cannot be {doing}: it is a folder")
        }
        (io::ErrorKind::PermissionDenied, _) => {
            format!("{path} cannot be {doing}: the system does not let you")
        }
        _ => {
            let words = without_os_numbers(&fault.to_string());
            format!("{path} cannot be {doing}: {words}")
        }
    }
}

fn kept(session: SessionId, goes_on: bool) -> String {
    let who = if goes_on {
        "the running instance ends it"
    } else {
        "the next command ends it"
    };
    format!(
        "What had been kept stands; once the cause is mended, {who}: `husting session show {session}`"
    )
}

impl Failure {
    /// The same, with the name of whoever works on the folder where that is the reason.
    #[must_use]
    pub fn on(self, home: &Home) -> Self {
        if !matches!(self, Self::Open(_) | Self::Restore(_) | Self::Running(_)) {
            return self;
        }
        home.holder().map_or(self, Self::Held)
    }

    /// Whether it is the store that hinders, in a folder that can be used and that nobody else has.
    #[must_use]
    pub fn is_of_the_store(&self) -> bool {
        match self {
            Self::Open(fault) => fault.is_of_the_store(),
            Self::Console(error) => error.code == ErrorCode::StoreUnavailable,
            _ => false,
        }
    }

    /// The exit code that belongs to it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.is_a_closed_pipe() {
            Exit::Done
        } else {
            self.code().into()
        }
    }

    /// Says it on standard error: a sentence, or with `--json` one document.
    pub fn report(&self, json: bool) {
        if self.is_a_closed_pipe() {
            return;
        }
        if json {
            eprintln!("{}", json!({ "error": self.as_error() }));
        } else {
            eprintln!("{}", self.told());
        }
    }

    /// The lines that a person reads: what went wrong, and below it what helps.
    #[must_use]
    pub fn told(&self) -> String {
        let said = format!("husting: {}", whole(&inert(&self.for_people())));
        match self.way() {
            Some(way) => format!("{said}\n{way}"),
            None => said,
        }
    }

    fn for_people(&self) -> String {
        match self {
            Self::Console(error) => fields::told(error),
            _ => self.to_string(),
        }
    }

    /// What helps where money was lacking, as a sentence.
    fn way(&self) -> Option<String> {
        match self {
            Self::Unopened(_) => Some(
                "A higher `--spend-limit` raises the limit; below the sum that `--estimate` says is held, answers are \
                 cut shorter."
                    .to_owned(),
            ),
            Self::Open(fault) if fault.is_of_the_folder() => Some(ANOTHER_FOLDER.to_owned()),
            Self::Bridge(fault) if fault.is_of_the_folder() => Some(ANOTHER_FOLDER.to_owned()),
            Self::Console(error) if lacks_key(error) => Some(
                "`husting provider add` and `husting provider key` take it with `--key-stdin`, `--key-env VAR` or \
                 `--key-file FILE`."
                    .to_owned(),
            ),
            Self::Console(error) => raises(error).map(|way| format!("`{way}` raises the limit.")),
            Self::Unbegun {
                session, refused, ..
            } => {
                let append = format!("`husting session append {session}` begins it");
                Some(match raises(refused) {
                    Some(OF_SESSION) => {
                        format!("`{OF_SESSION} {session} --usd SUM` raises the limit, then {append}.")
                    }
                    Some(way) => format!("`{way}` raises the limit, then {append}."),
                    None => format!("Later {append}."),
                })
            }
            _ => None,
        }
    }

    /// The reader of a pipe has seen enough.
    fn is_a_closed_pipe(&self) -> bool {
        matches!(self, Self::Stream(fault) if fault.kind() == io::ErrorKind::BrokenPipe)
    }

    /// As the wire tells it.
    #[must_use]
    pub fn as_error(&self) -> Error {
        let said = || Error::new(self.code(), self.to_string());
        match self {
            Self::Console(error) | Self::Unopened(error) => error.clone(),
            Self::Unbegun {
                session, refused, ..
            } => {
                let mut details = refused.details.clone().unwrap_or_else(|| json!({}));
                details["session_id"] = json!(session);
                said().with(details)
            }
            Self::Held(holder) | Self::Silent(holder) => {
                said().with(json!({ "process": holder.pid, "command": command_of(holder) }))
            }
            Self::File { source, .. } => match source.raw_os_error() {
                Some(number) => said().with(json!({ "os_error": number })),
                None => said(),
            },
            Self::Interrupted { session, .. } | Self::Stuck { session, .. } => {
                said().with(json!({ "session_id": session }))
            }
            _ => said(),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Console(error)
            | Self::Unopened(error)
            | Self::Open(husting_console::OpenError::Console(error)) => error.code,
            Self::Unbegun { refused, .. } => refused.code,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::NotFound
            }
            Self::NotRunning(_) | Self::NoFolder(_) | Self::NothingToErase(_) => {
                ErrorCode::NotFound
            }
            Self::Usage(_) | Self::Config(_) | Self::Home(_) | Self::File { .. } => {
                ErrorCode::InvalidRequest
            }
            Self::Exists(_) => ErrorCode::AlreadyExists,
            Self::Held(_) | Self::Silent(_) | Self::Running(_) => ErrorCode::SessionBusy,
            Self::NotBegunAnew(_) => ErrorCode::Internal,
            Self::Bridge(fault) if fault.is_taken() => ErrorCode::SessionBusy,
            Self::Bridge(fault) if fault.is_about_the_settings() => ErrorCode::InvalidRequest,
            Self::Bridge(fault) if fault.is_of_the_folder() => ErrorCode::StoreUnavailable,
            Self::TokenRejected | Self::GatewayRefused { .. } => ErrorCode::Unauthorized,
            Self::Restore(fault) | Self::Unrestorable(fault) | Self::Unlisted(fault) => {
                husting_console::restore_code(fault)
            }
            Self::Open(_) | Self::Stuck { .. } => ErrorCode::StoreUnavailable,
            Self::Interrupted { .. } => ErrorCode::ShuttingDown,
            Self::Bridge(_)
            | Self::Instance(_)
            | Self::Unreachable { .. }
            | Self::RoundUnseen { .. }
            | Self::Answer { .. }
            | Self::Bind(_)
            | Self::Randomness(_)
            | Self::Stream(_)
            | Self::Json(_)
            | Self::Runtime(_) => ErrorCode::Internal,
        }
    }
}

/// What helps where the data folder cannot be used.
const ANOTHER_FOLDER: &str = "--home or HUSTING_HOME names another folder.";

/// Raises a session's own limit.
const OF_SESSION: &str = "husting session limit";

/// The command that raises the limit for which nothing was called, if that is why.
fn raises(error: &Error) -> Option<&'static str> {
    if error.code != ErrorCode::CreditExhausted {
        return None;
    }
    Some(if is_of_session(error) {
        OF_SESSION
    } else {
        "husting wallet limit --usd SUM"
    })
}

/// Whether a provider was given no key that wants one.
fn lacks_key(error: &Error) -> bool {
    let details = error.details.as_ref();
    details.is_some_and(|details| details["lacks"] == "key")
}

/// Whether nothing was called for a session's own limit.
#[must_use]
pub fn is_of_session(error: &Error) -> bool {
    let by = error.details.as_ref().map(|details| &details["limited_by"]);
    by.is_some_and(|by| by == "session")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_instance_that_is_gone_is_named_once_and_by_what_the_system_says() {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let http = "http://127.0.0.1:1";
        let source = client.get(format!("{http}/console/events")).send().await;
        let gone = Failure::Unreachable {
            http: http.to_owned(),
            source: source.unwrap_err(),
        };
        let said = gone.to_string();
        assert_eq!(said.matches("127.0.0.1").count(), 1, "{said}");
        assert!(said.contains("Connection refused"), "{said}");
    }

    #[test]
    fn a_missing_file_is_not_found_and_a_closed_pipe_is_no_failure() {
        let file = |kind: io::ErrorKind| Failure::File {
            path: "f".into(),
            doing: "read",
            source: kind.into(),
        };
        let missing = file(io::ErrorKind::NotFound);
        assert_eq!(missing.exit(), Exit::NotFound);
        assert_eq!(missing.to_string(), "f is not there");
        let number = Failure::File {
            path: "f/g".into(),
            doing: "written",
            source: io::Error::from_raw_os_error(2),
        };
        assert_eq!(
            number.as_error(),
            Error::new(
                ErrorCode::NotFound,
                "f/g cannot be written: its folder is not there"
            )
            .with(json!({ "os_error": 2 }))
        );
        assert_eq!(file(io::ErrorKind::IsADirectory).exit(), Exit::Usage);
        assert_eq!(
            Failure::Stream(io::ErrorKind::BrokenPipe.into()).exit(),
            Exit::Done
        );
    }

    #[test]
    fn an_error_keeps_its_code_and_details() {
        let error = Error::new(ErrorCode::CreditExhausted, "No.").with(json!({ "free": 1 }));
        let failure = Failure::from(error.clone());
        assert_eq!((failure.as_error(), failure.exit()), (error, Exit::Refused));
        assert_eq!(
            Failure::Usage("Which?".to_owned()).as_error(),
            Error::new(ErrorCode::InvalidRequest, "Which?")
        );
    }

    #[test]
    fn whoever_leaves_a_round_that_goes_on_is_told_what_stops_it() {
        let session: SessionId = "0199d1f0-0000-7000-8000-000000000001".parse().unwrap();
        let left = |goes_on| Failure::Interrupted { session, goes_on }.to_string();
        let stops = format!("`husting session cancel {session}` stops it");
        assert!(left(true).contains(&stops), "{}", left(true));
        assert!(!left(false).contains(&stops), "it has ended");
    }

    #[test]
    fn whoever_holds_the_folder_is_named_and_nothing_of_what_was_asked() {
        let held = Failure::Held(Holder {
            pid: 123,
            line: ["husting", "deliberate", "A private question"]
                .map(str::to_owned)
                .to_vec(),
        });
        let error = held.as_error();
        assert_eq!(
            error.message,
            "husting deliberate, process 123, is at work on this folder; wait, or run `husting serve`, \
             through which commands work side by side"
        );
        assert_eq!(
            (error.code, held.exit(), error.details),
            (
                ErrorCode::SessionBusy,
                Exit::Refused,
                Some(json!({ "process": 123, "command": "husting deliberate" }))
            )
        );
    }

    #[test]
    fn whoever_starts_a_second_server_learns_where_the_first_is_seen_and_how_it_is_replaced() {
        let held = Failure::Held(Holder {
            pid: 123,
            line: ["husting", "serve"].map(str::to_owned).to_vec(),
        });
        assert_eq!(
            held.as_error().message,
            "husting serve, process 123, is at work on this folder; `husting console link` opens its console; \
             end it before another takes the folder"
        );
    }

    #[test]
    fn where_a_key_is_lacking_it_is_told_how_one_is_given() {
        let lacks = Error::invalid("anthropic needs a key.").with(json!({ "lacks": "key" }));
        let told = Failure::Console(lacks).way();
        assert!(told.is_some_and(|told| told.contains("`--key-stdin`")));
        assert_eq!(Failure::Console(Error::invalid("No.")).way(), None);
    }

    #[test]
    fn a_limit_is_raised_by_the_command_that_sets_it() {
        let exhausted = |by: &str| {
            let error = Error::new(ErrorCode::CreditExhausted, "Nothing was called.");
            error.with(json!({ "limited_by": by }))
        };
        assert_eq!(raises(&exhausted("session")), Some("husting session limit"));
        assert_eq!(
            raises(&exhausted("balance")),
            Some("husting wallet limit --usd SUM")
        );
        assert_eq!(raises(&Error::not_found("session")), None);
        // A session that was not opened has no limit that a command could raise.
        let told = Failure::Unopened(exhausted("session")).way();
        assert!(told.is_some_and(|told| told.contains("`--spend-limit`")));
    }
}
