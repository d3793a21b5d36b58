//! Why a program was not started, watched or ended.

use std::io;
use std::path::PathBuf;

/// Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The name is used on command lines of tmux and shown in lists.
    #[error("{0:?} cannot name a session: letters, digits, - and _, at most 64")]
    Name(String),
    /// Not in the `PATH` that the child would get, or not to be run.
    #[error("{program} was not found, or is no program")]
    NotFound {
        /// As the command names it.
        program: String,
    },
    /// The working directory.
    #[error("{} is no folder", .0.display())]
    Directory(PathBuf),
    /// A variable's name that cannot be one.
    #[error("{0:?} cannot name a variable of the environment")]
    Variable(String),
    /// NUL in an argument or a value.
    #[error("a NUL character cannot be passed to a program")]
    Nul,
    /// The system refused it.
    #[error("{program} could not be started: {source}")]
    Start {
        /// As the command names it.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A pipe, a thread or the runtime.
    #[error("the program's output could not be read: {0}")]
    Output(#[source] io::Error),
    /// There are no process groups here.
    #[error(
        "programs cannot be started by Husting on this system yet; start the client yourself with its file \
         (`husting wire NAME --client CLIENT`)"
    )]
    Unsupported,
    /// Nobody else's session is ended or taken over.
    #[error("a tmux session named {0} exists which Husting did not start; it is left alone")]
    Foreign(String),
    /// A session of ours whose program runs.
    #[error("{0} runs already in a tmux session")]
    Running(String),
    /// Neither ours nor anybody's.
    #[error("there is no tmux session named {0}")]
    NoSession(String),
    /// tmux itself could not be run.
    #[error("tmux could not be run: {0}")]
    Tmux(#[source] io::Error),
    /// tmux refused; its own words.
    #[error("tmux refused: {0}")]
    Refused(String),
    /// tmux did not answer in time.
    #[error("tmux did not answer within {0} seconds")]
    Silent(u64),
    /// Signals did not reach it, or it did not end.
    #[error("process {0} could not be ended")]
    NotEnded(u32),
}
