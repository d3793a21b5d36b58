//! What a round will probably cost, and what it would hold.

use husting_deliberation::prompts::{Conversation, RoundWords};
use husting_deliberation::roster::Roster;
use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::RoundEstimate;
use husting_domain::snippets::Snippet;
use husting_store::PastRound as StoredRound;
use husting_wallet::estimate::{self, Basis, EstimatedSeat, NextRound, PastRound};
use husting_wallet::holds::{self, FundedRound, RoundRequest, SeatRequest};
use husting_wallet::preflight::{SessionSpending, session_left};
use husting_wire::errors::Error;
use husting_wire::estimates::{EstimateRound, EstimateView, SeatEstimate};
use husting_wire::recaps::WritingEstimate;
use husting_wire::sessions::SnippetAck;

use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::chance;
use crate::convene::{
    Proposal, check_known, check_panel, check_priced, check_seats, refuse_unless_ready, roster_of,
    snippet_acks, verified,
};
use crate::errors::Outward;
use crate::seating::Measured;
use crate::sessions::SessionFacts;

/// Past rounds an estimate looks at.
const HISTORY: u32 = 60;
/// Bytes of instructions and fences around every prompt, from above.
const FRAME_BYTES: u64 = 2_048;

impl Inner {
    pub(crate) async fn estimate(
        &self,
        tenant: &TenantId,
        mut asked: EstimateRound,
    ) -> Result<EstimateView, Error> {
        let snippets = std::mem::take(&mut asked.snippets);
        let catalog = self.catalog(tenant).await?;
        let wallet = self.books(tenant).await?.wallet;
        let joined = self.joined(tenant, &catalog, &asked).await?;
        let entries: Vec<&Entry> = joined
            .models
            .iter()
            .filter_map(|id| catalog.entry(id))
            .collect();
        check_priced(&entries)?;
        let next = next_round(&joined, &entries, wallet.terms.markup_bps);
        let estimate = self.probable(tenant, &catalog, &next).await?;
        let request = RoundRequest {
            session: joined.spending,
            round_id: RoundId(uuid::Uuid::nil()),
            max_output_tokens: joined.max_output_tokens,
            reaction_bytes: joined.prompt_bytes + 4_096,
            seats: entries
                .iter()
                .map(|entry| seat_request(entry, joined.prompt_bytes))
                .collect(),
        };
        let session_left = session_left(&wallet, &request.session);
        let planned = holds::plan(&wallet, &request, self.now(), chance::hold_id);
        let held = |model: &ModelId| -> MicroUsd {
            let holds = planned.iter().flat_map(|plan| plan.holds());
            holds
                .filter(|hold| hold.model == *model)
                .map(|hold| hold.amount)
                .sum()
        };
        let panel = next.seats.len();
        let typical: Vec<MicroUsd> = next
            .seats
            .iter()
            .map(|seat| estimate::seat_cost(seat, panel, next.prompt_bytes, next.markup_bps))
            .collect();
        let low = shares(estimate.low, &typical);
        let high = shares(estimate.high, &typical);
        let seats = next
            .seats
            .iter()
            .zip(&entries)
            .zip(low.into_iter().zip(high))
            .map(|((seat, entry), (low, high))| {
                let answer = answer_cap(planned.as_ref().ok(), seat);
                let context_window = entry.model.context_window;
                let needed_tokens = joined.context(&seat.model).saturating_add(answer);
                SeatEstimate {
                    model: seat.model.clone(),
                    low,
                    high,
                    hold: held(&seat.model),
                    fits: needed_tokens <= context_window,
                    context_window,
                    needed_tokens,
                }
            })
            .collect();
        let lowered = planned
            .iter()
            .flat_map(|plan| &plan.calls)
            .filter(|call| call.lowered)
            .map(|call| call.max_output_tokens)
            .min();
        let summaries = self.summaries_of(tenant, &catalog, &joined, &asked, &next.seats);
        let (total_low, total_high) = summaries.with(estimate.low, estimate.high);
        let found = found(&catalog, joined.facts.as_ref(), snippets);
        Ok(EstimateView {
            low: estimate.low,
            high: estimate.high,
            recap: summaries.recap,
            synthesis: summaries.synthesis,
            total_low,
            total_high,
            // A round that is refused would have held at least what it was refused for.
            hold: match &planned {
                Ok(plan) => plan.held(),
                Err(refused) => refused.needed,
            },
            least: match &planned {
                Ok(plan) => plan.least,
                Err(refused) => refused.needed,
            },
            seats,
            seconds: estimate
                .seconds
                .map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
            basis_rounds: match estimate.basis {
                Basis::Prices => 0,
                Basis::SameSeats { rounds } | Basis::OtherSeats { rounds } => {
                    u32::try_from(rounds).unwrap_or(u32::MAX)
                }
            },
            available: wallet.available(),
            session_left,
            affordable: planned.is_ok(),
            lowered_output_tokens: lowered,
            hindrance: self.hindrance(&catalog, &joined, found.as_ref().err()),
            snippets: found.unwrap_or_default(),
        })
    }

    /// Why the round would be refused whatever there is to spend. No key is read for it: whether they can be is known
    /// of every seat. `unforwardable` is what stands in the way of the snippets.
    fn hindrance(
        &self,
        catalog: &Catalog,
        joined: &Joined,
        unforwardable: Option<&Error>,
    ) -> Option<String> {
        let refused = || {
            joined.facts.as_ref().map_or(Ok(()), refuse_unless_ready)?;
            // Where the round itself looks at them: before its seats.
            unforwardable.cloned().map_or(Ok(()), Err)?;
            check_seats(catalog, &self.keys, &joined.models)
        };
        refused().err().map(|refused: Error| refused.message)
    }

    /// What is estimated of a round that is about to be accepted: what [`Inner::estimate`] answers
    /// for the same words at the same moment.
    pub(crate) async fn estimate_of(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        proposal: &Proposal,
    ) -> Result<RoundEstimate, Error> {
        let (session, plan) = (&proposal.session, &proposal.plan);
        let words = plan.past.iter().map(|round| &round.words);
        let reference = session.reference.as_ref().map_or(0, String::len);
        let prompt_bytes = FRAME_BYTES + (plan.prompt.len() + reference) as u64 + said_bytes(words);
        let markup_bps = self.books(tenant).await?.wallet.terms.markup_bps;
        let entries = session.models.iter().filter_map(|id| catalog.entry(id));
        let seats = entries.map(|entry| estimated_seat(entry, session.max_output_tokens));
        let next = NextRound {
            seats: seats.collect(),
            prompt_bytes,
            markup_bps,
        };
        let estimate = self.probable(tenant, catalog, &next).await?;
        let (recap_low, recap_high) = self.written_after(tenant, catalog, proposal, &next).await?;
        Ok(RoundEstimate {
            low: estimate.low,
            high: estimate.high,
            recap_low,
            recap_high,
        })
    }

    /// What is written after the round of `proposal` and booked with it, as far as it was asked for.
    async fn written_after(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        proposal: &Proposal,
        next: &NextRound,
    ) -> Result<(MicroUsd, MicroUsd), Error> {
        if proposal.round.recap.status == RecapStatus::None {
            return Ok((MicroUsd::ZERO, MicroUsd::ZERO));
        }
        let asked = proposal.plan.prompt.len() as u64;
        let recap = self.recap_to_come(catalog, &next.seats, asked);
        let synthesis = if proposal.round.wants_synthesis {
            let facts = self.session_facts(tenant, proposal.session.id).await?;
            self.synthesis_alone(tenant, catalog, &facts)
        } else {
            None
        };
        Ok(Summaries::wanted(recap, synthesis).with(MicroUsd::ZERO, MicroUsd::ZERO))
    }

    /// What summing up would take after the round that is asked about.
    fn summaries_of(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        joined: &Joined,
        asked: &EstimateRound,
        seats: &[EstimatedSeat],
    ) -> Summaries {
        Summaries {
            recap: self.recap_to_come(catalog, seats, asked.prompt_bytes),
            wants_recap: asked.recap_round || asked.recap_session,
            synthesis: joined
                .facts
                .as_ref()
                .and_then(|facts| self.synthesis_to_come(tenant, catalog, facts)),
            wants_synthesis: asked.recap_session,
        }
    }

    /// The range for `next`, from this wallet's history.
    async fn probable(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        next: &NextRound,
    ) -> Result<estimate::Estimate, Error> {
        let stored = self.store.past_rounds(tenant, HISTORY).await.outward()?;
        let history: Vec<PastRound> = stored
            .iter()
            .map(|round| past_round(round, catalog))
            .collect();
        Ok(estimate::estimate(next, &history))
    }

    /// The panel and the bytes it would read.
    async fn joined(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        asked: &EstimateRound,
    ) -> Result<Joined, Error> {
        let settings = self.settings();
        let new_bytes = asked
            .prompt_bytes
            .saturating_add(asked.reference_bytes)
            .saturating_add(FRAME_BYTES);
        let Some(session_id) = asked.session_id else {
            let models = match &asked.models {
                Some(models) => {
                    // What would not be convened has no price.
                    check_panel(catalog, models, settings.panel_max_seats)?;
                    models.clone()
                }
                None => self.default_models(tenant, catalog, None).await?,
            };
            let named = models.iter().map(|id| (id.clone(), catalog.name(id)));
            let roster = Roster::new(named.collect(), 0, true);
            let reference = (asked.reference_bytes > 0).then_some("");
            let new_text = asked.prompt_bytes.saturating_add(asked.reference_bytes);
            return Ok(Joined {
                facts: None,
                contexts: contexts(&roster, reference, &[], new_text),
                models,
                prompt_bytes: new_bytes,
                max_output_tokens: asked
                    .max_output_tokens
                    .unwrap_or(settings.panel_max_output_tokens),
                spending: SessionSpending {
                    session_id: chance::session_id(),
                    limit: asked.spend_limit,
                    spent: MicroUsd::ZERO,
                },
            });
        };
        let facts = self.session_facts(tenant, session_id).await?;
        check_known(catalog, &facts.session.models)?;
        let reference = facts.session.reference.as_ref().map_or(0, String::len);
        let past: Vec<RoundWords> = facts.past_rounds().into_iter().map(|p| p.words).collect();
        let said = said_bytes(past.iter());
        let roster = roster_of(&facts.session, catalog);
        let document = facts.session.reference.as_deref();
        let spent = self.charged_to(tenant, session_id).await?;
        Ok(Joined {
            spending: SessionSpending {
                session_id,
                limit: facts.session.spend_limit,
                spent,
            },
            max_output_tokens: facts.session.max_output_tokens,
            contexts: contexts(&roster, document, &past, asked.prompt_bytes),
            models: facts.session.models.clone(),
            prompt_bytes: new_bytes + reference as u64 + said,
            facts: Some(facts),
        })
    }
}

/// How the quotes that would be forwarded to the next round of a session would be found there.
fn found(
    catalog: &Catalog,
    session: Option<&SessionFacts>,
    snippets: Vec<Snippet>,
) -> Result<Vec<SnippetAck>, Error> {
    let Some(facts) = session else {
        return Ok(Vec::new());
    };
    let roster = roster_of(&facts.session, catalog);
    let forwarded = verified(&roster, &facts.past_rounds(), snippets)?;
    Ok(snippet_acks(&forwarded))
}

/// What is written after a round.
struct Summaries {
    recap: Option<WritingEstimate>,
    wants_recap: bool,
    synthesis: Option<WritingEstimate>,
    wants_synthesis: bool,
}

impl Summaries {
    const fn wanted(recap: Option<WritingEstimate>, synthesis: Option<WritingEstimate>) -> Self {
        Self {
            recap,
            wants_recap: true,
            synthesis,
            wants_synthesis: true,
        }
    }

    /// The range of a round with what is asked for after it.
    fn with(&self, low: MicroUsd, high: MicroUsd) -> (MicroUsd, MicroUsd) {
        let recap = self.recap.iter().filter(|_| self.wants_recap);
        let synthesis = self.synthesis.iter().filter(|_| self.wants_synthesis);
        let written = recap.chain(synthesis);
        written.fold((low, high), |(low, high), one| {
            (low + one.low, high + one.high)
        })
    }
}

struct Joined {
    /// The session that it would join.
    facts: Option<SessionFacts>,
    models: Vec<ModelId>,
    prompt_bytes: u64,
    max_output_tokens: u64,
    spending: SessionSpending,
    /// Tokens that each seat would read before its answer.
    contexts: Vec<(ModelId, u64)>,
}

impl Joined {
    fn context(&self, model: &ModelId) -> u64 {
        let mut contexts = self.contexts.iter();
        contexts
            .find(|(seat, _)| seat == model)
            .map_or(0, |(_, tokens)| *tokens)
    }
}

/// What each seat of `roster` would read, counted as its call counts it: the true prompt, with
/// `new_bytes` in place of the words that only their writer has.
fn contexts(
    roster: &Roster,
    reference: Option<&str>,
    past: &[RoundWords],
    new_bytes: u64,
) -> Vec<(ModelId, u64)> {
    let nonce = |_: &ModelId, _: &str| "0".repeat(16);
    let conversation = Conversation {
        roster,
        reference,
        past,
        nonce: &nonce,
    };
    let unwritten = RoundWords {
        index: past.last().map_or(0, |round| round.index + 1),
        prompt: String::new(),
        snippets: Vec::new(),
        answers: Vec::new(),
        reactions: Vec::new(),
    };
    let context = |place| {
        let prompt = conversation.respond(place, &unwritten, 0);
        Measured::of(&prompt).with_bytes(new_bytes).tokens()
    };
    let places = roster.places().iter();
    places
        .map(|place| (place.model.clone(), context(place)))
        .collect()
}

/// Most tokens that the seat's answer may have, where the wallet lowers it or not.
fn answer_cap(planned: Option<&FundedRound>, seat: &EstimatedSeat) -> u64 {
    planned
        .and_then(|round| round.call(&seat.model, Purpose::Respond))
        .map_or(seat.max_output_tokens, |call| call.max_output_tokens)
}

fn next_round(joined: &Joined, entries: &[&Entry], markup_bps: u32) -> NextRound {
    let seats = entries.iter();
    NextRound {
        seats: seats
            .map(|entry| estimated_seat(entry, joined.max_output_tokens))
            .collect(),
        prompt_bytes: joined.prompt_bytes,
        markup_bps,
    }
}

/// UTF-8 bytes of what was asked and answered, counted as the store counts them of past rounds.
fn said_bytes<'a>(words: impl Iterator<Item = &'a RoundWords>) -> u64 {
    let of_round = |round: &RoundWords| {
        let answers: usize = round.answers.iter().map(|(_, text)| text.len()).sum();
        (round.prompt.len() + answers) as u64
    };
    words.map(of_round).sum()
}

fn estimated_seat(entry: &Entry, max_output_tokens: u64) -> EstimatedSeat {
    EstimatedSeat {
        model: entry.model.id.clone(),
        price: entry.price(),
        max_output_tokens: max_output_tokens.min(entry.model.max_output_tokens),
    }
}

fn seat_request(entry: &Entry, prompt_bytes: u64) -> SeatRequest {
    SeatRequest {
        model: entry.model.id.clone(),
        price: entry.price(),
        minimum: entry.minimum,
        output_cap: entry.model.max_output_tokens,
        prompt_bytes,
        answers: true,
        reacts: true,
    }
}

fn past_round(round: &StoredRound, catalog: &Catalog) -> PastRound {
    PastRound {
        seats: round
            .models
            .iter()
            .map(|id| EstimatedSeat {
                model: id.clone(),
                price: catalog.entry(id).map(Entry::price).unwrap_or_default(),
                max_output_tokens: round.max_output_tokens,
            })
            .collect(),
        prompt_bytes: read_bytes(round),
        charged: round.cost,
        millis: u64::try_from(round.millis).unwrap_or(0),
    }
}

/// UTF-8 bytes that one seat of a past round read, measured as those of a round to come are: what a
/// later round of a conversation cost is told by all it read.
const fn read_bytes(round: &StoredRound) -> u64 {
    round.prompt_bytes + round.reference_bytes + round.earlier_bytes + FRAME_BYTES
}

/// `amount` in the proportions of `parts`: what the cut of one leaves is the next one's, so that they add up to it.
fn shares(amount: MicroUsd, parts: &[MicroUsd]) -> Vec<MicroUsd> {
    let whole: MicroUsd = parts.iter().copied().sum();
    if whole == MicroUsd::ZERO {
        return vec![MicroUsd::ZERO; parts.len()];
    }
    let upto = |part: MicroUsd| {
        let share = i128::from(amount.0) * i128::from(part.0) / i128::from(whole.0);
        MicroUsd(i64::try_from(share).unwrap_or(i64::MAX))
    };
    let mut counted = MicroUsd::ZERO;
    let share = |part: &MicroUsd| {
        let before = upto(counted);
        counted += *part;
        upto(counted) - before
    };
    parts.iter().map(share).collect()
}
