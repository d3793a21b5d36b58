//! Squads as their operator keeps them.

use futures::StreamExt;
use husting_domain::agents::Name;
use husting_wire::bus::calls::Join;
use husting_wire::bus::messages::RemoveMember;
use husting_wire::commands::DropMember;
use husting_wire::events::Event;

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
