//! What changed since earlier rounds: claims that go on, stances that moved.

use husting_domain::claims::{Claim, ClaimRef, Move, Position, Reactor};
use husting_domain::quotes::SourceSpan;
use husting_domain::snippets::SnippetType;

use super::gather::{TELLING, belongs};
use super::{EarlierRound, Judged};
use crate::roster::Roster;

/// What a round changed.
#[derive(Debug, Default)]
pub struct Change {
    /// Who moved, by claim and then position.
    pub moved: Vec<Move>,
    /// Claims that continue none.
    pub new_claims: u32,
    /// Positions whose type differs from the same reactor's earlier one.
    pub changed_positions: u32,
}

/// Words that the moderator forwarded and somebody then said again: their claim goes on in the new
/// words.
#[derive(Debug)]
pub struct Echo {
    forwarded: SourceSpan,
    said_again: SourceSpan,
}

impl Echo {
    /// `None` where what was forwarded is still found where it was first said.
    pub fn of(heard: Judged, now: &Judged) -> Option<Self> {
        let (forwarded, said_again) = heard.source.zip(now.source.clone())?;
        (forwarded != said_again).then_some(Self {
            forwarded,
            said_again,
        })
    }
}

/// Whether a seat says again, letter by letter, what it said in an earlier round. Nobody forwarded it and its
/// place is another; whoever reads both maps still reads one claim.
fn says_again(claim: &Claim, known: &Claim) -> bool {
    claim.originator == known.originator
        && claim.quote == known.quote
        && claim.quote.chars().count() >= TELLING
}

/// Links each claim to the newest earlier one on the same words, be they quoted once more, forwarded by the
/// moderator or said again by their seat, and marks who moved on it.
pub fn trace(
    roster: &Roster,
    earlier: &[EarlierRound<'_>],
    echoes: &[Echo],
    claims: &mut [Claim],
) -> Change {
    let mut change = Change::default();
    for claim in claims {
        let forwarded = echoes
            .iter()
            .filter(|echo| belongs(&claim.source, &echo.said_again))
            .map(|echo| &echo.forwarded);
        let spans: Vec<&SourceSpan> = std::iter::once(&claim.source).chain(forwarded).collect();
        let before = earlier.iter().rev().filter_map(|round| {
            let known = &round.claim_map?.claims;
            let quoted = known
                .iter()
                .find(|known| spans.iter().any(|span| belongs(&known.source, span)));
            let found = quoted.or_else(|| known.iter().find(|known| says_again(claim, known)))?;
            Some((round.round_index, found))
        });
        let before: Vec<(u32, &Claim)> = before.collect();
        claim.continues = before.first().map(|(round_index, known)| ClaimRef {
            round_index: *round_index,
            id: known.id.clone(),
        });
        change.new_claims += u32::from(before.is_empty());
        for position in &mut claim.positions {
            // A round in which the reactor was silent does not take its stance away.
            let earlier = before
                .iter()
                .find_map(|(_, known)| last_stance(&known.positions, position));
            mark(earlier, position, &claim.id, &mut change);
        }
    }
    change.moved.sort_by_key(|step| rank(roster, &step.model));
    change
}

fn mark(
    earlier: Option<SnippetType>,
    position: &mut Position,
    claim_id: &str,
    change: &mut Change,
) {
    position.was = earlier.filter(|kind| *kind != position.kind);
    change.changed_positions += u32::from(position.was.is_some());
    let turned = position
        .was
        .is_some_and(|was| side(was) != side(position.kind));
    // What changed its mind once is no new change of mind when it says so again (`moved/threads.ts` too, of older maps).
    let shifted = position.kind == SnippetType::Shift && earlier != Some(SnippetType::Shift);
    if turned || shifted {
        change.moved.push(Move {
            model: position.model.clone(),
            claim_id: claim_id.to_owned(),
            from: position.was,
            to: position.kind,
            said_by: position.said_by.clone(),
        });
    }
}

/// Of the same reactor, and of the same person where people in Discord said it.
fn last_stance(positions: &[Position], now: &Position) -> Option<SnippetType> {
    positions
        .iter()
        .rev()
        .find(|position| position.model == now.model && position.said_by == now.said_by)
        .map(|position| position.kind)
}

#[derive(PartialEq, Eq)]
enum Side {
    With,
    Against,
    Neutral,
}

const fn side(kind: SnippetType) -> Side {
    match kind {
        SnippetType::Keep | SnippetType::Core | SnippetType::Shift => Side::With,
        SnippetType::Challenge => Side::Against,
        SnippetType::Explore => Side::Neutral,
    }
}

fn rank(roster: &Roster, reactor: &Reactor) -> usize {
    roster
        .places()
        .iter()
        .position(|place| place.model.as_str() == reactor.as_str())
        .unwrap_or(usize::MAX)
}
