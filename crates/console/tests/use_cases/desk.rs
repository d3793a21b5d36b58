//! A console on a data folder of its own, asked as a door asks it.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::{ManualClock, SharedClock, SystemClock};
use husting_console::{
    Caller, Console, DiscordEndpoints, Door, KeyChoice, Keys, Options, Setup, Surroundings,
};
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_store::{SqliteStore, Store};
use husting_wire::answers::SeatCallView;
use husting_wire::commands::{self, Command, Request, route};
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{SessionRef, SessionView};
use husting_wire::settings::{EditSettings, Nothing};
use husting_wire::wallet::{LedgerRow, ListLedger, SetLimit, WalletView};
use tempfile::TempDir;

use crate::fragile::Fragile;

/// Longer than any round here; what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An open console.
pub struct Desk {
    pub console: Console,
    pub caller: Caller,
    pub home: Arc<TempDir>,
}

impl Desk {
    /// In a new folder, by the machine's clock.
    pub async fn open() -> Self {
        Self::open_by(Arc::new(SystemClock)).await
    }

    /// In a new folder.
    pub async fn open_by(clock: SharedClock) -> Self {
        Self::open_in(Arc::new(tempfile::tempdir().unwrap()), clock).await
    }

    /// In a folder that may have been used.
    pub async fn open_in(home: Arc<TempDir>, clock: SharedClock) -> Self {
        Self::open_within(home, clock, Surroundings::default()).await
    }

    /// The same on a machine that has these programs and variables.
    pub async fn open_within(
        home: Arc<TempDir>,
        clock: SharedClock,
        surroundings: Surroundings,
    ) -> Self {
        let options = Options {
            home: home.path().to_owned(),
            keys: KeyChoice::Memory,
            overrides: EditSettings::default(),
            clock,
            patience: PATIENCE,
            bot_locks: home.path().join("bots"),
            surroundings,
        };
        let console = Console::open_home(options).await.unwrap();
        let caller = Caller::Operator { door: Door::Window };
        Self {
            console,
            caller,
            home,
        }
    }

    /// In a new folder, over a store that can be broken.
    pub async fn fragile(clock: SharedClock) -> (Self, Arc<Fragile>) {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let store = SqliteStore::open(home.path(), clock.now()).await.unwrap();
        let store = Arc::new(Fragile::around(store));
        (Self::over(store.clone(), home, clock).await, store)
    }

    /// Over a store that is open already.
    pub async fn over(store: Arc<dyn Store>, home: Arc<TempDir>, clock: SharedClock) -> Self {
        Self::with_keys(store, home, clock, Keys::in_memory()).await
    }

    /// The same with another store of keys.
    pub async fn with_keys(
        store: Arc<dyn Store>,
        home: Arc<TempDir>,
        clock: SharedClock,
        keys: Keys,
    ) -> Self {
        let setup = Setup {
            home: home.path().to_owned(),
            store,
            keys,
            clock,
            overrides: EditSettings::default(),
            found_keys: Vec::new(),
            runs_agents: true,
            bot_locks: home.path().join("bots"),
            surroundings: Surroundings::default(),
            discord: DiscordEndpoints::default(),
        };
        Self {
            console: Console::open(setup).await.unwrap(),
            caller: Caller::Operator { door: Door::Window },
            home,
        }
    }

    /// The same desk, asked by the command line.
    pub fn by_script(self) -> Self {
        let caller = Caller::Operator { door: Door::Cli };
        Self { caller, ..self }
    }

    /// Asks, and passes both ways through JSON.
    pub async fn try_ask<C: Command>(&self, arguments: C::Request) -> Result<C::Response, Error> {
        let crossing = serde_json::to_string(&C::request(arguments)).unwrap();
        let request: Request = serde_json::from_str(&crossing).unwrap();
        let response = route(&self.console, &self.caller, request).await?;
        Ok(serde_json::from_str(response.get()).unwrap())
    }

    /// Asks what must not be refused.
    pub async fn ask<C: Command>(&self, arguments: C::Request) -> C::Response {
        self.try_ask::<C>(arguments)
            .await
            .unwrap_or_else(|refused| panic!("refused: {refused:?}"))
    }

    /// Asks what must be refused.
    pub async fn refused<C: Command>(&self, arguments: C::Request) -> Error {
        match self.try_ask::<C>(arguments).await {
            Ok(_) => panic!("this should have been refused"),
            Err(refused) => refused,
        }
    }

    pub async fn session(&self, session_id: SessionId) -> SessionView {
        self.ask::<commands::ReadSession>(SessionRef { session_id })
            .await
    }

    /// The newest round.
    pub async fn round(&self, session: SessionId) -> RoundView {
        self.session(session).await.rounds.pop().unwrap()
    }

    /// The newest round, once it is over and told.
    pub async fn finished(&self, session: SessionId) -> RoundView {
        self.once(session, |round| round.status.is_terminal()).await
    }

    /// The newest round, once it is as wanted.
    pub async fn once(&self, session: SessionId, is_so: impl Fn(&RoundView) -> bool) -> RoundView {
        let changed = |event: &Event| match event {
            Event::RoundChanged { round } => round.session_id == session,
            _ => false,
        };
        self.woken(session, changed, is_so).await
    }

    /// Once a seat's answer has at least so many bytes.
    pub async fn until_said(&self, session: SessionId, model: &str, bytes: usize) {
        let said = |round: &RoundView| answer(round, model).text.len() >= bytes;
        let spoken = |event: &Event| matches!(event, Event::SeatText { .. });
        self.woken(session, spoken, said).await;
    }

    /// Looks at the newest round now and after each event that `wakes`, until it is so.
    async fn woken(
        &self,
        session: SessionId,
        wakes: impl Fn(&Event) -> bool,
        is_so: impl Fn(&RoundView) -> bool,
    ) -> RoundView {
        let coming = async {
            loop {
                // Watched before it is looked at, so that no change falls between.
                let mut events = self.console.watch().skip(1);
                let round = self.round(session).await;
                if is_so(&round) {
                    return round;
                }
                // The end means having fallen behind: time to look again, too.
                while events.next().await.is_some_and(|told| !wakes(&told.event)) {}
            }
        };
        match tokio::time::timeout(PATIENCE, coming).await {
            Ok(round) => round,
            Err(_) => panic!("never so: {:#?}", self.round(session).await),
        }
    }

    pub async fn limit(&self, dollars: i64) -> WalletView {
        let monthly = Some(MicroUsd::dollars(dollars));
        self.ask::<commands::ChangeLimit>(SetLimit { monthly })
            .await
    }

    pub async fn wallet(&self) -> WalletView {
        self.ask::<commands::ReadWallet>(Nothing {}).await
    }

    pub async fn balance(&self) -> MicroUsd {
        self.wallet().await.summary.balance
    }

    /// The whole ledger, newest first.
    pub async fn ledger(&self) -> Vec<LedgerRow> {
        let mut rows: Vec<LedgerRow> = Vec::new();
        loop {
            let asked = ListLedger {
                limit: Some(7),
                before: rows.last().map(|row| row.transaction_id),
                ..ListLedger::default()
            };
            let page = self.ask::<commands::ReadLedger>(asked).await;
            rows.extend(page.rows);
            if !page.more {
                return rows;
            }
        }
    }

    /// Debits, oldest first.
    pub async fn debits(&self) -> Vec<LedgerRow> {
        let rows = self.ledger().await.into_iter().rev();
        rows.filter(|row| row.kind == "debit").collect()
    }

    /// The books add up, nothing is held, and since the balance was `before` the wallet changed by
    /// the debits alone, to the micro-dollar.
    pub async fn audit(&self, before: MicroUsd) {
        let wallet = self.wallet().await;
        assert!(wallet.check.ok, "{:?}", wallet.check.faults);
        assert_eq!(wallet.summary.held, MicroUsd::ZERO, "a hold is left open");
        let debits = self.debits().await;
        let charged: MicroUsd = debits
            .iter()
            .map(|row| row.debit.as_ref().unwrap().amount)
            .sum();
        // What is added for a call whose hold the buckets no longer cover is paid out again at once.
        let rows = self.ledger().await;
        let covers = rows.iter().filter(|row| row.kind == "call_cover");
        let covered: MicroUsd = covers.map(|row| row.change).sum();
        assert_eq!(before + covered - wallet.summary.balance, charged);
    }
}

/// A clock that is moved by hand, set to an afternoon in the middle of a month.
pub fn hand_clock() -> ManualClock {
    ManualClock::at(at("2026-11-20T15:00:00Z"))
}

/// Returns once somebody waits for just this moment, and so does nothing before it unless it is woken.
pub async fn until_awaited(clock: &ManualClock, moment: Timestamp) {
    let waiting = async {
        while clock.waiting_for(moment) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("nobody waits for {moment}"));
}

/// A moment in RFC 3339.
pub fn at(text: &str) -> Timestamp {
    serde_json::from_value(serde_json::json!(text)).unwrap()
}

pub fn id(model: &str) -> ModelId {
    ModelId::parse(model).unwrap()
}

/// A seat's answer.
pub fn answer<'a>(round: &'a RoundView, model: &str) -> &'a SeatCallView {
    seat(&round.answers, model)
}

/// A seat's reaction.
pub fn reaction<'a>(round: &'a RoundView, model: &str) -> &'a SeatCallView {
    seat(&round.reactions, model)
}

fn seat<'a>(seats: &'a [SeatCallView], model: &str) -> &'a SeatCallView {
    seats
        .iter()
        .find(|seat| seat.model.as_str() == model)
        .unwrap()
}
