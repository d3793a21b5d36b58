//! Panels that stand as the test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use husting_discord::panels::{
    KeptSteering, PanelClaim, PanelPhase, PanelRefusal, PanelSeat, PanelState, Panels, Steering,
};
use husting_domain::discord::Author;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::snippets::SnippetType;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::scene::in_time;
use crate::stumbles::Stumbles;

/// What was asked of the panels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub round: u32,
    pub prompt: String,
    pub steering: Vec<Steering>,
    pub by: String,
}

/// Panels that stand as the test says.
#[derive(Default)]
pub struct TestPanels {
    refusal: Mutex<Option<String>>,
    /// It shows only when a panel is convened.
    refuses_late: Mutex<bool>,
    /// Whoever convenes one comes by there first.
    stumbles: Mutex<Option<Arc<Stumbles>>>,
    closed: Mutex<Option<String>>,
    /// Whether nothing can be asked now.
    is_away: Mutex<bool>,
    /// Questions to which there was no answer.
    unanswered: watch::Sender<usize>,
    convened: Arc<Mutex<HashMap<Uuid, SessionId>>>,
    rounds: watch::Sender<Vec<Begun>>,
    state: watch::Sender<Option<PanelState>>,
    /// The newest version of the state that somebody saw.
    seen: watch::Sender<u64>,
    /// More moved than whoever hears of it was told.
    overrun: Arc<Notify>,
}

impl TestPanels {
    /// Refuses from now on.
    pub fn refuse(&self, why: Option<&str>) {
        *self.refusal.lock().unwrap() = why.map(str::to_owned);
    }

    /// The same of what could still be convened when that was asked.
    pub fn refuse_late(&self, why: &str) {
        *self.refuses_late.lock().unwrap() = true;
        self.refuse(Some(why));
    }

    /// Panics so, when a panel is convened.
    pub fn stumble(&self, stumbles: &Arc<Stumbles>) {
        *self.stumbles.lock().unwrap() = Some(Arc::clone(stumbles));
    }

    /// Begins no round from now on.
    pub fn close(&self, why: &str) {
        *self.closed.lock().unwrap() = Some(why.to_owned());
    }

    /// Whether nothing can be asked from now on.
    pub fn be_away(&self, is_away: bool) {
        *self.is_away.lock().unwrap() = is_away;
    }

    /// Waits until so many more questions had no answer.
    pub async fn until_unanswered(&self, more: usize) {
        let mut unanswered = self.unanswered.subscribe();
        let wanted = *unanswered.borrow() + more;
        let told = in_time(unanswered.wait_for(|count| *count >= wanted)).await;
        told.unwrap();
    }

    /// Waits until somebody saw how it stands now.
    pub async fn until_seen(&self) {
        let version = self
            .state
            .borrow()
            .as_ref()
            .map_or(0, |state| state.version);
        let mut seen = self.seen.subscribe();
        in_time(seen.wait_for(|seen| *seen >= version))
            .await
            .unwrap();
    }

    /// Whoever hears what moves is told no more of it, and has to ask anew.
    pub fn overrun(&self) {
        self.overrun.notify_one();
    }

    fn there(&self) -> Result<(), PanelRefusal> {
        if *self.is_away.lock().unwrap() {
            self.unanswered.send_modify(|count| *count += 1);
            return Err(PanelRefusal::Later(
                "/home/ana/husting.db is locked".to_owned(),
            ));
        }
        Ok(())
    }

    pub fn convened(&self) -> usize {
        self.convened.lock().unwrap().len()
    }

    /// Rounds that were begun, once there are so many.
    pub async fn until_begun(&self, count: usize) -> Vec<Begun> {
        let mut rounds = self.rounds.subscribe();
        let begun = in_time(rounds.wait_for(|rounds| rounds.len() >= count)).await;
        begun.unwrap().clone()
    }

    /// The newest round stands like this from now on.
    pub fn stand(&self, phase: PanelPhase, claims: Vec<PanelClaim>, fault: Option<&str>) {
        let round = u32::try_from(self.rounds.borrow().len()).unwrap();
        self.state.send_modify(|state| {
            let version = state.as_ref().map_or(0, |state| state.version);
            let came_to_something = match phase {
                PanelPhase::Complete => round,
                _ => round.saturating_sub(1),
            };
            *state = Some(PanelState {
                version: version + 1,
                question: String::new(),
                round,
                phase,
                broken_off: None,
                seats: vec![PanelSeat {
                    name: "Alpha".to_owned(),
                    standing: "answering".to_owned(),
                    tokens: 7 * version,
                }],
                lacks: Vec::new(),
                lacks_because: None,
                claims,
                claims_of: match phase {
                    PanelPhase::Failed => round.saturating_sub(1),
                    _ => round,
                },
                no_claims_because: None,
                asked: self
                    .rounds
                    .borrow()
                    .last()
                    .map_or_else(String::new, |begun| begun.prompt.clone()),
                heard: (1..=came_to_something).collect(),
                cost: MicroUsd::ZERO,
                fault: fault.map(str::to_owned),
            });
        });
    }

    /// A round that nobody in Discord asked for.
    pub fn begin_elsewhere(&self) {
        let round = u32::try_from(self.rounds.borrow().len()).unwrap() + 1;
        self.begin(Begun {
            round,
            prompt: "In the window.".to_owned(),
            steering: Vec::new(),
            by: "You".to_owned(),
        });
    }

    fn begin(&self, begun: Begun) {
        let is_new = self.rounds.send_if_modified(|rounds| {
            let is_new = rounds.iter().all(|each| each.round != begun.round);
            if is_new {
                rounds.push(begun);
            }
            is_new
        });
        if is_new {
            self.stand(PanelPhase::Respond, Vec::new(), None);
        }
    }

    fn refused(&self) -> Result<(), PanelRefusal> {
        self.there()?;
        let refusal = self.refusal.lock().unwrap().clone();
        refusal.map_or(Ok(()), |why| Err(PanelRefusal::Final(why)))
    }
}

#[async_trait]
impl Panels for TestPanels {
    async fn why_no_round(&self) -> Option<String> {
        self.closed.lock().unwrap().clone()
    }

    async fn may_convene(&self, _: &str, _: &Author) -> Result<(), PanelRefusal> {
        if *self.refuses_late.lock().unwrap() {
            return self.there();
        }
        self.refused()
    }

    async fn convene(
        &self,
        panel: Uuid,
        question: &str,
        by: &Author,
    ) -> Result<SessionId, PanelRefusal> {
        let stumbles = self.stumbles.lock().unwrap().clone();
        if let Some(stumbles) = stumbles {
            stumbles.come();
        }
        self.refused()?;
        let mut convened = self.convened.lock().unwrap();
        let session = *convened.entry(panel).or_insert(SessionId(panel));
        self.begin(Begun {
            round: 1,
            prompt: question.to_owned(),
            steering: Vec::new(),
            by: by.name.clone(),
        });
        Ok(session)
    }

    async fn next_round(
        &self,
        _: (Uuid, SessionId),
        round: u32,
        prompt: &str,
        steering: &[KeptSteering],
        by: &Author,
    ) -> Result<(), PanelRefusal> {
        self.refused()?;
        self.begin(Begun {
            round,
            prompt: prompt.to_owned(),
            steering: steering.iter().map(|said| said.steering.clone()).collect(),
            by: by.name.clone(),
        });
        Ok(())
    }

    async fn state(&self, _: SessionId) -> Result<PanelState, PanelRefusal> {
        self.there()?;
        let state = self.state.borrow().clone();
        if let Some(state) = &state {
            self.seen.send_replace(state.version);
        }
        state.ok_or_else(|| PanelRefusal::Final("There is no such session.".to_owned()))
    }

    fn moved(&self) -> BoxStream<'static, SessionId> {
        let convened = self.convened.clone();
        let changes = stream::unfold(self.state.subscribe(), async |mut state| {
            state.changed().await.ok()?;
            Some(((), state))
        });
        let moved = changes.flat_map(move |_| {
            let sessions: Vec<SessionId> = convened.lock().unwrap().values().copied().collect();
            stream::iter(sessions)
        });
        let overrun = self.overrun.clone();
        moved
            .take_until(async move { overrun.notified().await })
            .boxed()
    }

    async fn changed(&self, _: SessionId, version: u64) {
        let mut state = self.state.subscribe();
        let newer =
            |state: &Option<PanelState>| state.as_ref().is_none_or(|state| state.version > version);
        state.wait_for(newer).await.unwrap();
    }
}

/// A claim of Alpha's that Beta challenges.
pub fn claim(key: &str, quote: &str) -> PanelClaim {
    PanelClaim {
        key: key.to_owned(),
        quote: quote.to_owned(),
        by: "Alpha".to_owned(),
        model: ModelId::parse("alpha").unwrap(),
        stances: vec![("Beta".to_owned(), SnippetType::Challenge)],
        is_contested: true,
    }
}
