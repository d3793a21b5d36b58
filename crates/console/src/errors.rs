//! Faults of the parts, as the wire tells them. The chain of causes stays in the log.

use husting_store::{BackupError, CommitError, StoreError};
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
            Error::new(
                ErrorCode::StoreUnavailable,
                format!("The backup was not written: {fault}."),
            )
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
    log(fault);
    let code = match fault {
        CommitError::Store(_) => ErrorCode::StoreUnavailable,
        CommitError::Refused(_) => ErrorCode::SessionBusy,
        CommitError::Constraint(_) => ErrorCode::Internal,
    };
    let error = Error::new(code, format!("Nothing was kept: {fault}."));
    match fault {
        CommitError::Store(fault) => with_reason(error, fault),
        CommitError::Refused(_) | CommitError::Constraint(_) => error,
    }
}

/// Whether the store refused because its disk is full, which hinders no read.
#[must_use]
pub fn is_out_of_space(error: &Error) -> bool {
    let reason = error
        .details
        .as_ref()
        .and_then(|details| details.get(REASON));
    error.code == ErrorCode::StoreUnavailable && reason.is_some_and(|reason| reason == DISK_FULL)
}

/// The detail of a store's failure that a client can act on.
const REASON: &str = "reason";
const DISK_FULL: &str = "disk_full";

fn with_reason(error: Error, fault: &StoreError) -> Error {
    match fault {
        StoreError::DiskFull(_) => error.with(json!({ (REASON): DISK_FULL })),
        _ => error,
    }
}

/// The wallet's refusal with the contract's figures, in micro-dollars.
#[must_use]
pub fn credit_exhausted(refused: &CreditExhausted) -> Error {
    Error::new(
        ErrorCode::CreditExhausted,
        format!("Nothing was called: {refused}. Raise the limit, or wait for the reset."),
    )
    .with(json!({
        "effective_balance": refused.effective_balance,
        "free": refused.free,
        "subscription": refused.subscription,
        "refill": refused.refill,
        "per_model_minimum": refused.per_model_minimum,
        "next_reset_at": refused.next_reset_at,
        "needed": refused.needed,
        "held": refused.held(),
        "limited_by": match refused.shortage {
            Shortage::Balance { .. } => "balance",
            Shortage::Holds { .. } => "holds",
            Shortage::Session { .. } => "session",
        },
    }))
}

fn log(fault: &dyn std::error::Error) {
    let causes: Vec<String> = std::iter::successors(fault.source(), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    tracing::error!(fault = %fault, ?causes, "a part of the console failed");
}
