//! Setting the bridge up, and what the operator does with its journal.

use std::sync::Arc;

use husting_clock::{ManualClock, SharedClock};
use husting_console::{Caller, Console, DiscordEndpoints, Door, Keys, Setup};
use husting_domain::agents::Name;
use husting_domain::audit::Action;
use husting_domain::discord::{
    Author, Inbound, InboundState, KnownChannel, Place, Post, Reply, ReplyState, RequestId,
    Snowflake, Stop,
};
use husting_domain::discord_panels::{DiscordPanel, PanelStage};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::time::Timestamp;
use husting_store::{
    AuditFilter, DiscordWrite, PanelWrite, ReplyWithPosts, SqliteStore, Store, Unit, Write,
};
use husting_test_support::discord::{FakeDiscord, Id, World};
use husting_wire::commands::{
    AskAgain, CancelRound, ChangeDiscord, ConveneSession, FindServers, FindTraffic, FollowQuestion,
    ForgetBot, ForgetPlace, GivePlace, HoldBridge, LetGo, PostAgain, PutReplyAway, ReadDiscord,
    RetryRound, StartBridge, StopBridge, TakeReplyBack, TellProtocol, TestDiscord,
};
use husting_wire::discord::{
    AgentNamed, DiscordView, EditDiscord, FindingVerdict, ListTraffic, PauseBridge, PlaceReply,
    QuestionRef, ReleaseQuestion, ReplyRef, SetRoute, TestBotToken, TraceQuestion, Traffic,
};
use husting_wire::errors::ErrorCode;
use husting_wire::rounds::RoundRef;
use husting_wire::sessions::{Convene, Outcome, SessionRef};
use husting_wire::settings::{EditSettings, Nothing};
use uuid::Uuid;

use crate::desk::{Desk, hand_clock};

/// A console beside a Discord with one server.
pub struct Scene {
    pub desk: Desk,
    store: Arc<dyn Store>,
    clock: ManualClock,
    discord: FakeDiscord,
    guild: Id,
    pub hq: Id,
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn snowflake(id: Id) -> Snowflake {
    Snowflake::new(id.get()).unwrap()
}

pub fn request(n: u128) -> RequestId {
    RequestId(Uuid::from_u128(n))
}

pub fn reply_id(n: u128) -> Uuid {
    Uuid::from_u128(1_000 + n)
}

impl Scene {
    async fn new() -> Self {
        let mut world = World::new();
        let guild = world.guild("Workshop");
        let hq = world.channel(guild, "hq");
        Self::of(world, guild, hq).await
    }

    async fn of(world: World, guild: Id, hq: Id) -> Self {
        let discord = FakeDiscord::start(world).await.unwrap();
        let home = Arc::new(tempfile::tempdir().unwrap());
        let clock = hand_clock();
        let shared: SharedClock = Arc::new(clock.clone());
        let store = SqliteStore::open(home.path(), shared.now()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let setup = Setup {
            home: home.path().to_owned(),
            store: store.clone(),
            keys: Keys::in_memory(),
            clock: shared,
            overrides: EditSettings::default(),
            found_keys: Vec::new(),
            runs_agents: true,
            bot_locks: home.path().join("bots"),
            surroundings: husting_console::Surroundings::default(),
            discord: DiscordEndpoints {
                api_base: discord.api_base(),
                gateway_url: Some(discord.gateway_url()),
            },
        };
        let desk = Desk {
            console: Console::open(setup).await.unwrap(),
            caller: Caller::Operator { door: Door::Window },
            home,
        };
        Self {
            desk,
            store,
            clock,
            discord,
            guild,
            hq,
        }
    }

    /// With the bot's token tested and kept.
    pub async fn set_up() -> Self {
        let scene = Self::new().await;
        scene.test(Some(scene.discord.token())).await;
        scene
    }

    async fn test(&self, token: Option<String>) -> husting_wire::discord::DiscordFindings {
        self.desk.ask::<TestDiscord>(TestBotToken { token }).await
    }

    pub async fn view(&self) -> DiscordView {
        self.desk.ask::<ReadDiscord>(Nothing {}).await
    }

    pub fn bot(&self) -> Snowflake {
        snowflake(self.discord.bot())
    }

    /// So many seconds after the scene began.
    pub fn at(&self, second: i64) -> Timestamp {
        Timestamp::from_micros(self.start().as_micros() + second * 1_000_000)
    }

    fn start(&self) -> Timestamp {
        use husting_clock::Clock as _;
        self.clock.now()
    }

    /// Asked of kasra in #hq, so many seconds ago.
    pub fn question(&self, n: u128, text: &str, ago: i64) -> Inbound {
        Inbound {
            request: request(n),
            amends: None,
            bot: self.bot(),
            message: Snowflake::new(u64::try_from(5_000 + n).unwrap()).unwrap(),
            place: Place {
                guild: Some(snowflake(self.guild)),
                channel: snowflake(self.hq),
                thread: None,
            },
            author: Author {
                id: Snowflake::new(70).unwrap(),
                name: "Zoë".to_owned(),
            },
            text: text.to_owned(),
            attachments: Vec::new(),
            received_at: self.at(-ago),
            agent: name("kasra"),
            state: InboundState::Sent,
            bus_id: Some(format!("q{n}")),
            sent_at: Some(self.at(-ago)),
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            fault: None,
        }
    }

    fn resting_question(&self, n: u128, state: InboundState) -> Inbound {
        Inbound {
            state,
            bus_id: None,
            sent_at: None,
            fault: Some("why it rests".to_owned()),
            ..self.question(n, "Anyone?", 60)
        }
    }

    /// Without a place, so many seconds ago.
    pub fn unplaced(&self, n: u128, text: &str, ago: i64) -> Reply {
        Reply {
            id: reply_id(n),
            bot: self.bot(),
            bus_id: format!("r{n}"),
            agent: "kasra".to_owned(),
            text: text.to_owned(),
            ok: true,
            request: None,
            place: None,
            reply_to: None,
            arrived_at: self.at(-ago),
            state: ReplyState::Unplaced,
            rested_at: None,
            fault: Some("it names no question".to_owned()),
        }
    }

    pub async fn keep(&self, write: DiscordWrite) {
        let unit = Unit::of(TenantId::local()).write(Write::Discord(write));
        self.store.commit(unit).await.unwrap();
    }

    pub async fn journal(&self, question: Inbound) {
        self.keep(DiscordWrite::Journal(Box::new(question))).await;
    }

    /// A person says STOP in #hq or a thread of it, so many seconds ago.
    pub async fn stop(&self, thread: Option<u64>, ago: i64) {
        let thread = thread.map(|id| Snowflake::new(id).unwrap());
        let channel = KnownChannel {
            id: thread.unwrap_or(snowflake(self.hq)),
            guild: Some(snowflake(self.guild)),
            parent: thread.map(|_| snowflake(self.hq)),
            name: Some(thread.map_or("hq", |_| "Hamburg Friday").to_owned()),
            last_message: None,
            stopped_at: Some(self.at(-ago)),
        };
        let bot = self.bot();
        self.keep(DiscordWrite::Channel { bot, channel }).await;
        let said = Stop {
            bot,
            message: Snowflake::new(u64::try_from(9_000 - ago).unwrap()).unwrap(),
            place: Place {
                thread,
                ..self.question(1, "", 0).place
            },
            author: Author {
                id: Snowflake::new(71).unwrap(),
                name: "Ines".to_owned(),
            },
            at: self.at(-ago),
        };
        self.keep(DiscordWrite::Stop(Box::new(said))).await;
    }

    pub async fn take_in(&self, reply: Reply, posts: Vec<Post>) {
        let reply = Box::new(reply);
        self.keep(DiscordWrite::Reply { reply, posts }).await;
    }

    pub async fn kept(&self, n: u128) -> ReplyWithPosts {
        let tenant = TenantId::local();
        let found = self.store.discord_reply(&tenant, reply_id(n)).await;
        found.unwrap().unwrap()
    }

    pub async fn asked(&self, n: u128) -> Inbound {
        let tenant = TenantId::local();
        let found = self.store.discord_question(&tenant, request(n)).await;
        found.unwrap().unwrap()
    }

    /// What the log says of the bridge's journal, oldest first.
    pub async fn log(&self) -> Vec<(Action, Uuid)> {
        let filter = AuditFilter {
            actions: vec![
                Action::Place,
                Action::Dismiss,
                Action::Restore,
                Action::Redeliver,
                Action::Withdraw,
            ],
            limit: 100,
            ..AuditFilter::default()
        };
        let rows = self.store.audit_rows(&TenantId::local(), &filter).await;
        let rows = rows.unwrap().into_iter().rev();
        rows.map(|row| (row.entry.action, row.entry.subject.unwrap()))
            .collect()
    }
}

pub fn of(n: u128) -> ReplyRef {
    ReplyRef {
        reply_id: reply_id(n),
    }
}

#[tokio::test]
async fn a_token_that_discord_takes_is_kept_and_one_that_it_does_not_changes_nothing() {
    let scene = Scene::new().await;
    let refused = scene.test(Some("not.a.token".to_owned())).await;
    let first = &refused.findings[0];
    assert_eq!(first.verdict, FindingVerdict::Fault, "{first:?}");
    assert_eq!(
        first.words,
        "Discord does not take it: paste the token that the sandbox prints"
    );
    assert_eq!(
        (refused.token_taken, refused.view.setup.bot),
        (Some(false), None)
    );
    let error = scene
        .desk
        .refused::<TestDiscord>(TestBotToken { token: None })
        .await;
    assert_eq!(error.code, ErrorCode::InvalidState);

    let token = scene.discord.token();
    let taken = scene.test(Some(format!(" {token}\n"))).await;
    assert_eq!(taken.findings[0].verdict, FindingVerdict::Well);
    assert_eq!(taken.token_taken, Some(true));
    let bot = taken.view.setup.bot.unwrap();
    assert_eq!(bot.id, scene.bot());
    assert!(token.ends_with(&bot.token_tail) && bot.token_tail.len() == 4);
    assert!(taken.view.setup.application_id.is_some());
    let invitation = taken.view.setup.invitation.unwrap();
    assert!(
        invitation.contains("permissions=274877975552"),
        "{invitation}"
    );

    // The kept one is asked again.
    let again = scene.test(None).await;
    assert_eq!(again.findings[0].verdict, FindingVerdict::Well);
    assert_eq!(again.view.setup.bot.unwrap().token_tail, bot.token_tail);
    let stored = scene.store.setting(&TenantId::local(), "discord").await;
    assert!(!stored.unwrap().unwrap().contains(&token));

    let forgotten = scene.desk.ask::<ForgetBot>(Nothing {}).await;
    assert_eq!(forgotten.setup.bot, None);
    let error = scene
        .desk
        .refused::<TestDiscord>(TestBotToken { token: None })
        .await;
    assert_eq!(error.code, ErrorCode::InvalidState, "the token is gone");
}

#[tokio::test]
async fn servers_are_listed_with_what_the_bot_lacks_and_the_invitation_that_grants_it() {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = world.channel(guild, "hq");
    let thread = world.thread(hq, "Hamburg Friday");
    // View Channels, Read Message History.
    world.allow_bot(guild, 1 << 10 | 1 << 16);
    let scene = Scene::of(world, guild, hq).await;
    scene.test(Some(scene.discord.token())).await;

    let servers = scene.desk.ask::<FindServers>(Nothing {}).await.servers;
    assert_eq!(servers.len(), 1);
    let channels = &servers[0].channels;
    let hq = channels
        .iter()
        .find(|channel| channel.name == "hq")
        .unwrap();
    let mut after = channels.iter().skip_while(|channel| channel.id != hq.id);
    assert_eq!(after.nth(1).unwrap().id, snowflake(thread));
    assert_eq!(hq.lacking, ["Send Messages", "Send Messages in Threads"]);
    let invitation = hq.invitation.as_deref().unwrap();
    assert!(
        invitation.contains(&format!("guild_id={guild}")),
        "{invitation}"
    );

    // Routes are shown by the names that were told.
    let edit = EditDiscord {
        routes: Some(vec![SetRoute {
            channel_id: hq.id,
            agent: Some(name("kasra")),
        }]),
        ..EditDiscord::default()
    };
    let route = scene.desk.ask::<ChangeDiscord>(edit).await.setup.routes;
    assert_eq!(route[0].name.as_deref(), Some("hq"));
    assert_eq!(route[0].lacking.as_ref(), Some(&hq.lacking));
}

#[tokio::test]
async fn nobody_is_asked_who_is_not_there_and_the_bridge_does_not_ask_itself() {
    let scene = Scene::new().await;
    let to = |agent: &str| EditDiscord {
        routes: Some(vec![SetRoute {
            channel_id: Snowflake::new(41).unwrap(),
            agent: Some(name(agent)),
        }]),
        own_names: Some(true),
        ..EditDiscord::default()
    };
    for (edit, field, words) in [
        (to("nobody"), "routes", "husting agent mint nobody"),
        (to("discord-connector"), "routes", "does not answer itself"),
        (
            EditDiscord {
                default_agent: Some(name("nobody")),
                ..EditDiscord::default()
            },
            "default_agent",
            "husting agent mint nobody",
        ),
        (
            EditDiscord {
                panels_per_day: Some(1_001),
                ..EditDiscord::default()
            },
            "panels_per_day",
            "0 to 1,000",
        ),
    ] {
        let refused = scene.desk.refused::<ChangeDiscord>(edit).await;
        assert_eq!(refused.code, ErrorCode::InvalidBody);
        assert_eq!(refused.details.as_ref().unwrap()["field"], field);
        assert!(refused.message.contains(words), "{}", refused.message);
    }
    let untouched = scene.view().await.setup;
    assert!(untouched.routes.is_empty() && !untouched.own_names);

    let mapped = scene.desk.ask::<ChangeDiscord>(to("kasra")).await.setup;
    assert_eq!(mapped.routes[0].agent, name("kasra"));
    let unmapped = EditDiscord {
        routes: Some(vec![SetRoute {
            channel_id: Snowflake::new(41).unwrap(),
            agent: None,
        }]),
        ..EditDiscord::default()
    };
    let unmapped = scene.desk.ask::<ChangeDiscord>(unmapped).await.setup;
    assert!(unmapped.routes.is_empty() && unmapped.own_names);
}

#[tokio::test]
async fn who_is_gone_is_not_counted_among_those_who_can_be_told_the_protocol() {
    let scene = Scene::set_up().await;
    let of_gone = Reply {
        agent: "loom".to_owned(),
        ..scene.unplaced(1, "The fourth pallet stays on the dock.", 20)
    };
    scene.take_in(of_gone, Vec::new()).await;
    let text = "The train to Hamburg leaves at ten.";
    scene.take_in(scene.unplaced(2, text, 10), Vec::new()).await;
    let view = scene.view().await;
    assert_eq!(
        view.unplaced.len(),
        2,
        "what it wrote has a place to find still"
    );
    let told: Vec<_> = view.without_ack.iter().map(|one| &one.agent).collect();
    assert_eq!(told, ["kasra"]);
}

#[tokio::test]
async fn an_unplaced_reply_is_given_the_likeliest_place_once() {
    let scene = Scene::set_up().await;
    let [train, lunch] = ["Which train goes to Hamburg?", "What is for lunch?"];
    scene.journal(scene.question(1, train, 60)).await;
    scene.journal(scene.question(2, lunch, 30)).await;
    let text = "The train to Hamburg leaves at ten.";
    scene.take_in(scene.unplaced(1, text, 10), Vec::new()).await;

    let view = scene.view().await;
    assert_eq!(view.waiting.len(), 2);
    assert_eq!(view.without_ack[0].count, 1);
    let [unplaced] = &view.unplaced[..] else {
        panic!("{:?}", view.unplaced);
    };
    let origins: Vec<_> = unplaced.origins.iter().map(|one| one.request_id).collect();
    assert_eq!(origins, [request(1), request(2)]);
    assert_eq!(unplaced.origins[0].shared_words, ["hamburg", "train"]);

    let place = PlaceReply {
        reply_id: reply_id(1),
        request_id: request(1),
        always: true,
    };
    let view = scene.desk.ask::<GivePlace>(place.clone()).await;
    assert!(view.unplaced.is_empty());
    assert_eq!(
        view.setup.standing_places[0].channel_id,
        snowflake(scene.hq)
    );
    assert_eq!(view.without_ack[0].count, 1, "it stays counted");
    let kept = scene.kept(1).await;
    assert_eq!(kept.reply.state, ReplyState::Waiting);
    assert_eq!(kept.reply.reply_to, Some(scene.asked(1).await.message));
    assert_eq!(kept.posts.len(), 1);
    assert_eq!(kept.posts[0].content, text);
    assert_eq!(scene.asked(1).await.state, InboundState::Answered);

    let again = scene.desk.refused::<GivePlace>(place).await;
    assert_eq!(again.code, ErrorCode::InvalidState);
    assert!(again.message.contains("on its way"), "{}", again.message);
    let agent = AgentNamed {
        agent: name("kasra"),
    };
    let view = scene.desk.ask::<ForgetPlace>(agent.clone()).await;
    assert!(view.setup.standing_places.is_empty());
    let gone = scene.desk.refused::<ForgetPlace>(agent).await;
    assert_eq!(gone.code, ErrorCode::NotFound);
    assert_eq!(scene.log().await, [(Action::Place, reply_id(1))]);
}

#[tokio::test]
async fn what_waits_is_counted_by_what_the_bridge_has_to_do_with_it() {
    let scene = Scene::set_up().await;
    let unasked = Inbound {
        fault: None,
        ..scene.resting_question(1, InboundState::Journalled)
    };
    scene.journal(unasked).await;
    let asked = scene.question(2, "Why?", 60);
    scene.journal(asked.clone()).await;
    for n in 1..=2 {
        let reply = Reply {
            request: Some(asked.request),
            place: Some(asked.place),
            reply_to: Some(asked.message),
            state: ReplyState::Waiting,
            fault: None,
            ..scene.unplaced(n, "So.", 20)
        };
        scene.take_in(reply, Vec::new()).await;
    }
    let stand = scene.view().await.stand;
    let told = (stand.to_ask, stand.to_post, stand.to_convene);
    assert_eq!(told, (1, 2, 0));
}

#[tokio::test]
async fn what_is_put_away_comes_back_as_it_was() {
    let scene = Scene::set_up().await;
    scene.journal(scene.question(1, "Why?", 60)).await;
    scene
        .take_in(scene.unplaced(1, "So.", 20), Vec::new())
        .await;
    let asked = scene.asked(1).await;
    let barred = Reply {
        request: Some(asked.request),
        place: Some(asked.place),
        reply_to: Some(asked.message),
        state: ReplyState::Barred,
        fault: Some("Missing Permissions".to_owned()),
        ..scene.unplaced(2, "Because.", 10)
    };
    let post = Post {
        reply: reply_id(2),
        part: 0,
        content: "Because.".to_owned(),
        file: None,
        nonce: "n".to_owned(),
        message: None,
    };
    scene.take_in(barred, vec![post]).await;

    let view = scene.view().await;
    assert_eq!((view.unplaced.len(), view.resting.len()), (1, 1));
    for n in [1, 2] {
        scene.desk.ask::<PutReplyAway>(of(n)).await;
        let restore = format!("`husting discord restore {}` takes it back", reply_id(n));
        let twice = scene.desk.refused::<PutReplyAway>(of(n)).await;
        assert_eq!(twice.code, ErrorCode::InvalidState);
        assert!(twice.message.contains(&restore), "{}", twice.message);
        let retried = scene.desk.refused::<PostAgain>(of(n)).await;
        assert_eq!(retried.code, ErrorCode::InvalidState);
        assert!(retried.message.contains(&restore), "{}", retried.message);
    }
    let view = scene.view().await;
    assert!(view.unplaced.is_empty() && view.resting.is_empty());

    for n in [1, 2] {
        scene.desk.ask::<TakeReplyBack>(of(n)).await;
    }
    let unplaced = scene.view().await.unplaced;
    assert_eq!(unplaced[0].why.as_deref(), Some("it names no question"));
    let parked = scene.kept(2).await.reply;
    assert_eq!(parked.state, ReplyState::Parked);
    assert_eq!(parked.fault.as_deref(), Some("Missing Permissions"));
    let nowhere = scene.desk.refused::<PostAgain>(of(1)).await;
    assert!(nowhere.message.contains("place"), "{}", nowhere.message);
    scene.desk.ask::<PostAgain>(of(2)).await;
    let waiting = scene.kept(2).await;
    assert_eq!(
        (waiting.reply.state, waiting.posts.len()),
        (ReplyState::Waiting, 1)
    );
    let unknown = scene.desk.refused::<TakeReplyBack>(of(9)).await;
    assert_eq!(unknown.code, ErrorCode::NotFound);
    let log = [
        (Action::Dismiss, 1),
        (Action::Dismiss, 2),
        (Action::Restore, 1),
        (Action::Restore, 2),
        (Action::Redeliver, 2),
    ];
    assert_eq!(
        scene.log().await,
        log.map(|(action, n)| (action, reply_id(n)))
    );
}

#[tokio::test]
async fn what_is_of_another_bot_is_nothing_to_place_put_away_or_ask() {
    let scene = Scene::set_up().await;
    let other = Snowflake::new(4).unwrap();
    let own = scene.question(1, "Why?", 60);
    scene.journal(own).await;
    let theirs = Inbound {
        bot: other,
        ..scene.resting_question(2, InboundState::Parked)
    };
    scene.journal(theirs).await;
    scene
        .take_in(scene.unplaced(1, "So.", 20), Vec::new())
        .await;
    let reply = Reply {
        bot: other,
        ..scene.unplaced(2, "So.", 20)
    };
    scene.take_in(reply, Vec::new()).await;
    let place = |n, of| PlaceReply {
        reply_id: reply_id(n),
        request_id: request(of),
        always: false,
    };
    for (n, of) in [(1, 2), (2, 1)] {
        let refused = scene.desk.refused::<GivePlace>(place(n, of)).await;
        assert_eq!(refused.code, ErrorCode::NotFound, "{n} {of}");
    }
    let refused = scene.desk.refused::<PutReplyAway>(of(2)).await;
    assert_eq!(refused.code, ErrorCode::NotFound);
    let request_id = request(2);
    let refused = scene
        .desk
        .refused::<AskAgain>(QuestionRef { request_id })
        .await;
    assert_eq!(refused.code, ErrorCode::NotFound);
    assert_eq!(scene.kept(2).await.reply.state, ReplyState::Unplaced);
    assert_eq!(scene.asked(2).await.state, InboundState::Parked);
}

#[tokio::test]
async fn questions_that_rest_are_asked_or_let_go_by_the_operators_word_alone() {
    let scene = Scene::set_up().await;
    for (n, state) in [
        (1, InboundState::Parked),
        (2, InboundState::Held),
        (3, InboundState::Held),
        (4, InboundState::Parked),
    ] {
        scene.journal(scene.resting_question(n, state)).await;
    }
    assert_eq!(scene.view().await.resting.len(), 4);
    let meant = |n| QuestionRef {
        request_id: request(n),
    };
    let release = |n, ask| ReleaseQuestion {
        request_id: request(n),
        ask,
    };
    let not_parked = scene.desk.refused::<AskAgain>(meant(2)).await;
    assert_eq!(not_parked.code, ErrorCode::InvalidState);
    assert!(
        not_parked.message.contains("heard late"),
        "{}",
        not_parked.message
    );
    let not_held = scene.desk.refused::<LetGo>(release(1, true)).await;
    assert_eq!(not_held.code, ErrorCode::InvalidState);
    assert!(
        not_held.message.contains("is parked"),
        "{}",
        not_held.message
    );
    let unknown = scene.desk.refused::<LetGo>(release(9, true)).await;
    assert_eq!(unknown.code, ErrorCode::NotFound);

    scene.desk.ask::<AskAgain>(meant(1)).await;
    scene.desk.ask::<LetGo>(release(2, true)).await;
    scene.desk.ask::<LetGo>(release(3, false)).await;
    let view = scene.desk.ask::<LetGo>(release(4, false)).await;
    assert!(view.resting.is_empty());
    let mut states = Vec::new();
    for n in [1, 2, 3, 4] {
        let question = scene.asked(n).await;
        assert_eq!(question.fault, None);
        states.push(question.state);
    }
    let expected = [
        InboundState::Journalled,
        InboundState::Journalled,
        InboundState::Withdrawn,
        InboundState::Withdrawn,
    ];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn traffic_is_paged_without_loss_and_one_question_is_followed() {
    let scene = Scene::set_up().await;
    // Pairs of one moment, a reply among them.
    for (n, ago) in [(1, 50), (2, 40), (3, 40), (4, 30)] {
        scene.journal(scene.question(n, "Why?", ago)).await;
    }
    let asked = scene.asked(2).await;
    let note = Inbound {
        amends: Some(asked.request),
        request: request(5),
        received_at: scene.at(-25),
        ..scene.question(2, "Why not?", 25)
    };
    scene.journal(note).await;
    let answer = Reply {
        request: Some(asked.request),
        place: Some(asked.place),
        reply_to: Some(asked.message),
        state: ReplyState::Waiting,
        ..scene.unplaced(1, "Because.", 30)
    };
    scene.take_in(answer, Vec::new()).await;

    for limit in 1..=7 {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let asked = ListTraffic {
                before,
                limit: Some(limit),
            };
            let page = scene.desk.ask::<FindTraffic>(asked).await;
            assert!(!page.traffic.is_empty(), "no page is empty");
            all.extend(page.traffic);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let mut ids: Vec<Uuid> = all.iter().map(id_of).collect();
        ids.sort();
        let mut expected: Vec<_> = (1..=5).map(|n| request(n).0).collect();
        expected.push(reply_id(1));
        assert_eq!(ids, expected, "{limit}");
    }
    let none = ListTraffic {
        before: None,
        limit: Some(0),
    };
    let refused = scene.desk.refused::<FindTraffic>(none).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);

    let message = asked.message.to_string();
    for id in [request(2).to_string(), message, request(5).to_string()] {
        let trace = scene.desk.ask::<FollowQuestion>(TraceQuestion { id }).await;
        assert_eq!(id_of(&trace.question), request(2).0);
        let followed: Vec<_> = trace.followed_by.iter().map(id_of).collect();
        assert_eq!(followed, [reply_id(1), request(5).0], "as they came");
        let Traffic::Out { author, place, .. } = &trace.followed_by[0] else {
            panic!("{trace:?}");
        };
        assert_eq!(author.as_deref(), Some("Zoë"));
        assert_eq!(place.as_deref(), Some(&*format!("#{}", scene.hq)));
    }
    // A reply leads to what it answers, and stands alone where it answers nothing.
    scene
        .take_in(scene.unplaced(7, "By the way.", 5), Vec::new())
        .await;
    for (reply, shown) in [(1, request(2).0), (7, reply_id(7))] {
        let id = reply_id(reply).to_string();
        let trace = scene.desk.ask::<FollowQuestion>(TraceQuestion { id }).await;
        assert_eq!(id_of(&trace.question), shown);
    }
    let id = reply_id(9).to_string();
    let unknown = scene
        .desk
        .refused::<FollowQuestion>(TraceQuestion { id })
        .await;
    assert_eq!(unknown.code, ErrorCode::NotFound);
    let id = "hello".to_owned();
    let nonsense = scene
        .desk
        .refused::<FollowQuestion>(TraceQuestion { id })
        .await;
    assert_eq!(nonsense.code, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_panel_that_a_person_asked_for_stands_in_the_traffic_with_its_session() {
    let scene = Scene::set_up().await;
    scene.journal(scene.question(1, "Why?", 60)).await;
    scene.journal(scene.question(2, "Why not?", 20)).await;
    let session = SessionId(Uuid::from_u128(77));
    let asked = |n: u128, ago: i64| DiscordPanel {
        // The traffic names who asked for it, whoever went on with it since.
        round_by: Author {
            name: "Kay".to_owned(),
            ..scene.question(1, "", 0).author
        },
        ..DiscordPanel::asked(
            (
                Uuid::from_u128(500 + n),
                Snowflake::new(u64::try_from(600 + n).unwrap()).unwrap(),
            ),
            scene.bot(),
            scene.question(1, "", 0).place,
            scene.question(1, "", 0).author,
            "Which train?".to_owned(),
            scene.at(-ago),
        )
    };
    let (first, second) = (asked(1, 40), asked(2, 10));
    let (panel, refused) = (first.id, second.id);
    for write in [
        PanelWrite::Open(Box::new(first)),
        PanelWrite::Convened { panel, session },
        PanelWrite::Open(Box::new(second)),
        PanelWrite::Move {
            panel: refused,
            from: PanelStage::Convening,
            to: PanelStage::Refused,
            fault: Some("The operator lets nobody.".to_owned()),
        },
    ] {
        scene.keep(DiscordWrite::Panel(write)).await;
    }

    let all = scene.desk.ask::<FindTraffic>(ListTraffic::default()).await;
    let ids: Vec<Uuid> = all.traffic.iter().map(id_of).collect();
    assert_eq!(ids, [refused, request(2).0, panel, request(1).0]);
    let convened = Traffic::Panel {
        panel_id: panel,
        session_id: Some(session),
        place: format!("#{}", scene.hq),
        author: "Zoë".to_owned(),
        question: "Which train?".to_owned(),
        round: 1,
        at: scene.at(-40),
        stage: PanelStage::Running,
        outcome: None,
        fault: None,
    };
    assert_eq!(all.traffic[2], convened);
    let Traffic::Panel {
        session_id: None,
        stage: PanelStage::Refused,
        fault: Some(why),
        ..
    } = &all.traffic[0]
    else {
        panic!("{:?}", all.traffic[0]);
    };
    assert_eq!(why, "The operator lets nobody.");
    // A page may end at a panel, and the next one begins behind it.
    let page = async |before| {
        let limit = Some(1);
        let asked = ListTraffic { before, limit };
        scene.desk.ask::<FindTraffic>(asked).await
    };
    let (mut listed, mut next) = (Vec::new(), None);
    for _ in 0..4 {
        let page = page(next).await;
        listed.extend(page.traffic.iter().map(id_of));
        next = page.next;
    }
    assert_eq!((listed, next), (ids, None));

    // What became of one that ended is told beside it, and none of a round that another one followed.
    let first_round = Convene {
        prompt: "Which train?".to_owned(),
        ..Convene::default()
    };
    let convened = scene.desk.ask::<ConveneSession>(first_round).await;
    let session_id = convened.session_id;
    scene
        .desk
        .ask::<CancelRound>(SessionRef { session_id })
        .await;
    let outcome_of = async |panel: Uuid| {
        let all = scene.desk.ask::<FindTraffic>(ListTraffic::default()).await;
        let mut told = all.traffic.iter().filter_map(|traffic| match traffic {
            Traffic::Panel {
                panel_id, outcome, ..
            } if *panel_id == panel => Some(*outcome),
            _ => None,
        });
        told.next().unwrap()
    };
    let (cancelled, rested) = (Some(Outcome::Cancelled), asked(5, 5).id);
    for (n, round, to, outcome) in [
        (3, 1, PanelStage::Ended, cancelled),
        (4, 2, PanelStage::Ended, None),
        (5, 1, PanelStage::Resting, cancelled),
    ] {
        let ended = DiscordPanel {
            round,
            ..asked(n, 5)
        };
        let panel = ended.id;
        for write in [
            PanelWrite::Open(Box::new(ended)),
            PanelWrite::Convened {
                panel,
                session: session_id,
            },
            PanelWrite::Move {
                panel,
                from: PanelStage::Running,
                to,
                fault: None,
            },
        ] {
            scene.keep(DiscordWrite::Panel(write)).await;
        }
        assert_eq!(outcome_of(panel).await, outcome, "round {round}, {to:?}");
    }
    let newest = RoundRef {
        session_id,
        round_id: None,
    };
    scene.desk.ask::<RetryRound>(newest).await;
    assert_eq!(outcome_of(rested).await, None, "it is being tried again");
}

#[tokio::test]
async fn what_rests_says_since_when_until_it_is_tried_again() {
    let scene = Scene::set_up().await;
    let held = Inbound {
        received_at: scene.at(-70),
        rested_at: Some(scene.at(-50)),
        ..scene.resting_question(1, InboundState::Held)
    };
    scene.journal(held).await;
    // Of a time in which it was not kept.
    let older = scene.resting_question(2, InboundState::Parked);
    scene.journal(older).await;
    scene.journal(scene.question(3, "Why?", 40)).await;
    let asked = scene.asked(3).await;
    let waiting = Reply {
        request: Some(asked.request),
        place: Some(asked.place),
        state: ReplyState::Waiting,
        fault: None,
        ..scene.unplaced(1, "So.", 20)
    };
    scene.take_in(waiting, Vec::new()).await;
    let rests = DiscordWrite::MoveReply {
        reply: reply_id(1),
        from: ReplyState::Waiting,
        to: ReplyState::Parked,
        at: scene.at(-10),
        fault: Some("Discord is full.".to_owned()),
    };
    scene.keep(rests).await;
    let since = |all: &[Traffic]| -> Vec<_> {
        let rests = all.iter().filter_map(|each| match each {
            Traffic::In { rested_at, .. } | Traffic::Out { rested_at, .. } => {
                Some((id_of(each), *rested_at))
            }
            Traffic::Stop { .. } | Traffic::Panel { .. } => None,
        });
        rests.collect()
    };
    let [first, second] = [1, 2].map(|n| request(n).0);
    let view = scene.view().await;
    let expected = [
        (first, Some(scene.at(-50))),
        (second, None),
        (reply_id(1), Some(scene.at(-10))),
    ];
    assert_eq!(since(&view.resting), expected);

    // Put away and taken back, it rests from that moment on.
    scene.desk.ask::<PutReplyAway>(of(1)).await;
    let restored = scene.desk.ask::<TakeReplyBack>(of(1)).await;
    assert_eq!(
        since(&restored.resting)[2],
        (reply_id(1), Some(scene.at(0)))
    );
    scene.desk.ask::<PostAgain>(of(1)).await;
    let ask = ReleaseQuestion {
        request_id: request(1),
        ask: true,
    };
    scene.desk.ask::<LetGo>(ask).await;
    let all = scene.desk.ask::<FindTraffic>(ListTraffic::default()).await;
    assert!(since(&all.traffic).iter().all(|(_, at)| at.is_none()));
}

pub fn id_of(traffic: &Traffic) -> Uuid {
    match traffic {
        Traffic::In { request_id, .. } => request_id.0,
        Traffic::Out { reply_id, .. } => *reply_id,
        Traffic::Stop { message_id, .. } => Uuid::from_u128(message_id.get().into()),
        Traffic::Panel { panel_id, .. } => *panel_id,
    }
}

#[tokio::test]
async fn without_a_bot_there_is_nothing_to_begin_to_end_or_to_hold() {
    let scene = Scene::new().await;
    let paused = PauseBridge { paused: true };
    let nothing = Nothing {};
    for refused in [
        scene.desk.refused::<StartBridge>(nothing).await,
        scene.desk.refused::<StopBridge>(nothing).await,
        scene.desk.refused::<HoldBridge>(paused).await,
    ] {
        assert_eq!(refused.code, ErrorCode::InvalidState);
        assert!(
            refused.message.contains("nothing runs"),
            "{}",
            refused.message
        );
    }
}

#[tokio::test]
async fn the_protocol_is_told_to_an_agent_that_is_there() {
    let (desk, _, anna, _) = crate::bus::pair().await;
    let agent = name("anna");
    desk.ask::<TellProtocol>(AgentNamed { agent }).await;
    let mail = crate::bus::inbox(&desk, &anna).await;
    assert!(mail.messages[0].text.contains("{ack_for:<uuid>}"));
    assert_eq!(mail.messages[0].request_id, None, "it asks for nothing");
    let agent = name("nobody");
    let refused = desk.refused::<TellProtocol>(AgentNamed { agent }).await;
    assert_eq!(refused.code, ErrorCode::AgentNotFound);
}
