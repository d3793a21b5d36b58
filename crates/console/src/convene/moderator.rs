//! What steers a next round: its prompt, and the moderator's snippets with their quotes verified.

use husting_deliberation::roster::Roster;
use husting_deliberation::{claims, steering};
use husting_domain::claims::Reactor;
use husting_domain::rounds::{ModeratorSnippet, Round};
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_domain::snippets::Snippet;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::lengths;

use super::BUILDER;
use super::question::check_prompt;
use crate::caller::{Caller, Door};
use crate::sessions::SessionFacts;

pub(crate) fn refuse_unless_ready(facts: &SessionFacts) -> Result<(), Error> {
    match facts.session.status {
        SessionStatus::Ready => Ok(()),
        SessionStatus::Processing | SessionStatus::Streaming => Err(Error::new(
            ErrorCode::SessionBusy,
            "A round of this session is in flight. Wait for it, or cancel it.",
        )),
        SessionStatus::Failed => Err(Error::new(
            ErrorCode::SessionFailed,
            "The first round of this session failed. Mend the cause and retry it, or convene again.",
        )),
    }
}

/// Under which name a round stands for which none was given: the last one that whoever asks steered by. What
/// somebody else was called is not their name.
pub(super) fn kept_name(facts: &SessionFacts, caller: &Caller) -> Option<String> {
    let session = &facts.session;
    let is_here = matches!(caller, Caller::Operator { door } if *door != Door::Discord);
    if is_here && session.source == SessionSource::Discord {
        // People there come as the operator, and each is named with the round.
        return None;
    }
    let own = |round: &&Round| round.asked_by == caller.principal();
    if facts.rounds.last().as_ref().is_some_and(own) {
        // Also where their newest round was built for them.
        return session.moderator_name.clone();
    }
    let is_built = |round: &&Round| round.moderator_name.as_deref() == Some(BUILDER);
    let mut named = facts
        .rounds
        .iter()
        .filter(own)
        .filter(|round| !is_built(round));
    named.next_back()?.moderator_name.clone()
}

/// The prompt and snippets of the next round; an empty prompt is built from the newest map.
pub(super) fn steered(
    facts: &SessionFacts,
    prompt: String,
    snippets: Vec<Snippet>,
) -> Result<(String, Vec<Snippet>), Error> {
    if !prompt.trim().is_empty() {
        check_prompt(&prompt)?;
        return Ok((prompt, snippets));
    }
    let empty = husting_domain::claims::ClaimMap::default();
    let map = facts
        .rounds
        .iter()
        .rev()
        .find_map(|round| round.claim_map.as_ref())
        .unwrap_or(&empty);
    let built = steering::next(map, snippets);
    Ok((built.prompt, built.snippets))
}

/// The moderator's snippets with their quotes verified against what was said. What goes to the
/// panel under an author's letter are that author's words: those that a quote was snapped onto, or
/// that it cited, take its place.
pub(crate) fn verified(
    roster: &Roster,
    past: &[husting_deliberation::round::PastRound],
    snippets: Vec<Snippet>,
) -> Result<Vec<ModeratorSnippet>, Error> {
    if snippets.len() > lengths::SNIPPETS {
        return Err(Error::invalid(format!(
            "A round takes at most {} snippets; {} were given.",
            lengths::SNIPPETS,
            snippets.len()
        )));
    }
    let rounds: Vec<claims::Words<'_>> = past
        .iter()
        .rev()
        .map(|round| claims::Words::new(roster, round.words.index, &round.words.answers))
        .collect();
    snippets
        .into_iter()
        .enumerate()
        .map(|(at, mut snippet)| {
            if roster.place(&snippet.quoted_model).is_none() {
                return Err(Error::invalid(format!(
                    "Snippet {} quotes {}, which is not on the panel of this session.",
                    at + 1,
                    snippet.quoted_model
                )));
            }
            if snippet.quote.trim().is_empty() || snippet.quote.chars().count() > lengths::QUOTE {
                return Err(Error::invalid(format!(
                    "Snippet {} needs a quote of at most {} characters.",
                    at + 1,
                    lengths::QUOTE
                )));
            }
            let comment = snippet.comment.as_deref().unwrap_or_default();
            if comment.chars().count() > lengths::COMMENT {
                return Err(Error::invalid(format!(
                    "Snippet {} has a comment of more than {} characters.",
                    at + 1,
                    lengths::COMMENT
                )));
            }
            snippet.comment = snippet.comment.filter(|comment| !comment.trim().is_empty());
            let judged = claims::judge_moderator(roster, &rounds, Reactor::moderator(), &snippet);
            if let Some(source) = &judged.source {
                // Words given to the wrong author go to the panel under the true one.
                snippet.quoted_model = source.model.clone();
            }
            let words = judged.true_words(&rounds).map(str::to_owned);
            let given = words.map(|words| std::mem::replace(&mut snippet.quote, words));
            Ok(ModeratorSnippet {
                snippet,
                quote_status: judged.status,
                given,
            })
        })
        .collect()
}
