//! Trying a round again: only what failed runs, what stands is read and not paid again.

use husting_domain::calls::{Purpose, SeatErrorCode, Spent};
use husting_domain::money::MicroUsd;
use husting_domain::rounds::RoundStatus;
use husting_test_support::{
    Behaviour, Calls, Debate, Dress, Fault, GatePoint, Junk, Phase, Rule, Script,
};
use husting_wire::answers::SeatState;
use husting_wire::commands::{FindSessions, RetryRound, WriteSession};
use husting_wire::errors::ErrorCode;
use husting_wire::rounds::{NoClaims, RoundRef};
use husting_wire::sessions::{ExportFormat, ExportSession, ListSessions, SeatFailure};

use crate::desk::{answer, id, reaction};
use crate::panel::{Panel, SEATS};
use crate::prompts;

fn refusing() -> Behaviour {
    Behaviour::default().fault(Fault::BadRequest400)
}

fn wordless() -> Behaviour {
    Behaviour::debating_as(Debate {
        dress: Dress::NoJson,
        ..Debate::default()
    })
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_the_others_react_to_it_alone() {
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await;
    assert!(first.can_retry);
    let row = panel.session(session).await.summary;
    let lost = SeatFailure {
        model: id("gamma"),
        purpose: Purpose::Respond,
        error_code: SeatErrorCode::PreStreamProviderError,
        closed: false,
        unreadable: false,
        page: false,
        spent: None,
    };
    assert_eq!(row.failures, [lost]);
    let asked_first = panel.houses.calls().len();

    panel.houses.swap(Script::debate());
    let round = panel.retried(session).await;
    assert_eq!(
        (round.round_id, round.index, round.status),
        (first.round_id, 0, RoundStatus::Complete)
    );
    assert!(!round.can_retry && !round.summary.degraded);
    let row = panel.session(session).await.summary;
    assert!(row.failures.is_empty() && !row.degraded, "mended");
    assert_eq!((round.summary.answered, round.summary.reacted), (3, 3));
    for model in ["alpha", "beta"] {
        assert_eq!(answer(&round, model), answer(&first, model), "it stands");
        let [_, again] = &panel.houses.calls_of(model, Phase::React)[..] else {
            panic!("two reactions of {model}")
        };
        let shown = prompts::bodies(again, "answer");
        assert_eq!(shown.len(), 1, "{model} is shown the new answer alone");
        let sentence = answer(&round, "gamma").sentences[0];
        let words = &answer(&round, "gamma").text[..sentence.end as usize];
        assert!(shown[0].contains(words.lines().next().unwrap()));
    }
    let [reacted] = &panel.houses.calls_of("gamma", Phase::React)[..] else {
        panic!("one reaction of gamma")
    };
    assert_eq!(prompts::bodies(reacted, "answer").len(), 2);
    // One answer and three reactions.
    assert_eq!(panel.houses.calls().len(), asked_first + 4);
    panel.assert_paid_once().await;
    panel.audit(before).await;
}

#[tokio::test]
async fn a_seat_whose_address_answered_with_a_page_says_so_as_its_row_of_the_list_does() {
    let page = Behaviour::default().fault(Fault::Garbage {
        junk: Junk::HtmlPage,
        after_tokens: 0,
    });
    let script = Script::debate()
        .for_phase("beta", Phase::Respond, refusing())
        .for_phase("gamma", Phase::Respond, page);
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let pages = SEATS.map(|model| answer(&round, model).page);
    assert_eq!(pages, [false, false, true], "{:?}", round.answers);
    let row = panel.session(session).await.summary;
    let listed: Vec<bool> = row.failures.iter().map(|lost| lost.page).collect();
    assert_eq!(listed, [false, true]);

    let waits = Behaviour::debating().gate("again", GatePoint::BeforeResponse);
    let again = Script::debate().for_phase("gamma", Phase::Respond, waits);
    panel.houses.swap(again);
    let newest = RoundRef {
        session_id: session,
        round_id: None,
    };
    panel.ask::<RetryRound>(newest).await;
    let now = panel.round(session).await;
    assert!(!answer(&now, "gamma").page, "it is asked again");
}

#[tokio::test]
async fn a_seat_whose_account_is_empty_says_so_as_its_row_of_the_list_does() {
    let empty = || Behaviour::default().fault(Fault::QuotaExhausted);
    let script = Script::debate()
        .for_phase("alpha", Phase::Respond, empty())
        .for_phase("beta", Phase::Respond, empty())
        .for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let spent = SEATS.map(|model| answer(&round, model).spent);
    let credit = Some(Spent::Credit);
    assert_eq!(spent, [credit, credit, None], "{:?}", round.answers);
    // The contract's codes are what the statuses are.
    let codes = SEATS.map(|model| answer(&round, model).error_code.unwrap());
    let refused = SeatErrorCode::PreStreamProviderError;
    assert_eq!(codes, [SeatErrorCode::RateLimit, refused, refused]);
    let row = panel.session(session).await.summary;
    let listed: Vec<Option<Spent>> = row.failures.iter().map(|lost| lost.spent).collect();
    assert_eq!(listed, spent);
}

#[tokio::test]
async fn the_map_of_a_retried_round_holds_old_and_new_reactions() {
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await.claim_map.unwrap();
    panel.houses.swap(Script::debate());
    let map = panel.retried(session).await.claim_map.unwrap();
    for claim in &first.claims {
        let kept = map.claims.iter().find(|new| new.source == claim.source);
        let kept = kept.expect("an earlier claim stands");
        for position in &claim.positions {
            assert!(kept.positions.contains(position), "{position:?}");
        }
    }
    let about_gamma = |claim: &&husting_domain::claims::Claim| claim.originator.as_str() == "gamma";
    assert!(!first.claims.iter().any(|claim| about_gamma(&claim)));
    assert!(map.claims.iter().any(|claim| about_gamma(&claim)));
}

#[tokio::test]
async fn a_lost_reaction_leaves_the_round_complete_and_can_be_asked_for_alone() {
    let broken = Behaviour::debating().fault(Fault::Cut { after_tokens: 3 });
    let script = Script::debate().for_phase("beta", Phase::React, broken);
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await;
    assert_eq!(first.status, RoundStatus::Complete);
    let lost = reaction(&first, "beta");
    assert_eq!(
        (lost.state, lost.error_code),
        (SeatState::Error, Some(SeatErrorCode::StreamInterrupted))
    );
    let summary = &first.summary;
    assert_eq!(
        (summary.answered, summary.asked_to_react, summary.reacted),
        (3, 3, 2)
    );
    assert!(summary.degraded && first.can_retry);
    let list = panel.ask::<FindSessions>(ListSessions::default()).await;
    let [row] = &list.sessions[..] else {
        panic!("{list:?}")
    };
    assert!(row.degraded, "the answers are all there, a reaction is not");
    let lost = SeatFailure {
        model: id("beta"),
        purpose: Purpose::React,
        error_code: SeatErrorCode::StreamInterrupted,
        closed: false,
        unreadable: false,
        page: false,
        spent: None,
    };
    assert_eq!(row.failures, [lost]);

    panel.houses.swap(Script::debate());
    let round = panel.retried(session).await;
    assert_eq!(round.summary.reacted, 3);
    assert!(!round.summary.degraded && !round.can_retry);
    assert_eq!(panel.houses.calls_of("beta", Phase::React).len(), 2);
    for model in SEATS {
        assert_eq!(panel.houses.calls_of(model, Phase::Respond).len(), 1);
    }
    assert_eq!(panel.houses.calls_of("alpha", Phase::React).len(), 1);
    panel.audit(before).await;
}

#[tokio::test]
async fn a_reaction_that_cannot_be_read_is_asked_for_once_more_and_both_are_paid() {
    let clumsy = Script::debate().rule(Rule {
        model: Some("beta".to_owned()),
        phase: Some(Phase::React),
        calls: Some(Calls::only(1)),
        behaviour: wordless(),
        ..Rule::default()
    });
    let panel = Panel::open(clumsy).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.summary.reacted, 3);
    assert!(!round.summary.degraded && !round.can_retry);
    assert_eq!(panel.houses.calls_of("beta", Phase::React).len(), 2);
    assert_eq!(round.debits.len(), 7);
    let charged: MicroUsd = panel.houses.bills().into_iter().sum();
    assert_eq!(
        (round.summary.cost, round.summary.charged),
        (charged, charged)
    );
    panel.assert_paid_once().await;
    panel.audit(before).await;
}

#[tokio::test]
async fn reactions_that_stay_unreadable_are_lost_and_the_view_says_so() {
    let script = SEATS.iter().fold(Script::debate(), |script, model| {
        script.for_phase(*model, Phase::React, wordless())
    });
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::Complete);
    assert_eq!(
        (round.summary.asked_to_react, round.summary.reacted),
        (3, 0)
    );
    assert_eq!(round.summary.no_claims_because, Some(NoClaims::NoReactions));
    for model in SEATS {
        let lost = reaction(&round, model);
        assert_eq!(lost.error_code, Some(SeatErrorCode::ProviderError));
        assert!(lost.unreadable && !lost.closed, "{lost:?}");
    }
    let row = panel.session(session).await.summary;
    assert!(row.failures.len() == 3 && row.failures.iter().all(|lost| lost.unreadable));
    let asked = ExportSession {
        session_id: session,
        format: ExportFormat::Md,
    };
    let transcript = panel.ask::<WriteSession>(asked).await.text;
    let told =
        transcript.matches("did not react (could not be read): The reaction could not be read: ");
    assert_eq!(told.count(), 3, "{transcript}");
    panel.assert_paid_once().await;
    panel.audit(before).await;
}

#[tokio::test]
async fn only_the_newest_round_is_tried_again_and_only_when_something_is_missing() {
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session_id).await;
    panel.houses.swap(Script::debate());
    panel.append(session_id, "Go on.", Vec::new()).await;
    panel.finished(session_id).await;
    for round_id in [Some(first.round_id), None] {
        let round = RoundRef {
            session_id,
            round_id,
        };
        let refused = panel.refused::<RetryRound>(round).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
    let rounds = panel.session(session_id).await.rounds;
    assert!(!rounds[0].can_retry, "the window has closed");
}

#[tokio::test]
async fn a_second_retry_after_a_second_failure_bills_nothing_twice() {
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let still = panel.retried(session).await;
    assert_eq!(still.status, RoundStatus::PartialFailure);
    assert!(still.can_retry);
    assert_eq!(still.summary.reacted, 2, "earlier reactions stand");
    panel.houses.swap(Script::debate());
    assert_eq!(panel.retried(session).await.status, RoundStatus::Complete);
    panel.assert_paid_once().await;
    panel.audit(before).await;
}

#[tokio::test]
async fn while_a_round_is_tried_again_what_stands_is_shown_with_what_it_cost() {
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session_id).await;
    let gated = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    panel.houses.swap(Script::new(gated));
    let round = RoundRef {
        session_id,
        round_id: None,
    };
    panel.ask::<RetryRound>(round).await;
    let running = panel.round(session_id).await;
    assert_eq!(running.status, RoundStatus::InProgress);
    assert_eq!(first.tries, [first.started_at]);
    assert_eq!(
        running.tries,
        [first.started_at, running.phase_started_at],
        "its clock begins anew"
    );
    assert_eq!(answer(&running, "alpha"), answer(&first, "alpha"));
    assert_eq!(answer(&running, "gamma").state, SeatState::Queued);
    assert_eq!(running.debits, first.debits);
    assert_eq!(running.summary.charged, first.summary.charged);
    assert!(running.held > MicroUsd::ZERO);
    panel.houses.release("pause");
    panel.finished(session_id).await;
}
