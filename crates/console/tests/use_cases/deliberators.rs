//! Agents at the tools for deliberations: looked at once more in the unit that takes a round in.

use std::sync::Arc;

use husting_clock::{ManualClock, SharedClock, SystemClock};
use husting_console::{Again, AgentHolder, Caller};
use husting_domain::agents::{AgentStatus, Decision};
use husting_domain::ids::TenantId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::RoundStatus;
use husting_domain::scopes::Scope;
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, SqliteStore, Store, Unit, Write};
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_wire::agents::{AgentRef, AgentSpend, ChangeAgent, DecideDenial, EditAgent};
use husting_wire::commands::{
    AnswerDenial, CancelRound, ChangeSettings, ConveneSession, DeleteSession, EndAgent,
    FindDenials, FindSessions, KeepTenant, MakeAgent, MakeTenantToken, ReadAgent, ReviseAgent,
    SumAgents,
};
use husting_wire::contract::requests::{CreateDeliberation, WaitForRound};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::sessions::{Convene, ListSessions, SessionAck, SessionRef};
use husting_wire::settings::{EditSettings, Nothing};
use husting_wire::tenants::{PutTenant, TenantRef};

use crate::agents::{holder, with_scopes};
use crate::contract::waiting;
use crate::desk::Desk;
use crate::panel::{Panel, QUESTION, SEATS};

const TOOL: &str = "create_deliberation";

pub async fn thinker(desk: &Desk) -> AgentHolder {
    let asked = with_scopes("thinker", &[Scope::Deliberate]);
    holder(desk, &desk.ask::<MakeAgent>(asked).await)
}

pub async fn let_in(desk: &Desk, held: &AgentHolder) -> Caller {
    desk.console.let_in_to_deliberate(held, TOOL).await.unwrap()
}

pub async fn create(desk: &Desk, caller: &Caller) -> Result<SessionAck, Error> {
    let asked = CreateDeliberation {
        prompt: QUESTION.to_owned(),
        ..CreateDeliberation::default()
    };
    let created = desk
        .console
        .create_deliberation(caller, asked, Again::ByWords);
    created.await
}

/// Waits for the end of a round, as agents do.
async fn over(desk: &Desk, caller: &Caller, ack: &SessionAck) {
    let waited = desk
        .console
        .wait_for_round(caller, waiting(ack.session_id))
        .await;
    assert!(waited.unwrap().state.is_terminal);
}

async fn opened(desk: &Desk) -> u32 {
    desk.ask::<FindSessions>(ListSessions::default())
        .await
        .total
}

fn change(held: &AgentHolder, change: ChangeAgent) -> EditAgent {
    EditAgent {
        agent_id: held.agent,
        change,
    }
}

#[tokio::test]
async fn who_was_let_in_and_then_revoked_opens_nothing() {
    let desk = Desk::open().await;
    let held = thinker(&desk).await;
    let caller = let_in(&desk, &held).await;
    let agent_id = held.agent;
    desk.ask::<EndAgent>(AgentRef { agent_id }).await;
    let refused = create(&desk, &caller).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidToken, "{refused}");
    assert_eq!(opened(&desk).await, 0);
}

#[tokio::test]
async fn a_revoked_agents_rounds_go_on_and_its_receipt_has_those_at_work() {
    let silent = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::new(silent)).await;
    let desk = &panel.desk;
    let held = thinker(desk).await;
    let other = with_scopes("other", &[Scope::Deliberate]);
    let other = holder(desk, &desk.ask::<MakeAgent>(other).await);
    let caller = let_in(desk, &held).await;
    let session_id = create(desk, &caller).await.unwrap().session_id;
    desk.ask::<CancelRound>(SessionRef { session_id }).await;
    panel.finished(session_id).await;
    let caller = let_in(desk, &held).await;
    let asked = CreateDeliberation {
        prompt: "What else?".to_owned(),
        ..CreateDeliberation::default()
    };
    let created = desk
        .console
        .create_deliberation(&caller, asked, Again::ByWords);
    let at_work = created.await.unwrap().session_id;
    let caller = let_in(desk, &other).await;
    let of_other = create(desk, &caller).await.unwrap().session_id;
    let agent_id = held.agent;
    let page = desk.ask::<ReadAgent>(AgentRef { agent_id }).await;
    assert_eq!(
        page.sessions_at_work,
        [at_work],
        "told before it is revoked"
    );
    let revoked = desk.ask::<EndAgent>(AgentRef { agent_id }).await;
    let receipt = revoked.receipt.unwrap();
    assert_eq!(receipt.sessions_at_work, [at_work]);
    panel.houses.release("pause");
    for session in [at_work, of_other] {
        assert_eq!(panel.finished(session).await.status, RoundStatus::Complete);
    }
}

#[tokio::test]
async fn who_was_let_in_and_then_narrowed_opens_nothing() {
    let desk = Desk::open().await;
    let held = thinker(&desk).await;
    let caller = let_in(&desk, &held).await;
    let narrowed = ChangeAgent {
        scopes: Some(vec![Scope::Send]),
        ..ChangeAgent::default()
    };
    desk.ask::<ReviseAgent>(change(&held, narrowed)).await;
    let refused = create(&desk, &caller).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InsufficientScope, "{refused}");
    assert_eq!(opened(&desk).await, 0);
}

#[tokio::test]
async fn what_the_memory_does_not_know_yet_the_store_refuses() {
    let clock: SharedClock = Arc::new(SystemClock);
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(home.path(), clock.now()).await.unwrap());
    let desk = Desk::over(store.clone(), home, clock).await;
    let held = thinker(&desk).await;
    let caller = let_in(&desk, &held).await;
    // Behind the console's back, as between its look and its commit.
    let mut agent = store
        .agent(&held.tenant, held.agent)
        .await
        .unwrap()
        .unwrap();
    agent.status = AgentStatus::Suspended;
    agent.epoch += 1;
    let unit = Unit::of(held.tenant.clone()).write(Write::Agent(AgentWrite::Set(agent)));
    store.commit(unit).await.unwrap();
    let refused = create(&desk, &caller).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidToken, "{refused}");
    assert_eq!(opened(&desk).await, 0);
}

#[tokio::test]
async fn an_agent_of_another_tenant_deliberates_there_and_not_at_the_operators() {
    let desk = Desk::open().await;
    let put = PutTenant {
        tenant_id: "acme".to_owned(),
        tier: Tier::Scale,
    };
    desk.ask::<KeepTenant>(put).await;
    let tenant_id = TenantId::parse("acme").unwrap();
    let made = desk
        .ask::<MakeTenantToken>(TenantRef {
            tenant_id: tenant_id.clone(),
        })
        .await;
    let acme = desk.console.tenant_holder(&made.raw_token, "acme").unwrap();
    let asked = with_scopes("thinker", &[Scope::Deliberate]);
    let minted = desk.console.mint(&acme, asked, None).await.unwrap();
    let held = holder(&desk, &minted);
    let caller = let_in(&desk, &held).await;
    assert_eq!(caller.tenant(), tenant_id);
    let ack = create(&desk, &caller).await.unwrap();
    assert_eq!(opened(&desk).await, 0, "the operator's are others");
    let waiting = WaitForRound {
        timeout_seconds: Some(120),
        ..waiting(ack.session_id)
    };
    let waited = desk.console.wait_for_round(&caller, waiting).await.unwrap();
    assert!(waited.state.is_terminal);
}

#[tokio::test]
async fn a_wait_for_a_round_ends_with_the_scope() {
    let panel = Panel::open(Script::debate()).await;
    let desk = &panel.desk;
    let held = thinker(desk).await;
    let caller = let_in(desk, &held).await;
    let ack = create(desk, &caller).await.unwrap();
    let waiting = WaitForRound {
        timeout_seconds: Some(120),
        ..waiting(ack.session_id)
    };
    let wait = desk.console.wait_for_round(&caller, waiting);
    let narrowed = ChangeAgent {
        scopes: Some(vec![Scope::Send]),
        ..ChangeAgent::default()
    };
    let narrowing = async {
        let agent_id = held.agent;
        while desk
            .ask::<ReadAgent>(AgentRef { agent_id })
            .await
            .agent
            .connections
            == 0
        {
            tokio::task::yield_now().await;
        }
        desk.ask::<ReviseAgent>(change(&held, narrowed)).await;
    };
    let (waited, ()) = tokio::join!(wait, narrowing);
    let ended = waited.map(drop).unwrap_err();
    assert_eq!(ended.code, ErrorCode::InsufficientScope, "{ended}");
    panel.finished(ack.session_id).await;
}

#[tokio::test]
async fn another_charter_meanwhile_is_no_hindrance_and_who_asked_is_named() {
    let desk = Desk::open().await;
    let held = thinker(&desk).await;
    let caller = let_in(&desk, &held).await;
    let recharted = ChangeAgent {
        charter: Some("Think twice.".to_owned()),
        ..ChangeAgent::default()
    };
    desk.ask::<ReviseAgent>(change(&held, recharted)).await;
    let ack = create(&desk, &caller).await.unwrap();
    desk.finished(ack.session_id).await;
    let session = desk.session(ack.session_id).await;
    assert_eq!(session.opened_by.as_deref(), Some("agent thinker"));
    assert_eq!(session.rounds[0].asked_by.as_deref(), Some("agent thinker"));
}

#[tokio::test]
async fn a_scope_for_one_call_opens_one_deliberation() {
    let desk = Desk::open().await;
    let held = holder(
        &desk,
        &desk.ask::<MakeAgent>(with_scopes("once", &[])).await,
    );
    let denied = desk.console.let_in_to_deliberate(&held, TOOL).await;
    assert_eq!(
        denied.map(drop).unwrap_err().code,
        ErrorCode::InsufficientScope
    );
    let denial = desk.ask::<FindDenials>(Nothing {}).await.denials.remove(0);
    desk.ask::<AnswerDenial>(DecideDenial {
        denial_id: denial.denial_id,
        decision: Decision::Once,
    })
    .await;
    let caller = let_in(&desk, &held).await;
    let again = desk.console.let_in_to_deliberate(&held, TOOL).await;
    assert_eq!(
        again.map(drop).unwrap_err().code,
        ErrorCode::InsufficientScope
    );
    let ack = create(&desk, &caller).await.unwrap();
    desk.finished(ack.session_id).await;
    assert_eq!(opened(&desk).await, 1);
}

#[tokio::test]
async fn what_an_agent_deliberates_stands_under_its_name() {
    let panel = Panel::open(Script::debate()).await;
    let desk = &panel.desk;
    let held = thinker(desk).await;
    let caller = let_in(desk, &held).await;
    let ack = create(desk, &caller).await.unwrap();
    panel.finished(ack.session_id).await;
    let mine = panel.convene(&SEATS).await.session_id;
    panel.finished(mine).await;

    let spent: MicroUsd = panel
        .debits()
        .await
        .iter()
        .filter(|row| row.session_id == Some(ack.session_id))
        .map(|row| -row.change)
        .sum();
    assert!(spent > MicroUsd::ZERO);
    let of_thinker = AgentSpend {
        agent_id: held.agent,
        today: spent,
        month: spent,
    };
    assert_eq!(desk.ask::<SumAgents>(Nothing {}).await.agents, [of_thinker]);
    let by_agent = desk.wallet().await.by_agent;
    let [row] = &by_agent[..] else {
        panic!("{by_agent:?}")
    };
    assert_eq!((row.label.as_str(), row.amount), ("thinker", spent));

    let session_id = ack.session_id;
    desk.ask::<DeleteSession>(SessionRef { session_id }).await;
    let left = desk.ask::<SumAgents>(Nothing {}).await.agents;
    assert_eq!(left, [of_thinker], "what was spent stays spent");
}

#[tokio::test]
async fn an_agent_has_so_many_rounds_a_day_and_its_neighbours_have_their_own() {
    let start = Timestamp::from_micros(1_795_161_861_000_000);
    let clock = Arc::new(ManualClock::at(start));
    let desk = Desk::open_by(clock.clone()).await.by_script();
    let two_a_day = EditSettings {
        limits_rounds_per_day: Some(2),
        ..EditSettings::default()
    };
    desk.ask::<ChangeSettings>(two_a_day).await;
    let held = thinker(&desk).await;
    for _ in 0..2 {
        let caller = let_in(&desk, &held).await;
        let ack = create(&desk, &caller).await.unwrap();
        over(&desk, &caller, &ack).await;
    }
    let caller = let_in(&desk, &held).await;
    let refused = create(&desk, &caller).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::DailyLimitReached, "{refused}");
    let midnight = start.day_start().plus_millis(86_400_000);
    let resets_at = &refused.details.unwrap()["resets_at"];
    assert_eq!(*resets_at, serde_json::json!(midnight));
    assert_eq!(opened(&desk).await, 2);

    let asked = with_scopes("neighbour", &[Scope::Deliberate]);
    let other = holder(&desk, &desk.ask::<MakeAgent>(asked).await);
    let theirs = let_in(&desk, &other).await;
    let ack = create(&desk, &theirs).await.unwrap();
    over(&desk, &theirs, &ack).await;
    // Who sets the limit is not held to it.
    for _ in 0..3 {
        let asked = Convene {
            prompt: QUESTION.to_owned(),
            ..Convene::default()
        };
        let ack = desk.ask::<ConveneSession>(asked).await;
        desk.finished(ack.session_id).await;
    }
    clock.set(midnight);
    let caller = let_in(&desk, &held).await;
    create(&desk, &caller).await.unwrap();
}

#[tokio::test]
async fn an_agents_same_words_are_one_deliberation_until_it_was_given_the_end() {
    let desk = Desk::open().await;
    let held = thinker(&desk).await;
    let caller = let_in(&desk, &held).await;
    let first = create(&desk, &caller).await.unwrap();
    desk.finished(first.session_id).await;
    let caller = let_in(&desk, &held).await;
    assert_eq!(
        create(&desk, &caller).await.unwrap(),
        first,
        "not given yet"
    );
    // What the operator reads is given to nobody else.
    let read = desk.console.session(&desk.caller, first.session_id).await;
    read.unwrap();
    assert_eq!(create(&desk, &caller).await.unwrap(), first);
    over(&desk, &caller, &first).await;
    let second = create(&desk, &caller).await.unwrap();
    assert_ne!(second.session_id, first.session_id);
    desk.finished(second.session_id).await;
    let read = desk.console.session(&caller, second.session_id).await;
    read.unwrap();
    let third = create(&desk, &caller).await.unwrap();
    assert_ne!(third.session_id, second.session_id, "reading gives it, too");
    assert_eq!(opened(&desk).await, 3);
}

#[tokio::test]
async fn how_far_a_round_is_is_told_to_the_agent_that_asked_for_it_and_to_no_other() {
    let panel = Panel::open(Script::debate()).await;
    let desk = &panel.desk;
    let caller = let_in(desk, &thinker(desk).await).await;
    let asked = with_scopes("stranger", &[Scope::Deliberate]);
    let stranger = holder(desk, &desk.ask::<MakeAgent>(asked).await);
    let stranger = let_in(desk, &stranger).await;
    let ack = create(desk, &caller).await.unwrap();
    let (session, round) = (ack.session_id, Some(ack.round_id));
    let refused_to_others = async || {
        for round in [None, round] {
            let own = desk.console.progress(&caller, session, round).await;
            assert_eq!(own.unwrap().round_id, ack.round_id);
            let others = desk.console.progress(&stranger, session, round).await;
            assert_eq!(others.unwrap_err().code, ErrorCode::NotFound);
        }
        let index = desk.console.round_at(&stranger, session, 0).await;
        assert_eq!(index.unwrap_err().code, ErrorCode::NotFound);
    };
    // While it runs, and out of what is kept of it afterwards.
    refused_to_others().await;
    over(desk, &caller, &ack).await;
    refused_to_others().await;
}

#[tokio::test]
async fn a_scope_for_one_call_waits_for_a_round_to_its_end() {
    let panel = Panel::open(Script::debate()).await;
    let desk = &panel.desk;
    let held = thinker(desk).await;
    let ack = create(desk, &let_in(desk, &held).await).await.unwrap();
    let narrowed = ChangeAgent {
        scopes: Some(vec![Scope::Send]),
        ..ChangeAgent::default()
    };
    desk.ask::<ReviseAgent>(change(&held, narrowed)).await;
    let denied = desk.console.let_in_to_deliberate(&held, "wait_for_round");
    let denied = denied.await.map(drop).unwrap_err();
    assert_eq!(denied.code, ErrorCode::InsufficientScope);
    let denial = desk.ask::<FindDenials>(Nothing {}).await.denials.remove(0);
    let once = DecideDenial {
        denial_id: denial.denial_id,
        decision: Decision::Once,
    };
    desk.ask::<AnswerDenial>(once).await;
    // What was given for this one call is used up by it, and is not missed while it lasts.
    over(desk, &let_in(desk, &held).await, &ack).await;
    let again = desk.console.let_in_to_deliberate(&held, "wait_for_round");
    assert!(again.await.is_err());
}
