//! Whether a wallet can begin what is asked, and the figures it refuses with.

use husting_domain::ids::SessionId;
use husting_domain::ledger::Account;
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;

use crate::terms::SubscriptionStatus;
use crate::wallet::Wallet;

/// What a session may spend over all its rounds, and has spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSpending {
    /// The session.
    pub session_id: SessionId,
    /// Most that all its rounds may cost; `None` where the wallet alone decides.
    pub limit: Option<MicroUsd>,
    /// What its calls were charged so far, refunds deducted.
    pub spent: MicroUsd,
}

/// The wallet cannot pay what is asked: `credit_exhausted`. Nothing was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs {needed} and {shortage}")]
pub struct CreditExhausted {
    /// The sum of the buckets; counts no holds.
    pub effective_balance: MicroUsd,
    /// The free bucket.
    pub free: MicroUsd,
    /// The subscription bucket.
    pub subscription: MicroUsd,
    /// The refill bucket.
    pub refill: MicroUsd,
    /// The largest minimum among the requested models.
    pub per_model_minimum: MicroUsd,
    /// The lowest monthly limit under which the wallet covers it; `None` where the session's own stands in the way.
    pub enough: Option<MicroUsd>,
    /// Most that the wallet has after the next reset, where nothing is added; `None` without a limit.
    pub after_reset: Option<MicroUsd>,
    /// When the free bucket is reset.
    pub next_reset_at: Timestamp,
    /// What was needed at the least: with so much free, the same is admitted.
    pub needed: MicroUsd,
    /// What stands in the way.
    pub shortage: Shortage,
}

/// What stands in the way of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// The buckets hold too little.
    Balance {
        /// What they hold, together.
        balance: MicroUsd,
    },
    /// The buckets hold enough, and other calls' holds are the reason.
    Holds {
        /// What is held.
        held: MicroUsd,
    },
    /// The session's own limit.
    Session {
        /// The limit.
        limit: MicroUsd,
        /// What it spent and holds.
        used: MicroUsd,
    },
}

impl std::fmt::Display for Shortage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Balance { balance } => write!(f, "the wallet has {balance}"),
            Self::Holds { held } => write!(f, "{held} is held for calls that still run"),
            Self::Session { limit, used } => {
                write!(f, "{used} of the session's limit of {limit} is used")
            }
        }
    }
}

impl CreditExhausted {
    /// What other calls hold, where that is the reason: the contract's `held_usd`.
    #[must_use]
    pub const fn held(&self) -> Option<MicroUsd> {
        match self.shortage {
            Shortage::Holds { held } => Some(held),
            Shortage::Balance { .. } | Shortage::Session { .. } => None,
        }
    }
}

/// What is neither spent nor held of the session's own limit; `None` where it has none.
#[must_use]
pub fn session_left(wallet: &Wallet, session: &SessionSpending) -> Option<MicroUsd> {
    let limit = session.limit?;
    Some((limit - used(wallet, session)).max(MicroUsd::ZERO))
}

/// Most that may be set aside now for calls of the session; `None` where nothing limits it.
#[must_use]
pub fn budget(wallet: &Wallet, session: &SessionSpending) -> Option<MicroUsd> {
    match (wallet.available(), session_left(wallet, session)) {
        (Some(available), Some(left)) => Some(available.min(left)),
        (available, left) => available.or(left),
    }
}

/// Checks that the wallet covers the sum of the requested models' minimums, seats that bill nothing
/// counting 0, and `least_hold`, what the smallest round sets aside. Both at once, so that the
/// refusal names what is enough. Returns the least that must be free.
///
/// # Errors
/// [`CreditExhausted`] when balance less holds, or the session's limit, is below either.
pub fn preflight(
    wallet: &Wallet,
    session: &SessionSpending,
    minimums: &[MicroUsd],
    least_hold: MicroUsd,
    now: Timestamp,
) -> Result<MicroUsd, CreditExhausted> {
    let needed = least_hold.max(minimums.iter().copied().sum());
    match shortage(wallet, session, needed) {
        None => Ok(needed),
        Some(shortage) => Err(exhausted(wallet, minimums, needed, shortage, now)),
    }
}

/// Checks that the wallet alone covers `needed`.
///
/// # Errors
/// [`CreditExhausted`] when balance less holds is below it.
pub fn cover(wallet: &Wallet, needed: MicroUsd, now: Timestamp) -> Result<(), CreditExhausted> {
    match too_little(wallet, needed) {
        None => Ok(()),
        Some(shortage) => Err(exhausted(wallet, &[], needed, shortage, now)),
    }
}

fn exhausted(
    wallet: &Wallet,
    minimums: &[MicroUsd],
    needed: MicroUsd,
    shortage: Shortage,
    now: Timestamp,
) -> CreditExhausted {
    CreditExhausted {
        effective_balance: wallet.effective_balance(),
        free: wallet.balance(Account::Free),
        subscription: wallet.balance(Account::Subscription),
        refill: wallet.balance(Account::Refill),
        per_model_minimum: minimums.iter().copied().max().unwrap_or_default(),
        enough: match shortage {
            Shortage::Balance { .. } | Shortage::Holds { .. } => enough(wallet, needed, now),
            Shortage::Session { .. } => None,
        },
        after_reset: wallet
            .terms
            .monthly_grant
            .map(|grant| after_reset(wallet, grant)),
        next_reset_at: Wallet::resets_at(now),
        needed,
        shortage,
    }
}

fn enough(wallet: &Wallet, needed: MicroUsd, now: Timestamp) -> Option<MicroUsd> {
    let limit = wallet.terms.monthly_grant?;
    let free = wallet.effective_balance() - wallet.held();
    Some(sufficient_limit(
        limit,
        wallet.limit_used(now),
        free,
        needed,
    ))
}

/// The lowest monthly limit under which what sets aside `least` is paid, as much as is gone of the month: of `limit`
/// `used` was spent, and `free` is neither spent nor held, top-ups included. Zero where those pay it.
#[must_use]
pub fn sufficient_limit(
    limit: MicroUsd,
    used: MicroUsd,
    free: MicroUsd,
    least: MicroUsd,
) -> MicroUsd {
    // Where the limit was lowered below what it paid already, nothing is left of it.
    let beside = free - (limit - used).max(MicroUsd::ZERO);
    let short = least - beside;
    if short > MicroUsd::ZERO {
        used + short
    } else {
        MicroUsd::ZERO
    }
}

/// What a plan brings counts while it is active; what is left of it and of refills is carried over.
fn after_reset(wallet: &Wallet, grant: MicroUsd) -> MicroUsd {
    let plan = wallet.terms.subscription;
    let renewed = match plan.status {
        Some(SubscriptionStatus::Active) => plan.monthly_credit,
        _ => MicroUsd::ZERO,
    };
    grant + renewed + wallet.balance(Account::Subscription) + wallet.balance(Account::Refill)
}

fn shortage(wallet: &Wallet, session: &SessionSpending, needed: MicroUsd) -> Option<Shortage> {
    if needed <= MicroUsd::ZERO {
        return None;
    }
    if let Some(shortage) = too_little(wallet, needed) {
        return Some(shortage);
    }
    let used = used(wallet, session);
    let limit = session.limit.filter(|limit| *limit - used < needed)?;
    Some(Shortage::Session { limit, used })
}

/// What of the wallet itself stands in the way.
fn too_little(wallet: &Wallet, needed: MicroUsd) -> Option<Shortage> {
    // What costs nothing needs nothing, however empty the wallet is.
    let is_covered = needed <= MicroUsd::ZERO
        || wallet
            .available()
            .is_none_or(|available| available >= needed);
    if is_covered {
        return None;
    }
    let balance = wallet.effective_balance();
    let held = wallet.held();
    Some(if balance < needed {
        Shortage::Balance { balance }
    } else {
        Shortage::Holds { held }
    })
}

fn used(wallet: &Wallet, session: &SessionSpending) -> MicroUsd {
    session.spent + wallet.held_by(session.session_id)
}
