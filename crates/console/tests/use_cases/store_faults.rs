//! A disk that goes away in the middle of a round: nothing is paid twice, nothing that was kept is
//! lost, and the round ends in a state that says what is missing and can be mended.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, SharedClock, SystemClock};
use husting_domain::calls::{Purpose, SeatErrorCode};
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{Phase as RoundPhase, RoundStatus};
use husting_domain::sessions::SessionStatus;
use husting_store::{Unit, Write};
use husting_test_support::{Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::rounds::RoundView;

use crate::contract::{agent, create, waiting};
use crate::desk::{Desk, PATIENCE, hand_clock};
use crate::fragile::{Break, Fragile, Strikes};
use crate::panel::{Houses, Panel, SEATS};

/// A panel whose store can be made to fail.
async fn fragile(clock: SharedClock) -> (Panel, Arc<Fragile>) {
    let (desk, store) = Desk::fragile(clock).await;
    let houses = Houses::open(Script::debate()).await;
    (Panel::furnished(desk, houses).await, store)
}

fn ends_a_call(unit: &Unit, purpose: Purpose) -> bool {
    let ends = |write: &Write| matches!(write, Write::FinishCall(call) if call.purpose == purpose);
    unit.writes.iter().any(ends)
}

fn begins(unit: &Unit, begun: RoundPhase) -> bool {
    let begins =
        |write: &Write| matches!(write, Write::SetRoundPhase { phase, .. } if *phase == begun);
    unit.writes.iter().any(begins)
}

fn ends_the_round(unit: &Unit) -> bool {
    let ends = |write: &Write| matches!(write, Write::FinishRound { .. });
    unit.writes.iter().any(ends)
}

/// Between two attempts to use a store that fails.
const STORE_PAUSE: Duration = Duration::from_secs(2);

/// The steps of a round that it cannot go on without.
const STEPS: [(&str, Strikes); 5] = [
    ("an answer is paid", |unit| {
        ends_a_call(unit, Purpose::Respond)
    }),
    ("the reactions begin", |unit| {
        begins(unit, RoundPhase::React)
    }),
    ("a reaction is paid", |unit| {
        ends_a_call(unit, Purpose::React)
    }),
    ("the map begins", |unit| begins(unit, RoundPhase::Map)),
    ("the round ends", ends_the_round),
];

/// Every hold is closed, the wallet changed by the debits alone, and no call has two.
async fn assert_books(panel: &Panel, what: &str) {
    panel.audit(MicroUsd::dollars(20)).await;
    let debits = panel.debits().await;
    for model in SEATS {
        for (purpose, phase) in [
            (Purpose::Respond, Phase::Respond),
            (Purpose::React, Phase::React),
        ] {
            let paid = debits.iter().filter(|row| {
                let debit = row.debit.as_ref().unwrap();
                debit.model.as_str() == model && debit.purpose == Some(purpose)
            });
            let asked = panel.houses.calls_of(model, phase).len();
            assert!(paid.count() <= asked, "{what}: {model} {purpose:?}");
        }
    }
}

/// What is missing is said to be missing, seat by seat.
fn assert_clear(round: &RoundView, what: &str) {
    assert!(round.status.is_terminal() && !round.cancelled, "{what}");
    assert_eq!(round.held, MicroUsd::ZERO, "{what}");
    for seat in round.answers.iter().chain(&round.reactions) {
        match seat.state {
            SeatState::Final | SeatState::Absent => {}
            SeatState::Error => {
                assert_eq!(
                    seat.error_code,
                    Some(SeatErrorCode::StreamInterrupted),
                    "{what}"
                );
                let why = seat.error_message.as_deref().unwrap();
                assert!(why.contains("could not be kept"), "{what}: {why}");
            }
            SeatState::Queued | SeatState::Streaming => panic!("{what}: {seat:#?}"),
        }
    }
    let whole = round.summary.answered == 3 && round.summary.reacted == 3;
    assert_eq!(round.can_retry, !whole, "{what}");
    assert_eq!(
        round.summary.degraded,
        round.summary.answered < 3 || round.summary.reacted < 3
    );
}

#[tokio::test]
async fn a_store_that_fails_at_any_step_of_a_round_costs_nothing_twice_and_the_round_ends() {
    for (step, strikes) in STEPS {
        for at in [Break::Before, Break::After] {
            let what = format!("{step}, {at:?}");
            let (panel, store) = fragile(Arc::new(SystemClock)).await;
            store.weaken(strikes, at, 1);
            let session = panel.convene(&SEATS).await.session_id;
            let round = panel.finished(session).await;
            assert_eq!(store.times_broken(), 1, "{what}: it did break");
            assert_clear(&round, &what);
            assert_books(&panel, &what).await;
            let view = panel.session(session).await;
            assert_eq!(view.summary.status, SessionStatus::Ready, "{what}");
            assert_eq!(
                view.summary.failures.is_empty(),
                round
                    .answers
                    .iter()
                    .chain(&round.reactions)
                    .all(|seat| seat.error_code.is_none()),
                "{what}"
            );

            let stands: Vec<_> = round
                .answers
                .iter()
                .filter(|seat| seat.state == SeatState::Final)
                .collect();
            let whole = if round.can_retry {
                panel.retried(session).await
            } else {
                round.clone()
            };
            assert_eq!(
                (whole.status, whole.summary.reacted),
                (RoundStatus::Complete, 3),
                "{what}"
            );
            for seat in stands {
                let asked = panel.houses.calls_of(seat.model.as_str(), Phase::Respond);
                assert_eq!(asked.len(), 1, "{what}: {} had answered", seat.model);
            }
            assert_books(&panel, &what).await;
            panel.console.close().await;
        }
    }
}

#[tokio::test]
async fn an_answer_is_held_until_the_store_is_back_and_paid_as_its_provider_counted_it() {
    for at in [Break::Before, Break::After] {
        let clock = hand_clock();
        let (panel, store) = fragile(Arc::new(clock.clone())).await;
        // Each of the three answers, twice.
        store.weaken(|unit| ends_a_call(unit, Purpose::Respond), at, 6);
        let session = panel.convene(&SEATS).await.session_id;
        let coming_back = async {
            let attempts = if at == Break::Before { 2 } else { 1 };
            for broken in 1..=attempts {
                store.until_broken(3 * broken).await;
                assert!(!panel.round(session).await.status.is_terminal());
                // The three who wait for the store.
                while clock.waiting_for(clock.now().plus(STORE_PAUSE)) < 3 {
                    tokio::task::yield_now().await;
                }
                clock.advance(STORE_PAUSE);
            }
        };
        let waited = tokio::time::timeout(PATIENCE, coming_back).await;
        waited.expect("it is tried again after each pause");
        let round = panel.finished(session).await;
        assert_eq!(
            (round.status, round.summary.reacted),
            (RoundStatus::Complete, 3),
            "{at:?}"
        );
        assert!(round.answers.iter().all(|seat| !seat.usage.estimated));
        assert_books(&panel, "a long absence").await;
        panel.console.close().await;
    }
}

/// The deadline is for the model to keep; that it passed while the disk was away is not its doing.
#[tokio::test]
async fn a_call_that_the_store_lost_is_interrupted_however_late_its_end_is_kept() {
    let clock = hand_clock();
    let (panel, store) = fragile(Arc::new(clock.clone())).await;
    // The reactions are queued and the round does not learn of it; then their end is not kept.
    store.weaken(|unit| begins(unit, RoundPhase::React), Break::After, 1);
    store.weaken_also(|unit| ends_a_call(unit, Purpose::React), Break::Before, 1);
    let session = panel.convene(&SEATS).await.session_id;
    let away = async {
        store.until_broken(2).await;
        // The round waits for the store.
        while clock.waiting_for(clock.now().plus(STORE_PAUSE)) == 0 {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, away).await;
    waited.expect("the round's end is tried again after a pause");
    assert!(!panel.round(session).await.status.is_terminal());
    let past_every_deadline = Duration::from_secs(3_600);
    clock.advance(past_every_deadline);
    let round = panel.finished(session).await;
    assert_eq!((round.summary.answered, round.summary.reacted), (3, 0));
    let reactions = round.reactions.iter();
    let codes: Vec<_> = reactions.map(|seat| seat.error_code).collect();
    assert_eq!(codes, [Some(SeatErrorCode::StreamInterrupted); 3]);
    assert_clear(&round, "an hour later");
    assert_books(&panel, "an hour later").await;
    panel.console.close().await;
}

#[tokio::test]
async fn a_fault_of_ours_in_a_round_leaves_no_session_busy() {
    let (panel, store) = fragile(Arc::new(SystemClock)).await;
    store.weaken(|unit| begins(unit, RoundPhase::React), Break::Panic, 1);
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!((round.summary.answered, round.summary.reacted), (3, 0));
    assert_books(&panel, "a fault of ours").await;
    let whole = panel.retried(session).await;
    assert_eq!(
        (whole.status, whole.summary.reacted),
        (RoundStatus::Complete, 3)
    );
    assert_books(&panel, "a fault of ours").await;
}

#[tokio::test]
async fn a_round_that_is_over_is_read_though_the_disk_is_full() {
    let (panel, store) = fragile(Arc::new(SystemClock)).await;
    let caller = agent(&panel.desk).await;
    let ack = create(&panel.desk, &caller, "Which?").await;
    panel.finished(ack.session_id).await;
    let releases = |unit: &Unit| {
        let releases = |write: &Write| matches!(write, Write::ReleaseReplay { .. });
        unit.writes.iter().any(releases)
    };
    store.weaken(releases, Break::Full, 2);
    let waited = panel
        .console
        .wait_for_round(&caller, waiting(ack.session_id));
    assert!(waited.await.unwrap().state.is_terminal);
    let read = panel.console.session(&caller, ack.session_id).await;
    assert_eq!(read.unwrap().0.session_id, ack.session_id);
    assert_eq!(store.times_broken(), 2);
}
