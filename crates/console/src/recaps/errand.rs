//! One summary to be written: who is asked what, how the words are read, what is kept of them.

use husting_deliberation::prompts::RoundWords;
use husting_deliberation::recaps::{
    Assignment, Briefing, EarlierRecap, SummaryError, read_recap, read_synthesis,
};
use husting_deliberation::roster::Roster;
use husting_domain::calls::Purpose;
use husting_domain::claims::ClaimMap;
use husting_domain::models::ModelId;
use husting_domain::recaps::{FailedWriter, RecapStatus, Summary};
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;

use super::queue::Edition;
use super::standing::{Change, Place};
use crate::catalog::Catalog;
use crate::sessions::SessionFacts;
use crate::{Inner, chance};

/// A summary to be written.
pub(super) struct Errand<'a> {
    pub place: &'a Place,
    pub catalog: &'a Catalog,
    pub session: &'a Session,
    /// With which it is booked; as it was read.
    pub round: &'a Round,
    pub roster: Roster,
    pub matter: Matter,
    /// Who was asked in vain so far.
    pub failed: Vec<FailedWriter>,
}

/// What it is about.
pub(super) enum Matter {
    /// A round.
    Round { words: RoundWords, map: ClaimMap },
    /// A session's rounds by their recaps.
    Session {
        question: String,
        recaps: Vec<EarlierRecap>,
    },
}

impl Errand<'_> {
    pub const fn purpose(&self) -> Purpose {
        match self.matter {
            Matter::Round { .. } => Purpose::Recap,
            Matter::Session { .. } => Purpose::Synthesis,
        }
    }

    pub const fn edition(&self) -> Edition {
        Edition::of(self.round)
    }

    /// What `writer` is asked.
    pub fn assignment(&self, inner: &Inner, writer: &ModelId) -> Assignment {
        let session = self.session.id.to_string();
        let nonce = |writer: &ModelId, block: &str| {
            chance::nonce(&inner.fence_secret, &[&session, writer.as_str(), block])
        };
        let briefing = Briefing {
            roster: &self.roster,
            writer,
            nonce: &nonce,
        };
        match &self.matter {
            Matter::Round { words, map } => briefing.recap(words, map),
            Matter::Session { question, recaps } => briefing.synthesis(question, recaps),
        }
    }

    /// What stands once `writer` has written `text`.
    ///
    /// # Errors
    /// [`SummaryError`] when that is no summary.
    pub fn read(&self, text: &str, writer: &ModelId) -> Result<Change, SummaryError> {
        match &self.matter {
            Matter::Round { map, .. } => {
                let recap = self.complete(read_recap(text, map)?, writer);
                Ok(Change::Recap(self.round.id, recap))
            }
            Matter::Session { recaps, .. } => {
                let rounds: Vec<u32> = recaps.iter().map(|round| round.index).collect();
                let synthesis = self.complete(read_synthesis(text, &rounds)?, writer);
                Ok(Change::Synthesis(synthesis))
            }
        }
    }

    fn complete<T>(&self, text: T, writer: &ModelId) -> Summary<T> {
        Summary {
            status: RecapStatus::Complete,
            text: Some(text),
            model: Some(writer.clone()),
            failure: None,
            failed: self.failed.clone(),
        }
    }
}

/// What a round's recap is made of.
pub(super) fn matter_of_round(facts: &SessionFacts, round: &Round) -> Matter {
    Matter::Round {
        words: RoundWords {
            index: round.index,
            prompt: round.prompt.clone(),
            snippets: round.snippets.clone(),
            answers: facts.answers(round.id),
            reactions: Vec::new(),
        },
        map: round.claim_map.clone().unwrap_or_default(),
    }
}

/// What a session's synthesis is made of: the recaps that are there of `rounds`.
pub(super) fn matter_of_session<'a>(
    facts: &SessionFacts,
    rounds: impl Iterator<Item = &'a Round>,
) -> Matter {
    let first = facts.rounds.first();
    let recaps = rounds.filter_map(|round| {
        Some(EarlierRecap {
            index: round.index,
            prompt: round.prompt.clone(),
            recap: round.recap.text.clone()?,
        })
    });
    Matter::Session {
        question: first.map_or_else(String::new, |round| round.prompt.clone()),
        recaps: recaps.collect(),
    }
}
