//! Top-ups and a new limit within a month.

use husting_domain::ledger::{Account, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_wallet::calendar::due;
use husting_wallet::funding::{TopUpError, change_limit, top_up};
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::terms::WalletTerms;
use husting_wallet::wallet::Wallet;

use crate::fixtures::*;

fn set(wallet: &mut Wallet, limit: Option<i64>, now: Timestamp) {
    let change = change_limit(
        wallet,
        limit.map(MicroUsd),
        Ids::default().transaction(),
        now,
    );
    change
        .transaction
        .iter()
        .for_each(|transaction| wallet.apply(transaction).unwrap());
    wallet.terms = change.terms;
}

fn spend(wallet: &mut Wallet, micros: u64) {
    let mut ids = Ids::default();
    let call = UsedCall {
        usage: used(micros, 0),
        ..running(wallet, &mut ids, 1, micro_price())
    };
    let settled = settle(wallet, call, november(2), || ids.transaction()).unwrap();
    settled
        .transactions
        .iter()
        .for_each(|transaction| wallet.apply(transaction).unwrap());
    wallet.close(settled.closed_hold.unwrap()).unwrap();
}

#[test]
fn a_top_up_fills_the_refill_bucket() {
    let booked = top_up(
        MicroUsd::dollars(5),
        Ids::default().transaction(),
        november(4),
    )
    .unwrap();
    assert_eq!(
        (&booked.kind, booked.at),
        (&TransactionKind::TopUp, november(4))
    );
    assert_eq!(
        lines(&booked),
        [(Account::Grants, -5_000_000), (Account::Refill, 5_000_000)]
    );
    for amount in [0, -1] {
        assert_eq!(
            top_up(MicroUsd(amount), Ids::default().transaction(), november(4)),
            Err(TopUpError)
        );
    }
}

#[test]
fn a_new_limit_counts_what_the_month_used() {
    let (mut wallet, _) = funded(1_500, 0, 0);
    spend(&mut wallet, 300);
    set(&mut wallet, Some(20_000), november(4));
    assert_eq!(buckets(&wallet), [19_700, 0, 0]);
    assert_eq!(wallet.used_this_month(), MicroUsd(300));
    assert!(wallet.terms.limit_chosen);
    assert_eq!(wallet.terms.monthly_grant, Some(MicroUsd(20_000)));
}

#[test]
fn a_limit_below_what_is_used_leaves_nothing_and_forgets_nothing() {
    let (mut wallet, _) = funded(1_500, 0, 40);
    spend(&mut wallet, 300);
    set(&mut wallet, Some(100), november(4));
    assert_eq!(buckets(&wallet), [0, 0, 40]);
    set(&mut wallet, Some(1_000), november(4));
    assert_eq!(buckets(&wallet), [700, 0, 40]);
}

#[test]
fn no_limit_and_back_counts_what_was_used_between() {
    let (mut wallet, _) = funded(1_500, 0, 0);
    spend(&mut wallet, 300);
    set(&mut wallet, None, november(4));
    assert_eq!(
        (buckets(&wallet), wallet.available()),
        ([1_200, 0, 0], None)
    );
    spend(&mut wallet, 5_000);
    set(&mut wallet, Some(6_000), november(4));
    assert_eq!(buckets(&wallet), [700, 0, 0]);
    assert_eq!(wallet.available(), Some(MicroUsd(700)));
}

#[test]
fn the_same_limit_books_nothing() {
    let (wallet, _) = funded(1_500, 0, 0);
    let change = change_limit(
        &wallet,
        Some(MicroUsd(1_500)),
        Ids::default().transaction(),
        november(4),
    );
    assert_eq!(change.transaction, None);
    assert!(change.terms.limit_chosen);
}

#[test]
fn a_limit_set_before_the_month_is_booked_is_that_months_grant() {
    let mut ids = Ids::default();
    let mut fresh = Wallet::new(WalletTerms::default());
    let (mut old, _) = funded(1_500, 0, 0);
    for wallet in [&mut fresh, &mut old] {
        let now = at("2026-12-02T00:00:00Z");
        let change = change_limit(wallet, Some(MicroUsd(9_000)), ids.transaction(), now);
        assert_eq!(change.transaction, None);
        wallet.terms = change.terms;
        due(wallet, now, || ids.transaction())
            .iter()
            .for_each(|booked| wallet.apply(booked).unwrap());
        assert_eq!(buckets(wallet), [9_000, 0, 0]);
    }
}
