//! Top-ups and a new limit within a month.

use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_wallet::calendar::due;
use husting_wallet::funding::{
    TakeBackError, TopUpError, can_be_taken_back, change_limit, take_back, top_up,
};
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::terms::{AutoRefillTerms, WalletTerms};
use husting_wallet::wallet::{MonthToDate, Wallet};

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

fn taken(wallet: &Wallet, amount: i64) -> Result<Transaction, TakeBackError> {
    take_back(
        wallet,
        MicroUsd(amount),
        Ids::default().transaction(),
        november(4),
    )
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
fn what_was_added_is_taken_back_as_far_as_it_is_neither_spent_nor_held() {
    let (mut wallet, _) = funded(1_000, 0, 5_000);
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(5_000));
    for amount in [0, -1] {
        assert_eq!(taken(&wallet, amount), Err(TakeBackError::Nothing));
    }
    assert_eq!(
        taken(&wallet, 5_001),
        Err(TakeBackError::Beyond(MicroUsd(5_000)))
    );
    let booked = taken(&wallet, 5_000).unwrap();
    assert_eq!(
        (&booked.kind, booked.at),
        (&TransactionKind::TopUp, november(4))
    );
    assert_eq!(
        lines(&booked),
        [(Account::Refill, -5_000), (Account::Grants, 5_000)]
    );

    // The month's limit is held first, then what was added.
    let mut ids = Ids::default();
    running(&mut wallet, &mut ids, 1_000, micro_price());
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(5_000));
    running(&mut wallet, &mut ids, 1_200, micro_price());
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(3_800));
    assert_eq!(
        taken(&wallet, 3_801),
        Err(TakeBackError::Beyond(MicroUsd(3_800)))
    );
    wallet.apply(&taken(&wallet, 3_800).unwrap()).unwrap();
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd::ZERO);
    assert_eq!(wallet.effective_balance(), wallet.held());

    let (never, _) = funded(1_000, 0, 0);
    assert_eq!(taken(&never, 1), Err(TakeBackError::Empty));
    assert_eq!(taken(&never, 0), Err(TakeBackError::Nothing));
}

#[test]
fn nothing_is_taken_back_that_the_automatic_refill_would_add_again() {
    let (mut wallet, _) = funded(1_000, 0, 5_000);
    wallet.terms.auto_refill = AutoRefillTerms {
        enabled: true,
        threshold: MicroUsd(4_000),
        amount: MicroUsd(2_000),
        monthly_ceiling: MicroUsd(2_000),
    };
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(2_000));
    assert!(taken(&wallet, 2_000).is_ok());
    let refilled_beyond = |most| Err(TakeBackError::Refilled(MicroUsd(most)));
    assert_eq!(taken(&wallet, 2_001), refilled_beyond(2_000));
    // What the refill stands in the way of is not said to be spent.
    assert_eq!(
        taken(&wallet, 5_001),
        Err(TakeBackError::Beyond(MicroUsd(5_000)))
    );
    // Once the month's ceiling is used, in the next one, and where nothing is refilled at all.
    let refilled = |wallet: &Wallet, refilled| {
        let mut wallet = wallet.clone();
        wallet.month = wallet.month.map(|month| MonthToDate { refilled, ..month });
        wallet
    };
    assert!(taken(&refilled(&wallet, MicroUsd(2_000)), 5_000).is_ok());
    let none = refilled(&wallet, MicroUsd::ZERO);
    assert_eq!(taken(&none, 5_000), refilled_beyond(2_000));
    let mut earlier = refilled(&wallet, MicroUsd(2_000));
    earlier.month = earlier.month.map(|month| MonthToDate {
        month: at("2026-10-01T00:00:00Z"),
        ..month
    });
    assert_eq!(taken(&earlier, 5_000), refilled_beyond(2_000));
    // Below its threshold, before it is booked: nothing, and not less than that.
    let mut below = wallet.clone();
    below.terms.auto_refill.threshold = MicroUsd(7_000);
    assert_eq!(can_be_taken_back(&below, november(4)), MicroUsd::ZERO);
    assert_eq!(taken(&below, 1), refilled_beyond(0));
    wallet.terms.auto_refill.enabled = false;
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(5_000));
    assert!(taken(&wallet, 5_000).is_ok());
}

#[test]
fn without_a_limit_all_that_was_added_is_taken_back_whatever_is_held() {
    let (mut wallet, _) = funded(1_000, 0, 5_000);
    wallet.terms.monthly_grant = None;
    running(&mut wallet, &mut Ids::default(), 6_000, micro_price());
    assert_eq!(can_be_taken_back(&wallet, november(4)), MicroUsd(5_000));
    wallet.apply(&taken(&wallet, 5_000).unwrap()).unwrap();
}

#[test]
fn a_new_limit_counts_what_the_month_used() {
    let (mut wallet, _) = funded(1_500, 0, 0);
    spend(&mut wallet, 300);
    set(&mut wallet, Some(20_000), november(4));
    assert_eq!(buckets(&wallet), [19_700, 0, 0]);
    assert_eq!(wallet.limit_used(november(4)), MicroUsd(300));
    let next_month = november(4).next_month_start();
    assert_eq!(
        wallet.limit_used(next_month),
        MicroUsd::ZERO,
        "nothing of a month that is not booked"
    );
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
