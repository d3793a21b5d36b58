//! Money back to where it came from.

use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_wallet::refund::{RefundAmount, RefundError, refund};
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::wallet::Wallet;

use crate::fixtures::*;

/// 150 from free, 200 from subscription, 50 from refill, and 25 overrun.
fn overrun_debit() -> (Wallet, Transaction, Ids) {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(150, 200, 50);
    let call = UsedCall {
        usage: used(425, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    let debit = settled.transactions[0].clone();
    wallet.apply(&debit).unwrap();
    (wallet, debit, ids)
}

fn part(amount: i64) -> RefundAmount {
    RefundAmount::Part(MicroUsd(amount))
}

#[test]
fn a_full_refund_returns_what_each_bucket_paid() {
    let (mut wallet, debit, mut ids) = overrun_debit();
    let back = refund(
        &debit,
        &[],
        RefundAmount::Full,
        ids.transaction(),
        november(3),
    )
    .unwrap();
    let expected = [
        (Account::Refill, 50),
        (Account::Subscription, 200),
        (Account::Free, 150),
        (Account::Refunds, -400),
    ];
    assert_eq!(lines(&back), expected);
    let kind = TransactionKind::Refund {
        of: debit.id,
        occasion: husting_domain::ledger::Occasion::Round {
            session_id: session(),
            round_id: round(),
        },
        model: model("m"),
    };
    assert_eq!((back.kind.clone(), back.at), (kind, november(3)));
    wallet.apply(&back).unwrap();
    assert_eq!(buckets(&wallet), [150, 200, 50]);
    assert_eq!(
        wallet.balance(Account::Overrun),
        MicroUsd(-25),
        "what was never paid is not given back"
    );
}

#[test]
fn a_part_returns_to_what_was_drained_last() {
    let (_, debit, mut ids) = overrun_debit();
    let first = refund(&debit, &[], part(60), ids.transaction(), november(3)).unwrap();
    assert_eq!(
        lines(&first),
        [
            (Account::Refill, 50),
            (Account::Subscription, 10),
            (Account::Refunds, -60)
        ]
    );
    let second = refund(&debit, &[first], part(200), ids.transaction(), november(3)).unwrap();
    assert_eq!(
        lines(&second),
        [
            (Account::Subscription, 190),
            (Account::Free, 10),
            (Account::Refunds, -200)
        ]
    );
}

#[test]
fn never_more_is_given_back_than_was_paid() {
    let (_, debit, mut ids) = overrun_debit();
    let too_much = refund(&debit, &[], part(401), ids.transaction(), november(3));
    assert_eq!(
        too_much,
        Err(RefundError::MoreThanPaid {
            left: MicroUsd(400)
        })
    );
    let most = refund(&debit, &[], part(399), ids.transaction(), november(3)).unwrap();
    let rest = refund(
        &debit,
        std::slice::from_ref(&most),
        RefundAmount::Full,
        ids.transaction(),
        november(3),
    );
    assert_eq!(
        lines(rest.as_ref().unwrap()),
        [(Account::Free, 1), (Account::Refunds, -1)]
    );
    let all = [most, rest.unwrap()];
    let nothing = refund(
        &debit,
        &all,
        RefundAmount::Full,
        ids.transaction(),
        november(3),
    );
    assert_eq!(nothing, Err(RefundError::Nothing));
}

#[test]
fn refunds_of_other_debits_do_not_count() {
    let (_, debit, mut ids) = overrun_debit();
    let other = Transaction {
        id: ids.transaction(),
        ..debit.clone()
    };
    let of_other = refund(
        &other,
        &[],
        RefundAmount::Full,
        ids.transaction(),
        november(3),
    )
    .unwrap();
    assert!(
        refund(
            &debit,
            &[of_other],
            RefundAmount::Full,
            ids.transaction(),
            november(3)
        )
        .is_ok()
    );
}

#[test]
fn odd_refunds_are_refused() {
    let (_, debit, mut ids) = overrun_debit();
    for amount in [0, -1] {
        assert_eq!(
            refund(&debit, &[], part(amount), ids.transaction(), november(3)),
            Err(RefundError::Nothing)
        );
    }
    let back = refund(&debit, &[], part(1), ids.transaction(), november(3)).unwrap();
    let of_refund = refund(
        &back,
        &[],
        RefundAmount::Full,
        ids.transaction(),
        november(3),
    );
    assert_eq!(of_refund, Err(RefundError::NotADebit(back.id)));
}
