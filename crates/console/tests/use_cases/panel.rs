//! A desk with a paid panel over both wires: `alpha` and `gamma` at `east`, which speaks chat
//! completions, `beta` at `west`, which speaks Messages.

use std::ops::Deref;
use std::sync::Arc;

use husting_clock::{Clock, SharedClock, SystemClock};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::{MicroUsd, Price, Usage};
use husting_domain::providers::ProviderKind;
use husting_domain::snippets::Snippet;
use husting_store::{SqliteStore, Store, Unit, Write};
use husting_test_support::{FakeProvider, Outcome, Phase, Recorded, Script, Wire};
use husting_wire::commands;
use husting_wire::models::{AddModel, SetPrice};
use husting_wire::providers::{AddProvider, ReplaceKey};
use husting_wire::rounds::{AppendRound, RoundRef, RoundView};
use husting_wire::sessions::{Convene, SessionAck};
use serde_json::{Value, json};

use crate::desk::{Desk, id};

pub const SEATS: [&str; 3] = ["alpha", "beta", "gamma"];
/// Both wires, one seat each.
pub const WIRES: [&str; 2] = ["alpha", "beta"];
pub const KEY: &str = "sk-test-5d0b6d3b1c9e4f7788a1-Zq9k";
pub const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";

/// Two providers and the desk that calls them.
pub struct Panel {
    pub desk: Desk,
    pub houses: Houses,
}

/// The two providers.
pub struct Houses {
    pub east: FakeProvider,
    pub west: FakeProvider,
}

impl Deref for Panel {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Houses {
    /// Both follow `script`.
    pub async fn open(script: Script) -> Self {
        Self {
            east: FakeProvider::start(Wire::OpenAi, script.clone())
                .await
                .unwrap(),
            west: FakeProvider::start(Wire::Anthropic, script).await.unwrap(),
        }
    }

    pub fn swap(&self, script: Script) {
        self.east.swap(script.clone());
        self.west.swap(script);
    }

    /// Whose model it is.
    pub fn of(&self, model: &str) -> &FakeProvider {
        if model == "beta" {
            &self.west
        } else {
            &self.east
        }
    }

    /// Lets a gate's calls through on both wires.
    pub fn release(&self, gate: &str) {
        self.east.open(gate);
        self.west.open(gate);
    }

    /// Every valid request for a completion.
    pub fn calls(&self) -> Vec<Recorded> {
        let requests = self.east.requests().into_iter().chain(self.west.requests());
        requests.filter(|call| call.model.is_some()).collect()
    }

    /// Those of one seat in one phase, oldest first.
    pub fn calls_of(&self, model: &str, phase: Phase) -> Vec<Recorded> {
        let requests = self.of(model).requests().into_iter();
        requests
            .filter(|call| call.model.as_deref() == Some(model) && call.phase == Some(phase))
            .collect()
    }

    /// What the providers would bill for calls they answered in full.
    pub fn bills(&self) -> Vec<MicroUsd> {
        let calls = self.calls().into_iter();
        calls
            .filter(|call| call.outcome == Outcome::Finished)
            .map(|call| bill(&call))
            .collect()
    }

    /// Adds both providers, their keys and their models with prices.
    async fn furnish(&self, desk: &Desk) {
        for (name, kind, base_url) in [
            ("east", ProviderKind::OpenaiCompatible, self.east.base_url()),
            ("west", ProviderKind::Anthropic, self.west.origin()),
        ] {
            desk.ask::<commands::PutProvider>(provider(name, kind, &base_url))
                .await;
        }
        for model in SEATS {
            let house = if model == "beta" { "west" } else { "east" };
            desk.ask::<commands::PutModel>(model_of(house, model)).await;
            set_price(desk, model, price(model)).await;
        }
    }
}

impl Panel {
    /// By the machine's clock, with $20 to spend.
    pub async fn open(script: Script) -> Self {
        Self::open_by(Arc::new(SystemClock), script).await
    }

    pub async fn open_by(clock: SharedClock, script: Script) -> Self {
        Self::at(clock, Houses::open(script).await).await
    }

    /// At houses that are open.
    pub async fn at(clock: SharedClock, houses: Houses) -> Self {
        Self::furnished(Desk::open_by(clock).await, houses).await
    }

    /// A desk of one's own with the houses' models on it, and $20 to spend.
    pub async fn furnished(desk: Desk, houses: Houses) -> Self {
        let panel = Self { desk, houses };
        panel.houses.furnish(&panel.desk).await;
        panel.limit(20).await;
        panel
    }

    /// With a markup on what the panel says, in hundredths of a percent.
    pub async fn charging(script: Script, markup_bps: u32) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let store = SqliteStore::open(home.path(), SystemClock.now())
            .await
            .unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let desk = Desk::over(store.clone(), home, Arc::new(SystemClock)).await;
        let panel = Self::furnished(desk, Houses::open(script).await).await;
        let tenant = TenantId::local();
        let terms = store.wallet(&tenant).await.unwrap().terms.unwrap();
        let mut terms: Value = serde_json::from_str(&terms).unwrap();
        terms["markup_bps"] = json!(markup_bps);
        let write = Write::SetWalletTerms(terms.to_string());
        store.commit(Unit::of(tenant).write(write)).await.unwrap();
        panel
    }

    /// Puts the keys back that a restart has forgotten.
    pub async fn unlock(&self) {
        for name in ["east", "west"] {
            self.ask::<commands::ReplaceProviderKey>(ReplaceKey {
                name: name.to_owned(),
                key: KEY.to_owned(),
            })
            .await;
        }
    }

    /// Convenes these seats over the question.
    pub async fn convene(&self, seats: &[&str]) -> SessionAck {
        self.ask::<commands::ConveneSession>(asking(seats)).await
    }

    /// The next round.
    pub async fn append(
        &self,
        session_id: SessionId,
        prompt: &str,
        snippets: Vec<Snippet>,
    ) -> SessionAck {
        self.ask::<commands::AppendToSession>(next(session_id, prompt, snippets))
            .await
    }

    /// Tries the newest round again, to its end.
    pub async fn retried(&self, session_id: SessionId) -> RoundView {
        let round = RoundRef {
            session_id,
            round_id: None,
        };
        self.ask::<commands::RetryRound>(round).await;
        self.finished(session_id).await
    }

    /// Every call the providers answered in full was paid once, at its price, and no other was.
    pub async fn assert_paid_once(&self) {
        let mut owed = self.houses.bills();
        let debits = self.debits().await;
        let mut paid: Vec<MicroUsd> = debits
            .iter()
            .map(|row| row.debit.as_ref().unwrap().amount)
            .collect();
        owed.sort();
        paid.sort();
        assert_eq!(paid, owed);
    }
}

/// A first round of these seats.
pub fn asking(seats: &[&str]) -> Convene {
    Convene {
        prompt: QUESTION.to_owned(),
        models: Some(seats.iter().map(|model| id(model)).collect()),
        ..Convene::default()
    }
}

/// A next round.
pub fn next(session_id: SessionId, prompt: &str, snippets: Vec<Snippet>) -> AppendRound {
    AppendRound {
        session_id,
        prompt: prompt.to_owned(),
        snippets,
        moderator_name: None,
        recap_round: false,
        recap_session: false,
    }
}

pub fn provider(name: &str, kind: ProviderKind, base_url: &str) -> AddProvider {
    AddProvider {
        name: name.to_owned(),
        kind,
        base_url: Some(base_url.to_owned()),
        key: Some(KEY.to_owned()),
        key_from_env: None,
        add_known_models: false,
    }
}

pub fn model_of(provider: &str, model: &str) -> AddModel {
    AddModel {
        id: None,
        provider: provider.to_owned(),
        provider_model: model.to_owned(),
        display_name: None,
        context_window: None,
        max_output_tokens: None,
    }
}

pub async fn set_price(desk: &Desk, model: &str, price: Price) {
    let price = Some(price);
    desk.ask::<commands::PriceModel>(SetPrice {
        id: id(model),
        price,
    })
    .await;
}

/// What a seat's tokens cost.
pub fn price(model: &str) -> Price {
    let rates = |input, output, cache_read, cache_write| Price {
        input: MicroUsd(input),
        output: MicroUsd(output),
        cache_read,
        cache_write,
        long: None,
    };
    match model {
        "alpha" => rates(3_000_000, 15_000_000, None, None),
        "beta" => rates(
            5_000_000,
            25_000_000,
            Some(MicroUsd(500_000)),
            Some(MicroUsd(6_250_000)),
        ),
        _ => rates(250_000, 1_000_000, None, None),
    }
}

/// What a provider would bill for a call.
pub fn bill(call: &Recorded) -> MicroUsd {
    let usage = call.usage.unwrap_or_default();
    price(call.model.as_deref().unwrap_or_default()).cost(&Usage {
        input: usage.uncached(),
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        output: usage.output,
        estimated: false,
    })
}
