//! Asking a person at the terminal, whom every wish to end leaves with the terminal as it was.
//!
//! `rpassword` switches off that the terminal shows what is typed, and its signals (`ISIG`) too: Ctrl C reaches it as a
//! letter, and it raises the interrupt itself. A process that dies of this or of another signal leaves a terminal on which
//! nobody sees what they type.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    let is_known = Arc::new(AtomicBool::new(false));
    hear(&tell, &is_known);
    // Nothing else ends the reading of a terminal; where a wish comes first it is left behind.
    thread::Builder::new().spawn(move || tell.send(Told::Asked(ask())))?;
    let answer = match told.recv().map_err(io::Error::other)? {
        Told::Asked(answer) => {
            // The interrupt that `rpassword` raised may be heard only after it was told: that is one wish, not two.
            is_known.store(
                is_wish(&answer) && told.try_recv().is_err(),
                Ordering::Release,
            );
            answer
        }
        Told::Wish => Err(io::ErrorKind::Interrupted.into()),
    };
    if let (Err(_), Some(terminal)) = (&answer, terminal) {
        terminal.put_back();
    }
    answer
}

fn is_wish<T>(answer: &io::Result<T>) -> bool {
    matches!(answer, Err(fault) if fault.kind() == io::ErrorKind::Interrupted)
}

/// What comes of asking.
enum Told<T> {
    Asked(io::Result<T>),
    Wish,
}

/// Tells of wishes to end for as long as somebody asks. Whichever comes later ends the process, but for one that is known
/// already.
fn hear<T: Send + 'static>(tell: &Sender<Told<T>>, is_known: &Arc<AtomicBool>) {
    for (kind, mut signal) in heard() {
        let (tell, is_known) = (tell.clone(), Arc::clone(is_known));
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                let is_late = tell.send(Told::Wish).is_err();
                if is_late && !is_known.swap(false, Ordering::AcqRel) {
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

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::task::yield_now;

    use super::*;

    /// Were it another wish, this whole process would end with it.
    #[tokio::test]
    async fn an_interrupt_that_is_heard_once_its_prompt_has_told_of_it_is_the_same_wish() {
        let mut here = signal(SignalKind::interrupt()).unwrap();
        let left = undisturbed(|| Err::<(), _>(io::ErrorKind::Interrupted.into()));
        assert!(is_wish(&left));
        kill_process(getpid(), Signal::INT).unwrap();
        here.recv().await;
        // Whoever else hears it has its turn.
        for _ in 0..10 {
            yield_now().await;
        }
    }
}
