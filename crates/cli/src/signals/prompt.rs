//! Asking a person at the terminal, whom every wish to end leaves with the terminal as it was.
//!
//! `rpassword` switches off that the terminal shows what is typed, and its signals (`ISIG`) too: Ctrl C reaches it as a
//! letter, and it raises the interrupt itself. A process that dies of this or of another signal leaves a terminal on which
//! nobody sees what they type.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::heard;

/// What a shell adds to the number of the signal that ended a program.
const ENDED_BY: i32 = 128;

/// Asks a person something, once in a process. A wish to end that comes meanwhile is an error of its own; a later one is a
/// sudden death again.
///
/// # Errors
/// What asking came to, and [`io::ErrorKind::Interrupted`] for a wish to end.
pub fn undisturbed<T: Send + 'static>(
    ask: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let terminal = Terminal::found();
    let (tell, told) = channel();
    hear(&tell);
    // Nothing else ends the reading of a terminal; where a wish comes first it is left behind.
    thread::Builder::new().spawn(move || tell.send(ask()))?;
    let answer = told.recv().map_err(io::Error::other)?;
    if let (Err(_), Some(terminal)) = (&answer, terminal) {
        terminal.put_back();
    }
    answer
}

/// Tells of wishes to end for as long as somebody asks; whichever comes later ends the process.
fn hear<T: Send + 'static>(tell: &Sender<io::Result<T>>) {
    for (kind, mut signal) in heard() {
        let tell = tell.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                if tell.send(Err(io::ErrorKind::Interrupted.into())).is_err() {
                    std::process::exit(ENDED_BY + kind.as_raw_value());
                }
            }
        });
    }
}

/// The terminal, as it was.
struct Terminal {
    file: File,
    was: Termios,
}

impl Terminal {
    fn found() -> Option<Self> {
        let file = File::open("/dev/tty").ok()?;
        let was = tcgetattr(&file).ok()?;
        Some(Self { file, was })
    }

    fn put_back(&self) {
        if let Err(fault) = tcsetattr(&self.file, OptionalActions::Now, &self.was) {
            tracing::warn!(%fault, "the terminal could not be put back");
        }
    }
}
