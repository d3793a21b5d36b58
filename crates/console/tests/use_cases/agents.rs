//! Agents: minted once, changed while they work, ended for good.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use husting_clock::{ManualClock, SystemClock};
use husting_console::{AgentHolder, BusDoor, Manager};
use husting_domain::agents::{AgentKind, AgentStatus, Decision};
use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::Scope;
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use husting_wire::agents::{
    AgentRef, AgentView, ChangeAgent, DecideDenial, EditAgent, ListAgents, Liveness, MintAgent,
    MintedAgent, RotateAgent, SetPause, SetScope, StoppedAgent,
};
use husting_wire::audit::ListAudit;
use husting_wire::bus::calls::{Inbox, Join, Recall, Send};
use husting_wire::commands::{
    AnswerDenial, ChangeScope, EndAgent, FindAgents, FindAudit, FindDenials, KeepTenant, MakeAgent,
    MakeTenantToken, PauseAgents, ReadAgent, ReplaceToken, ResumeAgent, ReviseAgent,
    StopEverything, SuspendAgent,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;
use husting_wire::tenants::{PutTenant, TenantRef};

use crate::desk::{Desk, PATIENCE};

const START: i64 = 1_795_168_800_000_000;

pub fn minted(name: &str) -> MintAgent {
    MintAgent {
        agent_name: name.to_owned(),
        model: Some("claude-sonnet-4-5".to_owned()),
        charter: None,
        scopes: None,
        expires_at: None,
    }
}

pub fn with_scopes(name: &str, scopes: &[Scope]) -> MintAgent {
    MintAgent {
        scopes: Some(scopes.to_vec()),
        ..minted(name)
    }
}

pub fn token(agent: &MintedAgent) -> &str {
    agent.raw_token.as_deref().unwrap()
}

pub fn holder(desk: &Desk, agent: &MintedAgent) -> AgentHolder {
    desk.console
        .agent_holder(token(agent), BusDoor::Http)
        .unwrap()
}

pub fn letter(to: &str, text: &str) -> Send {
    Send {
        to: to.to_owned(),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
        idempotency_key: None,
    }
}

pub fn at(agent_id: AgentId) -> AgentRef {
    AgentRef { agent_id }
}

pub async fn mint(desk: &Desk, asked: MintAgent) -> MintedAgent {
    desk.ask::<MakeAgent>(asked).await
}

/// All that were minted.
pub async fn listed(desk: &Desk) -> Vec<AgentView> {
    let custom = ListAgents {
        kind: Some(AgentKind::Custom),
        ..ListAgents::default()
    };
    desk.ask::<FindAgents>(custom).await.agents
}

pub async fn tenant(desk: &Desk, id: &str, tier: Tier) -> Manager {
    let asked = PutTenant {
        tenant_id: id.to_owned(),
        tier,
    };
    let tenants = desk.ask::<KeepTenant>(asked).await.tenants;
    let tenant = tenants
        .into_iter()
        .find(|tenant| tenant.record.id.as_str() == id);
    let tenant_id = tenant.unwrap().record.id;
    let made = desk.ask::<MakeTenantToken>(TenantRef { tenant_id }).await;
    desk.console.tenant_holder(&made.raw_token, id).unwrap()
}

pub fn code<T>(outcome: Result<T, Error>) -> ErrorCode {
    match outcome {
        Ok(_) => panic!("this should have been refused"),
        Err(refused) => refused.code,
    }
}

#[tokio::test]
async fn the_same_mint_asked_for_at_once_is_one_agent_where_there_is_room_for_one() {
    let desk = Desk::open().await;
    let acme = tenant(&desk, "acme", Tier::Starter).await;
    let mint = |_| {
        let key = Some("k".to_owned());
        desk.console.mint(&acme, minted("one"), key)
    };
    let all = join_all((0..6).map(mint)).await;
    let ids = all.into_iter().map(|minted| minted.unwrap().agent.id);
    let ids: Vec<AgentId> = ids.collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_tenant_with_more_than_its_tier_allows_is_told_how_many_it_has() {
    let desk = Desk::open().await;
    let acme = tenant(&desk, "acme", Tier::Growth).await;
    for name in ["one", "two", "three"] {
        desk.console.mint(&acme, minted(name), None).await.unwrap();
    }
    let acme = tenant(&desk, "acme", Tier::Starter).await;
    let refused = desk.console.mint(&acme, minted("four"), None).await;
    let details = refused.unwrap_err().details.unwrap();
    assert_eq!(
        (&details["count"], &details["limit"]),
        (&3.into(), &1.into())
    );
}

#[tokio::test]
async fn a_token_is_shown_once_and_opens_the_door_until_the_agent_is_gone() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    assert!(token(&bruno).starts_with("hst_a_"));
    assert!(token(&bruno).ends_with(bruno.agent.token_tail.as_deref().unwrap()));
    assert_eq!(
        bruno.agent.scopes,
        [Scope::Send, Scope::Inbox, Scope::Peers]
    );
    assert_eq!(bruno.agent.liveness, Liveness::NeverCalled);
    let held = holder(&desk, &bruno);
    assert_eq!(held.name.as_str(), "bruno-voice");
    desk.console.boot_context(&held).await.unwrap();
    assert_eq!(listed(&desk).await[0].liveness, Liveness::Live);

    let text = serde_json::to_string(&listed(&desk).await).unwrap();
    assert!(!text.contains(token(&bruno)));
    let reopened = {
        let home = desk.home.clone();
        desk.console.close().await;
        Desk::open_in(home, Arc::new(SystemClock)).await
    };
    assert!(
        reopened
            .console
            .agent_holder(token(&bruno), BusDoor::Http)
            .is_ok()
    );
}

#[tokio::test]
async fn a_wrong_token_is_told_apart_only_where_it_was_known() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let mut mistyped = token(&bruno).to_owned();
    let last = if mistyped.ends_with('0') { '1' } else { '0' };
    mistyped.pop();
    mistyped.push(last);
    let says = |raw: &str| {
        let refused = desk.console.agent_holder(raw, BusDoor::Http).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidToken);
        refused.message
    };
    assert!(says(&mistyped).contains("copied whole"));
    assert!(says("hst_t_x").contains("no agent's token"));
    desk.ask::<SuspendAgent>(at(bruno.agent.id)).await;
    assert!(says(token(&bruno)).contains("is disabled"));
    desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    assert!(says(token(&bruno)).contains("was revoked"));
}

#[tokio::test]
async fn a_mint_keeps_to_its_rules() {
    let desk = Desk::open().await;
    for name in [
        "",
        "Bruno",
        "-a",
        "kasra",
        "operator",
        "discord-connector",
        &"a".repeat(64),
    ] {
        let refused = desk.refused::<MakeAgent>(minted(name)).await;
        assert_eq!(refused.code, ErrorCode::InvalidBody, "{name}");
        assert_eq!(refused.details.unwrap()["field"], "agent_name");
    }
    for (asked, field) in [
        (
            MintAgent {
                model: Some("m".repeat(129)),
                ..minted("a")
            },
            "model",
        ),
        (
            MintAgent {
                charter: Some("c".repeat(16_385)),
                ..minted("a")
            },
            "charter",
        ),
        (
            MintAgent {
                expires_at: Some(Timestamp::from_micros(0)),
                ..minted("a")
            },
            "expires_at",
        ),
    ] {
        let refused = desk.refused::<MakeAgent>(asked).await;
        assert_eq!(refused.details.unwrap()["field"], field);
    }
    let first = mint(&desk, minted("bruno-voice")).await;
    let taken = desk.refused::<MakeAgent>(minted("bruno-voice")).await;
    assert_eq!(taken.code, ErrorCode::AgentNameTaken);
    desk.ask::<EndAgent>(at(first.agent.id)).await;
    let second = mint(&desk, minted("bruno-voice")).await;
    assert_ne!(
        first.agent.id, second.agent.id,
        "a name is free again after a revocation"
    );
}

#[tokio::test]
async fn a_tier_allows_so_many_agents_however_many_ask_at_once() {
    let desk = Desk::open().await;
    let free = tenant(&desk, "free-acme", Tier::Free).await;
    let refused = desk.console.mint(&free, minted("a"), None).await;
    assert_eq!(code(refused), ErrorCode::MintingNotAllowed);

    let growth = tenant(&desk, "acme", Tier::Growth).await;
    let asked = (0..50).map(|n| desk.console.mint(&growth, minted(&format!("a{n}")), None));
    let outcomes = join_all(asked).await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 5);
    for refused in refused {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, ErrorCode::AgentLimitReached);
        assert_eq!(refused.details.unwrap()["limit"], 5);
    }
    let record = desk.console.tenant(&growth);
    assert_eq!((record.agents, record.agent_limit), (5, Some(5)));

    // A suspended one counts, a revoked one does not.
    let one = made[0].as_ref().unwrap().agent.id;
    desk.console.disable_agent(&growth, one).await.unwrap();
    assert_eq!(
        code(desk.console.mint(&growth, minted("b"), None).await),
        ErrorCode::AgentLimitReached
    );
    desk.console.revoke_agent(&growth, one).await.unwrap();
    desk.console.mint(&growth, minted("b"), None).await.unwrap();
    // A lower tier takes nothing away.
    tenant(&desk, "acme", Tier::Starter).await;
}

#[tokio::test]
async fn tenants_see_nothing_of_each_other_and_an_old_token_opens_nothing() {
    let desk = Desk::open().await;
    let acme = tenant(&desk, "acme", Tier::Scale).await;
    let other = tenant(&desk, "other", Tier::Scale).await;
    let theirs = desk
        .console
        .mint(&acme, minted("bruno-voice"), None)
        .await
        .unwrap();
    assert_eq!(
        code(desk.console.agent(&other, theirs.agent.id).await),
        ErrorCode::AgentNotFound
    );
    assert_eq!(
        code(desk.console.revoke_agent(&other, theirs.agent.id).await),
        ErrorCode::AgentNotFound
    );
    let mine = desk
        .console
        .agents(&other, ListAgents::default())
        .await
        .unwrap();
    assert!(mine.agents.is_empty());
    assert!(listed(&desk).await.is_empty());

    // A newer token of acme refuses what is done under the old one.
    tenant(&desk, "acme", Tier::Scale).await;
    assert!(
        desk.console
            .mint(&acme, minted("late"), None)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_idempotent_mint_gives_its_token_once() {
    let desk = Desk::open().await;
    let key = || Some("order-7".to_owned());
    let manager = Manager::Operator(TenantId::local());
    let asked = (0..20).map(|_| desk.console.mint(&manager, minted("bruno-voice"), key()));
    let answers: Vec<MintedAgent> = join_all(asked)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let with_token = answers.iter().filter(|answer| answer.raw_token.is_some());
    assert_eq!(with_token.count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.agent.id == answers[0].agent.id)
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.raw_token.is_some() != answer.raw_token_delivered)
    );
    let other = desk.console.mint(&manager, minted("another"), key()).await;
    assert_eq!(code(other), ErrorCode::IdempotencyConflict);
    assert_eq!(listed(&desk).await.len(), 1);
}

#[tokio::test]
async fn a_change_is_in_force_on_the_next_call() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, with_scopes("bruno-voice", &[Scope::Send])).await;
    mint(&desk, minted("anna")).await;
    let held = holder(&desk, &bruno);
    desk.console
        .send(&held, letter("anna", "Hello."))
        .await
        .unwrap();
    assert_eq!(
        code(desk.console.inbox(&held, Inbox::default()).await),
        ErrorCode::InsufficientScope
    );
    let change = |scopes: &[Scope]| EditAgent {
        agent_id: bruno.agent.id,
        change: ChangeAgent {
            scopes: Some(scopes.to_vec()),
            ..ChangeAgent::default()
        },
    };
    let mut tools = desk.console.tool_list(&held).unwrap();
    desk.ask::<ReviseAgent>(change(&[Scope::Inbox])).await;
    tokio::time::timeout(PATIENCE, tools.changed())
        .await
        .unwrap();
    assert_eq!(desk.console.scopes_of(&held), [Scope::Inbox]);
    desk.console.inbox(&held, Inbox::default()).await.unwrap();
    assert_eq!(
        code(desk.console.send(&held, letter("anna", "Again.")).await),
        ErrorCode::InsufficientScope
    );
}

#[tokio::test]
async fn a_denial_is_one_question_and_its_answer_holds() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let held = holder(&desk, &bruno);
    let join = || Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    let joins = || desk.console.workspace_join(&held, join());
    let decide = async |decision| {
        let denial = desk.ask::<FindDenials>(Nothing {}).await.denials.remove(0);
        let asked = DecideDenial {
            denial_id: denial.denial_id,
            decision,
        };
        let left = desk.ask::<AnswerDenial>(asked.clone()).await.denials;
        assert!(left.is_empty());
        assert_eq!(
            desk.refused::<AnswerDenial>(asked).await.code,
            ErrorCode::NotFound
        );
    };

    for _ in 0..3 {
        let refused = joins().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InsufficientScope);
        assert!(refused.message.starts_with("403 insufficient_scope"));
        assert!(refused.message.contains("mcp:workspace_join"));
        assert!(
            refused
                .message
                .contains("was asked and can grant it in Husting")
        );
    }
    let denials = desk.ask::<FindDenials>(Nothing {}).await.denials;
    assert_eq!(denials.len(), 1);
    assert_eq!(
        (denials[0].calls, denials[0].scope),
        (3, Scope::WorkspaceJoin)
    );
    assert_eq!(denials[0].tool, "workspace_join");

    decide(Decision::Once).await;
    let at_once = join_all((0..5).map(|_| joins())).await;
    assert_eq!(
        at_once.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "one call"
    );

    decide(Decision::TenMinutes).await;
    joins().await.unwrap();
    joins().await.unwrap();
    clock.advance(Duration::from_secs(600));
    assert!(joins().await.is_err());

    decide(Decision::Refuse).await;
    let open = async || desk.ask::<FindDenials>(Nothing {}).await.denials.len();
    for _ in 0..2 {
        let refused = joins().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InsufficientScope);
        assert!(refused.message.contains("Your operator refused it at "));
        assert!(refused.message.contains("can grant it in Husting"));
        assert_eq!(open().await, 0, "who said no is not asked again");
    }
    clock.advance(Duration::from_secs(86_399));
    assert!(joins().await.is_err());
    assert_eq!(open().await, 0);
    clock.advance(Duration::from_secs(1));
    assert!(joins().await.is_err());
    assert_eq!(open().await, 1, "a day later it may be another matter");
    decide(Decision::Always).await;
    clock.advance(Duration::from_secs(86_400));
    joins().await.unwrap();
    let page = desk.ask::<ReadAgent>(at(bruno.agent.id)).await;
    assert_eq!(page.denials.len(), 4, "answered ones stay to be seen");
}

#[tokio::test]
async fn what_a_revoked_agent_asked_for_is_no_question_any_more() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let join = Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    let held = holder(&desk, &bruno);
    desk.console.workspace_join(&held, join).await.unwrap_err();
    let open = async || desk.ask::<FindDenials>(Nothing {}).await.denials.len();
    assert_eq!(open().await, 1);
    desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    assert_eq!(open().await, 0);
    let page = desk.ask::<ReadAgent>(at(bruno.agent.id)).await;
    assert_eq!(page.denials.len(), 1, "its page still shows it");
}

#[tokio::test]
async fn scopes_are_given_for_a_time_and_end_by_themselves() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let held = holder(&desk, &bruno);
    let asked = SetScope {
        agent_id: bruno.agent.id,
        scope: Scope::Recall,
        held: true,
        for_seconds: Some(60),
    };
    let given = desk.ask::<ChangeScope>(asked).await.agent;
    assert!(given.scopes.contains(&Scope::Recall));
    let recall = || Recall {
        query: "anything".to_owned(),
        limit: None,
        squad: None,
    };
    desk.console.recall(&held, recall()).await.unwrap();
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        code(desk.console.recall(&held, recall()).await),
        ErrorCode::InsufficientScope
    );
    assert!(!listed(&desk).await[0].scopes.contains(&Scope::Recall));
}

#[tokio::test]
async fn scopes_of_a_revoked_agent_stay_what_they_were() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    let before = desk.ask::<ReadAgent>(at(bruno.agent.id)).await.agent;
    for (scope, held) in [(Scope::Recall, true), (Scope::Send, false)] {
        let asked = SetScope {
            agent_id: bruno.agent.id,
            scope,
            held,
            for_seconds: None,
        };
        let refused = desk.refused::<ChangeScope>(asked).await;
        assert_eq!(refused.code, ErrorCode::InvalidState);
        assert!(
            refused.message.contains("was revoked, for good"),
            "{refused}"
        );
    }
    let after = desk.ask::<ReadAgent>(at(bruno.agent.id)).await.agent;
    assert_eq!(after.scopes, before.scopes);
}

#[tokio::test]
async fn an_agent_that_expires_is_suspended_and_what_it_holds_open_ends() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let soon = Timestamp::from_micros(START).plus_millis(60_000);
    let bruno = mint(
        &desk,
        MintAgent {
            expires_at: Some(soon),
            ..minted("bruno-voice")
        },
    )
    .await;
    let held = holder(&desk, &bruno);
    let stream = desk.console.hold_open(&held, None).unwrap();
    clock.advance(Duration::from_secs(60));
    assert!(
        desk.console
            .agent_holder(token(&bruno), BusDoor::Http)
            .unwrap_err()
            .message
            .contains("has expired")
    );
    tokio::time::timeout(PATIENCE, stream.ended().cancelled())
        .await
        .unwrap();
    drop(stream);
    assert_eq!(listed(&desk).await[0].status, AgentStatus::Suspended);
    assert_eq!(
        desk.refused::<ResumeAgent>(at(bruno.agent.id)).await.code,
        ErrorCode::InvalidState
    );
    let later = EditAgent {
        agent_id: bruno.agent.id,
        change: ChangeAgent {
            expires_at: Some(None),
            ..ChangeAgent::default()
        },
    };
    desk.ask::<ReviseAgent>(later).await;
    desk.ask::<ResumeAgent>(at(bruno.agent.id)).await;
    assert!(
        desk.console
            .agent_holder(token(&bruno), BusDoor::Http)
            .is_ok()
    );
}

#[tokio::test]
async fn a_rotation_ends_the_old_token_at_once_or_after_its_overlap() {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let first = mint(&desk, minted("bruno-voice")).await;
    let rotate = async |overlap_seconds| {
        let asked = RotateAgent {
            agent_id: first.agent.id,
            overlap_seconds,
        };
        desk.ask::<ReplaceToken>(asked).await
    };
    let opens = |agent: &MintedAgent| {
        desk.console
            .agent_holder(token(agent), BusDoor::Http)
            .is_ok()
    };

    let held = desk
        .console
        .hold_open(&holder(&desk, &first), None)
        .unwrap();
    let second = rotate(60).await;
    assert!(opens(&first) && opens(&second));
    assert!(!held.ended().is_cancelled());
    clock.advance(Duration::from_secs(60));
    assert!(!opens(&first) && opens(&second));
    tokio::time::timeout(PATIENCE, held.ended().cancelled())
        .await
        .unwrap();

    let held = desk
        .console
        .hold_open(&holder(&desk, &second), None)
        .unwrap();
    let third = rotate(0).await;
    assert!(
        held.ended().is_cancelled(),
        "those of the old token end at once"
    );
    assert!(!opens(&second) && opens(&third));
    // In flight under the old token: refused.
    let old = holder(&desk, &third);
    rotate(0).await;
    assert_eq!(
        code(desk.console.send(&old, letter("operator", "late")).await),
        ErrorCode::InvalidToken
    );
}

#[tokio::test]
async fn a_revocation_ends_everything_and_its_receipt_is_counted() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let anna = mint(&desk, minted("anna")).await;
    let (bruno_held, anna_held) = (holder(&desk, &bruno), holder(&desk, &anna));
    desk.console
        .send(&anna_held, letter("bruno-voice", "one"))
        .await
        .unwrap();
    desk.console
        .send(&anna_held, letter("bruno-voice", "two"))
        .await
        .unwrap();
    desk.console
        .send(&bruno_held, letter("anna", "last"))
        .await
        .unwrap();
    let stream = desk.console.hold_open(&bruno_held, None).unwrap();
    let ended = stream.ended().clone();
    let leaves = tokio::spawn(async move {
        ended.cancelled().await;
        drop(stream);
    });

    let end = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    leaves.await.unwrap();
    let receipt = end.receipt.unwrap();
    assert_eq!(end.agent.status, AgentStatus::Revoked);
    assert_eq!(receipt.accepted_since, 0);
    assert_eq!((receipt.streams_closed, receipt.waits_cancelled), (1, 0));
    assert_eq!(receipt.messages_parked, 2);
    assert_eq!(receipt.last_accepted.as_ref().unwrap().tool, "send");
    let its_end = ListAudit {
        actions: vec![Action::Revoke],
        ..ListAudit::default()
    };
    let log = desk.ask::<FindAudit>(its_end).await;
    assert_eq!(receipt.row, Some(log.rows[0].row));
    assert_eq!(
        code(
            desk.console
                .send(&bruno_held, letter("anna", "later"))
                .await
        ),
        ErrorCode::InvalidToken
    );
    assert_eq!(
        code(
            desk.console
                .send(&anna_held, letter("bruno-voice", "three"))
                .await
        ),
        ErrorCode::AgentNotFound
    );
    let again = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
    assert_eq!(again.receipt, Some(receipt), "the first receipt");
    assert_eq!(
        desk.refused::<ResumeAgent>(at(bruno.agent.id)).await.code,
        ErrorCode::InvalidState
    );
    assert_eq!(
        listed(&desk).await.len(),
        1,
        "revoked ones are listed on request"
    );
}

/// Sends as fast as it can until it is refused; how often it was told that it sent.
async fn sends_until_refused(desk: &Desk, held: &AgentHolder) -> u32 {
    let mut sent = 0;
    loop {
        match desk.console.send(held, letter("anna", "x")).await {
            Ok(_) => sent += 1,
            Err(refused) if refused.code == ErrorCode::InboxFull => return sent,
            Err(refused) => {
                assert_eq!(refused.code, ErrorCode::InvalidToken);
                return sent;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_nothing_is_taken_in_once_a_revocation_was_answered() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let anna = mint(&desk, minted("anna")).await;
    let held = holder(&desk, &bruno);
    let senders = join_all((0..8).map(|_| sends_until_refused(&desk, &held)));
    let revokes = async {
        // Once the load is on.
        loop {
            let asked = husting_wire::bus::messages::ListMessages::default();
            let found = desk
                .ask::<husting_wire::commands::FindMessages>(asked)
                .await;
            if found.messages.len() >= 20 {
                break;
            }
            tokio::task::yield_now().await;
        }
        let end = desk.ask::<EndAgent>(at(bruno.agent.id)).await;
        let unread = desk.ask::<ReadAgent>(at(anna.agent.id)).await.agent.unread;
        (end.receipt.unwrap(), unread)
    };
    let (sent, (receipt, unread)) = futures::future::join(senders, revokes).await;
    let told: u32 = sent.iter().sum();
    assert_eq!(receipt.accepted_since, 0);
    let after = desk.ask::<ReadAgent>(at(anna.agent.id)).await.agent.unread;
    assert_eq!(after, unread, "nothing came after the answer");
    assert_eq!(
        after, told,
        "everything that was told to be sent is there, and nothing else"
    );
}

#[tokio::test]
async fn a_pause_holds_calls_and_outlives_a_restart() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let held = holder(&desk, &bruno);
    let stream = desk.console.hold_open(&held, None).unwrap();
    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    let refused = desk
        .console
        .inbox(&held, Inbox::default())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::Paused);
    assert!(refused.details.unwrap()["retry_after_seconds"].is_u64());
    assert!(!stream.ended().is_cancelled(), "streams stay");
    drop(stream);
    let home = desk.home.clone();
    desk.console.close().await;
    let desk = Desk::open_in(home, Arc::new(SystemClock)).await;
    let held = holder(&desk, &bruno);
    assert_eq!(
        code(desk.console.inbox(&held, Inbox::default()).await),
        ErrorCode::Paused
    );
    // What is so already is no act, and leaves no row of the log, also where several ask for it at once.
    for paused in [true, false] {
        let ask = || desk.ask::<PauseAgents>(SetPause { paused });
        join_all([ask(), ask(), ask()]).await;
    }
    desk.console.inbox(&held, Inbox::default()).await.unwrap();
    let rows = desk.ask::<FindAudit>(ListAudit::default()).await.rows;
    let pauses = rows.iter().filter(|row| row.action == Action::Pause);
    assert_eq!(pauses.count(), 2);
}

#[tokio::test]
async fn everything_is_stopped_at_once_and_it_is_said_what() {
    let desk = Desk::open().await;
    let bruno = mint(&desk, minted("bruno-voice")).await;
    let off = mint(&desk, minted("off")).await;
    desk.ask::<SuspendAgent>(at(off.agent.id)).await;
    let acme = tenant(&desk, "acme", Tier::Scale).await;
    let theirs = desk
        .console
        .mint(&acme, minted("theirs"), None)
        .await
        .unwrap();
    let stream = desk
        .console
        .hold_open(&holder(&desk, &bruno), None)
        .unwrap();
    let stopped = desk.ask::<StopEverything>(Nothing {}).await;
    assert_eq!(stopped.rounds, 0);
    let named = |agent: &StoppedAgent| (agent.tenant_id.to_string(), agent.agent_name.clone());
    let mut names: Vec<_> = stopped.agents.iter().map(named).collect();
    names.sort();
    let wanted = [
        ("acme", "theirs"),
        ("local", "bruno-voice"),
        ("local", "kasra"),
    ];
    assert_eq!(
        names,
        wanted.map(|(of, name)| (of.to_owned(), name.to_owned()))
    );
    assert!(stream.ended().is_cancelled());
    for agent in [&bruno, &theirs] {
        assert!(
            desk.console
                .agent_holder(token(agent), BusDoor::Http)
                .is_err()
        );
    }
    // Each is enabled again by the operator, whosever it is.
    for agent in [&bruno, &theirs] {
        desk.ask::<ResumeAgent>(at(agent.agent.id)).await;
        assert!(
            desk.console
                .agent_holder(token(agent), BusDoor::Http)
                .is_ok()
        );
    }
}
