//! A panel's buttons and their forms. Whoever may write where the panel stands may press them; what they
//! say is in the journal before they are told so.

use husting_domain::discord_panels::{
    BEHIND, DiscordPanel, KeptSteering, MOST_STEERING, PanelStage, Quoted, Steering,
};
use husting_domain::snippets::SnippetType;
use husting_store::{CommitError, Constraint, DiscordWrite, PanelWrite, StoreError};
use serde_json::Value;

use super::Shared;
use super::faults::DiscordStepError;
use super::showing::{moved, round_over};
use crate::interactions::{Button, Occasion, Verb, hidden, round_form, steering_form, updated};
use crate::panels::{PanelClaim, PanelRefusal, PanelState, brief, shown};

const UNKNOWN: &str = "Nothing is known of this panel any more. `/deliberate` asks anew.";
const ENDED: &str = "Nothing more comes of this panel here. `/deliberate` asks anew.";
const NOTHING_SAID: &str =
    "You have said nothing that waits for the next round. What others said is theirs to take back.";
const NO_FORM: &str = "This button has no form.";
const RUNS: &str =
    "A round of this panel runs in Husting. When it is over, the message shows what came of it.";
/// Its message is written anew meanwhile.
const WENT_ON: &str = "In Husting the panel does not stand as it was shown here. Look at it again: \
     in a moment its message shows how it stands now.";

/// Whether a panel can be steered by who pressed its button.
enum Steerable {
    /// As it stands.
    Now(Box<Steered>),
    /// It cannot: what they are told.
    Not(String),
}

/// A panel that can be steered, as it stands.
struct Steered {
    panel: DiscordPanel,
    state: PanelState,
}

impl Steerable {
    fn not(why: impl Into<String>) -> Self {
        Self::Not(why.into())
    }
}

impl Shared {
    /// The form that a button opens, or what it does without one, or why it does nothing.
    pub(super) async fn pressed(
        &self,
        occasion: &Occasion,
        button: Button,
    ) -> Result<Value, DiscordStepError> {
        Ok(match self.steered(occasion, button).await? {
            Steerable::Not(why) => hidden(&why),
            Steerable::Now(steered) if button.verb == Verb::Next => {
                let next = steered.state.round.saturating_add(1);
                round_form(button, next, &steered.panel.prompt)
            }
            Steerable::Now(steered) if button.verb == Verb::TakeBack => {
                self.take_back(occasion, button, *steered).await?
            }
            Steerable::Now(steered) => steering_form(button, steered.state.claims.len()),
        })
    }

    /// Takes back what whoever pressed said last: the panel's message without it.
    async fn take_back(
        &self,
        occasion: &Occasion,
        button: Button,
        Steered { panel, state }: Steered,
    ) -> Result<Value, DiscordStepError> {
        let mut said = panel.steering.iter().rev();
        let Some(last) = said.find(|each| each.by.id == occasion.author.id) else {
            return Ok(hidden(NOTHING_SAID));
        };
        let write = PanelWrite::Unsay {
            panel: button.panel,
            round: button.round,
            interaction: last.interaction,
        };
        match self.keep([DiscordWrite::Panel(write)]).await {
            // It was taken back or taken along a moment ago: the message shows which.
            Err(CommitError::Constraint(Constraint::Absent(_))) => {}
            kept => kept?,
        }
        self.as_it_stands(button, panel, &state).await
    }

    /// The panel's message as the journal has it now.
    async fn as_it_stands(
        &self,
        button: Button,
        before: DiscordPanel,
        state: &PanelState,
    ) -> Result<Value, DiscordStepError> {
        self.interactions.panels_moved.notify_one();
        let panel = self.panel_by(button).await?.unwrap_or(before);
        Ok(updated(brief(&panel, Some(state))))
    }

    /// What a form comes to: the panel's message with it, or why it comes to nothing.
    pub(super) async fn sent_form(
        &self,
        occasion: &Occasion,
        button: Button,
        (claim, words): (&str, &str),
    ) -> Result<Value, DiscordStepError> {
        let steered = match self.steered(occasion, button).await? {
            Steerable::Not(why) => return Ok(returned(&why, words)),
            Steerable::Now(steered) => steered,
        };
        let steers = |kind| {
            let claims = &steered.state.claims;
            let Some(meant) = claims.iter().find(|each| each.key == claim) else {
                let most = claims.len();
                let why = format!("There is no claim {claim:?}: they are 1 to {most}.");
                return Err(why);
            };
            Ok(PanelWrite::Steer {
                panel: button.panel,
                round: button.round,
                steering: Box::new(said(occasion, kind, (meant, words))),
            })
        };
        let write = match button.verb {
            Verb::Next => Ok(PanelWrite::Advance {
                panel: button.panel,
                round: button.round,
                prompt: words.to_owned(),
                by: occasion.author.clone(),
            }),
            Verb::Challenge => steers(SnippetType::Challenge),
            Verb::Keep => steers(SnippetType::Keep),
            Verb::TakeBack => Err(NO_FORM.to_owned()),
        };
        let write = match write {
            Ok(write) => write,
            Err(why) => return Ok(returned(&why, words)),
        };
        match self.keep([DiscordWrite::Panel(write)]).await {
            // Somebody was quicker.
            Err(CommitError::Constraint(Constraint::Absent(_))) => {
                return Ok(returned(&begun(button), words));
            }
            Err(CommitError::Constraint(Constraint::Range(_))) => {
                let why = format!(
                    "The next round takes {MOST_STEERING} such words along, and they have been said. \
                     Begin it, then go on."
                );
                return Ok(returned(&why, words));
            }
            kept => kept?,
        }
        self.as_it_stands(button, steered.panel, &steered.state)
            .await
    }

    /// The panel of a button, if whoever pressed it may steer it now.
    async fn steered(
        &self,
        occasion: &Occasion,
        button: Button,
    ) -> Result<Steerable, DiscordStepError> {
        let stands_here = |panel: &DiscordPanel| {
            let here = occasion.place.posted_to();
            panel.shown_in() == here && panel.message.is_some_and(|id| Some(id) == occasion.message)
        };
        let Some(mut panel) = self.panel_by(button).await?.filter(stands_here) else {
            return Ok(Steerable::not(UNKNOWN));
        };
        if !occasion.may_write {
            let why = "You may read here, and not write, so you cannot steer the panel.";
            return Ok(Steerable::not(why));
        }
        if self.reins.manner().is_paused {
            return Ok(Steerable::not("The bridge is paused by its operator."));
        }
        let (Some(panels), Some(session)) = (&self.parties.panels, panel.session) else {
            return Ok(Steerable::not("A panel needs the Husting app."));
        };
        let state = match panels.state(session).await {
            Ok(state) => state,
            Err(PanelRefusal::Final(why)) => return Ok(Steerable::not(why)),
            Err(PanelRefusal::Later(why)) => {
                tracing::info!(%why, panel = %panel.id, "a panel cannot be steered now");
                let words = "Husting cannot look at the panel now. Try again in a moment.";
                return Ok(Steerable::not(words));
            }
        };
        if matches!(panel.stage, PanelStage::Refused | PanelStage::Ended) {
            return Ok(Steerable::not(ENDED));
        }
        let is_other = |claims| claims != shown(&state.claims);
        let is_behind = panel.round < button.round || button.claims.is_some_and(is_other);
        if panel.stage == PanelStage::Resting && panel.round <= button.round && is_behind {
            let renewed = moved(&panel, PanelStage::Resting, Some(BEHIND.to_owned()));
            self.keep_if_still_so([DiscordWrite::Panel(renewed)])
                .await?;
            self.interactions.panels_moved.notify_one();
            return Ok(Steerable::not(WENT_ON));
        }
        if panel.round != button.round {
            return Ok(Steerable::not(begun(button)));
        }
        if panel.stage == PanelStage::Resting && state.is_at_work() {
            return Ok(Steerable::not(RUNS));
        }
        if button.verb == Verb::Next
            && let Some(why) = panels.why_no_round().await
        {
            return Ok(Steerable::not(why));
        }
        // The message may show the end of the round a moment before the journal has it.
        if panel.stage == PanelStage::Running && state.is_over(panel.round) {
            let rests = round_over(panel.id, &state, (PanelStage::Resting, state.fault.clone()));
            self.rest_as_shown(rests, &panel, Some(&state)).await?;
        } else if panel.stage != PanelStage::Resting {
            return Ok(Steerable::not(begun(button)));
        } else if let Some(heard) = heard_since(&panel, &state) {
            self.keep_if_still_so([DiscordWrite::Panel(heard)]).await?;
            let Some(without) = self.panel_by(button).await? else {
                return Ok(Steerable::not(UNKNOWN));
            };
            panel = without;
        }
        Ok(Steerable::Now(Box::new(Steered { panel, state })))
    }

    async fn panel_by(&self, button: Button) -> Result<Option<DiscordPanel>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let panel = store.discord_panel(tenant, button.panel).await?;
        Ok(panel.filter(|panel| panel.bot == self.bot()))
    }
}

fn said(
    occasion: &Occasion,
    kind: SnippetType,
    (claim, words): (&PanelClaim, &str),
) -> KeptSteering {
    KeptSteering {
        interaction: occasion.id,
        by: occasion.author.clone(),
        steering: Steering {
            claim: claim.key.clone(),
            kind,
            comment: words.to_owned(),
            quoted: Some(Quoted {
                quote: claim.quote.clone(),
                model: claim.model.clone(),
            }),
            given_back_by: None,
        },
    }
}

/// What failed rounds gave the panel back, where they were tried again in the app, and heard it: it is not to be said twice.
pub(super) fn heard_since(panel: &DiscordPanel, state: &PanelState) -> Option<PanelWrite> {
    let marks = panel
        .steering
        .iter()
        .map(|each| each.steering.given_back_by);
    let is_heard = |round: &u32| state.heard.contains(round);
    let rounds: Vec<u32> = marks.flatten().filter(is_heard).collect();
    let is_asked = state.asked == panel.prompt && is_heard(&state.round);
    let prompt = !panel.prompt.is_empty() && is_asked;
    (prompt || !rounds.is_empty()).then_some(PanelWrite::Heard {
        panel: panel.id,
        rounds,
        prompt,
    })
}

/// Why a form comes to nothing. The form is gone by then: its words are given back to whoever typed them.
fn returned(why: &str, words: &str) -> Value {
    match words.trim() {
        "" => hidden(why),
        words => hidden(&format!("{why} You wrote:\n{words}")),
    }
}

fn begun(button: Button) -> String {
    let next = button.round.saturating_add(1);
    format!("Round {next} was asked for already.")
}
