//! A panel of three priced seats on both wires, seated by the command line alone.

use husting_domain::calls::Purpose;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_test_support::{FakeProvider, Outcome, Recorded, Script, Usage, Wire};

use crate::home::Home;
use crate::patience::wait_for;

/// A seat with its price.
pub struct Seat {
    /// The model's id, here and at its provider.
    pub id: &'static str,
    /// The provider's name.
    pub provider: &'static str,
    /// Dollars per million tokens: read, written, read from the cache.
    pub price: [&'static str; 3],
    /// The same in micro-dollars.
    rates: [i128; 3],
}

/// The seats, in panel order. Prices are such that most calls cost a fraction of a micro-dollar more
/// than a whole number.
pub const SEATS: [Seat; 3] = [
    Seat {
        id: "alpha-1",
        provider: "first",
        price: ["3.10", "15.70", "0.31"],
        rates: [3_100_000, 15_700_000, 310_000],
    },
    Seat {
        id: "beta-2",
        provider: "second",
        price: ["1.07", "5.33", "0.11"],
        rates: [1_070_000, 5_330_000, 110_000],
    },
    Seat {
        id: "gamma-3",
        provider: "first",
        price: ["0.27", "1.13", "0.03"],
        rates: [270_000, 1_130_000, 30_000],
    },
];

/// The panel's ids as `--models` takes them.
pub const MODELS: &str = "alpha-1,beta-2,gamma-3";

/// Keys, as no text of a test contains them.
pub const KEYS: [(&str, &str); 2] = [
    ("first", "sk-test-first-4f9b2c7d1e8a6035"),
    ("second", "sk-ant-test-second-a71c5e93d02b8f46"),
];

/// The providers behind the seats, running.
pub struct Panel {
    /// OpenAI's wire: the first and the third seat.
    pub first: FakeProvider,
    /// Anthropic's wire: the second seat.
    pub second: FakeProvider,
}

impl Panel {
    /// Starts both with the same script, each for its own key.
    pub async fn start(script: Script) -> Self {
        let [(_, first), (_, second)] = KEYS;
        Self {
            first: FakeProvider::start(Wire::OpenAi, script.clone().key(first))
                .await
                .expect("a port is free"),
            second: FakeProvider::start(Wire::Anthropic, script.key(second))
                .await
                .expect("a port is free"),
        }
    }

    /// Puts another script on both.
    pub fn swap(&self, script: &Script) {
        let [(_, first), (_, second)] = KEYS;
        self.first.swap(script.clone().key(first));
        self.second.swap(script.clone().key(second));
    }

    /// Makes the seats known, with nothing but commands, and twenty dollars to spend.
    pub async fn seat_at(&self, home: &Home) {
        seat_at(home, &self.first.base_url(), &self.second.origin()).await;
    }

    /// Every call so far, on either wire, in order of arrival.
    pub fn calls(&self) -> Vec<Recorded> {
        let arrived = |provider: &FakeProvider| {
            let since = provider.since();
            provider
                .requests()
                .into_iter()
                .map(move |call| (since + call.at, call))
        };
        let mut all: Vec<_> = arrived(&self.first).chain(arrived(&self.second)).collect();
        all.sort_by_key(|(at, _)| *at);
        let calls = all.into_iter().map(|(_, call)| call);
        calls
            .filter(|call| call.model.is_some() && call.outcome != Outcome::Refused)
            .collect()
    }

    /// Opens a gate on both wires.
    pub fn open(&self, gate: &str) {
        self.first.open(gate);
        self.second.open(gate);
    }

    /// Closes a gate on both wires.
    pub fn close(&self, gate: &str) {
        self.first.close(gate);
        self.second.close(gate);
    }

    /// Returns when all three seats stand at a gate.
    pub async fn until_all_wait(&self, gate: &str) {
        self.until_wait(gate, &SEATS.map(|seat| seat.id)).await;
    }

    /// Returns when these seats stand at a gate.
    pub async fn until_wait(&self, gate: &str, seats: &[&str]) {
        let of = |provider: &str| {
            let theirs = SEATS.iter().filter(|seat| seat.provider == provider);
            theirs.filter(|seat| seats.contains(&seat.id)).count()
        };
        let both = async {
            self.first.until_waiting(gate, of("first")).await;
            self.second.until_waiting(gate, of("second")).await;
        };
        wait_for(&format!("calls at the gate {gate}"), both).await;
    }
}

/// Makes the seats known with providers at these addresses.
pub async fn seat_at(home: &Home, first: &str, second: &str) {
    for ((name, key), (kind, address)) in KEYS
        .into_iter()
        .zip([("openai-compatible", first), ("anthropic", second)])
    {
        let words = [
            "provider",
            "add",
            name,
            "--kind",
            kind,
            "--base-url",
            address,
            "--key-stdin",
        ];
        home.run_with(&words, &format!("{key}\n")).await.done();
    }
    for seat in &SEATS {
        seat_with(home, seat, seat.provider).await;
    }
    home.run(&["wallet", "limit", "--usd", "20"]).await.done();
}

/// Makes a seat known with a provider that is known already.
pub async fn seat_with(home: &Home, seat: &Seat, provider: &str) {
    let add = ["models", "add", seat.id, "--provider", provider];
    home.run(&add).await.done();
    let [input, output, cached] = seat.price;
    let price = ["models", "price", seat.id, "--in", input, "--out", output];
    home.run(&[&price[..], &["--cache-read", cached]].concat())
        .await
        .done();
}

/// What a call of this usage costs, rounded up once; computed here on its own.
pub fn cost(model: &str, usage: &Usage) -> MicroUsd {
    let seat = SEATS
        .iter()
        .find(|seat| seat.id == model)
        .unwrap_or_else(|| panic!("{model} is no seat"));
    let tokens = [usage.uncached(), usage.output, usage.cache_read].map(i128::from);
    let exact: i128 = tokens
        .iter()
        .zip(seat.rates)
        .map(|(tokens, rate)| tokens * rate)
        .sum();
    MicroUsd(
        i64::try_from((exact + 999_999).div_euclid(1_000_000))
            .expect("a call costs less than that"),
    )
}

/// A seat's id.
pub fn model(id: &str) -> ModelId {
    ModelId::parse(id).unwrap_or_else(|| panic!("{id} is no id"))
}

/// What a call was for.
pub fn purpose(call: &Recorded) -> Purpose {
    match call.phase {
        Some(husting_test_support::Phase::React) => Purpose::React,
        _ => Purpose::Respond,
    }
}
