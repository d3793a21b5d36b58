//! A token that was replaced ends when its overlap does, whatever happens to the program meanwhile.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::ManualClock;
use husting_console::BusDoor;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, Unit, Write};
use husting_wire::agents::{MintedAgent, RotateAgent, SetScope};
use husting_wire::commands::{ChangeScope, ReplaceToken};
use husting_wire::errors::ErrorCode;

use crate::agents::{code, holder, letter, listed, mint, minted, token};
use crate::bus::START;
use crate::desk::{Desk, PATIENCE};
use crate::fragile::Break;

async fn rotated(desk: &Desk, agent: &MintedAgent, overlap_seconds: u32) -> MintedAgent {
    let asked = RotateAgent {
        agent_id: agent.agent.id,
        overlap_seconds,
    };
    desk.ask::<ReplaceToken>(asked).await
}

fn opens(desk: &Desk, agent: &MintedAgent) -> bool {
    let holder = desk.console.agent_holder(token(agent), BusDoor::Http);
    holder.is_ok()
}

async fn restarted(desk: Desk, clock: &ManualClock) -> Desk {
    let home = desk.home.clone();
    desk.console.close().await;
    Desk::open_in(home, Arc::new(clock.clone())).await
}

#[tokio::test]
async fn an_overlap_ends_on_time_although_the_program_was_restarted_in_it() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let first = mint(&desk, minted("bruno-voice")).await;
    let second = rotated(&desk, &first, 60).await;
    clock.advance(Duration::from_secs(30));
    let desk = restarted(desk, &clock).await;
    assert!(opens(&desk, &first) && opens(&desk, &second));
    clock.advance(Duration::from_millis(29_999));
    assert!(opens(&desk, &first), "not a moment earlier");
    let old = holder(&desk, &first);
    let held = desk.console.hold_open(&old, None).unwrap();
    clock.advance(Duration::from_millis(1));
    assert!(!opens(&desk, &first) && opens(&desk, &second));
    tokio::time::timeout(PATIENCE, held.ended().cancelled())
        .await
        .unwrap();
    let late = desk.console.send(&old, letter("operator", "late")).await;
    assert_eq!(code(late), ErrorCode::InvalidToken);
    drop(held);
    // What has ended stays so.
    let desk = restarted(desk, &clock).await;
    assert!(!opens(&desk, &first) && opens(&desk, &second));
}

#[tokio::test]
async fn a_call_with_the_old_token_is_none_with_the_new_one() {
    let desk = Desk::open().await;
    let first = mint(&desk, minted("bruno-voice")).await;
    let second = rotated(&desk, &first, 60).await;
    let called = async |by: &MintedAgent| {
        let by = holder(&desk, by);
        let sent = desk.console.send(&by, letter("operator", "here"));
        sent.await.unwrap();
        let [agent] = &listed(&desk).await[..] else {
            panic!("one agent was minted");
        };
        (
            agent.last_call_at.is_some(),
            agent.token_called_at.is_some(),
        )
    };
    assert_eq!(called(&first).await, (true, false));
    assert_eq!(called(&second).await, (true, true));
}

#[tokio::test]
async fn an_overlap_that_was_over_while_the_program_was_off_is_over() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let first = mint(&desk, minted("bruno-voice")).await;
    let second = rotated(&desk, &first, 60).await;
    let home = desk.home.clone();
    desk.console.close().await;
    clock.advance(Duration::from_secs(60));
    let desk = Desk::open_in(home, Arc::new(clock.clone())).await;
    assert!(!opens(&desk, &first) && opens(&desk, &second));
}

/// The store has it, and only the answer was lost.
#[tokio::test]
async fn a_rotation_whose_outcome_nobody_told_ends_the_old_token() {
    for overlap in [0, 60] {
        let clock = ManualClock::at(Timestamp::from_micros(START));
        let (desk, store) = Desk::fragile(Arc::new(clock.clone())).await;
        let first = mint(&desk, minted("bruno-voice")).await;
        let held = desk
            .console
            .hold_open(&holder(&desk, &first), None)
            .unwrap();
        let rotates = |unit: &Unit| {
            let inserts = |write: &Write| matches!(write, Write::Agent(AgentWrite::InsertToken(_)));
            unit.writes.iter().any(inserts)
        };
        store.weaken(rotates, Break::After, 1);
        let asked = RotateAgent {
            agent_id: first.agent.id,
            overlap_seconds: overlap,
        };
        desk.refused::<ReplaceToken>(asked).await;
        clock.advance(Duration::from_secs(u64::from(overlap)));
        assert!(!opens(&desk, &first), "overlap {overlap}");
        tokio::time::timeout(PATIENCE, held.ended().cancelled())
            .await
            .unwrap();
        // Another one is had, and opens.
        let third = rotated(&desk, &first, 0).await;
        assert!(opens(&desk, &third), "overlap {overlap}");
    }
}

#[tokio::test]
async fn a_second_rotation_does_not_lengthen_the_life_of_the_first_token() {
    for is_restarted in [false, true] {
        let clock = ManualClock::at(Timestamp::from_micros(START));
        let mut desk = Desk::open_by(Arc::new(clock.clone())).await;
        let first = mint(&desk, minted("bruno-voice")).await;
        let second = rotated(&desk, &first, 60).await;
        let third = rotated(&desk, &second, 3_600).await;
        if is_restarted {
            desk = restarted(desk, &clock).await;
        }
        clock.advance(Duration::from_millis(59_999));
        assert!(opens(&desk, &first), "restarted: {is_restarted}");
        clock.advance(Duration::from_millis(1));
        assert!(!opens(&desk, &first), "restarted: {is_restarted}");
        assert!(opens(&desk, &second) && opens(&desk, &third));
    }
}

#[tokio::test]
async fn an_overlap_is_a_day_and_a_scope_thirty_days_at_the_most_and_a_scope_never_for_nothing() {
    let desk = Desk::open().await;
    let first = mint(&desk, minted("bruno-voice")).await;
    let agent_id = first.agent.id;
    let asked = |overlap_seconds| RotateAgent {
        agent_id,
        overlap_seconds,
    };
    let refused = desk.refused::<ReplaceToken>(asked(86_401)).await;
    assert_eq!(refused.code, ErrorCode::InvalidBody);
    assert!(opens(&desk, &first), "nothing was rotated");
    desk.ask::<ReplaceToken>(asked(86_400)).await;
    let scope = |seconds| SetScope {
        agent_id,
        scope: Scope::Broadcast,
        held: true,
        for_seconds: Some(seconds),
    };
    for seconds in [0, 2_592_001] {
        let refused = desk.refused::<ChangeScope>(scope(seconds)).await;
        assert_eq!(refused.code, ErrorCode::InvalidBody, "{seconds}");
    }
    for seconds in [1, 2_592_000] {
        desk.ask::<ChangeScope>(scope(seconds)).await;
    }
}
