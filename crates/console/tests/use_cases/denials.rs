//! What agents were denied: asked of the one operator, whosever the agent is, until it is given.

use husting_domain::addressees::Addressee;
use husting_domain::agents::{Decision, Name};
use husting_domain::scopes::Scope;
use husting_domain::tenants::Tier;
use husting_wire::agents::{
    AgentRef, ChangeAgent, DecideDenial, DenialView, EditAgent, MintedAgent, SetScope,
};
use husting_wire::bus::calls::Join;
use husting_wire::bus::messages::Recipient;
use husting_wire::commands::{
    AnswerDenial, ChangeScope, FindDenials, MakeAgent, ReadAgent, ReviseAgent,
};
use husting_wire::errors::ErrorCode;
use husting_wire::settings::Nothing;

use crate::agents::{holder, letter, minted, tenant};
use crate::desk::Desk;

async fn open(desk: &Desk) -> Vec<DenialView> {
    desk.ask::<FindDenials>(Nothing {}).await.denials
}

/// An agent of another tenant.
pub async fn elsewhere(desk: &Desk) -> MintedAgent {
    let acme = tenant(desk, "acme", Tier::Scale).await;
    let anna = desk.console.mint(&acme, minted("anna"), None).await;
    anna.unwrap()
}

/// Whether the agent joined a squad.
async fn joins(desk: &Desk, agent: &MintedAgent) -> bool {
    let join = Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    let held = holder(desk, agent);
    desk.console.workspace_join(&held, join).await.is_ok()
}

#[tokio::test]
async fn the_operator_is_asked_for_agents_of_every_tenant() {
    let desk = Desk::open().await;
    let anna = elsewhere(&desk).await;
    assert!(!joins(&desk, &anna).await);
    let asked = open(&desk).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].tenant_id.as_str(), "acme");
    let always = DecideDenial {
        denial_id: asked[0].denial_id,
        decision: Decision::Always,
    };
    let left = desk.ask::<AnswerDenial>(always).await.denials;
    assert!(left.is_empty());
    assert!(joins(&desk, &anna).await);
}

#[tokio::test]
async fn the_operator_is_told_whom_the_last_call_was_for() {
    let desk = Desk::open().await;
    let bruno = desk.ask::<MakeAgent>(minted("bruno")).await;
    let held = holder(&desk, &bruno);
    let squad = Addressee::Squad(Name::parse("sales").unwrap());
    for (to, told) in [
        (Some(Addressee::All), Some(Recipient::All)),
        (Some(squad), Some(Recipient::Squad("sales".to_owned()))),
        (None, None),
    ] {
        let scope = Some(Scope::Broadcast);
        let may = desk.console.may_call(&held, scope, "broadcast", to).await;
        assert_eq!(may.unwrap_err().code, ErrorCode::InsufficientScope);
        assert_eq!(open(&desk).await[0].to, told);
    }
}

#[tokio::test]
async fn an_agent_of_another_tenant_is_told_that_nobody_reads_its_mail_there() {
    let desk = Desk::open().await;
    let anna = elsewhere(&desk).await;
    let held = holder(&desk, &anna);
    let sent = desk.console.send(&held, letter("operator", "Hello?")).await;
    let refused = sent.map(drop).unwrap_err();
    assert_eq!(refused.code, ErrorCode::AgentNotFound, "{refused}");
}

#[tokio::test]
async fn a_scope_that_is_given_by_hand_answers_what_was_asked_for() {
    let desk = Desk::open().await;
    let bruno = desk.ask::<MakeAgent>(minted("bruno")).await;
    let agent_id = bruno.agent.id;
    let by_cell = |for_seconds| SetScope {
        agent_id,
        scope: Scope::WorkspaceJoin,
        held: true,
        for_seconds,
    };
    let taken = SetScope {
        held: false,
        ..by_cell(None)
    };
    for (for_seconds, decision) in [
        (Some(3_600), Decision::TenMinutes),
        (None, Decision::Always),
    ] {
        assert!(!joins(&desk, &bruno).await);
        assert_eq!(open(&desk).await.len(), 1);
        desk.ask::<ChangeScope>(by_cell(for_seconds)).await;
        assert!(open(&desk).await.is_empty(), "it is given");
        let page = desk.ask::<ReadAgent>(AgentRef { agent_id }).await;
        assert_eq!(page.denials[0].decision, Some(decision));
        desk.ask::<ChangeScope>(taken.clone()).await;
    }
    assert!(!joins(&desk, &bruno).await);
    let other = ChangeAgent {
        scopes: Some(vec![Scope::Send]),
        ..ChangeAgent::default()
    };
    let change = other;
    desk.ask::<ReviseAgent>(EditAgent { agent_id, change })
        .await;
    assert_eq!(open(&desk).await.len(), 1, "another scope was given");
}
