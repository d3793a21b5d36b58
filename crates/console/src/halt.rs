//! Places between two steps of a round, at which a test stops the program to kill it: nothing
//! outside can tell when it stands there. Only a build with the feature `halt` ever stops, and only
//! where `HUSTING_TEST_HALT_AT=<step>:<n>` says so: at the n-th time the step is reached it writes
//! `halted at <step>` to standard error and goes no further. Without the feature this is nothing.
//!
//! What an agent writes can be held on its way instead: see [`held`].

#[cfg(not(feature = "halt"))]
use tokio::sync::watch;

/// Between which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The round and its holds are on disk; nobody has been called.
    Holding,
    /// A call has ended; neither its answer nor its debit is on disk.
    BeforeCommit,
    /// Both are on disk; nobody has been told.
    AfterCommit,
    /// The claim map is made and not on disk.
    Mapping,
    /// A message is about to be kept.
    BeforeSend,
}

#[cfg(not(feature = "halt"))]
#[inline]
pub(crate) async fn at(_: Step) {}

#[cfg(not(feature = "halt"))]
#[inline]
pub(crate) async fn held(_: u64, _: impl FnOnce() -> Option<watch::Receiver<u64>>) {}

#[cfg(not(feature = "halt"))]
pub(crate) const fn trusts_memory() -> bool {
    false
}

#[cfg(feature = "halt")]
pub(crate) use self::halting::{at, held, replies_first, settles_apart, trusts_memory};

#[cfg(feature = "halt")]
mod halting {
    use std::path::PathBuf;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::watch;

    use super::Step;

    struct Order {
        step: String,
        /// How often it must still be reached.
        left: AtomicU32,
    }

    static ORDER: LazyLock<Option<Order>> = LazyLock::new(|| {
        let text = std::env::var("HUSTING_TEST_HALT_AT").ok()?;
        let (step, count) = text.split_once(':')?;
        Some(Order {
            step: step.to_owned(),
            left: AtomicU32::new(count.parse().ok()?),
        })
    });

    /// Whether answers and debits are kept apart: the fault that the kill test must find.
    pub(crate) fn settles_apart() -> bool {
        std::env::var_os("HUSTING_TEST_SETTLE_APART").is_some()
    }

    /// Whether messages are said to be sent before they are kept: the same for the bus.
    pub(crate) fn replies_first() -> bool {
        std::env::var_os("HUSTING_TEST_REPLY_FIRST").is_some()
    }

    /// Whether the store is not asked anew whether an agent may still call: the fault that the tests
    /// of revocation must find.
    pub(crate) fn trusts_memory() -> bool {
        std::env::var_os("HUSTING_TEST_TRUST_MEMORY").is_some()
    }

    /// Holds what an agent of this epoch is about to write until something is changed for the agent,
    /// while there is the file that `HUSTING_TEST_HOLD` names. It says `held` to standard error.
    pub(crate) async fn held(epoch: u64, changes: impl FnOnce() -> Option<watch::Receiver<u64>>) {
        static WHILE: LazyLock<Option<PathBuf>> =
            LazyLock::new(|| std::env::var_os("HUSTING_TEST_HOLD").map(PathBuf::from));
        if !WHILE.as_ref().is_some_and(|file| file.exists()) {
            return;
        }
        if let Some(mut changes) = changes() {
            eprintln!("held");
            if changes.wait_for(|now| *now != epoch).await.is_err() {
                tracing::debug!("an agent is gone that was held");
            }
        }
    }

    /// Goes no further where a test says so.
    pub(crate) async fn at(step: Step) {
        let Some(order) = ORDER.as_ref().filter(|order| order.step == word(step)) else {
            return;
        };
        if order.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            eprintln!("halted at {}", order.step);
            std::future::pending::<()>().await;
        }
    }

    const fn word(step: Step) -> &'static str {
        match step {
            Step::Holding => "holding",
            Step::BeforeCommit => "before_commit",
            Step::AfterCommit => "after_commit",
            Step::Mapping => "mapping",
            Step::BeforeSend => "before_send",
        }
    }
}
