//! Squads in which one is alone.

use husting_domain::audit::Action;
use husting_wire::audit::ListAudit;
use husting_wire::bus::calls::{Broadcast, Join};
use husting_wire::commands::FindAudit;

use crate::bus::pair;

#[tokio::test]
async fn who_broadcasts_to_a_squad_without_others_is_told_that_nobody_has_it() {
    let (desk, _, anna, bruno) = pair().await;
    let join = || Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    let cast = || Broadcast {
        text: "In.".to_owned(),
        squad: Some("sales".to_owned()),
    };
    desk.console.workspace_join(&anna, join()).await.unwrap();
    let told = desk.console.broadcast(&anna, cast()).await.unwrap();
    assert_eq!(told.record.recipients, 0);
    let id = told.record.id;
    let nobody = format!("Broadcast to sales (id: {id}): nobody else is there, so nobody was told");
    assert_eq!(told.text, nobody);
    let broadcasts = ListAudit {
        actions: vec![Action::Broadcast],
        ..ListAudit::default()
    };
    let rows = desk.ask::<FindAudit>(broadcasts).await.rows;
    assert_eq!(
        rows[0].subject,
        Some(id.to_string()),
        "the operator sees it in the log"
    );
    desk.console.workspace_join(&bruno, join()).await.unwrap();
    let told = desk.console.broadcast(&anna, cast()).await.unwrap();
    assert_eq!(
        told.text,
        format!("Broadcast to sales (id: {})", told.record.id)
    );
}
