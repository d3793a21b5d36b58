//! How a command ends: its exit code, from the code of what went wrong.

mod failure;
mod fields;
mod holder;

use std::process::ExitCode;

use husting_wire::errors::ErrorCode;

pub use self::failure::{Failure, is_of_session};

/// Exit codes that scripts switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command or a value in it is wrong.
    Usage = 2,
    /// Nothing by that name.
    NotFound = 3,
    /// Not allowed as things stand: a limit, credit, credentials, a name that is taken, a session
    /// or folder that somebody is at work on.
    Refused = 4,
    /// Done in part: a seat did not answer or react, or not all that was to be erased is gone.
    Partial = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidRequest | ErrorCode::InvalidBody => Self::Usage,
            ErrorCode::NotFound | ErrorCode::UnknownModels | ErrorCode::AgentNotFound => {
                Self::NotFound
            }
            ErrorCode::CreditExhausted
            | ErrorCode::IneligibleModels
            | ErrorCode::InsufficientActiveModels
            | ErrorCode::SessionBusy
            | ErrorCode::SessionFailed
            | ErrorCode::IdempotencyConflict
            | ErrorCode::DailyLimitReached
            | ErrorCode::RateLimited
            | ErrorCode::AlreadyExists
            | ErrorCode::Unauthorized
            | ErrorCode::InvalidToken
            | ErrorCode::Forbidden
            | ErrorCode::InvalidScope
            | ErrorCode::TenantIdMismatch
            | ErrorCode::MintingNotAllowed
            | ErrorCode::AgentLimitReached
            | ErrorCode::AgentNameTaken
            | ErrorCode::InvalidState
            | ErrorCode::InsufficientScope
            | ErrorCode::NotAMember
            | ErrorCode::InboxFull
            | ErrorCode::Paused => Self::Refused,
            ErrorCode::SecretsUnavailable
            | ErrorCode::ProviderError
            | ErrorCode::ClientFile
            | ErrorCode::ProgramFailed
            | ErrorCode::StoreUnavailable
            | ErrorCode::ShuttingDown
            | ErrorCode::Internal => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(ErrorCode, u8); 34] = [
        (ErrorCode::InvalidRequest, 2),
        (ErrorCode::UnknownModels, 3),
        (ErrorCode::NotFound, 3),
        (ErrorCode::IneligibleModels, 4),
        (ErrorCode::InsufficientActiveModels, 4),
        (ErrorCode::CreditExhausted, 4),
        (ErrorCode::SessionBusy, 4),
        (ErrorCode::SessionFailed, 4),
        (ErrorCode::AlreadyExists, 4),
        (ErrorCode::IdempotencyConflict, 4),
        (ErrorCode::DailyLimitReached, 4),
        (ErrorCode::RateLimited, 4),
        (ErrorCode::Unauthorized, 4),
        (ErrorCode::InvalidToken, 4),
        (ErrorCode::Forbidden, 4),
        (ErrorCode::InvalidScope, 4),
        (ErrorCode::TenantIdMismatch, 4),
        (ErrorCode::MintingNotAllowed, 4),
        (ErrorCode::AgentLimitReached, 4),
        (ErrorCode::AgentNotFound, 3),
        (ErrorCode::AgentNameTaken, 4),
        (ErrorCode::InvalidState, 4),
        (ErrorCode::InvalidBody, 2),
        (ErrorCode::InsufficientScope, 4),
        (ErrorCode::NotAMember, 4),
        (ErrorCode::InboxFull, 4),
        (ErrorCode::Paused, 4),
        (ErrorCode::SecretsUnavailable, 1),
        (ErrorCode::ProviderError, 1),
        (ErrorCode::ClientFile, 1),
        (ErrorCode::ProgramFailed, 1),
        (ErrorCode::StoreUnavailable, 1),
        (ErrorCode::ShuttingDown, 1),
        (ErrorCode::Internal, 1),
    ];

    #[test]
    fn every_code_has_its_exit() {
        for (code, exit) in TABLE {
            assert_eq!(Exit::from(code) as u8, exit, "{code:?}");
        }
        let codes: std::collections::HashSet<_> = TABLE.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), TABLE.len(), "no code stands twice");
        assert_eq!((Exit::Done as u8, Exit::Partial as u8), (0, 5));
    }
}
