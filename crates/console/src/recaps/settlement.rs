//! The end of a writer's call: its words, what they cost and the summary they make, as one unit.

use husting_deliberation::hygiene::cleaned;
use husting_deliberation::prompts::repeats_a_fence;
use husting_deliberation::recaps::Assignment;
use husting_domain::calls::{CLOSED_MIDWAY, Call, CallState, SeatErrorCode};
use husting_domain::exchange::{SeatAnswer, SeatFailure};
use husting_domain::ids::HoldId;
use husting_domain::money::{MicroUsd, Price};
use husting_domain::rounds::Round;
use husting_store::{Require, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};

use super::call::Heard;
use super::errand::Errand;
use super::standing::Change;
use crate::Inner;
use crate::errors::Outward;
use crate::halt::{self, Step};
use crate::running::settled;

/// Rounds may begin between a look at them and the commit; this often is looked again.
const LOOKS: usize = 4;

/// A call as it ended, with what came of it.
pub(super) struct Ended {
    pub row: Call,
    pub hold: Option<HoldId>,
    pub result: Result<Change, Miss>,
}

/// Why a call made no summary.
pub(super) enum Miss {
    /// There are words, and they are no summary: asking once more is worth it.
    Unusable { text: String, why: String },
    /// There is nothing to go on with.
    Failed(Why),
}

/// What went wrong with a writer.
pub(super) struct Why {
    pub code: SeatErrorCode,
    /// A sentence.
    pub message: String,
}

impl Why {
    pub fn new(code: SeatErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl Ended {
    /// What a call is worth. One whose words are no summary failed, though it is paid for.
    pub fn of(heard: Heard, errand: &Errand<'_>, assignment: &Assignment, inner: &Inner) -> Self {
        let Heard { row, hold, outcome } = heard;
        let row = Call {
            ended_at: Some(inner.now()),
            ..row
        };
        let (row, result) = match outcome {
            Ok(answer) => answered(row, answer, errand, assignment),
            Err(failure) => failed(row, failure, inner.shutdown.is_cancelled()),
        };
        Self { row, hold, result }
    }
}

fn answered(
    row: Call,
    answer: SeatAnswer,
    errand: &Errand<'_>,
    assignment: &Assignment,
) -> (Call, Result<Change, Miss>) {
    let text = cleaned(&answer.text);
    let row = Call {
        state: CallState::Final,
        usage: answer.usage,
        finish_reason: Some(cleaned(&answer.finish_reason)),
        is_partial: answer.is_partial,
        ..row
    };
    let result = if text.trim().is_empty() {
        let reason = row.finish_reason.as_deref().unwrap_or_default();
        let sentence = format!("The model ended ({reason}) without a word.");
        Err(Miss::Failed(Why::new(
            SeatErrorCode::ProviderError,
            sentence,
        )))
    } else if repeats_a_fence(&text, std::slice::from_ref(&assignment.nonce)) {
        let sentence = "The answer repeats a fence of its own prompt and was refused.";
        Err(Miss::Failed(Why::new(
            SeatErrorCode::ProviderError,
            sentence,
        )))
    } else {
        errand
            .read(&text, &row.model)
            .map_err(|why| Miss::Unusable {
                text: text.clone(),
                why: why.to_string(),
            })
    };
    let message = match &result {
        Ok(_) => return (Call { text, ..row }, result),
        Err(Miss::Unusable { why, .. }) => format!("The summary could not be read: {why}."),
        Err(Miss::Failed(why)) => why.message.clone(),
    };
    let row = Call {
        state: CallState::Error,
        text,
        error_code: Some(SeatErrorCode::ProviderError),
        error_message: Some(message),
        finish_reason: None,
        is_partial: false,
        ..row
    };
    (row, result)
}

fn failed(row: Call, failure: SeatFailure, is_closing: bool) -> (Call, Result<Change, Miss>) {
    // A program that ends is not a person who stops a seat.
    let interrupted = is_closing && failure.code == SeatErrorCode::Cancelled;
    let (code, message) = if interrupted {
        (SeatErrorCode::StreamInterrupted, CLOSED_MIDWAY.to_owned())
    } else {
        (failure.code, cleaned(&failure.message))
    };
    let row = Call {
        state: CallState::Error,
        text: cleaned(&failure.partial_text),
        usage: failure.usage,
        error_code: Some(code),
        error_message: Some(message.clone()),
        closed: interrupted,
        ..row
    };
    (row, Err(Miss::Failed(Why::new(code, message))))
}

impl Inner {
    /// Keeps the ended call, its debit and what stands from now on as one unit, until the store
    /// takes it or the program ends. Returns whether the change was kept: not when the round has
    /// been taken up again meanwhile.
    pub(super) async fn settle_summary(
        &self,
        errand: &Errand<'_>,
        ended: &Ended,
        price: Price,
    ) -> Result<bool, Error> {
        loop {
            match self.settle_now(errand, ended, price).await {
                Err(fault) if self.may_mend(&fault).await => {}
                settled => return settled,
            }
        }
    }

    async fn settle_now(
        &self,
        errand: &Errand<'_>,
        ended: &Ended,
        price: Price,
    ) -> Result<bool, Error> {
        let mut looks = 0;
        loop {
            looks += 1;
            // What looked lost may have been kept after all, or ended by somebody else.
            let stored = self.store.call(&errand.place.tenant, ended.row.id).await;
            let stored = stored.outward()?;
            let stored = stored.ok_or_else(|| Error::not_found("session"))?;
            if stored.state.is_terminal() {
                return Ok(stored.state == CallState::Final);
            }
            match self.settle_as_it_stands(errand, ended, price).await {
                Err(fault) if fault.code == ErrorCode::SessionBusy && looks < LOOKS => {}
                settled => return settled,
            }
        }
    }

    async fn settle_as_it_stands(
        &self,
        errand: &Errand<'_>,
        ended: &Ended,
        price: Price,
    ) -> Result<bool, Error> {
        let (tenant, at) = (&errand.place.tenant, self.now());
        let row = Call {
            cost: price.cost(&ended.row.usage),
            ..ended.row.clone()
        };
        let _turn = self.summaries.turn.lock().await;
        let rounds = self.rounds_of(errand.place).await?;
        let change = ended.result.as_ref().ok();
        let change = change.filter(|change| holds_still(errand, change, &rounds));
        let writes = change.map(|change| change.writes(errand.place.session, &rounds, at));
        let mut more = Unit::of(tenant.clone()).writes(writes.into_iter().flatten());
        more.requires.extend(still(errand, change, &rounds));
        halt::at(Step::BeforeCommit).await;
        if ended.hold.is_none() && row.cost == MicroUsd::ZERO {
            // Nothing to pay: the wallet is not even read.
            more.requires.push(Require::CallOpen(row.id));
            more.writes.insert(0, Write::FinishCall(row));
            self.store.commit(more).await.outward()?;
        } else {
            self.change_wallet(tenant, |wallet| {
                let mut unit = settled(tenant, wallet, &row, price, ended.hold, at)?;
                unit.requires.extend(more.requires.iter().cloned());
                Ok((unit.writes(more.writes.iter().cloned()), ()))
            })
            .await?;
        }
        halt::at(Step::AfterCommit).await;
        Ok(change.is_some())
    }
}

/// Whether the words still sum up what is there: a round that is tried again gets another recap.
fn holds_still(errand: &Errand<'_>, change: &Change, rounds: &[Round]) -> bool {
    match change {
        Change::Recap(..) => rounds.iter().any(|round| errand.edition().is_still(round)),
        Change::Synthesis(_) => true,
    }
}

/// What must hold so that the round is not taken up again between the look at it and the commit:
/// only the newest can be.
fn still(errand: &Errand<'_>, change: Option<&Change>, rounds: &[Round]) -> Option<Require> {
    let is_newest = rounds.last().is_some_and(|last| last.id == errand.round.id);
    match change {
        Some(Change::Recap(..)) if is_newest => {
            Some(Require::NoRoundInProgress(errand.place.session))
        }
        Some(Change::Recap(..) | Change::Synthesis(_)) | None => None,
    }
}
