//! A client of the event stream that notes when each event reached it.

use std::time::Instant;

use anyhow::{Context, bail};
use futures::StreamExt;
use husting_domain::calls::Purpose;
use husting_domain::ids::RoundId;
use husting_domain::models::ModelId;
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;
use tokio::sync::mpsc;

use crate::instance::Instance;

/// Reads the stream as fast as it comes.
pub struct Watcher {
    seen: mpsc::UnboundedReceiver<(Instant, Envelope)>,
}

/// What one round looked like from here.
pub struct Watched {
    /// Its last state.
    pub round: RoundView,
    /// When that was seen.
    pub ended: Instant,
    /// When each seat's first words were seen.
    pub first_text: Vec<(ModelId, Instant)>,
}

impl Watcher {
    /// Opens the stream; returns when it has greeted.
    pub async fn open(instance: &Instance) -> anyhow::Result<Self> {
        let mut bytes = instance.events().await?.bytes_stream();
        let (sender, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut lines = Lines::default();
            while let Some(Ok(piece)) = bytes.next().await {
                let now = Instant::now();
                for envelope in lines.push(&piece) {
                    if sender.send((now, envelope)).is_err() {
                        return;
                    }
                }
            }
        });
        let mut watcher = Self { seen };
        watcher.next().await?;
        Ok(watcher)
    }

    /// Watches until the round is over.
    pub async fn until_over(&mut self, round_id: RoundId) -> anyhow::Result<Watched> {
        let mut first_text: Vec<(ModelId, Instant)> = Vec::new();
        loop {
            let (at, envelope) = self.next().await?;
            match envelope.event {
                Event::SeatText {
                    round_id: of,
                    model,
                    purpose: Purpose::Respond,
                    offset: 0,
                    ..
                } if of == round_id => {
                    first_text.push((model, at));
                }
                Event::RoundChanged { round }
                    if round.round_id == round_id && round.status.is_terminal() =>
                {
                    return Ok(Watched {
                        round,
                        ended: at,
                        first_text,
                    });
                }
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> anyhow::Result<(Instant, Envelope)> {
        match self.seen.recv().await {
            Some(seen) => Ok(seen),
            None => bail!("the event stream ended"),
        }
    }
}

/// Puts the stream's bytes together again; events here have one `data` line each.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn push(&mut self, piece: &[u8]) -> Vec<Envelope> {
        self.0.extend_from_slice(piece);
        let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let whole: Vec<u8> = self.0.drain(..=end).collect();
        whole
            .split(|byte| *byte == b'\n')
            .filter_map(read)
            .collect()
    }
}

fn read(line: &[u8]) -> Option<Envelope> {
    let data = line.strip_prefix(b"data:")?;
    let read = serde_json::from_slice(data).context("an event could not be read");
    read.inspect_err(|fault| eprintln!("{fault:#}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_cut_in_two_is_read_once_it_is_whole() {
        let mut lines = Lines::default();
        assert!(
            lines
                .push(b"id: 1\ndata: {\"version\":1,\"seq\":1,")
                .is_empty()
        );
        let read = lines.push(b"\"type\":\"hello\"}\n\n");
        assert_eq!(
            read.iter().map(|envelope| envelope.seq).collect::<Vec<_>>(),
            [1]
        );
    }
}
