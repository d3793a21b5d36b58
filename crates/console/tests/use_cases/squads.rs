//! Squads as their operator keeps them.

use futures::StreamExt;
use husting_domain::agents::Name;
use husting_wire::bus::calls::Join;
use husting_wire::bus::messages::{AddMember, RemoveMember};
use husting_wire::commands::{DropMember, FindSquads, PutMember};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::settings::Nothing;

use crate::bus::pair;
use crate::desk::PATIENCE;

#[tokio::test]
async fn every_view_is_told_who_is_left_once_the_operator_takes_a_member_out() {
    let (desk, _, anna, bruno) = pair().await;
    for member in [&anna, &bruno] {
        let join = Join {
            workspace_id: "sales".to_owned(),
            summary: None,
        };
        desk.console.workspace_join(member, join).await.unwrap();
    }
    let mut events = desk.console.watch().skip(1);
    let removed = RemoveMember {
        squad: Name::parse("sales").unwrap(),
        agent_id: anna.agent,
    };
    let answered = desk.ask::<DropMember>(removed).await;
    let told = async {
        loop {
            if let Event::SquadsChanged { squads } = events.next().await.unwrap().event {
                return squads;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await.unwrap();
    assert_eq!(told, answered);
    let left = told.squads[0].members.iter();
    let left: Vec<_> = left.map(|member| member.agent_id).collect();
    assert_eq!(left, [bruno.agent]);
}

#[tokio::test]
async fn a_removal_is_taken_back_with_what_the_member_was_there_for() {
    let (desk, _, anna, _) = pair().await;
    let join = Join {
        workspace_id: "sales".to_owned(),
        summary: Some("labels and pallets".to_owned()),
    };
    desk.console.workspace_join(&anna, join).await.unwrap();
    let before = desk.ask::<FindSquads>(Nothing {}).await.squads;
    let member = before[0].members[0].clone();
    let squad = before[0].name.clone();
    let removed = RemoveMember {
        squad: squad.clone(),
        agent_id: anna.agent,
    };
    let empty = desk.ask::<DropMember>(removed).await;
    assert_eq!(empty.squads, []);
    let back = AddMember {
        squad,
        agent_id: anna.agent,
        summary: member.summary.clone(),
    };
    let squads = desk.ask::<PutMember>(back.clone()).await.squads;
    assert_eq!(squads[0].members[0].agent_id, anna.agent);
    assert_eq!(squads[0].members[0].summary, member.summary);

    let nobody = AddMember {
        agent_id: "01990000-0000-7000-8000-00000000000a".parse().unwrap(),
        ..back
    };
    let refused = desk.refused::<PutMember>(nobody).await;
    assert_eq!(refused.code, ErrorCode::AgentNotFound);
}
