//! What people in Discord are told of a panel that goes wrong. The words are Husting's own: what a provider,
//! the wallet or the store says is the operator's alone.

use husting_discord::panels::{BrokenOff, PanelLack, PanelRefusal};
use husting_domain::calls::SeatErrorCode;
use husting_domain::rounds::RoundStatus;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::{NoClaims, RoundView};
use husting_wire::sessions::{Outcome, SessionSummary};

use crate::transcript::no_claims;

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
        ErrorCode::NotFound => "This panel is not there any more. `/deliberate` asks anew.",
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

const BY_A_PERSON: &str = "The round was ended by a person.";
const PANEL_CLOSED: &str = "Husting was closed while the panel was at work.";

/// Why a round came to nothing, seat by seat.
pub(super) fn fault_of(round: &RoundView) -> Option<String> {
    if round.status != RoundStatus::Failed {
        return None;
    }
    if round.cancelled {
        return Some(BY_A_PERSON.to_owned());
    }
    let lost = round.answers.iter().map(|seat| Lacking::of(seat, false));
    Some(told_lost(&lost.collect::<Vec<_>>()))
}

/// Whom a round went without that came to something, and why, where that is the same for all of them.
pub(super) fn lacks_of(round: &RoundView) -> (Vec<PanelLack>, Option<String>) {
    let came_to_something = matches!(
        round.status,
        RoundStatus::Complete | RoundStatus::PartialFailure
    );
    match came_to_something {
        true => told_lacks(&lacking(round), round.cancelled),
        false => (Vec::new(), None),
    }
}

/// What broke the newest round off where that was not its seats alone, as the lists have it.
pub(super) fn broken_off(session: &SessionSummary) -> Option<BrokenOff> {
    match session.outcome? {
        Outcome::Interrupted => Some(BrokenOff::Interrupted),
        Outcome::Cancelled => Some(BrokenOff::Cancelled),
        Outcome::Failed => None,
    }
}

/// As the round's one line counts them: no reaction is wanted of a seat that answered alone.
fn lacking(round: &RoundView) -> Vec<Lacking<'_>> {
    let answered = |seat: &&SeatCallView| seat.state == SeatState::Final;
    let reacts = round.answers.iter().filter(answered).count() > 1;
    let of = |answer| {
        if !answered(&answer) {
            return Some(Lacking::of(answer, false));
        }
        let mut reactions = round.reactions.iter();
        let reaction = reactions.find(|seat| seat.model == answer.model)?;
        (reacts && !answered(&reaction)).then(|| Lacking::of(reaction, true))
    };
    round.answers.iter().filter_map(of).collect()
}

/// A call of a round that did not come to its end.
struct Lacking<'a> {
    name: &'a str,
    is_reaction: bool,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Nobody but Husting broke it off.
    Closed,
    /// It came whole, and nobody could read it.
    Unreadable,
    /// A page came where an API was to be.
    Page,
    /// Its provider gives nothing more for now: whose money, or whose limit, is the operator's alone.
    Spent,
    Failed(SeatErrorCode),
    /// It was not called.
    Uncalled,
}

impl<'a> Lacking<'a> {
    fn of(seat: &'a SeatCallView, is_reaction: bool) -> Self {
        let why = match seat.error_code {
            _ if seat.closed => Why::Closed,
            _ if seat.unreadable => Why::Unreadable,
            _ if seat.page => Why::Page,
            _ if seat.spent.is_some() => Why::Spent,
            Some(code) => Why::Failed(code),
            None => Why::Uncalled,
        };
        Self {
            name: &seat.display_name,
            is_reaction,
            why,
        }
    }

    /// What did not come of the seat, with its own reason where that is told by itself.
    fn told(&self, alone: bool) -> PanelLack {
        let what = match self.is_reaction {
            true => "gave no reaction",
            false => "did not answer",
        };
        PanelLack {
            name: self.name.to_owned(),
            what: match self.why().filter(|_| alone) {
                Some(why) => format!("{what} ({why})"),
                None => what.to_owned(),
            },
        }
    }

    /// What went wrong with it, said of its model; `None` where it was not called.
    fn why(&self) -> Option<&'static str> {
        Some(match self.why {
            Why::Closed => "was at work when Husting was closed",
            Why::Unreadable => "could not be read",
            Why::Page => "was answered for by a web page",
            Why::Spent => "has nothing left at its provider",
            Why::Failed(
                SeatErrorCode::StreamInterrupted | SeatErrorCode::StreamEndedWithoutFinalMarker,
            ) if self.is_reaction => "broke off",
            Why::Failed(code) => failed(code),
            Why::Uncalled => return None,
        })
    }
}

fn told_lacks(lacking: &[Lacking<'_>], cancelled: bool) -> (Vec<PanelLack>, Option<String>) {
    let because = because(lacking, cancelled);
    let alone = because.is_none();
    let seats = lacking.iter().map(|seat| seat.told(alone)).collect();
    (seats, because.map(str::to_owned))
}

/// The same of a round in which nobody answered, in one sentence.
fn told_lost(lost: &[Lacking<'_>]) -> String {
    if let Some(because) = because(lost, false) {
        return because.to_owned();
    }
    let each = lost
        .iter()
        .filter_map(|seat| Some(format!("{} {}", seat.name, seat.why()?)));
    match each.collect::<Vec<_>>() {
        each if each.is_empty() => "No seat answered.".to_owned(),
        each => format!("{}.", each.join("; ")),
    }
}

/// Why calls did not come to their end, where that is the same for all of them.
fn because(lacking: &[Lacking<'_>], cancelled: bool) -> Option<&'static str> {
    let by_a_person: fn(Why) -> bool =
        |why| matches!(why, Why::Failed(SeatErrorCode::Cancelled) | Why::Uncalled);
    // What was not called yet had to wait for the others.
    let by_the_end: fn(Why) -> bool = |why| matches!(why, Why::Closed | Why::Uncalled);
    let all = |is_so: fn(Why) -> bool| lacking.iter().all(|seat| is_so(seat.why));
    if cancelled && all(by_a_person) {
        Some(BY_A_PERSON)
    } else if all(by_the_end) && lacking.iter().any(|seat| seat.why == Why::Closed) {
        Some(PANEL_CLOSED)
    } else {
        None
    }
}

/// Why a round's map is empty. Without a reason reactions came, and nobody quoted anybody.
pub(super) fn no_claims_of(round: &RoundView) -> Option<String> {
    why_empty(round.summary.no_claims_because?, round.summary.quotes)
}

fn why_empty(why: NoClaims, quotes: u32) -> Option<String> {
    match why {
        NoClaims::NothingVerified if quotes == 0 => None,
        why => Some(no_claims(why).to_owned()),
    }
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
        SeatErrorCode::ProviderAuthFailure => "had its key refused",
        SeatErrorCode::MaxRetriesExceeded => "was failed by its provider each time",
        SeatErrorCode::PreStreamFailure => "could not be called",
        SeatErrorCode::Cancelled => "was stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_round_lacks_is_told_with_one_reason_or_with_each() {
        let of = |name, is_reaction, why| Lacking {
            name,
            is_reaction,
            why,
        };
        let told = |lacking: &[Lacking<'_>], cancelled| {
            let (seats, because) = told_lacks(lacking, cancelled);
            let seats = seats
                .iter()
                .map(|lack| format!("{} {}", lack.name, lack.what));
            (seats.collect::<Vec<_>>().join(", "), because)
        };
        let closed = [
            of("Good", false, Why::Closed),
            of("Broken", true, Why::Closed),
        ];
        let seats = "Good did not answer, Broken gave no reaction".to_owned();
        assert_eq!(
            told(&closed, false),
            (seats.clone(), Some(PANEL_CLOSED.to_owned()))
        );
        let waited = [
            of("Good", false, Why::Closed),
            of("Broken", true, Why::Uncalled),
        ];
        assert_eq!(told(&waited, false), told(&closed, false));
        let each = [
            of("Good", false, Why::Failed(SeatErrorCode::RateLimit)),
            of("Broken", true, Why::Unreadable),
            of("Cut", true, Why::Failed(SeatErrorCode::StreamInterrupted)),
            of("Shut", false, Why::Closed),
        ];
        assert_eq!(
            told(&each, false),
            (
                "Good did not answer (was called too often), Broken gave no reaction (could not be read), Cut gave \
                 no reaction (broke off), Shut did not answer (was at work when Husting was closed)"
                    .to_owned(),
                None
            )
        );
        let stopped = [
            of("Good", false, Why::Failed(SeatErrorCode::Cancelled)),
            of("Broken", true, Why::Uncalled),
        ];
        assert_eq!(told(&stopped, true), (seats, Some(BY_A_PERSON.to_owned())));
    }

    #[test]
    fn a_round_that_came_to_nothing_is_told_seat_by_seat_or_as_one() {
        let of = |name, why| Lacking {
            name,
            is_reaction: false,
            why,
        };
        let refused = Why::Failed(SeatErrorCode::ProviderAuthFailure);
        assert_eq!(told_lost(&[]), "No seat answered.");
        assert_eq!(
            told_lost(&[of("Alpha", Why::Uncalled)]),
            "No seat answered."
        );
        assert_eq!(
            told_lost(&[of("Alpha", Why::Closed), of("Gamma", Why::Closed)]),
            "Husting was closed while the panel was at work."
        );
        assert_eq!(
            told_lost(&[
                of("Alpha", Why::Closed),
                of("Gamma", Why::Uncalled),
                of("Beta", refused),
                of("Delta", Why::Page),
                of("Broke", Why::Spent),
            ]),
            "Alpha was at work when Husting was closed; Beta had its key refused; Delta was answered for by \
             a web page; Broke has nothing left at its provider."
        );
    }

    #[test]
    fn quotes_of_which_none_was_verified_are_told_from_reactions_without_any() {
        let told = why_empty(NoClaims::NothingVerified, 2);
        assert_eq!(
            told.as_deref(),
            Some("No reaction carries a verified quote.")
        );
        assert_eq!(why_empty(NoClaims::NothingVerified, 0), None);
        let other = why_empty(NoClaims::OneAnswer, 0);
        assert!(other.is_some_and(|told| told.starts_with("Only one seat")));
    }
}
