//! A wait for a round, with word of how far it is for clients that asked to be told.

use std::time::Duration;

use axum::http::request::Parts;
use husting_console::{Caller, Waited};
use husting_domain::ids::RoundId;
use husting_wire::contract::requests::WaitForRound;
use husting_wire::errors::Error;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use serde::Deserialize;
use tokio::time::{MissedTickBehavior, interval};

use super::calls::TakesEvents;
use crate::contract::Contract;

/// How often a client is told that the round goes on.
const EVERY: Duration = Duration::from_secs(3);

/// Waits; a client that goes away or cancels ends the wait, and nothing else.
pub(super) async fn wait(
    contract: &dyn Contract,
    caller: &Caller,
    asked: WaitForRound,
    context: &RequestContext<RoleServer>,
) -> Result<Waited, Error> {
    tokio::select! {
        biased;
        waited = contract.wait_for_round(caller, asked.clone()) => waited,
        () = context.ct.cancelled() => {
            Err(Error::invalid("The wait was given up; the round goes on."))
        }
        never = tell(contract, caller, &asked, context) => match never {},
    }
}

/// Tells the client how far the round is, for as long as it is awaited.
async fn tell(
    contract: &dyn Contract,
    caller: &Caller,
    asked: &WaitForRound,
    context: &RequestContext<RoleServer>,
) -> std::convert::Infallible {
    let takes = context.extensions.get::<Parts>();
    let takes = takes.and_then(|parts| parts.extensions.get::<TakesEvents>());
    let token = context.meta.get_progress_token();
    let (Some(TakesEvents(true)), Some(token)) = (takes, token) else {
        return std::future::pending().await;
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut steps = Steps::default();
    loop {
        ticks.tick().await;
        match standing(contract, caller, asked).await {
            Ok(standing) => notify(context, token.clone(), &standing, &mut steps).await,
            Err(fault) => tracing::debug!(%fault, "a wait's progress was not told"),
        }
    }
}

async fn notify(
    context: &RequestContext<RoleServer>,
    token: ProgressToken,
    standing: &Standing,
    steps: &mut Steps,
) {
    let (done, total) = (standing.done(), standing.models.len());
    let told = ProgressNotificationParam::new(token, steps.next(done, total))
        .with_total(precise(total))
        .with_message(format!("{done} of {total} models have answered."));
    if let Err(fault) = context.peer.notify_progress(told).await {
        tracing::debug!(%fault, "a wait's progress was not told");
    }
}

/// What of a round's progress is told here.
#[derive(Debug, Deserialize)]
struct Standing {
    models: Vec<Seat>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    phase: String,
    state: String,
}

impl Standing {
    /// Seats whose answer is in, or will not come.
    fn done(&self) -> usize {
        let is_done = |seat: &&Seat| {
            seat.phase == "react" || !["queued", "streaming"].contains(&&*seat.state)
        };
        self.models.iter().filter(is_done).count()
    }
}

async fn standing(
    contract: &dyn Contract,
    caller: &Caller,
    asked: &WaitForRound,
) -> Result<Standing, Error> {
    let round: Option<RoundId> = match (asked.round_id, asked.round_index) {
        (None, Some(index)) => Some(contract.round_at(caller, asked.session_id, index).await?),
        (id, _) => id,
    };
    let progress = contract.progress(caller, asked.session_id, round).await?;
    serde_json::from_str(&progress.body).map_err(|fault| Error::invalid(fault.to_string()))
}

/// Numbers that rise with each notification, as the protocol wants them, though seats end rarely:
/// between two seats they come ever nearer to the next, and before the end never reach it.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress>
#[derive(Default)]
struct Steps {
    seats: usize,
    since: usize,
}

impl Steps {
    fn next(&mut self, done: usize, total: usize) -> f64 {
        let seats = done.min(total.saturating_sub(1)).max(self.seats);
        self.since = if seats == self.seats { self.since } else { 0 };
        self.seats = seats;
        let part = 1.0 - 1.0 / precise(self.since + 1);
        self.since += 1;
        precise(seats) + part
    }
}

fn precise(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_rises_with_every_notification_and_never_passes_the_total() {
        let mut steps = Steps::default();
        let mut last = -1.0;
        for done in [0, 0, 0, 1, 1, 2, 2, 3, 3, 3] {
            let next = steps.next(done, 3);
            assert!(next > last && next < 3.0, "{last} then {next}");
            assert!(next >= f64::from(u32::try_from(done).unwrap().min(2)));
            last = next;
        }
    }
}
