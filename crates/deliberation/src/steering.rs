//! The next round's prompt when nobody writes one: what is most contested, and what most agree on.

use std::cmp::Reverse;

use husting_domain::claims::{Claim, ClaimGroup, ClaimMap};
use husting_domain::snippets::{Snippet, SnippetType};

/// Most contested claims that are forwarded.
const CONTESTED: usize = 3;

/// Where something is contested.
const TAKE_UP: &str = "Take up the quotes that are challenged: defend each, mend it or give it up, and say what would settle it. Then say what the panel should do.";
/// Where nothing is, and something agreed.
const EXAMINE: &str = "The panel agrees so far. Say what the agreement rests on, what would overturn it, and what should be done first.";
/// Where there is neither.
const ANSWER_AGAIN: &str = "Nothing was taken up in the last round. Answer the question once more, as strongly as you can, and name the one point on which it turns.";
/// The same as it was worded once: rounds that are kept have it.
const STATE_AGAIN: &str = "Nothing was taken up in the last round. State your position again in its strongest form, and name the one point on which the question turns.";

/// A prompt with its snippets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steer {
    /// What is asked.
    pub prompt: String,
    /// What is forwarded.
    pub snippets: Vec<Snippet>,
}

/// Builds the next round from the last map: up to three most contested claims as CHALLENGE, the
/// most agreed one as KEEP.
#[must_use]
pub fn next(map: &ClaimMap) -> Steer {
    let forward = |claim: &Claim, kind| Snippet {
        kind,
        quote: claim.quote.clone(),
        quoted_model: claim.originator.clone(),
        comment: None,
        confidence: None,
    };
    let contested = most(map, ClaimGroup::Contested, CONTESTED);
    let agreed = most(map, ClaimGroup::Agreed, 1);
    let prompt = match (contested.is_empty(), agreed.is_empty()) {
        (false, _) => TAKE_UP,
        (true, false) => EXAMINE,
        (true, true) => ANSWER_AGAIN,
    };
    let challenges = contested
        .into_iter()
        .map(|claim| forward(claim, SnippetType::Challenge));
    let snippets = challenges
        .chain(
            agreed
                .into_iter()
                .map(|claim| forward(claim, SnippetType::Keep)),
        )
        .collect();
    Steer {
        prompt: prompt.to_owned(),
        snippets,
    }
}

/// Whether the prompt's words are Husting's own, which nobody typed. Told from the words, since a
/// round keeps nothing else of its origin: wordings that are replaced stay known here.
#[must_use]
pub fn is_own(prompt: &str) -> bool {
    [TAKE_UP, EXAMINE, ANSWER_AGAIN, STATE_AGAIN].contains(&prompt)
}

fn most(map: &ClaimMap, group: ClaimGroup, count: usize) -> Vec<&Claim> {
    let weight = |claim: &Claim| {
        let kinds: &[SnippetType] = match group {
            ClaimGroup::Contested => &[SnippetType::Challenge],
            ClaimGroup::Agreed | ClaimGroup::Open => {
                &[SnippetType::Keep, SnippetType::Core, SnippetType::Shift]
            }
        };
        claim
            .positions
            .iter()
            .filter(|position| kinds.contains(&position.kind))
            .count()
    };
    let mut claims: Vec<&Claim> = map
        .claims
        .iter()
        .filter(|claim| claim.group == group)
        .collect();
    // Stable, so that the map's own order decides between equals.
    claims.sort_by_key(|claim| Reverse(weight(claim)));
    claims.truncate(count);
    claims
}
