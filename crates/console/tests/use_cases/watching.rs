//! What somebody who watches is told: numbered without a gap, and enough to follow every word.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_domain::scopes::Scope;
use husting_domain::sessions::SessionStatus;
use husting_test_support::{Behaviour, Debate, Fault, GatePoint, Phase, Script};
use husting_wire::agents::Liveness;
use husting_wire::answers::SeatState;
use husting_wire::bus::calls::{Ack, Inbox, InboxWait};
use husting_wire::commands::{MakeAgent, TakeSnapshot};
use husting_wire::events::{EVENT_VERSION, Envelope, Event};
use husting_wire::settings::Nothing;

use crate::agents::{holder, letter, with_scopes};
use crate::desk::{Desk, PATIENCE, answer, hand_clock};
use crate::panel::{Panel, SEATS};

/// Without tags, which leave the text as served.
fn plain() -> Debate {
    Debate {
        confidence: false,
        ..Debate::default()
    }
}

#[tokio::test]
async fn words_come_in_order_and_add_up_to_the_answers() {
    let panel = Panel::open(Script::new(Behaviour::debating_as(plain()))).await;
    let mut watched = panel.desk.console.watch();
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;

    let mut told: Vec<Envelope> = Vec::new();
    while !ends(&told, &round.round_id) {
        told.push(watched.next().await.unwrap());
    }
    assert_eq!(told[0].event, Event::Hello {});
    for pair in told.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert_eq!(pair[1].version, EVENT_VERSION);
    }
    let mut said: HashMap<String, String> = HashMap::new();
    for envelope in &told {
        if let Event::SeatText {
            model,
            offset,
            text,
            ..
        } = &envelope.event
        {
            let so_far = said.entry(model.to_string()).or_default();
            assert_eq!(*offset as usize, so_far.encode_utf16().count());
            so_far.push_str(text);
        }
    }
    for seat in SEATS {
        assert_eq!(said[seat], answer(&round, seat).text);
    }
}

#[tokio::test]
async fn words_beyond_the_first_plane_count_twice_in_offsets() {
    let script = Script::answering("Yes 🗳️. 合意は形成できる。Seats are 𝒸heap.");
    let panel = Panel::open(script).await;
    let mut watched = panel.desk.console.watch();
    let session = panel.convene(&["alpha", "beta"]).await.session_id;
    let mut text = String::new();
    while let Some(envelope) = watched.next().await {
        match envelope.event {
            Event::SeatText {
                model,
                offset,
                text: words,
                ..
            } if model.as_str() == "beta" => {
                assert_eq!(offset as usize, text.encode_utf16().count());
                text.push_str(&words);
            }
            Event::RoundChanged { round } if round.status.is_terminal() => break,
            _ => {}
        }
    }
    let round = panel.finished(session).await;
    assert_eq!(text, answer(&round, "beta").text);
}

#[tokio::test]
async fn a_snapshot_in_the_middle_holds_the_words_so_far_and_what_is_set_aside() {
    let gated = Behaviour::debating().gate("pause", GatePoint::BeforeToken(10));
    let panel = Panel::open(Script::new(gated)).await;
    let session = panel.convene(&SEATS).await.session_id;
    for model in SEATS {
        panel.until_said(session, model, 40).await;
    }

    let snapshot = panel.ask::<TakeSnapshot>(Nothing {}).await;
    let [running] = &snapshot.running[..] else {
        panic!("one round runs")
    };
    let alpha = answer(running, "alpha");
    let sent = &panel.houses.calls_of("alpha", Phase::Respond)[0].sent;
    assert_eq!((&alpha.text, alpha.state), (sent, SeatState::Streaming));
    assert_eq!(alpha.text.len(), 40);
    assert_eq!(snapshot.sessions[0].session_id, session);
    assert_eq!(snapshot.wallet.held, running.held);
    assert!(running.held.0 > 0, "what is held is shown");

    // What follows builds on the snapshot: the next words begin where it ends.
    let mut events = panel.desk.console.watch();
    panel.houses.release("pause");
    loop {
        let envelope = events.next().await.unwrap();
        assert!(envelope.seq >= snapshot.seq);
        if let Event::SeatText { model, offset, .. } = &envelope.event
            && model.as_str() == "alpha"
        {
            assert_eq!(*offset, 40);
            break;
        }
    }
    let round = panel.finished(session).await;
    assert_eq!(round.held.0, 0);
}

#[tokio::test]
async fn a_sessions_row_is_told_as_it_begins_streams_and_is_ready() {
    let panel = Panel::open(Script::debate()).await;
    let watched = panel.desk.console.watch();
    let session = panel.convene(&SEATS).await.session_id;
    let mut told: Vec<SessionStatus> = watched
        .filter_map(async |envelope| match envelope.event {
            Event::SessionChanged { session } => Some(session.status),
            _ => None,
        })
        .take_while(|status| std::future::ready(*status != SessionStatus::Ready))
        .collect()
        .await;
    told.dedup();
    assert_eq!(told, [SessionStatus::Processing, SessionStatus::Streaming]);
    panel.finished(session).await;
}

#[tokio::test]
async fn money_given_back_is_told_also_where_nothing_was_charged() {
    let refusing = Behaviour::default().fault(Fault::BadRequest400);
    let slow = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let script = Script::new(slow).for_phase("alpha", Phase::Respond, refusing);
    let panel = Panel::open(script).await;
    let mut watched = panel.desk.console.watch();
    let session = panel.convene(&SEATS).await.session_id;
    let mut held = Vec::new();
    while held.len() < 2 {
        if let Event::WalletChanged { wallet } = watched.next().await.unwrap().event {
            held.push(wallet.held);
        }
    }
    assert!(held[1] < held[0], "{held:?}");
    panel.houses.release("pause");
    panel.finished(session).await;
}

fn ends(told: &[Envelope], round: &husting_domain::ids::RoundId) -> bool {
    told.iter().any(|envelope| match &envelope.event {
        Event::RoundChanged { round: changed } => {
            changed.round_id == *round && changed.status.is_terminal()
        }
        _ => false,
    })
}

#[tokio::test]
async fn an_agent_that_opens_and_closes_something_is_shown_within_a_second() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let minted = desk
        .ask::<MakeAgent>(with_scopes("anna", &Scope::ALL))
        .await;
    let anna = holder(&desk, &minted);
    let mut events = desk.console.watch();
    let mut shown = async || loop {
        let told = tokio::time::timeout(PATIENCE, events.next()).await;
        if let Event::AgentChanged { agent } = told.unwrap().unwrap().event {
            return (agent.liveness, agent.connections);
        }
    };
    {
        let wait = desk.console.inbox_wait(&anna, InboxWait::default());
        tokio::pin!(wait);
        assert!(futures::poll!(wait.as_mut()).is_pending());
        assert_eq!(shown().await, (Liveness::Live, 1));
    }
    // Its second begins some time after what was just told.
    let passes = async {
        loop {
            clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        (_, connections) = shown() => assert_eq!(connections, 0),
        () = passes => {}
    }
}

#[tokio::test]
async fn an_agents_acknowledgement_is_told() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let mint = |name| desk.ask::<MakeAgent>(with_scopes(name, &Scope::ALL));
    let (anna, bruno) = (mint("anna").await, mint("bruno").await);
    let sender = holder(&desk, &anna);
    let sent = desk.console.send(&sender, letter("bruno", "Plain.")).await;
    let reader = holder(&desk, &bruno);
    for _ in 0..3 {
        desk.console.inbox(&reader, Inbox::default()).await.unwrap();
        clock.advance(Duration::from_secs(600));
    }
    desk.console.close().await;

    // Of a desk just opened nothing moved but what follows.
    let desk = Desk::open_in(desk.home.clone(), Arc::new(clock.clone())).await;
    let before = desk.ask::<TakeSnapshot>(Nothing {}).await.bus;
    assert_eq!(before.counts.unacknowledged, 1);
    let mut events = desk.console.watch();
    let ack = Ack {
        ids: vec![sent.unwrap().record.id],
    };
    let reader = holder(&desk, &bruno);
    let told = desk.console.ack(&reader, ack).await.unwrap();
    assert_eq!(told.record.acknowledged, 1);
    let bus = async {
        loop {
            if let Event::BusMoved { bus } = events.next().await.unwrap().event {
                return bus;
            }
        }
    };
    let bus = tokio::time::timeout(PATIENCE, bus).await;
    assert_eq!(bus.expect("nobody told").counts.unacknowledged, 0);
}
