//! Fake seats with known rates, on both wires, and a Husting that has them on its list at a price.

use std::time::{Duration, Instant};

use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::ProviderKind;
use husting_test_support::{Auth, Behaviour, FakeProvider, Outcome, Phase, Recorded, Script, Wire};
use husting_wire::commands::{ChangeLimit, ChangeSettings, PriceModel, PutModel, PutProvider};
use husting_wire::models::{AddModel, SetPrice};
use husting_wire::providers::AddProvider;
use husting_wire::settings::EditSettings;
use husting_wire::wallet::SetLimit;

use crate::instance::Instance;

/// Seats there are; every other one speaks the other wire.
pub const SEATS: usize = 8;

/// The providers behind the seats.
pub struct Panel {
    wires: [FakeProvider; 2],
}

/// One call as its provider saw it.
pub struct Call {
    /// The seat.
    pub model: ModelId,
    /// Respond or react.
    pub phase: Phase,
    /// When its request had come.
    pub asked: Instant,
    /// Just before its first words went out.
    pub spoke: Instant,
    /// When its last byte had gone out.
    pub ended: Instant,
}

impl Call {
    /// From the request to the last byte.
    pub fn lasted(&self) -> Duration {
        self.ended.saturating_duration_since(self.asked)
    }
}

/// How one seat speaks.
#[derive(Clone)]
pub struct Manner {
    /// Its answer, one piece of four bytes after the other.
    pub answer: String,
    /// Its reaction; the fakes' own where there is none.
    pub reaction: Option<String>,
    /// Pieces a second.
    pub rate: u32,
}

/// The seat's id, here and at its provider.
pub fn seat(at: usize) -> String {
    format!("seat-{}", at + 1)
}

/// The ids of the first `count` seats.
pub fn seats(count: usize) -> Vec<ModelId> {
    (0..count)
        .filter_map(|at| ModelId::parse(&seat(at)))
        .collect()
}

impl Panel {
    /// Starts the providers; seat `n` speaks in the n-th manner.
    pub async fn start(manners: &[Manner]) -> anyhow::Result<Self> {
        let script = script(manners);
        Ok(Self {
            wires: [
                FakeProvider::start(Wire::OpenAi, script.clone()).await?,
                FakeProvider::start(Wire::Anthropic, script).await?,
            ],
        })
    }

    /// Lets the seats speak otherwise from now on.
    pub fn teach(&self, manners: &[Manner]) {
        for wire in &self.wires {
            wire.swap(script(manners));
        }
    }

    /// Puts the seats on the list of a fresh Husting, at prices, with money to spend.
    pub async fn introduce(&self, husting: &Instance) -> anyhow::Result<()> {
        let settings = EditSettings {
            panel_max_seats: Some(SEATS as u32),
            ..EditSettings::default()
        };
        husting.call::<ChangeSettings>(settings).await?;
        husting
            .call::<ChangeLimit>(SetLimit {
                monthly: Some(MicroUsd::dollars(1_000)),
            })
            .await?;
        for (name, kind, base_url) in self.providers() {
            // Without a key a folder prepared here can be opened by another process.
            let key = (kind == ProviderKind::Anthropic).then(|| "a-key-of-no-worth".to_owned());
            let provider = AddProvider {
                name,
                kind,
                base_url: Some(base_url),
                key,
                key_from_env: None,
                add_known_models: false,
            };
            husting.call::<PutProvider>(provider).await?;
        }
        for at in 0..SEATS {
            self.seat_one(husting, at).await?;
        }
        Ok(())
    }

    /// The calls of a round that ended, matched by the moment they came after.
    pub fn calls_since(&self, begun: Instant) -> Vec<Call> {
        self.wires
            .iter()
            .flat_map(calls_of)
            .filter(|call| call.asked >= begun)
            .collect()
    }

    /// Where a bare client finds seat `at`: whole address and wire.
    pub fn address(&self, at: usize) -> (String, Wire) {
        match at % 2 {
            0 => (
                format!("{}/chat/completions", self.wires[0].base_url()),
                Wire::OpenAi,
            ),
            _ => (
                format!("{}/v1/messages", self.wires[1].origin()),
                Wire::Anthropic,
            ),
        }
    }

    fn providers(&self) -> [(String, ProviderKind, String); 2] {
        [
            (
                "one".to_owned(),
                ProviderKind::OpenaiCompatible,
                self.wires[0].base_url(),
            ),
            (
                "other".to_owned(),
                ProviderKind::Anthropic,
                self.wires[1].origin(),
            ),
        ]
    }

    async fn seat_one(&self, husting: &Instance, at: usize) -> anyhow::Result<()> {
        let provider = ["one", "other"][at % 2].to_owned();
        let added = AddModel {
            id: None,
            provider,
            provider_model: seat(at),
            display_name: None,
            context_window: None,
            max_output_tokens: None,
        };
        husting.call::<PutModel>(added).await?;
        let price = Price {
            input: MicroUsd::dollars(3),
            output: MicroUsd::dollars(15),
            cache_read: None,
            cache_write: None,
            long: None,
        };
        if let Some(id) = ModelId::parse(&seat(at)) {
            husting
                .call::<PriceModel>(SetPrice {
                    id,
                    price: Some(price),
                })
                .await?;
        }
        Ok(())
    }
}

fn script(manners: &[Manner]) -> Script {
    let mut script = Script {
        auth: Auth::Open,
        ..Script::debate()
    };
    for (at, manner) in manners.iter().enumerate() {
        let answer = Behaviour::answering(&manner.answer).tokens_per_second(manner.rate);
        let reaction = manner
            .reaction
            .as_ref()
            .map_or_else(Behaviour::debating, Behaviour::answering);
        script = script
            .for_phase(seat(at), Phase::Respond, answer)
            .for_phase(
                seat(at),
                Phase::React,
                reaction.tokens_per_second(manner.rate),
            );
    }
    script
}

fn calls_of(provider: &FakeProvider) -> Vec<Call> {
    let since = provider.since();
    let call = |record: Recorded| {
        (record.outcome == Outcome::Finished).then_some(())?;
        Some(Call {
            model: ModelId::parse(&record.model?)?,
            phase: record.phase?,
            asked: since + record.at,
            spoke: since + record.first_text_at?,
            ended: since + record.ended_at?,
        })
    };
    provider.requests().into_iter().filter_map(call).collect()
}
