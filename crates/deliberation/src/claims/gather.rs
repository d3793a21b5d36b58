//! Judged reactions, gathered into claims.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use husting_domain::claims::{Claim, ClaimGroup, Position, Reactor, Unverified};
use husting_domain::models::ModelId;
use husting_domain::quotes::{QuoteStatus, SourceSpan};
use husting_domain::snippets::SnippetType;

use super::judge::{Judged, Words, words_at};
use crate::roster::Roster;

/// Claims in the map's order, and the reactions that carry no stance.
pub fn gather(
    roster: &Roster,
    rounds: &[Words<'_>],
    judged: Vec<Judged>,
) -> (Vec<Claim>, Vec<Unverified>) {
    let (standing, unverified): (Vec<Judged>, Vec<Judged>) = judged.into_iter().partition(stands);
    let mut clusters: Vec<(SourceSpan, Vec<Judged>)> = Vec::new();
    for (span, reactions) in spans_by_weight(roster, standing) {
        match clusters
            .iter_mut()
            .find(|(known, _)| belongs(known, &span) || are_same_words(rounds, known, &span))
        {
            Some((_, members)) => members.extend(reactions),
            None => clusters.push((span, reactions)),
        }
    }
    let mut claims: Vec<Claim> = clusters
        .into_iter()
        .filter_map(|(span, members)| claim(roster, rounds, span, members))
        .collect();
    claims.sort_by_key(|claim| {
        (
            claim.group,
            Reverse(claim.reaction_count),
            place(roster, &claim.source),
        )
    });
    for (at, claim) in claims.iter_mut().enumerate() {
        claim.id = format!("c{}", at + 1);
    }
    (claims, unverified.into_iter().map(unverified_of).collect())
}

/// A quote that was found stands, unless it is the reactor's own words.
pub fn stands(judged: &Judged) -> bool {
    judged
        .source
        .as_ref()
        .is_some_and(|source| judged.reactor.as_str() != source.model.as_str())
}

/// Half of the shorter span lies in the representative.
pub fn belongs(representative: &SourceSpan, span: &SourceSpan) -> bool {
    let shorter = (representative.end - representative.start).min(span.end - span.start);
    let overlap = representative.overlap(span);
    overlap > 0 && overlap.saturating_mul(2) >= shorter
}

/// Characters from which a seat's words are its own claim wherever it says them: "I agree with that." said twice
/// may be about two things.
pub const TELLING: usize = 20;

/// Whether a seat said the same at two places, letter by letter: whoever reads the map reads one claim.
fn are_same_words(rounds: &[Words<'_>], known: &SourceSpan, span: &SourceSpan) -> bool {
    let words = words_at(rounds, known).filter(|words| words.chars().count() >= TELLING);
    known.model == span.model && words.is_some() && words == words_at(rounds, span)
}

/// Where words stand: newest round first, then panel order, then bytes; of two that begin
/// together the whole sentence stands before its beginning.
fn place(roster: &Roster, span: &SourceSpan) -> (Reverse<u32>, usize, u32, Reverse<u32>) {
    (
        Reverse(span.round_index),
        roster.rank(&span.model),
        span.start,
        Reverse(span.end),
    )
}

/// Distinct spans with their reactions, by how many models reacted, then by place.
fn spans_by_weight(roster: &Roster, standing: Vec<Judged>) -> Vec<(SourceSpan, Vec<Judged>)> {
    let mut spans: BTreeMap<SourceSpan, Vec<Judged>> = BTreeMap::new();
    for judged in standing {
        if let Some(span) = judged.source.clone() {
            spans.entry(span).or_default().push(judged);
        }
    }
    let mut spans: Vec<_> = spans.into_iter().collect();
    spans.sort_by_key(|(span, reactions)| (Reverse(models_of(reactions)), place(roster, span)));
    spans
}

fn models_of(reactions: &[Judged]) -> usize {
    let seats = reactions
        .iter()
        .map(|judged| &judged.reactor)
        .filter(|reactor| !reactor.is_moderator());
    seats.collect::<BTreeSet<_>>().len()
}

fn claim(
    roster: &Roster,
    rounds: &[Words<'_>],
    source: SourceSpan,
    mut members: Vec<Judged>,
) -> Option<Claim> {
    let quote = words_at(rounds, &source)?.to_owned();
    let reaction_count = u32::try_from(models_of(&members)).unwrap_or(u32::MAX);
    // Stable: within a seat the order given stays.
    members.sort_by_key(|judged| rank_of(roster, &judged.reactor));
    let mut positions: Vec<Position> = Vec::with_capacity(members.len());
    for position in members.into_iter().map(position) {
        if !positions.contains(&position) {
            positions.push(position);
        }
    }
    let flips_without = flips_without(roster, &positions);
    Some(Claim {
        id: String::new(),
        quote,
        originator: source.model.clone(),
        source,
        group: group(&positions),
        positions,
        reaction_count,
        continues: None,
        flips_without,
    })
}

fn rank_of(roster: &Roster, reactor: &Reactor) -> usize {
    // The moderator is on no roster and so comes last.
    ModelId::parse(reactor.as_str()).map_or(usize::MAX, |model| roster.rank(&model))
}

fn position(judged: Judged) -> Position {
    let snippet = judged.snippet;
    Position {
        model: judged.reactor,
        kind: snippet.kind,
        stock_comment: snippet.comment.is_none(),
        comment: snippet
            .comment
            .unwrap_or_else(|| snippet.kind.framing().to_owned()),
        comment_confidence: snippet.confidence,
        quote_status: judged.status,
        quote: snippet.quote,
        differences: judged.differences,
        was: None,
        said_by: snippet.said_by,
    }
}

fn unverified_of(judged: Judged) -> Unverified {
    // What was found and stands nowhere are the reactor's own words, given as somebody's stance.
    let status = if judged.source.is_some() {
        QuoteStatus::Misattributed
    } else {
        judged.status
    };
    let snippet = judged.snippet;
    Unverified {
        quote: snippet.quote,
        quoted_model: snippet.quoted_model,
        model: judged.reactor,
        kind: snippet.kind,
        comment: snippet
            .comment
            .unwrap_or_else(|| snippet.kind.framing().to_owned()),
        comment_confidence: snippet.confidence,
        said_by: snippet.said_by,
        quote_status: status,
        nearest: judged.nearest,
    }
}

fn group(positions: &[Position]) -> ClaimGroup {
    let any = |kinds: &[SnippetType]| {
        positions
            .iter()
            .any(|position| kinds.contains(&position.kind))
    };
    if any(&[SnippetType::Challenge]) {
        ClaimGroup::Contested
    } else if any(&[SnippetType::Keep, SnippetType::Core, SnippetType::Shift]) {
        ClaimGroup::Agreed
    } else {
        ClaimGroup::Open
    }
}

/// From four seats on: seats whose removal turns the majority for or against the words.
fn flips_without(roster: &Roster, positions: &[Position]) -> Vec<ModelId> {
    if roster.places().len() < 4 {
        return Vec::new();
    }
    let whole = balance(positions, None);
    let seats = roster.places().iter().map(|place| &place.model);
    seats
        .filter(|model| {
            positions
                .iter()
                .any(|position| position.model.as_str() == model.as_str())
        })
        .filter(|model| balance(positions, Some(model)) != whole)
        .cloned()
        .collect()
}

/// Whether more seats stand with the words than against them, one vote a seat: its first stance.
fn balance(positions: &[Position], without: Option<&ModelId>) -> std::cmp::Ordering {
    let mut voted = BTreeSet::new();
    let (mut with, mut against) = (0_u32, 0_u32);
    for position in positions
        .iter()
        .filter(|position| !position.model.is_moderator())
    {
        let left_out = without.is_some_and(|model| model.as_str() == position.model.as_str());
        if left_out || position.kind == SnippetType::Explore || !voted.insert(&position.model) {
            continue;
        }
        if position.kind == SnippetType::Challenge {
            against += 1
        } else {
            with += 1
        }
    }
    with.cmp(&against)
}
