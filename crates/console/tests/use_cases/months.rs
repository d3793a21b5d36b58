//! Months that end while rounds run, and while nothing runs at all.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::ManualClock;
use husting_domain::money::MicroUsd;
use husting_test_support::{Behaviour, GatePoint, Phase, Script};
use husting_wire::events::Event;

use crate::desk::{Desk, at};
use crate::panel::{Panel, SEATS};

#[tokio::test]
async fn a_month_that_ends_in_the_middle_of_a_round_lapses_and_grants_once() {
    let clock = ManualClock::at(at("2026-11-30T23:59:30Z"));
    let slow = Behaviour::debating().gate("pause", GatePoint::BeforeEnd);
    let script = Script::debate().for_phase("beta", Phase::Respond, slow);
    let panel = Panel::open_by(Arc::new(clock.clone()), script).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel
        .once(session, |round| round.summary.answered == 2)
        .await;
    let november = panel.wallet().await.summary;
    assert!(november.held > MicroUsd::ZERO);
    clock.advance(Duration::from_secs(45));
    panel.houses.release("pause");
    let round = panel.finished(session).await;
    assert_eq!(round.summary.answered, 3);

    let wallet = panel.wallet().await;
    assert!(wallet.check.ok, "{:?}", wallet.check.faults);
    assert_eq!(wallet.summary.held, MicroUsd::ZERO);
    // Two answers were settled in November, the rest is December's.
    let december: MicroUsd = round.debits[2..].iter().map(|debit| debit.amount).sum();
    assert_eq!(
        wallet.summary.balance,
        MicroUsd::dollars(20) - december,
        "the new month starts from its own grant"
    );
    assert_eq!(wallet.summary.spent_month, december);
    assert_eq!(
        wallet.summary.limit_used, december,
        "November's part is not of this limit"
    );
    let ledger = panel.ledger().await;
    let count = |kind: &str| ledger.iter().filter(|row| row.kind == kind).count();
    assert_eq!((count("expiry"), count("grant")), (1, 2));
    let lapsed = ledger.iter().find(|row| row.kind == "expiry").unwrap();
    assert_eq!(lapsed.change, -november.balance);
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn months_off_are_booked_at_the_next_start_and_only_once() {
    let clock = ManualClock::at(at("2026-08-20T10:00:00Z"));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    desk.limit(20).await;
    let home = desk.home.clone();
    desk.console.close().await;
    clock.set(at("2026-11-02T00:00:00Z"));
    for _ in 0..2 {
        let desk = Desk::open_in(home.clone(), Arc::new(clock.clone())).await;
        let wallet = desk.wallet().await;
        assert_eq!(wallet.summary.balance, MicroUsd::dollars(20));
        assert_eq!(wallet.summary.resets_at, Some(at("2026-12-01T00:00:00Z")));
        assert!(wallet.check.ok);
        let granted = desk.ledger().await;
        let november = granted
            .iter()
            .filter(|row| row.kind == "grant" && row.at >= at("2026-11-01T00:00:00Z"));
        assert_eq!(november.count(), 1);
        desk.console.close().await;
    }
}

#[tokio::test]
async fn a_program_that_runs_into_a_new_month_books_it_by_itself() {
    let clock = ManualClock::at(at("2026-11-30T22:00:00Z"));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let before = desk.ledger().await.len();
    let mut events = desk.console.watch();
    while clock.waiting_for(at("2026-12-01T00:00:00Z")) == 0 {
        tokio::task::yield_now().await;
    }
    clock.set(at("2026-12-01T00:00:01Z"));
    // Only the new day tells the wallet here: nobody asks for it.
    while let Some(told) = events.next().await {
        if matches!(told.event, Event::WalletChanged { .. }) {
            break;
        }
    }
    assert!(desk.ledger().await.len() > before, "the month is booked");
    desk.console.close().await;
}
