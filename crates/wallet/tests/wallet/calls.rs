//! One call, from its hold to its debit.

use husting_domain::calls::Purpose;
use husting_domain::ledger::{Account, TransactionKind};
use husting_domain::money::{MicroUsd, Price};
use husting_wallet::funding::change_limit;
use husting_wallet::holds::plan;
use husting_wallet::settle::{HoldClosed, Settlement, UsedCall, settle};
use husting_wallet::terms::WalletTerms;
use husting_wallet::wallet::Wallet;

use crate::fixtures::*;

/// "A model at $3 / $15 per million, prompt 4,000 bytes: estimate (2,000 + 5 %) × 3 + 8,192 × 15
/// = 6,300 + 122,880 = 129,180 micro-dollars held. It used 1,120 in, 700 out: cost 3,360 +
/// 10,500 = 13,860, no markup, `amount_usd` 0.01386, 115,320 released."
#[test]
fn the_example_of_the_specification() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_500_000, 0, 0);
    let mut alone = seat("m", price(3, 15), 4_000);
    alone.reacts = false;
    let planned = plan(&wallet, &request(vec![alone]), november(2), || ids.hold()).unwrap();
    let hold = planned
        .call(&model("m"), Purpose::Respond)
        .unwrap()
        .hold
        .clone()
        .unwrap();
    assert_eq!((2_000 + 100) * 3 + 8_192 * 15, 6_300 + 122_880);
    assert_eq!(hold.amount, MicroUsd(129_180));
    assert_eq!(hold.max_output_tokens, 8_192);
    wallet.open(hold.clone());
    assert_eq!(wallet.held(), MicroUsd(129_180));
    assert_eq!(wallet.available(), Some(MicroUsd(1_500_000 - 129_180)));

    let call = UsedCall {
        call_id: ids.call(),
        occasion: husting_domain::ledger::Occasion::Round {
            session_id: session(),
            round_id: round(),
        },
        model: model("m"),
        purpose: Purpose::Respond,
        usage: used(1_120, 700),
        price: price(3, 15),
        hold: Some(hold.id),
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    assert_eq!(settled.cost, MicroUsd(3_360 + 10_500));
    assert_eq!(settled.amount.to_usd_string(), "0.01386");
    assert_eq!(settled.released, MicroUsd(115_320));
    assert_eq!(settled.closed_hold, Some(hold.id));
    let [debit] = &settled.transactions[..] else {
        panic!("one debit, {settled:?}")
    };
    assert_eq!(
        lines(debit),
        [(Account::Free, -13_860), (Account::ProviderSpend, 13_860)]
    );
    let TransactionKind::Debit(told) = &debit.kind else {
        panic!("a debit, {debit:?}")
    };
    assert_eq!(
        (told.cost, told.markup_bps, told.amount),
        (MicroUsd(13_860), 0, MicroUsd(13_860))
    );
    assert_eq!(
        (told.usage, told.purpose),
        (used(1_120, 700), Purpose::Respond)
    );
    assert_eq!(settled.debit(), Some(debit));

    wallet.apply(debit).unwrap();
    wallet.close(hold.id).unwrap();
    assert_eq!(wallet.effective_balance(), MicroUsd(1_500_000 - 13_860));
    assert_eq!(wallet.held(), MicroUsd::ZERO);
}

#[test]
fn one_call_may_span_buckets() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(100, 200, 1_000);
    let call = UsedCall {
        usage: used(350, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    let expected = [
        (Account::Free, -100),
        (Account::Subscription, -200),
        (Account::Refill, -50),
        (Account::ProviderSpend, 350),
    ];
    assert_eq!(lines(&settled.transactions[0]), expected);
    assert_eq!(
        (settled.amount, settled.overrun, settled.released),
        (MicroUsd(350), MicroUsd(0), MicroUsd(50))
    );
}

#[test]
fn what_the_buckets_cannot_pay_overruns() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(100, 0, 20);
    let call = UsedCall {
        usage: used(150, 1),
        ..running(&mut wallet, &mut ids, 120, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    let expected = [
        (Account::Free, -100),
        (Account::Refill, -20),
        (Account::ProviderSpend, 151),
        (Account::Overrun, -31),
    ];
    assert_eq!(lines(&settled.transactions[0]), expected);
    assert_eq!(
        (settled.amount, settled.overrun, settled.cost),
        (MicroUsd(120), MicroUsd(31), MicroUsd(151))
    );
    assert_eq!(
        settled.released,
        MicroUsd::ZERO,
        "a hold that was too small releases nothing"
    );
    wallet.apply(&settled.transactions[0]).unwrap();
    assert_eq!(buckets(&wallet), [0, 0, 0]);
}

#[test]
fn money_that_is_owed_is_taken_from_what_others_hold() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_000, 0, 0);
    let big = UsedCall {
        usage: used(900, 0),
        ..running(&mut wallet, &mut ids, 500, micro_price())
    };
    let other = running(&mut wallet, &mut ids, 500, micro_price());
    let settled = settle(&wallet, big, november(2), || ids.transaction()).unwrap();
    assert_eq!(
        (settled.amount, settled.overrun),
        (MicroUsd(900), MicroUsd::ZERO)
    );
    wallet.apply(&settled.transactions[0]).unwrap();
    wallet.close(settled.closed_hold.unwrap()).unwrap();
    assert_eq!(wallet.held(), MicroUsd(500), "the other hold stands");
    assert_eq!(wallet.available(), Some(MicroUsd::ZERO));
    assert_eq!(wallet.holds[0].id, other.hold.unwrap());
    let other = UsedCall {
        usage: used(450, 0),
        ..other
    };
    let settled = end(&mut wallet, other, &mut ids);
    assert_eq!(
        (settled.amount, settled.overrun),
        (MicroUsd(450), MicroUsd::ZERO),
        "its own hold is paid all the same"
    );
    assert_eq!(wallet.limit_used(november(2)), MicroUsd(1_350));
}

#[test]
fn an_empty_wallet_still_books_what_a_call_cost() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(0, 0, 0);
    let call = UsedCall {
        usage: used(7, 0),
        hold: None,
        ..running(&mut wallet, &mut ids, 7, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    assert_eq!(
        lines(&settled.transactions[0]),
        [(Account::ProviderSpend, 7), (Account::Overrun, -7)]
    );
    assert_eq!(settled.amount, MicroUsd::ZERO);
}

/// The accounts that one booking moves.
type Lines = Vec<(Account, i64)>;

/// A wallet that spent 200 of 1,000 and holds 400, and whose limit is then lowered; the held call ends with `cost`.
/// What is booked with its debit, what the debit says, what overran, and the wallet after it.
fn lowered(limit: i64, refill: i64, cost: u64) -> (Vec<Lines>, i64, i64, Wallet) {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_000, 0, refill);
    let first = UsedCall {
        usage: used(200, 0),
        ..running(&mut wallet, &mut ids, 200, micro_price())
    };
    end(&mut wallet, first, &mut ids);
    let call = UsedCall {
        usage: used(cost, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    set_limit(&mut wallet, limit, &mut ids);
    let settled = end(&mut wallet, call, &mut ids);
    let booked = settled.transactions.iter().map(lines).collect();
    (booked, settled.amount.0, settled.overrun.0, wallet)
}

fn end(wallet: &mut Wallet, call: UsedCall, ids: &mut Ids) -> Settlement {
    let settled = settle(wallet, call, november(2), || ids.transaction()).unwrap();
    for booked in &settled.transactions {
        wallet.apply(booked).unwrap();
    }
    wallet.close(settled.closed_hold.unwrap()).unwrap();
    settled
}

fn set_limit(wallet: &mut Wallet, limit: i64, ids: &mut Ids) {
    let change = change_limit(
        wallet,
        Some(MicroUsd(limit)),
        ids.transaction(),
        november(2),
    );
    if let Some(booked) = &change.transaction {
        wallet.apply(booked).unwrap();
    }
    wallet.terms = change.terms;
}

#[test]
fn a_limit_lowered_below_what_is_spent_leaves_a_call_under_way_its_hold() {
    let (booked, amount, overrun, mut wallet) = lowered(10, 0, 300);
    let expected = [
        vec![(Account::Grants, -300), (Account::Free, 300)],
        vec![(Account::Free, -300), (Account::ProviderSpend, 300)],
    ];
    assert_eq!(booked, expected);
    assert_eq!((amount, overrun), (300, 0));
    assert_eq!(
        wallet.available(),
        Some(MicroUsd::ZERO),
        "what was not needed stops new calls again"
    );
    assert_eq!(wallet.limit_used(november(2)), MicroUsd(500));
    set_limit(&mut wallet, 1_000, &mut Ids::default());
    assert_eq!(
        wallet.available(),
        Some(MicroUsd(500)),
        "raised again, the limit has paid both calls"
    );
}

#[test]
fn a_lowered_limit_pays_with_what_is_left_of_it_and_lacks_only_the_rest() {
    let (booked, amount, overrun, wallet) = lowered(300, 50, 399);
    let expected = [
        vec![(Account::Grants, -249), (Account::Free, 249)],
        vec![
            (Account::Free, -349),
            (Account::Refill, -50),
            (Account::ProviderSpend, 399),
        ],
    ];
    assert_eq!(booked, expected);
    assert_eq!((amount, overrun), (399, 0));
    assert_eq!(buckets(&wallet), [0, 0, 0]);
    let (booked, amount, overrun, _) = lowered(599, 0, 399);
    assert_eq!(booked.len(), 1, "nothing is lacking");
    assert_eq!((amount, overrun), (399, 0));
}

#[test]
fn only_what_lies_beyond_the_hold_and_the_buckets_overruns() {
    let (_, amount, overrun, wallet) = lowered(10, 0, 450);
    assert_eq!((amount, overrun), (400, 50));
    assert_eq!(wallet.balance(Account::Overrun), MicroUsd(-50));
    let (booked, amount, overrun, _) = lowered(620, 0, 450);
    assert_eq!(booked.len(), 1, "the buckets have more than was held");
    assert_eq!((amount, overrun), (420, 30));
}

#[test]
fn a_call_that_was_never_made_only_releases() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_000, 0, 0);
    let call = running(&mut wallet, &mut ids, 400, micro_price());
    let hold = call.hold;
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    assert!(settled.transactions.is_empty());
    assert_eq!(
        (settled.closed_hold, settled.released),
        (hold, MicroUsd(400))
    );
}

#[test]
fn a_free_seat_bills_nothing() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(0, 0, 0);
    let call = running(&mut wallet, &mut ids, 1, Price::FREE);
    let call = UsedCall {
        usage: used(5_000, 900),
        hold: None,
        ..call
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    assert!(settled.transactions.is_empty());
    assert_eq!((settled.closed_hold, settled.cost), (None, MicroUsd::ZERO));
}

#[test]
fn a_hold_settles_once() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_000, 0, 0);
    let call = UsedCall {
        usage: used(10, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let hold = call.hold.unwrap();
    assert!(wallet.close(hold).is_some());
    assert_eq!(
        settle(&wallet, call, november(2), || ids.transaction()),
        Err(HoldClosed(hold))
    );
    assert_eq!(wallet.close(hold), None);
}

#[test]
fn a_markup_is_charged_and_told_apart() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_000, 0, 0);
    wallet.terms.markup_bps = 2_000;
    let call = UsedCall {
        usage: used(101, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    // 101 × 1.2 = 121.2, rounded up once.
    let expected = [
        (Account::Free, -122),
        (Account::ProviderSpend, 101),
        (Account::Markup, 21),
    ];
    assert_eq!(lines(&settled.transactions[0]), expected);
    assert_eq!(
        (settled.cost, settled.amount, settled.released),
        (MicroUsd(101), MicroUsd(122), MicroUsd(278))
    );
}

#[test]
fn without_a_limit_the_limit_follows_the_spending() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(100, 0, 1_000);
    wallet.terms = WalletTerms {
        monthly_grant: None,
        ..wallet.terms
    };
    assert_eq!(wallet.available(), None);
    let call = UsedCall {
        usage: used(350, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    let [grant, debit] = &settled.transactions[..] else {
        panic!("a grant and a debit, {settled:?}")
    };
    assert_eq!(grant.kind, TransactionKind::LimitChange);
    assert_eq!(
        lines(grant),
        [(Account::Grants, -250), (Account::Free, 250)]
    );
    assert_eq!(
        lines(debit),
        [(Account::Free, -350), (Account::ProviderSpend, 350)]
    );
    assert_ne!(grant.id, debit.id);
    assert_eq!(
        (settled.amount, settled.overrun),
        (MicroUsd(350), MicroUsd::ZERO)
    );
    settled
        .transactions
        .iter()
        .for_each(|transaction| wallet.apply(transaction).unwrap());
    assert_eq!(
        buckets(&wallet),
        [0, 0, 1_000],
        "prepaid money is left alone"
    );
    assert_eq!(wallet.limit_used(november(2)), MicroUsd(350));
}

#[test]
fn without_a_limit_nothing_is_granted_while_the_bucket_lasts() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(100, 0, 0);
    wallet.terms = WalletTerms {
        monthly_grant: None,
        ..wallet.terms
    };
    let call = UsedCall {
        usage: used(100, 0),
        ..running(&mut wallet, &mut ids, 400, micro_price())
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    assert_eq!(settled.transactions.len(), 1);
    assert_eq!(
        lines(&settled.transactions[0]),
        [(Account::Free, -100), (Account::ProviderSpend, 100)]
    );
}
