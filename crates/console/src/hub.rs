//! Events out: numbered in one place, so that every watcher sees the same order and can see a gap.

use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, BoxStream, StreamExt};
use husting_wire::events::{EVENT_VERSION, Envelope, Event};
use tokio::sync::broadcast;

/// Events that a slow watcher may fall behind before it is cut off.
const BEHIND: usize = 4_096;

/// Where events are told.
pub struct Hub {
    // One lock around counting and sending keeps numbers and order the same.
    newest: Mutex<u64>,
    // Room is made at once for as many as a watcher may fall behind: of the pointers alone.
    sender: broadcast::Sender<Arc<Envelope>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            newest: Mutex::new(0),
            sender: broadcast::Sender::new(BEHIND),
        }
    }
}

impl Hub {
    /// Tells everybody. Never waits; without watchers it only counts.
    pub fn tell(&self, event: Event) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *newest += 1;
        // Nobody watching is no fault.
        self.sender
            .send(Arc::new(Envelope {
                version: EVENT_VERSION,
                seq: *newest,
                event,
            }))
            .ok();
    }

    /// Counts what moved and is told nobody: whoever took a snapshot before it and watches later takes another.
    pub fn miss(&self) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    /// Whether anybody hears what is told now.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// The number of the newest event.
    #[must_use]
    pub fn newest(&self) -> u64 {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything from now on, after a greeting that says where it starts. Ends when the watcher
    /// fell too far behind: it comes again and takes a snapshot.
    pub fn watch(&self) -> BoxStream<'static, Envelope> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let hello = Envelope {
            version: EVENT_VERSION,
            seq: *newest,
            event: Event::Hello {},
        };
        let rest = stream::unfold(receiver, async |mut receiver| {
            let envelope = receiver.recv().await.ok()?;
            Some((Arc::unwrap_or_clone(envelope), receiver))
        });
        stream::once(async { hello }).chain(rest).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use husting_wire::settings::Settings;

    fn event() -> Event {
        Event::SettingsChanged {
            settings: Settings::default(),
        }
    }

    #[tokio::test]
    async fn a_watcher_is_greeted_with_the_newest_number_and_misses_nothing_after_it() {
        let hub = Hub::default();
        hub.tell(event());
        let mut watched = hub.watch();
        hub.tell(event());
        hub.tell(event());
        let first = watched.next().await.unwrap();
        assert_eq!((first.seq, first.event), (1, Event::Hello {}));
        assert_eq!(watched.next().await.unwrap().seq, 2);
        assert_eq!(watched.next().await.unwrap().seq, 3);
    }

    #[tokio::test]
    async fn what_was_missed_shows_as_a_later_number() {
        let hub = Hub::default();
        let snapshot = hub.newest();
        hub.miss();
        assert_ne!(hub.watch().next().await.unwrap().seq, snapshot);
    }

    #[tokio::test]
    async fn a_watcher_that_fell_behind_is_cut_off_and_not_given_a_gap() {
        let hub = Hub::default();
        let watched = hub.watch();
        for _ in 0..=BEHIND {
            hub.tell(event());
        }
        let seen: Vec<u64> = watched.map(|envelope| envelope.seq).collect().await;
        assert_eq!(seen, [0]);
    }
}
