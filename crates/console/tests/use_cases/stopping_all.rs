//! "Stop everything": whatever was under way asks nobody any more.

use futures::StreamExt;
use husting_domain::agents::AgentStatus;
use husting_domain::audit::Action;
use husting_domain::calls::Purpose;
use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::RecapStatus;
use husting_test_support::{Behaviour, GatePoint, Phase, Script};
use husting_wire::agents::{ActivateAgent, AgentView};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::audit::ListAudit;
use husting_wire::bus::messages::{Recipient, WriteMessage};
use husting_wire::commands::{
    AskForRecap, ConveneSession, FindAudit, MakeAgent, RunAgent, SendMessage, StopEverything,
};
use husting_wire::events::Event;
use husting_wire::recaps::WriteRecap;
use husting_wire::sessions::Convene;
use husting_wire::settings::Nothing;

use crate::agents::{mint, minted};
use crate::deliberators::{create, let_in, thinker};
use crate::desk::{Desk, PATIENCE};
use crate::managed::write;
use crate::panel::{Panel, SEATS, asking};

/// Once nothing is set aside any more.
async fn until_nothing_is_held(panel: &Panel) {
    let free = async {
        loop {
            let mut events = panel.desk.console.watch().skip(1);
            if panel.wallet().await.summary.held == MicroUsd::ZERO {
                return;
            }
            events.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, free).await.unwrap();
}

/// Once the newest round's recap is not being written any more.
async fn recap_once_over(panel: &Panel, session: SessionId) -> RecapStatus {
    let status = |round: &husting_wire::rounds::RoundView| round.recap.status;
    let round = panel
        .once(session, |round| status(round) != RecapStatus::Pending)
        .await;
    status(&round)
}

#[tokio::test]
async fn a_round_that_is_stopped_gets_no_recap() {
    let paused = Behaviour::debating().gate("pause", GatePoint::BeforeToken(5));
    let script = Script::debate().for_phase("alpha", Phase::Respond, paused);
    let panel = Panel::open(script).await;
    let asked = Convene {
        recap_round: true,
        ..asking(&SEATS)
    };
    let session = panel.ask::<ConveneSession>(asked).await.session_id;
    panel.until_said(session, "alpha", 20).await;
    let is_final = |call: &&SeatCallView| call.state == SeatState::Final;
    panel
        .once(session, |round| {
            round.answers.iter().filter(is_final).count() == 2
        })
        .await;
    let stopped = panel.ask::<StopEverything>(Nothing {}).await;
    assert_eq!((stopped.rounds, stopped.sessions), (1, vec![session]));
    assert_eq!(recap_once_over(&panel, session).await, RecapStatus::Failed);
    let debits = panel.debits().await;
    let of_recap = |row: &husting_wire::wallet::LedgerRow| {
        row.debit.as_ref().and_then(|debit| debit.purpose) == Some(Purpose::Recap)
    };
    assert!(!debits.iter().any(of_recap));
    until_nothing_is_held(&panel).await;
    // It can be asked for afterwards, as ever.
    panel
        .ask::<AskForRecap>(WriteRecap {
            session_id: session,
            round_id: None,
        })
        .await;
    assert_eq!(
        recap_once_over(&panel, session).await,
        RecapStatus::Complete
    );
}

#[tokio::test]
async fn a_turn_in_flight_is_stopped() {
    let silent = Behaviour::answering("Too late.").gate("late", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::new(silent)).await;
    let kasra = ActivateAgent {
        agent_name: "kasra".to_owned(),
        model: Some("alpha".to_owned()),
    };
    panel.ask::<RunAgent>(kasra).await;
    let question = WriteMessage {
        to: Recipient::Agent("kasra".to_owned()),
        text: "Are you there?".to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    panel.ask::<SendMessage>(question).await;
    panel.houses.east.until_waiting("late", 1).await;
    panel.ask::<StopEverything>(Nothing {}).await;
    // Nobody opens the gate: the call ends because it is stopped.
    until_nothing_is_held(&panel).await;
    assert!(panel.debits().await.is_empty());
}

#[tokio::test]
async fn a_recap_in_flight_is_stopped_and_no_other_writer_is_asked() {
    let silent = Behaviour::debating().gate("recap", GatePoint::BeforeResponse);
    let script = SEATS.iter().fold(Script::debate(), |script, model| {
        script.for_phase(*model, Phase::Recap, silent.clone())
    });
    let panel = Panel::open(script).await;
    let asked = Convene {
        recap_round: true,
        ..asking(&SEATS)
    };
    let session = panel.ask::<ConveneSession>(asked).await.session_id;
    tokio::select! {
        () = panel.houses.east.until_waiting("recap", 1) => {}
        () = panel.houses.west.until_waiting("recap", 1) => {}
    }
    let before = panel.houses.calls().len();
    panel.ask::<StopEverything>(Nothing {}).await;
    assert_eq!(recap_once_over(&panel, session).await, RecapStatus::Failed);
    until_nothing_is_held(&panel).await;
    assert_eq!(panel.houses.calls().len(), before);
}

#[tokio::test]
async fn a_turn_that_begins_while_everything_is_being_stopped_is_stopped_too() {
    let silent = Behaviour::answering("Too late.").gate("late", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::new(silent)).await;
    let athena = ActivateAgent {
        agent_name: "athena".to_owned(),
        model: Some("alpha".to_owned()),
    };
    panel.ask::<RunAgent>(athena).await;
    let stop = panel.ask::<StopEverything>(Nothing {});
    futures::pin_mut!(stop);
    // What is under way was told to end, and only the first agent is being switched off.
    assert!(futures::poll!(stop.as_mut()).is_pending());
    write(&panel.desk, "athena", "Are you there?").await;
    panel.houses.east.until_waiting("late", 1).await;
    stop.await;
    // Nobody opens the gate: the call ends because it is stopped.
    until_nothing_is_held(&panel).await;
    assert!(panel.debits().await.is_empty());
}

#[tokio::test]
async fn a_round_that_an_agent_begins_while_others_are_being_stopped_is_stopped_too() {
    let paused = Behaviour::debating().gate("pause", GatePoint::BeforeToken(5));
    let panel = Panel::open(Script::debate().for_phase("alpha", Phase::Respond, paused)).await;
    let desk = &panel.desk;
    for number in 0..40 {
        mint(desk, minted(&format!("agent-{number}"))).await;
    }
    let thinker = thinker(desk).await;
    let caller = let_in(desk, &thinker).await;
    let first = desk.console.watch().filter(|told| {
        let is_off = |agent: &AgentView| agent.status == AgentStatus::Suspended;
        let off = matches!(&told.event, Event::AgentChanged { agent } if is_off(agent));
        std::future::ready(off)
    });
    tokio::pin!(first);
    let creates = async {
        first.next().await;
        create(desk, &caller).await
    };
    let stops = desk.ask::<StopEverything>(Nothing {});
    let (stopped, created) = futures::join!(stops, creates);
    let session = created.unwrap().session_id;
    assert_eq!(stopped.rounds, 1);
    let round = panel.round(session).await;
    assert!(round.status.is_terminal(), "{:?}", round.status);
}

#[tokio::test]
async fn what_was_stopped_is_by_the_operator_in_the_log() {
    let desk = Desk::open().await;
    desk.ask::<MakeAgent>(minted("bruno")).await;
    desk.ask::<StopEverything>(Nothing {}).await;
    let rows = desk.ask::<FindAudit>(ListAudit::default()).await.rows;
    let of = |action: Action| {
        let rows = rows.iter().filter(move |row| row.action == action);
        rows.map(|row| row.actor.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(Action::StopAll), ["operator"]);
    assert_eq!(of(Action::Disable), ["operator"; 2], "kasra and bruno");
}
