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
        match count(contract, caller, asked).await {
            Ok(count) => notify(context, token.clone(), steps.next(count)).await,
            Err(fault) => tracing::debug!(%fault, "a wait's progress was not told"),
        }
    }
}

async fn notify(context: &RequestContext<RoleServer>, token: ProgressToken, step: Step) {
    let told = ProgressNotificationParam::new(token, step.progress)
        .with_total(precise(step.count.total()))
        .with_message(step.count.sentence());
    if let Err(fault) = context.peer.notify_progress(told).await {
        tracing::debug!(%fault, "a wait's progress was not told");
    }
}

/// What of a round's progress is told here.
#[derive(Debug, Deserialize)]
struct Told {
    models: Vec<Seat>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    phase: String,
    state: String,
}

impl Seat {
    fn has_answered(&self) -> bool {
        self.is_reacting() || self.is_over()
    }

    /// Whoever failed to answer does not react either.
    fn has_reacted(&self) -> bool {
        self.is_over() && (self.is_reacting() || self.state != "final")
    }

    fn is_reacting(&self) -> bool {
        self.phase == "react"
    }

    fn is_over(&self) -> bool {
        !["queued", "streaming"].contains(&&*self.state)
    }
}

/// A round's steps: each seat's answer, each seat's reaction, the claim map. A step is over when it
/// is done, or will not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    seats: usize,
    answers: usize,
    reactions: usize,
}

impl Count {
    fn of(seats: &[Seat]) -> Self {
        Self {
            seats: seats.len(),
            answers: seats.iter().filter(|seat| seat.has_answered()).count(),
            reactions: seats.iter().filter(|seat| seat.has_reacted()).count(),
        }
    }

    /// The map is made last, and ends the wait.
    const fn total(self) -> usize {
        self.seats * 2 + 1
    }

    const fn over(self) -> usize {
        self.answers + self.reactions
    }

    fn sentence(self) -> String {
        let (over, total) = (self.over(), self.total());
        let Self {
            seats,
            answers,
            reactions,
        } = self;
        format!(
            "{over} of {total} steps are over: {answers} of {seats} answers, {reactions} of {seats} reactions; the claim map comes last."
        )
    }
}

async fn count(
    contract: &dyn Contract,
    caller: &Caller,
    asked: &WaitForRound,
) -> Result<Count, Error> {
    let round: Option<RoundId> = match (asked.round_id, asked.round_index) {
        (None, Some(index)) => Some(contract.round_at(caller, asked.session_id, index).await?),
        (id, _) => id,
    };
    let progress = contract.progress(caller, asked.session_id, round).await?;
    let told: Told =
        serde_json::from_str(&progress.body).map_err(|fault| Error::invalid(fault.to_string()))?;
    Ok(Count::of(&told.models))
}

/// One notification.
struct Step {
    progress: f64,
    count: Count,
}

/// Numbers that rise with each notification, as the protocol wants them, though steps end rarely:
/// between two they come ever nearer to the next. Their whole part is the count that the sentence
/// beside them tells.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress>
#[derive(Default)]
struct Steps {
    told: Count,
    since: usize,
}

impl Steps {
    fn next(&mut self, count: Count) -> Step {
        // A round that is tried again has less behind it than was told.
        if count.over() > self.told.over() || self.told.seats == 0 {
            self.told = count;
            self.since = 0;
        }
        let part = 1.0 - 1.0 / precise(self.since + 1);
        self.since += 1;
        Step {
            progress: precise(self.told.over()) + part,
            count: self.told,
        }
    }
}

fn precise(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(states: [(&str, &str); 3]) -> Count {
        Count::of(&states.map(|(phase, state)| Seat {
            phase: phase.to_owned(),
            state: state.to_owned(),
        }))
    }

    #[test]
    fn each_answer_and_each_reaction_is_a_step_whether_it_came_or_not() {
        let streaming = ("respond", "streaming");
        for (states, answers, reactions) in [
            ([("respond", "queued"), streaming, streaming], 0, 0),
            ([("respond", "final"), streaming, streaming], 1, 0),
            ([("respond", "error"), streaming, streaming], 1, 1),
            (
                [
                    ("react", "queued"),
                    ("react", "streaming"),
                    ("react", "queued"),
                ],
                3,
                0,
            ),
            (
                [("react", "final"), ("react", "error"), ("respond", "error")],
                3,
                3,
            ),
        ] {
            let count = seats(states);
            assert_eq!(
                (count.answers, count.reactions),
                (answers, reactions),
                "{states:?}"
            );
            assert_eq!(count.total(), 7);
        }
    }

    #[test]
    fn progress_rises_with_every_notification_and_says_what_its_sentence_says() {
        let count = |answers, reactions| Count {
            seats: 3,
            answers,
            reactions,
        };
        let mut steps = Steps::default();
        let mut last = -1.0;
        for (told, over) in [
            (
                count(0, 0),
                "0 of 7 steps are over: 0 of 3 answers, 0 of 3 reactions;",
            ),
            (count(0, 0), "0 of 7"),
            (count(1, 0), "1 of 7"),
            (
                count(3, 0),
                "3 of 7 steps are over: 3 of 3 answers, 0 of 3 reactions;",
            ),
            (count(2, 0), "3 of 7"),
            (count(3, 2), "5 of 7"),
            (count(3, 3), "6 of 7"),
            (
                count(3, 3),
                "6 of 7 steps are over: 3 of 3 answers, 3 of 3 reactions;",
            ),
        ] {
            let step = steps.next(told);
            assert!(step.progress > last, "{last} then {}", step.progress);
            assert!(step.progress < precise(step.count.total()));
            let sentence = step.count.sentence();
            assert!(sentence.starts_with(over), "{sentence}");
            assert!(
                sentence.starts_with(&format!("{} of ", step.progress.floor())),
                "{sentence}"
            );
            last = step.progress;
        }
    }
}
