//! A whole bridge between the fake Discord, a bus of the test's and panels of the test's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use husting_discord::bridge::{self, BridgeOptions, Manner, Parties, Reins, Reports};
use husting_discord::bus::{Bus, BusError, Identity, Letter, Mail, Peer};
use husting_discord::files::Files;
use husting_discord::gateway::{GatewayOptions, Health};
use husting_discord::inbound::Routes;
use husting_discord::panels::{
    PanelClaim, PanelPhase, PanelRefusal, PanelSeat, PanelState, Panels, Steering,
};
use husting_domain::agents::Name;
use husting_domain::discord::Author;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::snippets::SnippetType;
use husting_store::{SqliteStore, Store};
use husting_test_support::discord::Id;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::scene::{PATIENCE, Scene, id, in_time};

/// A bus that keeps what it is given, and gives what the test says.
#[derive(Default)]
pub struct TestBus {
    letters: watch::Sender<Vec<Letter>>,
    mail: Mutex<Vec<Mail>>,
    rung: Notify,
}

impl TestBus {
    /// What was sent, once it is so much.
    pub async fn until_sent(&self, count: usize) -> Vec<Letter> {
        let mut letters = self.letters.subscribe();
        let sent = in_time(letters.wait_for(|letters| letters.len() >= count)).await;
        sent.unwrap().clone()
    }

    pub fn sent(&self) -> usize {
        self.letters.borrow().len()
    }

    /// An agent writes to the bridge.
    pub fn write(&self, from: &str, text: &str) {
        let id = Uuid::now_v7().to_string();
        self.mail.lock().unwrap().push(Mail {
            id,
            from: from.to_owned(),
            text: text.to_owned(),
        });
        self.rung.notify_one();
    }
}

#[async_trait]
impl Bus for TestBus {
    async fn whoami(&self) -> Result<Identity, BusError> {
        Ok(Identity {
            name: "discord-connector".to_owned(),
            is_proved: true,
        })
    }

    async fn send(&self, letter: &Letter) -> Result<String, BusError> {
        let id = letter.request.to_string();
        self.letters.send_if_modified(|letters| {
            let is_new = letters.iter().all(|sent| sent.request != letter.request);
            if is_new {
                letters.push(letter.clone());
            }
            is_new
        });
        Ok(id)
    }

    async fn mail(&self, _: Duration) -> Result<Vec<Mail>, BusError> {
        loop {
            let rung = self.rung.notified();
            let mail = self.mail.lock().unwrap().clone();
            if !mail.is_empty() {
                return Ok(mail);
            }
            rung.await;
        }
    }

    async fn recent(&self) -> Result<Vec<Mail>, BusError> {
        Ok(self.mail.lock().unwrap().clone())
    }

    async fn ack(&self, ids: &[String]) -> Result<(), BusError> {
        let mut mail = self.mail.lock().unwrap();
        mail.retain(|each| !ids.contains(&each.id));
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<Peer>, BusError> {
        let peer = |name: &str, active| Peer {
            name: name.to_owned(),
            active,
        };
        Ok(vec![peer("loom", true), peer("mason", false)])
    }
}

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
    convened: Mutex<HashMap<Uuid, SessionId>>,
    rounds: watch::Sender<Vec<Begun>>,
    state: watch::Sender<Option<PanelState>>,
}

impl TestPanels {
    /// Refuses from now on.
    pub fn refuse(&self, why: Option<&str>) {
        *self.refusal.lock().unwrap() = why.map(str::to_owned);
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
            *state = Some(PanelState {
                version: version + 1,
                question: String::new(),
                round,
                phase,
                seats: vec![PanelSeat {
                    name: "Alpha".to_owned(),
                    standing: "answering".to_owned(),
                    tokens: 7 * version,
                }],
                claims,
                cost: MicroUsd::ZERO,
                fault: fault.map(str::to_owned),
            });
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
        let refusal = self.refusal.lock().unwrap().clone();
        refusal.map_or(Ok(()), |why| Err(PanelRefusal(why)))
    }
}

#[async_trait]
impl Panels for TestPanels {
    async fn convene(
        &self,
        panel: Uuid,
        question: &str,
        by: &Author,
    ) -> Result<SessionId, PanelRefusal> {
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
        _: SessionId,
        round: u32,
        prompt: &str,
        steering: &[Steering],
        by: &Author,
    ) -> Result<(), PanelRefusal> {
        self.refused()?;
        self.begin(Begun {
            round,
            prompt: prompt.to_owned(),
            steering: steering.to_vec(),
            by: by.name.clone(),
        });
        Ok(())
    }

    async fn state(&self, _: SessionId) -> Result<PanelState, PanelRefusal> {
        let state = self.state.borrow().clone();
        state.ok_or_else(|| PanelRefusal("There is no such session.".to_owned()))
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
        stances: vec![("Beta".to_owned(), SnippetType::Challenge)],
        is_contested: true,
    }
}

/// A scene with a journal, a bus and panels, which outlive the bridge.
pub struct Bridged {
    pub scene: Scene,
    pub store: Arc<dyn Store>,
    pub bus: Arc<TestBus>,
    pub panels: Arc<TestPanels>,
    pub reins: Arc<Reins>,
    folder: tempfile::TempDir,
}

impl Bridged {
    pub async fn over(scene: Scene) -> Self {
        let store = SqliteStore::open_in_memory().await.unwrap();
        let routes = Routes {
            bot: id(scene.discord.bot()),
            bot_roles: [].into(),
            map: [].into(),
            default_agent: Name::parse("kasra").unwrap(),
        };
        Self {
            store: Arc::new(store),
            bus: Arc::default(),
            panels: Arc::default(),
            reins: Arc::new(Reins::new(Manner::of(routes))),
            folder: tempfile::tempdir().unwrap(),
            scene,
        }
    }

    /// Runs it until the commands are there.
    pub async fn live(&self) -> Running {
        let running = self.start(true).await;
        let registered = self.scene.discord.until(|view| {
            let is_live = view.gateway().live == 1;
            (is_live && view.commands().len() == 4).then_some(())
        });
        in_time(registered).await;
        running
    }

    /// Runs it, with panels or without.
    pub async fn start(&self, has_panels: bool) -> Running {
        let scene = &self.scene;
        let api_base = scene.discord.api_base();
        let panels = Arc::clone(&self.panels) as Arc<dyn Panels>;
        let parties = Parties {
            store: self.store.clone(),
            bus: Arc::clone(&self.bus) as _,
            sender: scene.sender(),
            files: Files::new(self.folder.path().to_owned(), &api_base).unwrap(),
            panels: has_panels.then_some(panels),
            recorder: None,
            clock: Arc::clone(&scene.clock) as _,
            ids: Arc::new(Uuid::now_v7),
        };
        let options = BridgeOptions {
            tenant: TenantId::local(),
            bot: id(scene.discord.bot()),
            connector: Name::parse("discord-connector").unwrap(),
            poll_interval: Duration::from_secs(15),
            reply_loop: true,
            pending_store: None,
        };
        let gateway = GatewayOptions {
            token: scene.discord.token().into(),
            gateway_url: scene.discord.gateway_url(),
            patience: PATIENCE,
            sender: scene.sender(),
        };
        let (health, _) = watch::channel(Health::default());
        let (trouble, _) = watch::channel(None);
        let reports = Reports {
            gateway: health,
            bus: trouble,
        };
        let stop = CancellationToken::new();
        let run = bridge::run(
            options,
            parties,
            gateway,
            reports,
            self.reins.clone(),
            stop.clone(),
        );
        Running {
            stop,
            task: tokio::spawn(async move {
                run.await.unwrap();
            }),
        }
    }

    pub fn command(&self, name: &str, options: &Value) -> Id {
        let scene = &self.scene;
        let given = scene
            .discord
            .command(scene.alice, scene.general, name, options);
        given.unwrap()
    }

    /// What the bot says in a channel, once one of it is like this.
    pub async fn until_said(
        &self,
        channel: Id,
        words: &str,
    ) -> husting_test_support::discord::Message {
        let said = self.scene.discord.until(|view| {
            let mut posted = view.posted(channel).into_iter();
            posted.find(|message| message.content.contains(words))
        });
        in_time(said).await
    }

    /// The message that answered an interaction.
    pub async fn answer(&self, interaction: Id) -> husting_test_support::discord::Message {
        let said = self.scene.discord.until(|view| {
            let original = view.answer(interaction)?.original?;
            let channels = [self.scene.general, self.scene.other];
            let mut found = channels
                .iter()
                .filter_map(|channel| view.message(*channel, original));
            found.find(|message| !message.content.is_empty())
        });
        in_time(said).await
    }
}

/// A bridge at work; dropped, it dies where it is.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn stop(mut self) {
        self.stop.cancel();
        in_time(&mut self.task).await.unwrap();
    }

    /// Dies where it is.
    pub async fn die(mut self) {
        self.task.abort();
        assert!(in_time(&mut self.task).await.is_err());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
