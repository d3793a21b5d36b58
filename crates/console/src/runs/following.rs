//! Watching one program: what it says is told, its end is kept, and what it may not any more ends it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::runs::{RunExit, RunHow};
use husting_domain::time::Timestamp;
use husting_launch::{Exit, Happening, Session, likely_cause};
use husting_store::{RunWrite, Write};
use husting_wire::events::Event;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::live::LiveRun;
use crate::Inner;
use crate::pauses::due;

/// Between two tellings of what a program says, in milliseconds.
const BETWEEN_MILLIS: i64 = 100;
/// How long an agent has to ask who it is before it is said what is likely in its way, in milliseconds.
const BOOT_MILLIS: i64 = 60_000;
/// How long a program has to end by itself once it is asked to.
pub(super) const GRACE: Duration = Duration::from_secs(3);
/// The same when Husting ends, which has five seconds for everything.
const LAST_GRACE: Duration = Duration::from_secs(2);

/// What happened to a program that is watched.
enum Heard {
    Said(String),
    Ended(Exit),
    Gone,
    Due,
    Booted,
    TooLong,
    Stop,
    Changed,
    Closing,
}

pub(super) async fn follow(
    inner: Weak<Inner>,
    clock: SharedClock,
    shutdown: CancellationToken,
    mut changes: Option<watch::Receiver<u64>>,
    live: Arc<LiveRun>,
    mut session: Session,
) {
    let how = live.run().how;
    let mut tell_at: Option<Timestamp> = None;
    let started = live.run().started_at;
    let mut boot_by = live
        .run()
        .booted_at
        .is_none()
        .then(|| started.plus_millis(BOOT_MILLIS));
    if !may_run(&inner, &live) {
        live.stop.notify_one();
    }
    let exit = loop {
        let heard = tokio::select! {
            happening = session.next() => match happening {
                Some(Happening::Output(words)) => Heard::Said(words),
                Some(Happening::Ended(exit)) => Heard::Ended(exit),
                None => Heard::Gone,
            },
            () = due(&clock, tell_at) => Heard::Due,
            () = live.booted.notified() => Heard::Booted,
            () = due(&clock, boot_by) => Heard::TooLong,
            () = live.stop.notified() => Heard::Stop,
            () = changed(&mut changes) => Heard::Changed,
            () = shutdown.cancelled() => Heard::Closing,
        };
        match heard {
            Heard::Said(words) => {
                live.screen().push(&words);
                tell_at = tell_at.or_else(|| Some(clock.now().plus_millis(BETWEEN_MILLIS)));
            }
            Heard::Due => {
                tell_at = None;
                tell_words(&inner, &live);
            }
            Heard::Booted => {
                boot_by = None;
                if let Some(console) = inner.upgrade() {
                    console.keep_boot(&live).await;
                }
            }
            Heard::TooLong => {
                boot_by = None;
                say_hindrance(&inner, &live);
            }
            Heard::Ended(exit) => break outward(exit),
            Heard::Gone => break RunExit::Unseen,
            Heard::Changed if may_run(&inner, &live) => {}
            Heard::Stop | Heard::Changed => match stopped(&live, &mut session, GRACE).await {
                Some(exit) => break exit,
                None => say_unstopped(&inner, &live),
            },
            // A session of tmux goes on, and is found again.
            Heard::Closing if how == RunHow::Tmux => return,
            Heard::Closing => match stopped(&live, &mut session, LAST_GRACE).await {
                Some(exit) => break exit,
                // The next start ends it.
                None => return,
            },
        }
    };
    tell_words(&inner, &live);
    if let Some(console) = inner.upgrade() {
        console.finish(&live, exit).await;
    }
}

/// Returns when an agent is changed.
pub(super) async fn changed(changes: &mut Option<watch::Receiver<u64>>) {
    let heard = match changes {
        Some(changes) => changes.changed().await.is_ok(),
        None => false,
    };
    if !heard {
        std::future::pending().await
    }
}

/// Whether the agent may still call: what it cannot do anything with is not left running.
fn may_run(inner: &Weak<Inner>, live: &LiveRun) -> bool {
    let Some(console) = inner.upgrade() else {
        return true;
    };
    let standing = console.agents.standing(live.agent);
    standing.is_some_and(|standing| standing.agent.may_call(console.now()))
}

/// How a program ended that was asked to; none where it did not, so that nobody is told it had.
async fn stopped(live: &LiveRun, session: &mut Session, grace: Duration) -> Option<RunExit> {
    match session.stop(grace).await {
        Ok(exit) => {
            live.change(|run| run.stopped = true);
            Some(outward(exit))
        }
        Err(fault) => {
            tracing::error!(%fault, run = %live.id, "a program was not ended");
            live.set_hindrance(Some(format!("It was asked to end and did not: {fault}.")));
            live.unstopped.send_modify(|times| *times += 1);
            None
        }
    }
}

fn say_unstopped(inner: &Weak<Inner>, live: &LiveRun) {
    if let Some(console) = inner.upgrade() {
        console.tell_run(live);
    }
}

fn tell_words(inner: &Weak<Inner>, live: &LiveRun) {
    let Some((offset, text)) = live.screen().news() else {
        return;
    };
    if let Some(console) = inner.upgrade() {
        let run_id = live.id;
        let event = Event::RunText {
            run_id,
            offset,
            text,
        };
        console.tell_of(&live.tenant, event);
    }
}

fn say_hindrance(inner: &Weak<Inner>, live: &LiveRun) {
    let cause = likely_cause(&live.screen().end(), None);
    let why = cause.map_or_else(
        || {
            "It has not asked the bus who it is for a minute. Its output says what it does; in tmux it may \
             wait for somebody to answer a question."
                .to_owned()
        },
        |cause| cause.to_string(),
    );
    if live.set_hindrance(Some(why))
        && let Some(console) = inner.upgrade()
    {
        console.tell_run(live);
    }
}

pub(super) fn outward(exit: Exit) -> RunExit {
    match exit {
        Exit::Code(code) => RunExit::Code { code },
        Exit::Signal(signal) => RunExit::Signal { signal },
        Exit::Unknown => RunExit::Unseen,
    }
}

impl Inner {
    async fn keep_boot(&self, live: &LiveRun) {
        let at = self.now();
        if live.run().booted_at.is_some() {
            return;
        }
        live.change(|run| run.booted_at = Some(at));
        live.set_hindrance(None);
        let booted = Write::Run(RunWrite::Booted { run: live.id, at });
        if let Err(fault) = self.keep(&live.tenant, [booted]).await {
            tracing::warn!(%fault, run = %live.id, "an agent's first call was not kept");
        }
        self.tell_run(live);
    }
}
