//! Programs in tmux: on a server of our own, where they outlive this process and a person can attach.
//!
//! What tmux does that one must know:
//! - One word as command goes to a shell, two or more are executed as they are.
//! - A word that ends with `;` ends the command, unless the `;` is escaped.
//! - Names and folders given as options are formats, and `#(…)` in a format runs a shell. So names are
//!   checked, and a folder is given as the client's own.
//! - The server keeps the environment of whoever started it and gives it to all sessions. So it is
//!   started with next to nothing, and each session takes its variables from its own client. They
//!   stand on no command line.
//! - What a program writes in the very moment of its end may be lost: to clients it often is, and is then
//!   read from the pane; about once in twenty ends it does not get into the pane either.

mod calls;
mod client;
mod control;
mod follow;
mod list;
mod rest;
mod start;
mod stop;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::command::CommandLine;
use crate::runner::SOCKET;

pub use self::follow::Following;
pub use self::list::Found;

/// tmux, and the server on which our sessions are.
#[derive(Clone, Debug)]
pub struct Tmux {
    program: PathBuf,
    socket: String,
    folder: Option<PathBuf>,
}

impl Tmux {
    /// The tmux in the folders of `path`, with the server named `husting`.
    #[must_use]
    pub fn find(path: &OsStr) -> Option<Self> {
        let tmux = CommandLine {
            program: "tmux".to_owned(),
            arguments: Vec::new(),
        };
        Some(Self {
            program: tmux.on_path(path)?,
            socket: SOCKET.to_owned(),
            folder: None,
        })
    }

    /// Another server than `husting`.
    #[must_use]
    pub fn with_socket(mut self, socket: &str) -> Self {
        socket.clone_into(&mut self.socket);
        self
    }

    /// The folder for sockets, `TMUX_TMPDIR`, instead of tmux's own choice.
    #[must_use]
    pub fn with_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// What a person types to see the session.
    #[must_use]
    pub fn attach_line(&self, name: &str) -> String {
        let mut words = Vec::new();
        if let Some(folder) = &self.folder {
            words.push("env".to_owned());
            words.push(format!("TMUX_TMPDIR={}", folder.display()));
        }
        let target = format!("={name}");
        words.extend(["tmux", "-L", &self.socket, "attach", "-t"].map(ToOwned::to_owned));
        // zsh reads a word that begins with `=` as a command to be looked up.
        format!("{} '{target}'", shell_words::join(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_attaching_names_the_server_and_exactly_the_session() {
        let tmux = Tmux {
            program: "/usr/bin/tmux".into(),
            socket: SOCKET.to_owned(),
            folder: None,
        };
        assert_eq!(
            tmux.attach_line("alice"),
            "tmux -L husting attach -t '=alice'"
        );
        let elsewhere = tmux.with_folder(Path::new("/a b")).with_socket("x");
        assert_eq!(
            elsewhere.attach_line("alice"),
            "env 'TMUX_TMPDIR=/a b' tmux -L x attach -t '=alice'"
        );
    }
}
