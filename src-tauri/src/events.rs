//! Events on their way into the page: everything that waits goes in one message, sixty times a
//! second at most, because each message is a script that the web view's own thread evaluates.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use husting_wire::events::Envelope;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// The least time between two messages: one frame of the screen.
const FRAME: Duration = Duration::from_millis(16);

/// Most events of one message.
const MOST: usize = 1_024;

/// The page that listens now. There is one: a page that was reloaded takes the place of the old.
#[derive(Default)]
pub(crate) struct Listener(Mutex<CancellationToken>);

impl Listener {
    /// Ends the listening of the page before; the token ends with this one's.
    pub(crate) fn replace(&self, stop: &CancellationToken) -> CancellationToken {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.cancel();
        *current = stop.child_token();
        current.clone()
    }
}

/// Sends all events of `watch`, until `gone` or until `send` says that nobody hears. A watcher that
/// fell behind watches anew: its greeting shows the page the gap.
pub(crate) async fn forward(
    watch: impl Fn() -> BoxStream<'static, Envelope>,
    send: impl Fn(Vec<Envelope>) -> bool,
    gone: CancellationToken,
) {
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let heard = async { while until_behind(watch(), &send, &mut frames).await {} };
    gone.run_until_cancelled(heard).await;
}

/// False when nobody hears any more.
async fn until_behind(
    events: BoxStream<'static, Envelope>,
    send: impl Fn(Vec<Envelope>) -> bool,
    frames: &mut Interval,
) -> bool {
    let mut batches = events.ready_chunks(MOST);
    loop {
        frames.tick().await;
        let Some(batch) = batches.next().await else {
            return true;
        };
        if !send(batch) {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::stream;
    use husting_wire::events::{EVENT_VERSION, Event};

    use super::*;

    fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<Envelope> {
        let envelope = |seq| Envelope {
            version: EVENT_VERSION,
            seq,
            event: Event::Hello {},
        };
        numbers.into_iter().map(envelope).collect()
    }

    /// What the page is sent of streams that end one after the other.
    async fn sent(streams: Vec<Vec<Envelope>>, heard: usize) -> Vec<Vec<u64>> {
        let (streams, sent) = (RefCell::new(streams.into_iter()), RefCell::new(Vec::new()));
        let next = || {
            let events = streams.borrow_mut().next().unwrap_or_default();
            stream::iter(events).boxed()
        };
        let send = |batch: Vec<Envelope>| {
            let seqs: Vec<u64> = batch.iter().map(|envelope| envelope.seq).collect();
            sent.borrow_mut().push(seqs);
            sent.borrow().len() < heard
        };
        forward(next, send, CancellationToken::new()).await;
        sent.into_inner()
    }

    #[tokio::test]
    async fn what_waits_goes_in_one_message_in_its_order() {
        assert_eq!(
            sent(vec![numbered(0..40)], 1).await,
            [(0..40).collect::<Vec<_>>()]
        );
    }

    #[tokio::test]
    async fn a_watcher_that_fell_behind_watches_anew() {
        let streams = vec![numbered([3, 4]), numbered([9, 10])];
        assert_eq!(sent(streams, 2).await, [[3, 4], [9, 10]]);
    }

    #[tokio::test]
    async fn a_long_queue_is_cut_into_messages() {
        let lengths: Vec<usize> = sent(vec![numbered(0..2_500)], 3)
            .await
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(lengths, [MOST, MOST, 2_500 - 2 * MOST]);
    }

    #[tokio::test]
    async fn a_page_that_comes_anew_ends_the_listening_of_the_one_before() {
        let (listener, stop) = (Listener::default(), CancellationToken::new());
        let first = listener.replace(&stop);
        let second = listener.replace(&stop);
        forward(|| stream::pending().boxed(), |_| true, first).await;
        assert!(!second.is_cancelled());
        stop.cancel();
        forward(|| stream::pending().boxed(), |_| true, second).await;
    }
}
