//! What must be true after a kill, said by what the providers saw, what was told before, and what
//! the restarted program shows.

use husting_domain::calls::{Purpose, SeatErrorCode};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::rounds::RoundStatus;
use husting_test_support::{Outcome, Recorded};
use husting_tests::panel::{self, purpose};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::rounds::RoundView;
use husting_wire::sessions::SessionView;
use husting_wire::wallet::{DebitView, WalletView};

use super::script::has_reactions;
use super::{Account, Kill, Step};

/// One look at a session.
pub struct Audit<'a> {
    pub kill: &'a Kill,
    pub view: &'a SessionView,
    /// All calls of the session that a provider saw.
    pub calls: &'a [Recorded],
    /// Those of the killed round.
    pub of_round: &'a [Recorded],
    pub faults: Vec<String>,
}

impl Audit<'_> {
    /// The killed round has ended by itself, with all that was told, and accounts for every call.
    pub fn after_the_kill(&mut self, told: &[(u32, ModelId, Purpose)]) -> Account {
        for (index, model, purpose) in told {
            let round = &self.view.rounds[*index as usize];
            if seat(round, model, *purpose).is_none_or(|seat| seat.state != SeatState::Final) {
                self.fault(format!(
                    "{model} was told to have ended its {} in round {index}, and that is lost",
                    purpose.word()
                ));
            }
        }
        self.every_answer_is_paid_once();
        let round = self.round();
        let made: Vec<&SeatCallView> = calls(round)
            .filter(|seat| seat.state != SeatState::Absent)
            .collect();
        let released = made
            .iter()
            .filter(|seat| seat.state == SeatState::Error && debits(round, seat).is_empty())
            .count();
        let account = Account {
            kills: 1,
            calls: self.of_round.len(),
            debits: round.debits.len(),
            estimated: round
                .debits
                .iter()
                .filter(|debit| debit.usage.estimated)
                .count(),
            released,
            not_called: if self.kill.step == Step::Holding {
                made.len()
            } else {
                0
            },
        };
        let (failed, expected) = (
            made.iter().filter(|seat| seat.state == SeatState::Error),
            expected_calls(self.kill),
        );
        let odd: Vec<String> = failed
            .filter(|seat| seat.error_code != Some(SeatErrorCode::StreamInterrupted))
            .map(|seat| format!("{} ended as {:?}", seat.model, seat.error_code))
            .collect();
        self.faults.extend(odd);
        if account.calls != expected {
            self.fault(format!(
                "the providers saw {} calls of the round and not {expected}",
                account.calls
            ));
        }
        if account.calls != account.debits + account.released - account.not_called {
            self.fault(format!(
                "calls are not debits and released holds: {account:?}"
            ));
        }
        self.what_was_kept_is_paid();
        account
    }

    /// Everything is there in the end; the retry called nobody who had answered and paid each new
    /// call once.
    pub fn after_the_retry(&mut self, killed: &SessionView) {
        self.every_answer_is_paid_once();
        let (round, before) = (
            self.round(),
            killed.rounds.last().expect("there is a round"),
        );
        if round.status != RoundStatus::Complete {
            self.fault(format!("the round is {:?} in the end", round.status));
        }
        let lost = calls(before)
            .filter(|seat| seat.state == SeatState::Final)
            .find(|kept| {
                seat(round, &kept.model, kept.purpose).is_none_or(|now| now.text != kept.text)
            });
        if let Some(lost) = lost {
            self.fault(format!("the retry changed what {} had said", lost.model));
        }
        let seen_before = expected_calls(self.kill);
        let new = self.of_round.len() - seen_before;
        if round.debits.len() != before.debits.len() + new {
            self.fault(format!(
                "{new} calls were made again, and {} debits became {}",
                before.debits.len(),
                round.debits.len()
            ));
        }
    }

    /// The books are right, nothing is held, and the session's debits are what the wallet lost.
    pub fn money(&mut self, before: &WalletView, now: &WalletView) {
        if !now.check.ok || now.check.sum != MicroUsd::ZERO {
            self.fault(format!("the books are wrong: {:?}", now.check.faults));
        }
        if now.summary.held != MicroUsd::ZERO {
            self.fault(format!(
                "{} is still held",
                now.summary.held.to_usd_string()
            ));
        }
        let charged: MicroUsd = self
            .view
            .rounds
            .iter()
            .flat_map(|round| &round.debits)
            .map(|debit| debit.amount)
            .sum();
        if before.summary.balance - now.summary.balance != charged {
            self.fault(format!(
                "the wallet changed from {:?} to {:?}, its debits are {charged:?}",
                before.summary.balance, now.summary.balance
            ));
        }
    }

    /// Each final call has one debit with the usage its provider counted; nothing has two.
    fn every_answer_is_paid_once(&mut self) {
        for round in &self.view.rounds {
            for seat in calls(round).filter(|seat| seat.state == SeatState::Final) {
                let what = format!(
                    "the {} of {} in round {}",
                    seat.purpose.word(),
                    seat.model,
                    round.index
                );
                let real: Vec<_> = debits(round, seat)
                    .into_iter()
                    .filter(|debit| !debit.usage.estimated)
                    .collect();
                let [debit] = real[..] else {
                    self.faults.push(if real.is_empty() {
                        format!("{what} was kept and never paid")
                    } else {
                        format!("{what} was paid {} times", real.len())
                    });
                    continue;
                };
                let billed = self
                    .calls
                    .iter()
                    .filter(|call| is_of(call, seat) && call.outcome == Outcome::Finished);
                let Some(call) = billed.into_iter().find(|call| same_bill(call, debit)) else {
                    self.faults.push(format!(
                        "{what} was paid as {debit:?}, which no provider billed"
                    ));
                    continue;
                };
                if seat.purpose == Purpose::Respond && seat.text != call.sent {
                    self.faults.push(format!("{what} is not what was sent"));
                }
            }
            for seat in calls(round).filter(|seat| seat.state != SeatState::Absent) {
                let (paid, made) = (
                    debits(round, seat).len(),
                    self.calls.iter().filter(|call| is_of(call, seat)).count(),
                );
                if paid > made {
                    self.faults.push(format!(
                        "{} calls of {} were made for {}, and {paid} paid",
                        made,
                        seat.model,
                        seat.purpose.word()
                    ));
                }
            }
        }
    }

    /// A seat that had begun to stream and whose words were kept shows them and is settled from them.
    fn what_was_kept_is_paid(&mut self) {
        if !self.kill.kept || !matches!(self.kill.step, Step::Streaming | Step::Reacting) {
            return;
        }
        let round = self.round();
        let purpose = if self.kill.step == Step::Reacting {
            Purpose::React
        } else {
            Purpose::Respond
        };
        for id in &self.kill.stuck {
            let seat = seat(round, &panel::model(id), purpose);
            let kept = seat.is_some_and(|seat| seat.text.len() == self.kill.pieces as usize * 4);
            let paid = seat.is_some_and(|seat| {
                debits(round, seat).iter().any(|debit| {
                    debit.usage.estimated && debit.usage.output == u64::from(self.kill.pieces)
                })
            });
            if !kept || !paid {
                self.fault(format!("of {id} a partial text was on disk, and it is not shown ({kept}) or not settled ({paid})"));
            }
        }
    }

    fn round<'b>(&self) -> &'b RoundView
    where
        Self: 'b,
    {
        self.view.rounds.last().expect("there is a round")
    }

    fn fault(&mut self, what: String) {
        self.faults.push(what);
    }
}

/// Calls of the killed round that had reached a provider when the kill came.
fn expected_calls(kill: &Kill) -> usize {
    match kill.step {
        Step::Holding => 0,
        _ if has_reactions(kill) => 6,
        _ => 3,
    }
}

fn calls(round: &RoundView) -> impl Iterator<Item = &SeatCallView> {
    round.answers.iter().chain(&round.reactions)
}

fn seat<'a>(round: &'a RoundView, model: &ModelId, purpose: Purpose) -> Option<&'a SeatCallView> {
    calls(round).find(|seat| seat.model == *model && seat.purpose == purpose)
}

fn debits<'a>(round: &'a RoundView, seat: &SeatCallView) -> Vec<&'a DebitView> {
    round
        .debits
        .iter()
        .filter(|debit| debit.model == seat.model && debit.purpose == Some(seat.purpose))
        .collect()
}

fn is_of(call: &Recorded, seat: &SeatCallView) -> bool {
    call.model.as_deref() == Some(seat.model.as_str()) && purpose(call) == seat.purpose
}

fn same_bill(call: &Recorded, debit: &DebitView) -> bool {
    let Some(billed) = call.usage else {
        return false;
    };
    let Usage {
        input,
        output,
        cache_read,
        ..
    } = debit.usage;
    [billed.uncached(), billed.output, billed.cache_read] == [input, output, cache_read]
        && panel::cost(debit.model.as_str(), &billed) == debit.cost
        && debit.cost == debit.amount
}
