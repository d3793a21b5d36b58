//! Turns of agents that Husting runs: what is still held counts against the day.

use husting_domain::calls::Purpose;
use husting_domain::ids::{AgentId, MessageId};
use husting_domain::ledger::Occasion;
use husting_domain::money::MicroUsd;
use husting_wallet::turns::{TurnRefused, TurnRequest, plan};
use uuid::Uuid;

use crate::fixtures::*;

fn asking(agent: u128, daily_limit: i64) -> TurnRequest {
    TurnRequest {
        agent_id: AgentId(Uuid::from_u128(agent)),
        message_id: MessageId(Uuid::from_u128(9)),
        model: model("w"),
        price: price(3, 15),
        prompt_bytes: 4_000,
        max_output_tokens: 2_048,
        spent_today: MicroUsd(1_000),
        daily_limit: Some(MicroUsd(daily_limit)),
    }
}

/// 2,100 tokens from above at 3 and 2,048 at 15 are 37,020 held; 1,000 were spent before.
#[test]
fn what_an_agents_turns_hold_counts_against_its_day_and_not_against_anothers() {
    let mut ids = Ids::default();
    let (mut wallet, _) = funded(1_500_000, 0, 0);
    let limit = 1_000 + 2 * 37_020;
    let first = plan(&wallet, &asking(1, limit), november(2), || ids.hold());
    let first = first.unwrap().unwrap();
    assert_eq!(
        (first.amount, first.purpose),
        (MicroUsd(37_020), Purpose::ManagedAgent)
    );
    assert!(matches!(first.occasion, Occasion::Turn { .. }));
    wallet.open(first);
    let mut may = |agent, limit| plan(&wallet, &asking(agent, limit), november(2), || ids.hold());
    assert!(may(1, limit).is_ok(), "to the last of it");
    let refused = TurnRefused::Day {
        limit: MicroUsd(limit - 1),
        used: MicroUsd(38_020),
    };
    assert_eq!(may(1, limit - 1), Err(refused));
    assert!(may(2, 38_020).is_ok(), "another agent's day is its own");
}
