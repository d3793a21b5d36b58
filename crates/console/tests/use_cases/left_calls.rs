//! Calls that their callers left in the middle, scopes that were given for one call, and a picture of an
//! agent that is not the store's.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::{ManualClock, SharedClock, SystemClock};
use husting_console::AgentHolder;
use husting_domain::agents::{AgentStatus, Decision};
use husting_domain::audit::Action;
use husting_domain::messages::MessageState;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, SqliteStore, Store, Unit, Write};
use husting_wire::agents::{AgentRef, DecideDenial, ListAgents, RotateAgent, SetScope};
use husting_wire::audit::{AuditRow, ListAudit};
use husting_wire::bus::calls::{Inbox, InboxWait};
use husting_wire::bus::messages::{ListMessages, Recipient, WriteMessage};
use husting_wire::commands::{
    AnswerDenial, ChangeScope, EndAgent, FindAgents, FindAudit, FindDenials, FindMessages,
    MakeAgent, ReplaceToken, SendMessage, SuspendAgent,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::settings::Nothing;

use crate::agents::{holder, letter, with_scopes};
use crate::desk::{Desk, PATIENCE};
use crate::fragile::Break;

async fn agent(desk: &Desk, scopes: &[Scope]) -> AgentHolder {
    holder(
        desk,
        &desk.ask::<MakeAgent>(with_scopes("anna", scopes)).await,
    )
}

/// The one denial that waits is answered: for one call.
async fn allow_once(desk: &Desk) {
    let denial = desk.ask::<FindDenials>(Nothing {}).await.denials.remove(0);
    desk.ask::<AnswerDenial>(DecideDenial {
        denial_id: denial.denial_id,
        decision: Decision::Once,
    })
    .await;
}

async fn write(desk: &Desk, text: &str) {
    desk.ask::<SendMessage>(WriteMessage {
        to: Recipient::Agent("anna".to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
    })
    .await;
}

async fn rows(desk: &Desk, agent: &AgentHolder) -> Vec<AuditRow> {
    let asked = ListAudit {
        agent_id: Some(agent.agent),
        ..ListAudit::default()
    };
    desk.ask::<FindAudit>(asked).await.rows
}

/// Until it is so; whatever happens on the bus is told.
async fn until(desk: &Desk, is_so: impl AsyncFn() -> bool) {
    let coming = async {
        let mut events = desk.console.watch();
        while !is_so().await {
            events.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, coming).await.unwrap();
}

/// Polls a wait once and leaves it.
pub async fn leave(desk: &Desk, agent: &AgentHolder) {
    let wait = desk.console.inbox_wait(agent, InboxWait::default());
    futures::pin_mut!(wait);
    assert!(futures::poll!(wait.as_mut()).is_pending());
}

#[tokio::test]
async fn mail_of_a_wait_that_was_left_comes_to_the_next_one() {
    let desk = Desk::open().await;
    let anna = agent(&desk, &Scope::ALL).await;
    write(&desk, "Hello.").await;
    leave(&desk, &anna).await;
    until(&desk, async || {
        let is_fetched = rows(&desk, &anna)
            .await
            .iter()
            .any(|row| row.action == Action::Fetch);
        let messages = desk
            .ask::<FindMessages>(ListMessages::default())
            .await
            .messages;
        is_fetched && messages[0].state == MessageState::Waiting
    })
    .await;
    let mail = desk
        .console
        .inbox(&anna, Inbox::default())
        .await
        .unwrap()
        .record;
    assert_eq!(mail.messages.len(), 1);
}

#[tokio::test]
async fn who_leaves_a_call_that_was_allowed_once_can_still_be_switched_off() {
    let desk = Desk::open().await;
    let anna = agent(&desk, &[Scope::Peers, Scope::Send]).await;
    let denied = desk.console.inbox_wait(&anna, InboxWait::default()).await;
    assert_eq!(denied.unwrap_err().code, ErrorCode::InsufficientScope);
    allow_once(&desk).await;
    leave(&desk, &anna).await;
    let agent_id = anna.agent;
    let off = desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    assert_eq!(off.agent.status, AgentStatus::Suspended);
    assert_eq!(
        desk.console.peers(&anna).await.unwrap_err().code,
        ErrorCode::InvalidToken
    );
}

#[tokio::test]
async fn a_wait_that_was_allowed_once_waits() {
    let desk = Desk::open().await;
    let anna = agent(&desk, &[Scope::Peers]).await;
    desk.console
        .inbox_wait(&anna, InboxWait::default())
        .await
        .unwrap_err();
    allow_once(&desk).await;
    write(&desk, "Hello.").await;
    let mail = desk
        .console
        .inbox_wait(&anna, InboxWait::default())
        .await
        .unwrap();
    assert_eq!(mail.record.messages[0].text, "Hello.");
    let again = desk.console.inbox_wait(&anna, InboxWait::default()).await;
    assert_eq!(again.unwrap_err().code, ErrorCode::InsufficientScope);
}

#[tokio::test]
async fn a_card_that_is_answered_late_takes_nothing_away() {
    let desk = Desk::open().await;
    let anna = agent(&desk, &[Scope::Peers]).await;
    desk.console
        .inbox(&anna, Inbox::default())
        .await
        .unwrap_err();
    let denial = desk.ask::<FindDenials>(Nothing {}).await.denials.remove(0);
    desk.ask::<ChangeScope>(scope(&anna, true)).await;
    let late = DecideDenial {
        denial_id: denial.denial_id,
        decision: Decision::Once,
    };
    let refused = desk.refused::<AnswerDenial>(late).await;
    assert_eq!(refused.code, ErrorCode::NotFound, "it was given meanwhile");
    for _ in 0..2 {
        desk.console.inbox(&anna, Inbox::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_scope_that_is_taken_during_a_wait_is_what_the_wait_says() {
    let desk = Desk::open().await;
    let anna = agent(&desk, &Scope::ALL).await;
    let wait = desk.console.inbox_wait(&anna, InboxWait::default());
    futures::pin_mut!(wait);
    assert!(futures::poll!(wait.as_mut()).is_pending());
    let (ended, _) = tokio::join!(wait, desk.ask::<ChangeScope>(scope(&anna, false)));
    let refused = ended.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InsufficientScope);
    assert_eq!(
        refused.message,
        "403 insufficient_scope: inbox_wait needs the scope mcp:inbox, which your token does not have. It was \
         taken or ran out before this call was done. Your operator can grant it in Husting; go on without it, or try \
         again later."
    );
    let asked = desk.ask::<FindDenials>(Nothing {}).await.denials;
    assert!(asked.is_empty(), "so it does not say that somebody was");
}

fn scope(agent: &AgentHolder, held: bool) -> SetScope {
    SetScope {
        agent_id: agent.agent,
        scope: Scope::Inbox,
        held,
        for_seconds: None,
    }
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_seen_and_can_be_made_again() {
    let (desk, store) = Desk::fragile(Arc::new(SystemClock)).await;
    let anna = agent(&desk, &Scope::ALL).await;
    let changes_an_agent = |unit: &Unit| {
        let is_change = |write: &Write| matches!(write, Write::Agent(AgentWrite::Set(_)));
        unit.writes.iter().any(is_change)
    };
    store.weaken(changes_an_agent, Break::After, 1);
    let agent_id = anna.agent;
    desk.refused::<SuspendAgent>(AgentRef { agent_id }).await;
    let refused = desk
        .console
        .send(&anna, letter("kasra", "Still here?"))
        .await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidToken);
    let off = desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    assert_eq!(off.agent.status, AgentStatus::Suspended);
}

#[tokio::test]
async fn how_an_agent_was_before_it_was_revoked_is_not_told_after_it() {
    let (desk, store) = Desk::fragile(Arc::new(SystemClock)).await;
    let anna = agent(&desk, &Scope::ALL).await;
    let agent_id = anna.agent;
    let told = desk.console.watch().filter_map(|told| {
        let changed = match told.event {
            Event::AgentChanged { agent } => Some((agent.id, agent.status)),
            _ => None,
        };
        std::future::ready(changed)
    });
    let held = store.hold_the_next_count();
    let suspending = desk.ask::<SuspendAgent>(AgentRef { agent_id });
    // It comes as far as it can while the other still reads.
    let revoked = async {
        let listed = async || desk.ask::<FindAgents>(ListAgents::default()).await.agents;
        while listed().await.iter().any(|agent| agent.id == agent_id) {
            tokio::task::yield_now().await;
        }
        held.let_go();
    };
    let revoking = async {
        held.until_read().await;
        futures::join!(desk.ask::<EndAgent>(AgentRef { agent_id }), revoked);
    };
    futures::join!(suspending, revoking);
    // All before it is told by then.
    desk.ask::<MakeAgent>(with_scopes("later", &Scope::ALL))
        .await;
    let of_anna = told.take_while(|(id, _)| std::future::ready(*id == agent_id));
    let statuses: Vec<AgentStatus> = of_anna.map(|(_, status)| status).collect().await;
    assert_eq!(statuses.last(), Some(&AgentStatus::Revoked), "{statuses:?}");
}

#[tokio::test]
async fn a_token_whose_overlap_is_over_ends_once_and_not_at_each_start() {
    let clock = ManualClock::at(Timestamp::from_micros(1_795_168_800_000_000));
    let mut desk = Desk::open_by(Arc::new(clock.clone())).await;
    let anna = agent(&desk, &Scope::ALL).await;
    let rotated = RotateAgent {
        agent_id: anna.agent,
        overlap_seconds: 60,
    };
    desk.ask::<ReplaceToken>(rotated).await;
    let before = rows(&desk, &anna).await.len();
    for start in 0..3 {
        let home = desk.home.clone();
        desk.console.close().await;
        clock.advance(Duration::from_secs(61));
        desk = Desk::open_in(home, Arc::new(clock.clone())).await;
        // Taken in after whatever the start had to do.
        let name = format!("later-{start}");
        desk.ask::<MakeAgent>(with_scopes(&name, &Scope::ALL)).await;
    }
    let ended = rows(&desk, &anna).await;
    assert_eq!(ended.len(), before, "{ended:#?}");
}

#[tokio::test]
async fn a_scope_for_one_call_that_nobody_makes_is_gone_after_ten_minutes() {
    for (seconds, is_there) in [(599, true), (600, false)] {
        let clock = ManualClock::at(Timestamp::from_micros(crate::bus::START));
        let desk = Desk::open_by(Arc::new(clock.clone())).await;
        let anna = agent(&desk, &[Scope::Peers]).await;
        let inbox = || desk.console.inbox(&anna, Inbox::default());
        inbox().await.unwrap_err();
        allow_once(&desk).await;
        clock.advance(Duration::from_secs(seconds));
        assert_eq!(inbox().await.is_ok(), is_there, "after {seconds} seconds");
    }
}

#[tokio::test]
async fn a_question_that_was_kept_after_its_scope_was_given_takes_nothing_away() {
    let clock: SharedClock = Arc::new(SystemClock);
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = Arc::new(SqliteStore::open(home.path(), clock.now()).await.unwrap());
    let desk = Desk::over(store.clone(), home, clock.clone()).await;
    let anna = agent(&desk, &[Scope::Inbox]).await;
    // A call that was refused a moment before is kept a moment after.
    let late = husting_domain::agents::Denial {
        id: husting_domain::ids::DenialId(uuid::Uuid::from_u128(1)),
        agent: anna.agent,
        scope: Scope::Inbox,
        tool: "inbox".to_owned(),
        to: None,
        calls: 1,
        first_at: clock.now(),
        last_at: clock.now(),
        decided: None,
    };
    let unit = Unit::of(anna.tenant.clone()).write(Write::Agent(AgentWrite::Deny(late)));
    store.commit(unit).await.unwrap();
    allow_once(&desk).await;
    for _ in 0..2 {
        desk.console.inbox(&anna, Inbox::default()).await.unwrap();
    }
}
