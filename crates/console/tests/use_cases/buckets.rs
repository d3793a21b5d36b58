//! The default panel: whom it takes, and why it takes nobody.

use husting_domain::models::{ModelId, REHEARSAL_MODELS};
use husting_domain::money::MicroUsd;
use husting_domain::providers::ProviderKind;
use husting_test_support::Script;
use husting_wire::commands::{
    ChangeLimit, ChangeModel, ChangePanel, ConveneSession, DropModel, FindModels, PutModel,
    PutProvider, TakeSnapshot, TestProvider,
};
use husting_wire::errors::ErrorCode;
use husting_wire::models::{DefaultPanel, EditModel, ModelRef};
use husting_wire::providers::ProviderRef;
use husting_wire::sessions::Convene;
use husting_wire::settings::Nothing;
use husting_wire::wallet::SetLimit;

use crate::desk::{Desk, id};
use crate::panel::{Panel, QUESTION, model_of, price, set_price};

async fn switch(desk: &Desk, name: &str, on: bool) {
    desk.ask::<ChangeModel>(EditModel {
        id: id(name),
        enabled: Some(on),
        deadline_seconds: None,
    })
    .await;
}

/// Whoever the default panel takes.
fn anybody(moderator: Option<&str>) -> Convene {
    Convene {
        prompt: QUESTION.to_owned(),
        moderator_name: moderator.map(str::to_owned),
        ..Convene::default()
    }
}

fn buckets(names: &[&[&str]]) -> DefaultPanel {
    let bucket = |names: &&[&str]| -> Vec<ModelId> { names.iter().map(|name| id(name)).collect() };
    DefaultPanel {
        buckets: names.iter().map(bucket).collect(),
    }
}

#[tokio::test]
async fn the_default_panel_takes_the_first_of_each_bucket_that_is_on() {
    let panel = Panel::open(Script::debate()).await;
    let chosen = buckets(&[&["alpha", "gamma"], &["beta"]]);
    let view = panel.ask::<ChangePanel>(chosen).await;
    assert_eq!(view.seats, [id("alpha"), id("beta")]);
    assert!(view.chosen);
    let models = panel.ask::<FindModels>(Nothing {}).await.models;
    let beta = models.iter().find(|model| model.id == id("beta")).unwrap();
    assert_eq!(beta.default_bucket, Some(2));
    switch(&panel, "alpha", false).await;
    let snapshot = panel.ask::<TakeSnapshot>(Nothing {}).await;
    assert_eq!(snapshot.panel.seats, [id("gamma"), id("beta")]);
    let ack = panel.ask::<ConveneSession>(anybody(None)).await;
    let round = panel.finished(ack.session_id).await;
    let seated: Vec<&ModelId> = round.answers.iter().map(|seat| &seat.model).collect();
    assert_eq!(seated, [&id("gamma"), &id("beta")]);
}

#[tokio::test]
async fn a_panel_of_strangers_or_of_one_seat_is_refused_and_the_old_one_stays() {
    let panel = Panel::open(Script::debate()).await;
    let kept = buckets(&[&["alpha"], &["gamma"]]);
    panel.ask::<ChangePanel>(kept.clone()).await;
    let strange = buckets(&[&["alpha", "nobody"], &["beta"]]);
    let refused = panel.refused::<ChangePanel>(strange).await;
    assert_eq!(refused.code, ErrorCode::UnknownModels);
    assert_eq!(
        refused.details.unwrap()["unknown_models"],
        serde_json::json!(["nobody"])
    );
    let rehearsal = REHEARSAL_MODELS[0];
    for too_few in [
        &[&["alpha", "beta", "gamma"][..]][..],
        &[&["alpha"], &["alpha"]],
        &[&["alpha"], &[]],
        &[&["alpha"], &[rehearsal]],
    ] {
        let refused = panel.refused::<ChangePanel>(buckets(too_few)).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{too_few:?}");
        assert!(refused.message.contains("these give 1"), "{refused}");
        let named = too_few.iter().any(|bucket| bucket.contains(&rehearsal));
        let told = refused.message.contains("Rehearsal seats are not counted");
        assert_eq!(told, named, "{refused}");
    }
    let snapshot = panel.ask::<TakeSnapshot>(Nothing {}).await;
    assert_eq!(snapshot.panel.buckets, kept.buckets);
}

#[tokio::test]
async fn a_model_that_was_removed_does_not_stand_in_the_way_of_another_choice() {
    let panel = Panel::open(Script::debate()).await;
    panel
        .ask::<ChangePanel>(buckets(&[&["alpha"], &["beta", "gamma"]]))
        .await;
    panel.ask::<DropModel>(ModelRef { id: id("beta") }).await;
    let turned = buckets(&[&["gamma", "beta"], &["alpha"]]);
    let view = panel.ask::<ChangePanel>(turned).await;
    assert_eq!(view.buckets, buckets(&[&["gamma"], &["alpha"]]).buckets);
}

#[tokio::test]
async fn without_buckets_providers_differ_where_they_can() {
    let panel = Panel::open(Script::debate()).await;
    let snapshot = panel.ask::<TakeSnapshot>(Nothing {}).await;
    assert_eq!(snapshot.panel.seats, [id("alpha"), id("beta"), id("gamma")]);
    assert!(!snapshot.panel.rehearsal);
    assert!(!snapshot.panel.chosen);
    let in_turn = [id("gamma"), id("beta"), id("alpha")];
    assert_eq!(snapshot.panel.recap_writers, in_turn);
    let chosen = buckets(&[&["beta"], &["gamma"]]);
    let chosen = panel.ask::<ChangePanel>(chosen).await;
    let in_turn = [id("alpha"), id("beta"), id("gamma")];
    assert_eq!(
        chosen.recap_writers, in_turn,
        "who does not sit comes first"
    );
    let left = panel.ask::<ChangePanel>(buckets(&[])).await;
    assert_eq!(left, snapshot.panel, "Husting chooses again");
}

#[tokio::test]
async fn without_buckets_none_is_made_that_could_seat_nobody() {
    let panel = Panel::open(Script::debate()).await;
    panel.ask::<DropModel>(ModelRef { id: id("beta") }).await;
    let told = panel.ask::<TakeSnapshot>(Nothing {}).await.panel;
    assert_eq!(told.seats, [id("alpha"), id("gamma")]);
    let both = vec![id("alpha"), id("gamma")];
    assert_eq!(told.buckets, [both.clone(), both], "two models, two seats");
    assert!(told.collapsed_buckets.is_empty());
}

#[tokio::test]
async fn the_moderators_own_family_comes_last() {
    let panel = Panel::open(Script::debate()).await;
    for name in ["claude-test", "gpt-test"] {
        panel.ask::<PutModel>(model_of("east", name)).await;
        set_price(&panel, name, price("gamma")).await;
    }
    panel
        .ask::<ChangePanel>(buckets(&[&["claude-test", "gpt-test"], &["beta"]]))
        .await;
    for (moderator, first) in [
        (None, "claude-test"),
        (Some("Claude Code"), "gpt-test"),
        (Some("Codex"), "claude-test"),
    ] {
        let ack = panel.ask::<ConveneSession>(anybody(moderator)).await;
        let round = panel.finished(ack.session_id).await;
        assert_eq!(round.answers[0].model, id(first), "{moderator:?}");
    }
}

#[tokio::test]
async fn the_application_tells_the_family_where_the_name_does_not_and_chosen_buckets_are_not_needed()
 {
    let panel = Panel::open(Script::debate()).await;
    for name in ["alpha", "gamma", "beta"] {
        switch(&panel, name, false).await;
    }
    let providers = [
        ("anthropic", "claude-test"),
        ("gemini", "gemini-test"),
        ("mistral", "mistral-test"),
        ("openai", "gpt-test"),
    ];
    for (provider, name) in providers {
        let asked = crate::panel::provider(
            provider,
            ProviderKind::OpenaiCompatible,
            &panel.houses.east.base_url(),
        );
        panel.ask::<PutProvider>(asked).await;
        panel.ask::<PutModel>(model_of(provider, name)).await;
        set_price(&panel, name, price("gamma")).await;
    }
    let asked = Convene {
        application: Some("Claude Code".to_owned()),
        ..anybody(Some("Scout"))
    };
    let ack = panel.ask::<ConveneSession>(asked).await;
    let round = panel.finished(ack.session_id).await;
    let seated: Vec<&str> = round
        .answers
        .iter()
        .map(|seat| seat.model.as_str())
        .collect();
    assert_eq!(seated, ["gemini-test", "mistral-test", "gpt-test"]);
    let ack = panel.ask::<ConveneSession>(anybody(Some("Scout"))).await;
    let round = panel.finished(ack.session_id).await;
    assert_eq!(round.answers[0].model, id("claude-test"), "nobody's family");
}

#[tokio::test]
async fn a_provider_that_failed_when_it_was_tried_last_is_asked_only_where_the_others_give_no_panel()
 {
    let panel = Panel::open(Script::debate()).await;
    let away = crate::panel::provider(
        "away",
        ProviderKind::OpenaiCompatible,
        "http://127.0.0.1:9/v1",
    );
    panel.ask::<PutProvider>(away).await;
    panel.ask::<PutModel>(model_of("away", "delta")).await;
    set_price(&panel, "delta", price("gamma")).await;
    let seats = async || panel.ask::<TakeSnapshot>(Nothing {}).await.panel.seats;
    let name = "away".to_owned();
    panel.ask::<TestProvider>(ProviderRef { name }).await;
    assert_eq!(seats().await, [id("alpha"), id("beta"), id("gamma")]);
    for off in ["beta", "gamma"] {
        switch(&panel, off, false).await;
    }
    assert_eq!(
        seats().await,
        [id("alpha"), id("delta")],
        "after one that works"
    );
    switch(&panel, "gamma", true).await;
    let chosen = buckets(&[&["delta", "gamma"], &["alpha"]]);
    let chosen = panel.ask::<ChangePanel>(chosen).await;
    assert_eq!(chosen.seats, [id("gamma"), id("alpha")]);
}

#[tokio::test]
async fn too_few_buckets_with_somebody_in_them_are_told_by_number() {
    let panel = Panel::open(Script::debate()).await;
    switch(&panel, "alpha", false).await;
    panel
        .ask::<ChangePanel>(buckets(&[&["alpha"], &["beta"], &["alpha", "beta"]]))
        .await;
    let refused = panel.refused::<ConveneSession>(anybody(None)).await;
    assert_eq!(refused.code, ErrorCode::InsufficientActiveModels);
    assert_eq!(
        refused.details.unwrap()["collapsed_buckets"],
        serde_json::json!([0, 2])
    );
}

#[tokio::test]
async fn a_default_panel_without_money_is_refused_with_the_wallets_figures() {
    let panel = Panel::open(Script::debate()).await;
    let monthly = Some(MicroUsd(10));
    panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
    let refused = panel.refused::<ConveneSession>(anybody(None)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted);
    assert!(panel.houses.calls().is_empty());
}

#[tokio::test]
async fn a_default_panel_without_money_has_no_more_seats_than_one_with_it() {
    let panel = Panel::open(Script::debate()).await;
    panel.ask::<PutModel>(model_of("east", "delta")).await;
    set_price(&panel, "delta", price("gamma")).await;
    let four = buckets(&[&["alpha"], &["beta"], &["gamma"], &["delta"]]);
    let paid = panel.ask::<ChangePanel>(four).await;
    assert_eq!(paid.seats, [id("alpha"), id("beta"), id("gamma")]);
    let monthly = Some(MicroUsd(10));
    panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
    let refused = panel.refused::<ConveneSession>(anybody(None)).await;
    assert_eq!(refused.code, ErrorCode::CreditExhausted, "{refused}");
    // Fifty thousand for each of three seats.
    assert_eq!(refused.details.unwrap()["needed"], 150_000);
    assert!(panel.houses.calls().is_empty());
}

#[tokio::test]
async fn with_fewer_than_two_real_models_the_rehearsal_seats_sit_unmixed() {
    let panel = Panel::open(Script::debate()).await;
    for name in ["alpha", "gamma"] {
        panel.ask::<DropModel>(ModelRef { id: id(name) }).await;
    }
    let snapshot = panel.ask::<TakeSnapshot>(Nothing {}).await;
    assert!(snapshot.panel.rehearsal);
    assert_eq!(snapshot.panel.seats.len(), 3);
    assert!(snapshot.panel.seats.iter().all(ModelId::is_rehearsal));
    assert!(snapshot.panel.recap_writers.is_empty());
}
