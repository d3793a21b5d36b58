//! One trait, many models: an API seat, a local one, a rehearsal seat answer the same way.
//!
//! A seat streams [`SeatEvent`]s and ends with one [`SeatOutcome`]. What every kind must do alike
//! (cancellation, deadline, idle limit, partial text) is wrapped around it once, in [`timed`]; seats on
//! one machine stand in a [`queue`].

pub mod api;
mod estimate;
pub mod prices;
pub mod probe;
pub mod queue;
pub mod rehearsal;
pub mod timed;

use std::sync::Arc;

use async_trait::async_trait;
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::time::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Terms under which one call is made.
#[derive(Clone, Debug)]
pub struct CallTerms {
    /// The call must have ended by then.
    pub deadline: Timestamp,
    /// Fired by a person, by shutdown or by [`timed::Timed`]; the seat stops at once and keeps what it has.
    pub cancel: CancellationToken,
}

/// A place on a panel, filled by a model.
#[async_trait]
pub trait Seat: Send + Sync + 'static {
    /// Makes one call.
    ///
    /// Words go to `events` as they come; the outcome carries the whole text again. A receiver
    /// that went away does not stop the call. Once `terms.cancel` has fired, the next poll ends the
    /// call with what it has, an answer that is already complete included. Dropping the future
    /// stops it too, but forgets what was used. A model that ignores `prompt.max_output_tokens` is
    /// cut there, and its answer is marked as partial: nobody's words crowd out the others'.
    async fn call(
        &self,
        prompt: &Prompt,
        terms: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome;
}

/// A shared seat.
pub type SharedSeat = Arc<dyn Seat>;
