//! Panels at work are shown where they were asked for: one message each, which follows the round. What is
//! on its way is read from the journal, so a new process goes on where the last one died.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use husting_domain::discord_panels::{DiscordPanel, PanelStage};
use husting_domain::ids::SessionId;
use husting_store::{CommitError, DiscordWrite, PanelWrite, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Shared;
use super::faults::DiscordStepError;
use super::lanes::{Lanes, rest};
use super::pauses::{Pauses, wait};
use super::steering::heard_since;
use crate::interactions::{plain_message, shown_question};
use crate::panels::{
    PanelPhase, PanelRefusal, PanelState, Panels, UNCHANGED, brief, is_of_message, mark,
};
use crate::sender::{Refusal, SendError};

/// Between two changes of one message.
const BETWEEN: Duration = Duration::from_millis(1_500);

/// Why a panel is over whose message nobody can see any more.
const GONE: &str = "Its message in Discord is gone.";

/// Why a panel is over that Discord lets nobody see.
const NO_PLACE: &str = "The bot may not write where it would stand, or the place is gone.";

/// What became of a change of a panel's message.
enum Written {
    /// It shows it.
    Shown,
    /// There is nothing to put it into any more.
    Gone,
    /// Discord lets nobody change it now: the panel's fault.
    Refused(String),
}

/// Carries panels on, until it is time to end.
pub async fn keep_showing(shared: Arc<Shared>, panels: Arc<dyn Panels>, stop: CancellationToken) {
    let mut lanes = Lanes::new();
    // What is there at the first look was begun by an earlier process, which may have shown what it did not note.
    let mut tried: Option<HashSet<Uuid>> = None;
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    while !stop.is_cancelled() {
        let rung = shared.interactions.panels_moved.notified();
        match shared.panels_at_work().await {
            Ok(at_work) => {
                pauses.reset();
                let tried = tried.get_or_insert_with(|| at_work.iter().copied().collect());
                tried.retain(|panel| at_work.contains(panel));
                for panel in at_work {
                    let (shared, panels) = (shared.clone(), panels.clone());
                    let is_untried = tried.insert(panel);
                    lanes.begin(
                        panel,
                        carry(shared, panels, panel, is_untried, stop.clone()),
                    );
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "panels wait: the journal cannot be read");
                if !pauses.wait(None, &stop).await {
                    break;
                }
                continue;
            }
        }
        tokio::select! {
            () = rung => {}
            Some((panel, ended)) = lanes.ended() => if let Err(fault) = ended {
                tracing::error!(%fault, %panel, "a panel's lane ended badly");
                lanes.begin(panel, rest(shared.parties.clock.clone(), stop.clone()));
            },
            () = stop.cancelled() => {}
        }
    }
    while lanes.ended().await.is_some() {}
}

/// Carries one panel on until it rests.
async fn carry(
    shared: Arc<Shared>,
    panels: Arc<dyn Panels>,
    panel: Uuid,
    mut is_untried: bool,
    stop: CancellationToken,
) {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    while !stop.is_cancelled() {
        let step = tokio::select! {
            // First: panels that end with the bridge answer nothing more, and the next one goes on with them.
            biased;
            () = stop.cancelled() => break,
            step = shared.take_step(&*panels, panel, &mut is_untried, &stop) => step,
        };
        match step {
            Ok(true) => pauses.reset(),
            Ok(false) => break,
            Err(fault) => {
                if let DiscordStepError::Discord(SendError::Unauthorized) = fault {
                    shared.rejected.cancel();
                }
                tracing::warn!(%fault, %panel, "a panel's message waits");
                if !pauses.wait(None, &stop).await {
                    break;
                }
            }
        }
    }
}

impl Shared {
    /// Those on their way whose command is not being answered this moment.
    async fn panels_at_work(&self) -> Result<Vec<Uuid>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let at_work = store.discord_panels_at_work(tenant, self.bot()).await?;
        let ids = at_work.into_iter().map(|panel| panel.id);
        Ok(ids
            .filter(|id| !self.interactions.is_answering(*id))
            .collect())
    }

    /// Takes a panel's next step; `is_untried` until one is about to show it. False when it rests.
    async fn take_step(
        &self,
        panels: &dyn Panels,
        id: Uuid,
        is_untried: &mut bool,
        stop: &CancellationToken,
    ) -> Result<bool, DiscordStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let Some(panel) = store.discord_panel(tenant, id).await? else {
            return Ok(false);
        };
        let begins = matches!(panel.stage, PanelStage::Convening | PanelStage::Advancing);
        if begins && self.reins.manner().is_paused {
            self.reins.until_let_go().await;
            return Ok(true);
        }
        match (panel.stage, panel.session) {
            (PanelStage::Convening, _) if *is_untried && is_unplaced(&panel) => {
                self.begin(panels, panel, is_untried).await
            }
            (PanelStage::Convening, _) => self.place_and_convene(panels, panel).await,
            (PanelStage::Advancing, Some(session)) => self.advance(panels, &panel, session).await,
            (PanelStage::Running, Some(session)) => match self.placed_or_over(panel).await? {
                Some(placed) => self.follow(panels, placed, session, stop).await,
                None => Ok(true),
            },
            (PanelStage::Resting, Some(session)) => self.renew(panels, &panel, session).await,
            _ => Ok(false),
        }
    }

    /// Writes the message of a panel at rest as its session stands, where it shows something else.
    async fn renew(
        &self,
        panels: &dyn Panels,
        panel: &DiscordPanel,
        session: SessionId,
    ) -> Result<bool, DiscordStepError> {
        let state = match panels.state(session).await {
            Ok(state) => state,
            Err(PanelRefusal::Later(why)) => return Err(DiscordStepError::Panels(why)),
            Err(PanelRefusal::Final(why)) => {
                let ended = ended(panel, why);
                self.rewrite(&ended, None).await?;
                return self.rests(panel, &ended).await;
            }
        };
        if !is_behind(panel, &state) {
            return Ok(false);
        }
        if let Some(heard) = heard_since(panel, &state) {
            self.keep_if_still_so([DiscordWrite::Panel(heard)]).await?;
            return Ok(true);
        }
        let after = DiscordPanel {
            fault: state.fault.clone(),
            ..panel.clone()
        };
        match self.rewrite(&after, Some(&state)).await? {
            Written::Shown => {}
            Written::Gone => return self.rests(panel, &ended(panel, GONE.to_owned())).await,
            // It is tried again when its session moves, or by the next process: until then it would be refused again.
            Written::Refused(why) => {
                let rests = moved(panel, PanelStage::Resting, Some(why));
                self.keep_if_still_so([DiscordWrite::Panel(rests)]).await?;
                return Ok(false);
            }
        }
        // What was said meanwhile is in the message no more: once again, with it.
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        if store.discord_panel(tenant, panel.id).await?.as_ref() != Some(panel) {
            return Ok(true);
        }
        let rests = moved(panel, PanelStage::Resting, after.fault.clone());
        self.rest_as_shown(rests, &after, Some(&state)).await?;
        Ok(true)
    }

    /// Keeps that a panel rests, and how its message shows its session.
    pub(super) async fn rest_as_shown(
        &self,
        rests: PanelWrite,
        panel: &DiscordPanel,
        state: Option<&PanelState>,
    ) -> Result<(), CommitError> {
        let shows = state.map(|state| PanelWrite::Shows {
            panel: panel.id,
            mark: mark(panel, state),
        });
        let writes = std::iter::once(rests).chain(shows);
        self.keep_if_still_so(writes.map(DiscordWrite::Panel)).await
    }

    /// The panel with its messages in their places. Where Discord refuses them, it is over: none.
    async fn placed_or_over(
        &self,
        panel: DiscordPanel,
    ) -> Result<Option<DiscordPanel>, DiscordStepError> {
        match self.placed(panel.clone()).await {
            Err(DiscordStepError::Discord(refused @ SendError::Refused { .. })) => {
                tracing::info!(fault = %refused, panel = %panel.id, "a panel cannot be shown");
                let to = match panel.stage {
                    PanelStage::Convening => {
                        self.tell_refusal(&panel, NO_PLACE).await?;
                        PanelStage::Refused
                    }
                    _ => PanelStage::Ended,
                };
                let over = moved(&panel, to, Some(NO_PLACE.to_owned()));
                self.keep_if_still_so([DiscordWrite::Panel(over)]).await?;
                Ok(None)
            }
            placed => placed.map(Some),
        }
    }

    /// A panel that would be refused is refused here, before a thread is made for it in which nobody would ever write. Only
    /// one that nobody tried to show: a message that was posted and not noted is found again where it is placed first.
    /// Telling the refusal is no such try, so what could not be told is told again, and nothing else is made.
    async fn begin(
        &self,
        panels: &dyn Panels,
        panel: DiscordPanel,
        is_untried: &mut bool,
    ) -> Result<bool, DiscordStepError> {
        match panels.may_convene(&panel.question, &panel.by).await {
            Err(PanelRefusal::Final(why)) => self.refuse(&panel, why).await,
            // Until Husting can say, whoever asked sees that it waits.
            Ok(()) | Err(PanelRefusal::Later(_)) => {
                *is_untried = false;
                self.place_and_convene(panels, panel).await
            }
        }
    }

    /// In this order, so that nothing is paid that nobody sees.
    async fn place_and_convene(
        &self,
        panels: &dyn Panels,
        panel: DiscordPanel,
    ) -> Result<bool, DiscordStepError> {
        match self.placed_or_over(panel).await? {
            Some(placed) => self.convene(panels, &placed).await,
            None => Ok(true),
        }
    }

    /// A second try after a death convenes nothing anew: the panel's id says that it is the same.
    async fn convene(
        &self,
        panels: &dyn Panels,
        panel: &DiscordPanel,
    ) -> Result<bool, DiscordStepError> {
        let convened = panels.convene(panel.id, &panel.question, &panel.by).await;
        let write = match convened {
            Ok(session) => PanelWrite::Convened {
                panel: panel.id,
                session,
            },
            Err(PanelRefusal::Later(why)) => return Err(DiscordStepError::Panels(why)),
            Err(PanelRefusal::Final(why)) => return self.refuse(panel, why).await,
        };
        self.keep_if_still_so([DiscordWrite::Panel(write)]).await?;
        Ok(true)
    }

    /// It is never convened: that is told wherever its messages stand.
    async fn refuse(&self, panel: &DiscordPanel, why: String) -> Result<bool, DiscordStepError> {
        let refused = DiscordPanel {
            stage: PanelStage::Refused,
            fault: Some(why.clone()),
            ..panel.clone()
        };
        self.rewrite(&refused, None).await?;
        self.tell_refusal(panel, &why).await?;
        let refused = moved(panel, PanelStage::Refused, Some(why));
        self.keep_if_still_so([DiscordWrite::Panel(refused)])
            .await?;
        Ok(true)
    }

    /// Where the question stands, it says why there is no panel.
    async fn tell_refusal(&self, panel: &DiscordPanel, why: &str) -> Result<(), DiscordStepError> {
        let answer = match self.answer_of_panel(panel).await {
            Err(DiscordStepError::Discord(refused @ SendError::Refused { .. })) => {
                tracing::info!(fault = %refused, "a refusal is not shown where it was asked for");
                return Ok(());
            }
            answer => answer?,
        };
        let words = shown_question(&panel.by, "a panel", &panel.question);
        let message = plain_message(&format!("{words}\n⚠️ No panel was convened: {why}"));
        let channel = panel.place.posted_to();
        match self.parties.sender.change(channel, answer, message).await {
            Err(SendError::Refused { code, .. }) => {
                tracing::info!(%channel, code, "a refusal is not shown where it was asked for");
                Ok(())
            }
            changed => Ok(changed?),
        }
    }

    async fn advance(
        &self,
        panels: &dyn Panels,
        panel: &DiscordPanel,
        session: SessionId,
    ) -> Result<bool, DiscordStepError> {
        let (round, said, by) = (panel.round, &panel.steering, &panel.round_by);
        let begun = panels
            .next_round((panel.id, session), round, &panel.prompt, said, by)
            .await;
        let write = match begun {
            Ok(()) => moved(panel, PanelStage::Running, None),
            Err(PanelRefusal::Later(why)) => return Err(DiscordStepError::Panels(why)),
            Err(PanelRefusal::Final(why)) => {
                let rests = DiscordPanel {
                    stage: PanelStage::Resting,
                    round: panel.round.saturating_sub(1),
                    fault: Some(why.clone()),
                    ..panel.clone()
                };
                let state = panels.state(session).await.ok();
                let take_back = |why| PanelWrite::TakeBack {
                    panel: panel.id,
                    why,
                };
                return match self.rewrite(&rests, state.as_ref()).await? {
                    Written::Shown => {
                        let back = take_back(why);
                        self.rest_as_shown(back, &rests, state.as_ref()).await?;
                        Ok(true)
                    }
                    Written::Gone => self.rests(panel, &ended(panel, GONE.to_owned())).await,
                    Written::Refused(unwritten) => {
                        // Nobody in Discord reads why: the operator reads both.
                        let back =
                            take_back(format!("{unwritten}. The next round was refused: {why}"));
                        self.keep_if_still_so([DiscordWrite::Panel(back)]).await?;
                        Ok(false)
                    }
                };
            }
        };
        self.keep_if_still_so([DiscordWrite::Panel(write)]).await?;
        Ok(true)
    }

    /// Shows a round until it is over.
    async fn follow(
        &self,
        panels: &dyn Panels,
        panel: DiscordPanel,
        session: SessionId,
        stop: &CancellationToken,
    ) -> Result<bool, DiscordStepError> {
        let mut may_change = true;
        loop {
            let state = match panels.state(session).await {
                Ok(state) => state,
                Err(PanelRefusal::Later(why)) => return Err(DiscordStepError::Panels(why)),
                Err(PanelRefusal::Final(why)) => {
                    let ended = ended(&panel, why);
                    self.rewrite(&ended, None).await?;
                    return self.rests(&panel, &ended).await;
                }
            };
            if state.is_over(panel.round) {
                let over = over(&panel, &state);
                return match self.rewrite(&over, Some(&state)).await? {
                    Written::Shown => {
                        let write = round_over(panel.id, &state, (over.stage, over.fault.clone()));
                        self.rest_as_shown(write, &over, Some(&state)).await?;
                        Ok(true)
                    }
                    Written::Gone => self.rests(&panel, &ended(&panel, GONE.to_owned())).await,
                    Written::Refused(why) => {
                        let write = round_over(panel.id, &state, (over.stage, Some(why)));
                        self.keep_if_still_so([DiscordWrite::Panel(write)]).await?;
                        Ok(false)
                    }
                };
            }
            if may_change {
                match self.rewrite(&panel, Some(&state)).await? {
                    Written::Shown => {}
                    Written::Gone => {
                        return self.rests(&panel, &ended(&panel, GONE.to_owned())).await;
                    }
                    // The round goes on all the same; what came of it is tried once more.
                    Written::Refused(_) => may_change = false,
                }
            }
            if !wait(&self.parties.clock, BETWEEN, stop).await {
                return Ok(true);
            }
            tokio::select! {
                () = panels.changed(session, state.version) => {}
                () = stop.cancelled() => return Ok(true),
            }
        }
    }

    async fn rests(
        &self,
        panel: &DiscordPanel,
        after: &DiscordPanel,
    ) -> Result<bool, DiscordStepError> {
        let write = moved(panel, after.stage, after.fault.clone());
        self.keep_if_still_so([DiscordWrite::Panel(write)]).await?;
        Ok(true)
    }

    /// Puts the panel's state into its message.
    async fn rewrite(
        &self,
        panel: &DiscordPanel,
        state: Option<&PanelState>,
    ) -> Result<Written, DiscordStepError> {
        let (Some(message), channel) = (panel.message, panel.shown_in()) else {
            return Ok(Written::Shown);
        };
        let words = brief(panel, state);
        match self.parties.sender.change(channel, message, words).await {
            Err(refused @ SendError::Refused { .. }) => {
                tracing::info!(%channel, fault = %refused, "a panel's message cannot be changed");
                Ok(match refused.means() {
                    Some(Refusal::Gone) => Written::Gone,
                    _ => Written::Refused(format!("{UNCHANGED} {refused}")),
                })
            }
            changed => {
                changed?;
                Ok(Written::Shown)
            }
        }
    }
}

/// Whether nothing of a panel stands anywhere but the answer to its command.
const fn is_unplaced(panel: &DiscordPanel) -> bool {
    panel.message.is_none() && panel.thread.is_none()
}

/// Whether the message of a panel at rest shows anything else than its session as it stands.
pub(super) fn is_behind(panel: &DiscordPanel, state: &PanelState) -> bool {
    panel.fault.as_deref().is_some_and(is_of_message) || panel.shows != Some(mark(panel, state))
}

pub(super) fn moved(panel: &DiscordPanel, to: PanelStage, fault: Option<String>) -> PanelWrite {
    PanelWrite::Move {
        panel: panel.id,
        from: panel.stage,
        to,
        fault,
    }
}

fn ended(panel: &DiscordPanel, why: String) -> DiscordPanel {
    DiscordPanel {
        stage: PanelStage::Ended,
        fault: Some(why),
        steering: Vec::new(),
        ..panel.clone()
    }
}

/// What a round comes to: one that failed gives back what it took along.
pub(super) fn round_over(
    panel: Uuid,
    state: &PanelState,
    (to, fault): (PanelStage, Option<String>),
) -> PanelWrite {
    match state.phase {
        PanelPhase::Failed => PanelWrite::CameToNothing {
            panel,
            round: state.round,
            to,
            fault,
        },
        _ => PanelWrite::Move {
            panel,
            from: PanelStage::Running,
            to,
            fault,
        },
    }
}

/// A round that failed leaves what was there before, or may be tried again in the app.
fn over(panel: &DiscordPanel, state: &PanelState) -> DiscordPanel {
    DiscordPanel {
        stage: PanelStage::Resting,
        fault: state.fault.clone(),
        steering: match state.phase {
            PanelPhase::Failed => panel.steering.clone(),
            _ => Vec::new(),
        },
        ..panel.clone()
    }
}
