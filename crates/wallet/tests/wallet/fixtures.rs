//! Values that the tests share: moments, ids that count up, priced seats, a funded wallet.

use husting_domain::calls::Purpose;
use husting_domain::ids::{CallId, HoldId, RoundId, SessionId, TransactionId};
use husting_domain::ledger::{Account, Hold, Transaction};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, Usage};
use husting_domain::time::Timestamp;
use husting_wallet::calendar::due;
use husting_wallet::funding::top_up;
use husting_wallet::holds::{RoundRequest, SeatRequest};
use husting_wallet::preflight::SessionSpending;
use husting_wallet::settle::UsedCall;
use husting_wallet::terms::{SubscriptionStatus, SubscriptionTerms, WalletTerms};
use husting_wallet::wallet::Wallet;
use uuid::Uuid;

pub fn at(text: &str) -> Timestamp {
    serde_json::from_value(serde_json::json!(text)).unwrap()
}

/// Noon of a day in November 2026.
pub fn november(day: u32) -> Timestamp {
    at(&format!("2026-11-{day:02}T12:00:00Z"))
}

pub fn model(name: &str) -> ModelId {
    ModelId::parse(name).unwrap()
}

/// Ids that count up.
#[derive(Default)]
pub struct Ids(u128);

impl Ids {
    fn next(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }

    pub fn transaction(&mut self) -> TransactionId {
        TransactionId(self.next())
    }

    pub fn hold(&mut self) -> HoldId {
        HoldId(self.next())
    }

    pub fn call(&mut self) -> CallId {
        CallId(self.next())
    }
}

pub fn session() -> SessionId {
    SessionId(Uuid::from_u128(1 << 100))
}

pub fn round() -> RoundId {
    RoundId(Uuid::from_u128(2 << 100))
}

/// US dollars per million tokens, in and out.
pub fn price(input: i64, output: i64) -> Price {
    Price {
        input: MicroUsd::dollars(input),
        output: MicroUsd::dollars(output),
        ..Price::default()
    }
}

/// Charges exactly the number of tokens read, in micro-dollars.
pub fn micro_price() -> Price {
    price(1, 1)
}

pub fn used(input: u64, output: u64) -> Usage {
    Usage {
        input,
        output,
        ..Usage::default()
    }
}

/// A wallet with these buckets, whose ledger is booked up to November 2026.
pub fn funded(free: i64, subscription: i64, refill: i64) -> (Wallet, Vec<Transaction>) {
    let plan = SubscriptionTerms {
        monthly_credit: MicroUsd(subscription),
        status: Some(SubscriptionStatus::Active),
        ..SubscriptionTerms::default()
    };
    let grant = Some(MicroUsd(free));
    let terms = WalletTerms {
        monthly_grant: grant,
        subscription: plan,
        ..WalletTerms::default()
    };
    let mut wallet = Wallet::new(terms);
    let mut ids = Ids(1 << 90);
    let mut ledger = due(&wallet, november(1), || ids.transaction());
    ledger.extend(top_up(MicroUsd(refill), ids.transaction(), november(1)));
    ledger
        .iter()
        .for_each(|transaction| wallet.apply(transaction).unwrap());
    assert_eq!(buckets(&wallet), [free, subscription, refill]);
    (wallet, ledger)
}

/// The three buckets in the order of draining.
pub fn buckets(wallet: &Wallet) -> [i64; 3] {
    [Account::Free, Account::Subscription, Account::Refill].map(|bucket| wallet.balance(bucket).0)
}

/// A transaction's lines.
pub fn lines(transaction: &Transaction) -> Vec<(Account, i64)> {
    transaction
        .entries
        .iter()
        .map(|line| (line.account, line.amount.0))
        .collect()
}

pub fn spending(limit: Option<i64>, spent: i64) -> SessionSpending {
    SessionSpending {
        session_id: session(),
        limit: limit.map(MicroUsd),
        spent: MicroUsd(spent),
    }
}

pub fn seat(name: &str, price: Price, prompt_bytes: u64) -> SeatRequest {
    SeatRequest {
        model: model(name),
        price,
        minimum: WalletTerms::default().minimum_of(&price, None),
        output_cap: 64_000,
        prompt_bytes,
        answers: true,
        reacts: true,
    }
}

pub fn request(seats: Vec<SeatRequest>) -> RoundRequest {
    let reaction_bytes = seats
        .iter()
        .map(|seat| seat.prompt_bytes)
        .max()
        .unwrap_or_default();
    RoundRequest {
        session: spending(None, 0),
        round_id: round(),
        max_output_tokens: 8_192,
        reaction_bytes,
        seats,
    }
}

/// A call with a hold of `held` micro-dollars, which the wallet then has open.
pub fn running(wallet: &mut Wallet, ids: &mut Ids, held: i64, price: Price) -> UsedCall {
    let id = ids.hold();
    wallet.open(Hold {
        id,
        occasion: husting_domain::ledger::Occasion::Round {
            session_id: session(),
            round_id: round(),
        },
        model: model("m"),
        purpose: Purpose::Respond,
        amount: MicroUsd(held),
        max_output_tokens: 8_192,
        at: november(2),
    });
    UsedCall {
        call_id: ids.call(),
        occasion: husting_domain::ledger::Occasion::Round {
            session_id: session(),
            round_id: round(),
        },
        model: model("m"),
        purpose: Purpose::Respond,
        usage: Usage::default(),
        price,
        hold: Some(id),
    }
}
