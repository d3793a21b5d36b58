//! Events to a browser or the command line, as server-sent events.
//!
//! The stream is numbered by the program's own sequence and never replayed: a client that comes
//! again reads the number in the greeting, sees what it missed and takes a snapshot.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use futures::stream::StreamExt;
use husting_wire::events::Envelope;

use super::Shared;
use super::credentials::Caller;
use super::streams::{self, Beat, Line};
use crate::connections::Cut;

/// The event that tells a page, which is told of no comment, that the program is there.
const ALIVE: &str = "alive";

pub(super) async fn events(
    State(shared): State<Shared>,
    caller: Caller,
    Extension(cut): Extension<Cut>,
) -> Response {
    let lines = shared.host.watch().map(|envelope| line(&envelope));
    // One that cannot be written would be a gap: the stream ends there.
    let lines = lines.take_while(|line| std::future::ready(line.is_some()));
    let lines = lines.filter_map(std::future::ready).boxed();
    let end = streams::end_of(shared.shutdown.clone(), caller.ended);
    streams::sent(&shared, cut, lines, end, Beat::Event(ALIVE))
}

fn line(envelope: &Envelope) -> Option<Line> {
    let json = serde_json::to_string(envelope)
        .inspect_err(
            |fault| tracing::error!(%fault, seq = envelope.seq, "an event could not be written"),
        )
        .ok()?;
    Some(Line {
        id: Some(envelope.seq.to_string()),
        event: None,
        json: json.into(),
    })
}
