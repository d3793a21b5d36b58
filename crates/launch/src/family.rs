//! A program and what it started: found, signalled and waited for together.
//!
//! The group of the first process is what the system signals at once. Programs put their children
//! into groups and sessions of their own (a runner's shell tool does), so on Linux the descendants
//! are looked up as well and each is held by a descriptor: a signal through it never reaches another
//! process that was given the same number later.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::processes::{Process, processes};

/// How long the system may take to end what was killed.
const KILLED_WITHIN: Duration = Duration::from_secs(2);

/// Processes held while they are ended.
#[derive(Debug, Default)]
pub(crate) struct Family {
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    process: Process,
    #[cfg(target_os = "linux")]
    by: std::os::fd::OwnedFd,
}

impl Family {
    /// What lives of the group and the session of `leader` and of their descendants.
    ///
    /// `leader` must be known to be ours: not reaped yet, or looked at a moment ago.
    pub(crate) fn of(leader: i32) -> Self {
        let mut family = Self::default();
        family.take_in(Some(leader));
        family
    }

    /// Takes in what was started since by those that are held, and by `leader` where that is known to
    /// be ours still.
    fn take_in(&mut self, leader: Option<i32>) {
        let all = processes();
        let mut known: Vec<i32> = self.held.iter().map(|held| held.process.pid).collect();
        known.extend(leader);
        loop {
            let new: Vec<Process> = all
                .iter()
                .filter(|one| one.lives && !self.holds(one))
                .filter(|one| {
                    known.contains(&one.parent)
                        || [one.pid, one.group, one.session]
                            .into_iter()
                            .any(|number| Some(number) == leader)
                })
                .copied()
                .collect();
            let before = self.held.len();
            known.extend(new.iter().map(|one| one.pid));
            self.held.extend(new.into_iter().filter_map(hold));
            if self.held.len() == before {
                return;
            }
        }
    }

    fn holds(&self, process: &Process) -> bool {
        self.held.iter().any(|held| held.process == *process)
    }

    /// Whether somebody else than `leader` is left.
    pub(crate) fn has_others_than(&self, leader: i32) -> bool {
        self.held.iter().any(|held| held.process.pid != leader)
    }

    /// Asks all to end: the group at once, the others one by one.
    pub(crate) fn ask(&self, leader: i32) {
        self.signal(leader, Signal::TERM);
    }

    /// Kills what lives, what was started meanwhile too, and waits until the system ended it.
    pub(crate) fn kill(&mut self, leader: i32) {
        self.take_in(Some(leader));
        self.signal(leader, Signal::KILL);
        self.wait(leader, KILLED_WITHIN);
    }

    /// Kills those that are held, with what they started meanwhile, and waits until the system ended them.
    /// Does not look at the group: its number may be another's by now.
    pub(crate) fn kill_held(&mut self) {
        // Numbers of those that ended may be others' as well.
        self.wait_for_held(Duration::ZERO);
        self.take_in(None);
        for held in &self.held {
            held.signal(Signal::KILL);
        }
        self.wait_for_held(KILLED_WITHIN);
    }

    fn signal(&self, leader: i32, signal: Signal) {
        if let Some(group) = Pid::from_raw(leader)
            && let Err(error) = kill_process_group(group, signal)
        {
            tracing::debug!(leader, %error, "the group is not there any more");
        }
        for held in &self.held {
            if held.process.group != leader || signal == Signal::KILL {
                held.signal(signal);
            }
        }
    }

    /// Waits until all that are held ended; `false` when some live after `limit`.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait(&mut self, _leader: i32, limit: Duration) -> bool {
        self.wait_for_held(limit)
    }

    #[cfg(target_os = "linux")]
    fn wait_for_held(&mut self, limit: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let start = Instant::now();
        while !self.held.is_empty() {
            let left = limit.saturating_sub(start.elapsed());
            let timeout = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut waited: Vec<PollFd<'_>> = self
                .held
                .iter()
                .map(|held| PollFd::new(&held.by, PollFlags::IN))
                .collect();
            match poll(&mut waited, Some(&timeout)) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => {
                    tracing::warn!(%error, "the end of a process cannot be waited for");
                    return false;
                }
            }
            let ended: Vec<bool> = waited.iter().map(|fd| !fd.revents().is_empty()).collect();
            let mut ended = ended.into_iter();
            self.held.retain(|_| !ended.next().unwrap_or(false));
        }
        true
    }

    #[cfg(not(target_os = "linux"))]
    fn wait_for_held(&mut self, _limit: Duration) -> bool {
        true
    }

    /// Without descriptors of processes the group is asked for again and again.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn wait(&mut self, leader: i32, limit: Duration) -> bool {
        let start = Instant::now();
        let Some(group) = Pid::from_raw(leader) else {
            return true;
        };
        while rustix::process::test_kill_process_group(group).is_ok() {
            if start.elapsed() >= limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

impl Held {
    #[cfg(target_os = "linux")]
    fn signal(&self, signal: Signal) {
        match rustix::process::pidfd_send_signal(&self.by, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => tracing::warn!(pid = self.process.pid, %error, "not signalled"),
        }
    }

    /// Nothing is held where `/proc` shows nothing.
    #[cfg(not(target_os = "linux"))]
    fn signal(&self, _signal: Signal) {}
}

/// The number may have gone to another process since it was read: only who began then is held.
#[cfg(target_os = "linux")]
fn hold(process: Process) -> Option<Held> {
    use rustix::process::{PidfdFlags, pidfd_open};
    let by = pidfd_open(Pid::from_raw(process.pid)?, PidfdFlags::empty()).ok()?;
    let now = crate::processes::process(process.pid)?;
    (now.started == process.started).then_some(Held { process, by })
}

#[cfg(not(target_os = "linux"))]
fn hold(process: Process) -> Option<Held> {
    Some(Held { process })
}

/// Asks the family of `leader` to end and kills what lives after `grace`. Whether all ended.
pub(crate) fn end(leader: i32, grace: Duration) -> bool {
    let mut family = Family::of(leader);
    family.ask(leader);
    family.wait(leader, grace);
    family.kill(leader);
    family.held.is_empty()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_went_to_another_process_is_not_held() {
        let own = crate::processes::process(std::process::id().cast_signed()).unwrap();
        assert!(hold(own).is_some());
        let earlier = Process {
            started: own.started - 1,
            ..own
        };
        assert!(hold(earlier).is_none());
    }
}
