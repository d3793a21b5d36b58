//! The next round's prompt when nobody writes one: what is most contested, and what most agree on.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use husting_domain::claims::{Claim, ClaimGroup, ClaimMap};
use husting_domain::snippets::{Snippet, SnippetType};

/// Most contested claims that are forwarded.
const CONTESTED: usize = 3;

/// Where something is contested.
const TAKE_UP: &str = "Take up the quotes that are challenged: defend each, mend it or give it up, and say what would settle it. Then say what the panel should do.";
/// Where nothing is, and something agreed.
const EXAMINE: &str = "The panel agrees so far. Say what the agreement rests on, what would overturn it, and what should be done first.";
/// Where there is neither.
const ANSWER_AGAIN: &str = "The last round left nothing to take up. Answer the question once more, as strongly as you can, and name the one point on which it turns.";
/// The same as it was worded once: rounds that are kept have these.
const FORMER_AGAIN: [&str; 2] = [
    "Nothing was taken up in the last round. Answer the question once more, as strongly as you can, and name the one point on which it turns.",
    "Nothing was taken up in the last round. State your position again in its strongest form, and name the one point on which the question turns.",
];

/// A prompt with its snippets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steer {
    /// What is asked.
    pub prompt: String,
    /// What is forwarded.
    pub snippets: Vec<Snippet>,
}

/// Builds the next round from the last map: up to three most contested claims as CHALLENGE, the
/// most agreed one as KEEP. What the moderator forwards goes in their place; a CHALLENGE of theirs
/// is to be taken up, whatever the panel agrees on.
#[must_use]
pub fn next(map: &ClaimMap, forwarded: Vec<Snippet>) -> Steer {
    let forward = |claim: &Claim, kind| Snippet {
        kind,
        quote: claim.quote.clone(),
        quoted_model: claim.originator.clone(),
        comment: None,
        confidence: None,
        said_by: None,
    };
    let contested = most(map, ClaimGroup::Contested, CONTESTED, &[]);
    let agreed = most(map, ClaimGroup::Agreed, 1, &contested);
    let is_challenge = |snippet: &Snippet| snippet.kind == SnippetType::Challenge;
    let is_contested = !contested.is_empty() || forwarded.iter().any(is_challenge);
    let prompt = match (is_contested, agreed.is_empty()) {
        (true, _) => TAKE_UP,
        (false, false) => EXAMINE,
        (false, true) => ANSWER_AGAIN,
    }
    .to_owned();
    if !forwarded.is_empty() {
        return Steer {
            prompt,
            snippets: forwarded,
        };
    }
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
    Steer { prompt, snippets }
}

/// Whether the prompt's words are Husting's own, which nobody typed. Told from the words, since a
/// round keeps nothing else of its origin: wordings that are replaced stay known here.
#[must_use]
pub fn is_own(prompt: &str) -> bool {
    [TAKE_UP, EXAMINE, ANSWER_AGAIN].contains(&prompt) || FORMER_AGAIN.contains(&prompt)
}

/// Of a group the heaviest claims, no seat's words twice: neither among themselves nor among the `forwarded`.
/// Short words at two places of an answer are two claims, and so were repeated ones in maps that are kept.
fn most<'m>(
    map: &'m ClaimMap,
    group: ClaimGroup,
    count: usize,
    forwarded: &[&'m Claim],
) -> Vec<&'m Claim> {
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
    let words = |claim: &&'m Claim| (&claim.originator, &claim.quote);
    let mut claims: Vec<&Claim> = map
        .claims
        .iter()
        .filter(|claim| claim.group == group)
        .collect();
    // Stable, so that the map's own order decides between equals.
    claims.sort_by_key(|claim| Reverse(weight(claim)));
    let mut known: BTreeSet<_> = forwarded.iter().map(words).collect();
    claims.retain(|claim| known.insert(words(claim)));
    claims.truncate(count);
    claims
}

#[cfg(test)]
mod tests {
    use husting_domain::models::ModelId;
    use husting_domain::quotes::SourceSpan;
    use proptest::prelude::*;

    use super::*;

    fn claim(quote: &str, group: ClaimGroup) -> Claim {
        let alpha = || ModelId::parse("alpha").unwrap();
        Claim {
            id: "c1".to_owned(),
            quote: quote.to_owned(),
            originator: alpha(),
            source: SourceSpan {
                round_index: 0,
                model: alpha(),
                start: 0,
                end: 24,
            },
            group,
            positions: Vec::new(),
            reaction_count: 0,
            continues: None,
            flips_without: Vec::new(),
        }
    }

    #[test]
    fn what_it_asked_in_rounds_that_are_kept_is_its_own_as_well() {
        for kept in [
            "Nothing was taken up in the last round. Answer the question once more, as strongly as you can, and name the one point on which it turns.",
            "Nothing was taken up in the last round. State your position again in its strongest form, and name the one point on which the question turns.",
            "The last round left nothing to take up. Answer the question once more, as strongly as you can, and name the one point on which it turns.",
        ] {
            assert!(is_own(kept));
        }
        assert!(!is_own("Nothing was taken up in the last round."));
    }

    fn map_of(claims: Vec<Claim>) -> ClaimMap {
        ClaimMap {
            claims,
            ..ClaimMap::default()
        }
    }

    #[test]
    fn what_the_moderator_challenges_is_to_be_taken_up_and_goes_alone() {
        let forwarded = |kind| Snippet {
            kind,
            quote: "Seats are easier to sell.".to_owned(),
            quoted_model: ModelId::parse("alpha").unwrap(),
            comment: None,
            confidence: None,
            said_by: None,
        };
        let map = map_of(vec![claim("Usage aligns incentives.", ClaimGroup::Agreed)]);
        for (own, prompt) in [
            (vec![forwarded(SnippetType::Keep)], EXAMINE),
            (
                vec![
                    forwarded(SnippetType::Keep),
                    forwarded(SnippetType::Challenge),
                ],
                TAKE_UP,
            ),
        ] {
            let steer = next(&map, own.clone());
            assert_eq!((steer.prompt.as_str(), steer.snippets), (prompt, own));
        }
        let steer = next(&map, Vec::new());
        let quotes: Vec<&str> = steer
            .snippets
            .iter()
            .map(|snippet| snippet.quote.as_str())
            .collect();
        assert_eq!(
            (steer.prompt.as_str(), quotes),
            (EXAMINE, vec!["Usage aligns incentives."])
        );
    }

    proptest! {
        /// Maps that are kept from before have the same words in two rows.
        #[test]
        fn no_words_are_forwarded_twice(rows in proptest::collection::vec((0_usize..4, 0_usize..3), 0..12)) {
            use ClaimGroup::{Agreed, Contested, Open};
            const QUOTES: [&str; 4] = ["It is dear.", "It is cheap.", "It is late.", "Yes."];
            let claims = rows.iter().map(|(quote, group)| claim(QUOTES[*quote], [Contested, Agreed, Open][*group]));
            let steer = next(&map_of(claims.collect()), Vec::new());
            let forwarded: BTreeSet<&str> = steer.snippets.iter().map(|snippet| snippet.quote.as_str()).collect();
            prop_assert_eq!(forwarded.len(), steer.snippets.len(), "{:?}", steer.snippets);
            let of = |group: usize| rows.iter().filter(|row| row.1 == group).map(|row| row.0).collect::<BTreeSet<_>>();
            let challenged = of(0).len().min(CONTESTED);
            prop_assert!(steer.snippets.len() >= challenged, "another takes the place of what is left out");
        }
    }
}
