//! Setting money aside for one summary: a single call, at cost, whose output is never lowered. Half
//! a summary is none, so a wallet that cannot cover a whole one refuses it.

use husting_domain::calls::Purpose;
use husting_domain::ids::{HoldId, RoundId};
use husting_domain::ledger::{Hold, Occasion};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, Usage, tokens_from_above};
use husting_domain::time::Timestamp;

use crate::holds::at_most;
use crate::preflight::{CreditExhausted, SessionSpending, preflight};
use crate::wallet::Wallet;

/// Tokens that a summary typically has at the least.
const SHORT_TOKENS: u64 = 300;

/// A recap or synthesis that asks for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRequest {
    /// Its session, with what that may spend.
    pub session: SessionSpending,
    /// The round it is booked with.
    pub round_id: RoundId,
    /// Who writes it.
    pub model: ModelId,
    /// Which of the two.
    pub purpose: Purpose,
    /// What the model costs; [`Price::FREE`] for one that bills nothing.
    pub price: Price,
    /// UTF-8 bytes of everything it reads.
    pub prompt_bytes: u64,
    /// Most tokens it is asked for.
    pub max_output_tokens: u64,
}

/// Sets aside what the call can cost at the most; `None` for one that bills nothing.
///
/// # Errors
/// [`CreditExhausted`] when the wallet or the session's limit does not cover it.
pub fn plan(
    wallet: &Wallet,
    request: &SummaryRequest,
    now: Timestamp,
    next_id: impl FnOnce() -> HoldId,
) -> Result<Option<Hold>, CreditExhausted> {
    let markup = wallet.terms.markup_for(request.purpose);
    let input = tokens_from_above(request.prompt_bytes);
    let amount = at_most(&request.price, markup, input, request.max_output_tokens);
    preflight(wallet, &request.session, &[], amount, now)?;
    Ok((amount > MicroUsd::ZERO).then(|| Hold {
        id: next_id(),
        occasion: Occasion::Round {
            session_id: request.session.session_id,
            round_id: request.round_id,
        },
        model: request.model.clone(),
        purpose: request.purpose,
        amount,
        max_output_tokens: request.max_output_tokens,
        at: now,
    }))
}

/// What one summary costs, at cost: probably not less, and never more.
#[must_use]
pub fn range(price: &Price, bytes: (u64, u64), max_output_tokens: u64) -> (MicroUsd, MicroUsd) {
    let (least, most) = bytes;
    let short = Usage {
        input: least.div_ceil(4),
        output: SHORT_TOKENS.min(max_output_tokens),
        ..Usage::default()
    };
    let high = at_most(price, 0, tokens_from_above(most), max_output_tokens);
    (price.cost(&short), high)
}
