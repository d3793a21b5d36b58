//! The claim map: reactions with verified quotes, gathered by the words they quote.
//!
//! No model is asked. The same reactions always give the same map.

mod gather;
mod judge;
mod mention;
mod moves;

use husting_domain::claims::{ClaimMap, Reactor};
use husting_domain::models::ModelId;
use husting_domain::quotes::SourceSpan;
use husting_domain::snippets::Snippet;

pub use judge::{Judged, Words, judge, judge_moderator};

use crate::claims::gather::belongs;
use crate::claims::judge::words_at;
use crate::claims::moves::Echo;
use crate::roster::Roster;

/// One reactor's snippets, quotes not yet verified. The moderator comes last.
#[derive(Clone, Debug)]
pub struct Reactions<'a> {
    /// Who.
    pub reactor: Reactor,
    /// What, in the order given.
    pub snippets: &'a [Snippet],
}

/// An earlier round for a map to continue.
#[derive(Clone, Copy, Debug)]
pub struct EarlierRound<'a> {
    /// Its place.
    pub round_index: u32,
    /// Its finished answers as served.
    pub answers: &'a [(ModelId, String)],
    /// Its map, if it has one.
    pub claim_map: Option<&'a ClaimMap>,
}

/// Makes the map of round `round_index` from its reactions.
///
/// `earlier` is oldest first. Quotes are looked for in this round's `answers`, then in the newest
/// earlier round that has them.
#[must_use]
pub fn map(
    roster: &Roster,
    round_index: u32,
    answers: &[(ModelId, String)],
    earlier: &[EarlierRound<'_>],
    reactions: &[Reactions<'_>],
) -> ClaimMap {
    let mut rounds = vec![Words::new(roster, round_index, answers)];
    let before = earlier.iter().rev();
    rounds.extend(before.map(|round| Words::new(roster, round.round_index, round.answers)));
    let mut echoes: Vec<Echo> = Vec::new();
    let mut judged: Vec<Judged> = Vec::new();
    for set in reactions {
        for snippet in set.snippets {
            if !set.reactor.is_moderator() {
                judged.push(judge(roster, &rounds, set.reactor.clone(), snippet));
                continue;
            }
            // The moderator spoke before this round's answers. A seat that repeats forwarded words
            // does not make them its own: they must have been said before.
            let heard = judge_moderator(roster, &rounds[1..], set.reactor.clone(), snippet);
            if !heard.status.carries_stance() {
                judged.push(heard);
                continue;
            }
            let judgement = said_again(roster, &rounds, &judged, &heard);
            echoes.extend(Echo::of(heard, &judgement));
            judged.push(judgement);
        }
    }
    let quote_count = u32::try_from(judged.len()).unwrap_or(u32::MAX);
    let (mut claims, unverified) = gather::gather(roster, &rounds, judged);
    let change = moves::trace(roster, earlier, &echoes, &mut claims);
    let uncontested = claims
        .iter()
        .filter(|claim| claim.group != husting_domain::claims::ClaimGroup::Contested)
        .count();
    ClaimMap {
        quote_count,
        uncontested: u32::try_from(uncontested).unwrap_or(u32::MAX),
        unverified,
        moved: change.moved,
        new_claims: change.new_claims,
        changed_positions: change.changed_positions,
        claims,
    }
}

/// What was `heard` before, looked for in this round as well. A sentence that the moderator cited
/// is looked for by its words: this round numbers others. Words that are only repeated, in quotation marks,
/// stay where they were said: whoever gives ground on them would else be contested for it. Where a seat's
/// reaction is `known` to stand on the repetition, they stand there: else the same words would be two claims.
fn said_again(roster: &Roster, rounds: &[Words<'_>], known: &[Judged], heard: &Judged) -> Judged {
    let mut sought = heard.snippet.clone();
    if heard.is_cited {
        let words = heard.true_words(rounds).map(str::to_owned);
        sought.quote = words.unwrap_or(sought.quote);
    }
    let now = Judged {
        snippet: heard.snippet.clone(),
        ..judge_moderator(roster, rounds, heard.reactor.clone(), &sought)
    };
    let repeated = now
        .source
        .as_ref()
        .filter(|span| is_mentioned(rounds, span));
    let Some(repeated) = repeated else { return now };
    let reacted_to: Vec<&SourceSpan> = known
        .iter()
        .filter(|judged| gather::stands(judged))
        .filter_map(|judged| judged.source.as_ref())
        .collect();
    let is_on_it = |span: &SourceSpan| belongs(repeated, span) && is_mentioned(rounds, span);
    if reacted_to.iter().any(|span| is_on_it(span)) {
        return now;
    }
    // It may repeat them more than once.
    let words = words_at(rounds, repeated);
    let other = reacted_to.into_iter().find(|span| {
        (span.round_index, &span.model) == (repeated.round_index, &repeated.model)
            && words_at(rounds, span) == words
    });
    match other {
        Some(span) => Judged {
            source: Some(span.clone()),
            ..now
        },
        None => heard.clone(),
    }
}

/// Whether what stands at `span` is only repeated in this round.
fn is_mentioned(rounds: &[Words<'_>], span: &SourceSpan) -> bool {
    let words = rounds
        .first()
        .filter(|words| words.round_index == span.round_index);
    let text = words.and_then(|words| words.answer_of(&span.model));
    text.is_some_and(|text| mention::is_mentioned(text, span.start as usize))
}

#[cfg(test)]
mod tests;
