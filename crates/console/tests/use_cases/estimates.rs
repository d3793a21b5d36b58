//! What a round would cost, told before anything is spent.

use husting_domain::money::MicroUsd;
use husting_domain::quotes::QuoteStatus;
use husting_domain::rounds::{Phase as RoundPhase, RoundStatus};
use husting_domain::snippets::{Snippet, SnippetType};
use husting_test_support::{Behaviour, Fault, GatePoint, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{
    AppendToSession, CancelRound, ChangeLimit, ChangeModel, ChangeSettings, ConveneSession,
    Estimate, PutModel,
};
use husting_wire::errors::ErrorCode;
use husting_wire::estimates::{EstimateRound, EstimateView};
use husting_wire::models::EditModel;
use husting_wire::rounds::AppendRound;
use husting_wire::sessions::{Convene, SessionRef};
use husting_wire::settings::EditSettings;
use husting_wire::wallet::SetLimit;

use crate::desk::{answer, id};
use crate::panel::{Panel, QUESTION, SEATS, asking, model_of, next, price, set_price};

fn first_round() -> EstimateRound {
    EstimateRound {
        models: Some(SEATS.iter().map(|model| id(model)).collect()),
        prompt_bytes: QUESTION.len() as u64,
        ..EstimateRound::default()
    }
}

/// The seats' parts are the round.
fn adds_up(estimate: &EstimateView) {
    let low: MicroUsd = estimate.seats.iter().map(|seat| seat.low).sum();
    let high: MicroUsd = estimate.seats.iter().map(|seat| seat.high).sum();
    assert_eq!((low, high), (estimate.low, estimate.high));
}

#[tokio::test]
async fn an_estimate_is_a_range_below_what_would_be_held_and_learns_from_rounds() {
    let panel = Panel::open(Script::debate()).await;
    let before = panel.ask::<Estimate>(first_round()).await;
    assert!(MicroUsd::ZERO < before.low && before.low <= before.high);
    assert!(before.high <= before.hold && before.affordable);
    assert_eq!((before.basis_rounds, before.seconds), (0, None));
    assert_eq!(before.available, Some(MicroUsd::dollars(20)));
    let held: MicroUsd = before.seats.iter().map(|seat| seat.hold).sum();
    assert_eq!(held, before.hold);
    adds_up(&before);

    let session_id = panel.convene(&SEATS).await.session_id;
    let charged = panel.finished(session_id).await.summary.charged;
    let after = panel.ask::<Estimate>(first_round()).await;
    assert_eq!(after.basis_rounds, 1);
    adds_up(&after);
    assert!(
        after.low <= charged && charged <= after.high,
        "{charged:?} in {after:?}"
    );
    let next = EstimateRound {
        session_id: Some(session_id),
        models: None,
        ..first_round()
    };
    let next = panel.ask::<Estimate>(next).await;
    assert!(next.hold > after.hold, "a next round reads what was said");
}

#[tokio::test]
async fn an_estimate_says_what_the_wallet_would_do() {
    let panel = Panel::open(Script::debate()).await;
    for (micros, affordable, lowered) in [(400_000, true, true), (100_000, false, false)] {
        let monthly = Some(MicroUsd(micros));
        panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
        let estimate = panel.ask::<Estimate>(first_round()).await;
        assert_eq!(estimate.affordable, affordable);
        assert_eq!(estimate.lowered_output_tokens.is_some(), lowered);
        // What is refused says what it would have held, which is more than there is.
        assert_eq!(estimate.hold <= MicroUsd(micros), affordable);
    }
    let least = panel.ask::<Estimate>(first_round()).await.least;
    for (monthly, affordable) in [(least, true), (least - MicroUsd(1), false)] {
        let monthly = Some(monthly);
        panel.ask::<ChangeLimit>(SetLimit { monthly }).await;
        let estimate = panel.ask::<Estimate>(first_round()).await;
        assert_eq!((estimate.affordable, estimate.least), (affordable, least));
    }
    assert!(panel.houses.calls().is_empty());
}

fn refusing_gamma() -> Script {
    let refusing = Behaviour::default().fault(Fault::BadRequest400);
    Script::debate().for_phase("gamma", Phase::Respond, refusing)
}

#[tokio::test]
async fn broken_rounds_teach_nothing() {
    let panel = Panel::open(refusing_gamma()).await;
    let before = panel.ask::<Estimate>(first_round()).await;
    // One answer fails, then all that a retry costs besides, then a cancelled round, then a lost reaction.
    let partial = panel.convene(&SEATS).await.session_id;
    panel.finished(partial).await;
    panel.houses.swap(Script::debate());
    let retried = panel.retried(partial).await;
    assert_eq!(retried.status, RoundStatus::Complete);

    let gate = Behaviour::debating().gate("reaction", GatePoint::BeforeEnd);
    panel
        .houses
        .swap(Script::debate().for_phase("beta", Phase::React, gate));
    let cancelled = panel.convene(&SEATS).await.session_id;
    panel
        .once(cancelled, |round| round.phase == RoundPhase::React)
        .await;
    let session_id = cancelled;
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    let ended = panel.finished(cancelled).await;
    assert!(ended.cancelled && ended.status == RoundStatus::Complete);
    panel.houses.release("reaction");

    let mute = Behaviour::default().fault(Fault::BadRequest400);
    panel
        .houses
        .swap(Script::debate().for_phase("beta", Phase::React, mute));
    let unreacted = panel.convene(&SEATS).await.session_id;
    assert_eq!(panel.finished(unreacted).await.summary.reacted, 2);

    assert!(panel.debits().await.len() > 10, "they did cost something");
    let after = panel.ask::<Estimate>(first_round()).await;
    assert_eq!(
        (after.basis_rounds, after.low, after.high, after.seconds),
        (0, before.low, before.high, None)
    );
    panel.houses.swap(Script::debate());
    let whole = panel.convene(&SEATS).await.session_id;
    panel.finished(whole).await;
    let learned = panel.ask::<Estimate>(first_round()).await;
    assert_eq!(learned.basis_rounds, 1);
}

#[tokio::test]
async fn what_a_session_may_spend_is_counted_before_there_is_one_and_after() {
    let panel = Panel::open(Script::debate()).await;
    let under = |micros| EstimateRound {
        spend_limit: Some(MicroUsd(micros)),
        ..first_round()
    };
    let tight = panel.ask::<Estimate>(under(100_000)).await;
    assert!(!tight.affordable);
    assert_eq!(tight.session_left, Some(MicroUsd(100_000)));
    assert!(tight.least > MicroUsd(100_000) && tight.hold == tight.least);
    let cut = panel.ask::<Estimate>(under(300_000)).await;
    assert!(cut.affordable && cut.hold <= MicroUsd(300_000));
    assert!(cut.lowered_output_tokens.is_some());
    let whole = panel.ask::<Estimate>(first_round()).await;
    assert!(whole.session_left.is_none() && whole.hold > cut.hold);

    let convene = Convene {
        spend_limit: Some(MicroUsd(300_000)),
        ..asking(&SEATS)
    };
    let session_id = panel.ask::<ConveneSession>(convene).await.session_id;
    let spent = panel.finished(session_id).await.summary.cost;
    let next = EstimateRound {
        session_id: Some(session_id),
        models: None,
        ..first_round()
    };
    let left = panel.ask::<Estimate>(next).await.session_left;
    assert_eq!(left, Some(MicroUsd(300_000) - spent));
}

#[tokio::test]
async fn what_has_no_price_is_not_estimated_as_nothing() {
    let panel = Panel::open(Script::debate()).await;
    panel.ask::<PutModel>(model_of("west", "unheard-of")).await;
    let asked = || EstimateRound {
        models: Some(vec![id("alpha"), id("unheard-of")]),
        ..first_round()
    };
    let refused = panel.refused::<Estimate>(asked()).await;
    assert_eq!(refused.code, ErrorCode::IneligibleModels, "{refused}");
    assert!(refused.message.contains("unheard-of"), "{refused}");
    assert!(!refused.message.contains("alpha"), "{refused}");
    set_price(&panel, "unheard-of", price("gamma")).await;
    assert!(panel.ask::<Estimate>(asked()).await.high > MicroUsd::ZERO);
}

#[tokio::test]
async fn a_panel_that_would_not_be_convened_is_not_priced() {
    let panel = Panel::open(Script::debate()).await;
    let panels: [&[&str]; 4] = [
        &[],
        &["alpha"],
        &["alpha", "beta", "alpha"],
        &["alpha", "nobody"],
    ];
    for models in panels {
        let convene = Convene {
            models: Some(models.iter().map(|model| id(model)).collect()),
            ..asking(&SEATS)
        };
        let asked = EstimateRound {
            models: convene.models.clone(),
            ..first_round()
        };
        let refused = panel.refused::<Estimate>(asked).await;
        assert_eq!(refused, panel.refused::<ConveneSession>(convene).await);
    }
}

#[tokio::test]
async fn a_seat_whose_window_is_too_small_is_named_before_its_call_would_fail() {
    let panel = Panel::open(Script::debate()).await;
    let mut narrow = model_of("west", "narrow");
    (narrow.context_window, narrow.max_output_tokens) = (Some(20_000), Some(2_000));
    panel.ask::<PutModel>(narrow).await;
    set_price(&panel, "narrow", price("gamma")).await;
    let models = vec![id("alpha"), id("narrow")];
    for (kilobytes, fits) in [(60, true), (90, false)] {
        let reference = "It is as it is. ".repeat(kilobytes * 64);
        let asked = EstimateRound {
            models: Some(models.clone()),
            prompt_bytes: QUESTION.len() as u64,
            reference_bytes: reference.len() as u64,
            ..EstimateRound::default()
        };
        let told = panel.ask::<Estimate>(asked).await;
        let [alpha, narrow] = &told.seats[..] else {
            panic!("two seats")
        };
        assert!(alpha.fits && alpha.needed_tokens < alpha.context_window);
        assert_eq!((narrow.fits, narrow.context_window), (fits, 20_000));
        assert_eq!(narrow.needed_tokens <= 20_000, fits);

        let convene = Convene {
            reference: Some(reference),
            ..asking(&["alpha", "narrow"])
        };
        let session_id = panel.ask::<ConveneSession>(convene).await.session_id;
        let round = panel.finished(session_id).await;
        let seat = answer(&round, "narrow");
        assert_eq!(seat.state == SeatState::Final, fits);
        if !fits {
            let context = narrow.needed_tokens - 2_000;
            let words = format!("about {context} tokens and 2000 for the answer");
            let said = seat.error_message.as_deref().unwrap();
            assert!(said.contains(&words), "{said}, not {words}");
        }

        let next = EstimateRound {
            session_id: Some(session_id),
            prompt_bytes: 3,
            ..EstimateRound::default()
        };
        let told = panel.ask::<Estimate>(next).await;
        assert_eq!(told.seats[1].fits, fits, "what was said is read again");
        assert!(told.seats[1].needed_tokens > narrow.needed_tokens);
    }
}

#[tokio::test]
async fn an_estimate_says_why_its_round_would_be_refused_as_the_refusal_does() {
    let panel = Panel::open(Script::debate()).await;
    assert_eq!(panel.ask::<Estimate>(first_round()).await.hindrance, None);
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let later = EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: 3,
        ..EstimateRound::default()
    };
    assert_eq!(panel.ask::<Estimate>(later.clone()).await.hindrance, None);

    let put_aside = EditModel {
        id: id("beta"),
        enabled: Some(false),
        deadline_seconds: None,
    };
    panel.ask::<ChangeModel>(put_aside).await;
    let refused = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(refused.code, ErrorCode::IneligibleModels);
    for asked in [first_round(), later] {
        let told = panel.ask::<Estimate>(asked).await;
        assert_eq!(told.hindrance.as_ref(), Some(&refused.message));
        assert!(told.affordable && told.low > MicroUsd::ZERO, "{told:?}");
    }
}

#[tokio::test]
async fn an_estimate_says_how_what_would_be_forwarded_would_be_found() {
    let said = "A pilot should not run longer than six weeks.";
    let panel =
        Panel::open(Script::debate().for_phase("beta", Phase::Respond, Behaviour::answering(said)))
            .await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let snippet = |quote: &str, quoted: &str| Snippet {
        kind: SnippetType::Keep,
        quote: quote.to_owned(),
        quoted_model: id(quoted),
        comment: None,
        confidence: None,
        said_by: None,
    };
    let asked = |snippets: Vec<Snippet>| EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: 300,
        snippets,
        ..EstimateRound::default()
    };
    let given = vec![
        snippet("The moon is a lantern of cheese.", "beta"),
        snippet(said, "beta"),
        snippet(said, "alpha"),
    ];
    let told = panel.ask::<Estimate>(asked(given.clone())).await;
    let statuses: Vec<QuoteStatus> = told.snippets.iter().map(|ack| ack.quote_status).collect();
    let [unsaid, exact, other] = [
        QuoteStatus::NotFound,
        QuoteStatus::Exact,
        QuoteStatus::Misattributed,
    ];
    assert_eq!(statuses, [unsaid, exact, other]);
    let said_by: Vec<_> = told
        .snippets
        .iter()
        .map(|ack| ack.said_by.clone())
        .collect();
    assert_eq!(
        said_by,
        [None, None, Some(id("beta"))],
        "who is named is told only of words that were given to another"
    );
    assert_eq!(told.hindrance, None, "the round begins all the same");

    let stranger = vec![snippet(said, "nobody")];
    let told = panel.ask::<Estimate>(asked(stranger.clone())).await;
    let refused = panel
        .refused::<AppendToSession>(next(session_id, "Go on.", stranger))
        .await;
    assert_eq!(told.hindrance, Some(refused.message));
    assert_eq!(told.snippets, []);

    let foretold = panel.ask::<Estimate>(asked(given.clone())).await.snippets;
    let ack = panel.append(session_id, "Go on.", given).await;
    assert_eq!(ack.snippets, foretold);
    panel.finished(session_id).await;
}

#[tokio::test]
async fn a_round_in_flight_is_why_the_next_would_be_refused() {
    let waits = Behaviour::debating().gate("shut", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::debate().for_model("alpha", waits)).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let later = EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: 3,
        ..EstimateRound::default()
    };
    let told = panel.ask::<Estimate>(later).await;
    let refused = panel
        .refused::<AppendToSession>(next(session_id, "Go on.", Vec::new()))
        .await;
    assert_eq!(told.hindrance, Some(refused.message));
    panel.houses.release("shut");
    panel.finished(session_id).await;
}

#[tokio::test]
async fn a_round_remembers_what_was_estimated_when_it_was_first_accepted() {
    let panel = Panel::open(refusing_gamma()).await;
    let told = panel.ask::<Estimate>(first_round()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session_id).await.estimate.unwrap();
    assert_eq!((first.low, first.high), (told.low, told.high));

    panel.houses.swap(Script::debate());
    let whole = panel.convene(&SEATS).await.session_id;
    panel.finished(whole).await;
    let again = panel.ask::<Estimate>(first_round()).await;
    assert_ne!(again.low, first.low, "by now the wallet has a history");
    let retried = panel.retried(session_id).await;
    assert_eq!(
        retried.estimate,
        Some(first),
        "a retry keeps the round's own"
    );

    let asked = EstimateRound {
        session_id: Some(session_id),
        models: None,
        prompt_bytes: "Go on.".len() as u64,
        ..EstimateRound::default()
    };
    let told = panel.ask::<Estimate>(asked).await;
    panel.append(session_id, "Go on.", Vec::new()).await;
    let next = panel.finished(session_id).await.estimate.unwrap();
    assert_eq!((next.low, next.high), (told.low, told.high));
}

#[tokio::test]
async fn a_recap_is_estimated_beside_its_round_from_the_cheapest_who_may_write_it_to_the_dearest() {
    let panel = Panel::open(Script::debate()).await;
    let bare = panel.ask::<Estimate>(first_round()).await;
    assert_eq!((bare.total_low, bare.total_high), (bare.low, bare.high));
    let asked = EstimateRound {
        recap_round: true,
        ..first_round()
    };
    let told = panel.ask::<Estimate>(asked.clone()).await;
    let recap = told.recap.clone().unwrap();
    assert_eq!(bare.recap, Some(recap.clone()), "asked for or not");
    assert_eq!(recap.model, id("gamma"));
    assert_eq!(recap.fallbacks, [id("beta"), id("alpha")]);
    // By hand, of a question of 53 bytes in a frame of 4,096. Gamma reads three short answers and
    // reactions of 400 + 150 tokens, a quarter of 10,749 bytes at $0.25, and writes 300 tokens at $1.
    assert_eq!(QUESTION.len(), 53);
    assert_eq!(recap.low, MicroUsd(672 + 300));
    // Beta reads long ones of 1,200 + 500, from above 12,889 tokens of 24,549 bytes, put into its
    // cache at $6.25, and writes 4,096 at $25.
    assert_eq!(recap.high, MicroUsd(80_557 + 102_400));
    assert_eq!((told.low, told.high), (bare.low, bare.high));
    assert_eq!(told.total_low, told.low + recap.low);
    assert_eq!(told.total_high, told.high + recap.high);

    let convene = Convene {
        recap_round: true,
        ..asking(&SEATS)
    };
    let session_id = panel.ask::<ConveneSession>(convene).await.session_id;
    let kept = panel.finished(session_id).await.estimate.unwrap();
    assert_eq!((kept.recap_low, kept.recap_high), (recap.low, recap.high));

    let writer = EditSettings {
        recap_model: Some("gamma".to_owned()),
        ..EditSettings::default()
    };
    panel.ask::<ChangeSettings>(writer).await;
    let cheap = panel.ask::<Estimate>(asked).await.recap.unwrap();
    assert!(cheap.fallbacks.is_empty());
    // 12,889 tokens at $0.25 and 4,096 at $1.
    assert_eq!(cheap.high, MicroUsd(3_223 + 4_096));
}

#[tokio::test]
async fn a_synthesis_asked_for_with_a_round_is_in_its_total_with_the_recaps_that_are_missing() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let asked = EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: "Go on.".len() as u64,
        recap_session: true,
        ..EstimateRound::default()
    };
    let told = panel.ask::<Estimate>(asked.clone()).await;
    let (recap, synthesis) = (told.recap.unwrap(), told.synthesis.unwrap());
    assert_eq!(told.total_low, told.low + recap.low + synthesis.low);
    assert_eq!(told.total_high, told.high + recap.high + synthesis.high);
    let bare = panel
        .ask::<Estimate>(EstimateRound {
            recap_session: false,
            ..asked
        })
        .await;
    assert_eq!(
        bare.synthesis.as_ref(),
        Some(&synthesis),
        "told before it is asked for"
    );
    assert_eq!((bare.total_low, bare.total_high), (bare.low, bare.high));
    // The first round's recap and the synthesis: two times what beta may write.
    assert!(synthesis.high > MicroUsd(2 * 102_400), "{synthesis:?}");

    let append = AppendRound {
        recap_session: true,
        ..next(session_id, "Go on.", Vec::new())
    };
    panel.ask::<AppendToSession>(append).await;
    let kept = panel.finished(session_id).await.estimate.unwrap();
    // The first round's recap is booked with the first round.
    assert!(kept.recap_high > recap.high + MicroUsd(102_400));
    assert!(kept.recap_high < recap.high + synthesis.high);
}

/// Beside a document of so many bytes the question is nothing; and its letters are two bytes each.
#[tokio::test]
async fn a_long_reference_is_estimated_beforehand_as_it_is_afterwards() {
    let panel = Panel::open(Script::debate()).await;
    let short = panel.ask::<Estimate>(first_round()).await;
    let reference = "Äö ".repeat(40_000);
    let asked = EstimateRound {
        reference_bytes: reference.len() as u64,
        ..first_round()
    };
    let told = panel.ask::<Estimate>(asked).await;
    assert!(told.low.0 > 2 * short.low.0, "{told:?} {short:?}");
    let convene = Convene {
        reference: Some(reference),
        ..asking(&SEATS)
    };
    let session_id = panel.ask::<ConveneSession>(convene).await.session_id;
    let kept = panel.finished(session_id).await.estimate.unwrap();
    assert_eq!((kept.low, kept.high), (told.low, told.high));

    let asked = EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: "Go on.".len() as u64,
        ..EstimateRound::default()
    };
    let told = panel.ask::<Estimate>(asked).await;
    assert!(told.low.0 > 2 * short.low.0, "it is read again: {told:?}");
    panel.append(session_id, "Go on.", Vec::new()).await;
    let kept = panel.finished(session_id).await.estimate.unwrap();
    assert_eq!((kept.low, kept.high), (told.low, told.high));
}

#[tokio::test]
async fn a_later_round_is_history_by_all_that_its_seats_read() {
    // Answers so long that what a second round reads costs far more than what it writes.
    let long = "Seats are easier to sell, and usage aligns incentives. ".repeat(400);
    let first = Behaviour::answering(&long);
    let panel = Panel::open(Script::new(first)).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let short = Behaviour::answering("Yes.");
    panel.houses.swap(Script::new(short));
    panel.append(session_id, "Go on.", Vec::new()).await;
    let second = panel.finished(session_id).await.summary.charged;
    panel.append(session_id, "And now?", Vec::new()).await;
    let third = panel.finished(session_id).await;
    let (told, charged) = (third.estimate.unwrap(), third.summary.charged);
    // It reads as much as the second and costs as much; a history of rounds that had read next to
    // nothing would make it out to be several times as dear.
    assert!(charged.0 < second.0 * 3 / 2, "{second:?} {charged:?}");
    assert!(told.low <= charged, "{told:?} {charged:?}");
}
