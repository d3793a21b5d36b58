//! A child of ours: its own process group, no input, its output read as it comes.
//!
//! A thread waits for the child. Until everything in the child's group has ended, the child is not
//! reaped: so long its number, which is the group's too, cannot become anybody else's, and a signal
//! to the group reaches nobody else.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;

use crate::decode::Decoder;
use crate::error::LaunchError;
use crate::exit::Exit;
use crate::family::Family;
use crate::happening::Happening;
use crate::identity::Identity;
use crate::order::Order;

/// What the group has to end by itself when its first process ended, or its owner was dropped.
const USUAL_GRACE: Duration = Duration::from_secs(2);
const CHUNK: usize = 16 * 1024;
/// What may stand in a pipe at the child's end. More than that was written by somebody who left the
/// group, and is not waited for.
const LEFT_IN_PIPE: usize = 1024 * 1024;

/// A child of ours. When it is dropped, its whole group is ended.
#[derive(Debug)]
pub struct Owned {
    group: Arc<Group>,
    identity: Option<Identity>,
    output: Receiver,
    decoder: Decoder,
    exit: watch::Receiver<Option<Exit>>,
    reading: Reading,
}

/// How far the output was read.
#[derive(Clone, Copy, Debug)]
enum Reading {
    Open,
    /// Closed by all who could write; the exit is waited for.
    Closed,
    /// The child ended; so many bytes may still be taken from the pipe.
    Rest(usize),
    Told,
}

#[derive(Debug)]
struct Group {
    /// The child's number and its group's.
    leader: i32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// From then on `leader` may be anybody's.
    reaped: bool,
    /// What those have who outlive the child.
    grace: Duration,
}

/// Starts `order` as a child of this process. To be called within a tokio runtime.
///
/// # Errors
/// [`LaunchError`] when the order is not sound or the system refuses it.
pub fn start(order: &Order) -> Result<Owned, LaunchError> {
    let program = order.checked()?;
    let (reader, writer) = io::pipe().map_err(LaunchError::Output)?;
    let output = Receiver::from_owned_fd(reader.into()).map_err(LaunchError::Output)?;
    let mut command = Command::new(program);
    command
        .args(&order.command.arguments)
        .current_dir(&order.directory)
        .env_clear()
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(LaunchError::Output)?)
        .stderr(writer);
    let child = command.spawn().map_err(|source| LaunchError::Start {
        program: order.command.program.clone(),
        source,
    })?;
    // Our own ends of the pipe stand in it.
    drop(command);
    watched(child, output)
}

fn watched(child: Child, output: Receiver) -> Result<Owned, LaunchError> {
    let leader = child.id().cast_signed();
    let group = Arc::new(Group {
        leader,
        state: Mutex::new(State {
            reaped: false,
            grace: USUAL_GRACE,
        }),
    });
    let (told, exit) = watch::channel(None);
    let identity = Identity::of(leader);
    let waiting = Arc::clone(&group);
    std::thread::Builder::new()
        .name(format!("child {leader}"))
        .spawn(move || {
            let ended = waiting.until_all_ended(child);
            told.send_replace(Some(ended));
        })
        .map_err(|error| {
            group.kill();
            LaunchError::Output(error)
        })?;
    Ok(Owned {
        group,
        identity,
        output,
        decoder: Decoder::default(),
        exit,
        reading: Reading::Open,
    })
}

impl Owned {
    /// Who runs, for a later process to find and end. Nothing elsewhere than on Linux.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }

    /// The next piece of output, or the end, after which there is nothing. The end is told when all
    /// output was, and the child's group is gone.
    ///
    /// A child whose output nobody takes stands still once the pipe is full.
    pub async fn next(&mut self) -> Option<Happening> {
        loop {
            let text = match self.reading {
                Reading::Told => return None,
                Reading::Open => self.read().await,
                Reading::Closed => {
                    until_ended(&mut self.exit).await;
                    self.end()
                }
                Reading::Rest(left) => self.read_rest(left),
            };
            match text {
                Some(text) if text.is_empty() => {}
                Some(text) => return Some(Happening::Output(text)),
                None => {
                    self.reading = Reading::Told;
                    let exit = *self.exit.borrow();
                    return Some(Happening::Ended(exit.unwrap_or(Exit::Unknown)));
                }
            }
        }
    }

    async fn read(&mut self) -> Option<String> {
        let mut chunk = vec![0; CHUNK];
        tokio::select! {
            biased;
            read = self.output.read(&mut chunk) => match read {
                Ok(0) => self.reading = Reading::Closed,
                Ok(length) => return Some(self.decoder.push(&chunk[..length])),
                Err(error) => {
                    tracing::warn!(%error, "a child's output cannot be read");
                    self.reading = Reading::Closed;
                }
            },
            () = until_ended(&mut self.exit) => self.reading = Reading::Rest(LEFT_IN_PIPE),
        }
        Some(String::new())
    }

    /// Takes what stands in the pipe without waiting: who left the group may hold it open for ever.
    fn read_rest(&mut self, left: usize) -> Option<String> {
        let mut chunk = vec![0; CHUNK];
        match rustix::io::read(&self.output, &mut chunk) {
            Ok(length) if length > 0 && left > 0 => {
                self.reading = Reading::Rest(left.saturating_sub(length));
                Some(self.decoder.push(&chunk[..length]))
            }
            Err(rustix::io::Errno::INTR) => Some(String::new()),
            Ok(_) | Err(_) => self.end(),
        }
    }

    fn end(&mut self) -> Option<String> {
        // What was held back of a cut character comes first, and then the end.
        let last = self.decoder.finish();
        (!last.is_empty()).then_some(last)
    }

    /// Asks the whole group to end, kills what lives after `grace`, and answers when it is gone.
    ///
    /// # Errors
    /// [`LaunchError::NotEnded`] when the child does not end although it was killed.
    pub async fn stop(&mut self, grace: Duration) -> Result<Exit, LaunchError> {
        let group = Arc::clone(&self.group);
        let leader = group.leader.unsigned_abs();
        let ended = tokio::task::spawn_blocking(move || group.stop(grace)).await;
        if let Err(error) = ended {
            tracing::error!(%error, "a child was not ended");
            return Err(LaunchError::NotEnded(leader));
        }
        // The thread tells it as soon as it has reaped the child.
        let told = tokio::time::timeout(USUAL_GRACE * 2, until_ended(&mut self.exit)).await;
        let exit = *self.exit.borrow();
        match (told, exit) {
            (Ok(()), Some(exit)) => Ok(exit),
            _ => Err(LaunchError::NotEnded(leader)),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.exit.borrow().is_some() {
            return;
        }
        let group = Arc::clone(&self.group);
        let ender = std::thread::Builder::new()
            .name(format!("end of {}", group.leader))
            .spawn(move || group.stop(USUAL_GRACE));
        if let Err(error) = ender {
            tracing::warn!(%error, "no thread to end a child gently");
            self.group.kill();
        }
    }
}

async fn until_ended(exit: &mut watch::Receiver<Option<Exit>>) {
    if exit.wait_for(Option::is_some).await.is_err() {
        tracing::error!("the thread that waited for a child is gone");
    }
}

impl Group {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the child, ends what outlives it, and reaps it last.
    fn until_all_ended(&self, mut child: Child) -> Exit {
        self.until_leader_ended();
        let mut rest = Family::of(self.leader);
        if rest.has_others_than(self.leader) {
            rest.ask(self.leader);
            let grace = self.state().grace;
            rest.wait(self.leader, grace);
        }
        rest.kill(self.leader);
        let mut state = self.state();
        let status = child.wait();
        state.reaped = true;
        match status {
            Ok(status) => status.into(),
            Err(error) => {
                tracing::error!(%error, "a child's exit cannot be read");
                Exit::Unknown
            }
        }
    }

    /// Leaves the child unreaped.
    fn until_leader_ended(&self) {
        let Some(leader) = Pid::from_raw(self.leader) else {
            return;
        };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::Pid(leader), options) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%error, "a child cannot be waited for");
                    return;
                }
            }
        }
    }

    fn stop(&self, grace: Duration) {
        let mut family = {
            let mut state = self.state();
            if state.reaped {
                return;
            }
            state.grace = grace;
            let family = Family::of(self.leader);
            family.ask(self.leader);
            family
        };
        family.wait(self.leader, grace);
        // Also who left the group and is nobody's child any more.
        family.kill_held();
        self.kill();
    }

    fn kill(&self) {
        let state = self.state();
        if !state.reaped {
            Family::of(self.leader).kill(self.leader);
        }
    }
}
