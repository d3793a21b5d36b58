//! What a running instance tells, kept as it comes.

use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use husting_domain::calls::Purpose;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_wire::answers::SeatState;
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;
use sse_stream::SseByteStream;
use tokio::sync::watch;

use crate::patience::wait_for;

/// Everything told since the watch began. It goes on until the instance ends.
pub struct Events {
    told: Arc<Mutex<Vec<Event>>>,
    count: watch::Receiver<usize>,
}

impl Events {
    /// Reads the stream of `/console/events`; returns when its greeting is there.
    pub async fn of(response: reqwest::Response) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (counter, mut count) = watch::channel(0);
        let kept = told.clone();
        tokio::spawn(async move {
            let mut blocks = SseByteStream::new(response.bytes_stream());
            while let Some(Ok(block)) = blocks.next().await {
                let Some(envelope) = block
                    .data
                    .and_then(|data| serde_json::from_str::<Envelope>(&data).ok())
                else {
                    continue;
                };
                // Let go of before it is told: who waits looks at it while it hears.
                let count = {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.push(envelope.event);
                    kept.len()
                };
                counter.send_replace(count);
            }
        });
        wait_for("a greeting", count.wait_for(|count| *count > 0))
            .await
            .expect("the stream begins with a greeting");
        Self { told, count }
    }

    /// All of it so far.
    pub fn told(&self) -> Vec<Event> {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until what was told is as wanted.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&[Event]) -> bool) {
        let told = self.told.clone();
        let now = |_: &usize| is_so(&told.lock().unwrap_or_else(PoisonError::into_inner));
        let came = wait_for(what, self.count.wait_for(now)).await.is_ok();
        assert!(came, "the instance ended before it told: {what}");
    }

    /// Waits until the instance is gone and all that it told has been read.
    pub async fn until_gone(&mut self) {
        let count = &mut self.count;
        wait_for("the end of the events", async {
            while count.changed().await.is_ok() {}
        })
        .await;
    }

    /// The newest told state of a session's newest round.
    pub fn round(&self, session: SessionId) -> Option<RoundView> {
        newest(&self.told(), session)
    }

    /// Waits for the end of a session's round with this 0-based index.
    pub async fn until_over(&mut self, session: SessionId, index: u32) {
        let over = |told: &[Event]| {
            rounds(told, session).any(|round| round.index == index && round.status.is_terminal())
        };
        self.until("the round's end", over).await;
    }

    /// Every call that was told to have ended well, by round, model and purpose.
    pub fn finals(&self, session: SessionId) -> Vec<(u32, ModelId, Purpose)> {
        let told = self.told();
        let seats = rounds(&told, session).flat_map(|round| {
            let seats = round.answers.iter().chain(&round.reactions);
            seats
                .filter(|seat| seat.state == SeatState::Final)
                .map(|seat| (round.index, seat.model.clone(), seat.purpose))
        });
        let mut finals: Vec<_> = Vec::new();
        for seat in seats {
            if !finals.contains(&seat) {
                finals.push(seat);
            }
        }
        finals
    }
}

/// The newest told state of a session's round.
pub fn newest(told: &[Event], session: SessionId) -> Option<RoundView> {
    rounds(told, session).last().cloned()
}

fn rounds(told: &[Event], session: SessionId) -> impl Iterator<Item = &RoundView> {
    told.iter().filter_map(move |event| match event {
        Event::RoundChanged { round } if round.session_id == session => Some(round),
        _ => None,
    })
}
