//! Rehearsal seats: offline, deterministic stand-ins for learning the console, demos and tests.
//!
//! Such a seat gets the prompt an API seat gets and nothing else, and answers only as text. It
//! picks real sentences from the whole document by text statistics, strings them together by the
//! stance its name says, and reacts to real sentences of the others. Same prompt, same words; the
//! nonces of the fences and the order of the other answers do not matter.

mod answer;
mod document;
mod fences;
mod minutes;
mod part;
mod passages;
mod ranking;
mod reactions;
mod reading;
mod reply;
mod summary;
mod words;

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{
    AnswerShape, Prompt, SeatAnswer, SeatEvent, SeatFailure, SeatOutcome,
};
use husting_domain::models::ModelId;
use husting_domain::time::Timestamp;
use tokio::sync::mpsc;

use crate::rehearsal::part::Part;
use crate::rehearsal::reading::Reading;
use crate::{CallTerms, Seat, estimate};

/// One of [`husting_domain::models::REHEARSAL_MODELS`].
pub struct RehearsalSeat {
    part: Part,
    tokens_per_second: Option<u32>,
    clock: SharedClock,
}

impl RehearsalSeat {
    /// Plays the part that `model` names, an advocate for any other name. `tokens_per_second`
    /// paces its words by `clock`; `None` or 0 is no pause.
    #[must_use]
    pub fn new(model: &ModelId, tokens_per_second: Option<u32>, clock: SharedClock) -> Self {
        let tokens_per_second = tokens_per_second.filter(|rate| *rate > 0);
        Self {
            part: Part::of(model),
            tokens_per_second,
            clock,
        }
    }

    async fn pace(&self, started: Timestamp, written: usize) {
        let Some(rate) = self.tokens_per_second else {
            return;
        };
        let millis = estimate::tokens(written as u64).saturating_mul(1_000) / u64::from(rate);
        self.clock
            .sleep_until(started.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
            .await;
    }

    /// Words in a chunk: singly where somebody watches, in handfuls otherwise.
    fn words_at_once(&self) -> usize {
        if self.tokens_per_second.is_some() {
            1
        } else {
            16
        }
    }

    async fn speak(&self, text: &str, written: &mut usize, events: &mpsc::Sender<SeatEvent>) {
        let started = self.clock.now();
        for chunk in words::chunks(text, self.words_at_once()) {
            self.pace(started, *written + chunk.len()).await;
            // A receiver that went away does not stop the call.
            drop(events.send(SeatEvent::Text(chunk.to_owned())).await);
            *written += chunk.len();
        }
    }
}

#[async_trait]
impl Seat for RehearsalSeat {
    async fn call(
        &self,
        prompt: &Prompt,
        terms: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        let whole = compose(self.part, prompt);
        let text = words::cut(&whole, estimate::bytes(prompt.max_output_tokens));
        let mut written = 0;
        let stopped = tokio::select! {
            biased;
            () = terms.cancel.cancelled() => true,
            () = self.speak(text, &mut written, &events) => false,
        };
        let said = &text[..written];
        let usage = estimate::usage(prompt, said);
        if stopped {
            let (code, message) = (SeatErrorCode::Cancelled, "stopped".to_owned());
            return Err(SeatFailure {
                code,
                message,
                partial_text: said.to_owned(),
                usage,
            });
        }
        let is_partial = text.len() < whole.len();
        let finish_reason = if is_partial { "length" } else { "stop" };
        Ok(SeatAnswer {
            text: said.to_owned(),
            usage,
            finish_reason: finish_reason.to_owned(),
            is_partial,
        })
    }
}

fn compose(part: Part, prompt: &Prompt) -> String {
    let reading = Reading::of(prompt);
    match prompt.shape {
        AnswerShape::Prose => answer::write(part, &reading),
        AnswerShape::Snippets => reactions::write(part, &reading),
        AnswerShape::Recap | AnswerShape::Synthesis => summary::write(prompt, &reading),
        AnswerShape::Reply => reply::write(prompt),
    }
}
