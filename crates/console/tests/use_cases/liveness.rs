//! How agents show life: any call of theirs counts, and whoever is switched off is not live.

use std::sync::Arc;

use husting_clock::ManualClock;
use husting_domain::agents::AgentStatus;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::agents::Liveness;
use husting_wire::bus::calls::{Inbox, Join};
use husting_wire::commands::{ResumeAgent, SuspendAgent};
use husting_wire::errors::ErrorCode;

use crate::agents::{at, code, holder, listed, mint, minted, with_scopes};
use crate::bus::START;
use crate::desk::Desk;

#[tokio::test]
async fn an_agent_whose_calls_were_all_denied_has_called() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let bruno = mint(&desk, with_scopes("bruno-voice", &[Scope::Send])).await;
    assert_eq!(listed(&desk).await[0].liveness, Liveness::NeverCalled);
    let held = holder(&desk, &bruno);
    let join = Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    let denied = desk.console.workspace_join(&held, join).await;
    assert_eq!(code(denied), ErrorCode::InsufficientScope);
    let called = Some(Timestamp::from_micros(START));
    let shown = listed(&desk).await.remove(0);
    assert_eq!(
        (shown.liveness, shown.last_call_at),
        (Liveness::Live, called)
    );
    let home = desk.home.clone();
    desk.console.close().await;
    let desk = Desk::open_in(home, Arc::new(clock)).await;
    assert_eq!(listed(&desk).await[0].last_call_at, called);
}

#[tokio::test]
async fn a_suspended_agent_is_not_live_although_it_called_a_moment_ago() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let held = holder(&desk, &bruno);
    desk.console.inbox(&held, Inbox::default()).await.unwrap();
    assert_eq!(listed(&desk).await[0].liveness, Liveness::Live);
    desk.ask::<SuspendAgent>(at(bruno.agent.id)).await;
    let shown = listed(&desk).await.remove(0);
    assert_eq!(
        (shown.status, shown.liveness),
        (AgentStatus::Suspended, Liveness::Idle)
    );
    desk.ask::<ResumeAgent>(at(bruno.agent.id)).await;
    assert_eq!(listed(&desk).await[0].liveness, Liveness::Live);
}
