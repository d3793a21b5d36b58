//! Receipts of revocations: what they wait for, and what they count when the program died before.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use husting_clock::{Clock, ManualClock, SystemClock};
use husting_console::Manager;
use husting_console::audit::check_case;
use husting_domain::agents::{Agent, AgentStatus};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::Mailbox;
use husting_domain::time::Timestamp;
use husting_store::{AgentReads, AgentWrite, BusWrite, SqliteStore, Store, Unit, Write};
use husting_wire::agents::{RotateAgent, SetPause};
use husting_wire::audit::ExportAudit;
use husting_wire::commands::{EndAgent, PauseAgents, ReadAgent, ReplaceToken, WriteAudit};
use tempfile::TempDir;

use crate::agents::{at, holder, letter, mint, minted};
use crate::audit::store_in;
use crate::bus::{START, inbox, pair};
use crate::desk::{Desk, PATIENCE};
use crate::fragile::{Break, Strikes};

#[tokio::test]
async fn a_revocation_is_answered_once_its_streams_have_left_and_counts_them() {
    // By a clock that stands still: nothing but their leaving ends the wait for them.
    let (desk, _, anna, _) = pair().await;
    let streams = [(); 2].map(|()| desk.console.hold_open(&anna, None).unwrap());
    let ended = streams[0].ended().clone();
    let operator = Manager::Operator(TenantId::local());
    let mut revokes = Box::pin(desk.console.revoke_agent(&operator, anna.agent));
    tokio::select! {
        _ = &mut revokes => panic!("answered while its streams are open"),
        () = ended.cancelled() => {}
    }
    let mut streams = streams.into_iter();
    drop(streams.next());
    // Its end is on disk, and other things go on; it is not answered.
    for paused in [true, false, true, false] {
        assert!((&mut revokes).now_or_never().is_none());
        desk.ask::<PauseAgents>(SetPause { paused }).await;
    }
    let page = desk.ask::<ReadAgent>(at(anna.agent)).await;
    assert_eq!(page.agent.status, AgentStatus::Revoked);
    assert_eq!(page.receipt, None);
    assert!((&mut revokes).now_or_never().is_none());
    drop(streams.next());
    let revoked = tokio::time::timeout(PATIENCE, revokes).await.unwrap();
    let receipt = revoked.unwrap().receipt.unwrap();
    assert_eq!((receipt.streams_closed, receipt.waits_cancelled), (2, 0));
    assert!(receipt.left_after_micros.is_some(), "{receipt:?}");
    assert_eq!(receipt.process_after_micros, None, "none ran");
}

#[tokio::test]
async fn a_receipt_has_how_long_after_the_revocation_its_streams_had_left() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let anna = mint(&desk, minted("anna")).await;
    let stream = desk.console.hold_open(&holder(&desk, &anna), None).unwrap();
    let ended = stream.ended().clone();
    let leaves = tokio::spawn(async move {
        ended.cancelled().await;
        clock.advance(Duration::from_millis(41));
        drop(stream);
    });
    let revoked = desk.ask::<EndAgent>(at(anna.agent.id)).await;
    leaves.await.unwrap();
    let receipt = revoked.receipt.unwrap();
    assert_eq!(receipt.left_after_micros, Some(41_000));

    let bruno = mint(&desk, minted("bruno")).await;
    let revoked = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    let receipt = revoked.receipt.unwrap();
    assert_eq!(receipt.left_after_micros, None, "nothing was open");
}

#[tokio::test]
async fn a_receipt_that_a_full_disk_kept_from_being_written_counts_what_was_open() {
    let is_receipt = |unit: &Unit| {
        unit.writes.iter().any(|write| match write {
            Write::Agent(AgentWrite::Set(agent)) => agent.receipt.is_some(),
            _ => false,
        })
    };
    let is_end = |unit: &Unit| {
        let ends = |write: &Write| matches!(write, Write::Agent(AgentWrite::EndTokens { .. }));
        unit.writes.iter().any(ends)
    };
    for (strikes, breaks) in [
        (is_receipt as Strikes, Break::Full),
        (is_end as Strikes, Break::After),
    ] {
        let (desk, store) = Desk::fragile(Arc::new(SystemClock)).await;
        let anna = mint(&desk, minted("anna")).await;
        let held = holder(&desk, &anna);
        let stream = desk.console.hold_open(&held, None).unwrap();
        let ended = stream.ended().clone();
        let leaves = tokio::spawn(async move {
            ended.cancelled().await;
            drop(stream);
        });
        store.weaken(strikes, breaks, 1);
        desk.refused::<EndAgent>(at(anna.agent.id)).await;
        leaves.await.unwrap();
        let again = desk.ask::<EndAgent>(at(anna.agent.id)).await;
        let receipt = again.receipt.unwrap();
        assert_eq!(receipt.streams_closed, 1);
        assert_eq!(receipt.token_tails, [anna.agent.token_tail.unwrap()]);
    }
}

#[tokio::test]
async fn a_receipt_names_the_tokens_that_it_ended_and_none_that_had_ended_before() {
    for (overlap_is_over, ended) in [(false, 2), (true, 1)] {
        let clock = ManualClock::at(Timestamp::from_micros(START));
        let desk = Desk::open_by(Arc::new(clock.clone())).await;
        let first = mint(&desk, minted("anna")).await;
        let asked = RotateAgent {
            agent_id: first.agent.id,
            overlap_seconds: 60,
        };
        let second = desk.ask::<ReplaceToken>(asked).await;
        if overlap_is_over {
            clock.advance(Duration::from_secs(60));
        }
        let revoked = desk.ask::<EndAgent>(at(first.agent.id)).await;
        let tails = revoked.receipt.unwrap().token_tails;
        assert_eq!(tails.len(), ended, "{tails:?}");
        assert!(tails.contains(&second.agent.token_tail.unwrap()));
    }
}

/// The end of an agent as it is on disk before its receipt is.
fn end_of(agent: &Agent, now: Timestamp) -> Unit {
    let revoked = Agent {
        status: AgentStatus::Revoked,
        revoked_at: Some(now),
        epoch: agent.epoch + 1,
        ..agent.clone()
    };
    Unit::of(TenantId::local())
        .write(Write::Agent(AgentWrite::Set(revoked)))
        .write(Write::Agent(AgentWrite::EndTokens {
            agent: agent.id,
            at: now,
        }))
        .write(Write::Bus(BusWrite::ParkAll {
            mailbox: Mailbox::Agent(agent.id),
            at: now,
        }))
        .write(Write::Audit(Entry {
            detail: r#"{"name":"bruno-voice","token_tails":["k8Lm20cZ"]}"#.to_owned(),
            ..row_of(agent, "operator", Action::Revoke, now)
        }))
}

fn row_of(agent: &Agent, actor: &str, action: Action, at: Timestamp) -> Entry {
    Entry {
        at,
        action,
        actor: actor.to_owned(),
        agent: Some(agent.id),
        subject: None,
        body: None,
        detail: "{}".to_owned(),
    }
}

/// A program that died right after an agent's end: its folder, and the store in it.
async fn ended_on_disk(desk: Desk, id: AgentId) -> (Arc<TempDir>, SqliteStore, Agent) {
    let home = desk.home.clone();
    desk.console.close().await;
    let store = store_in(&home).await;
    let agent = store.agent(&TenantId::local(), id).await.unwrap().unwrap();
    let end = end_of(&agent, SystemClock.now());
    store.commit(end).await.unwrap();
    (home, store, agent)
}

#[tokio::test]
async fn a_receipt_that_a_crash_kept_from_being_written_is_counted_from_what_is_on_disk() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let anna = mint(&desk, minted("anna")).await;
    let (bruno_held, anna_held) = (holder(&desk, &bruno), holder(&desk, &anna));
    for text in ["one", "two", "three"] {
        let mail = letter("bruno-voice", text);
        desk.console.send(&anna_held, mail).await.unwrap();
    }
    assert_eq!(inbox(&desk, &bruno_held).await.messages.len(), 3);
    let (home, store, agent) = ended_on_disk(desk, bruno.agent.id).await;
    // What must never be: taken in after the end.
    for _ in 0..2 {
        let late = row_of(&agent, "agent:bruno-voice", Action::Send, SystemClock.now());
        let unit = Unit::of(TenantId::local()).write(Write::Audit(late));
        store.commit(unit).await.unwrap();
    }
    // And no call that was taken in: one that was refused, and what the operator did about it.
    for (actor, action) in [
        ("agent:bruno-voice", Action::Deny),
        ("operator", Action::Change),
    ] {
        let row = row_of(&agent, actor, action, SystemClock.now());
        let unit = Unit::of(TenantId::local()).write(Write::Audit(row));
        store.commit(unit).await.unwrap();
    }
    store.close().await;

    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let end = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    let receipt = end.receipt.unwrap();
    assert_eq!(receipt.accepted_since, 2);
    assert_eq!(receipt.last_accepted.as_ref().unwrap().tool, "send");
    assert_eq!(receipt.messages_parked, 3);
    assert_eq!(receipt.token_tails, ["k8Lm20cZ"], "as its row has them");
    assert_eq!(Some(receipt.revoked_at), end.agent.revoked_at);
    let again = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    assert_eq!(again.receipt, Some(receipt), "it is kept");
    let asked = ExportAudit {
        agent_id: Some(bruno.agent.id),
        path: None,
    };
    let case = desk.ask::<WriteAudit>(asked).await.text;
    let found = check_case(case.as_bytes(), None).unwrap();
    assert_eq!(found.receipt_fits, Some(true), "{:?}", found.about);
}

#[tokio::test]
async fn a_receipt_after_a_crash_counts_parked_mail_beyond_a_page() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let anna = mint(&desk, minted("anna")).await;
    let anna_held = holder(&desk, &anna);
    let sends = (0..501).map(|_| desk.console.send(&anna_held, letter("bruno-voice", "x")));
    for sent in futures::future::join_all(sends).await {
        sent.unwrap();
    }
    let (home, store, _) = ended_on_disk(desk, bruno.agent.id).await;
    store.close().await;

    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let end = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    assert_eq!(end.receipt.unwrap().messages_parked, 501);
}
