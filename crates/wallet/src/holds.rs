//! Setting money aside for a whole round: every seat's answer and reaction together, so that a
//! round can finish what it starts.
//!
//! Where the budget cannot cover the asked output, all paid answers are lowered to one common
//! cap, the largest that fits: no seat writes more than another because it is cheaper. A seat
//! whose own cap is below the common one keeps it, free seats keep theirs, and reactions are
//! never lowered.

use husting_domain::calls::Purpose;
use husting_domain::exchange::REACTION_TOKENS;
use husting_domain::ids::{HoldId, RoundId};
use husting_domain::ledger::{Hold, Occasion};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, Usage, tokens_from_above};
use husting_domain::time::Timestamp;

use crate::preflight::{CreditExhausted, SessionSpending, budget, preflight};
use crate::wallet::Wallet;

/// The smallest cap an answer is lowered to; below it the round is refused, not stunted.
pub const LEAST_ANSWER_TOKENS: u64 = 512;

/// A round, or the part of it that is tried again, that asks for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundRequest {
    /// Its session, with what that may spend.
    pub session: SessionSpending,
    /// The round.
    pub round_id: RoundId,
    /// Most tokens of one answer: the panel's setting.
    pub max_output_tokens: u64,
    /// UTF-8 bytes of what each reaction reads besides the answers of this request; on a retry
    /// that includes the answers that are already there.
    pub reaction_bytes: u64,
    /// The seats that are called, in panel order.
    pub seats: Vec<SeatRequest>,
}

/// One seat's part of a [`RoundRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRequest {
    /// The model.
    pub model: ModelId,
    /// What it costs; [`Price::FREE`] for a seat that bills nothing.
    pub price: Price,
    /// What the wallet must hold for it (see [`crate::terms::WalletTerms::minimum_of`]).
    pub minimum: MicroUsd,
    /// Most tokens the model itself can write.
    pub output_cap: u64,
    /// UTF-8 bytes of everything it reads before it answers.
    pub prompt_bytes: u64,
    /// It is asked for an answer.
    pub answers: bool,
    /// It will be asked for a reaction; `false` on a panel of one.
    pub reacts: bool,
}

/// The calls of an admitted round, by seat in panel order, each answer before its reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundedRound {
    /// The calls.
    pub calls: Vec<PlannedCall>,
    /// With so much free, and no less, the same is admitted, its answers cut to the least.
    pub least: MicroUsd,
}

/// One call of an admitted round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// The output cap to call it with, in tokens.
    pub max_output_tokens: u64,
    /// The wallet lowered that cap: an answer that ends on it is `credit_limit`.
    pub lowered: bool,
    /// To be opened in the unit that opens the round; `None` for a seat that bills nothing.
    pub hold: Option<Hold>,
}

impl FundedRound {
    /// The holds to open.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.calls.iter().filter_map(|call| call.hold.as_ref())
    }

    /// What is set aside in all.
    #[must_use]
    pub fn held(&self) -> MicroUsd {
        self.holds().map(|hold| hold.amount).sum()
    }

    /// One seat's call.
    #[must_use]
    pub fn call(&self, model: &ModelId, purpose: Purpose) -> Option<&PlannedCall> {
        self.calls
            .iter()
            .find(|call| call.purpose == purpose && &call.model == model)
    }
}

/// Admits a round: checks the minimums, then sets aside what every call can cost at the most.
///
/// # Errors
/// [`CreditExhausted`] when the minimums are not covered, or answers would fall below
/// [`LEAST_ANSWER_TOKENS`].
pub fn plan(
    wallet: &Wallet,
    request: &RoundRequest,
    now: Timestamp,
    mut next_id: impl FnMut() -> HoldId,
) -> Result<FundedRound, CreditExhausted> {
    let minimums: Vec<_> = request.seats.iter().map(|seat| seat.minimum).collect();
    let costing = Costing { wallet, request };
    let least = costing.total(costing.least_cap());
    let least = preflight(wallet, &request.session, &minimums, least, now)?;
    let cap = costing.common_cap();
    let calls = request
        .seats
        .iter()
        .flat_map(|seat| costing.calls(seat, cap));
    let calls = calls
        .map(|call| call.planned(request, now, &mut next_id))
        .collect();
    Ok(FundedRound { calls, least })
}

struct Costing<'a> {
    wallet: &'a Wallet,
    request: &'a RoundRequest,
}

/// A call with what it can cost at the most.
struct Costed<'a> {
    seat: &'a SeatRequest,
    purpose: Purpose,
    max_output_tokens: u64,
    lowered: bool,
    amount: MicroUsd,
}

impl<'a> Costing<'a> {
    /// The smallest cap that is no stub.
    fn least_cap(&self) -> u64 {
        self.request.max_output_tokens.min(LEAST_ANSWER_TOKENS)
    }

    /// The largest common cap within the budget, which covers the smallest one.
    fn common_cap(&self) -> u64 {
        let wanted = self.request.max_output_tokens;
        let Some(budget) = budget(self.wallet, &self.request.session) else {
            return wanted;
        };
        if self.total(wanted) <= budget {
            return wanted;
        }
        let (mut fits, mut too_much) = (self.least_cap(), wanted);
        while too_much - fits > 1 {
            let middle = fits.midpoint(too_much);
            if self.total(middle) <= budget {
                fits = middle
            } else {
                too_much = middle
            }
        }
        fits
    }

    fn total(&self, cap: u64) -> MicroUsd {
        self.request
            .seats
            .iter()
            .flat_map(|seat| self.calls(seat, cap))
            .map(|call| call.amount)
            .sum()
    }

    fn calls(&self, seat: &'a SeatRequest, cap: u64) -> impl Iterator<Item = Costed<'a>> {
        let answer = seat.answers.then(|| self.answer(seat, cap));
        let reaction = seat.reacts.then(|| self.reaction(seat, cap));
        answer.into_iter().chain(reaction)
    }

    fn answer(&self, seat: &'a SeatRequest, cap: u64) -> Costed<'a> {
        let output = self.answer_cap(seat, cap);
        let lowered = output < self.answer_cap(seat, self.request.max_output_tokens);
        let amount = self.at_most(
            seat,
            Purpose::Respond,
            tokens_from_above(seat.prompt_bytes),
            output,
        );
        Costed {
            seat,
            purpose: Purpose::Respond,
            max_output_tokens: output,
            lowered,
            amount,
        }
    }

    fn reaction(&self, seat: &'a SeatRequest, cap: u64) -> Costed<'a> {
        let answering = self.request.seats.iter().filter(|other| other.answers);
        let answers: u64 = answering
            .map(|other| self.answer_cap(other, cap))
            .fold(0, u64::saturating_add);
        let input = tokens_from_above(self.request.reaction_bytes).saturating_add(answers);
        let output = REACTION_TOKENS.min(seat.output_cap);
        let amount = self.at_most(seat, Purpose::React, input, output);
        Costed {
            seat,
            purpose: Purpose::React,
            max_output_tokens: output,
            lowered: false,
            amount,
        }
    }

    fn answer_cap(&self, seat: &SeatRequest, cap: u64) -> u64 {
        let cap = if seat.price.is_free() {
            self.request.max_output_tokens
        } else {
            cap
        };
        cap.min(seat.output_cap)
    }

    fn at_most(&self, seat: &SeatRequest, purpose: Purpose, input: u64, output: u64) -> MicroUsd {
        let markup = self.wallet.terms.markup_for(purpose);
        at_most(&seat.price, markup, input, output)
    }
}

/// What one call can be charged at the most. A provider may write the prompt to its cache at a
/// dearer rate, so the dearest one counts.
pub(crate) fn at_most(price: &Price, markup_bps: u32, input: u64, output: u64) -> MicroUsd {
    let read = Usage {
        input,
        output,
        ..Usage::default()
    };
    let cached = Usage {
        cache_write: input,
        output,
        ..Usage::default()
    };
    price
        .charged(&read, markup_bps)
        .max(price.charged(&cached, markup_bps))
        .max(MicroUsd::ZERO)
}

impl Costed<'_> {
    fn planned(
        self,
        request: &RoundRequest,
        at: Timestamp,
        next_id: impl FnOnce() -> HoldId,
    ) -> PlannedCall {
        let Self {
            seat,
            purpose,
            max_output_tokens,
            lowered,
            amount,
        } = self;
        let hold = (amount > MicroUsd::ZERO).then(|| Hold {
            id: next_id(),
            occasion: Occasion::Round {
                session_id: request.session.session_id,
                round_id: request.round_id,
            },
            model: seat.model.clone(),
            purpose,
            amount,
            max_output_tokens,
            at,
        });
        PlannedCall {
            model: seat.model.clone(),
            purpose,
            max_output_tokens,
            lowered,
            hold,
        }
    }
}
