//! When the bridge begins, what it waits for, and what ends it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock as _, ManualClock};
use husting_console::{Caller, Console, DiscordEndpoints, Door, KeyChoice, Keys, Setup};
use husting_discord::one_bot::OneBot;
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_store::{SqliteStore, Store, Unit, Write};
use husting_test_support::discord::{FakeDiscord, World};
use husting_wire::commands::{ChangeDiscord, ReadDiscord, StartBridge, TestDiscord};
use husting_wire::discord::{BridgeState, EditDiscord, TestBotToken};
use husting_wire::errors::ErrorCode;
use husting_wire::settings::{EditSettings, Nothing};
use serde_json::json;

use crate::desk::{Desk, hand_clock};
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
        let setup = Setup {
            home: home.path().to_owned(),
            store,
            keys,
            clock: Arc::new(clock.clone()),
            overrides: EditSettings::default(),
            found_keys: Vec::new(),
            runs_agents: true,
            bot_locks: home.path().join("bots"),
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

async fn parts() -> (FakeDiscord, Arc<tempfile::TempDir>, Arc<dyn Store>) {
    let discord = FakeDiscord::start(World::new()).await.unwrap();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = opened(home.path()).await;
    (discord, home, Arc::new(store))
}

async fn opened(home: &Path) -> SqliteStore {
    SqliteStore::open(home, hand_clock().now()).await.unwrap()
}

/// A set-up of an earlier time, whose bridge is to run.
async fn set_up(store: &dyn Store, bot: Snowflake) {
    let value = json!({
        "bot": { "id": bot, "name": "husting", "token_tail": "0AB1", "tested_at": hand_clock().now() },
        "runs": true,
    });
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
    let taken = OneBot::take(&locks, &discord.api_base(), bot, "another program").unwrap();
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
async fn what_stopped_the_bridge_is_tried_again_when_it_may_be_mended() {
    let scene = Scene::new().await;
    scene.test(&scene.discord.token()).await;
    scene.discord.reset_token(FRESH);
    scene.desk.ask::<StartBridge>(Nothing {}).await;
    scene.until_stopped("does not take the bot's token").await;
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
    scene.until_stopped("does not take the bot's token").await;
    scene.test(FRESH).await;
    scene
        .until("delivering", |state| *state == BridgeState::Delivering {})
        .await;
    assert_eq!(
        scene.discord.invalid_requests(),
        2,
        "by the operator's word, and not for each change"
    );
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
    scene.until_stopped("does not take the bot's token").await;
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
