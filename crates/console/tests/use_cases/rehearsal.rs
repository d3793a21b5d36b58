//! The panel of a machine without providers: local rules that read the document, free, and the same
//! each time.

use husting_domain::models::REHEARSAL_MODELS;
use husting_domain::money::MicroUsd;
use husting_domain::quotes::QuoteStatus;
use husting_domain::rounds::RoundStatus;
use husting_wire::commands::{AppendToSession, ConveneSession, WriteSession};
use husting_wire::sessions::{Convene, ExportFormat, ExportSession};

use crate::desk::Desk;
use crate::panel::{QUESTION, next};

const DOCUMENT: &str = "# Where events are kept\n\n\
    An event store keeps every change in the order in which it happened. Postgres gives that order with one sequence \
    and a transaction. MongoDB gives it for each document, but not across a collection. The team knows SQL well and has \
    run Postgres for six years. Nobody on the team has restored a MongoDB cluster after a failure.\n\n\
    Reading all events of one aggregate is the most frequent query. An index on aggregate and version answers it in both \
    systems. Projections read the whole stream from a position, which needs a total order. Change streams offer one as \
    long as the oplog lasts, and the oplog of this cluster lasts for two days.\n\n\
    The budget allows for one managed instance. A replica set needs three. Backups of one instance can be restored \
    within an hour, as the exercise in May showed. The auditors ask for events to be kept for ten years. Storage for ten \
    years costs less than one day of an engineer.\n";

fn asking() -> Convene {
    Convene {
        prompt: QUESTION.to_owned(),
        reference: Some(DOCUMENT.to_owned()),
        reference_name: Some("events.md".to_owned()),
        ..Convene::default()
    }
}

/// Two rounds on a new machine, steered by the map alone.
async fn rehearsed() -> (Desk, husting_wire::sessions::SessionView) {
    let desk = Desk::open().await.by_script();
    let ack = desk.ask::<ConveneSession>(asking()).await;
    assert!(ack.rehearsal);
    desk.finished(ack.session_id).await;
    desk.ask::<AppendToSession>(next(ack.session_id, "", Vec::new()))
        .await;
    desk.finished(ack.session_id).await;
    let view = desk.session(ack.session_id).await;
    (desk, view)
}

#[tokio::test]
async fn without_a_provider_three_rehearsal_seats_sit_and_say_so() {
    let (desk, view) = rehearsed().await;
    assert!(view.summary.rehearsal);
    let seats: Vec<&str> = view
        .summary
        .seats
        .iter()
        .map(|seat| seat.model.as_str())
        .collect();
    assert_eq!(seats, REHEARSAL_MODELS);
    for round in &view.rounds {
        assert_eq!(round.status, RoundStatus::Complete);
        assert_eq!((round.summary.answered, round.summary.reacted), (3, 3));
        assert!(round.debits.is_empty());
        assert_eq!(round.summary.cost, MicroUsd::ZERO);
    }
    assert!(desk.debits().await.is_empty(), "it costs nothing");
    let export = ExportSession {
        session_id: view.summary.session_id,
        format: ExportFormat::Md,
    };
    let transcript = desk.ask::<WriteSession>(export).await.text;
    assert!(transcript.lines().next().unwrap().contains("Rehearsal"));
}

#[tokio::test]
async fn rehearsal_seats_quote_the_document_and_each_other_word_for_word() {
    let (_, view) = rehearsed().await;
    let read = DOCUMENT.replace('\n', " ");
    for seat in &view.rounds[0].answers {
        let sentences = seat.sentences.iter();
        let from_document = sentences.filter(|sentence| {
            let words = &seat.text[sentence.start as usize..sentence.end as usize];
            let bare = words.trim_matches(|c: char| !c.is_alphanumeric());
            bare.len() > 20 && read.contains(bare)
        });
        assert!(from_document.count() >= 1, "{}", seat.text);
    }
    for round in &view.rounds {
        let map = round.claim_map.as_ref().unwrap();
        assert!(map.quote_count >= 6, "each seat reacts at least twice");
        assert_eq!(map.unverified, []);
        let seats = map.claims.iter().flat_map(|claim| &claim.positions);
        for position in seats.filter(|position| !position.model.is_moderator()) {
            assert_eq!(position.quote_status, QuoteStatus::Exact, "{position:?}");
        }
    }
}

/// Steered three times by the map alone, with or without a document.
async fn steered_by_the_map(asked: Convene) -> husting_wire::sessions::SessionView {
    let desk = Desk::open().await.by_script();
    let session = desk.ask::<ConveneSession>(asked).await.session_id;
    desk.finished(session).await;
    for _ in 0..3 {
        desk.ask::<AppendToSession>(next(session, "", Vec::new()))
            .await;
        desk.finished(session).await;
    }
    desk.session(session).await
}

#[tokio::test]
async fn no_two_seats_claim_the_same_words_in_a_round_and_nobody_claims_the_moderators() {
    let without_document = Convene {
        prompt: format!("{QUESTION} We write 500 events a second."),
        reference: None,
        ..asking()
    };
    for asked in [asking(), without_document] {
        let view = steered_by_the_map(asked).await;
        assert_eq!(view.rounds.len(), 4);
        for round in &view.rounds {
            let claims = &round.claim_map.as_ref().unwrap().claims;
            assert!(claims.len() >= 3, "{claims:?}");
            let said_by_seats = claims.iter().filter(|claim| {
                let mut positions = claim.positions.iter();
                claim.source.round_index == round.index
                    && positions.any(|position| !position.model.is_moderator())
            });
            let mut quotes: Vec<String> = Vec::new();
            for claim in said_by_seats {
                let words = claim.quote.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(!round.prompt.contains(&words), "{words}");
                assert!(!quotes.contains(&words), "said twice: {words}");
                quotes.push(words);
            }
            assert!(!quotes.is_empty());
        }
    }
}

#[tokio::test]
async fn the_same_question_has_the_same_words_and_map_on_another_machine() {
    let ((_, one), (_, other)) = tokio::join!(rehearsed(), rehearsed());
    assert_ne!(one.summary.session_id, other.summary.session_id);
    for (one, other) in one.rounds.iter().zip(&other.rounds) {
        for (one, other) in one.answers.iter().zip(&other.answers) {
            assert_eq!((&one.letter, &one.text), (&other.letter, &other.text));
        }
        for (one, other) in one.reactions.iter().zip(&other.reactions) {
            assert_eq!(one.text, other.text);
        }
        assert_eq!(one.claim_map, other.claim_map);
        assert_eq!(one.snippets, other.snippets);
    }
}

#[tokio::test]
async fn rehearsal_seats_never_stand_in_for_a_model_that_was_asked_for() {
    let desk = Desk::open().await;
    let asked = Convene {
        models: Some(vec![
            crate::desk::id("rehearsal-advocate"),
            crate::desk::id("gpt-5"),
        ]),
        ..asking()
    };
    let refused = desk.refused::<ConveneSession>(asked).await;
    assert_eq!(refused.code, husting_wire::errors::ErrorCode::UnknownModels);
}
