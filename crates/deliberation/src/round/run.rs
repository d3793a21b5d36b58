//! Runs one round to its end: every answer, every reaction, the map.

use futures::future::join_all;
use husting_domain::calls::Purpose;
use husting_domain::claims::ClaimMap;
use husting_domain::exchange::Prompt;
use husting_domain::models::ModelId;
use husting_domain::rounds::{Phase, ReactionSet, RoundStatus, RoundTimings};
use husting_domain::time::Timestamp;

use super::call::AtWork;
use super::plan::{joined, owed};
use super::{CallEnd, CallPlan, Control, EndedCall, HostFault, RoundHost, RoundPlan, RoundResult};
use crate::prompts::{Conversation, RoundWords};
use crate::reactions;
use crate::roster::Place;

/// Runs the round. Returns when its result is kept.
///
/// # Errors
/// [`HostFault`] when something could not be kept; what was settled before stays settled.
pub async fn run<H: RoundHost + ?Sized>(
    host: &H,
    plan: RoundPlan,
    control: &Control,
) -> Result<(), HostFault> {
    let nonce = |seat: &ModelId, block: &str| host.nonce(seat, block);
    let past: Vec<RoundWords> = plan.past.iter().map(|round| round.words.clone()).collect();
    let conversation = Conversation {
        roster: &plan.roster,
        reference: plan.reference.as_deref(),
        past: &past,
        nonce: &nonce,
    };
    let running = Running {
        host,
        plan: &plan,
        control,
        conversation,
    };
    running.to_the_end().await
}

struct Running<'a, H: RoundHost + ?Sized> {
    host: &'a H,
    plan: &'a RoundPlan,
    control: &'a Control,
    conversation: Conversation<'a>,
}

impl<H: RoundHost + ?Sized> Running<'_, H> {
    async fn to_the_end(&self) -> Result<(), HostFault> {
        let mut words = self.words();
        let fresh = self.respond(&words).await?;
        let answered_at = self.host.clock().now();
        let new_authors: Vec<ModelId> = fresh.iter().map(|(model, _)| model.clone()).collect();
        words.answers = self.in_panel_order(self.plan.kept.answers.iter().cloned().chain(fresh));
        let mut reactions = self.plan.kept.reactions.clone();
        let mut reacted_at = None;
        if words.answers.len() > 1 && !self.control.cancel.is_cancelled() {
            reactions = self.react(&words, &new_authors).await?;
            reacted_at = Some(self.host.clock().now());
        }
        if !self.control.cancel.is_cancelled() {
            self.host.enter(Phase::Map, &[]).await?;
        }
        let status = RoundStatus::of_ended(words.answers.len(), self.plan.seats.len());
        let claim_map = if status == RoundStatus::Failed {
            ClaimMap::default()
        } else {
            self.plan.claim_map(&words.answers, &reactions)
        };
        let ended_at = self.host.clock().now();
        let timings = self.timings(answered_at, reacted_at, ended_at);
        let cancelled = self.control.is_cancelled();
        self.host
            .finish(RoundResult {
                status,
                ended_at,
                claim_map,
                reactions,
                timings,
                cancelled,
            })
            .await
    }

    /// Asks every seat that has no answer yet, all at once; returns the new answers.
    async fn respond(&self, words: &RoundWords) -> Result<Vec<(ModelId, String)>, HostFault> {
        let asking = self.plan.calls.iter().filter_map(|call| {
            let place = self.plan.roster.place(&call.model)?;
            let seat = self
                .plan
                .seats
                .iter()
                .find(|seat| seat.model == call.model)?;
            let prompt = self
                .conversation
                .respond(place, words, seat.max_output_tokens);
            Some(self.answer(call.clone(), place, prompt))
        });
        all_of(asking).await
    }

    async fn answer(
        &self,
        call: CallPlan,
        place: &Place,
        prompt: Prompt,
    ) -> Result<Option<(ModelId, String)>, HostFault> {
        let ended = self.make(call, place, &prompt).await;
        let said = match &ended.end {
            CallEnd::Answer { text, .. } => Some((place.model.clone(), text.clone())),
            CallEnd::Failure { .. } | CallEnd::Unreadable { .. } => None,
        };
        self.host.settle(ended).await?;
        Ok(said)
    }

    /// Lets the seats react, all at once: who answered anew reacts to everybody, who had reacted
    /// before only to the new answers, whose reaction was lost to everybody again.
    async fn react(
        &self,
        words: &RoundWords,
        new_authors: &[ModelId],
    ) -> Result<Vec<ReactionSet>, HostFault> {
        let answered: Vec<ModelId> = words
            .answers
            .iter()
            .map(|(model, _)| model.clone())
            .collect();
        let targets = owed(&answered, &self.plan.kept.reactions, new_authors);
        let seats: Vec<ModelId> = targets.iter().map(|(model, _)| model.clone()).collect();
        let calls = self.host.enter(Phase::React, &seats).await?;
        let asking = calls.into_iter().filter_map(|call| {
            let place = self.plan.roster.place(&call.model)?;
            let (_, to) = targets.iter().find(|(model, _)| *model == call.model)?;
            Some(self.reaction(call, place, words, to))
        });
        let fresh: Vec<ReactionSet> = all_of(asking).await?;
        Ok(joined(&self.plan.roster, &self.plan.kept.reactions, &fresh))
    }

    async fn reaction(
        &self,
        call: CallPlan,
        place: &Place,
        words: &RoundWords,
        to: &[ModelId],
    ) -> Result<Option<ReactionSet>, HostFault> {
        let prompt = self.conversation.react(place, words, to);
        let (snippets, unreadable) = self
            .read(self.make(call, place, &prompt).await, place, to)
            .await?;
        let Some(Unreadable { text, why }) = unreadable else {
            return Ok(snippets);
        };
        let Some(repair) = self.host.open_repair(&place.model).await? else {
            return Ok(None);
        };
        let prompt = self.conversation.repair(prompt, &text, &why);
        let (snippets, _) = self
            .read(self.make(repair, place, &prompt).await, place, to)
            .await?;
        Ok(snippets)
    }

    /// Settles a reaction call as what it is worth: one that cannot be read failed, though it was paid.
    async fn read(
        &self,
        mut ended: EndedCall,
        place: &Place,
        to: &[ModelId],
    ) -> Result<(Option<ReactionSet>, Option<Unreadable>), HostFault> {
        let CallEnd::Answer { text, usage, .. } = &ended.end else {
            self.host.settle(ended).await?;
            return Ok((None, None));
        };
        let result = match reactions::read(text, &place.model, &self.plan.roster) {
            Ok(snippets) => (
                Some(ReactionSet {
                    model: place.model.clone(),
                    to: to.to_vec(),
                    snippets,
                }),
                None,
            ),
            Err(why) => (
                None,
                Some(Unreadable {
                    text: text.clone(),
                    why: why.to_string(),
                }),
            ),
        };
        if let (_, Some(unreadable)) = &result {
            ended.end = CallEnd::Unreadable {
                message: format!("The reaction could not be read: {}.", unreadable.why),
                text: unreadable.text.clone(),
                usage: *usage,
            };
        }
        self.host.settle(ended).await?;
        Ok(result)
    }

    async fn make(&self, call: CallPlan, place: &Place, prompt: &Prompt) -> EndedCall {
        let blocks = self
            .plan
            .past
            .iter()
            .map(|round| round.words.index)
            .chain([self.plan.index]);
        let mut nonces: Vec<String> = blocks
            .map(|index| self.host.nonce(&place.model, &format!("round {index}")))
            .collect();
        if call.purpose == Purpose::React {
            nonces.push(
                self.host
                    .nonce(&place.model, &format!("react {}", self.plan.index)),
            );
        }
        AtWork::new(self.host, self.control, call, nonces)
            .make(prompt)
            .await
    }

    fn words(&self) -> RoundWords {
        RoundWords {
            index: self.plan.index,
            prompt: self.plan.prompt.clone(),
            snippets: self.plan.snippets.clone(),
            answers: Vec::new(),
            reactions: Vec::new(),
        }
    }

    fn in_panel_order(
        &self,
        answers: impl Iterator<Item = (ModelId, String)>,
    ) -> Vec<(ModelId, String)> {
        let mut answers: Vec<_> = answers.collect();
        answers.sort_by_key(|(model, _)| self.plan.roster.rank(model));
        answers
    }

    fn timings(
        &self,
        answered_at: Timestamp,
        reacted_at: Option<Timestamp>,
        ended_at: Timestamp,
    ) -> RoundTimings {
        RoundTimings {
            slowest_answer_ms: answered_at.millis_since(self.plan.started_at),
            slowest_reaction_ms: reacted_at.map_or(0, |at| at.millis_since(answered_at)),
            round_ms: ended_at.millis_since(self.plan.started_at),
        }
    }
}

/// Waits for all, whatever became of one: a seat that cannot be kept must not cost the others
/// their answers.
async fn all_of<T>(
    asking: impl Iterator<Item = impl Future<Output = Result<Option<T>, HostFault>>>,
) -> Result<Vec<T>, HostFault> {
    let ended: Result<Vec<Option<T>>, HostFault> = join_all(asking).await.into_iter().collect();
    Ok(ended?.into_iter().flatten().collect())
}

struct Unreadable {
    text: String,
    why: String,
}
