//! Opening a session, asking for its next round, trying a round again: from a request to a round
//! at work. What is answered with an ack is on disk, its money set aside.

use husting_deliberation::prompts::{Conversation, RoundWords};
use husting_deliberation::roster::Roster;
use husting_deliberation::round::{CallPlan, RoundPlan, SeatPlan};
use husting_deliberation::{claims, steering};
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::claims::Reactor;
use husting_domain::ids::TenantId;
use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::rounds::{ModeratorSnippet, Phase, Round, RoundStatus, RoundTimings};
use husting_domain::sessions::{Session, SessionStatus, title_of};
use husting_domain::snippets::Snippet;
use husting_domain::time::Timestamp;
use husting_store::{Require, Unit, Write};
use husting_wallet::holds::{self, RoundRequest, SeatRequest};
use husting_wallet::preflight::SessionSpending;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::ranges;
use husting_wire::rounds::AppendRound;
use husting_wire::sessions::{Convene, SessionAck};
use serde_json::json;

use crate::caller::Caller;
use crate::catalog::Catalog;
use crate::errors::credit_exhausted;
use crate::halt::{self, Step};
use crate::running::Terms;
use crate::sessions::SessionFacts;
use crate::{Inner, chance};

/// Most characters of a prompt.
const MOST_PROMPT: usize = 64_000;
/// Most bytes of a reference.
const MOST_REFERENCE: usize = 4 * 1024 * 1024;
/// Most snippets of a round.
const MOST_SNIPPETS: usize = 50;
/// Deadlines by kind of seat, in seconds.
const LOCAL_DEADLINE: u32 = 600;

/// A round about to be accepted.
pub(crate) struct Proposal {
    pub session: Session,
    pub round: Round,
    pub plan: RoundPlan,
    /// Nothing of it is stored yet.
    pub is_new_session: bool,
    /// Seats that are asked for an answer.
    pub asked: Vec<ModelId>,
    /// Seats whose reaction was lost and is asked for again, whoever answers anew.
    pub lost: Vec<ModelId>,
}

impl Proposal {
    /// Whether the round may call this seat: to answer, to react to a new answer, or again
    /// because its reaction was lost.
    fn may_call(&self, model: &ModelId) -> bool {
        !self.asked.is_empty() || self.lost.contains(model)
    }
}

impl Inner {
    /// Opens a deliberation and starts its first round.
    pub(crate) async fn convene(
        self: &std::sync::Arc<Self>,
        caller: &Caller,
        asked: Convene,
    ) -> Result<SessionAck, Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        check_prompt(&asked.prompt)?;
        if asked
            .reference
            .as_ref()
            .is_some_and(|text| text.len() > MOST_REFERENCE)
        {
            return Err(Error::invalid(
                "The reference is larger than 4 MiB. Shorten it, or split the question.",
            ));
        }
        let catalog = self.catalog(&tenant).await?;
        let models = self.panel_for(&tenant, &catalog, &asked).await?;
        let session = self.new_session(caller, &asked, models)?;
        let roster = roster_of(&session, &catalog);
        let round = new_round(
            &session,
            0,
            asked.prompt.clone(),
            Vec::new(),
            asked.moderator_name.clone(),
            self.now(),
        );
        let plan = RoundPlan {
            index: 0,
            prompt: round.prompt.clone(),
            snippets: Vec::new(),
            reference: session.reference.clone(),
            roster,
            seats: Vec::new(),
            past: Vec::new(),
            kept: husting_deliberation::round::Kept::default(),
            calls: Vec::new(),
            started_at: round.started_at,
        };
        let asked = session.models.clone();
        self.accept(
            &tenant,
            catalog,
            Proposal {
                session,
                round,
                plan,
                is_new_session: true,
                asked,
                lost: Vec::new(),
            },
        )
        .await
    }

    /// Starts the next round of a session.
    pub(crate) async fn append_round(
        self: &std::sync::Arc<Self>,
        caller: &Caller,
        asked: AppendRound,
    ) -> Result<SessionAck, Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        let mut facts = self.session_facts(&tenant, asked.session_id).await?;
        refuse_unless_ready(&facts)?;
        let catalog = self.catalog(&tenant).await?;
        let roster = roster_of(&facts.session, &catalog);
        let past = facts.past_rounds();
        check_name("moderator_name", asked.moderator_name.as_deref())?;
        let (prompt, snippets) = steered(&facts, asked.prompt, asked.snippets)?;
        let snippets = verified(&roster, &past, snippets)?;
        if asked.moderator_name.is_some() {
            facts.session.moderator_name = asked.moderator_name;
        }
        let index = u32::try_from(facts.rounds.len()).unwrap_or(u32::MAX);
        let moderator = facts.session.moderator_name.clone();
        let round = new_round(
            &facts.session,
            index,
            prompt,
            snippets,
            moderator,
            self.now(),
        );
        let plan = RoundPlan {
            index,
            prompt: round.prompt.clone(),
            snippets: round.snippets.clone(),
            reference: facts.session.reference.clone(),
            roster,
            seats: Vec::new(),
            past,
            kept: husting_deliberation::round::Kept::default(),
            calls: Vec::new(),
            started_at: round.started_at,
        };
        let asked = facts.session.models.clone();
        self.accept(
            &tenant,
            catalog,
            Proposal {
                session: facts.session,
                round,
                plan,
                is_new_session: false,
                asked,
                lost: Vec::new(),
            },
        )
        .await
    }

    /// Accepts the round, and goes on with it when whoever asked goes away: a round that was kept
    /// must not be left without anybody at work on it.
    pub(crate) async fn accept(
        self: &std::sync::Arc<Self>,
        tenant: &TenantId,
        catalog: Catalog,
        proposal: Proposal,
    ) -> Result<SessionAck, Error> {
        let (inner, tenant) = (self.clone(), tenant.clone());
        let accepting = async move { inner.keep_and_start(&tenant, catalog, proposal).await };
        self.tasks.spawn(accepting).await.map_err(|fault| {
            tracing::error!(%fault, "a round was not accepted");
            Error::new(ErrorCode::Internal, "The round could not be begun.")
        })?
    }

    /// Keeps the round with its calls and holds in one unit, then sets it to work.
    async fn keep_and_start(
        self: &std::sync::Arc<Self>,
        tenant: &TenantId,
        catalog: Catalog,
        mut proposal: Proposal,
    ) -> Result<SessionAck, Error> {
        let called: Vec<ModelId> = proposal
            .session
            .models
            .iter()
            .filter(|model| proposal.may_call(model))
            .cloned()
            .collect();
        check_seats(&catalog, &called)?;
        self.check_keys(&catalog, &called).await?;
        let request = self.round_request(tenant, &catalog, &proposal).await?;
        if proposal.round.attempt == 0 {
            proposal.round.estimate = Some(self.estimate_of(tenant, &catalog, &proposal).await?);
        }
        let deadline = self.deadline(
            &catalog,
            &proposal.session,
            &proposal.asked,
            proposal.plan.started_at,
        );
        proposal.round.deadline_at = deadline.latest;
        proposal.plan.calls = deadline.calls;
        let prompt_tokens = |model: &ModelId| {
            request
                .seats
                .iter()
                .find(|seat| seat.model == *model)
                .map_or(0, |seat| seat.prompt_bytes.div_ceil(4))
        };
        let planned = self
            .change_wallet(tenant, |wallet| {
                let planned = holds::plan(wallet, &request, self.now(), chance::hold_id)
                    .map_err(|refused| credit_exhausted(&refused))?;
                let mut unit = opening(tenant, &proposal);
                for call in &proposal.plan.calls {
                    unit = unit.write(Write::InsertCall(queued(
                        call,
                        &proposal,
                        prompt_tokens(&call.model),
                    )));
                }
                let unit = unit.writes(planned.holds().cloned().map(Write::OpenHold));
                Ok((unit, planned))
            })
            .await?;
        halt::at(Step::Holding).await;
        proposal.plan.seats = proposal
            .session
            .models
            .iter()
            .map(|model| SeatPlan {
                model: model.clone(),
                max_output_tokens: planned
                    .call(model, Purpose::Respond)
                    .map_or(proposal.session.max_output_tokens, |call| {
                        call.max_output_tokens
                    }),
            })
            .collect();
        let ack = ack_of(&proposal.session, &proposal.round);
        self.set_to_work(Terms::new(
            tenant.clone(),
            catalog,
            proposal,
            &request,
            &planned,
        ))
        .await;
        Ok(ack)
    }

    async fn panel_for(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        asked: &Convene,
    ) -> Result<Vec<ModelId>, Error> {
        let Some(models) = &asked.models else {
            let moderator = asked
                .moderator_name
                .as_deref()
                .or(asked.application.as_deref());
            return self.default_models(tenant, catalog, moderator).await;
        };
        let most = self.settings().panel_max_seats as usize;
        if !(2..=most).contains(&models.len()) {
            return Err(Error::invalid(format!(
                "A panel has 2 to {most} seats; {} were named.",
                models.len()
            )));
        }
        if models
            .iter()
            .enumerate()
            .any(|(at, model)| models[..at].contains(model))
        {
            return Err(Error::invalid("A panel holds each model once."));
        }
        check_seats(catalog, models)?;
        Ok(models.clone())
    }

    fn new_session(
        &self,
        caller: &Caller,
        asked: &Convene,
        models: Vec<ModelId>,
    ) -> Result<Session, Error> {
        let settings = self.settings();
        let now = self.now();
        let max_output_tokens = asked
            .max_output_tokens
            .unwrap_or(settings.panel_max_output_tokens);
        ranges::MAX_OUTPUT_TOKENS.check("max_output_tokens", max_output_tokens)?;
        if let Some(seconds) = asked.deadline_seconds {
            ranges::DEADLINE_SECONDS.check("deadline_seconds", seconds.into())?;
        }
        if asked
            .spend_limit
            .is_some_and(|limit| limit <= MicroUsd::ZERO)
        {
            return Err(Error::invalid(
                "A session's spending limit is more than zero.",
            ));
        }
        check_name("moderator_name", asked.moderator_name.as_deref())?;
        check_name("application", asked.application.as_deref())?;
        let ids: Vec<&str> = models.iter().map(ModelId::as_str).collect();
        let reference = asked
            .reference
            .clone()
            .filter(|text| !text.trim().is_empty());
        let mut drawn_from = vec![
            asked.prompt.as_str(),
            reference.as_deref().unwrap_or_default(),
        ];
        drawn_from.extend(ids);
        Ok(Session {
            id: chance::session_id(),
            tenant_id: caller.tenant(),
            title: title_of(&asked.prompt),
            tags: Vec::new(),
            status: SessionStatus::Processing,
            seed: chance::seed_of(&drawn_from),
            rehearsal: models.iter().all(ModelId::is_rehearsal),
            reference_name: reference.as_ref().and(asked.reference_name.clone()),
            reference,
            models,
            blind: asked.blind.unwrap_or(true),
            moderator_name: asked.moderator_name.clone(),
            application: asked.application.clone(),
            source: caller.source(),
            max_output_tokens,
            deadline_seconds: asked.deadline_seconds,
            spend_limit: asked.spend_limit,
            archived: false,
            created_at: now,
            updated_at: now,
        })
    }

    /// What the round may cost: the true bytes of every prompt, measured before anything is held.
    async fn round_request(
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

    /// Whether the key of every seat can be read, before anything is kept or held.
    async fn check_keys(&self, catalog: &Catalog, models: &[ModelId]) -> Result<(), Error> {
        let entries = models.iter().filter_map(|model| catalog.entry(model));
        for entry in entries {
            if let Some(provider) = catalog.provider(&entry.model.provider) {
                self.key_of(provider).await?;
            }
        }
        Ok(())
    }

    fn deadline(
        &self,
        catalog: &Catalog,
        session: &Session,
        asked: &[ModelId],
        from: Timestamp,
    ) -> Deadline {
        let calls: Vec<CallPlan> = asked
            .iter()
            .map(|model| CallPlan {
                id: chance::call_id(),
                model: model.clone(),
                purpose: Purpose::Respond,
                started_at: from,
                deadline_at: from
                    .plus_millis(i64::from(self.seconds_for(catalog, session, model)) * 1_000),
            })
            .collect();
        let latest = calls
            .iter()
            .map(|call| call.deadline_at)
            .max()
            .unwrap_or(from);
        Deadline { calls, latest }
    }

    /// A call's deadline in seconds: the session's, the model's, the kind's.
    pub(crate) fn seconds_for(&self, catalog: &Catalog, session: &Session, model: &ModelId) -> u32 {
        let entry = catalog.entry(model);
        let by_kind = match entry.map(|entry| entry.model.kind) {
            Some(SeatKind::Local | SeatKind::Rehearsal) => LOCAL_DEADLINE,
            Some(SeatKind::Api) | None => self.settings().panel_deadline_seconds,
        };
        session
            .deadline_seconds
            .or_else(|| entry?.model.deadline_seconds)
            .unwrap_or(by_kind)
    }
}

struct Deadline {
    calls: Vec<CallPlan>,
    latest: Timestamp,
}

/// The writes that open the round, with what must still hold.
fn opening(tenant: &TenantId, proposal: &Proposal) -> Unit {
    let Proposal {
        session,
        round,
        is_new_session,
        ..
    } = proposal;
    let unit = Unit::of(tenant.clone());
    if *is_new_session {
        return unit
            .write(Write::InsertSession(session.clone()))
            .write(Write::InsertRound(round.clone()));
    }
    let at = round.started_at;
    let unit = if round.attempt > 0 {
        unit.require(Require::NoRoundInProgress(session.id))
            .require(Require::NewestRound(session.id, round.id))
            .write(Write::ReopenRound {
                round: round.id,
                attempt: round.attempt,
                phase: Phase::Respond,
                deadline_at: round.deadline_at,
            })
    } else {
        unit.require(Require::SessionStatus(
            session.id,
            vec![SessionStatus::Ready],
        ))
        .require(Require::RoundCount(session.id, round.index))
        .write(Write::InsertRound(round.clone()))
        .write(Write::SetModeratorName {
            session: session.id,
            name: session.moderator_name.clone(),
            at,
        })
    };
    unit.write(Write::SetSessionStatus {
        session: session.id,
        status: SessionStatus::Processing,
        at,
    })
}

/// A call that waits for its provider. Its input is estimated already, so that a crash in the
/// middle of it can be settled from what is stored.
fn queued(call: &CallPlan, proposal: &Proposal, prompt_tokens: u64) -> Call {
    queued_call(call, &proposal.session, &proposal.round, prompt_tokens)
}

/// The stored form of a call that was just queued.
pub(crate) fn queued_call(
    call: &CallPlan,
    session: &Session,
    round: &Round,
    prompt_tokens: u64,
) -> Call {
    Call {
        id: call.id,
        session_id: session.id,
        round_id: round.id,
        model: call.model.clone(),
        purpose: call.purpose,
        attempt: round.attempt,
        state: CallState::Queued,
        started_at: call.started_at,
        first_text_at: None,
        ended_at: None,
        deadline_at: call.deadline_at,
        text: String::new(),
        claim_confidence: Vec::new(),
        usage: Usage {
            input: prompt_tokens,
            estimated: true,
            ..Usage::default()
        },
        cost: MicroUsd::ZERO,
        finish_reason: None,
        is_partial: false,
        error_code: None,
        error_message: None,
    }
}

fn new_round(
    session: &Session,
    index: u32,
    prompt: String,
    snippets: Vec<ModeratorSnippet>,
    moderator_name: Option<String>,
    now: Timestamp,
) -> Round {
    Round {
        id: chance::round_id(),
        session_id: session.id,
        index,
        prompt,
        snippets,
        moderator_name,
        status: RoundStatus::InProgress,
        phase: Phase::Respond,
        attempt: 0,
        cancelled: false,
        started_at: now,
        deadline_at: now,
        ended_at: None,
        claim_map: None,
        reactions: Vec::new(),
        timings: RoundTimings::default(),
        estimate: None,
    }
}

pub(crate) fn ack_of(session: &Session, round: &Round) -> SessionAck {
    SessionAck {
        session_id: session.id,
        round_id: round.id,
        round_index: round.index,
        status: SessionStatus::Processing,
        progress_url: format!("/api/sessions/{}/progress", session.id),
        poll_after_ms: 5_000,
        progress_version: 0,
        rehearsal: session.rehearsal,
    }
}

/// The session's panel with names for people.
pub(crate) fn roster_of(session: &Session, catalog: &Catalog) -> Roster {
    let seats = session
        .models
        .iter()
        .map(|model| (model.clone(), catalog.name(model)))
        .collect();
    Roster::new(seats, session.seed, session.blind)
}

/// Whether every one of `models` can be called, money aside: a lack of that is told by the
/// preflight, with its figures.
fn check_seats(catalog: &Catalog, models: &[ModelId]) -> Result<(), Error> {
    check_known(catalog, models)?;
    // A lack of money is told by the preflight, with its figures.
    let unfit: Vec<&crate::catalog::Entry> = models
        .iter()
        .filter_map(|model| catalog.entry(model))
        .filter(|entry| entry.unfit.is_some())
        .collect();
    if !unfit.is_empty() {
        let why: Vec<String> = unfit
            .iter()
            .filter_map(|entry| Some(format!("{}: {}", entry.model.id, entry.unfit.as_ref()?.1)))
            .collect();
        let ids: Vec<&ModelId> = unfit.iter().map(|entry| &entry.model.id).collect();
        return Err(Error::new(
            ErrorCode::IneligibleModels,
            format!("Not every seat can be called. {}", why.join(" ")),
        )
        .with(json!({ "ineligible_models": ids })));
    }
    Ok(())
}

/// Whether every one of `models` is on this machine.
pub(crate) fn check_known(catalog: &Catalog, models: &[ModelId]) -> Result<(), Error> {
    let unknown: Vec<&ModelId> = models
        .iter()
        .filter(|model| catalog.entry(model).is_none())
        .collect();
    if !unknown.is_empty() {
        let message = format!(
            "{} is not a model on this machine. `husting models list` shows them all.",
            listed(&unknown)
        );
        return Err(Error::new(ErrorCode::UnknownModels, message)
            .with(json!({ "unknown_models": unknown, "models_requested": models })));
    }
    Ok(())
}

fn check_name(field: &str, name: Option<&str>) -> Result<(), Error> {
    if name.is_some_and(|name| name.chars().count() > 100) {
        return Err(Error::invalid(format!(
            "{field} has at most 100 characters."
        )));
    }
    Ok(())
}

fn check_prompt(prompt: &str) -> Result<(), Error> {
    if prompt.trim().is_empty() {
        return Err(Error::invalid("The question is empty."));
    }
    let characters = prompt.chars().count();
    if characters > MOST_PROMPT {
        return Err(Error::invalid(format!(
            "The question has {characters} characters, of at most {MOST_PROMPT}. Put long material into the reference."
        )));
    }
    Ok(())
}

fn refuse_unless_ready(facts: &SessionFacts) -> Result<(), Error> {
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

/// The prompt and snippets of the next round; an empty prompt is built from the newest map.
fn steered(
    facts: &SessionFacts,
    prompt: String,
    snippets: Vec<Snippet>,
) -> Result<(String, Vec<Snippet>), Error> {
    if snippets.len() > MOST_SNIPPETS {
        return Err(Error::invalid(format!(
            "A round takes at most {MOST_SNIPPETS} snippets; {} were given.",
            snippets.len()
        )));
    }
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
    let built = steering::next(map);
    Ok((
        built.prompt,
        if snippets.is_empty() {
            built.snippets
        } else {
            snippets
        },
    ))
}

/// The moderator's snippets with their quotes verified against what was said.
fn verified(
    roster: &Roster,
    past: &[husting_deliberation::round::PastRound],
    snippets: Vec<Snippet>,
) -> Result<Vec<ModeratorSnippet>, Error> {
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
            if snippet.quote.trim().is_empty() || snippet.quote.chars().count() > 8_000 {
                return Err(Error::invalid(format!(
                    "Snippet {} needs a quote of at most 8,000 characters.",
                    at + 1
                )));
            }
            snippet.comment = snippet.comment.filter(|comment| !comment.trim().is_empty());
            let judged = claims::judge(roster, &rounds, Reactor::moderator(), &snippet);
            if let Some(source) = &judged.source {
                // Words given to the wrong author go to the panel under the true one.
                snippet.quoted_model = source.model.clone();
            }
            Ok(ModeratorSnippet {
                snippet,
                quote_status: judged.status,
            })
        })
        .collect()
}

fn listed(models: &[&ModelId]) -> String {
    models
        .iter()
        .map(|model| model.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What a retry needs to know of the round it takes up again.
pub(crate) fn reopened(round: &Round, now: Timestamp) -> Round {
    Round {
        attempt: round.attempt + 1,
        status: RoundStatus::InProgress,
        phase: Phase::Respond,
        cancelled: false,
        started_at: round.started_at,
        deadline_at: now,
        ended_at: None,
        claim_map: None,
        ..round.clone()
    }
}
