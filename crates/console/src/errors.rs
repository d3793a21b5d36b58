//! Faults of the parts, as the wire tells them. The chain of causes stays in the log.

use husting_domain::time::Timestamp;
use husting_store::{AgentRequire, BackupError, CommitError, Require, StoreError};
use husting_wallet::preflight::{CreditExhausted, Shortage};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

/// Turns a part's fault into what leaves, logging its causes.
pub trait Outward<T> {
    /// The same result with an error of the wire.
    ///
    /// # Errors
    /// The fault, with a code.
    fn outward(self) -> Result<T, Error>;
}

impl<T> Outward<T> for Result<T, StoreError> {
    fn outward(self) -> Result<T, Error> {
        self.map_err(|fault| store_fault(&fault))
    }
}

impl<T> Outward<T> for Result<T, CommitError> {
    fn outward(self) -> Result<T, Error> {
        self.map_err(|fault| commit_fault(&fault))
    }
}

impl<T> Outward<T> for Result<T, BackupError> {
    fn outward(self) -> Result<T, Error> {
        self.map_err(|fault| {
            tracing::info!(%fault, "a backup was not written");
            let code = match fault {
                BackupError::Exists { .. } => ErrorCode::AlreadyExists,
                _ => ErrorCode::StoreUnavailable,
            };
            Error::new(code, format!("The backup was not written: {fault}."))
        })
    }
}

/// A read that failed.
#[must_use]
pub fn store_fault(fault: &StoreError) -> Error {
    log(fault);
    let error = Error::new(
        ErrorCode::StoreUnavailable,
        format!("The store cannot be used: {fault}. Nothing was half-written."),
    );
    with_reason(error, fault)
}

/// A write that failed.
#[must_use]
pub fn commit_fault(fault: &CommitError) -> Error {
    match fault {
        // Somebody was faster; that is no fault of ours.
        CommitError::Refused(require) => tracing::debug!(?require, "a change came too late"),
        CommitError::Store(_) | CommitError::Constraint(_) => log(fault),
    }
    let nothing_kept = |code| Error::new(code, format!("Nothing was kept: {fault}."));
    match fault {
        CommitError::Store(fault) => with_reason(nothing_kept(ErrorCode::StoreUnavailable), fault),
        CommitError::Refused(require) => refused(require),
        CommitError::Constraint(_) => nothing_kept(ErrorCode::Internal),
    }
}

/// A precondition that did not hold, as whoever asked should read it.
fn refused(require: &Require) -> Error {
    match require {
        Require::SessionStatus(..)
        | Require::NoRoundInProgress(_)
        | Require::RoundCount(..)
        | Require::NewestRound(..) => Error::new(
            ErrorCode::SessionBusy,
            "A round of this session is in flight. Wait for it, or cancel it.",
        ),
        Require::RoundInProgress(_)
        | Require::CallOpen(_)
        | Require::WalletVersion(_)
        | Require::DraftAt(..) => Error::new(
            ErrorCode::SessionBusy,
            "This changed while it was being changed; nothing was kept. Try again.",
        ),
        Require::NoProvider(name) => Error::new(
            ErrorCode::AlreadyExists,
            format!("There is a provider called {name} already."),
        ),
        Require::Provider(name) => Error::new(
            ErrorCode::NotFound,
            format!("There is no provider called {name} any more."),
        ),
        Require::LiveKey(_) => {
            Error::new(ErrorCode::InvalidToken, "This key has just been revoked.")
        }
        Require::Replay(..) | Require::NoTwin { .. } => Error::new(
            ErrorCode::SessionBusy,
            "The same request is being taken in.",
        ),
        Require::FewerRounds { day, limit, .. } => Error::new(
            ErrorCode::DailyLimitReached,
            format!("All the rounds of this day have been begun: {limit}."),
        )
        .with(json!({ (RESETS_AT): day.next_day_start(), "limit": limit })),
        Require::Agent(AgentRequire::TenantToken(_)) => Error::new(
            ErrorCode::InvalidToken,
            "This tenant's token has just been replaced by a newer one. Nothing was kept.",
        ),
        Require::Agent(_) | Require::Bus(_) => Error::new(
            ErrorCode::InvalidState,
            "This changed while it was being changed; nothing was kept. Try again.",
        ),
    }
}

/// Says beside the moment at which a day's rounds come again how long it is until then.
#[must_use]
pub fn with_time_to_reset(mut error: Error, now: Timestamp) -> Error {
    let Some(details) = &mut error.details else {
        return error;
    };
    let resets_at = details.get(RESETS_AT).cloned();
    let resets_at = resets_at.and_then(|at| serde_json::from_value::<Timestamp>(at).ok());
    if let Some(resets_at) = resets_at {
        let seconds = resets_at.millis_since(now).max(0).cast_unsigned();
        details["retry_after_seconds"] = json!(seconds.div_ceil(1_000).max(1));
    }
    error
}

fn reason(error: &Error) -> Option<&serde_json::Value> {
    error.details.as_ref()?.get(REASON)
}

/// Whether the store refused because its disk is full, which hinders no read.
#[must_use]
pub fn is_out_of_space(error: &Error) -> bool {
    error.code == ErrorCode::StoreUnavailable
        && reason(error).is_some_and(|reason| reason == DISK_FULL)
}

/// The detail of a store's failure that a client can act on.
const REASON: &str = "reason";
/// When the next of a key's days begins.
const RESETS_AT: &str = "resets_at";
const DISK_FULL: &str = "disk_full";

fn with_reason(error: Error, fault: &StoreError) -> Error {
    match fault {
        StoreError::DiskFull(_) => error.with(json!({ (REASON): DISK_FULL })),
        _ => error,
    }
}

/// What helps against a lack of money, as a sentence.
fn way(refused: &CreditExhausted) -> String {
    match refused.shortage {
        // A session's limit is for all its rounds.
        Shortage::Session { used, .. } => {
            format!("Raise that limit to {} or more.", used + refused.needed)
        }
        // No reset brings as much.
        Shortage::Balance { .. }
            if refused
                .after_reset
                .is_some_and(|most| most < refused.needed) =>
        {
            format!(
                "Raise the limit{}: next month's would not cover it either.",
                to(refused)
            )
        }
        Shortage::Balance { .. } | Shortage::Holds { .. } => {
            format!("Raise the limit{}, or wait for the reset.", to(refused))
        }
    }
}

/// The monthly limit that is enough.
fn to(refused: &CreditExhausted) -> String {
    let enough = refused.enough;
    enough.map_or_else(String::new, |enough| format!(" to {enough} or more"))
}

/// The wallet's refusal with the contract's figures, in micro-dollars.
#[must_use]
pub fn credit_exhausted(refused: &CreditExhausted) -> Error {
    let way = way(refused);
    Error::new(
        ErrorCode::CreditExhausted,
        format!("Nothing was called: {refused}. {way}"),
    )
    .with(with_uses(
        refused,
        json!({
            "effective_balance": refused.effective_balance,
            "free": refused.free,
            "subscription": refused.subscription,
            "refill": refused.refill,
            "per_model_minimum": refused.per_model_minimum,
            "next_reset_at": refused.next_reset_at,
            "needed": refused.needed,
            "limited_by": match refused.shortage {
                Shortage::Balance { .. } => "balance",
                Shortage::Holds { .. } => "holds",
                Shortage::Session { .. } => "session",
            },
        }),
    ))
}

/// The same figures, and what is held, or used of the session's limit, where that is the reason.
fn with_uses(refused: &CreditExhausted, mut figures: serde_json::Value) -> serde_json::Value {
    if let Some(held) = refused.held() {
        figures["held"] = json!(held);
    }
    if let Shortage::Session { used, .. } = refused.shortage {
        figures["used"] = json!(used);
    }
    figures
}

fn log(fault: &dyn std::error::Error) {
    let causes: Vec<String> = std::iter::successors(fault.source(), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    tracing::error!(fault = %fault, ?causes, "a part of the console failed");
}
