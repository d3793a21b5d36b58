//! When the bridge begins, what it waits for, and what ends it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::{Stream, StreamExt};
use husting_clock::{Clock as _, ManualClock, SharedClock, SystemClock};
use husting_console::{Caller, Console, DiscordEndpoints, Door, KeyChoice, Keys, Setup};
use husting_discord::one_bot::{Holder, OneBot};
use husting_discord::recorder::OLDER;
use husting_domain::agents::{AgentStatus, CONNECTOR, Name};
use husting_domain::discord::{Inbound, InboundState, Snowflake};
use husting_domain::discord_panels::PanelStage;
use husting_domain::ids::TenantId;
use husting_domain::messages::Mailbox;
use husting_domain::snippets::SnippetType;
use husting_store::{BusWrite, Earlier, SqliteStore, Store, Unit, Write};
use husting_test_support::discord::{FakeDiscord, Fault, Id, Message, Strike, World, bits};
use husting_wire::agents::{AgentRef, AgentView, ListAgents, Liveness, MintedAgent, SetPause};
use husting_wire::bus::messages::{MessageRef, Recipient, WriteMessage};
use husting_wire::commands::{
    AppendToSession, AskAgain, ChangeDiscord, ChangeSettings, DeleteSession, EndAgent, Examine,
    FindAgents, FindSaid, FindServers, FindSessions, FindTraffic, ForgetBot, HoldBridge, MakeAgent,
    OpenSecrets, PauseAgents, ReadDiscord, SendMessage, StartBridge, StopBridge, StopEverything,
    SuspendAgent, TakeBack, TestDiscord,
};
use husting_wire::discord::{
    BridgeStand, BridgeState, EditDiscord, ListTraffic, PauseBridge, QuestionRef, SaidInDiscord,
    SetRoute, TestBotToken, Traffic,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::{Envelope, Event};
use husting_wire::providers::KeptIn;
use husting_wire::secrets::ChooseSecrets;
use husting_wire::sessions::{ListSessions, SessionRef};
use husting_wire::settings::{EditSettings, LookAround, Nothing};
use rstest::rstest;
use serde_json::json;

use crate::agents::minted;
use crate::desk::{Desk, PATIENCE, hand_clock};
use crate::discord_panels::own_round;
use crate::fragile::{Break, Fragile};

const FRESH: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gfresh.abcdefghijklmnopqrstuvwxyz0123456789AB";

/// A console beside a Discord.
struct Scene {
    desk: Desk,
    discord: FakeDiscord,
    clock: ManualClock,
}

impl Scene {
    /// Of what is stored, and of the keys that are there.
    async fn open(
        discord: FakeDiscord,
        home: Arc<tempfile::TempDir>,
        store: Arc<dyn Store>,
        keys: Keys,
    ) -> Self {
        let clock = hand_clock();
        let desk = desk_beside(&discord, home, store, keys, Arc::new(clock.clone())).await;
        Self {
            desk,
            discord,
            clock,
        }
    }

    async fn new() -> Self {
        let (discord, home, store) = parts().await;
        Self::open(discord, home, store, Keys::in_memory()).await
    }

    async fn test(&self, token: &str) {
        let token = Some(token.to_owned());
        self.desk.ask::<TestDiscord>(TestBotToken { token }).await;
    }

    /// Begins the bridge and waits until it carries messages.
    async fn deliver(&self) {
        self.desk.ask::<StartBridge>(Nothing {}).await;
        let delivers = |state: &BridgeState| *state == BridgeState::Delivering {};
        self.until("delivering", delivers).await;
    }

    async fn until(&self, what: &str, is_so: impl Fn(&BridgeState) -> bool) {
        let coming = async {
            loop {
                let view = self.desk.ask::<ReadDiscord>(Nothing {}).await;
                if is_so(&view.stand.bridge) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(30), coming).await;
        came.unwrap_or_else(|_| panic!("it is never {what}"));
    }

    async fn until_stopped(&self, words: &str) {
        let is_so = |state: &BridgeState| matches!(state, BridgeState::Stopped { why } if why.contains(words));
        self.until(words, is_so).await;
    }
}

async fn desk_beside(
    discord: &FakeDiscord,
    home: Arc<tempfile::TempDir>,
    store: Arc<dyn Store>,
    keys: Keys,
    clock: SharedClock,
) -> Desk {
    let endpoints = DiscordEndpoints {
        api_base: discord.api_base(),
        gateway_url: Some(discord.gateway_url()),
    };
    desk_at(endpoints, home, store, keys, clock).await
}

async fn desk_at(
    discord: DiscordEndpoints,
    home: Arc<tempfile::TempDir>,
    store: Arc<dyn Store>,
    keys: Keys,
    clock: SharedClock,
) -> Desk {
    let setup = Setup {
        home: home.path().to_owned(),
        store,
        keys,
        clock,
        overrides: EditSettings::default(),
        found_keys: Vec::new(),
        runs_agents: true,
        bot_locks: home.path().join("bots"),
        surroundings: husting_console::Surroundings::default(),
        discord,
    };
    Desk {
        console: Console::open(setup).await.unwrap(),
        caller: Caller::Operator { door: Door::Window },
        home,
    }
}

/// Until whoever watches is told that the bridge stands so.
async fn until_told(
    events: &mut (impl Stream<Item = Envelope> + Unpin),
    what: &str,
    is_so: impl Fn(&BridgeStand) -> bool,
) {
    let coming = async {
        while let Some(envelope) = events.next().await {
            if let Event::DiscordMoved { discord } = envelope.event
                && is_so(&discord)
            {
                return;
            }
        }
        panic!("nothing more is told");
    };
    let told = tokio::time::timeout(PATIENCE, coming).await;
    told.unwrap_or_else(|_| panic!("it is never told to be {what}"));
}

/// A server with a channel and somebody who writes there.
fn workshop() -> (World, Id, Id) {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = world.channel(guild, "hq");
    let zoe = world.person("zoe");
    world.join(guild, zoe);
    (world, hq, zoe)
}

async fn parts() -> (FakeDiscord, Arc<tempfile::TempDir>, Arc<dyn Store>) {
    parts_beside(World::new()).await
}

async fn parts_beside(world: World) -> (FakeDiscord, Arc<tempfile::TempDir>, Arc<dyn Store>) {
    let discord = FakeDiscord::start(world).await.unwrap();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = opened(home.path()).await;
    (discord, home, Arc::new(store))
}

async fn opened(home: &Path) -> SqliteStore {
    SqliteStore::open(home, hand_clock().now()).await.unwrap()
}

/// A set-up of an earlier time, whose bridge is to run.
async fn set_up(store: &dyn Store, bot: Snowflake) {
    set_up_as(
        store,
        json!({ "id": bot, "name": "husting", "token_tail": "0AB1", "tested_at": hand_clock().now() }),
    )
    .await;
}

async fn set_up_as(store: &dyn Store, bot: serde_json::Value) {
    let value = json!({ "bot": bot, "runs": true });
    let write = Write::PutSetting {
        key: "discord".to_owned(),
        value: value.to_string(),
    };
    let unit = Unit::of(TenantId::local()).write(write);
    store.commit(unit).await.unwrap();
}

#[tokio::test]
async fn who_runs_the_bot_elsewhere_is_known_before_anything_begins() {
    let (discord, home, store) = parts().await;
    let bot = Snowflake::new(discord.bot().get()).unwrap();
    set_up(&*store, bot).await;
    let locks = home.path().join("bots");
    let other = Holder {
        who: "another program",
        journal: Path::new("other.db"),
    };
    let taken = OneBot::take(&locks, &discord.api_base(), bot, other).unwrap();
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    // There is no token either, which is found out by whoever begins.
    let holder = "another program".to_owned();
    let elsewhere = BridgeState::Elsewhere { holder };
    scene.until("elsewhere", |state| *state == elsewhere).await;
    drop(taken);
    scene.clock.advance(Duration::from_secs(5));
    scene.until_stopped("is not where keys are kept").await;
}

#[tokio::test]
async fn a_bot_of_discord_is_never_taken_to_a_sandbox_nor_its_token_to_where_it_is_not_from() {
    let (discord, home, store) = parts().await;
    let bot = Snowflake::new(discord.bot().get()).unwrap();
    let stored = json!({
        "id": bot, "name": "husting", "token_tail": "0AB1", "tested_at": hand_clock().now(), "taken_by": "discord",
    });
    set_up_as(&*store, stored).await;
    let keys = Keys::in_memory();
    let scene = Scene::open(discord, home, store, keys).await;
    scene.until_stopped("The bot was set up at Discord").await;

    let kept = TestBotToken { token: None };
    let refusals = [
        scene.desk.refused::<TestDiscord>(kept).await,
        scene.desk.refused::<FindServers>(Nothing {}).await,
        scene.desk.refused::<StartBridge>(Nothing {}).await,
    ];
    for refusal in refusals {
        assert_eq!(refusal.code, ErrorCode::InvalidState);
        let words = &refusal.message;
        assert!(words.contains("beside a sandbox now"), "{words}");
    }
    assert!(scene.discord.requests().is_empty(), "nobody is asked");

    scene.test(&scene.discord.token()).await;
    scene
        .until("delivering", |state| *state == BridgeState::Delivering {})
        .await;
}

#[tokio::test]
async fn a_sandboxs_bot_rests_where_husting_runs_beside_discord_itself() {
    let (discord, home, store) = parts().await;
    let scene = Scene::open(discord, home.clone(), store, Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    scene.deliver().await;
    let Scene { desk, .. } = scene;
    desk.console.close().await;
    drop(desk);

    // There is no key either: had the bot been meant, that would be what is said.
    let store: Arc<dyn Store> = Arc::new(opened(home.path()).await);
    let clock = hand_clock();
    let desk = desk_at(
        DiscordEndpoints::default(),
        home,
        store,
        Keys::in_memory(),
        Arc::new(clock),
    )
    .await;
    let stand = async || desk.ask::<ReadDiscord>(Nothing {}).await.stand.bridge;
    let why = async {
        loop {
            match stand().await {
                BridgeState::Stopped { why } => return why,
                _ => tokio::task::yield_now().await,
            }
        }
    };
    let why = tokio::time::timeout(PATIENCE, why).await.unwrap();
    assert!(why.contains("set up on a sandbox"), "{why}");
}

#[rstest]
#[case::a_week_where_nothing_is_said(None, false)]
#[case::as_long_as_is_set(Some(30), true)]
#[tokio::test]
async fn what_was_recorded_is_kept_for_the_days_of_the_setting(
    #[case] days: Option<u32>,
    #[case] kept: bool,
) {
    let scene = Scene::new().await;
    if days.is_some() {
        let edit = EditSettings {
            retention_recorder_days: days,
            ..EditSettings::default()
        };
        scene.desk.ask::<ChangeSettings>(edit).await;
    }
    let folder = scene.desk.home.path().join("discord");
    std::fs::create_dir_all(&folder).unwrap();
    let older = folder.join(OLDER);
    let long_ago = SystemTime::now() - Duration::from_secs(20 * 24 * 60 * 60);
    let file = File::create(&older).unwrap();
    file.set_modified(long_ago).unwrap();
    scene.test(&scene.discord.token()).await;
    scene.deliver().await;
    assert_eq!(older.exists(), kept);
}

async fn bridges_agent(desk: &Desk) -> Option<AgentView> {
    let list = desk.ask::<FindAgents>(ListAgents::default()).await.agents;
    list.into_iter().find(|agent| agent.agent_name == CONNECTOR)
}

#[tokio::test]
async fn the_bridges_agent_is_live_for_as_long_as_the_bridge_runs() {
    let scene = Scene::new().await;
    scene.test(&scene.discord.token()).await;
    let until = async |liveness: Liveness| {
        let coming = async {
            loop {
                let found = bridges_agent(&scene.desk).await;
                if found.is_some_and(|agent| agent.liveness == liveness) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(30), coming).await;
        came.unwrap_or_else(|_| panic!("it is never {liveness:?}"));
    };
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    until(Liveness::Live).await;
    // The clock stands: what it called shortly ago does not make it live.
    scene.desk.ask::<StopBridge>(Nothing {}).await;
    until(Liveness::Stopped).await;
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    until(Liveness::Live).await;
}

#[tokio::test]
async fn stopping_everything_closes_the_bridge_until_somebody_starts_it() {
    let (discord, home, store) = parts().await;
    let scene = Scene::open(discord, home.clone(), store, Keys::in_memory()).await;
    let stopped = scene.desk.ask::<StopEverything>(Nothing {}).await;
    assert!(!stopped.bridge, "there was none");
    scene.test(&scene.discord.token()).await;
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    let is_delivering = |state: &BridgeState| *state == BridgeState::Delivering {};
    scene.until("delivering", is_delivering).await;
    let stopped = scene.desk.ask::<StopEverything>(Nothing {}).await;
    assert!(stopped.bridge);
    let is_off = |state: &BridgeState| *state == BridgeState::Off {};
    scene.until("off", is_off).await;
    let again = scene.desk.ask::<StopEverything>(Nothing {}).await;
    assert!(!again.bridge, "it was off already");

    // Whoever starts it means its agent, too, which was disabled with everybody.
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene.until("delivering", is_delivering).await;
    let connector = async || {
        let found = bridges_agent(&scene.desk).await;
        found.expect("it has an agent").status
    };
    assert_eq!(connector().await, AgentStatus::Active);
    scene.desk.ask::<StopEverything>(Nothing {}).await;
    scene.until("off", is_off).await;
    assert_eq!(connector().await, AgentStatus::Suspended);

    // Kept over a start of Husting, as an end of the bridge is.
    let Scene { desk, discord, .. } = scene;
    desk.console.close().await;
    drop(desk);
    let store: Arc<dyn Store> = Arc::new(opened(home.path()).await);
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    scene.until("off", is_off).await;
}

#[tokio::test]
async fn what_stopped_the_bridge_is_tried_again_when_it_may_be_mended() {
    let scene = Scene::new().await;
    let is_refused = async || {
        let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
        view.stand.token_refused
    };
    scene.test(&scene.discord.token()).await;
    scene.discord.reset_token(FRESH);
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene
        .until_stopped("no longer accepts the bot's token")
        .await;
    assert!(is_refused().await);
    assert_eq!(scene.discord.invalid_requests(), 1);
    let edit = EditDiscord {
        panels_per_day: Some(3),
        ..EditDiscord::default()
    };
    scene.desk.ask::<ChangeDiscord>(edit).await;

    scene.desk.ask::<StartBridge>(Nothing {}).await;
    let asked = async {
        while scene.discord.invalid_requests() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked)
        .await
        .unwrap();
    scene
        .until_stopped("no longer accepts the bot's token")
        .await;
    scene.test(FRESH).await;
    scene
        .until("delivering", |state| *state == BridgeState::Delivering {})
        .await;
    assert!(!is_refused().await);
    assert_eq!(
        scene.discord.invalid_requests(),
        2,
        "by the operator's word, and not for each change"
    );
}

#[tokio::test]
async fn what_is_tried_again_is_not_shown_as_stopped_and_what_is_held_is_shown_so_before_it_begins()
{
    let scene = Scene::new().await;
    let token = scene.discord.token();
    scene.test(&token).await;
    scene.discord.reset_token(FRESH);
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene
        .until_stopped("no longer accepts the bot's token")
        .await;
    scene.discord.reset_token(&token);
    let away = Strike::new(Fault::ServerError { status: 503 }).on("GET /users/@me");
    scene.discord.strike(away);
    let is_beginning = |state: &BridgeState| matches!(state, BridgeState::Connecting { .. });
    let begun = scene.desk.ask::<StartBridge>(Nothing {}).await.stand.bridge;
    assert!(is_beginning(&begun), "{begun:?}");
    let hold = async |paused| {
        let view = scene.desk.ask::<HoldBridge>(PauseBridge { paused }).await;
        view.stand.bridge
    };
    assert_eq!(hold(true).await, BridgeState::Paused {});
    let let_go = hold(false).await;
    assert!(is_beginning(&let_go), "{let_go:?}");
}

#[tokio::test]
async fn what_the_bot_may_do_is_asked_whenever_it_is_connected_anew() {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = world.channel(guild, "hq");
    let (discord, home, store) = parts_beside(world).await;
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    let route = SetRoute {
        channel_id: Snowflake::new(hq.get()).unwrap(),
        agent: Some(Name::first_managed()),
    };
    let edit = EditDiscord {
        routes: Some(vec![route]),
        ..EditDiscord::default()
    };
    let mapped = scene.desk.ask::<ChangeDiscord>(edit).await.setup;
    assert_eq!(
        mapped.routes[0].lacking,
        Some(vec![]),
        "asked while it is off"
    );
    let until_lacking = async |wanted: &[&str]| {
        let asking = async {
            loop {
                let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
                if view.setup.routes[0]
                    .lacking
                    .as_deref()
                    .is_some_and(|found| found == wanted)
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let known = tokio::time::timeout(PATIENCE, asking).await;
        known.unwrap_or_else(|_| panic!("it is never known to lack {wanted:?}"));
    };
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    until_lacking(&[]).await;
    scene
        .discord
        .allow_bot(guild, bits::VIEW_CHANNEL | bits::READ_MESSAGE_HISTORY);
    scene.clock.advance(Duration::from_secs(1));
    scene.discord.reconnect();
    until_lacking(&["Send Messages", "Send Messages in Threads"]).await;
    let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
    assert!(!view.setup.routes[0].unseen, "it is shown, and named");

    scene
        .discord
        .allow_bot(guild, bits::SEND_MESSAGES | bits::READ_MESSAGE_HISTORY);
    scene.clock.advance(Duration::from_secs(60));
    scene.discord.reconnect();
    until_lacking(&["View Channels"]).await;
    let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
    assert!(view.setup.routes[0].unseen, "it may as well be gone");
}

#[tokio::test]
async fn a_channel_that_is_mapped_is_looked_at_at_once_whether_the_bot_is_connected_or_not() {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = Snowflake::new(world.channel(guild, "hq").get()).unwrap();
    let gone = Snowflake::new(123_456_789_012_345_678).unwrap();
    let (discord, home, store) = parts_beside(world).await;
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    let route = |channel_id, agent| SetRoute { channel_id, agent };
    let change = async |routes| {
        let edit = EditDiscord {
            routes: Some(routes),
            ..EditDiscord::default()
        };
        let setup = scene.desk.ask::<ChangeDiscord>(edit).await.setup;
        let told = setup.routes.into_iter();
        told.map(|route| (route.channel_id, route.unseen, route.lacking))
            .collect::<Vec<_>>()
    };
    let agent = || Some(Name::first_managed());
    let view_channels = || Some(vec!["View Channels".to_owned()]);
    let off = change(vec![route(gone, agent())]).await;
    assert_eq!(off, [(gone, true, view_channels())]);
    let asked = scene
        .desk
        .ask::<TestDiscord>(TestBotToken { token: None })
        .await;
    assert!(asked.view.setup.routes[0].unseen);

    scene.deliver().await;
    let other = Snowflake::new(gone.get() + 1).unwrap();
    let mut told = change(vec![
        route(gone, None),
        route(hq, agent()),
        route(other, agent()),
    ])
    .await;
    let mut wanted = vec![
        (hq, false, Some(Vec::new())),
        (other, true, view_channels()),
    ];
    wanted.sort();
    told.sort();
    assert_eq!(told, wanted);
    let third = Snowflake::new(gone.get() + 2).unwrap();
    let told = change(vec![route(hq, agent()), route(third, agent())]).await;
    assert!(
        told.iter().all(|(_, _, lacking)| lacking.is_some()),
        "{told:?}"
    );
}

#[tokio::test]
async fn the_doctor_asks_what_the_bot_may_do_now_unless_nobody_is_to_be_asked() {
    let mut world = World::new();
    let guild = world.guild("Workshop");
    let hq = Snowflake::new(world.channel(guild, "hq").get()).unwrap();
    let (discord, home, store) = parts_beside(world).await;
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    scene.deliver().await;
    let agent = Some(Name::first_managed());
    let edit = EditDiscord {
        routes: Some(vec![SetRoute {
            channel_id: hq,
            agent,
        }]),
        ..EditDiscord::default()
    };
    scene.desk.ask::<ChangeDiscord>(edit).await;
    let told = async |ask_nobody| {
        let report = scene.desk.ask::<Examine>(LookAround { ask_nobody }).await;
        let mut findings = report.findings.into_iter();
        let found = findings.find(|found| found.subject == "discord").unwrap();
        (found.ok, found.message)
    };
    assert_eq!(told(false).await, (true, "carries messages".to_owned()));
    scene
        .discord
        .allow_bot(guild, bits::VIEW_CHANNEL | bits::READ_MESSAGE_HISTORY);
    assert!(told(true).await.0, "as it was seen last");
    let (ok, message) = told(false).await;
    assert!(!ok && message.contains("1 channel of the map"), "{message}");
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_whole_leaves_the_one_before() {
    let discord = FakeDiscord::start(World::new()).await.unwrap();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = Arc::new(Fragile::around(opened(home.path()).await));
    let scene = Scene::open(discord, home, store.clone(), Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    scene.discord.reset_token(FRESH);
    let is_setting = |unit: &Unit| {
        let mut writes = unit.writes.iter();
        writes.any(|write| matches!(write, Write::PutSetting { .. }))
    };
    store.weaken(is_setting, Break::Before, 1);
    let token = Some(FRESH.to_owned());
    let test = TestBotToken { token };
    let refused = scene.desk.refused::<TestDiscord>(test).await;
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene
        .until_stopped("no longer accepts the bot's token")
        .await;
    scene.test(FRESH).await;
    scene
        .until("delivering", |state| *state == BridgeState::Delivering {})
        .await;
}

#[tokio::test]
async fn a_bot_runs_under_its_own_lock_alone() {
    let (discord, home, store) = parts().await;
    let kept_in = KeyChoice::Passphrase("correct horse battery".into());
    let keys = async || Keys::open(home.path(), kept_in.clone()).await;
    let first = Scene::open(discord, home.clone(), store, keys().await).await;
    first.test(&first.discord.token()).await;
    first.desk.console.close().await;

    let other_home = Arc::new(tempfile::tempdir().unwrap());
    let store: Arc<dyn Store> = Arc::new(opened(other_home.path()).await);
    set_up(&*store, Snowflake::new(7).unwrap()).await;
    let scene = Scene::open(first.discord, other_home, store, keys().await).await;
    scene.until_stopped("is of another bot").await;
    assert_eq!(scene.discord.gateway().identified, 0);
}

#[tokio::test]
async fn a_token_that_a_process_took_with_it_is_lost_until_it_is_given_again() {
    let first = Scene::new().await;
    first.test(&first.discord.token()).await;
    let lost = async |scene: &Scene| {
        let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
        view.stand.token_lost
    };
    assert!(!lost(&first).await);
    let (discord, home) = (first.discord, first.desk.home.clone());
    first.desk.console.close().await;
    drop(first.desk);
    let store: Arc<dyn Store> = Arc::new(opened(home.path()).await);

    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    assert!(lost(&scene).await, "also before anybody starts the bridge");
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene.until_stopped("is not where keys are kept").await;
    let stand = scene.desk.ask::<ReadDiscord>(Nothing {}).await.stand;
    assert!(!stand.waits_for_keys, "no unlocking brings it back");
    // It is given later than the one that was lost.
    scene.clock.advance(Duration::from_secs(1));
    scene.test(&scene.discord.token()).await;
    assert!(!lost(&scene).await);
    scene
        .until("delivering", |state| *state == BridgeState::Delivering {})
        .await;
    let forgotten = scene.desk.ask::<ForgetBot>(Nothing {}).await;
    assert!(!forgotten.stand.token_lost, "there is none to lose");
}

#[tokio::test]
async fn a_bridge_over_a_locked_file_waits_for_the_keys_and_begins_once_they_are_read() {
    let phrase = "correct horse battery";
    let (discord, home, store) = parts().await;
    let keys = Keys::open(home.path(), KeyChoice::Passphrase(phrase.into())).await;
    let first = Scene::open(discord, home.clone(), store, keys).await;
    first.test(&first.discord.token()).await;
    first.desk.ask::<StartBridge>(Nothing {}).await;
    let delivers = |state: &BridgeState| *state == BridgeState::Delivering {};
    first.until("delivering", delivers).await;
    let discord = first.discord;
    first.desk.console.close().await;
    drop(first.desk);

    let store: Arc<dyn Store> = Arc::new(opened(home.path()).await);
    let keys = Keys::open(home.path(), KeyChoice::Found).await;
    let scene = Scene::open(discord, home, store, keys).await;
    scene.until_stopped("is locked").await;
    let stand = async || scene.desk.ask::<ReadDiscord>(Nothing {}).await.stand;
    let shut = stand().await;
    assert!(shut.waits_for_keys && !shut.token_lost && !shut.token_refused);
    let report = scene.desk.ask::<Examine>(LookAround::default()).await;
    let told = |subject: &str| {
        let mut findings = report.findings.iter();
        let found = findings.find(|found| found.subject == subject).unwrap();
        found.message.clone()
    };
    assert!(told("keys").contains("is locked"), "{report:?}");
    assert_eq!(
        told("discord"),
        "does not run: it waits for the keys, which cannot be read now"
    );
    let choice = ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some(phrase.to_owned()),
        make: false,
    };
    scene.desk.ask::<OpenSecrets>(choice).await;
    scene.until("delivering", delivers).await;
    assert!(!stand().await.waits_for_keys);
}

#[tokio::test]
async fn agents_that_are_paused_are_no_trouble_of_the_bus() {
    let (world, hq, zoe) = workshop();
    let (discord, home, store) = parts_beside(world).await;
    let scene = Scene::open(discord, home, store.clone(), Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    let paused = SetPause { paused: true };
    scene.desk.ask::<PauseAgents>(paused).await;
    scene.deliver().await;
    let text = format!("<@{}> Why?", scene.discord.bot());
    scene.discord.say(zoe, hq, &text).unwrap();
    let bot = Snowflake::new(scene.discord.bot().get()).unwrap();
    // The bridge asks for mail and sends what it heard: the bus holds both.
    let until = async |sent: bool| {
        let coming = async {
            loop {
                let view = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
                assert_eq!(view.stand.bus_trouble, None);
                assert_eq!(view.stand.agents_paused, !sent);
                let asked = store.discord_questions(&TenantId::local(), bot, 1).await;
                if asked
                    .unwrap()
                    .iter()
                    .any(|asked| asked.sent_at.is_some() == sent)
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), coming)
            .await
            .unwrap();
    };
    until(false).await;
    let on = SetPause { paused: false };
    scene.desk.ask::<PauseAgents>(on).await;
    until(true).await;
}

#[tokio::test]
async fn a_bridge_whose_own_agent_is_disabled_says_how_it_is_enabled() {
    let (world, hq, zoe) = workshop();
    let (discord, home, store) = parts_beside(world).await;
    let scene = Scene::open(discord, home, store, Keys::in_memory()).await;
    scene.test(&scene.discord.token()).await;
    scene.deliver().await;
    let agents = scene.desk.ask::<FindAgents>(ListAgents::default()).await;
    let connector = agents
        .agents
        .iter()
        .find(|agent| agent.agent_name == CONNECTOR)
        .expect("it has an agent");
    let agent_id = connector.id;
    scene.desk.ask::<SuspendAgent>(AgentRef { agent_id }).await;
    let text = format!("<@{}> Why?", scene.discord.bot());
    scene.discord.say(zoe, hq, &text).unwrap();
    let told = async |wanted: bool| {
        let coming = async {
            loop {
                let trouble = scene.desk.ask::<ReadDiscord>(Nothing {}).await;
                let trouble = trouble.stand.bus_trouble;
                let enable =
                    |words: String| words.contains("`husting agent enable discord-connector`");
                if trouble.is_some_and(enable) == wanted {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(30), coming).await;
        came.unwrap_or_else(|_| panic!("that it is to be enabled is told: never {wanted}"));
    };
    told(true).await;
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    told(false).await;
}

/// A question of Discord's that waits for an agent, by the machine's clock: what became of letters is looked
/// at a few times a second.
struct Asked {
    scene: Scene,
    store: Arc<dyn Store>,
    agent: MintedAgent,
}

impl Asked {
    async fn of(name: &str) -> Self {
        let (world, hq, zoe) = workshop();
        let (discord, home, store) = parts_beside(world).await;
        let (keys, clock) = (Keys::in_memory(), Arc::new(SystemClock));
        let desk = desk_beside(&discord, home, store.clone(), keys, clock).await;
        let scene = Scene {
            desk,
            discord,
            clock: hand_clock(),
        };
        let agent = scene.desk.ask::<MakeAgent>(minted(name)).await;
        scene.test(&scene.discord.token()).await;
        let to_agent = EditDiscord {
            default_agent: Some(Name::parse(&agent.agent.agent_name).unwrap()),
            ..EditDiscord::default()
        };
        scene.desk.ask::<ChangeDiscord>(to_agent).await;
        scene.desk.ask::<StartBridge>(Nothing {}).await;
        scene
            .until("delivering", |state| *state == BridgeState::Delivering {})
            .await;
        let text = format!("<@{}> Why?", scene.discord.bot());
        scene.discord.say(zoe, hq, &text).unwrap();
        Self {
            scene,
            store,
            agent,
        }
    }

    /// The question, once it is in this state.
    async fn until(&self, state: InboundState) -> Inbound {
        self.until_so(|asked| asked.state == state).await
    }

    async fn until_so(&self, is_so: impl Fn(&Inbound) -> bool) -> Inbound {
        let bot = Snowflake::new(self.scene.discord.bot().get()).unwrap();
        let coming = async {
            loop {
                let asked = self
                    .store
                    .discord_questions(&TenantId::local(), bot, 1)
                    .await;
                let found = asked.unwrap().pop();
                if let Some(found) = found.filter(&is_so) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, coming).await.unwrap()
    }
}

#[rstest]
#[case::unread(false)]
#[case::read(true)]
#[tokio::test]
async fn a_question_whose_reader_is_revoked_rests_and_can_be_asked_of_who_comes_after(
    #[case] is_read: bool,
) {
    let it = Asked::of("bruno-voice").await;
    let desk = &it.scene.desk;
    let asked = it.until(InboundState::Sent).await;
    if is_read {
        let reader = crate::agents::holder(desk, &it.agent);
        crate::bus::inbox(desk, &reader).await;
        it.until_so(|asked| asked.read_at.is_some()).await;
    }
    let revoked = AgentRef {
        agent_id: it.agent.agent.id,
    };
    desk.ask::<EndAgent>(revoked).await;
    let why = it.until(InboundState::Parked).await.fault.unwrap();
    assert!(why.contains("bruno-voice was revoked"), "{why}");

    desk.ask::<MakeAgent>(minted("bruno-voice")).await;
    let again = QuestionRef {
        request_id: asked.request,
    };
    desk.ask::<AskAgain>(again).await;
    let anew = it.until(InboundState::Sent).await;
    assert_ne!(anew.bus_id, asked.bus_id, "it is another letter");
}

#[tokio::test]
async fn a_question_whose_letter_the_operator_takes_back_rests_and_says_so() {
    let it = Asked::of("bruno-voice").await;
    let asked = it.until(InboundState::Sent).await;
    let letter = MessageRef {
        mailbox: Some(it.agent.agent.id),
        message_id: asked.bus_id.unwrap().parse().unwrap(),
    };
    it.scene.desk.ask::<TakeBack>(letter).await;
    let why = it.until(InboundState::Parked).await.fault.unwrap();
    assert_eq!(why, "The letter to bruno-voice was taken back on the bus.");
}

#[tokio::test]
async fn a_question_that_is_given_again_and_again_without_an_end_rests_and_says_so() {
    let it = Asked::of("bruno-voice").await;
    it.until(InboundState::Sent).await;
    let given = (1..=6).map(|turn| {
        // Each time what was given before is out of its reader's hands.
        let at = SystemClock.now().plus_millis(turn * 2_000);
        Write::Bus(BusWrite::Fetch {
            mailbox: Mailbox::Agent(it.agent.agent.id),
            earlier: Earlier::Stays,
            at,
            lease_until: at.plus_millis(1_000),
            limit: 1,
        })
    });
    for write in given {
        let unit = Unit::of(TenantId::local()).write(write);
        it.store.commit(unit).await.unwrap();
    }
    // Whatever moves on the bus has its letters looked at.
    let desk = &it.scene.desk;
    desk.ask::<MakeAgent>(minted("porter")).await;
    let other = WriteMessage {
        to: Recipient::Agent("porter".to_owned()),
        text: "Are you there?".to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    desk.ask::<SendMessage>(other).await;
    let why = it.until(InboundState::Parked).await.fault.unwrap();
    assert_eq!(
        why,
        "It was delivered to bruno-voice 5 times without an end, so it is parked on the bus."
    );
}

/// By the machine's clock, as news are told at a pace.
#[tokio::test]
async fn whoever_watches_is_told_how_the_bridge_stands_without_asking() {
    let mut world = World::new();
    // A heartbeat would be told, and everything else with it.
    world.settings().heartbeat_interval_ms = 3_600_000;
    let (discord, home, store) = parts_beside(world).await;
    let clock = Arc::new(SystemClock);
    let desk = desk_beside(&discord, home, store, Keys::in_memory(), clock).await;
    let token = Some(discord.token());
    desk.ask::<TestDiscord>(TestBotToken { token }).await;
    let mut events = desk.console.watch();
    desk.ask::<StartBridge>(Nothing {}).await;
    let delivers = |stand: &BridgeStand| stand.bridge == BridgeState::Delivering {};
    until_told(&mut events, "delivering", delivers).await;
    let is_held = |stand: &BridgeStand| stand.bridge == BridgeState::Paused {};
    for (paused, what) in [(true, "held"), (false, "let go on")] {
        desk.ask::<HoldBridge>(PauseBridge { paused }).await;
        let so = |stand: &BridgeStand| is_held(stand) == paused;
        until_told(&mut events, what, so).await;
    }

    desk.ask::<PauseAgents>(SetPause { paused: true }).await;
    // The bridge waits for mail, and takes none in a pause.
    let letter = WriteMessage {
        to: Recipient::Agent("discord-connector".to_owned()),
        text: "I answer nobody.".to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    desk.ask::<SendMessage>(letter).await;
    let waits = |stand: &BridgeStand| stand.agents_paused && stand.unplaced == 0;
    until_told(&mut events, "without its bus", waits).await;
    desk.ask::<PauseAgents>(SetPause { paused: false }).await;
    let has_the_letter = |stand: &BridgeStand| stand.unplaced == 1 && !stand.agents_paused;
    until_told(&mut events, "with the letter", has_the_letter).await;

    discord.refuse_connections().await.unwrap();
    discord.drop_connections();
    let is_away = |stand: &BridgeStand| matches!(&stand.bridge, BridgeState::Connecting { after } if after.is_some());
    until_told(&mut events, "away", is_away).await;
    desk.ask::<HoldBridge>(PauseBridge { paused: true }).await;
    until_told(&mut events, "held while it is away", is_held).await;
    desk.ask::<HoldBridge>(PauseBridge { paused: false }).await;
    discord.accept_connections().unwrap();
    until_told(&mut events, "delivering again", delivers).await;
}

/// The panel's message in Discord, once it says so, and where it stands.
async fn until_shown(discord: &FakeDiscord, channel: Id, words: &str) -> (Id, Message) {
    let shown = discord.until(|view| {
        let places = std::iter::once(channel).chain(view.threads(channel));
        let mut posted = places.flat_map(|place| {
            let messages = view.posted(place).into_iter();
            messages.map(move |message| (place, message))
        });
        posted.find(|(_, message)| message.content.contains(words))
    });
    let shown = tokio::time::timeout(PATIENCE, shown).await;
    shown.unwrap_or_else(|_| panic!("it never shows {words:?}"))
}

/// A bridge that delivers, of which people in Discord know that it convenes panels: its channel, and one of them.
async fn known_to_deliberate() -> (Desk, FakeDiscord, Id, Id) {
    let (mut world, hq, zoe) = workshop();
    // A heartbeat would be told, and everything else with it.
    world.settings().heartbeat_interval_ms = 3_600_000;
    let (discord, home, store) = parts_beside(world).await;
    let clock = Arc::new(SystemClock);
    let desk = desk_beside(&discord, home, store, Keys::in_memory(), clock).await;
    let token = Some(discord.token());
    desk.ask::<TestDiscord>(TestBotToken { token }).await;
    desk.ask::<StartBridge>(Nothing {}).await;
    let knows = discord.until(|view| {
        let mut commands = view.commands().into_iter();
        (view.gateway().live == 1 && commands.any(|name| name == "deliberate")).then_some(())
    });
    tokio::time::timeout(PATIENCE, knows).await.unwrap();
    (desk, discord, hq, zoe)
}

/// Nobody in Discord presses anything after the first round.
#[tokio::test]
async fn a_panels_message_follows_what_the_operator_does_with_its_session() {
    let (desk, discord, hq, zoe) = known_to_deliberate().await;
    let question = json!({"question": "One table?"});
    discord.command(zoe, hq, "deliberate", &question).unwrap();
    until_shown(&discord, hq, "Round 1: over").await;

    let listed = desk.ask::<FindSessions>(ListSessions::default()).await;
    let session_id = listed.sessions[0].session_id;
    desk.ask::<AppendToSession>(own_round(session_id)).await;
    until_shown(&discord, hq, "Round 2: over").await;
    let after = async || {
        let page = desk.ask::<FindTraffic>(ListTraffic::default()).await;
        page.traffic.iter().find_map(|each| match each {
            Traffic::Panel { round, .. } => Some(*round),
            _ => None,
        })
    };
    assert_eq!(after().await, Some(2), "whoever began it");

    // Also what is done while the bridge is off.
    desk.ask::<StopBridge>(Nothing {}).await;
    desk.finished(session_id).await;
    desk.ask::<AppendToSession>(own_round(session_id)).await;
    desk.finished(session_id).await;
    desk.ask::<StartBridge>(Nothing {}).await;
    until_shown(&discord, hq, "Round 3: over").await;

    desk.ask::<DeleteSession>(SessionRef { session_id }).await;
    until_shown(&discord, hq, "This panel is not there any more.").await;
}

/// Presses *Challenge* or *Keep* of a panel's message, and says something of one of its claims.
async fn say_of_claim(
    discord: &FakeDiscord,
    (person, thread, message): (Id, Id, &Message),
    label: &str,
    words: &[(&str, &str)],
) {
    let buttons = message.components[0]["components"].as_array().unwrap();
    let button = buttons.iter().find(|each| each["label"] == label);
    let button = button.unwrap()["custom_id"].as_str().unwrap();
    let pressed = discord.press(person, thread, message.id, button).unwrap();
    discord.until_answered(pressed).await;
    let sent = discord.submit(person, pressed, words).unwrap();
    discord.until_answered(sent).await;
}

#[tokio::test]
async fn the_operator_reads_what_people_in_discord_have_said_for_the_next_round() {
    let (desk, discord, hq, zoe) = known_to_deliberate().await;
    let mut sessions = Vec::new();
    for question in ["One table?", "Two chairs?"] {
        let asked = json!({ "question": question });
        discord.command(zoe, hq, "deliberate", &asked).unwrap();
        let panel = until_shown(&discord, hq, &format!("Panel**: {question}\nRound 1: over")).await;
        let listed = desk.ask::<FindSessions>(ListSessions::default()).await;
        sessions.push((listed.sessions[0].session_id, panel));
    }
    let [(other, _), (session_id, (thread, message))] = &sessions[..] else {
        panic!("two were convened");
    };
    let said = async |session_id| {
        let asked = SessionRef { session_id };
        desk.ask::<FindSaid>(asked).await.said
    };
    assert_eq!(said(*session_id).await, []);
    let of = (zoe, *thread, message);
    let challenge = [("claim", "2"), ("words", "Is it?")];
    say_of_claim(&discord, of, "Challenge", &challenge).await;

    say_of_claim(&discord, of, "Keep", &[("claim", "1")]).await;
    let view = desk.session(*session_id).await;
    let claims = &view.rounds[0].claim_map.as_ref().unwrap().claims;
    let said_of = |claim: usize, stance, comment: &str| SaidInDiscord {
        author: "zoe".to_owned(),
        stance,
        quote: claims[claim].quote.clone(),
        quoted_model: claims[claim].originator.clone(),
        comment: comment.to_owned(),
    };
    let both = [
        said_of(1, SnippetType::Challenge, "Is it?"),
        said_of(0, SnippetType::Keep, ""),
    ];
    assert_eq!(said(*session_id).await, both);
    assert_eq!(said(*other).await, [], "of another panel");

    desk.ask::<DeleteSession>(SessionRef { session_id: *other })
        .await;
    let gone = desk
        .refused::<FindSaid>(SessionRef { session_id: *other })
        .await;
    assert_eq!(gone.code, ErrorCode::NotFound);
}

/// A panel spends the operator's money: whoever watches the traffic is told of each of its steps.
#[tokio::test]
async fn whoever_watches_is_told_when_a_panel_is_asked_for_and_when_it_is_over() {
    let (desk, discord, hq, zoe) = known_to_deliberate().await;

    let mut events = desk.console.watch();
    let question = json!({"question": "One table?"});
    discord.command(zoe, hq, "deliberate", &question).unwrap();
    let mut seen = Vec::new();
    let coming = async {
        while seen.last() != Some(&PanelStage::Resting) {
            let told = events.next().await.map(|envelope| envelope.event);
            let Some(Event::DiscordMoved { .. }) = told else {
                assert!(told.is_some(), "nothing more is told");
                continue;
            };
            let page = desk.ask::<FindTraffic>(ListTraffic::default()).await;
            let stage = page.traffic.iter().find_map(|each| match each {
                Traffic::Panel { stage, .. } => Some(*stage),
                _ => None,
            });
            seen.extend(stage.filter(|stage| seen.last() != Some(stage)));
        }
    };
    let came = tokio::time::timeout(PATIENCE, coming).await;
    assert!(came.is_ok(), "{seen:?}");
    assert!(seen.len() > 1, "its beginning is told as well: {seen:?}");
}
