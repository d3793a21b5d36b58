//! Random schedules: sessions in parallel whose seats fail, are stopped and cancelled at any moment.
//! However they interleave, the books add up, nothing stays held, and every call that a provider
//! took up is paid once.

use std::collections::BTreeMap;

use futures::StreamExt;
use husting_domain::calls::SeatErrorCode;
use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_test_support::{
    Behaviour, Debate, Dress, Fault, Junk, Options, Outcome, Phase, Recorded, Script, Slicing,
};
use husting_wire::commands::{
    AppendToSession, CancelRound, ConveneSession, FindSessions, RetryRound, StopOneSeat,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::{RoundRef, StopSeat};
use husting_wire::sessions::{ListSessions, SessionRef};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::desk::id;
use crate::panel::{Panel, SEATS, asking, bill, next};

/// Where the schedules start; another number is another sixty.
const SEED: u64 = 20_261_120;

#[tokio::test]
async fn schedules_1_to_15_lose_nothing() {
    run_all(1..=15).await;
}

#[tokio::test]
async fn schedules_16_to_30_lose_nothing() {
    run_all(16..=30).await;
}

#[tokio::test]
async fn schedules_31_to_45_lose_nothing() {
    run_all(31..=45).await;
}

#[tokio::test]
async fn schedules_46_to_60_lose_nothing() {
    run_all(46..=60).await;
}

async fn run_all(numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        let seed = SEED + number;
        println!("schedule {number}, seed {seed}");
        run(seed).await;
    }
}

async fn run(seed: u64) {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let ends_early = dice.random_bool(0.5);
    let panel = Panel::open(script(&mut dice)).await;
    panel.limit(dice.random_range(1..=10)).await;
    let before = panel.balance().await;
    let sessions: Vec<ChaCha8Rng> = (0..dice.random_range(2..=4))
        .map(|_| ChaCha8Rng::seed_from_u64(dice.random()))
        .collect();
    let running = sessions
        .into_iter()
        .map(|dice| deliberate(&panel, dice, ends_early));
    futures::future::join_all(running).await;
    panel.audit(before).await;
    assert_every_round_is_over(&panel).await;
    assert_paid_once(&panel, ends_early).await;
}

/// One session: a round or two, ended early or tried again.
async fn deliberate(panel: &Panel, mut dice: ChaCha8Rng, ends_early: bool) {
    let mut seats = SEATS.to_vec();
    seats.shuffle(&mut dice);
    seats.truncate(dice.random_range(2..=3));
    let asked = panel.try_ask::<ConveneSession>(asking(&seats)).await;
    let Some(ack) = admitted(asked) else { return };
    let session_id = ack.session_id;
    for _ in 0..dice.random_range(0..=2) {
        if ends_early {
            end_early(panel, session_id, &seats, &mut dice).await;
        }
        let round = panel.finished(session_id).await;
        let again = if round.can_retry && !ends_early {
            let newest = RoundRef {
                session_id,
                round_id: None,
            };
            panel.try_ask::<RetryRound>(newest).await
        } else {
            let asked = next(session_id, "And now?", Vec::new());
            panel.try_ask::<AppendToSession>(asked).await
        };
        if admitted(again).is_none() {
            break;
        }
    }
    panel.finished(session_id).await;
}

/// Waits for a few events, then stops a seat or the round, unless it is over.
async fn end_early(panel: &Panel, session_id: SessionId, seats: &[&str], dice: &mut ChaCha8Rng) {
    let events = dice.random_range(0..60);
    let over = panel.finished(session_id);
    let seen = panel.desk.console.watch().take(events).count();
    tokio::select! {
        _ = over => return,
        _ = seen => {}
    }
    let ended = if dice.random_bool(0.5) {
        let round = SessionRef { session_id };
        panel.try_ask::<CancelRound>(round).await
    } else {
        let model = id(seats.choose(dice).unwrap());
        panel
            .try_ask::<StopOneSeat>(StopSeat { session_id, model })
            .await
    };
    if let Err(late) = ended {
        assert_eq!(late.code, ErrorCode::InvalidRequest, "{late}");
    }
}

/// What a full wallet, or a session that failed for good, may refuse.
fn admitted<T>(asked: Result<T, Error>) -> Option<T> {
    match asked {
        Ok(ack) => Some(ack),
        Err(refused) => {
            let expected = [ErrorCode::CreditExhausted, ErrorCode::SessionFailed];
            assert!(expected.contains(&refused.code), "{refused:?}");
            None
        }
    }
}

fn script(dice: &mut ChaCha8Rng) -> Script {
    let phases = [Phase::Respond, Phase::React];
    let parts = SEATS
        .iter()
        .flat_map(|model| phases.map(|phase| (*model, phase)));
    parts.fold(Script::debate(), |script, (model, phase)| {
        script.for_phase(model, phase, behaviour(dice))
    })
}

fn behaviour(dice: &mut ChaCha8Rng) -> Behaviour {
    let after_tokens = dice.random_range(0..40);
    let fault = match dice.random_range(0..16) {
        0 => Some(Fault::Cut { after_tokens }),
        1 => Some(Fault::Truncated { after_tokens }),
        2 => Some(Fault::NoFinalMarker),
        3 => Some(Fault::ErrorEventMidStream { after_tokens }),
        4 => Some(Fault::LengthStop { after_tokens }),
        5 => Some(Fault::Unauthorized401 { echo_key: true }),
        6 => Some(Fault::BadRequest400),
        7 => Some(Fault::Garbage {
            junk: Junk::InvalidJson,
            after_tokens,
        }),
        _ => None,
    };
    let dress = [Dress::Plain, Dress::Fenced, Dress::Prose, Dress::NoJson];
    let slicing = [
        Slicing::Events,
        Slicing::InsideCharacters,
        Slicing::Bytes(vec![7, 300, 61]),
    ];
    let options = Options {
        slicing: slicing.choose(dice).unwrap().clone(),
        token_sizes: vec![dice.random_range(16..120)],
        omit_usage: dice.random_bool(0.2),
        cached_tokens: dice.random_range(0..50),
        ..Options::default()
    };
    let debate = Debate {
        dress: *dress.choose(dice).unwrap(),
        ..Debate::default()
    };
    let behaviour = Behaviour::debating_as(debate).options(options);
    match fault {
        Some(fault) => behaviour.fault(fault),
        None => behaviour,
    }
}

async fn assert_every_round_is_over(panel: &Panel) {
    let list = panel.ask::<FindSessions>(ListSessions::default()).await;
    for session in list.sessions {
        for round in panel.session(session.session_id).await.rounds {
            assert!(round.status.is_terminal(), "{:?}", round.round_id);
            assert_eq!(round.held, MicroUsd::ZERO);
            let paid: MicroUsd = round.debits.iter().map(|debit| debit.amount).sum();
            assert_eq!(round.summary.charged, paid);
        }
    }
}

async fn assert_paid_once(panel: &Panel, ends_early: bool) {
    let begun: Vec<Recorded> = panel
        .houses
        .calls()
        .into_iter()
        .filter(|call| call.status == 200)
        .collect();
    let debits = panel.debits().await;
    let unpaid = begun.len() as i64 - debits.len() as i64;
    if ends_early {
        // A call that was ended before the provider's first byte was read is released.
        let released = released(panel).await;
        assert!((0..=released).contains(&unpaid), "{unpaid} of {released}");
        return;
    }
    assert_eq!(unpaid, 0, "every call a provider took up is paid");
    // Of those answered in full with figures, each amount is the provider's own.
    let mut paid: BTreeMap<MicroUsd, usize> = BTreeMap::new();
    for row in &debits {
        *paid.entry(row.debit.as_ref().unwrap().amount).or_default() += 1;
    }
    let estimated = debits
        .iter()
        .filter(|row| row.debit.as_ref().unwrap().usage.estimated)
        .count();
    let answered = begun
        .iter()
        .filter(|call| call.outcome == Outcome::Finished);
    let strange = answered
        .filter(|call| {
            let known = paid.get_mut(&bill(call)).filter(|left| **left > 0);
            known.map(|left| *left -= 1).is_none()
        })
        .count();
    assert!(
        strange <= estimated,
        "{strange} bills, {estimated} estimates"
    );
}

/// Seats that were ended without having cost anything.
async fn released(panel: &Panel) -> i64 {
    let list = panel.ask::<FindSessions>(ListSessions::default()).await;
    let mut released = 0;
    for session in list.sessions {
        for round in panel.session(session.session_id).await.rounds {
            let seats = round.answers.iter().chain(&round.reactions);
            released += seats
                .filter(|seat| {
                    seat.error_code == Some(SeatErrorCode::Cancelled) && seat.cost == MicroUsd::ZERO
                })
                .count() as i64;
        }
    }
    released
}
