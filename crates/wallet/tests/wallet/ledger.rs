//! The proof finds what is wrong, and a wallet refuses what does not fit.

use husting_domain::ledger::{Account, Entry, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_wallet::check::{LedgerReport, check};
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::wallet::{ApplyError, Wallet};

use crate::fixtures::*;

fn small_ledger() -> (Wallet, Vec<Transaction>) {
    let mut ids = Ids::default();
    let (mut wallet, mut ledger) = funded(1_000, 0, 50);
    let call = UsedCall {
        usage: used(1_020, 0),
        ..running(&mut wallet, &mut ids, 10, micro_price())
    };
    ledger.extend(
        settle(&wallet, call, november(2), || ids.transaction())
            .unwrap()
            .transactions,
    );
    wallet.apply(ledger.last().unwrap()).unwrap();
    (wallet, ledger)
}

#[test]
fn a_sound_ledger_is_told_with_its_figures() {
    let (wallet, ledger) = small_ledger();
    let report = check(&ledger, &wallet.balances);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.transactions, report.total), (3, 0));
    let figures: Vec<_> = report
        .accounts
        .iter()
        .map(|figures| (figures.account, figures.entries))
        .collect();
    let expected = [0, 0, 30, 1_020, 0, -1_050, 0, 0, 0];
    assert_eq!(
        figures,
        Account::ALL.into_iter().zip(expected).collect::<Vec<_>>()
    );
}

#[test]
fn sums_made_by_the_store_give_the_same_report() {
    let (mut wallet, ledger) = small_ledger();
    let sums = wallet.balances.clone();
    let report = LedgerReport::of_sums(3, vec![], &sums, &wallet.balances);
    assert_eq!(report, check(&ledger, &wallet.balances));
    *wallet.balances.entry(Account::Grants).or_default() += MicroUsd(1);
    assert!(!LedgerReport::of_sums(3, vec![], &sums, &wallet.balances).is_sound());
    assert!(!LedgerReport::of_sums(3, vec![ledger[0].id], &sums, &sums).is_sound());
}

#[test]
fn a_balance_that_is_not_the_sum_of_its_entries_is_found() {
    let (mut wallet, ledger) = small_ledger();
    *wallet.balances.get_mut(&Account::ProviderSpend).unwrap() += MicroUsd(1);
    assert!(!check(&ledger, &wallet.balances).is_sound());
    let (wallet, ledger) = small_ledger();
    assert!(!check(&ledger[1..], &wallet.balances).is_sound());
}

#[test]
fn an_unbalanced_transaction_is_found_and_refused() {
    let (mut wallet, mut ledger) = small_ledger();
    let spoiled = ledger.last_mut().unwrap();
    spoiled.entries[0].amount += MicroUsd(1);
    let spoiled = spoiled.clone();
    let before = wallet.clone();
    assert_eq!(
        wallet.apply(&spoiled),
        Err(ApplyError::Unbalanced(spoiled.id))
    );
    assert_eq!(wallet, before);
    let report = check(&ledger, &wallet.balances);
    assert_eq!((report.total, report.unbalanced), (1, vec![spoiled.id]));
}

#[test]
fn a_debit_that_says_another_amount_than_its_lines_is_found() {
    let (wallet, mut ledger) = small_ledger();
    let TransactionKind::Debit(debit) = &mut ledger.last_mut().unwrap().kind else {
        panic!("a debit")
    };
    debit.amount += MicroUsd(1);
    let report = check(&ledger, &wallet.balances);
    assert_eq!((report.misstated.len(), report.total), (1, 0));
    assert!(!report.is_sound());
}

fn top_up_of(lines: [(Account, i64); 2]) -> Transaction {
    let entries = lines
        .map(|(account, amount)| Entry {
            account,
            amount: MicroUsd(amount),
        })
        .to_vec();
    Transaction {
        id: Ids::default().transaction(),
        at: november(3),
        kind: TransactionKind::TopUp,
        entries,
    }
}

#[test]
fn no_bucket_falls_below_zero() {
    let (mut wallet, _) = small_ledger();
    let before = wallet.clone();
    let taken = top_up_of([(Account::Refill, -31), (Account::Grants, 31)]);
    let expected = ApplyError::BelowZero {
        id: taken.id,
        account: Account::Refill,
    };
    assert_eq!(wallet.apply(&taken), Err(expected));
    assert_eq!(wallet, before);
    let report = check(
        [&taken],
        &[
            (Account::Refill, MicroUsd(-31)),
            (Account::Grants, MicroUsd(31)),
        ]
        .into(),
    );
    assert!(!report.is_sound(), "also where the balance agrees");
}

#[test]
fn an_amount_out_of_range_is_refused_not_bent() {
    let (mut wallet, _) = small_ledger();
    let vast = top_up_of([(Account::Grants, -i64::MAX), (Account::Refill, i64::MAX)]);
    let before = wallet.clone();
    assert_eq!(wallet.apply(&vast), Err(ApplyError::OutOfRange(vast.id)));
    assert_eq!(wallet, before);
}

#[test]
fn two_wrongs_that_cancel_each_other_are_found() {
    let (mut wallet, mut ledger) = small_ledger();
    for (amount, id) in [(1, 900), (-1, 901)] {
        let mut wrong = top_up_of([(Account::Grants, amount), (Account::Refill, 0)]);
        wrong.id = husting_domain::ids::TransactionId(uuid::Uuid::from_u128(id));
        ledger.push(wrong);
    }
    let report = check(&ledger, &wallet.balances);
    assert_eq!((report.total, report.unbalanced.len()), (0, 2));
    assert!(!report.is_sound());
    assert!(wallet.apply(ledger.last().unwrap()).is_err());
}
