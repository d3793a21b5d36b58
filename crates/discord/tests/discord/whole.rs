//! A whole bridge between the fake Discord and agents in memory. Killing it leaves its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_discord::bridge::{BridgeOptions, Manner, Parties, Reins, Reports, run};
use husting_discord::files::Files;
use husting_discord::gateway::{GatewayOptions, Health};
use husting_discord::inbound::Routes;
use husting_domain::agents::Name;
use husting_domain::ids::TenantId;
use husting_store::{SqliteStore, Store};
use husting_test_support::discord::Id;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::agents::Agents;
use crate::scene::{Scene, id};

/// Everything but Discord.
pub struct House {
    pub agents: Arc<Agents>,
    pub store: Arc<dyn Store>,
    pub reins: Arc<Reins>,
    clock: SharedClock,
    folder: TempDir,
}

/// One process's worth of it.
pub struct Running {
    task: JoinHandle<()>,
}

impl Running {
    /// As a power cut would.
    pub async fn kill(self) {
        self.task.abort();
        let ended = self.task.await;
        assert!(ended.is_err_and(|end| end.is_cancelled()));
    }
}

impl House {
    /// In which each of these channels has an agent, who is also asked of elsewhere by nobody.
    pub async fn new(scene: &Scene, map: &[(Id, &str)], own_names: bool) -> Self {
        let map = map
            .iter()
            .map(|(channel, agent)| (id(*channel), name(agent)));
        let routes = Routes {
            bot: id(scene.discord.bot()),
            bot_roles: BTreeSet::new(),
            map: map.collect::<BTreeMap<_, _>>(),
            default_agent: name("kasra"),
        };
        let manner = Manner {
            own_names,
            ..Manner::of(routes)
        };
        Self {
            agents: Arc::new(Agents::default()),
            store: Arc::new(SqliteStore::open_in_memory().await.unwrap()),
            reins: Arc::new(Reins::new(manner)),
            clock: Arc::clone(&scene.clock) as SharedClock,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts a bridge and waits until its session is live.
    pub async fn start(&self, scene: &Scene) -> Running {
        let sender = scene.sender_by(self.clock.clone());
        let options = BridgeOptions {
            tenant: TenantId::local(),
            bot: id(scene.discord.bot()),
            connector: name("discord-connector"),
            poll_interval: Duration::from_secs(15),
            reply_loop: true,
            pending_store: None,
        };
        let parties = Parties {
            store: self.store.clone(),
            bus: self.agents.clone(),
            sender: sender.clone(),
            files: Files::new(self.folder.path().to_owned(), &scene.discord.api_base()).unwrap(),
            panels: None,
            recorder: None,
            clock: self.clock.clone(),
            ids: Arc::new(Uuid::now_v7),
        };
        let gateway = GatewayOptions {
            token: scene.discord.token().into(),
            gateway_url: scene.discord.gateway_url(),
            patience: Duration::from_secs(30),
            sender,
        };
        let reports = Reports {
            gateway: watch::Sender::new(Health::default()),
            bus: watch::Sender::new(None),
        };
        let reins = self.reins.clone();
        let work = async move {
            let ended = run(
                options,
                parties,
                gateway,
                reports,
                reins,
                CancellationToken::new(),
            );
            let ended = ended.await.unwrap();
            panic!("the bridge ended: {ended:?}");
        };
        let task = tokio::spawn(work);
        scene.discord.until_live(1).await;
        Running { task }
    }
}

fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}
