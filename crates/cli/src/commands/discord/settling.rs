//! Waiting, not for long, for what becomes of an act: the answer that it was taken is not yet what came
//! of it.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use husting_wire::events::{Envelope, Event};
use tokio::time::{Instant, timeout_at};

use crate::door::Door;
use crate::exit::Failure;

/// How long a person is kept waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// A watcher of the bridge. It is made before the act, so that it misses nothing.
pub struct Settling {
    events: BoxStream<'static, Envelope>,
    patience: Duration,
}

impl Settling {
    /// Begins to watch.
    ///
    /// # Errors
    /// When there is nothing to watch.
    pub async fn begin(door: &dyn Door) -> Result<Self, Failure> {
        Ok(Self {
            events: door.watch().await?,
            patience: PATIENCE,
        })
    }

    /// What `look` gives once it is settled, else as it is when the patience ends.
    ///
    /// # Errors
    /// Those of `look`.
    pub async fn until<T>(
        mut self,
        look: impl AsyncFn() -> Result<T, Failure>,
        is_settled: impl Fn(&T) -> bool,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + self.patience;
        loop {
            let seen = look().await?;
            if is_settled(&seen) || !self.moves_before(deadline).await {
                return Ok(seen);
            }
        }
    }

    /// Whether the bridge moves.
    async fn moves_before(&mut self, deadline: Instant) -> bool {
        let moves = async {
            while let Some(told) = self.events.next().await {
                if matches!(told.event, Event::DiscordMoved { .. }) {
                    return true;
                }
            }
            false
        };
        timeout_at(deadline, moves).await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use husting_wire::events::EVENT_VERSION;
    use serde_json::{Value, json};

    use super::*;

    fn told(seq: u64, event: &Value) -> Envelope {
        let mut told = json!({ "version": EVENT_VERSION, "seq": seq });
        let members = event.as_object().unwrap().clone();
        told.as_object_mut().unwrap().extend(members);
        serde_json::from_value(told).unwrap()
    }

    fn moved() -> Value {
        let stand = json!({
            "bridge": { "state": "delivering" }, "bot_name": null, "unplaced": 0, "parked": 0, "held": 0,
            "bus_trouble": null,
        });
        json!({ "type": "discord_moved", "discord": stand })
    }

    /// How often it was looked, when it is settled at the third look.
    async fn looks(events: &[Value]) -> u32 {
        let events: Vec<_> = (0..)
            .zip(events)
            .map(|(seq, event)| told(seq, event))
            .collect();
        let settling = Settling {
            events: futures::stream::iter(events).boxed(),
            patience: PATIENCE,
        };
        let looks = Cell::new(0);
        let look = async || {
            looks.set(looks.get() + 1);
            Ok(looks.get())
        };
        settling.until(look, |seen| *seen == 3).await.unwrap()
    }

    #[tokio::test]
    async fn it_is_looked_at_each_move_until_it_is_settled_or_nothing_is_told_any_more() {
        let other = json!({ "type": "pause_changed", "paused": true });
        assert_eq!(looks(&[]).await, 1);
        assert_eq!(looks(std::slice::from_ref(&other)).await, 1);
        assert_eq!(looks(&[other, moved()]).await, 2);
        assert_eq!(looks(&[moved(), moved(), moved()]).await, 3);
    }

    #[tokio::test]
    async fn nobody_waits_for_longer_than_the_patience() {
        let silent = Settling {
            events: futures::stream::pending().boxed(),
            patience: Duration::ZERO,
        };
        let seen = silent.until(async || Ok(7), |_| false).await.unwrap();
        assert_eq!(seen, 7);
    }
}
