//! The end of the program: what runs behind the window is told to stop, waited for, and
//! left behind only when it takes too long.

use std::ffi::OsString;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks behind the window and the one signal that ends them. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    stop: CancellationToken,
    tasks: TaskTracker,
    begun: Arc<AtomicBool>,
    /// The arguments of the start that follows.
    anew: Arc<OnceLock<Vec<OsString>>>,
    done: CancellationToken,
}

impl Drain {
    /// The signal a task ends on; it has to look at it.
    #[must_use]
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Wraps `task` so that the program's end waits for it.
    pub fn track<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        self.tasks.track_future(task)
    }

    /// After its end the program is to begin anew, with these arguments.
    pub(crate) fn ask_to_begin_anew(&self, arguments: Vec<OsString>) {
        self.anew.get_or_init(|| arguments);
    }

    /// With which arguments the program begins anew, where [`Drain::ask_to_begin_anew`] was called.
    pub(crate) fn begins_anew(&self) -> Option<&[OsString]> {
        self.anew.get().map(Vec::as_slice)
    }

    /// True for the first caller only: that one drains.
    pub(crate) fn begin(&self) -> bool {
        !self.begun.swap(true, Ordering::AcqRel)
    }

    /// Tells every task to stop and waits for them, at most for `limit`. False when some
    /// task was still running then.
    pub(crate) async fn finish(&self, limit: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        let ended = tokio::time::timeout(limit, self.tasks.wait()).await.is_ok();
        self.done.cancel();
        ended
    }

    /// Whether [`Drain::finish`] has returned.
    pub(crate) fn is_done(&self) -> bool {
        self.done.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_end_waits_for_a_task_that_stops_when_told() {
        let drain = Drain::default();
        let stop = drain.stop();
        let task = tokio::spawn(drain.track(async move {
            stop.cancelled().await;
            tokio::task::yield_now().await;
        }));
        assert!(drain.finish(LONG).await, "the task ends on its own");
        assert!(task.is_finished());
        assert!(drain.is_done());
    }

    #[tokio::test]
    async fn a_task_that_ignores_the_signal_does_not_hold_the_program() {
        let drain = Drain::default();
        let task = tokio::spawn(drain.track(std::future::pending::<()>()));
        assert!(
            !drain.finish(Duration::from_millis(1)).await,
            "it never ends"
        );
        assert!(drain.is_done(), "the program may go all the same");
        task.abort();
    }

    #[test]
    fn only_the_first_wish_to_quit_drains() {
        let drain = Drain::default();
        assert!(drain.begin());
        assert!(!drain.clone().begin());
    }
}
