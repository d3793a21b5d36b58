//! What people in Discord are told of a panel that goes wrong. The words are Husting's own: what a provider,
//! the wallet or the store says is the operator's alone.

use husting_discord::panels::PanelRefusal;
use husting_domain::calls::SeatErrorCode;
use husting_domain::rounds::RoundStatus;
use husting_wire::answers::SeatCallView;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::RoundView;

/// What happens inside may be over when it is tried again; the rest is told by its code.
pub(super) fn refusal(fault: Error) -> PanelRefusal {
    let words = match fault.code {
        ErrorCode::StoreUnavailable | ErrorCode::Internal | ErrorCode::ShuttingDown => {
            return PanelRefusal::Later(fault.message);
        }
        ErrorCode::CreditExhausted => {
            "The operator's wallet does not cover it now; nothing was called."
        }
        ErrorCode::UnknownModels
        | ErrorCode::IneligibleModels
        | ErrorCode::InsufficientActiveModels => {
            "Too few models can be called now; the operator can change that."
        }
        ErrorCode::SessionBusy => "A round of this panel runs already.",
        ErrorCode::SessionFailed => "This panel has failed; nothing more comes of it.",
        ErrorCode::NotFound => "This panel is not there any more.",
        ErrorCode::InvalidRequest | ErrorCode::InvalidBody => "Husting does not take these words.",
        ErrorCode::SecretsUnavailable => "The operator's keys are locked now.",
        ErrorCode::RateLimited | ErrorCode::DailyLimitReached => {
            "Too much was asked for in too little time. Try again later."
        }
        _ => "Husting refuses it; its operator can see why.",
    };
    tracing::info!(code = ?fault.code, why = %fault.message, "people in Discord are refused a round");
    PanelRefusal::Final(words.to_owned())
}

/// Why no more rounds begin on this day.
pub(super) fn beyond_day(most: u32) -> String {
    match most {
        0 => "The operator lets nobody in Discord begin a panel's rounds.".to_owned(),
        1 => "The one round that people in Discord may begin in a day was begun; there is another after \
              midnight, UTC."
            .to_owned(),
        most => format!(
            "All {most} rounds that people in Discord may begin in a day were begun; there are more after \
             midnight, UTC."
        ),
    }
}

/// Why a round came to nothing, seat by seat.
pub(super) fn fault_of(round: &RoundView) -> Option<String> {
    if round.status != RoundStatus::Failed {
        return None;
    }
    if round.cancelled {
        return Some("It was ended by a person.".to_owned());
    }
    let lost: Vec<Lost<'_>> = round.answers.iter().filter_map(Lost::of).collect();
    Some(told_of(&lost))
}

/// A seat whose answer did not come.
struct Lost<'a> {
    name: &'a str,
    /// `None` where nobody but Husting broke the call off.
    code: Option<SeatErrorCode>,
}

impl<'a> Lost<'a> {
    fn of(seat: &'a SeatCallView) -> Option<Self> {
        let code = match seat.closed {
            true => None,
            false => Some(seat.error_code?),
        };
        let name = &seat.display_name;
        Some(Self { name, code })
    }
}

fn told_of(lost: &[Lost<'_>]) -> String {
    if lost.is_empty() {
        return "No seat answered.".to_owned();
    }
    if lost.iter().all(|seat| seat.code.is_none()) {
        return "Husting was closed while the panel was at work.".to_owned();
    }
    let each = lost.iter().map(|Lost { name, code }| {
        let why = code.map_or("was at work when Husting was closed", failed);
        format!("{name} {why}")
    });
    format!("{}.", each.collect::<Vec<_>>().join("; "))
}

/// What went wrong with a seat, said of its model.
const fn failed(code: SeatErrorCode) -> &'static str {
    match code {
        SeatErrorCode::RateLimit => "was called too often",
        SeatErrorCode::ProviderError | SeatErrorCode::PreStreamProviderError => {
            "was refused by its provider"
        }
        SeatErrorCode::StreamInterrupted | SeatErrorCode::StreamEndedWithoutFinalMarker => {
            "broke off in its answer"
        }
        SeatErrorCode::InternalDeadlineReached | SeatErrorCode::DeadlineExpired => "took too long",
        SeatErrorCode::ProviderAuthFailure => "was not let in by its provider",
        SeatErrorCode::MaxRetriesExceeded => "was failed by its provider each time",
        SeatErrorCode::PreStreamFailure => "could not be called",
        SeatErrorCode::Cancelled => "was stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_came_to_nothing_is_told_seat_by_seat_or_as_one() {
        let closed = |name| Lost { name, code: None };
        let refused = Lost {
            name: "Beta",
            code: Some(SeatErrorCode::ProviderAuthFailure),
        };
        assert_eq!(told_of(&[]), "No seat answered.");
        assert_eq!(
            told_of(&[closed("Alpha"), closed("Gamma")]),
            "Husting was closed while the panel was at work."
        );
        assert_eq!(
            told_of(&[closed("Alpha"), refused]),
            "Alpha was at work when Husting was closed; Beta was not let in by its provider."
        );
    }
}
