//! The next round: what the moderator forwards, how the seats read it, and what is refused.

use husting_domain::claims::ClaimGroup;
use husting_domain::quotes::QuoteStatus;
use husting_domain::rounds::RoundStatus;
use husting_domain::snippets::{Snippet, SnippetType};
use husting_test_support::{Behaviour, Phase, Recorded, Script};
use husting_wire::commands::{AppendToSession, ReadSession, WriteSession};
use husting_wire::rounds::{AppendRound, RoundView};
use husting_wire::sessions::{ExportFormat, ExportSession, SessionRef};

use crate::desk::id;
use crate::panel::{Panel, SEATS, next};
use crate::prompts;

const ALPHA: &str =
    "Usage aligns incentives. Seats are easier to sell — buyers can't predict usage.";
const BETA: &str = "A pilot should not run longer than six weeks. Nobody reads a second report.";
const GAMMA: &str = "The contract must name an owner. Without one nothing is ever finished.";

/// Fixed answers, so that quotes can be made of them; reactions as a panelist gives them.
fn fixed() -> Script {
    let answers = [("alpha", ALPHA), ("beta", BETA), ("gamma", GAMMA)];
    answers
        .into_iter()
        .fold(Script::debate(), |script, (model, text)| {
            script.for_phase(model, Phase::Respond, Behaviour::answering(text))
        })
}

fn snippet(kind: SnippetType, quote: &str, quoted: &str, comment: Option<&str>) -> Snippet {
    Snippet {
        kind,
        quote: quote.to_owned(),
        quoted_model: id(quoted),
        comment: comment.map(str::to_owned),
        confidence: None,
        said_by: None,
    }
}

/// The newest answer request of each seat.
fn newest(panel: &Panel) -> Vec<Recorded> {
    SEATS
        .iter()
        .map(|seat| {
            panel
                .houses
                .calls_of(seat, Phase::Respond)
                .pop()
                .expect("it was asked")
        })
        .collect()
}

async fn steered(snippets: Vec<Snippet>) -> (Panel, RoundView) {
    let panel = Panel::open(fixed()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let ack = panel
        .append(session, "Resolve it. Pick one.", snippets)
        .await;
    assert_eq!(ack.round_index, 1);
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::Complete);
    (panel, round)
}

#[tokio::test]
async fn forwarded_quotes_reach_every_seat_framed_and_under_their_authors_letter() {
    let (panel, round) = steered(vec![
        snippet(
            SnippetType::Challenge,
            "Usage aligns incentives.",
            "alpha",
            Some("Most pilots start small."),
        ),
        snippet(
            SnippetType::Keep,
            "Seats are easier to sell - buyers can’t predict usage.",
            "alpha",
            None,
        ),
    ])
    .await;
    let found: Vec<QuoteStatus> = round
        .snippets
        .iter()
        .map(|given| given.quote_status)
        .collect();
    assert_eq!(found, [QuoteStatus::Exact, QuoteStatus::Typographic]);
    let letter = &crate::desk::answer(&round, "alpha").letter;
    for call in newest(&panel) {
        let challenged = prompts::bodies(&call, &format!("snippet CHALLENGE {letter}"));
        let body = "Usage aligns incentives.\nframing: I'm not sold on this.\ncomment: Most pilots start small.";
        assert_eq!(challenged, [body]);
        let kept = prompts::bodies(&call, &format!("snippet KEEP {letter}"));
        assert!(kept[0].ends_with("framing: This resonates with me."));
        assert!(prompts::bodies(&call, "question").contains(&"Resolve it. Pick one.".to_owned()));
    }
}

#[tokio::test]
async fn words_given_to_the_wrong_author_go_out_under_the_true_one() {
    let quote = "The contract must name an owner.";
    let (panel, round) = steered(vec![snippet(SnippetType::Core, quote, "beta", None)]).await;
    let [given] = &round.snippets[..] else {
        panic!("one snippet")
    };
    assert_eq!(given.quote_status, QuoteStatus::Misattributed);
    assert_eq!(given.snippet.quoted_model, id("gamma"));
    let letter = &crate::desk::answer(&round, "gamma").letter;
    for call in newest(&panel) {
        assert_eq!(
            prompts::bodies(&call, &format!("snippet CORE {letter}")).len(),
            1
        );
    }
}

/// Under an author's letter stands what that author wrote, whatever it was called by.
#[tokio::test]
async fn the_true_words_take_the_place_of_nearly_right_and_of_cited_ones() {
    let panel = Panel::open(fixed()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await;
    let letter = |model: &str| crate::desk::answer(&first, model).letter.clone();
    let cited = format!("[{}.1]", letter("beta"));
    let given = [
        "Usage aligns the incentives.",
        &cited,
        "The contract must name the owner.",
    ];
    let snippets = vec![
        snippet(SnippetType::Keep, given[0], "alpha", None),
        snippet(SnippetType::Core, given[1], "beta", None),
        snippet(SnippetType::Shift, given[2], "beta", None),
    ];
    panel
        .append(session, "Resolve it. Pick one.", snippets)
        .await;
    let round = panel.finished(session).await;
    let said = [
        ("KEEP", "alpha", "Usage aligns incentives."),
        (
            "CORE",
            "beta",
            "A pilot should not run longer than six weeks.",
        ),
        ("SHIFT", "gamma", "The contract must name an owner."),
    ];
    let found: Vec<QuoteStatus> = round.snippets.iter().map(|one| one.quote_status).collect();
    assert_eq!(
        found,
        [
            QuoteStatus::Snapped,
            QuoteStatus::Exact,
            QuoteStatus::Misattributed
        ]
    );
    for ((forwarded, (kind, author, words)), given) in round.snippets.iter().zip(said).zip(given) {
        assert_eq!(forwarded.snippet.quote, words);
        assert_eq!(forwarded.given.as_deref(), Some(given));
        for call in newest(&panel) {
            let body = prompts::bodies(&call, &format!("snippet {kind} {}", letter(author)));
            assert!(
                body[0].starts_with(&format!("{words}\nframing")),
                "{body:?}"
            );
        }
    }
    // The map shows what was given, as it does of every reactor.
    let map = round.claim_map.clone().unwrap();
    let positions = map.claims.iter().flat_map(|claim| &claim.positions);
    let moderators = positions.filter(|position| position.model.is_moderator());
    let nearly = moderators
        .clone()
        .find(|position| position.quote == given[0])
        .expect("the words as they were given");
    assert_eq!(nearly.quote_status, QuoteStatus::Snapped);
    assert!(!nearly.differences.is_empty());
    assert_eq!(moderators.count(), 3);
    let exported = panel
        .ask::<WriteSession>(ExportSession {
            session_id: session,
            format: ExportFormat::Md,
        })
        .await;
    assert!(
        exported
            .text
            .contains("- **KEEP** “Usage aligns incentives.” (alpha)")
    );
    for given in given {
        assert!(!exported.text.contains(given), "{given}");
    }
}

#[tokio::test]
async fn words_nobody_said_are_the_moderators_own_and_name_no_author() {
    let turned = "A pilot should run longer than six weeks.";
    let (panel, round) = steered(vec![
        snippet(SnippetType::Keep, turned, "beta", None),
        snippet(
            SnippetType::Explore,
            "Let the auditors decide next spring.",
            "beta",
            None,
        ),
    ])
    .await;
    let found: Vec<QuoteStatus> = round
        .snippets
        .iter()
        .map(|given| given.quote_status)
        .collect();
    assert_eq!(found, [QuoteStatus::Altered, QuoteStatus::NotFound]);
    for call in newest(&panel) {
        let (blocks, _) = prompts::blocks(&prompts::text(&call));
        let heads: Vec<&str> = blocks
            .iter()
            .map(|block| block.head.as_str())
            .filter(|head| head.starts_with("snippet"))
            .collect();
        assert_eq!(heads, ["snippet KEEP", "snippet EXPLORE"]);
    }
    let map = round.claim_map.unwrap();
    let unverified = map.unverified.iter();
    let moderators = unverified.filter(|quote| quote.model.is_moderator());
    assert_eq!(moderators.count(), 2, "nothing is dropped");
}

#[tokio::test]
async fn the_moderator_takes_a_position_in_the_new_map_and_is_not_counted() {
    let quote = "Nobody reads a second report.";
    let (panel, round) = steered(vec![snippet(
        SnippetType::Challenge,
        quote,
        "beta",
        Some("I do."),
    )])
    .await;
    let map = round.claim_map.unwrap();
    let claim = map
        .claims
        .iter()
        .find(|claim| claim.positions.iter().any(|p| p.model.is_moderator()))
        .expect("the moderator's claim is in the map");
    assert_eq!(
        (claim.quote.as_str(), claim.group),
        (quote, ClaimGroup::Contested)
    );
    let seats = claim.positions.iter().filter(|p| !p.model.is_moderator());
    assert_eq!(claim.reaction_count as usize, seats.count());
    // The answers repeat word for word, so the newest round is where the words stand.
    let session = panel
        .ask::<ReadSession>(SessionRef {
            session_id: round.session_id,
        })
        .await;
    let first = session.rounds[0].claim_map.as_ref().unwrap();
    let moderated = first
        .claims
        .iter()
        .flat_map(|claim| &claim.positions)
        .any(|position| position.model.is_moderator());
    assert!(!moderated, "a terminal map does not change");
}

#[tokio::test]
async fn the_next_round_is_built_from_the_map_when_nobody_writes_it() {
    let panel = Panel::open(fixed()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await;
    panel.append(session, "  ", Vec::new()).await;
    let second = panel.finished(session).await;
    assert!(!second.prompt.trim().is_empty());
    let map = first.claim_map.unwrap();
    let in_group = |group| map.claims.iter().filter(move |claim| claim.group == group);
    let challenged = second
        .snippets
        .iter()
        .filter(|given| given.snippet.kind == SnippetType::Challenge)
        .count();
    assert_eq!(challenged, in_group(ClaimGroup::Contested).count().min(3));
    assert!(challenged > 0, "these seats disagree");
    for given in &second.snippets {
        assert!(given.quote_status.carries_stance(), "{given:?}");
    }
}

#[tokio::test]
async fn a_seat_remembers_its_own_reactions_and_everybodys_prose() {
    let (panel, _) = steered(Vec::new()).await;
    let call = &newest(&panel)[0];
    let answers = prompts::bodies(call, "answer");
    assert_eq!(answers.len(), 2);
    assert!(answers.contains(&BETA.to_owned()) && answers.contains(&GAMMA.to_owned()));
    assert_eq!(prompts::bodies(call, "your reactions").len(), 1);
    let said = prompts::text(call);
    assert!(said.contains(ALPHA), "its own answer stands in between");
}

#[tokio::test]
async fn a_new_name_steers_from_its_round_on() {
    let panel = Panel::open(fixed()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let named = AppendRound {
        moderator_name: Some("Scout".to_owned()),
        ..next(session, "And now?", Vec::new())
    };
    panel.ask::<AppendToSession>(named).await;
    panel.finished(session).await;
    let view = panel.session(session).await;
    assert_eq!(view.moderator_name.as_deref(), Some("Scout"));
    assert_eq!(view.rounds[0].moderator_name, None);
    assert_eq!(view.rounds[1].moderator_name.as_deref(), Some("Scout"));

    let blank = AppendRound {
        moderator_name: Some(" ".to_owned()),
        ..next(session, "And after that?", Vec::new())
    };
    panel.ask::<AppendToSession>(blank).await;
    let third = panel.finished(session).await;
    let named = third.moderator_name.as_deref();
    assert_eq!(named, Some("Scout"), "a blank name is none");
}
