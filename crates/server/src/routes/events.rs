//! Events to a browser or the command line, as server-sent events.
//!
//! The stream is numbered by the program's own sequence and never replayed: a client that comes
//! again reads the number in the greeting, sees what it missed and takes a snapshot.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{BoxStream, Stream, StreamExt};
use husting_wire::events::Envelope;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::credentials::Caller;
use crate::connections::Cut;

/// A comment this often shows both ends that the other is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Bytes that may wait for a client that reads too slowly; then its connection is cut.
const BEHIND: usize = 8 * 1024 * 1024;

pub(super) async fn events(
    State(shared): State<Shared>,
    caller: Caller,
    Extension(cut): Extension<Cut>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let behind = Arc::new(AtomicUsize::new(0));
    let pump = Pump {
        events: shared.host.watch(),
        sender,
        behind: behind.clone(),
        cut,
    };
    shared
        .work
        .spawn(pump.run(either(shared.shutdown, caller.ended)));
    let stream = futures::stream::poll_fn(move |context| receiver.poll_recv(context)).map(
        move |line: Line| {
            behind.fetch_sub(line.json.len(), Ordering::AcqRel);
            Ok(Event::default().id(line.seq.to_string()).data(line.json))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Line {
    seq: u64,
    json: String,
}

/// Takes events as they come, so that one slow client holds up nobody.
struct Pump {
    events: BoxStream<'static, Envelope>,
    sender: mpsc::UnboundedSender<Line>,
    behind: Arc<AtomicUsize>,
    cut: Cut,
}

impl Pump {
    /// Ends with the events, the client, or `end`; each closes the stream.
    async fn run(mut self, end: impl Future<Output = ()>) {
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return,
                () = self.sender.closed() => return,
                event = self.events.next() => match event {
                    Some(envelope) if self.send(&envelope) => {}
                    _ => return,
                },
            }
        }
    }

    /// Whether the client is to be sent more.
    fn send(&self, envelope: &Envelope) -> bool {
        let json = match serde_json::to_string(envelope) {
            Ok(json) => json,
            Err(fault) => {
                tracing::error!(%fault, seq = envelope.seq, "an event could not be written");
                return false;
            }
        };
        if self.behind.fetch_add(json.len(), Ordering::AcqRel) > BEHIND {
            tracing::info!("a client read its events too slowly and was cut off");
            self.cut.now();
            return false;
        }
        self.sender
            .send(Line {
                seq: envelope.seq,
                json,
            })
            .is_ok()
    }
}

async fn either(one: CancellationToken, other: CancellationToken) {
    tokio::select! {
        () = one.cancelled() => {}
        () = other.cancelled() => {}
    }
}
