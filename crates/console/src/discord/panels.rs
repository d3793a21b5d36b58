//! Panels that people in Discord convene, on the operator's budget.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use husting_discord::panels::{
    PanelClaim, PanelPhase, PanelRefusal, PanelSeat, PanelState, Panels, Steering,
};
use husting_domain::claims::{Claim, ClaimGroup, Position};
use husting_domain::discord::Author;
use husting_domain::discord_panels::{KeptSteering, MOST_STEERING, Quoted};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::rounds::{Phase, RoundStatus};
use husting_domain::snippets::Snippet;
use husting_store::{CommitError, Constraint, DiscordWrite, PanelWrite, Unit, Write};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::contract::requests::CreateDeliberation;
use husting_wire::discord::{SaidInDiscord, SaidList};
use husting_wire::errors::Error;
use husting_wire::events::{Envelope, Event};
use husting_wire::lengths;
use husting_wire::rounds::{AppendRound, RoundView};
use husting_wire::sessions::SessionView;
use uuid::Uuid;

use super::panel_words::{beyond_day, broken_off, fault_of, lacks_of, no_claims_of, refusal};
use crate::caller::{Caller, Door};
use crate::contract::Again;
use crate::errors::Outward;
use crate::{Console, Inner};

/// What sessions are tagged with.
const APPLICATION: &str = "Discord";
/// Whoever asks is the operator's bridge.
const CALLER: Caller = Caller::Operator {
    door: Door::Discord,
};

/// What is kept is taken along whole.
const _: () = assert!(MOST_STEERING <= lengths::SNIPPETS);

struct DiscordPanels(Console);

/// The panels as the bridge needs them.
pub(super) fn panels(inner: &Arc<Inner>) -> Arc<dyn Panels> {
    Arc::new(DiscordPanels(Console(inner.clone())))
}

impl Console {
    /// The panels as a bridge needs them that is hosted beside this console.
    #[must_use]
    pub fn discord_panels(&self) -> Arc<dyn Panels> {
        panels(&self.0)
    }
}

#[async_trait]
impl Panels for DiscordPanels {
    async fn why_no_round(&self) -> Option<String> {
        let inner = &self.0.0;
        let most = inner.bridge.setup().panels_per_day;
        let since = inner.now().day_start();
        let tenant = TenantId::local();
        match inner.store.discord_rounds_since(&tenant, since).await {
            Ok(begun) => (begun >= most).then(|| beyond_day(most)),
            Err(fault) => {
                // Whether it can is said when it is begun.
                tracing::info!(%fault, "the rounds of the day cannot be counted now");
                None
            }
        }
    }

    async fn may_convene(&self, question: &str, by: &Author) -> Result<(), PanelRefusal> {
        if let Some(why) = self.why_no_round().await {
            return Err(PanelRefusal::Final(why));
        }
        let asked = first_round(question, by);
        let may = self.0.may_create_deliberation(&CALLER, asked).await;
        may.map_err(refusal)
    }

    async fn convene(
        &self,
        panel: Uuid,
        question: &str,
        by: &Author,
    ) -> Result<SessionId, PanelRefusal> {
        self.0.0.begin_round(panel, 1).await?;
        let asked = first_round(question, by);
        let convened = self
            .0
            .create_deliberation(&CALLER, asked, once(panel.to_string()));
        match convened.await {
            Ok(convened) => Ok(convened.session_id),
            Err(fault) => Err(self.0.0.not_begun((panel, 1), fault).await),
        }
    }

    async fn next_round(
        &self,
        (panel, session): (Uuid, SessionId),
        round: u32,
        prompt: &str,
        steering: &[KeptSteering],
        by: &Author,
    ) -> Result<(), PanelRefusal> {
        let key = format!("{session}/{round}");
        let view = self.0.0.get_session(&TenantId::local(), session).await;
        let append = AppendRound {
            session_id: session,
            prompt: prompt.to_owned(),
            snippets: snippets(&view.map_err(refusal)?, steering),
            moderator_name: name_of(by),
            recap_round: false,
            recap_session: false,
        };
        self.0.0.begin_round(panel, round).await?;
        match self.0.append_said(&CALLER, append, once(key)).await {
            Ok(_) => Ok(()),
            Err(fault) => Err(self.0.0.not_begun((panel, round), fault).await),
        }
    }

    async fn state(&self, session: SessionId) -> Result<PanelState, PanelRefusal> {
        let view = self.0.0.get_session(&TenantId::local(), session).await;
        let view = view.map_err(refusal)?;
        state_of(&view).ok_or_else(|| PanelRefusal::Final("Its session has no rounds.".to_owned()))
    }

    async fn changed(&self, session: SessionId, version: u64) {
        // Heard before the session is read, so that nothing falls between.
        let mut events = self.0.watch();
        if self
            .state(session)
            .await
            .map_or(true, |state| state.version != version)
        {
            return;
        }
        while let Some(envelope) = events.next().await {
            let of = match envelope.event {
                Event::RoundChanged { round } => round.session_id,
                Event::SessionChanged { session } => session.session_id,
                Event::SeatText { session_id, .. } | Event::SessionRemoved { session_id } => {
                    session_id
                }
                _ => continue,
            };
            if of == session {
                return;
            }
        }
    }

    fn moved(&self) -> BoxStream<'static, SessionId> {
        let mut at_work = HashSet::new();
        let events = self.0.watch();
        let moved = move |envelope: Envelope| ready(moved_by(&envelope.event, &mut at_work));
        events.filter_map(moved).boxed()
    }
}

/// The session that an event moves; of one whose round runs, that it began and that it is over.
fn moved_by(event: &Event, at_work: &mut HashSet<SessionId>) -> Option<SessionId> {
    match event {
        Event::RoundChanged { round } if round.status == RoundStatus::InProgress => {
            at_work.insert(round.session_id).then_some(round.session_id)
        }
        Event::RoundChanged { round } => {
            at_work.remove(&round.session_id);
            Some(round.session_id)
        }
        Event::SessionChanged { session } => {
            let id = session.session_id;
            (!at_work.contains(&id)).then_some(id)
        }
        Event::SessionRemoved { session_id } => Some(*session_id),
        _ => None,
    }
}

impl Inner {
    /// What people have said in Discord for a session's next round.
    ///
    /// # Errors
    /// `not_found` for a session that is not there.
    pub(crate) async fn said_in_discord(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<SaidList, Error> {
        let row = self.store.session_row(tenant, session).await;
        row.outward()?.ok_or_else(|| Error::not_found("session"))?;
        let Some(bot) = self.bridge.setup().bot else {
            return Ok(SaidList::default());
        };
        let resting = self
            .store
            .discord_panels_at_rest(tenant, bot.id, Some(session));
        let panels = resting.await.outward()?.into_iter();
        let steering: Vec<KeptSteering> = panels.flat_map(|panel| panel.steering).collect();
        // All its answers are not read for nothing: this is asked for with each movement in Discord.
        if !steering.iter().any(|kept| asks_for_session(&kept.steering)) {
            return Ok(said(None, &steering));
        }
        let view = self.get_session(tenant, session).await?;
        Ok(said(Some(&view), &steering))
    }

    /// Counts a round before it is paid for; one that was counted before may begin.
    async fn begin_round(&self, panel: Uuid, round: u32) -> Result<(), PanelRefusal> {
        let most = self.bridge.setup().panels_per_day;
        let at = self.now();
        let begin = PanelWrite::BeginRound {
            panel,
            round,
            at,
            since: at.day_start(),
            most,
        };
        match self.keep_of_panel(begin).await {
            Err(CommitError::Constraint(Constraint::Range(_))) => {
                Err(PanelRefusal::Final(beyond_day(most)))
            }
            kept => kept.outward().map_err(refusal),
        }
    }

    /// Nothing came of a round that was counted. One that is tried again goes on to count.
    async fn not_begun(&self, (panel, round): (Uuid, u32), fault: Error) -> PanelRefusal {
        let refusal = refusal(fault);
        if let PanelRefusal::Final(_) = refusal {
            let back = PanelWrite::RoundNotBegun { panel, round };
            if let Err(fault) = self.keep_of_panel(back).await {
                tracing::warn!(%fault, %panel, "a round counts that was not begun");
            }
        }
        refusal
    }

    async fn keep_of_panel(&self, write: PanelWrite) -> Result<(), CommitError> {
        let write = Write::Discord(DiscordWrite::Panel(write));
        let unit = Unit::of(TenantId::local()).write(write);
        self.store.commit(unit).await.map(drop)
    }
}

/// What a person asks the default panel.
fn first_round(question: &str, by: &Author) -> CreateDeliberation {
    CreateDeliberation {
        prompt: question.to_owned(),
        reference: None,
        models: None,
        moderator_name: name_of(by),
        application: Some(APPLICATION.to_owned()),
        improvement_consent: None,
        recap_round: false,
    }
}

/// What is asked again after a death is the same.
fn once(key: String) -> Again {
    Again::ByKey {
        key: Some(format!("discord/{key}")),
        client_request_id: None,
    }
}

fn name_of(by: &Author) -> Option<String> {
    let shown = by.name.chars().filter(|char| !char.is_control());
    let name: String = shown.take(lengths::NAME).collect();
    Some(name).filter(|name| !name.trim().is_empty())
}

/// The claims that were steered by, as they were then, with what was said of them, each after who said it.
fn snippets(view: &SessionView, steering: &[KeptSteering]) -> Vec<Snippet> {
    let said =
        untaken(Some(view), steering).map(|(KeptSteering { by, steering, .. }, quoted)| Snippet {
            kind: steering.kind,
            quote: quoted.quote,
            quoted_model: quoted.model,
            comment: Some(steering.comment.clone()).filter(|comment| !comment.is_empty()),
            confidence: None,
            said_by: name_of(by),
        });
    said.take(lengths::SNIPPETS).collect()
}

/// The same for the operator, with who said each. The session is needed where [`asks_for_session`] says so.
fn said(view: Option<&SessionView>, steering: &[KeptSteering]) -> SaidList {
    let said = untaken(view, steering);
    let told = said.map(|(kept, quoted)| SaidInDiscord {
        author: kept.by.name.clone(),
        stance: kept.steering.kind,
        quote: quoted.quote,
        quoted_model: quoted.model,
        comment: kept.steering.comment.clone(),
    });
    SaidList {
        said: told.collect(),
    }
}

/// Whether it stands in the session which claim was meant, or whether a round took along what was said.
fn asks_for_session(said: &Steering) -> bool {
    said.quoted.is_none() || said.given_back_by.is_some()
}

/// Of what was said what no round takes along, in its order, each with its claim as it was then. What was kept without its
/// claim is looked up in the newest map; what a round took along that came to something since, tried again elsewhere, or that
/// is being tried again, is not taken along twice.
fn untaken<'a>(
    view: Option<&'a SessionView>,
    all: &'a [KeptSteering],
) -> impl Iterator<Item = (&'a KeptSteering, Quoted)> {
    let claims = view.map_or(&[][..], newest_claims);
    let rounds = view.map_or(&[][..], |view| &view.rounds);
    let of_newest = move |name: &str| {
        let claim = claims.iter().find(|claim| number_of(claim) == name)?;
        Some(Quoted {
            quote: claim.quote.clone(),
            model: claim.originator.clone(),
        })
    };
    let is_taken = move |by: u32| {
        let mut taking = rounds
            .iter()
            .filter(|round| round.status != RoundStatus::Failed);
        taking.any(|round| number(round) == by)
    };
    all.iter().filter_map(move |each| {
        let said = &each.steering;
        if said.given_back_by.is_some_and(is_taken) {
            return None;
        }
        let quoted = said.quoted.clone().or_else(|| of_newest(&said.claim))?;
        Some((each, quoted))
    })
}

fn newest_claims(view: &SessionView) -> &[Claim] {
    let map = newest_map(view).and_then(|round| round.claim_map.as_ref());
    map.map_or(&[], |map| &map.claims)
}

/// The newest round that has a map.
fn newest_map(view: &SessionView) -> Option<&RoundView> {
    let mut rounds = view.rounds.iter().rev();
    rounds.find(|round| round.claim_map.is_some())
}

/// Claims are called `c1`, `c2`, … in the order of their map; people say the number.
fn number_of(claim: &Claim) -> &str {
    claim.id.trim_start_matches('c')
}

fn state_of(view: &SessionView) -> Option<PanelState> {
    let round = view.rounds.last()?;
    let (lacks, lacks_because) = lacks_of(round);
    let names = |model: &str| {
        let seats = view.summary.seats.iter();
        let mut found = seats.filter(|seat| seat.model.as_str() == model);
        found
            .next()
            .map_or_else(|| model.to_owned(), |seat| seat.display_name.clone())
    };
    let steerer = newest_map(view).and_then(|round| round.moderator_name.clone());
    // Whoever steers is known by name to those who read this.
    let stands = |position: &Position| {
        let said_by = position.said_by.clone().or_else(|| steerer.clone());
        said_by
            .filter(|_| position.model.is_moderator())
            .unwrap_or_else(|| names(position.model.as_str()))
    };
    let claim = |claim: &Claim| PanelClaim {
        key: number_of(claim).to_owned(),
        quote: claim.quote.clone(),
        by: names(claim.originator.as_str()),
        model: claim.originator.clone(),
        stances: claim
            .positions
            .iter()
            .map(|position| (stands(position), position.kind))
            .collect(),
        is_contested: claim.group == ClaimGroup::Contested,
    };
    Some(PanelState {
        version: u64::from(round.index) << 32 | round.progress_version,
        question: view.rounds.first()?.prompt.clone(),
        round: number(round),
        phase: phase_of(round),
        broken_off: broken_off(&view.summary),
        seats: round
            .answers
            .iter()
            .map(|answer| seat_of(answer, round))
            .collect(),
        lacks,
        lacks_because,
        claims: newest_claims(view).iter().map(claim).collect(),
        claims_of: number(newest_map(view).unwrap_or(round)),
        no_claims_because: newest_map(view).and_then(no_claims_of),
        asked: round.prompt.clone(),
        heard: heard(view),
        cost: view.summary.cost,
        fault: fault_of(round),
    })
}

/// The rounds that came to something, from one.
fn heard(view: &SessionView) -> Vec<u32> {
    let rounds = view.rounds.iter();
    let complete = rounds.filter(|round| phase_of(round) == PanelPhase::Complete);
    complete.map(number).collect()
}

/// Which round of its session it is, from one.
const fn number(round: &RoundView) -> u32 {
    round.index.saturating_add(1)
}

const fn phase_of(round: &RoundView) -> PanelPhase {
    match (round.status, round.phase) {
        (RoundStatus::Complete | RoundStatus::PartialFailure, _) => PanelPhase::Complete,
        (RoundStatus::Failed, _) => PanelPhase::Failed,
        (RoundStatus::InProgress, Phase::Respond) => PanelPhase::Respond,
        (RoundStatus::InProgress, Phase::React) => PanelPhase::React,
        (RoundStatus::InProgress, Phase::Map | Phase::Done) => PanelPhase::Map,
    }
}

/// A seat in the phase that it is in: its reaction, once there is one to speak of.
fn seat_of(answer: &SeatCallView, round: &RoundView) -> PanelSeat {
    let mut reactions = round.reactions.iter();
    let reaction = reactions
        .find(|seat| seat.model == answer.model && seat.state != SeatState::Absent)
        .filter(|_| answer.state == SeatState::Final);
    let standing = match (reaction, reaction.unwrap_or(answer).state) {
        (None, SeatState::Streaming) => "answering",
        (Some(_), SeatState::Streaming) => "reacting",
        (_, SeatState::Queued) => "waiting",
        (_, SeatState::Final | SeatState::Absent) => "done",
        (_, SeatState::Error) => "failed",
    };
    let tokens = |seat: &SeatCallView| seat.usage.output;
    PanelSeat {
        name: answer.display_name.clone(),
        standing: standing.to_owned(),
        tokens: tokens(answer).saturating_add(reaction.map_or(0, tokens)),
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::consent::ImprovementConsent;
    use husting_domain::models::ModelId;
    use husting_domain::money::MicroUsd;
    use husting_domain::sessions::{SessionSource, SessionStatus};
    use husting_domain::snippets::SnippetType;
    use husting_domain::tenants::Tier;
    use husting_domain::time::Timestamp;
    use husting_wire::recaps::SynthesisView;
    use husting_wire::sessions::SessionSummary;

    use super::*;
    use crate::live::tests::view;

    const AT: Timestamp = Timestamp::from_micros(0);
    const SESSION: SessionId = SessionId(Uuid::from_u128(1));

    fn round(status: RoundStatus) -> Event {
        let round = RoundView {
            session_id: SESSION,
            status,
            ..view()
        };
        Event::RoundChanged { round }
    }

    fn row() -> Event {
        let session = SessionSummary {
            session_id: SESSION,
            title: "Which?".to_owned(),
            tags: Vec::new(),
            status: SessionStatus::Ready,
            round_status: None,
            asked: 0,
            answered: 0,
            round_count: 1,
            seats: Vec::new(),
            contested: 0,
            claims: 0,
            cost: MicroUsd::ZERO,
            rehearsal: false,
            degraded: false,
            failures: Vec::new(),
            outcome: None,
            archived: false,
            source: SessionSource::Console,
            created_at: AT,
            updated_at: AT,
        };
        Event::SessionChanged { session }
    }

    #[test]
    fn of_each_round_it_is_told_that_it_began_and_that_it_is_over() {
        let runs = || round(RoundStatus::InProgress);
        let removed = Event::SessionRemoved {
            session_id: SESSION,
        };
        let told = [
            (row(), true),
            (runs(), true),
            (runs(), false),
            (row(), false),
            (round(RoundStatus::Complete), true),
            (row(), true),
            // The next one.
            (runs(), true),
            (row(), false),
            (round(RoundStatus::Failed), true),
            // It is tried again.
            (runs(), true),
            (removed, true),
        ];
        let mut at_work = HashSet::new();
        for (at, (event, is_told)) in told.iter().enumerate() {
            let moved = moved_by(event, &mut at_work);
            assert_eq!(moved, is_told.then_some(SESSION), "event {at}");
        }
    }

    #[test]
    fn what_a_failed_round_gave_back_waits_until_that_round_is_tried_again() {
        let said = |given_back_by| {
            let quoted = Quoted {
                quote: "One table.".to_owned(),
                model: ModelId::parse("larch").unwrap(),
            };
            let steering = Steering {
                claim: "1".to_owned(),
                kind: SnippetType::Keep,
                comment: String::new(),
                quoted: Some(quoted),
                given_back_by,
            };
            KeptSteering {
                interaction: "7".parse().unwrap(),
                by: Author {
                    id: "8".parse().unwrap(),
                    name: "Ana".to_owned(),
                },
                steering,
            }
        };
        let Event::SessionChanged { session: summary } = row() else {
            panic!("it is a row");
        };
        for (status, waits) in [
            (RoundStatus::Failed, 2),
            (RoundStatus::InProgress, 1),
            (RoundStatus::Complete, 1),
            (RoundStatus::PartialFailure, 1),
        ] {
            let first = RoundView {
                index: 0,
                status,
                ..view()
            };
            let session = SessionView {
                summary: summary.clone(),
                reference: None,
                reference_name: None,
                blind: true,
                moderator_name: None,
                application: None,
                max_output_tokens: 1,
                spend_limit: None,
                opened_by: None,
                consent: ImprovementConsent::decide(Tier::Growth, None),
                synthesis: SynthesisView::default(),
                rounds: vec![first],
                confidence_disclaimer: None,
            };
            let all = [said(None), said(Some(1))];
            let waiting = untaken(Some(&session), &all);
            assert_eq!(waiting.count(), waits, "{status:?}");
            // Whose round is not there waits for the next one.
            let of_another = [said(Some(2))];
            let waiting = untaken(Some(&session), &of_another);
            assert_eq!(waiting.count(), 1, "{status:?}");
        }
    }
}
