//! A program that is killed and started again between a Discord and providers that live on.

use husting_domain::ids::SessionId;
use husting_test_support::Script;
use husting_test_support::discord::{
    FakeDiscord, Fault, INVITED_WITH, Id, Message, Settings, Strike, World, bits,
};
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{Panel, SEATS};
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_wire::commands::{FindSessions, ReadSession, StartBridge, TestDiscord};
use husting_wire::discord::{FindingVerdict, TestBotToken};
use husting_wire::sessions::{ListSessions, SessionRef, SessionView};
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

/// What the panel is asked.
pub const QUESTION: &str = "Should we keep the events in one table, @everyone?";

/// A data folder, a Discord with one person, and providers, which outlive every instance.
pub struct Scene {
    pub home: Home,
    pub discord: FakeDiscord,
    pub panel: Panel,
    ana: Id,
    pub general: Id,
}

impl Scene {
    pub async fn set(script: Script) -> Self {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        let ana = world.person("ana");
        let guild = world.guild("Workshop");
        world.join(guild, ana);
        let general = world.channel(guild, "general");
        world.allow_bot(guild, INVITED_WITH | bits::CREATE_PUBLIC_THREADS);
        let discord = FakeDiscord::start(world).await.unwrap();
        let panel = Panel::start(script).await;
        let home = Home::new();
        panel.seat_at(&home).await;
        let chosen = SEATS.map(|seat| seat.id);
        let words = [&["models", "panel"][..], &chosen].concat();
        home.run(&words).await.done();
        Self {
            home,
            discord,
            panel,
            ana,
            general,
        }
    }

    async fn serve(&self) -> Instance {
        let [base, gateway] = [self.discord.api_base(), self.discord.gateway_url()];
        let endpoints = [
            ("DISCORD_API_BASE", base.as_str()),
            ("DISCORD_GATEWAY_URL", gateway.as_str()),
        ];
        Instance::start_with(&self.home, husting(), &endpoints).await
    }

    /// The bot is given to the console, and the bridge runs from now on.
    pub async fn set_up(&self) -> Instance {
        let instance = self.serve().await;
        let token = Some(self.discord.token());
        let told = instance.call::<TestDiscord>(TestBotToken { token }).await;
        let first = told.unwrap().findings.remove(0);
        assert_eq!(first.verdict, FindingVerdict::Well, "{first:?}");
        instance.call::<StartBridge>(Nothing {}).await.unwrap();
        self.until_live().await;
        instance
    }

    /// The same after another instance, by nothing but what that left on disk.
    pub async fn set_up_before(&self) -> Instance {
        let gone = self
            .discord
            .until(|view| (view.gateway().live == 0).then_some(()));
        wait_for("the end of the last connection", gone).await;
        let instance = self.serve().await;
        self.until_live().await;
        instance
    }

    async fn until_live(&self) {
        let live = self.discord.until(|view| {
            let hears = view.gateway().live == 1;
            let knows = view.commands().iter().any(|name| name == "deliberate");
            (hears && knows).then_some(())
        });
        wait_for("the bridge", live).await;
    }

    /// Requests to a route stand at a gate from now on.
    pub fn hold(&self, route: &str, gate: &str) {
        let gate = Fault::GateBefore {
            gate: gate.to_owned(),
        };
        self.discord.strike(Strike::new(gate).on(route));
    }

    pub fn type_command(&self, name: &str, options: &Value) -> Id {
        let typed = self.discord.command(self.ana, self.general, name, options);
        typed.unwrap()
    }

    /// The panel's message, once it says so.
    pub async fn shown(&self, words: &str) -> Message {
        let found = self.discord.until(|view| {
            let thread = *view.threads(self.general).first()?;
            let mut posted = view.posted(thread).into_iter();
            posted.find(|message| message.content.contains(words))
        });
        wait_for(words, found).await
    }

    /// The same with its buttons, and the words of its newest claim map.
    pub async fn map(&self, round: u32) -> Message {
        let message = self.shown(&format!("Round {round}: over")).await;
        assert!(message.content.contains("\n**1** "), "{}", message.content);
        assert!(message.content.contains("\n> "), "{}", message.content);
        let row = message.components[0]["components"].as_array().unwrap();
        let labels: Vec<&str> = row.iter().filter_map(|it| it["label"].as_str()).collect();
        let expected: &[&str] = match message.content.contains("For the next round") {
            true => &["Challenge", "Keep", "Take back", "Next round"],
            false => &["Challenge", "Keep", "Next round"],
        };
        assert_eq!(labels, expected);
        message
    }

    /// Presses a button and sends its form.
    pub async fn send(&self, message: &Message, label: &str, fields: &[(&str, &str)]) {
        let row = message.components[0]["components"].as_array().unwrap();
        let button = row.iter().find(|button| button["label"] == label).unwrap();
        let id = button["custom_id"].as_str().unwrap();
        let pressed = self
            .discord
            .press(self.ana, message.channel_id, message.id, id);
        let pressed = pressed.unwrap();
        let form = wait_for("a form", self.discord.until_answered(pressed)).await;
        assert!(form.modal.is_some(), "{label}: {form:?}");
        let sent = self.discord.submit(self.ana, pressed, fields).unwrap();
        wait_for("its answer", self.discord.until_answered(sent)).await;
    }

    /// The one session that there is.
    pub async fn session(&self, instance: &Instance) -> SessionView {
        let listed = instance.call::<FindSessions>(ListSessions::default()).await;
        let ids: Vec<SessionId> = listed
            .unwrap()
            .sessions
            .iter()
            .map(|session| session.session_id)
            .collect();
        let [session_id] = ids[..] else {
            panic!("one panel is one session: {ids:?}")
        };
        let read = instance.call::<ReadSession>(SessionRef { session_id });
        read.await.unwrap()
    }

    /// What stands in a channel by the bot, Discord's own notices left out.
    pub fn said(&self, channel: Id) -> Vec<Message> {
        let mut posted = self.discord.look(|view| view.posted(channel));
        posted.retain(|message| !message.content.is_empty());
        posted
    }

    /// One question in the channel, one thread of it, one message in that; and nobody was notified.
    pub fn assert_said_once(&self, panel: Id) {
        let threads = self.discord.look(|view| view.threads(self.general));
        let [thread] = threads[..] else {
            panic!("one thread: {threads:?}")
        };
        let asked = self.said(self.general);
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(
            asked[0].content,
            format!("**ana** asks **a panel**: {QUESTION}")
        );
        let shown: Vec<Id> = self.said(thread).iter().map(|each| each.id).collect();
        assert_eq!(shown, [panel]);
        self.assert_notifies_nobody();
    }

    /// Every message that was sent, in whatever body, says that it notifies nobody.
    pub fn assert_notifies_nobody(&self) {
        let requests = self.discord.requests();
        let bodies = requests.iter().map(|request| &request.body);
        let messages: Vec<&Value> = bodies
            .flat_map(|body| [body, &body["data"]])
            .filter(|message| message["content"].is_string())
            .collect();
        assert!(!messages.is_empty());
        for message in messages {
            assert_eq!(message["allowed_mentions"]["parse"], json!([]), "{message}");
        }
    }
}
