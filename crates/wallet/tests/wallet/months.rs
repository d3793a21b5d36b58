//! What the calendar books, and that it books it once.

use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_wallet::calendar::due;
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::terms::{AutoRefillTerms, SubscriptionStatus, SubscriptionTerms, WalletTerms};
use husting_wallet::wallet::{MonthToDate, Wallet};

use crate::fixtures::*;

/// Books what is due and returns it.
fn turn(wallet: &mut Wallet, now: Timestamp) -> Vec<Transaction> {
    let mut ids = Ids::default();
    let booked = due(wallet, now, || ids.transaction());
    for transaction in &booked {
        assert_eq!(transaction.at, now);
        wallet.apply(transaction).unwrap();
    }
    assert_eq!(
        due(wallet, now, || ids.transaction()),
        [],
        "everything is booked once"
    );
    booked
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

fn words(booked: &[Transaction]) -> Vec<&'static str> {
    booked
        .iter()
        .map(|transaction| transaction.kind.word())
        .collect()
}

fn plan(credit: i64, cap: i64, status: SubscriptionStatus) -> SubscriptionTerms {
    SubscriptionTerms {
        monthly_credit: MicroUsd(credit),
        rollover_cap: MicroUsd(cap),
        status: Some(status),
    }
}

#[test]
fn a_new_wallet_gets_the_seeds_grant_once() {
    let mut wallet = Wallet::new(WalletTerms::default());
    let booked = turn(&mut wallet, at("2026-11-20T08:00:00Z"));
    let [grant] = &booked[..] else {
        panic!("one grant, {booked:?}")
    };
    assert_eq!(
        grant.kind,
        TransactionKind::Grant {
            month: at("2026-11-01T00:00:00Z")
        }
    );
    assert_eq!(
        lines(grant),
        [(Account::Grants, -1_500_000), (Account::Free, 1_500_000)]
    );
    assert!(turn(&mut wallet, at("2026-11-30T23:59:59.999999Z")).is_empty());
    assert_eq!(Wallet::resets_at(november(20)), at("2026-12-01T00:00:00Z"));
}

#[test]
fn the_free_bucket_is_reset_on_the_first_at_midnight() {
    let (mut wallet, _) = funded(1_000, 0, 70);
    spend(&mut wallet, 300);
    assert!(turn(&mut wallet, at("2026-11-30T23:59:59.999999Z")).is_empty());
    let booked = turn(&mut wallet, at("2026-12-01T00:00:00Z"));
    let [expiry, grant] = &booked[..] else {
        panic!("expiry and grant, {booked:?}")
    };
    let december = at("2026-12-01T00:00:00Z");
    assert_eq!(expiry.kind, TransactionKind::Expiry { month: december });
    assert_eq!(
        lines(expiry),
        [(Account::Free, -700), (Account::Expired, 700)]
    );
    assert_eq!(grant.kind, TransactionKind::Grant { month: december });
    assert_eq!(buckets(&wallet), [1_000, 0, 70], "top-ups are kept");
}

#[test]
fn after_months_off_only_the_present_months_grant_counts() {
    let (mut wallet, _) = funded(1_000, 0, 0);
    spend(&mut wallet, 400);
    let booked = turn(&mut wallet, at("2027-03-15T10:00:00Z"));
    assert_eq!(words(&booked), ["expiry", "grant"]);
    assert_eq!(
        booked[0].kind,
        TransactionKind::Expiry {
            month: at("2026-12-01T00:00:00Z")
        }
    );
    assert_eq!(
        booked[1].kind,
        TransactionKind::Grant {
            month: at("2027-03-01T00:00:00Z")
        }
    );
    assert_eq!(buckets(&wallet), [1_000, 0, 0]);
    assert_eq!(wallet.balance(Account::Grants), MicroUsd(-2_000));
    assert_eq!(wallet.balance(Account::Expired), MicroUsd(600));
}

#[test]
fn a_month_that_grants_nothing_is_booked_all_the_same() {
    for grant in [None, Some(MicroUsd::ZERO)] {
        let (mut wallet, _) = funded(1_000, 0, 0);
        wallet.terms.monthly_grant = grant;
        let booked = turn(&mut wallet, at("2026-12-05T00:00:00Z"));
        assert_eq!(words(&booked), ["expiry", "grant"]);
        assert!(booked[1].entries.is_empty());
        // What comes in later in the month must not lapse in it.
        let month = at("2026-12-01T00:00:00Z");
        let nothing = MicroUsd::ZERO;
        assert_eq!(
            wallet.month,
            Some(MonthToDate {
                month,
                granted: nothing,
                refilled: nothing
            })
        );
    }
}

#[test]
fn a_clock_set_back_books_nothing() {
    let (mut wallet, _) = funded(1_000, 500, 0);
    assert!(turn(&mut wallet, at("2026-10-31T12:00:00Z")).is_empty());
    assert_eq!(buckets(&wallet), [1_000, 500, 0]);
}

#[test]
fn a_plans_credit_is_carried_over_up_to_the_cap() {
    let (mut wallet, _) = funded(0, 500, 0);
    wallet.terms.subscription = plan(500, 600, SubscriptionStatus::Active);
    turn(&mut wallet, at("2026-12-01T00:00:00Z"));
    assert_eq!(buckets(&wallet), [0, 1_000, 0], "500 carried over, 500 new");
    let booked = turn(&mut wallet, at("2027-01-01T00:00:00Z"));
    assert_eq!(words(&booked), ["expiry", "subscription_credit", "grant"]);
    assert_eq!(
        lines(&booked[0]),
        [(Account::Subscription, -400), (Account::Expired, 400)]
    );
    assert_eq!(buckets(&wallet), [0, 1_100, 0]);
}

#[test]
fn a_plan_that_is_not_active_keeps_what_it_has() {
    use SubscriptionStatus::{Cancelled, Expired, PastDue};
    for status in [PastDue, Cancelled, Expired] {
        let (mut wallet, _) = funded(0, 500, 0);
        wallet.terms.subscription = plan(500, 450, status);
        turn(&mut wallet, at("2027-02-01T00:00:00Z"));
        assert_eq!(buckets(&wallet), [0, 450, 0], "{status:?}");
    }
}

#[test]
fn each_missed_month_of_a_plan_is_credited_and_capped_in_turn() {
    let (mut wallet, _) = funded(0, 500, 0);
    wallet.terms.subscription = plan(500, 1_200, SubscriptionStatus::Active);
    let booked = turn(&mut wallet, at("2027-02-14T00:00:00Z"));
    // December 1,000; January 1,500; February keeps 1,200 and adds 500.
    let credit = |month| TransactionKind::SubscriptionCredit { month: at(month) };
    let kinds: Vec<_> = booked
        .iter()
        .map(|transaction| transaction.kind.clone())
        .collect();
    let expected = [
        credit("2026-12-01T00:00:00Z"),
        credit("2027-01-01T00:00:00Z"),
        TransactionKind::Expiry {
            month: at("2027-02-01T00:00:00Z"),
        },
        credit("2027-02-01T00:00:00Z"),
        TransactionKind::Grant {
            month: at("2027-02-01T00:00:00Z"),
        },
    ];
    assert_eq!(kinds, expected);
    assert_eq!(buckets(&wallet), [0, 1_700, 0]);
}

#[test]
fn a_plan_that_begins_within_a_month_is_credited_for_it_alone() {
    let mut wallet = Wallet::new(WalletTerms::default());
    turn(&mut wallet, november(3));
    turn(&mut wallet, at("2027-01-03T00:00:00Z"));
    wallet.terms.subscription = plan(500, 9_000, SubscriptionStatus::Active);
    let booked = turn(&mut wallet, at("2027-01-20T00:00:00Z"));
    assert_eq!(words(&booked), ["subscription_credit"]);
    assert_eq!(wallet.balance(Account::Subscription), MicroUsd(500));
}

#[test]
fn months_in_which_a_plan_rested_are_not_credited_later() {
    let (mut wallet, _) = funded(0, 500, 0);
    wallet.terms.subscription.status = Some(SubscriptionStatus::Cancelled);
    turn(&mut wallet, at("2026-12-10T00:00:00Z"));
    turn(&mut wallet, at("2027-01-10T00:00:00Z"));
    wallet.terms.subscription.status = Some(SubscriptionStatus::Active);
    turn(&mut wallet, at("2027-02-10T00:00:00Z"));
    assert_eq!(buckets(&wallet), [0, 1_000, 0]);
}

fn refilling(threshold: i64, amount: i64, ceiling: i64) -> AutoRefillTerms {
    AutoRefillTerms {
        enabled: true,
        threshold: MicroUsd(threshold),
        amount: MicroUsd(amount),
        monthly_ceiling: MicroUsd(ceiling),
    }
}

#[test]
fn auto_refill_acts_below_its_threshold_only() {
    let (mut wallet, _) = funded(1_000, 0, 0);
    wallet.terms.auto_refill = refilling(500, 300, 10_000);
    spend(&mut wallet, 500);
    assert!(
        turn(&mut wallet, november(5)).is_empty(),
        "500 is not below 500"
    );
    spend(&mut wallet, 1);
    let booked = turn(&mut wallet, november(5));
    assert_eq!(words(&booked), ["auto_refill"]);
    assert_eq!(
        lines(&booked[0]),
        [(Account::Grants, -300), (Account::Refill, 300)]
    );
    wallet.terms.auto_refill.enabled = false;
    spend(&mut wallet, 799);
    assert!(turn(&mut wallet, november(5)).is_empty());
}

#[test]
fn auto_refill_adds_whole_amounts_up_to_the_months_ceiling() {
    let (mut wallet, _) = funded(0, 0, 0);
    wallet.terms.auto_refill = refilling(500, 300, 700);
    turn(&mut wallet, november(5));
    assert_eq!(buckets(&wallet), [0, 0, 600], "two, to reach the threshold");
    spend(&mut wallet, 600);
    assert!(
        turn(&mut wallet, november(5)).is_empty(),
        "a third would pass the ceiling"
    );
    turn(&mut wallet, at("2026-12-01T00:00:00Z"));
    assert_eq!(buckets(&wallet), [0, 0, 600], "a new month, a new ceiling");
}

#[test]
fn the_new_months_grant_comes_before_auto_refill() {
    let (mut wallet, _) = funded(1_000, 0, 0);
    spend(&mut wallet, 900);
    wallet.terms.auto_refill = refilling(1_000, 300, 10_000);
    let booked = turn(&mut wallet, at("2026-12-01T00:00:00Z"));
    assert_eq!(words(&booked), ["expiry", "grant"]);
}

#[test]
fn without_a_limit_nothing_needs_refilling() {
    let (mut wallet, _) = funded(0, 0, 0);
    wallet.terms.monthly_grant = None;
    wallet.terms.auto_refill = refilling(500, 300, 700);
    assert!(turn(&mut wallet, november(5)).is_empty());
}

#[test]
fn a_clock_set_back_keeps_the_ceiling() {
    let (mut wallet, _) = funded(0, 0, 0);
    wallet.terms.auto_refill = refilling(500, 300, 700);
    turn(&mut wallet, november(5));
    spend(&mut wallet, 600);
    assert!(turn(&mut wallet, at("2026-10-31T12:00:00Z")).is_empty());
}
