//! Recaps: one call, held whole or refused, paid at cost.

use husting_domain::calls::Purpose;
use husting_domain::ledger::{Account, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_wallet::preflight::Shortage;
use husting_wallet::settle::{UsedCall, settle};
use husting_wallet::summaries::{SummaryRequest, plan, range};

use crate::fixtures::*;

fn asking(prompt_bytes: u64) -> SummaryRequest {
    SummaryRequest {
        session: spending(None, 0),
        round_id: round(),
        model: model("w"),
        purpose: Purpose::Recap,
        price: price(3, 15),
        prompt_bytes,
        max_output_tokens: 4_096,
    }
}

/// 4,000 bytes are 2,100 tokens from above: 2,100 × 3 + 4,096 × 15 = 67,740 held. Of 1,000 in and
/// 200 out, 3,000 + 3,000 are paid, without the wallet's markup of 20 %.
#[test]
fn a_recap_is_held_from_above_and_paid_at_cost() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_500_000, 0, 0);
    wallet.terms.markup_bps = 2_000;
    let hold = plan(&wallet, &asking(4_000), november(2), || ids.hold())
        .unwrap()
        .unwrap();
    assert_eq!(hold.amount, MicroUsd(67_740));
    assert_eq!(
        (hold.purpose, hold.max_output_tokens),
        (Purpose::Recap, 4_096)
    );
    wallet.open(hold.clone());
    let call = UsedCall {
        call_id: ids.call(),
        occasion: husting_domain::ledger::Occasion::Round {
            session_id: session(),
            round_id: round(),
        },
        model: model("w"),
        purpose: Purpose::Recap,
        usage: used(1_000, 200),
        price: price(3, 15),
        hold: Some(hold.id),
    };
    let settled = settle(&wallet, call, november(2), || ids.transaction()).unwrap();
    let debit = settled.debit().unwrap();
    let TransactionKind::Debit(told) = &debit.kind else {
        panic!("a debit, {debit:?}")
    };
    assert_eq!(
        (told.markup_bps, told.cost, told.amount),
        (0, MicroUsd(6_000), MicroUsd(6_000))
    );
    assert_eq!(
        lines(debit),
        [(Account::Free, -6_000), (Account::ProviderSpend, 6_000)]
    );
}

#[test]
fn a_wallet_that_cannot_cover_a_whole_recap_refuses_it() {
    let (wallet, _) = funded(67_739, 0, 0);
    let mut ids = Ids::default();
    let mut held = |request: &SummaryRequest| plan(&wallet, request, november(2), || ids.hold());
    let refused = held(&asking(4_000)).unwrap_err();
    assert_eq!(refused.needed, MicroUsd(67_740));
    assert_eq!(
        refused.shortage,
        Shortage::Balance {
            balance: MicroUsd(67_739)
        }
    );
    assert!(held(&asking(3_998)).unwrap().is_some());
    let limited = SummaryRequest {
        session: spending(Some(80_000), 20_000),
        ..asking(3_000)
    };
    let shortage = held(&limited).unwrap_err().shortage;
    assert!(matches!(shortage, Shortage::Session { .. }), "{shortage:?}");
}

#[test]
fn what_costs_nothing_needs_nothing() {
    let (wallet, _) = funded(0, 0, 0);
    let free = SummaryRequest {
        price: price(0, 0),
        ..asking(4_000_000)
    };
    let mut ids = Ids::default();
    assert_eq!(plan(&wallet, &free, november(2), || ids.hold()), Ok(None));
}

#[test]
fn no_recap_costs_more_than_the_upper_end_of_its_range() {
    let (low, high) = range(&price(3, 15), (4_000, 4_000), 4_096);
    assert_eq!((low, high), (MicroUsd(3_000 + 4_500), MicroUsd(67_740)));
    let (wallet, _) = funded(1_500_000, 0, 0);
    let mut ids = Ids::default();
    let hold = plan(&wallet, &asking(4_000), november(2), || ids.hold()).unwrap();
    assert_eq!(hold.unwrap().amount, high);
}
