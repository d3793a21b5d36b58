//! What an agent may store, what it may not, and who reads it.

use husting_domain::scopes::Scope;
use husting_wire::agents::{ListNotes, SetScope};
use husting_wire::bus::calls::{Memories, Recall, Remember};
use husting_wire::commands::{ChangeScope, FindNotes};
use husting_wire::errors::ErrorCode;

use crate::agents::holder;
use crate::bus::{agent, pair};
use crate::denials::elsewhere;
use crate::desk::Desk;

#[tokio::test]
async fn a_note_and_its_context_have_so_many_characters_and_more_is_refused_by_name() {
    let (desk, ..) = pair().await;
    let carla = agent(&desk, "carla").await;
    let most = "é".repeat(16_384);
    let note = |text: &str, context: &str| Remember {
        text: text.to_owned(),
        context: Some(context.to_owned()),
        squad: None,
    };
    let fits = desk.console.remember(&carla, note(&most, &most)).await;
    assert_eq!(fits.unwrap().record.memories[0].text, most);
    let longer = format!("{most}x");
    for (field, asked) in [
        ("text", note(&longer, "dock")),
        ("context", note("It opens at 6.", &longer)),
    ] {
        let refused = desk.console.remember(&carla, asked).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidBody, "{field}");
        assert_eq!(refused.details.unwrap()["field"], field);
    }
    let stored = desk.console.memories(&carla, Memories::default()).await;
    assert_eq!(stored.unwrap().record.memories.len(), 1);
}

#[tokio::test]
async fn the_operator_reads_what_an_agent_of_another_tenant_remembers() {
    let desk = Desk::open().await;
    let anna = elsewhere(&desk).await;
    let remembers = SetScope {
        agent_id: anna.agent.id,
        scope: Scope::Remember,
        held: true,
        for_seconds: None,
    };
    desk.ask::<ChangeScope>(remembers).await;
    let fact = Remember {
        text: "The dock opens at 6.".to_owned(),
        context: None,
        squad: None,
    };
    desk.console
        .remember(&holder(&desk, &anna), fact)
        .await
        .unwrap();
    let asked = ListNotes {
        agent_id: anna.agent.id,
        squad: None,
        query: None,
        limit: None,
    };
    let found = desk.ask::<FindNotes>(asked).await;
    assert_eq!(found.notes[0].text, "The dock opens at 6.");
}

#[tokio::test]
async fn five_notes_are_recalled_and_twenty_listed_where_nobody_says_how_many() {
    let (desk, _, anna, _) = pair().await;
    for number in 0..25 {
        let note = Remember {
            text: format!("Dock number {number}."),
            context: None,
            squad: None,
        };
        desk.console.remember(&anna, note).await.unwrap();
    }
    for (limit, count) in [(None, 5), (Some(4), 4), (Some(6), 6), (Some(100), 25)] {
        let asked = Recall {
            query: "dock".to_owned(),
            limit,
            squad: None,
        };
        let found = desk.console.recall(&anna, asked).await.unwrap();
        assert_eq!(found.record.memories.len(), count, "{limit:?} recalled");
    }
    for (limit, count) in [(None, 20), (Some(19), 19), (Some(21), 21)] {
        let asked = Memories { limit, squad: None };
        let found = desk.console.memories(&anna, asked).await.unwrap();
        assert_eq!(found.record.memories.len(), count, "{limit:?} listed");
    }
}
