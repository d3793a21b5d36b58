//! What a failure leaves behind for the rounds after it: nothing lost from sight, nothing asked or
//! held that is not needed.

use husting_domain::money::MicroUsd;
use husting_domain::rounds::RoundStatus;
use husting_test_support::{Behaviour, Fault, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{AppendToSession, ChangeLimit, ChangeModel};
use husting_wire::errors::ErrorCode;
use husting_wire::models::EditModel;
use husting_wire::wallet::SetLimit;

use crate::desk::{id, reaction};
use crate::panel::{Panel, SEATS, next};
use crate::prompts;

fn refusing() -> Behaviour {
    Behaviour::default().fault(Fault::BadRequest400)
}

fn cut() -> Behaviour {
    Behaviour::debating().fault(Fault::Cut { after_tokens: 3 })
}

#[tokio::test]
async fn a_reaction_lost_on_a_retry_is_missed_although_an_earlier_one_stands() {
    let panel = Panel::open(Script::debate().for_phase("gamma", Phase::Respond, refusing())).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;

    panel
        .houses
        .swap(Script::debate().for_phase("beta", Phase::React, cut()));
    let round = panel.retried(session).await;
    assert_eq!(round.summary.answered, 3);
    assert_eq!(reaction(&round, "beta").state, SeatState::Error);
    assert!(round.summary.degraded && round.can_retry);

    panel.houses.swap(Script::debate());
    let round = panel.retried(session).await;
    assert!(!round.summary.degraded && !round.can_retry);
    let reactions = panel.houses.calls_of("beta", Phase::React);
    let shown = prompts::bodies(reactions.last().unwrap(), "answer");
    assert_eq!(
        shown.len(),
        1,
        "beta is shown what it had not reacted to, alone"
    );
}

#[tokio::test]
async fn a_retry_of_one_reaction_needs_the_money_for_that_one() {
    let panel = Panel::open(Script::debate().for_phase("beta", Phase::React, cut())).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    // Enough for one seat's minimum, not for three.
    let spent = panel.wallet().await.summary.spent_month;
    let monthly = Some(spent + MicroUsd(140_000));
    panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
    panel.houses.swap(Script::debate());
    let round = panel.retried(session).await;
    assert_eq!(
        (round.status, round.summary.reacted),
        (RoundStatus::Complete, 3)
    );
}

#[tokio::test]
async fn a_failed_round_leaves_the_map_before_it_in_sight_and_in_use() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let claims = panel.finished(session).await.summary.claims;
    assert!(claims > 0);

    let failing = SEATS.iter().fold(Script::debate(), |script, seat| {
        script.for_phase(*seat, Phase::Respond, refusing())
    });
    panel.houses.swap(failing);
    panel.append(session, "And now?", Vec::new()).await;
    assert_eq!(panel.finished(session).await.status, RoundStatus::Failed);
    assert_eq!(panel.session(session).await.summary.claims, claims);

    panel.houses.swap(Script::debate());
    panel.append(session, "", Vec::new()).await;
    let round = panel.finished(session).await;
    assert!(
        !round.snippets.is_empty(),
        "the built round forwards what the map holds"
    );
}

#[tokio::test]
async fn a_model_that_was_switched_off_is_not_called_in_a_later_round() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let asked = panel.houses.calls().len();
    panel
        .ask::<ChangeModel>(EditModel {
            id: id("beta"),
            enabled: Some(false),
            deadline_seconds: None,
        })
        .await;
    let refused = panel
        .refused::<AppendToSession>(next(session, "And now?", Vec::new()))
        .await;
    assert_eq!(refused.code, ErrorCode::IneligibleModels);
    assert_eq!(panel.houses.calls().len(), asked);
}
