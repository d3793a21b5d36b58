//! Events on their way into the page, which fetches them: what is fetched is read as JSON by the page alone. What is
//! sent to it would be a script, which the program's own process needs an engine for. Everything that waits goes in one
//! answer, sixty times a second at most.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{BoxStream, ReadyChunks};
use husting_wire::events::Envelope;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// The least time between two answers: one frame of the screen.
const FRAME: Duration = Duration::from_millis(16);

/// The longest a page waits for an answer where nothing happens.
pub(crate) const QUIET: Duration = Duration::from_secs(30);

/// Most events of one answer.
const MOST: usize = 1_024;

/// Watches from now on; a watcher that fell behind comes to its end.
type Watch = dyn Fn() -> BoxStream<'static, Envelope> + Send + Sync;

/// The page that listens now. There is one: a page that was reloaded takes the place of the old.
#[derive(Default)]
pub(crate) struct Listener(Mutex<Turns>);

#[derive(Default)]
struct Turns {
    newest: u64,
    listening: Option<Arc<Listening>>,
}

struct Listening {
    turn: u64,
    batches: tokio::sync::Mutex<Batches>,
    gone: CancellationToken,
}

impl Listener {
    /// The turn of a page that wants to listen. Whoever had one before hears no more.
    pub(crate) fn turn(&self) -> u64 {
        let mut turns = self.turns();
        if let Some(before) = turns.listening.take() {
            before.gone.cancel();
        }
        turns.newest += 1;
        turns.newest
    }

    /// Lets a page hear what happens from now on, until `stop`, unless another one has come since.
    pub(crate) fn begin(
        &self,
        turn: u64,
        watch: impl Fn() -> BoxStream<'static, Envelope> + Send + Sync + 'static,
        stop: &CancellationToken,
    ) {
        let mut turns = self.turns();
        if turns.newest == turn {
            turns.listening = Some(Arc::new(Listening {
                turn,
                batches: tokio::sync::Mutex::new(Batches::of(Box::new(watch))),
                gone: stop.child_token(),
            }));
        }
    }

    /// All events that wait, after `quiet` none; `None` for a page whose turn is over.
    pub(crate) async fn next(&self, turn: u64, quiet: Duration) -> Option<Vec<Envelope>> {
        let listening = self.turns().listening.clone();
        let listening = listening.filter(|listening| listening.turn == turn)?;
        let waited = async {
            let mut batches = listening.batches.lock().await;
            tokio::time::timeout(quiet, batches.next()).await
        };
        let waited = listening.gone.run_until_cancelled(waited).await?;
        Some(waited.unwrap_or_default())
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Batches {
    watch: Box<Watch>,
    events: ReadyChunks<BoxStream<'static, Envelope>>,
    frames: Interval,
}

impl Batches {
    fn of(watch: Box<Watch>) -> Self {
        let events = watch().ready_chunks(MOST);
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            watch,
            events,
            frames,
        }
    }

    /// Loses nothing where it is not waited for to the end. A watcher that fell behind watches anew: its greeting
    /// shows the page the gap.
    async fn next(&mut self) -> Vec<Envelope> {
        loop {
            self.frames.tick().await;
            match self.events.next().await {
                Some(batch) => return batch,
                None => self.events = (self.watch)().ready_chunks(MOST),
            }
        }
    }
}

#[cfg(test)]
mod tests {
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

    fn seqs(batch: Option<Vec<Envelope>>) -> Option<Vec<u64>> {
        batch.map(|batch| batch.iter().map(|envelope| envelope.seq).collect())
    }

    /// A listener to streams of which each but the last comes to its end, and the turn of its page.
    fn listening(streams: Vec<Vec<Envelope>>) -> (Listener, u64) {
        let streams = Mutex::new(streams.into_iter());
        let next = move || match streams.lock().unwrap().next() {
            Some(events) => stream::iter(events).boxed(),
            None => stream::pending().boxed(),
        };
        let listener = Listener::default();
        let turn = listener.turn();
        listener.begin(turn, next, &CancellationToken::new());
        (listener, turn)
    }

    async fn fetched(listener: &Listener, turn: u64) -> Option<Vec<u64>> {
        seqs(listener.next(turn, QUIET).await)
    }

    #[tokio::test]
    async fn what_waits_goes_in_one_answer_in_its_order() {
        let (listener, turn) = listening(vec![numbered(0..40)]);
        assert_eq!(fetched(&listener, turn).await, Some((0..40).collect()));
    }

    #[tokio::test]
    async fn a_watcher_that_fell_behind_watches_anew() {
        let (listener, turn) = listening(vec![numbered([3, 4]), numbered([9, 10])]);
        assert_eq!(fetched(&listener, turn).await, Some(vec![3, 4]));
        assert_eq!(fetched(&listener, turn).await, Some(vec![9, 10]));
    }

    #[tokio::test]
    async fn a_long_queue_is_cut_into_answers() {
        let (listener, turn) = listening(vec![numbered(0..2_500)]);
        for length in [MOST, MOST, 2_500 - 2 * MOST] {
            let batch = fetched(&listener, turn).await;
            assert_eq!(batch.map(|batch| batch.len()), Some(length));
        }
    }

    #[tokio::test]
    async fn where_nothing_happens_the_answer_is_empty_and_what_comes_then_is_not_lost() {
        let (send, events) = tokio::sync::mpsc::unbounded_channel();
        let events = Mutex::new(Some(events));
        let watch = move || {
            let events = events.lock().unwrap().take().unwrap();
            let next = |mut events: tokio::sync::mpsc::UnboundedReceiver<Envelope>| async {
                let event = events.recv().await?;
                Some((event, events))
            };
            stream::unfold(events, next).boxed()
        };
        let listener = Listener::default();
        let turn = listener.turn();
        listener.begin(turn, watch, &CancellationToken::new());
        let soon = Duration::from_millis(1);
        assert_eq!(seqs(listener.next(turn, soon).await), Some(vec![]));
        for event in numbered([7, 8]) {
            send.send(event).unwrap();
        }
        assert_eq!(fetched(&listener, turn).await, Some(vec![7, 8]));
    }

    #[tokio::test]
    async fn a_page_that_comes_anew_ends_the_listening_of_the_one_before() {
        let (listener, first) = listening(vec![]);
        let second = async { listener.turn() };
        let (heard, second) = tokio::join!(listener.next(first, QUIET), second);
        assert_eq!(heard, None);
        // It waited for the console longer than the one that came after it.
        let stop = CancellationToken::new();
        let watch = |seq| move || stream::iter(numbered([seq])).boxed();
        listener.begin(second, watch(2), &stop);
        listener.begin(first, watch(1), &stop);
        assert_eq!(listener.next(first, QUIET).await, None);
        assert_eq!(fetched(&listener, second).await, Some(vec![2]));
    }

    #[tokio::test]
    async fn nobody_waits_for_events_of_a_program_that_ends() {
        let (listener, stop) = (Listener::default(), CancellationToken::new());
        let turn = listener.turn();
        listener.begin(turn, || stream::pending().boxed(), &stop);
        let end = async { stop.cancel() };
        let (heard, ()) = tokio::join!(listener.next(turn, QUIET), end);
        assert_eq!(heard, None);
    }
}
