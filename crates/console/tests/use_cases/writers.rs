//! Who is asked for a recap where Husting chooses: by price, each provider's first before anybody's
//! second, and no more than three.

use husting_domain::money::{MicroUsd, Price};
use husting_domain::recaps::RecapStatus;
use husting_test_support::{Phase, Script};
use husting_wire::commands::{ChangeSession, PutModel, TestProvider};
use husting_wire::models::AddModel;
use husting_wire::providers::ProviderRef;
use husting_wire::sessions::EditSession;

use crate::desk::id;
use crate::panel::{Panel, SEATS, WIRES, model_of, price, set_price};
use crate::recaps::{ask_for_recap, calls_in, recap, refusing_recaps};

/// East's models that sit on no panel.
const FREE: [&str; 3] = ["delta", "epsilon", "gamma"];

/// What a model takes for a million tokens read and written.
type Rates = (i64, i64);

/// What they take, and who is asked, in order. West has the panelist `beta` alone.
const CASES: [([Rates; 3], [&str; 3]); 4] = [
    // What is written decides, however dear reading is.
    (
        [(9_000_000, 900_000), (1, 2_000_000), (250_000, 1_000_000)],
        ["delta", "beta", "gamma"],
    ),
    (
        [(1, 2_000_000), (250_000, 1_000_000), (9_000_000, 900_000)],
        ["gamma", "beta", "epsilon"],
    ),
    // Then what is read.
    (
        [
            (300_000, 1_000_000),
            (250_000, 1_000_000),
            (200_000, 1_000_000),
        ],
        ["gamma", "beta", "epsilon"],
    ),
    // Then the name.
    (
        [
            (250_000, 1_000_000),
            (250_000, 1_000_000),
            (250_000, 1_000_000),
        ],
        ["delta", "beta", "epsilon"],
    ),
];

#[tokio::test]
async fn the_cheapest_writer_is_asked_first_and_three_at_the_most() {
    let script = refusing_recaps(&["alpha", "beta", "gamma", "delta", "epsilon"]);
    let panel = Panel::open(script).await;
    for model in ["epsilon", "delta"] {
        panel.ask::<PutModel>(model_of("east", model)).await;
    }
    let session = panel.convene(&WIRES).await.session_id;
    panel.finished(session).await;
    for (number, (prices, expected)) in CASES.iter().enumerate() {
        for (model, (input, output)) in FREE.iter().zip(prices) {
            let rates = Price {
                input: MicroUsd(*input),
                output: MicroUsd(*output),
                ..price("gamma")
            };
            set_price(&panel, model, rates).await;
        }
        ask_for_recap(&panel, session, 0).await;
        let failed = recap(&panel, session, 0).await;
        assert_eq!(failed.status, RecapStatus::Failed, "case {number}");
        let asked: Vec<&str> = failed.failed.iter().map(|one| one.model.as_str()).collect();
        assert_eq!(asked, expected, "case {number}");
        let calls = calls_in(&panel, Phase::Recap).len();
        assert_eq!(calls, 3 * (number + 1), "nobody else is asked");
    }
}

#[tokio::test]
async fn of_three_who_are_asked_one_was_heard_on_the_panel() {
    let script = refusing_recaps(&["beta", "gamma", "delta", "epsilon"]);
    let panel = Panel::open(script).await;
    for model in ["epsilon", "delta"] {
        panel.ask::<PutModel>(model_of("east", model)).await;
        set_price(&panel, model, price("gamma")).await;
    }
    let session = panel.convene(&["alpha", "epsilon"]).await.session_id;
    panel.finished(session).await;
    let dear = Price {
        output: MicroUsd(90_000_000),
        ..price("gamma")
    };
    set_price(&panel, "epsilon", dear).await;
    ask_for_recap(&panel, session, 0).await;
    let written = recap(&panel, session, 0).await;
    let asked: Vec<&str> = written
        .failed
        .iter()
        .map(|one| one.model.as_str())
        .collect();
    assert_eq!(asked, ["delta", "beta"]);
    assert_eq!(written.model, Some(id("alpha")));
}

#[tokio::test]
async fn who_sits_with_a_provider_that_failed_when_it_was_tried_is_asked_last() {
    let script = refusing_recaps(&["alpha", "beta", "gamma", "delta", "epsilon"]);
    let panel = Panel::open(script).await;
    panel.ask::<PutModel>(model_of("east", "delta")).await;
    let rates = Price {
        output: MicroUsd(1),
        ..price("gamma")
    };
    set_price(&panel, "delta", rates).await;
    let session = panel.convene(&WIRES).await.session_id;
    panel.finished(session).await;
    let asked = async |round| {
        ask_for_recap(&panel, session, round).await;
        let failed = recap(&panel, session, round).await.failed;
        let asked = failed.iter().map(|one| one.model.as_str().to_owned());
        asked.collect::<Vec<_>>()
    };
    assert_eq!(asked(0).await[0], "delta", "the cheapest");
    panel.houses.east.refuse_connections().await.unwrap();
    let name = "east".to_owned();
    panel.ask::<TestProvider>(ProviderRef { name }).await;
    panel.houses.east.accept_connections().unwrap();
    assert_eq!(asked(0).await[0], "beta", "whose provider answers");
}

#[tokio::test]
async fn a_recap_that_overshoots_what_its_session_may_still_spend_asks_nobody() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let spent = panel.finished(session_id).await.summary.charged;
    let limited = |limit| EditSession {
        session_id,
        title: None,
        tags: None,
        archived: None,
        spend_limit: Some(limit),
    };
    let nearly_used = limited(spent + MicroUsd(100));
    panel.ask::<ChangeSession>(nearly_used).await;
    ask_for_recap(&panel, session_id, 0).await;
    let refused = recap(&panel, session_id, 0).await;
    assert_eq!(refused.status, RecapStatus::Failed);
    assert!(calls_in(&panel, Phase::Recap).is_empty());
    // As much as was spent is more than a recap by the cheapest can cost.
    panel.ask::<ChangeSession>(limited(spent + spent)).await;
    ask_for_recap(&panel, session_id, 0).await;
    let written = recap(&panel, session_id, 0).await;
    assert_eq!(
        (written.status, written.model),
        (RecapStatus::Complete, Some(id("gamma")))
    );
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn a_writer_whose_window_is_too_small_is_passed_over_and_not_paid() {
    let panel = Panel::open(Script::debate()).await;
    let small = AddModel {
        context_window: Some(1_024),
        max_output_tokens: Some(512),
        ..model_of("east", "delta")
    };
    panel.ask::<PutModel>(small).await;
    let cheap = Price {
        input: MicroUsd(1),
        output: MicroUsd(1),
        ..price("gamma")
    };
    set_price(&panel, "delta", cheap).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    ask_for_recap(&panel, session, 0).await;
    let written = recap(&panel, session, 0).await;
    assert_eq!(written.status, RecapStatus::Complete);
    assert_eq!(written.model, Some(id("beta")));
    assert!(panel.houses.calls_of("delta", Phase::Recap).is_empty());
    assert_eq!(panel.wallet().await.summary.held, MicroUsd::ZERO);
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn a_model_that_cannot_be_asked_uses_up_no_try() {
    let panel = Panel::open(Script::debate()).await;
    // Nobody gave it a price: it may cost anything.
    panel.ask::<PutModel>(model_of("east", "delta")).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    ask_for_recap(&panel, session, 0).await;
    let written = recap(&panel, session, 0).await;
    assert_eq!(
        (written.status, written.model),
        (RecapStatus::Complete, Some(id("gamma")))
    );
    assert!(written.failed.is_empty(), "{:?}", written.failed);
    assert!(panel.houses.calls_of("delta", Phase::Recap).is_empty());
}
