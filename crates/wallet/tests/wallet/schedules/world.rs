//! A wallet, its ledger and the model beside it, driven step by step.

use std::collections::BTreeMap;

use husting_domain::calls::Purpose;
use husting_domain::ids::{HoldId, RoundId, SessionId};
use husting_domain::ledger::{Account, Occasion, Transaction, TransactionKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::time::Timestamp;
use husting_wallet::calendar::due;
use husting_wallet::funding::{change_limit, top_up};
use husting_wallet::holds::{PlannedCall, RoundRequest, plan};
use husting_wallet::preflight::{SessionSpending, Shortage};
use husting_wallet::refund::{RefundAmount, refund};
use husting_wallet::settle::{HoldClosed, UsedCall, settle};
use husting_wallet::summaries::{self, SummaryRequest};
use husting_wallet::terms::{SubscriptionStatus, WalletTerms};
use husting_wallet::wallet::Wallet;
use proptest::sample::Index;
use uuid::Uuid;

use super::model::Model;
use super::outcome::Outcome;
use super::step::Step;
use crate::fixtures::{Ids, at, model, price, seat};

/// The wallet under test and what is known of it besides.
pub struct World {
    pub wallet: Wallet,
    pub ledger: Vec<Transaction>,
    pub model: Model,
    pub open: Vec<UsedCall>,
    /// What each round's debits and refunds say, by their own amounts.
    pub charged: BTreeMap<Occasion, i64>,
    pub overrun: i64,
    pub rounds: u128,
    pub day: i64,
    pub ids: Ids,
    pub outcome: Outcome,
}

impl World {
    pub fn new() -> Self {
        Self {
            wallet: Wallet::new(WalletTerms::default()),
            ledger: Vec::new(),
            model: Model::new(),
            open: Vec::new(),
            charged: BTreeMap::new(),
            overrun: 0,
            rounds: 0,
            day: 0,
            ids: Ids::default(),
            outcome: Outcome::default(),
        }
    }

    /// Runs a schedule to its end, where no call is left open.
    pub fn run(mut self, steps: &[Step]) -> Outcome {
        for step in steps {
            self.turn();
            self.step(step);
            self.assert_sound();
        }
        while let Some(call) = self.open.pop() {
            self.end(
                call,
                Usage {
                    output: 100,
                    ..Usage::default()
                },
            );
            self.assert_sound();
        }
        assert_eq!(self.wallet.holds, [], "all holds are gone at the end");
        self.outcome.steps = steps.len();
        self.outcome
    }

    pub fn now(&self) -> Timestamp {
        at("2026-01-15T12:00:00Z").plus_millis(self.day * 86_400_000)
    }

    /// Months since January 2026, by counting.
    fn month(&self) -> i64 {
        let (mut month, mut end) = (0, at("2026-02-01T00:00:00Z"));
        while self.now() >= end {
            (month, end) = (month + 1, end.next_month_start());
        }
        month
    }

    fn turn(&mut self) {
        let booked = due(&self.wallet, self.now(), || self.ids.transaction());
        self.post(booked);
        self.model.turn(self.month());
        assert_eq!(
            due(&self.wallet, self.now(), || self.ids.transaction()),
            [],
            "booked once"
        );
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Convene {
                seats,
                session_limit,
            } => self.convene(seats, *session_limit),
            Step::Recap {
                which,
                writer,
                session_limit,
            } => self.recap(which, *writer, *session_limit),
            Step::End {
                which,
                input,
                output,
            } => {
                let usage = Usage {
                    input: *input,
                    output: *output,
                    ..Usage::default()
                };
                self.take(which)
                    .into_iter()
                    .for_each(|call| self.end(call, usage));
            }
            Step::NeverReached { which } => {
                self.take(which)
                    .into_iter()
                    .for_each(|call| self.end(call, Usage::default()));
            }
            Step::Cancel { which, output } => self.cancel(which, *output),
            Step::Refund { which, part } => self.refund(which, *part),
            Step::TopUp(amount) => {
                let booked = top_up(MicroUsd(*amount), self.ids.transaction(), self.now()).unwrap();
                self.post([booked]);
                self.model.refill += amount;
            }
            Step::Limit(limit) => {
                let change = change_limit(
                    &self.wallet,
                    limit.map(MicroUsd),
                    self.ids.transaction(),
                    self.now(),
                );
                self.post(change.transaction);
                self.wallet.terms = change.terms;
                self.model.set_limit(*limit);
            }
            Step::Wait(days) => self.day += days,
            Step::Plan {
                credit,
                cap,
                active,
            } => self.set_plan(*credit, *cap, *active),
            Step::AutoRefill {
                threshold,
                amount,
                ceiling,
                on,
            } => {
                let terms = &mut self.wallet.terms.auto_refill;
                (terms.enabled, terms.threshold, terms.amount) =
                    (*on, MicroUsd(*threshold), MicroUsd(*amount));
                terms.monthly_ceiling = MicroUsd(*ceiling);
                self.model.auto_refill = on.then_some((*threshold, *amount, *ceiling));
            }
            Step::Markup(bps) => self.wallet.terms.markup_bps = *bps,
        }
    }

    fn set_plan(&mut self, credit: i64, cap: i64, active: bool) {
        let plan = &mut self.wallet.terms.subscription;
        (plan.monthly_credit, plan.rollover_cap) = (MicroUsd(credit), MicroUsd(cap));
        plan.status = Some(if active {
            SubscriptionStatus::Active
        } else {
            SubscriptionStatus::PastDue
        });
        (self.model.credit, self.model.cap, self.model.active) = (credit, cap, active);
    }

    fn convene(&mut self, seats: &[(i64, i64, u64)], limit: Option<i64>) {
        self.rounds += 1;
        let (round_id, session_id) = (
            RoundId(Uuid::from_u128(self.rounds)),
            SessionId(Uuid::from_u128(self.rounds)),
        );
        let session = SessionSpending {
            session_id,
            limit: limit.map(MicroUsd),
            spent: MicroUsd::ZERO,
        };
        let named = |(place, &(input, output, bytes)): (usize, &(i64, i64, u64))| {
            seat(&format!("m{place}"), price(input, output), bytes)
        };
        let seats = seats.iter().enumerate().map(named).collect();
        let request = RoundRequest {
            session,
            round_id,
            max_output_tokens: 8_192,
            reaction_bytes: 20_000,
            seats,
        };
        let before = self.wallet.available();
        let planned = match plan(&self.wallet, &request, self.now(), || self.ids.hold()) {
            Ok(planned) => planned,
            Err(refusal) => {
                return self.outcome.note(match refusal.shortage {
                    Shortage::Balance { .. } => "no money",
                    Shortage::Holds { .. } => "held by others",
                    Shortage::Session { .. } => "session limit",
                });
            }
        };
        assert!(
            before.is_none_or(|available| planned.held() <= available),
            "{before:?} {planned:?}"
        );
        assert!(limit.is_none_or(|limit| planned.held().0 <= limit.max(0)));
        assert!(
            planned
                .calls
                .iter()
                .all(|call| call.max_output_tokens >= 512)
        );
        if planned.calls.iter().any(|call| call.lowered) {
            self.outcome.note("lowered");
        }
        if !self.open.is_empty() {
            self.outcome.note("parallel");
        }
        for call in planned.calls {
            self.begin(call, &request);
        }
    }

    fn begin(&mut self, planned: PlannedCall, request: &RoundRequest) {
        let seat = request
            .seats
            .iter()
            .find(|seat| seat.model == planned.model)
            .unwrap();
        assert_eq!(planned.hold.is_none(), seat.price.is_free());
        self.open.push(UsedCall {
            call_id: self.ids.call(),
            occasion: husting_domain::ledger::Occasion::Round {
                session_id: request.session.session_id,
                round_id: request.round_id,
            },
            model: planned.model,
            purpose: planned.purpose,
            usage: Usage::default(),
            price: seat.price,
            hold: planned.hold.as_ref().map(|hold| hold.id),
        });
        planned
            .hold
            .into_iter()
            .for_each(|hold| self.wallet.open(hold));
    }

    /// One of the rounds so far is summed up.
    fn recap(&mut self, which: &Index, writer: (i64, i64, u64), limit: Option<i64>) {
        let rounds = usize::try_from(self.rounds).unwrap();
        if rounds == 0 {
            return;
        }
        let number = Uuid::from_u128(1 + which.index(rounds) as u128);
        let (input, output, prompt_bytes) = writer;
        let request = SummaryRequest {
            session: SessionSpending {
                session_id: SessionId(number),
                limit: limit.map(MicroUsd),
                spent: MicroUsd::ZERO,
            },
            round_id: RoundId(number),
            model: model("writer"),
            purpose: Purpose::Recap,
            price: price(input, output),
            prompt_bytes,
            max_output_tokens: 4_096,
        };
        let before = self.wallet.available();
        let Ok(hold) = summaries::plan(&self.wallet, &request, self.now(), || self.ids.hold())
        else {
            return self.outcome.note("no recap");
        };
        assert_eq!(hold.is_none(), request.price.is_free());
        let held = hold.as_ref().map_or(MicroUsd::ZERO, |hold| hold.amount);
        assert!(before.is_none_or(|available| held <= available));
        self.outcome.note("recap");
        if self.wallet.terms.markup_bps > 0 {
            self.outcome.note("recap beside a markup");
        }
        self.open.push(UsedCall {
            call_id: self.ids.call(),
            occasion: husting_domain::ledger::Occasion::Round {
                session_id: request.session.session_id,
                round_id: request.round_id,
            },
            model: request.model,
            purpose: request.purpose,
            usage: Usage::default(),
            price: request.price,
            hold: hold.as_ref().map(|hold| hold.id),
        });
        hold.into_iter().for_each(|hold| self.wallet.open(hold));
    }

    fn take(&mut self, which: &Index) -> Option<UsedCall> {
        (!self.open.is_empty()).then(|| self.open.remove(which.index(self.open.len())))
    }

    fn cancel(&mut self, which: &Index, output: u64) {
        let Some(first) = self.take(which) else {
            return;
        };
        let (round, others) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|call| call.occasion == first.occasion);
        self.open = others;
        let ended: Vec<_> = round;
        for call in ended.into_iter().chain([first]) {
            self.end(
                call,
                Usage {
                    output,
                    ..Usage::default()
                },
            );
        }
    }

    fn end(&mut self, call: UsedCall, usage: Usage) {
        let call = UsedCall { usage, ..call };
        let charged = self.charge_of(&call);
        let held = self.held_for(&call);
        let there = self.model.total();
        let paid = self.model.pay(charged, held);
        if self.model.limit.is_some() && paid > there {
            self.outcome.note("paid by its hold alone");
        }
        let settled = settle(&self.wallet, call.clone(), self.now(), || {
            self.ids.transaction()
        })
        .unwrap();
        assert_eq!(
            (settled.amount.0, settled.overrun.0),
            (paid, charged - paid)
        );
        assert_eq!(settled.cost, call.price.cost(&usage));
        assert_eq!(settled.debit().is_some(), charged > 0);
        assert!(
            settled.overrun.0 == 0 || charged > held,
            "nothing overruns within its hold"
        );
        self.overrun += charged - paid;
        if charged > paid {
            self.outcome.note("overrun");
        }
        *self.charged.entry(call.occasion).or_default() += paid;
        if call.purpose == Purpose::Recap {
            assert_eq!(charged, settled.cost.0, "0 bps, whatever the markup");
        }
        assert_eq!(settled.closed_hold, call.hold);
        self.post(settled.transactions);
        call.hold
            .into_iter()
            .for_each(|hold| self.release(hold, call.clone()));
    }

    fn held_for(&self, call: &UsedCall) -> i64 {
        let mut holds = self.wallet.holds.iter();
        let hold = holds.find(|hold| Some(hold.id) == call.hold);
        hold.map_or(0, |hold| hold.amount.0)
    }

    fn release(&mut self, hold: HoldId, call: UsedCall) {
        let held = self.wallet.held();
        let closed = self.wallet.close(hold).unwrap();
        assert_eq!(self.wallet.held(), held - closed.amount);
        let again = settle(&self.wallet, call, self.now(), || self.ids.transaction());
        assert_eq!(again, Err(HoldClosed(hold)), "nothing is paid twice");
    }

    /// Whole dollars per million tokens are micro-dollars per token, so no fraction but the markup's.
    fn charge_of(&self, call: &UsedCall) -> i64 {
        let tokens = |count: u64| i64::try_from(count).unwrap();
        let rate = |per_million: MicroUsd| per_million.0 / 1_000_000;
        let cost = tokens(call.usage.input) * rate(call.price.input)
            + tokens(call.usage.output) * rate(call.price.output);
        let markup = match call.purpose {
            Purpose::Respond | Purpose::React | Purpose::ManagedAgent => {
                i64::from(self.wallet.terms.markup_bps)
            }
            // Summaries are passed on at cost.
            Purpose::Recap | Purpose::Synthesis => 0,
        };
        cost + (cost * markup + 9_999) / 10_000
    }

    fn refund(&mut self, which: &Index, part: Option<i64>) {
        let is_debit = |booked: &&Transaction| matches!(booked.kind, TransactionKind::Debit(_));
        let debits: Vec<_> = self.ledger.iter().filter(is_debit).cloned().collect();
        if debits.is_empty() {
            return;
        }
        let debit = &debits[which.index(debits.len())];
        let TransactionKind::Debit(told) = &debit.kind else {
            unreachable!()
        };
        let of_debit = |booked: &&Transaction| matches!(booked.kind, TransactionKind::Refund { of, .. } if of == debit.id);
        let earlier: i64 = self
            .ledger
            .iter()
            .filter(of_debit)
            .map(|booked| booked.bucket_change().0)
            .sum();
        let left = told.amount.0 - earlier;
        let amount = part.map_or(RefundAmount::Full, |part| {
            RefundAmount::Part(MicroUsd(part))
        });
        let booked = refund(
            debit,
            &self.ledger,
            amount,
            self.ids.transaction(),
            self.now(),
        );
        let expected = part.unwrap_or(left);
        assert_eq!(
            booked.is_ok(),
            expected > 0 && expected <= left,
            "{booked:?} of {left}"
        );
        let Ok(booked) = booked else { return };
        assert_eq!(booked.bucket_change().0, expected);
        self.outcome.note(if part.is_some() {
            "part"
        } else if earlier > 0 {
            "rest"
        } else {
            "full"
        });
        *self.charged.get_mut(&told.occasion).unwrap() -= expected;
        for line in &booked.entries {
            match line.account {
                Account::Free => {
                    self.model.return_to_free(line.amount.0);
                }
                Account::Subscription => self.model.subscription += line.amount.0,
                Account::Refill => self.model.refill += line.amount.0,
                other => assert_eq!((other, line.amount.0), (Account::Refunds, -expected)),
            }
        }
        self.post([booked]);
    }

    fn post(&mut self, booked: impl IntoIterator<Item = Transaction>) {
        for transaction in booked {
            self.wallet.apply(&transaction).unwrap();
            self.outcome.note(transaction.kind.word());
            if transaction
                .entries
                .iter()
                .filter(|line| line.account.is_bucket())
                .count()
                > 1
            {
                self.outcome.note("spanned");
            }
            self.ledger.push(transaction);
        }
    }
}
