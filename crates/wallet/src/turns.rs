//! Setting money aside for one answer of an agent that Husting runs, within what that agent may
//! spend in a day.

use husting_domain::calls::Purpose;
use husting_domain::ids::{AgentId, HoldId, MessageId};
use husting_domain::ledger::{Hold, Occasion};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, tokens_from_above};
use husting_domain::time::Timestamp;

use crate::holds::at_most;
use crate::preflight::{CreditExhausted, cover};
use crate::wallet::Wallet;

/// A turn that asks for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRequest {
    /// Whose.
    pub agent_id: AgentId,
    /// The message it answers.
    pub message_id: MessageId,
    /// The seat.
    pub model: ModelId,
    /// What it costs; [`Price::FREE`] for one that bills nothing.
    pub price: Price,
    /// UTF-8 bytes of everything it reads.
    pub prompt_bytes: u64,
    /// Most tokens it is asked for.
    pub max_output_tokens: u64,
    /// What the agent's turns were charged since the day began, refunds deducted.
    pub spent_today: MicroUsd,
    /// Most that they may be charged in a day; `None` where the wallet alone decides.
    pub daily_limit: Option<MicroUsd>,
}

/// Why a turn may not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnRefused {
    /// The wallet does not cover it.
    #[error(transparent)]
    Credit(#[from] CreditExhausted),
    /// The agent's own limit of the day does not.
    #[error("{used} of the agent's {limit} of this day is used")]
    Day {
        /// The limit.
        limit: MicroUsd,
        /// What its turns spent and hold.
        used: MicroUsd,
    },
}

/// Sets aside what the turn can cost at the most; `None` for one that bills nothing.
///
/// # Errors
/// [`TurnRefused`] when the wallet or the agent's limit does not cover it.
pub fn plan(
    wallet: &Wallet,
    request: &TurnRequest,
    now: Timestamp,
    next_id: impl FnOnce() -> HoldId,
) -> Result<Option<Hold>, TurnRefused> {
    let markup = wallet.terms.markup_for(Purpose::ManagedAgent);
    let input = tokens_from_above(request.prompt_bytes);
    let amount = at_most(&request.price, markup, input, request.max_output_tokens);
    if amount <= MicroUsd::ZERO {
        return Ok(None);
    }
    cover(wallet, amount, now)?;
    let used = request.spent_today + held_for(wallet, request.agent_id);
    if let Some(limit) = request.daily_limit
        && limit - used < amount
    {
        return Err(TurnRefused::Day { limit, used });
    }
    Ok(Some(Hold {
        id: next_id(),
        occasion: Occasion::Turn {
            agent_id: request.agent_id,
            message_id: request.message_id,
        },
        model: request.model.clone(),
        purpose: Purpose::ManagedAgent,
        amount,
        max_output_tokens: request.max_output_tokens,
        at: now,
    }))
}

fn held_for(wallet: &Wallet, agent: AgentId) -> MicroUsd {
    let is_its = |hold: &&Hold| matches!(hold.occasion, Occasion::Turn { agent_id, .. } if agent_id == agent);
    let holds = wallet.holds.iter().filter(is_its);
    holds.map(|hold| hold.amount).sum()
}
