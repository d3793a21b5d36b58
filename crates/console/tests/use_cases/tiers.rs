//! How many agents a tenant may have, and who mints them.

use husting_domain::tenants::Tier;
use husting_wire::commands::MakeTenantToken;
use husting_wire::errors::ErrorCode;
use husting_wire::tenants::TenantRef;

use crate::agents::{minted, tenant};
use crate::desk::Desk;

/// Far above what any tier with a limit allows.
const MANY: u32 = 60;

#[tokio::test]
async fn a_tenant_at_scale_mints_any_number_of_agents() {
    let desk = Desk::open().await;
    let acme = tenant(&desk, "acme", Tier::Scale).await;
    assert!(desk.console.tenant(&acme).qnft_minting);
    for number in 0..MANY {
        let asked = minted(&format!("a{number}"));
        let made = desk.console.mint(&acme, asked, None).await;
        made.unwrap_or_else(|refused| panic!("agent {number}: {refused}"));
    }
    let record = desk.console.tenant(&acme);
    assert_eq!((record.agents, record.agent_limit), (MANY, None));
    let told = serde_json::to_value(record).unwrap();
    assert!(told["agent_limit"].is_null(), "{told}");
    // Where there is a limit, it is one of so few.
    for tier in [Tier::Free, Tier::Starter, Tier::Growth] {
        assert!(tier.agent_limit().is_none_or(|limit| limit < MANY));
    }
}

#[tokio::test]
async fn what_is_done_under_a_replaced_token_of_a_tenant_is_refused_at_its_commit() {
    let desk = Desk::open().await;
    let acme = tenant(&desk, "acme", Tier::Scale).await;
    let tenant_id = acme.tenant();
    desk.ask::<MakeTenantToken>(TenantRef { tenant_id }).await;
    let late = desk.console.mint(&acme, minted("late"), None).await;
    let refused = late.map(drop).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidToken, "{refused}");
    assert_eq!(desk.console.tenant(&acme).agents, 0);
}

#[tokio::test]
async fn minting_begins_with_the_tier_starter() {
    let desk = Desk::open().await;
    for (tier, may) in [
        (Tier::Free, false),
        (Tier::Starter, true),
        (Tier::Growth, true),
        (Tier::Scale, true),
    ] {
        let acme = tenant(&desk, "acme", tier).await;
        assert_eq!(desk.console.tenant(&acme).qnft_minting, may, "{tier:?}");
    }
}
