//! What a round is run with.

use husting_domain::claims::{ClaimMap, Reactor};
use husting_domain::models::ModelId;
use husting_domain::rounds::{ModeratorSnippet, ReactionSet};
use husting_domain::snippets::Snippet;
use husting_domain::time::Timestamp;
use tokio_util::sync::CancellationToken;

use super::CallPlan;
use crate::claims::{self, EarlierRound, Reactions};
use crate::prompts::RoundWords;
use crate::roster::Roster;

/// One seat's terms in this round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatPlan {
    /// The model.
    pub model: ModelId,
    /// Output cap of its answer, as the wallet granted it, in tokens.
    pub max_output_tokens: u64,
}

/// An earlier round of the session that gave something.
#[derive(Clone, Debug)]
pub struct PastRound {
    /// What was said.
    pub words: RoundWords,
    /// What it added up to.
    pub claim_map: Option<ClaimMap>,
}

/// What an earlier attempt of the same round left standing.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Finished answers as served.
    pub answers: Vec<(ModelId, String)>,
    /// Reactions that parsed.
    pub reactions: Vec<ReactionSet>,
}

/// Who is still to react to whom: everybody to each answer that was not shown to them yet. Who
/// answers anew (`anew`) looks at everybody again.
#[must_use]
pub fn owed(
    answered: &[ModelId],
    reactions: &[ReactionSet],
    anew: &[ModelId],
) -> Vec<(ModelId, Vec<ModelId>)> {
    let shown = |reader: &ModelId| {
        let set = reactions
            .iter()
            .find(|set| set.model == *reader && !anew.contains(reader));
        set.map_or(&[][..], |set| &set.to)
    };
    answered
        .iter()
        .map(|reader| {
            let to = answered
                .iter()
                .filter(|author| *author != reader && !shown(reader).contains(author));
            (reader.clone(), to.cloned().collect::<Vec<_>>())
        })
        .filter(|(_, to)| !to.is_empty())
        .collect()
}

/// Earlier reactions with later ones behind them, one set a seat, in panel order.
#[must_use]
pub fn joined(roster: &Roster, earlier: &[ReactionSet], later: &[ReactionSet]) -> Vec<ReactionSet> {
    let of = |model: &ModelId| {
        let mut sets = earlier
            .iter()
            .chain(later)
            .filter(|set| set.model == *model)
            .cloned();
        let mut whole = sets.next()?;
        for set in sets {
            whole.to.extend(set.to);
            whole.snippets.extend(set.snippets);
        }
        Some(whole)
    };
    roster
        .places()
        .iter()
        .filter_map(|place| of(&place.model))
        .collect()
}

/// A round, ready to be run.
#[derive(Clone, Debug)]
pub struct RoundPlan {
    /// 0-based place in the session.
    pub index: u32,
    /// What is asked.
    pub prompt: String,
    /// What the moderator forwards, quotes verified.
    pub snippets: Vec<ModeratorSnippet>,
    /// The document every seat reads.
    pub reference: Option<String>,
    /// The panel.
    pub roster: Roster,
    /// All seats, in panel order.
    pub seats: Vec<SeatPlan>,
    /// Earlier rounds, oldest first; failed ones left out.
    pub past: Vec<PastRound>,
    /// What an earlier attempt left standing.
    pub kept: Kept,
    /// Calls for the seats that have no answer yet, kept by the host when it accepted the round.
    pub calls: Vec<CallPlan>,
    /// When this attempt was accepted.
    pub started_at: Timestamp,
}

impl RoundPlan {
    /// The map that `answers` and `reactions` of this round give.
    #[must_use]
    pub fn claim_map(&self, answers: &[(ModelId, String)], reactions: &[ReactionSet]) -> ClaimMap {
        let moderator: Vec<Snippet> = self
            .snippets
            .iter()
            .map(ModeratorSnippet::as_given)
            .collect();
        let mut sets: Vec<Reactions<'_>> = reactions
            .iter()
            .map(|set| Reactions {
                reactor: Reactor::seat(&set.model),
                snippets: &set.snippets,
            })
            .collect();
        sets.push(Reactions {
            reactor: Reactor::moderator(),
            snippets: &moderator,
        });
        let earlier: Vec<EarlierRound<'_>> = self
            .past
            .iter()
            .map(|round| EarlierRound {
                round_index: round.words.index,
                answers: &round.words.answers,
                claim_map: round.claim_map.as_ref(),
            })
            .collect();
        claims::map(&self.roster, self.index, answers, &earlier, &sets)
    }
}

/// How a running round is stopped.
#[derive(Clone, Debug)]
pub struct Control {
    /// The program ends: calls end as interrupted.
    pub shutdown: CancellationToken,
    /// A person cancels the round; a child of `shutdown`.
    pub cancel: CancellationToken,
    seats: Vec<(ModelId, CancellationToken)>,
}

impl Control {
    /// Stops for a round of `seats`, all fired by `shutdown`.
    #[must_use]
    pub fn new<'a>(shutdown: CancellationToken, seats: impl Iterator<Item = &'a ModelId>) -> Self {
        let cancel = shutdown.child_token();
        let seats = seats
            .map(|model| (model.clone(), cancel.child_token()))
            .collect();
        Self {
            shutdown,
            cancel,
            seats,
        }
    }

    /// The stop of one seat; a seat that is not on the panel has the round's own.
    #[must_use]
    pub fn seat(&self, model: &ModelId) -> CancellationToken {
        let seat = self.seats.iter().find(|(seat, _)| seat == model);
        seat.map_or_else(|| self.cancel.clone(), |(_, token)| token.clone())
    }

    /// A person ended the round.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() && !self.shutdown.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ModelId {
        ModelId::parse(name).unwrap()
    }

    fn owed_of(sets: &[(&str, &[&str])], anew: &[&str]) -> Vec<(String, Vec<String>)> {
        let answered: Vec<ModelId> = ["a", "b", "c"].map(id).to_vec();
        let sets: Vec<ReactionSet> = sets
            .iter()
            .map(|(model, to)| ReactionSet {
                model: id(model),
                to: to.iter().map(|name| id(name)).collect(),
                snippets: Vec::new(),
            })
            .collect();
        let anew: Vec<ModelId> = anew.iter().map(|name| id(name)).collect();
        let owed = owed(&answered, &sets, &anew);
        let names = |models: Vec<ModelId>| models.iter().map(ToString::to_string).collect();
        owed.into_iter()
            .map(|(reader, to)| (reader.to_string(), names(to)))
            .collect()
    }

    fn row(reader: &str, to: &[&str]) -> (String, Vec<String>) {
        (
            reader.to_owned(),
            to.iter().map(|name| (*name).to_owned()).collect(),
        )
    }

    #[test]
    fn everybody_owes_a_reaction_to_what_they_were_not_shown() {
        let all: &[(&str, &[&str])] = &[("a", &["b", "c"]), ("b", &["a", "c"]), ("c", &["a", "b"])];
        assert_eq!(owed_of(all, &[]), []);
        assert_eq!(
            owed_of(&[], &[]),
            [
                row("a", &["b", "c"]),
                row("b", &["a", "c"]),
                row("c", &["a", "b"])
            ]
        );
        assert_eq!(
            owed_of(&[("a", &["b"]), all[1], all[2]], &[]),
            [row("a", &["c"])]
        );
        assert_eq!(
            owed_of(all, &["b"]),
            [row("b", &["a", "c"])],
            "a new answer is a new view"
        );
    }
}
