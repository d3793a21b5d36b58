//! How a command ends: its exit code, and what is said when it failed.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use husting_domain::ids::SessionId;
use husting_wire::errors::{Error, ErrorCode};

/// Exit codes that scripts switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command or a value in it is wrong.
    Usage = 2,
    /// Nothing by that name.
    NotFound = 3,
    /// Not allowed: a limit, credit, credentials.
    Refused = 4,
    /// Done in part: a seat did not answer or react.
    Partial = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The console refused.
    #[error(transparent)]
    Console(#[from] Error),
    /// The command is wrong in a way that its form does not show.
    #[error("{0}")]
    Usage(String),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] husting_home::ConfigError),
    /// There is no data folder.
    #[error(transparent)]
    Home(#[from] husting_home::HomeError),
    /// The data folder cannot be opened.
    #[error(transparent)]
    Open(#[from] husting_console::OpenError),
    /// The running instance's file cannot be used.
    #[error(transparent)]
    Instance(#[from] husting_home::InstanceError),
    /// The running instance did not answer.
    #[error("husting runs at {http}, but did not answer: {source}")]
    Unreachable {
        /// Where.
        http: String,
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
    #[error("husting runs on this data folder (process {0}); quit it first")]
    Running(u32),
    /// The listener cannot be had.
    #[error(transparent)]
    Bind(#[from] husting_server::BindError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Randomness(#[from] husting_server::access::RandomnessError),
    /// A backup cannot be put back.
    #[error("nothing was restored: {0}")]
    Restore(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file or stream failed.
    #[error("{} cannot be {}: {source}", path.display(), doing)]
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
}

fn left(session: SessionId, goes_on: bool) -> String {
    if goes_on {
        format!("the round goes on in the running instance: `husting session show {session}`")
    } else {
        format!("what was said is kept: `husting session retry {session}` goes on")
    }
}

impl Failure {
    /// The code that belongs to it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Console(error) => exit_of(error.code),
            Self::Usage(_) | Self::Config(_) | Self::Home(_) => Exit::Usage,
            // The reader of a pipe has seen enough.
            Self::Stream(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::NotFound,
            _ => Exit::Failed,
        }
    }

    /// Says it on standard error: a sentence, or with `--json` the error as JSON.
    pub fn report(&self, json: bool) {
        match self {
            Self::Stream(fault) if fault.kind() == io::ErrorKind::BrokenPipe => {}
            _ if json => eprintln!("{}", self.as_json()),
            _ => eprintln!("husting: {self}"),
        }
    }

    fn as_json(&self) -> String {
        let error = match self {
            Self::Console(error) => error.clone(),
            other => Error::new(other.code(), other.to_string()),
        };
        serde_json::to_string(&error).unwrap_or_else(|_| self.to_string())
    }

    fn code(&self) -> ErrorCode {
        match self.exit() {
            Exit::Usage => ErrorCode::InvalidRequest,
            Exit::NotFound => ErrorCode::NotFound,
            _ => ErrorCode::Internal,
        }
    }
}

const fn exit_of(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::InvalidRequest => Exit::Usage,
        ErrorCode::NotFound | ErrorCode::UnknownModels => Exit::NotFound,
        ErrorCode::CreditExhausted
        | ErrorCode::IneligibleModels
        | ErrorCode::InsufficientActiveModels
        | ErrorCode::Unauthorized
        | ErrorCode::InvalidToken
        | ErrorCode::Forbidden => Exit::Refused,
        ErrorCode::SessionBusy
        | ErrorCode::SessionFailed
        | ErrorCode::AlreadyExists
        | ErrorCode::SecretsUnavailable
        | ErrorCode::ProviderError
        | ErrorCode::StoreUnavailable
        | ErrorCode::ShuttingDown
        | ErrorCode::Internal => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_can_tell_the_ends_apart() {
        let table = [
            (ErrorCode::Internal, 1),
            (ErrorCode::SessionBusy, 1),
            (ErrorCode::InvalidRequest, 2),
            (ErrorCode::NotFound, 3),
            (ErrorCode::UnknownModels, 3),
            (ErrorCode::CreditExhausted, 4),
            (ErrorCode::IneligibleModels, 4),
        ];
        for (code, exit) in table {
            assert_eq!(
                Failure::from(Error::new(code, "A sentence.")).exit() as u8,
                exit,
                "{code:?}"
            );
        }
        assert_eq!(Failure::Usage(String::new()).exit() as u8, 2);
        assert_eq!(Failure::NotRunning(PathBuf::new()).exit() as u8, 1);
        assert_eq!(Exit::Partial as u8, 5);
    }

    #[test]
    fn a_missing_file_is_not_found_and_a_closed_pipe_is_no_failure() {
        let missing = Failure::File {
            path: "f".into(),
            doing: "read",
            source: io::ErrorKind::NotFound.into(),
        };
        assert_eq!(missing.exit(), Exit::NotFound);
        assert_eq!(
            missing.to_string().split(':').next(),
            Some("f cannot be read")
        );
        assert_eq!(
            Failure::Stream(io::ErrorKind::BrokenPipe.into()).exit(),
            Exit::Done
        );
    }

    #[test]
    fn with_json_an_error_keeps_its_code_and_details() {
        let error =
            Error::new(ErrorCode::CreditExhausted, "No.").with(serde_json::json!({ "free": 1 }));
        let said: Error = serde_json::from_str(&Failure::from(error.clone()).as_json()).unwrap();
        assert_eq!(said, error);
        let said: Error =
            serde_json::from_str(&Failure::Usage("Which?".to_owned()).as_json()).unwrap();
        assert_eq!(said, Error::new(ErrorCode::InvalidRequest, "Which?"));
    }
}
