//! What a round may cost at the most: the true bytes of every prompt, measured before anything is held.

use husting_deliberation::prompts::{Conversation, RoundWords};
use husting_domain::ids::TenantId;
use husting_domain::models::ModelId;
use husting_wallet::holds::{RoundRequest, SeatRequest};
use husting_wallet::preflight::SessionSpending;
use husting_wire::errors::Error;

use super::Proposal;
use crate::Inner;
use crate::catalog::Catalog;

impl Inner {
    /// What the round may cost: the true bytes of every prompt, measured before anything is held.
    pub(super) async fn round_request(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        proposal: &Proposal,
    ) -> Result<RoundRequest, Error> {
        let session = &proposal.session;
        let spent = self.charged_to(tenant, session.id).await?;
        let nonce = |_: &ModelId, _: &str| "0".repeat(16);
        let past: Vec<RoundWords> = proposal
            .plan
            .past
            .iter()
            .map(|round| round.words.clone())
            .collect();
        let conversation = Conversation {
            roster: &proposal.plan.roster,
            reference: session.reference.as_deref(),
            past: &past,
            nonce: &nonce,
        };
        let words = RoundWords {
            index: proposal.plan.index,
            prompt: proposal.plan.prompt.clone(),
            snippets: proposal.plan.snippets.clone(),
            answers: proposal.plan.kept.answers.clone(),
            reactions: Vec::new(),
        };
        let seats: Vec<SeatRequest> = session
            .models
            .iter()
            .filter(|model| proposal.may_call(model))
            .filter_map(|model| {
                let (entry, place) = (catalog.entry(model)?, proposal.plan.roster.place(model)?);
                let prompt = conversation.respond(place, &words, session.max_output_tokens);
                Some(SeatRequest {
                    model: model.clone(),
                    price: entry.price(),
                    minimum: entry.minimum,
                    output_cap: entry.model.max_output_tokens,
                    prompt_bytes: prompt.bytes(),
                    answers: proposal.asked.contains(model),
                    // A new answer is reacted to by everybody.
                    reacts: true,
                })
            })
            .collect();
        let kept: usize = proposal
            .plan
            .kept
            .answers
            .iter()
            .map(|(_, text)| text.len())
            .sum();
        let context = seats
            .iter()
            .map(|seat| seat.prompt_bytes)
            .max()
            .unwrap_or(0);
        // Fences, sentence numbers and instructions of a reaction, from above.
        let reaction_bytes = context + kept as u64 + kept as u64 / 4 + 4_096;
        Ok(RoundRequest {
            session: SessionSpending {
                session_id: session.id,
                limit: session.spend_limit,
                spent,
            },
            round_id: proposal.round.id,
            max_output_tokens: session.max_output_tokens,
            reaction_bytes,
            seats,
        })
    }
}
