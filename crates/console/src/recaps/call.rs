//! One call of a writer: its money set aside, its words kept as they come.

use std::pin::pin;

use husting_deliberation::hygiene::cleaned;
use husting_deliberation::recaps::Assignment;
use husting_deliberation::round::CallPlan;
use husting_domain::calls::Call;
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::ids::HoldId;
use husting_domain::models::SeatKind;
use husting_domain::time::Timestamp;
use husting_seats::CallTerms;
use husting_store::{Unit, Write};
use husting_wallet::preflight::SessionSpending;
use husting_wallet::summaries::{self, SummaryRequest};
use husting_wire::errors::{Error, ErrorCode};
use tokio::sync::mpsc;

use super::errand::Errand;
use super::standing::Place;
use crate::catalog::Entry;
use crate::convene::queued_call;
use crate::errors::credit_exhausted;
use crate::halt::{self, Step};
use crate::pauses::due;
use crate::seating::{LOCAL_SECONDS, check_window};
use crate::{Inner, chance};

/// How long a writer may take, in seconds.
const SECONDS: u32 = 150;

/// How long a local one may, in seconds: its turn may come after that of a
/// round's seat on its machine.
const LOCAL_WRITER_SECONDS: u32 = 2 * LOCAL_SECONDS;

/// Milliseconds between checkpoints of what was written so far.
const CHECKPOINT_MILLIS: i64 = 1_000;

/// A call that has ended and is not settled yet.
pub(super) struct Heard {
    /// As it was queued, with when the first words came.
    pub row: Call,
    pub hold: Option<HoldId>,
    pub outcome: SeatOutcome,
}

/// What came of calling a writer.
pub(super) enum Called {
    Heard(Box<Heard>),
    /// Nobody was called; a sentence says why.
    Refused(String),
}

impl Inner {
    /// Calls the writer, if the prompt fits and the wallet covers it.
    pub(super) async fn call_writer(
        &self,
        errand: &Errand<'_>,
        entry: &Entry,
        assignment: &Assignment,
    ) -> Result<Called, Error> {
        if errand.place.stop.is_cancelled() {
            return Ok(Called::Refused(self.why_stopped().to_owned()));
        }
        let cap = assignment.prompt.max_output_tokens;
        let prompt = Prompt {
            max_output_tokens: cap.min(entry.model.max_output_tokens),
            ..assignment.prompt.clone()
        };
        if let Err(failure) = check_window(entry, &prompt) {
            return Ok(Called::Refused(failure.message));
        }
        let now = self.now();
        let call = CallPlan {
            id: chance::call_id(),
            model: entry.model.id.clone(),
            purpose: errand.purpose(),
            started_at: now,
            deadline_at: now.plus_millis(i64::from(seconds_of(entry.model.kind)) * 1_000),
        };
        let row = queued_call(
            &call,
            errand.session,
            errand.round,
            prompt.bytes().div_ceil(4),
        );
        let hold = match self.open_summary(errand, entry, &prompt, &row).await {
            Ok(hold) => hold,
            Err(refused) if refused.code == ErrorCode::CreditExhausted => {
                return Ok(Called::Refused(refused.message));
            }
            Err(fault) => return Err(fault),
        };
        halt::at(Step::Holding).await;
        let (first_text_at, outcome) = self.listen(errand, &call, &prompt).await;
        let row = Call {
            first_text_at,
            ..row
        };
        Ok(Called::Heard(Box::new(Heard { row, hold, outcome })))
    }

    /// Keeps the call with its hold in one unit, before anybody is called.
    async fn open_summary(
        &self,
        errand: &Errand<'_>,
        entry: &Entry,
        prompt: &Prompt,
        row: &Call,
    ) -> Result<Option<HoldId>, Error> {
        let Place {
            tenant, session, ..
        } = errand.place;
        let request = SummaryRequest {
            session: SessionSpending {
                session_id: *session,
                limit: errand.session.spend_limit,
                spent: self.charged_to(tenant, *session).await?,
            },
            round_id: errand.round.id,
            model: entry.model.id.clone(),
            purpose: errand.purpose(),
            price: entry.price(),
            prompt_bytes: prompt.bytes(),
            max_output_tokens: prompt.max_output_tokens,
        };
        self.change_wallet(tenant, |wallet| {
            let hold = summaries::plan(wallet, &request, self.now(), chance::hold_id)
                .map_err(|refused| credit_exhausted(&refused))?;
            let id = hold.as_ref().map(|hold| hold.id);
            let unit = Unit::of(tenant.clone())
                .write(Write::InsertCall(row.clone()))
                .writes(hold.map(Write::OpenHold));
            Ok((unit, id))
        })
        .await
    }

    /// Makes the call, and keeps what a crash would be glad of.
    async fn listen(
        &self,
        errand: &Errand<'_>,
        call: &CallPlan,
        prompt: &Prompt,
    ) -> (Option<Timestamp>, SeatOutcome) {
        let seat = match self.seat(errand.catalog, &call.model, None).await {
            Ok(seat) => seat,
            Err(failure) => return (None, Err(failure)),
        };
        let terms = CallTerms {
            deadline: call.deadline_at,
            cancel: errand.place.stop.child_token(),
        };
        let (events, mut coming) = mpsc::channel(256);
        let mut asking = pin!(seat.call(prompt, terms, events));
        let mut words = Words::default();
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = coming.recv() => {
                    if let Some(write) = words.take(event, call, self.now()) {
                        self.keep_if_can(errand.place, write).await;
                    }
                }
                outcome = &mut asking => break outcome,
                () = due(&self.clock, words.checkpoint_at) => {
                    self.keep_if_can(errand.place, words.checkpoint(call, self.now())).await;
                }
            }
        };
        while let Ok(event) = coming.try_recv() {
            if let Some(write) = words.take(event, call, self.now()) {
                self.keep_if_can(errand.place, write).await;
            }
        }
        (words.first_at, outcome)
    }

    /// What is lost here is only lost if the program dies before the call ends; the call goes on.
    async fn keep_if_can(&self, place: &Place, write: Write) {
        if let Err(fault) = self.keep(&place.tenant, [write]).await {
            tracing::warn!(%fault, session = %place.session, "a summary's progress was not kept");
        }
    }
}

const fn seconds_of(writer: SeatKind) -> u32 {
    match writer {
        SeatKind::Local => LOCAL_WRITER_SECONDS,
        SeatKind::Api | SeatKind::Rehearsal => SECONDS,
    }
}

/// What a writer has said so far.
#[derive(Default)]
struct Words {
    text: String,
    first_at: Option<Timestamp>,
    checkpoint_at: Option<Timestamp>,
}

impl Words {
    /// Takes in what the seat tells; the first words are to be kept at once.
    fn take(&mut self, event: SeatEvent, call: &CallPlan, now: Timestamp) -> Option<Write> {
        let SeatEvent::Text(piece) = event else {
            return None;
        };
        self.text.push_str(&piece);
        self.checkpoint_at
            .get_or_insert(now.plus_millis(CHECKPOINT_MILLIS));
        if self.first_at.is_some() {
            return None;
        }
        self.first_at = Some(now);
        let call = call.id;
        Some(Write::FirstText { call, at: now })
    }

    fn checkpoint(&mut self, call: &CallPlan, now: Timestamp) -> Write {
        self.checkpoint_at = None;
        let text = cleaned(&self.text);
        Write::CheckpointCall {
            call: call.id,
            text,
            at: now,
        }
    }
}
