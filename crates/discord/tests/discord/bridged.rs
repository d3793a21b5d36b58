//! A whole bridge between the fake Discord, a bus of the test's and panels of the test's.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_discord::bridge::{self, BridgeOptions, Manner, Parties, Reins, Reports};
use husting_discord::bus::Letter;
use husting_discord::files::Files;
use husting_discord::gateway::{GatewayOptions, Health};
use husting_discord::inbound::Routes;
use husting_discord::panels::Panels;
use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState, Reply, ReplyState, RequestId};
use husting_domain::ids::TenantId;
use husting_store::{DiscordWrite, SqliteStore, Store, Unit, Write};
use husting_test_support::discord::Id;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::scene::{PATIENCE, Scene, id, in_time};
use crate::test_bus::TestBus;
use crate::test_panels::TestPanels;

/// A scene with a journal, a bus and panels, which outlive the bridge.
pub struct Bridged {
    pub scene: Scene,
    pub store: Arc<dyn Store>,
    pub bus: Arc<TestBus>,
    pub panels: Arc<TestPanels>,
    pub reins: Arc<Reins>,
    /// By which the bridge's sender waits: the scene's, where a test has no other.
    pub sends_by: SharedClock,
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
            sends_by: Arc::clone(&scene.clock) as _,
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
            sender: scene.sender_by(Arc::clone(&self.sends_by)),
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

    /// A person mentions the bot.
    pub fn ask(&self, channel: Id, words: &str) -> Id {
        let scene = &self.scene;
        let words = format!("<@{}> {words}", scene.discord.bot());
        scene.discord.say(scene.alice, channel, &words).unwrap()
    }

    /// A person mentions the bot, and their question is on the bus: their message, and its letter.
    pub async fn asked(&self, channel: Id, words: &str) -> (Id, Letter) {
        let before = self.bus.sent();
        let message = self.ask(channel, words);
        let letter = self.bus.until_sent(before + 1).await.remove(before);
        self.until_state(letter.request, InboundState::Sent).await;
        (message, letter)
    }

    /// The newest of the bot's questions, once they are like this.
    pub async fn until_asked<T>(&self, find: impl Fn(&[Inbound]) -> Option<T>) -> T {
        let (tenant, bot) = (TenantId::local(), id(self.scene.discord.bot()));
        let mut journal = self.reins.journal();
        let looking = async {
            loop {
                journal.mark_unchanged();
                let asked = self.store.discord_questions(&tenant, bot, 100).await;
                if let Some(found) = find(&asked.unwrap()) {
                    return found;
                }
                journal.changed().await.unwrap();
            }
        };
        in_time(looking).await
    }

    /// One question, once it is like this.
    pub async fn until_question(
        &self,
        request: RequestId,
        is_so: impl Fn(&Inbound) -> bool,
    ) -> Inbound {
        let find = |asked: &[Inbound]| {
            let found = asked.iter().find(|each| each.request == request);
            found.filter(|each| is_so(each)).cloned()
        };
        self.until_asked(find).await
    }

    /// One question, once it is in this state.
    pub async fn until_state(&self, request: RequestId, state: InboundState) -> Inbound {
        self.until_question(request, |question| question.state == state)
            .await
    }

    /// The replies in a state, once they are so many.
    pub async fn until_replies(&self, state: ReplyState, count: usize) -> Vec<Reply> {
        let (tenant, bot) = (TenantId::local(), id(self.scene.discord.bot()));
        let mut journal = self.reins.journal();
        let looking = async {
            loop {
                journal.mark_unchanged();
                let found = self
                    .store
                    .discord_replies_in(&tenant, bot, state, 100)
                    .await;
                let found = found.unwrap();
                if found.len() >= count {
                    return found.into_iter().map(|each| each.reply).collect();
                }
                journal.changed().await.unwrap();
            }
        };
        in_time(looking).await
    }

    /// Until every panel rests or is over.
    pub async fn until_no_panel_is_at_work(&self) {
        let (tenant, bot) = (TenantId::local(), id(self.scene.discord.bot()));
        let mut journal = self.reins.journal();
        let looking = async {
            loop {
                journal.mark_unchanged();
                let at_work = self.store.discord_panels_at_work(&tenant, bot).await;
                if at_work.unwrap().is_empty() {
                    return;
                }
                journal.changed().await.unwrap();
            }
        };
        in_time(looking).await;
    }

    /// An agent answers a question.
    pub fn reply(&self, letter: &Letter, words: &str) {
        let text = format!("{words} {{ack_for:{}}}", letter.request);
        self.bus.write(letter.to.as_str(), &text);
    }

    /// Waits until a message has these marks and no others.
    pub async fn until_marked(&self, (channel, message): (Id, Id), marks: &[&str]) {
        let marked = self.scene.discord.until(|view| {
            let reactions = &view.message(channel, message)?.reactions;
            let shown = reactions.iter().map(|reaction| reaction.emoji.as_str());
            shown.eq(marks.iter().copied()).then_some(())
        });
        in_time(marked).await;
    }

    /// What somebody else than the bridge writes into its journal.
    pub async fn journal(&self, write: DiscordWrite) {
        let unit = Unit::of(TenantId::local()).write(Write::Discord(write));
        self.store.commit(unit).await.unwrap();
    }

    /// What the bot said in a channel so far.
    pub fn said(&self, channel: Id) -> Vec<String> {
        let said = self.scene.discord.look(|view| view.posted(channel));
        said.into_iter().map(|message| message.content).collect()
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
