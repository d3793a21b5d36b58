//! A round with three panelists and two claims.

use husting_deliberation::prompts::RoundWords;
use husting_deliberation::roster::Roster;
use husting_domain::claims::{Claim, ClaimGroup, ClaimMap, Position, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::{QuoteStatus, SourceSpan};
use husting_domain::snippets::SnippetType;

pub fn id(model: &str) -> ModelId {
    ModelId::parse(model).unwrap()
}

pub fn roster() -> Roster {
    let seats = [
        ("m1", "Model One"),
        ("m2", "Model Two"),
        ("m3", "Model Three"),
    ];
    let seats = seats.map(|(model, name)| (id(model), name.to_owned()));
    Roster::new(seats.to_vec(), 7, true)
}

pub fn round(answers: &[(&str, &str)]) -> RoundWords {
    let answers = answers.iter();
    RoundWords {
        index: 1,
        prompt: "Which?".to_owned(),
        answers: answers
            .map(|(model, text)| (id(model), (*text).to_owned()))
            .collect(),
        ..RoundWords::default()
    }
}

/// Claims `c1`, `c2`, … with these words, each challenged with `comment`.
pub fn map(quotes: &[&str], comment: &str) -> ClaimMap {
    let claims = quotes.iter().zip(1..).map(|(quote, number)| Claim {
        id: format!("c{number}"),
        quote: (*quote).to_owned(),
        originator: id("m1"),
        source: SourceSpan {
            round_index: 1,
            model: id("m1"),
            start: 0,
            end: 1,
        },
        group: ClaimGroup::Contested,
        positions: vec![position(comment)],
        reaction_count: 1,
        continues: None,
        flips_without: Vec::new(),
    });
    ClaimMap {
        claims: claims.collect(),
        ..ClaimMap::default()
    }
}

fn position(comment: &str) -> Position {
    Position {
        model: Reactor::seat(&id("m2")),
        kind: SnippetType::Challenge,
        comment: comment.to_owned(),
        stock_comment: false,
        comment_confidence: None,
        quote_status: QuoteStatus::Exact,
        quote: String::new(),
        differences: Vec::new(),
        was: None,
        said_by: None,
    }
}
