//! One call of a round, from the first event to its end.

use husting_domain::calls::{CLOSED_MIDWAY, Purpose, SeatErrorCode};
use husting_domain::exchange::{Prompt, SeatAnswer, SeatEvent, SeatFailure, SeatOutcome};
use husting_domain::time::Timestamp;
use tokio::sync::mpsc;

use super::{CallEnd, CallPlan, Control, EndedCall, HostFault, RoundHost};
use crate::confidence::untag;
use crate::hygiene::{Sieve, cleaned};
use crate::prompts::repeats_a_fence;

/// Milliseconds between checkpoints of a partial text.
const CHECKPOINT_MILLIS: i64 = 1_000;

/// A call at work.
pub(super) struct AtWork<'a, H: RoundHost + ?Sized> {
    pub host: &'a H,
    pub control: &'a Control,
    pub call: CallPlan,
    /// Nonces of the fences in its prompt.
    pub nonces: Vec<String>,
    text: String,
    sieve: Sieve,
    first_text_at: Option<Timestamp>,
    kept_bytes: usize,
    checkpoint_at: Option<Timestamp>,
}

impl<'a, H: RoundHost + ?Sized> AtWork<'a, H> {
    pub(super) fn new(
        host: &'a H,
        control: &'a Control,
        call: CallPlan,
        nonces: Vec<String>,
    ) -> Self {
        Self {
            host,
            control,
            call,
            nonces,
            text: String::new(),
            sieve: Sieve::default(),
            first_text_at: None,
            kept_bytes: 0,
            checkpoint_at: None,
        }
    }

    /// Makes the call and returns its end. Nothing of it is settled yet.
    pub(super) async fn make(mut self, prompt: &Prompt) -> EndedCall {
        let stop = self.control.seat(&self.call.model).child_token();
        let (events, mut coming) = mpsc::channel(256);
        let call = self.call.clone();
        let host = self.host;
        let mut asking = std::pin::pin!(host.ask(&call, prompt, stop, events));
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = coming.recv() => self.take(event).await,
                outcome = &mut asking => break outcome,
                () = due(host, self.checkpoint_at) => self.checkpoint().await,
            }
        };
        while let Ok(event) = coming.try_recv() {
            self.take(event).await;
        }
        self.ended(outcome)
    }

    async fn take(&mut self, event: SeatEvent) {
        let SeatEvent::Text(piece) = event else {
            self.host.show(&self.call, &event);
            return;
        };
        let clean = self.sieve.push(&piece);
        if clean.is_empty() {
            return;
        }
        self.text.push_str(&clean);
        self.host.show(&self.call, &SeatEvent::Text(clean));
        let now = self.host.clock().now();
        if self.first_text_at.is_none() {
            self.first_text_at = Some(now);
            best_effort(self.host.first_text(&self.call, now).await);
        }
        if self.checkpoint_at.is_none() {
            self.checkpoint_at = Some(now.plus_millis(CHECKPOINT_MILLIS));
        }
    }

    async fn checkpoint(&mut self) {
        self.checkpoint_at = None;
        if self.text.len() > self.kept_bytes {
            self.kept_bytes = self.text.len();
            best_effort(self.host.checkpoint(&self.call, &self.text).await);
        }
    }

    fn ended(self, outcome: SeatOutcome) -> EndedCall {
        let ended_at = self.host.clock().now();
        let end = match outcome {
            Ok(answer) => self.answered(answer),
            Err(failure) => self.failed(failure),
        };
        EndedCall {
            call: self.call,
            first_text_at: self.first_text_at,
            ended_at,
            end,
        }
    }

    fn answered(&self, answer: SeatAnswer) -> CallEnd {
        let clean = cleaned(&answer.text);
        if clean.trim().is_empty() {
            return CallEnd::Failure {
                code: SeatErrorCode::ProviderError,
                message: format!("The model ended ({}) without a word.", answer.finish_reason),
                partial_text: String::new(),
                usage: answer.usage,
                finish_reason: Some(cleaned(&answer.finish_reason)),
            };
        }
        let (text, claim_confidence) = match self.call.purpose {
            Purpose::Respond => {
                let untagged = untag(&clean);
                (untagged.text, untagged.scores)
            }
            // Data is read as data; what it scores stands in members of its own.
            Purpose::React | Purpose::Recap | Purpose::Synthesis | Purpose::ManagedAgent => {
                (clean, Vec::new())
            }
        };
        // Looked for in the text as served: whatever hid a nonce has left it by now.
        if repeats_a_fence(&text, &self.nonces) {
            return CallEnd::Failure {
                code: SeatErrorCode::ProviderError,
                message: "The answer repeats a fence of its own prompt and was refused.".to_owned(),
                partial_text: String::new(),
                usage: answer.usage,
                finish_reason: Some(cleaned(&answer.finish_reason)),
            };
        }
        CallEnd::Answer {
            text,
            claim_confidence,
            usage: answer.usage,
            finish_reason: cleaned(&answer.finish_reason),
            is_partial: answer.is_partial,
        }
    }

    fn failed(&self, failure: SeatFailure) -> CallEnd {
        // A program that ends is not a person who stops a seat.
        let interrupted =
            failure.code == SeatErrorCode::Cancelled && self.control.shutdown.is_cancelled();
        CallEnd::Failure {
            code: if interrupted {
                SeatErrorCode::StreamInterrupted
            } else {
                failure.code
            },
            message: if interrupted {
                CLOSED_MIDWAY.to_owned()
            } else {
                cleaned(&failure.message)
            },
            partial_text: self.served(&failure.partial_text),
            usage: failure.usage,
            finish_reason: None,
        }
    }

    /// A text as it is served: an answer leaves its scores behind, also half of one.
    fn served(&self, text: &str) -> String {
        let clean = cleaned(text);
        match self.call.purpose {
            Purpose::Respond => untag(&clean).text,
            Purpose::React | Purpose::Recap | Purpose::Synthesis | Purpose::ManagedAgent => clean,
        }
    }
}

/// What is lost here is only lost if the program dies before the call ends; the call goes on.
fn best_effort(kept: Result<(), HostFault>) {
    if let Err(fault) = kept {
        tracing::warn!(%fault, "a running call's progress was not kept");
    }
}

async fn due<H: RoundHost + ?Sized>(host: &H, moment: Option<Timestamp>) {
    match moment {
        Some(moment) => host.clock().sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
