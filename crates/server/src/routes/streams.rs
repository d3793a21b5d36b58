//! Server-sent events to one client, who may read as slowly as it likes without holding up anybody,
//! until it is too far behind.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::FutureExt;
use futures::stream::{BoxStream, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::connections::Cut;

/// This often each end is shown that the other is there.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Bytes that may wait for a client that reads too slowly; then its connection is cut.
const BEHIND: usize = 8 * 1024 * 1024;

/// One event.
pub(super) struct Line {
    /// What the client sends back as its last one; `None` where a stream is never taken up again.
    pub id: Option<String>,
    /// Its name; `None` for those that a browser hands to `onmessage`.
    pub event: Option<String>,
    /// Its data.
    pub json: Arc<str>,
}

/// What shows that a stream is alive while it has nothing to say.
#[derive(Clone, Copy)]
pub(super) enum Beat {
    /// A comment, which every reader skips.
    Comment,
    /// An event of this name: of comments, and of events without data, a browser tells its page nothing, which then could
    /// not know a program that hangs from one that has nothing to say.
    Event(&'static str),
}

/// Why a stream ends before its lines do.
pub(super) enum End {
    /// Whoever reads it gets what is already there.
    Gently,
    /// Whoever reads it may read nothing more.
    AtOnce,
    /// Whoever has read everything gets the few lines that say so, with which the lines end; anybody
    /// else may read nothing more.
    LastWords,
}

/// The end of a stream: of the program, or of what let its client in.
pub(super) async fn end_of(shutdown: CancellationToken, barred: CancellationToken) -> End {
    tokio::select! {
        () = shutdown.cancelled() => End::Gently,
        () = barred.cancelled() => End::AtOnce,
    }
}

/// Sends `lines` until they, the client or `end` end; each closes the stream.
pub(super) fn sent(
    shared: &Shared,
    cut: Cut,
    lines: BoxStream<'static, Line>,
    end: impl Future<Output = End> + Send + 'static,
    beat: Beat,
) -> Response {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let behind = Arc::new(AtomicUsize::new(0));
    let pump = Pump {
        lines,
        sender,
        behind: behind.clone(),
        cut,
    };
    shared.work.spawn(pump.run(end));
    let stream = futures::stream::poll_fn(move |context| receiver.poll_recv(context)).map(
        move |Line { id, event, json }| {
            behind.fetch_sub(json.len(), Ordering::AcqRel);
            let mut sent = Event::default().data(json);
            if let Some(id) = id {
                sent = sent.id(id);
            }
            Ok::<_, Infallible>(match event {
                Some(name) => sent.event(name),
                None => sent,
            })
        },
    );
    answer(stream, beat, KEEP_ALIVE)
}

fn answer(
    stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
    beat: Beat,
    every: Duration,
) -> Response {
    let beats = KeepAlive::new().interval(every);
    let beats = match beat {
        Beat::Comment => beats,
        Beat::Event(name) => beats.event(Event::default().event(name).data("{}")),
    };
    Sse::new(stream).keep_alive(beats).into_response()
}

/// When nothing more is sent.
enum Ends {
    Now,
    WithWhatIsThere,
    WithItsLines,
}

/// Takes events as they come, so that one slow client holds up nobody.
struct Pump {
    lines: BoxStream<'static, Line>,
    sender: mpsc::UnboundedSender<Line>,
    behind: Arc<AtomicUsize>,
    cut: Cut,
}

impl Pump {
    async fn run(mut self, end: impl Future<Output = End>) {
        tokio::pin!(end);
        let mut is_ending = false;
        loop {
            tokio::select! {
                // First, so that nothing is read once its reader may read no more.
                biased;
                end = &mut end, if !is_ending => match self.end(end) {
                    Ends::Now => return,
                    Ends::WithWhatIsThere => return self.send_what_is_there(),
                    Ends::WithItsLines => is_ending = true,
                },
                () = self.sender.closed() => return,
                line = self.lines.next() => if !line.is_some_and(|line| self.send(line)) {
                    return;
                },
            }
        }
    }

    /// A client that has read everything sees its stream come to an end.
    fn end(&self, end: End) -> Ends {
        let is_behind = self.behind.load(Ordering::Acquire) > 0;
        match end {
            End::Gently => Ends::WithWhatIsThere,
            End::AtOnce | End::LastWords if is_behind => {
                self.cut.now();
                Ends::Now
            }
            End::AtOnce => Ends::Now,
            End::LastWords => Ends::WithItsLines,
        }
    }

    /// The program says why it ends in the moment in which it does.
    fn send_what_is_there(&mut self) {
        while let Some(Some(line)) = self.lines.next().now_or_never() {
            if !self.send(line) {
                return;
            }
        }
    }

    /// Whether the client is to be sent more.
    fn send(&self, line: Line) -> bool {
        if self.behind.fetch_add(line.json.len(), Ordering::AcqRel) > BEHIND {
            tracing::info!("a client read its events too slowly and was cut off");
            self.cut.now();
            return false;
        }
        self.sender.send(line).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[test]
    fn a_page_that_waits_for_a_beat_misses_one_before_it_gives_up() {
        // SILENT_MS of ui/src/platform/browser.ts.
        let silent = Duration::from_secs(40);
        assert!(KEEP_ALIVE * 2 < silent);
    }

    #[tokio::test]
    async fn a_stream_that_has_nothing_to_say_shows_that_it_is_alive() {
        for (beat, sent) in [
            (Beat::Comment, ":\n\n"),
            (Beat::Event("alive"), "event: alive\ndata: {}\n\n"),
        ] {
            let lines = stream::pending::<Result<Event, Infallible>>();
            let answer = answer(lines, beat, Duration::from_millis(1));
            let mut body = answer.into_body().into_data_stream();
            for _ in 0..2 {
                assert_eq!(body.next().await.unwrap().unwrap(), sent);
            }
        }
    }
}
