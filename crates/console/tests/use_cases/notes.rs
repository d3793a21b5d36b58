//! What an agent may store, and what it may not.

use husting_wire::bus::calls::{Memories, Remember};
use husting_wire::errors::ErrorCode;

use crate::bus::{agent, pair};

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
