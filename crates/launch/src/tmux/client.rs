//! A control client of tmux, and what it says first: the text that stands in the pane.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::Tmux;
use super::calls::PATIENCE;
use super::control::{Line, parse};
use super::list::Seen;
use crate::error::LaunchError;

/// How the programs of all panes ended. Asked of the session: of a dead pane tmux tells nothing.
const ENDS: &str = "#{W:#{P:#{pane_dead} #{pane_dead_status} #{pane_dead_signal};}}";

#[derive(Debug)]
pub(super) struct Client {
    /// Killed when dropped.
    _process: Child,
    /// Open as long as it follows: tmux lets a client go whose input ends.
    input: ChildStdin,
    pub(super) output: ChildStdout,
    pub(super) buffer: Vec<u8>,
    pub(super) open: bool,
    pub(super) capture: Capture,
}

/// What stood in the pane, as it is being read.
#[derive(Debug)]
pub(super) enum Capture {
    /// So many answers come before it.
    After(usize),
    Reading {
        name: Vec<u8>,
        text: Vec<u8>,
    },
    /// The text is read and where the cursor stands is not.
    Cursor {
        text: Vec<u8>,
        name: Option<Vec<u8>>,
        column: Vec<u8>,
    },
    Done,
}

impl Tmux {
    pub(super) async fn attach(&self, seen: &Seen) -> Result<Client, LaunchError> {
        let mut call = self.client();
        call.args(["-C", "attach-session", "-t", &seen.session]);
        call.args(["-f", "read-only,ignore-size"]);
        call.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = call.spawn().map_err(LaunchError::Tmux)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(LaunchError::Silent(0));
        };
        let mut client = Client {
            _process: process,
            input,
            output,
            buffer: Vec::new(),
            open: true,
            // The answer to `refresh-client`.
            capture: Capture::After(1),
        };
        let ready = tokio::time::timeout(PATIENCE, client.ask(seen)).await;
        ready.map_err(|_| LaunchError::Silent(PATIENCE.as_secs()))??;
        Ok(client)
    }
}

impl Client {
    /// Asks for the pane's text and to be told of its end. Not before tmux let the client in: what
    /// comes earlier it would answer as if nobody were there.
    async fn ask(&mut self, seen: &Seen) -> Result<(), LaunchError> {
        while !self.is_let_in(&seen.name)? {
            let read = self.output.read_buf(&mut self.buffer).await;
            if read.map_err(LaunchError::Tmux)? == 0 {
                return Err(LaunchError::NoSession(seen.name.clone()));
            }
        }
        let pane = &seen.pane;
        // The last two in one line, so that nothing is written between the text and the cursor's place.
        let asked = format!(
            "refresh-client -B 'end::{ENDS}'\n\
             capture-pane -p -J -S - -t {pane} ; display-message -p -t {pane} '#{{cursor_x}}'\n"
        );
        let written = self.input.write_all(asked.as_bytes()).await;
        written.map_err(LaunchError::Tmux)
    }

    /// Takes the lines up to the answer to attaching away.
    fn is_let_in(&mut self, name: &str) -> Result<bool, LaunchError> {
        while let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            match &line {
                line if line.starts_with(b"%end ") => return Ok(true),
                line if line.starts_with(b"%error ") => {
                    return Err(LaunchError::NoSession(name.to_owned()));
                }
                _ => {}
            }
        }
        Ok(false)
    }
}

impl Capture {
    /// Takes `line` in; the pane's text once it is whole.
    pub(super) fn take(self, line: &[u8]) -> (Self, String) {
        let parsed = parse(line);
        let next = match (self, parsed) {
            (Self::After(0), Line::Begin(name)) => Self::Reading {
                name,
                text: Vec::new(),
            },
            (Self::After(count), Line::End(_)) => Self::After(count.saturating_sub(1)),
            (Self::Reading { name, text }, Line::End(ended)) if ended == name => Self::Cursor {
                text,
                name: None,
                column: Vec::new(),
            },
            (Self::Reading { name, mut text }, _) => {
                text.extend(line);
                text.push(b'\n');
                Self::Reading { name, text }
            }
            (Self::Cursor { text, column, .. }, Line::Begin(name)) => Self::Cursor {
                text,
                name: Some(name),
                column,
            },
            (
                Self::Cursor {
                    text,
                    name: Some(name),
                    column,
                },
                Line::End(ended),
            ) if ended == name => {
                return (Self::Done, shown(&text, &column));
            }
            (
                Self::Cursor {
                    text,
                    name: Some(name),
                    ..
                },
                _,
            ) => Self::Cursor {
                text,
                name: Some(name),
                column: line.to_vec(),
            },
            (same, _) => same,
        };
        (next, String::new())
    }
}

/// The pane's text up to the cursor: the screen's empty lines below are not output. A cursor at a
/// line's beginning means that the last line is finished.
fn shown(text: &[u8], column: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end_matches('\n');
    let lines = text.replace('\n', "\r\n");
    match text.is_empty() || column != b"0" {
        true => lines,
        false => lines + "\r\n",
    }
}
