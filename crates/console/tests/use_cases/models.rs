//! Who can be seated and at which price.

use husting_domain::models::{PriceSource, UnavailableReason};
use husting_domain::money::{LongPrice, MicroUsd, Price};
use husting_domain::providers::ProviderKind;
use husting_test_support::{FakeProvider, Script, Wire};
use husting_wire::commands::{
    AskForModels, ChangeLimit, ChangeModel, ConveneSession, DropModel, DropProvider, FindModels,
    PriceModel, PutModel, PutModelBack, PutProvider,
};
use husting_wire::errors::ErrorCode;
use husting_wire::models::{AddModel, EditModel, ModelRef, ModelView, RefreshModels, SetPrice};
use husting_wire::providers::{AddProvider, ProviderRef};
use husting_wire::sessions::Convene;
use husting_wire::settings::Nothing;
use husting_wire::wallet::SetLimit;
use serde_json::json;

use crate::desk::{Desk, id};
use crate::panel::{KEY, Panel, SEATS, asking, model_of, price, provider, set_price};

async fn model(desk: &Desk, name: &str) -> ModelView {
    let list = desk.ask::<FindModels>(Nothing {}).await.models;
    list.into_iter()
        .find(|model| model.id.as_str() == name)
        .unwrap()
}

async fn reason(desk: &Desk, name: &str) -> Option<UnavailableReason> {
    let model = model(desk, name).await;
    assert_eq!(model.available, model.unavailable_reason.is_none());
    assert_eq!(model.unavailable_message.is_some(), !model.available);
    model.unavailable_reason
}

async fn switch(desk: &Desk, name: &str, on: bool) {
    desk.ask::<ChangeModel>(EditModel {
        id: id(name),
        enabled: Some(on),
        deadline_seconds: None,
    })
    .await;
}

#[tokio::test]
async fn each_reason_why_a_model_cannot_be_seated_is_told() {
    let panel = Panel::open(Script::debate()).await;
    assert_eq!(reason(&panel, "alpha").await, None);
    switch(&panel, "alpha", false).await;
    assert_eq!(
        reason(&panel, "alpha").await,
        Some(UnavailableReason::Disabled)
    );
    panel.ask::<PutModel>(model_of("east", "unheard-of")).await;
    assert_eq!(
        reason(&panel, "unheard-of").await,
        Some(UnavailableReason::NoPrice)
    );
    let monthly = Some(MicroUsd(49_999));
    panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
    assert_eq!(
        reason(&panel, "beta").await,
        Some(UnavailableReason::CreditExhausted)
    );
    assert_eq!(reason(&panel, "rehearsal-skeptic").await, None);
    let refused = panel
        .refused::<ConveneSession>(asking(&["alpha", "unheard-of"]))
        .await;
    assert_eq!(refused.code, ErrorCode::IneligibleModels);
    assert_eq!(
        refused.details.unwrap()["ineligible_models"],
        serde_json::json!(["alpha", "unheard-of"])
    );
    let none = asking(&["unheard-of", "untold-of"]);
    panel.ask::<PutModel>(model_of("west", "untold-of")).await;
    let refused = panel.refused::<ConveneSession>(none).await.message;
    assert!(refused.contains("unheard-of, untold-of: "), "{refused}");
    assert_eq!(refused.matches("price table").count(), 1, "{refused}");
}

#[tokio::test]
async fn the_operators_price_wins_over_the_table_and_gives_way_again() {
    let desk = Desk::open().await;
    let house = FakeProvider::start(Wire::Anthropic, Script::debate())
        .await
        .unwrap();
    let anthropic = provider("anthropic", ProviderKind::Anthropic, &house.origin());
    desk.ask::<PutProvider>(anthropic).await;
    desk.ask::<PutModel>(model_of("anthropic", "claude-opus-4-5"))
        .await;
    let table = model(&desk, "claude-opus-4-5").await;
    assert_eq!(table.price_source, Some(PriceSource::Table));
    assert_eq!(table.price, table.table_price);
    let own = Some(price("alpha"));
    let asked = SetPrice {
        id: table.id.clone(),
        price: own,
    };
    desk.ask::<PriceModel>(asked.clone()).await;
    let dearer = model(&desk, "claude-opus-4-5").await;
    assert_eq!((dearer.price, dearer.table_price), (own, table.table_price));
    assert_eq!(dearer.price_source, Some(PriceSource::Operator));
    let again = SetPrice {
        price: None,
        ..asked.clone()
    };
    desk.ask::<PriceModel>(again).await;
    assert_eq!(model(&desk, "claude-opus-4-5").await.price, table.price);
    // By its provider's name for it; twice on the list, it has to be told which.
    let by_provider = SetPrice {
        id: id("anthropic/claude-opus-4-5"),
        ..asked.clone()
    };
    let list = desk.ask::<PriceModel>(by_provider.clone()).await;
    assert_eq!(model(&desk, "claude-opus-4-5").await.price, own);
    let second = AddModel {
        id: Some(id("opus")),
        ..model_of("anthropic", "claude-opus-4-5")
    };
    let longer = desk.ask::<PutModel>(second).await;
    assert_eq!(longer.models.len(), list.models.len() + 1);
    let refused = desk.refused::<PriceModel>(by_provider).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    assert!(
        refused.message.contains("as claude-opus-4-5 and as opus"),
        "{refused}"
    );
    let tiered = SetPrice {
        price: Some(Price {
            long: Some(LongPrice {
                above: 1,
                input: MicroUsd(1),
                output: MicroUsd(1),
                cache_read: None,
                cache_write: None,
            }),
            ..Price::default()
        }),
        ..asked.clone()
    };
    let refused = desk.refused::<PriceModel>(tiered).await;
    assert!(refused.message.contains("every length"), "{refused}");
    let negative = SetPrice {
        price: Some(Price {
            input: MicroUsd(-1),
            ..Price::default()
        }),
        ..asked
    };
    let refused = desk.refused::<PriceModel>(negative).await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn what_a_long_prompt_costs_is_said_beside_the_price() {
    let desk = Desk::open().await;
    let house = FakeProvider::start(Wire::Gemini, Script::debate())
        .await
        .unwrap();
    let gemini = provider("gemini", ProviderKind::Gemini, &house.origin());
    desk.ask::<PutProvider>(gemini).await;
    desk.ask::<PutModel>(model_of("gemini", "gemini-2.5-pro"))
        .await;
    let records = desk.console.model_records(&desk.caller).await.unwrap();
    let records = serde_json::to_value(records).unwrap();
    let pricing = |id: &str| {
        let models = records["models"].as_array().unwrap();
        models.iter().find(|one| one["id"] == id).unwrap()["pricing"].clone()
    };
    let long = json!({
        "above_tokens": 200_000, "input_per_million_usd": 2.5, "output_per_million_usd": 15,
        "cache_read_per_million_usd": 0.25, "cache_write_per_million_usd": null,
    });
    assert_eq!(pricing("gemini-2.5-pro")["long_prompt"], long);
    let rehearsal = pricing("rehearsal-skeptic");
    assert!(rehearsal.get("long_prompt").is_none(), "{rehearsal}");
}

#[tokio::test]
async fn a_provider_says_what_it_has_and_brings_what_the_table_knows() {
    let desk = Desk::open().await;
    let served = Script::debate().models(["claude-opus-4-5", "claude-unheard-of"]);
    let house = FakeProvider::start(Wire::Anthropic, served).await.unwrap();
    let asked = AddProvider {
        add_known_models: true,
        ..provider("anthropic", ProviderKind::Anthropic, &house.origin())
    };
    desk.ask::<PutProvider>(asked.clone()).await;
    assert!(model(&desk, "claude-opus-4-5").await.available);
    let offered = desk
        .ask::<AskForModels>(RefreshModels {
            provider: "anthropic".to_owned(),
        })
        .await
        .offered;
    let known: Vec<bool> = offered
        .iter()
        .map(|offer| offer.known_as.is_some())
        .collect();
    assert_eq!(known, [true, false]);
    // Another who has the same models takes their names from nobody.
    let other = AddProvider {
        name: "work".to_owned(),
        ..asked.clone()
    };
    desk.ask::<PutProvider>(other).await;
    for (id, provider) in [
        ("claude-opus-4-5", "anthropic"),
        ("work/claude-opus-4-5", "work"),
    ] {
        assert_eq!(model(&desk, id).await.provider, provider);
    }
    let twice = desk.refused::<PutProvider>(asked).await;
    assert_eq!(twice.code, ErrorCode::AlreadyExists);
    for (provider, told) in [
        ("anthropic", "claude-opus-4-5 is on the list already."),
        (
            "work",
            "claude-opus-4-5 is on the list already, by anthropic. Another id for this one keeps both: `--as ID` on the \
             command line.",
        ),
    ] {
        let again = model_of(provider, "claude-opus-4-5");
        let twice = desk.refused::<PutModel>(again).await;
        assert_eq!(twice.code, ErrorCode::AlreadyExists);
        assert_eq!(twice.message, told);
    }
}

#[tokio::test]
async fn a_removed_provider_takes_its_models_along_and_leaves_sessions_readable() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let before = panel.session(session).await;
    let name = "east".to_owned();
    let left = panel.ask::<DropProvider>(ProviderRef { name }).await;
    assert_eq!(left.providers.len(), 1);
    let models = panel.ask::<FindModels>(Nothing {}).await.models;
    assert!(models.iter().all(|model| model.provider != "east"));
    let after = panel.session(session).await;
    for (one, other) in before.rounds[0]
        .answers
        .iter()
        .zip(&after.rounds[0].answers)
    {
        assert_eq!((&one.text, one.cost), (&other.text, other.cost));
    }
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::UnknownModels);
    assert_eq!(
        refused.details.unwrap()["unknown_models"],
        serde_json::json!(["alpha", "gamma"])
    );
    let twice = asking(&["nobody", "alpha", "nobody"]);
    let once = panel.refused::<ConveneSession>(twice).await;
    assert_eq!(
        once.details.unwrap()["unknown_models"],
        serde_json::json!(["nobody", "alpha"])
    );
    let begins = "nobody, alpha are not models";
    assert!(once.message.starts_with(begins), "{}", once.message);
}

#[tokio::test]
async fn a_window_too_small_for_the_context_fails_that_seat_before_its_call() {
    let panel = Panel::open(Script::debate()).await;
    let mut small = model_of("east", "small");
    small.context_window = Some(9_000);
    small.max_output_tokens = Some(8_192);
    panel.ask::<PutModel>(small).await;
    set_price(&panel, "small", price("gamma")).await;
    let asked = Convene {
        reference: Some("Words of a long document. ".repeat(400)),
        ..asking(&["alpha", "beta", "small"])
    };
    let before = panel.balance().await;
    let session = panel.ask::<ConveneSession>(asked).await.session_id;
    let round = panel.finished(session).await;
    let seat = crate::desk::answer(&round, "small");
    assert_eq!(
        seat.error_code,
        Some(husting_domain::calls::SeatErrorCode::PreStreamFailure)
    );
    assert!(seat.error_message.as_ref().unwrap().contains("9000"));
    assert_eq!(round.summary.answered, 2);
    let asked_small = panel.houses.calls();
    assert!(
        asked_small
            .iter()
            .all(|call| call.model.as_deref() != Some("small"))
    );
    panel.audit(before).await;
}

#[tokio::test]
async fn a_model_with_a_small_cap_is_never_asked_for_more_than_it_can_write() {
    let panel = Panel::open(Script::debate()).await;
    let mut terse = model_of("west", "terse");
    terse.max_output_tokens = Some(700);
    panel.ask::<PutModel>(terse).await;
    set_price(&panel, "terse", price("gamma")).await;
    let session = panel.convene(&["alpha", "terse"]).await.session_id;
    panel.finished(session).await;
    let calls = panel.houses.calls();
    let caps: Vec<u64> = calls
        .iter()
        .filter(|call| call.model.as_deref() == Some("terse"))
        .map(crate::prompts::output_cap)
        .collect();
    assert!(
        caps.len() >= 2 && caps.iter().all(|cap| *cap <= 700),
        "{caps:?}"
    );
}

#[tokio::test]
async fn a_local_server_needs_no_key_and_costs_nothing() {
    for (wire, kind) in [
        (Wire::Ollama, ProviderKind::Ollama),
        (Wire::OpenAi, ProviderKind::OpenaiLocal),
    ] {
        assert_costs_nothing(wire, kind).await;
    }
}

async fn assert_costs_nothing(wire: Wire, kind: ProviderKind) {
    let desk = Desk::open().await;
    let mut open = Script::debate();
    open.auth = husting_test_support::Auth::Open;
    let house = FakeProvider::start(wire, open).await.unwrap();
    let local = AddProvider {
        key: None,
        ..provider("ollama", kind, &house.base_url())
    };
    desk.ask::<PutProvider>(local).await;
    for name in ["llama", "qwen"] {
        desk.ask::<PutModel>(model_of("ollama", name)).await;
    }
    let view = model(&desk, "llama").await;
    assert_eq!(
        (view.price_source, view.minimum),
        (Some(PriceSource::Free), MicroUsd::ZERO)
    );
    let session = desk
        .ask::<ConveneSession>(asking(&["llama", "qwen"]))
        .await
        .session_id;
    let round = desk.finished(session).await;
    assert_eq!((round.summary.answered, round.debits.len()), (2, 0));
    let sent = &house.requests()[0].headers;
    assert!(
        sent.iter()
            .all(|(name, value)| name != "authorization" && !value.contains(KEY))
    );
}

#[tokio::test]
async fn a_model_taken_off_the_list_comes_back_as_it_was() {
    let served = Script::debate().models(["vendor/some-model:large"]);
    let panel = Panel::open(served).await;
    let foreign = AddModel {
        id: Some(id("night-shift")),
        display_name: Some("Night shift".to_owned()),
        context_window: Some(9_000),
        ..model_of("east", "vendor/some-model:large")
    };
    panel.ask::<PutModel>(foreign.clone()).await;
    set_price(&panel, "night-shift", price("beta")).await;
    panel
        .ask::<ChangeModel>(EditModel {
            id: id("night-shift"),
            enabled: Some(false),
            deadline_seconds: Some(77),
        })
        .await;
    let before = model(&panel, "night-shift").await;
    let which = ModelRef {
        id: id("night-shift"),
    };

    let list = panel.ask::<DropModel>(which.clone()).await;
    assert!(list.models.iter().all(|model| model.id != before.id));
    let removed: Vec<_> = list.removed.iter().map(|model| &model.id).collect();
    assert_eq!(removed, [&before.id]);
    let again = panel.refused::<DropModel>(which.clone()).await;
    assert_eq!(again.code, ErrorCode::NotFound);

    let list = panel.ask::<PutModelBack>(which.clone()).await;
    assert_eq!(model(&panel, "night-shift").await, before);
    assert_eq!(list.removed, []);
    let provider = "east".to_owned();
    let offered = panel.ask::<AskForModels>(RefreshModels { provider }).await;
    assert_eq!(offered.offered[0].known_as, Some(id("night-shift")));

    let refused = panel.refused::<PutModelBack>(which.clone()).await;
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
    let never = ModelRef { id: id("never") };
    let refused = panel.refused::<PutModelBack>(never).await;
    assert_eq!(refused.code, ErrorCode::NotFound);

    // Put on the list anew it is a new one, and what stood before it is gone.
    panel.ask::<DropModel>(which.clone()).await;
    let list = panel.ask::<PutModel>(foreign).await;
    assert_eq!(list.removed, []);
    assert!(model(&panel, "night-shift").await.enabled);

    // A provider takes with it what was taken off its models.
    panel.ask::<DropModel>(which).await;
    let name = "east".to_owned();
    panel.ask::<DropProvider>(ProviderRef { name }).await;
    let list = panel.ask::<FindModels>(Nothing {}).await;
    assert_eq!(list.removed, []);
}
