//! Panels that people in Discord convene: on the operator's budget, once, and steered by claims' numbers.

use husting_discord::panels::{PanelPhase, Steering};
use husting_domain::discord::{Author, Snowflake};
use husting_domain::sessions::SessionSource;
use husting_domain::snippets::SnippetType;
use uuid::Uuid;

use crate::desk::Desk;
use crate::panel::QUESTION;

fn ana() -> Author {
    Author {
        id: Snowflake::new(400).unwrap(),
        name: "Ana".to_owned(),
    }
}

#[tokio::test]
async fn a_panel_is_convened_once_and_steered_by_the_numbers_of_its_claims() {
    let desk = Desk::open().await.by_script();
    let panels = desk.console.discord_panels();
    let panel = Uuid::from_u128(7);
    let session = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    let again = panels.convene(panel, QUESTION, &ana()).await.unwrap();
    assert_eq!(again, session, "a second try after a death is the same");
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.summary.source, SessionSource::Discord);
    assert_eq!(view.moderator_name.as_deref(), Some("Ana"));

    let state = panels.state(session).await.unwrap();
    assert_eq!((state.round, state.phase), (1, PanelPhase::Complete));
    let first = &state.claims[0];
    assert_eq!(first.key, "1");
    let steering = [Steering {
        claim: "1".to_owned(),
        kind: SnippetType::Challenge,
        comment: "Is it?".to_owned(),
    }];
    for _ in 0..2 {
        let by = ana();
        let begun = panels.next_round(session, 2, "", &steering, &by);
        begun.await.unwrap();
    }
    desk.finished(session).await;
    let view = desk.session(session).await;
    assert_eq!(view.rounds.len(), 2, "it is begun once");
    let forwarded = &view.rounds[1].snippets[0].snippet;
    assert_eq!(forwarded.quote, first.quote);
    assert_eq!(forwarded.comment.as_deref(), Some("Is it?"));
    let after = panels.state(session).await.unwrap();
    assert_eq!(after.round, 2);
    panels.changed(session, state.version).await;
}
