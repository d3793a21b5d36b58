//! A round of three paid seats over both wires, from the question to the wallet.

use husting_domain::calls::Purpose;
use husting_domain::claims::ClaimGroup;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{ClientAction, Phase as Doing, RoundStatus};
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_test_support::{Behaviour, Debate, Mischief, Options, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{ConveneSession, DeleteSession, FindSessions};
use husting_wire::errors::ErrorCode;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{Convene, ListSessions, SessionRef};

use crate::desk::{Desk, id};
use crate::panel::{Panel, QUESTION, SEATS, asking, bill};
use crate::prompts;

fn debaters() -> Script {
    let mischief = Mischief {
        altered: 1,
        unfindable: 1,
        misattributed: 0,
    };
    let debate = Debate {
        mischief,
        ..Debate::default()
    };
    Script::new(Behaviour::debating_as(debate))
}

#[tokio::test]
async fn three_paid_seats_answer_react_and_leave_a_map() {
    let panel = Panel::open(debaters()).await;
    let ack = panel.convene(&SEATS).await;
    assert_eq!(
        (ack.round_index, ack.status, ack.rehearsal),
        (0, SessionStatus::Processing, false)
    );
    let round = panel.finished(ack.session_id).await;
    assert_eq!(
        (round.status, round.phase, round.action),
        (
            RoundStatus::Complete,
            Doing::Done,
            ClientAction::ProceedWithCompleteResult
        )
    );
    for seat in round.answers.iter().chain(&round.reactions) {
        assert_eq!(seat.state, SeatState::Final, "{seat:#?}");
        assert!(seat.first_text_at >= seat.started_at && seat.ended_at >= seat.first_text_at);
    }
    let summary = &round.summary;
    assert_eq!(
        (
            summary.seats,
            summary.answered,
            summary.asked_to_react,
            summary.reacted
        ),
        (3, 3, 3, 3)
    );
    assert!(!summary.degraded && summary.no_claims_because.is_none() && !round.can_retry);
    let session = panel.session(ack.session_id).await.summary;
    assert_eq!(
        (session.status, session.source, session.title.as_str()),
        (SessionStatus::Ready, SessionSource::Console, QUESTION)
    );
}

#[tokio::test]
async fn the_map_holds_every_quote_the_seats_gave_and_only_words_that_were_said() {
    let panel = Panel::open(debaters()).await;
    let ack = panel.convene(&SEATS).await;
    let round = panel.finished(ack.session_id).await;
    let map = round.claim_map.as_ref().unwrap();
    let given: usize = SEATS
        .iter()
        .flat_map(|seat| panel.houses.calls_of(seat, Phase::React))
        .map(|call| {
            let said: serde_json::Value = serde_json::from_str(&call.sent).unwrap();
            said["snippets"].as_array().unwrap().len()
        })
        .sum();
    assert_eq!(map.quote_count as usize, given);
    // Each seat turns one quote with a "never" and makes one up.
    assert_eq!(map.unverified.len(), 6, "{:#?}", map.unverified);
    assert!(
        map.claims
            .iter()
            .any(|claim| claim.group == ClaimGroup::Contested)
    );
    for claim in &map.claims {
        let said = answer_text(&round, claim.originator.as_str());
        let (start, end) = (claim.source.start as usize, claim.source.end as usize);
        assert_eq!(said[start..end], claim.quote);
        let own = claim
            .positions
            .iter()
            .any(|position| position.model.as_str() == claim.originator.as_str());
        assert!(!own, "nobody reacts to their own words");
    }
    let summary = &round.summary;
    assert_eq!(
        (summary.quotes, summary.unverified, summary.claims),
        (map.quote_count, 6, u32::try_from(map.claims.len()).unwrap())
    );
}

#[tokio::test]
async fn the_wallet_falls_by_what_the_providers_bill_to_the_micro_dollar() {
    let options = Options {
        cached_tokens: 37,
        cache_write_tokens: 11,
        ..Options::default()
    };
    let script = Script::new(Behaviour::debating().options(options));
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let ack = panel.convene(&SEATS).await;
    let round = panel.finished(ack.session_id).await;
    panel.assert_paid_once().await;
    panel.audit(before).await;
    let charged: MicroUsd = panel.houses.bills().into_iter().sum();
    assert!(charged > MicroUsd::ZERO);
    assert_eq!(
        (
            round.summary.cost,
            round.summary.charged,
            round.debits.len()
        ),
        (charged, charged, 6)
    );
    for debit in &round.debits {
        let phase = match debit.purpose.unwrap() {
            Purpose::Respond => Phase::Respond,
            Purpose::React => Phase::React,
            Purpose::Recap | Purpose::Synthesis | Purpose::ManagedAgent => {
                panic!("nobody asked for a summary")
            }
        };
        let [call] = &panel.houses.calls_of(debit.model.as_str(), phase)[..] else {
            panic!("one call expected")
        };
        assert_eq!((debit.amount, debit.cost), (bill(call), bill(call)));
        assert!(!debit.usage.estimated);
    }
    let wallet = panel.wallet().await;
    assert_eq!(
        (wallet.summary.spent_month, wallet.calls_month),
        (charged, 6)
    );
    assert_eq!(panel.session(ack.session_id).await.summary.cost, charged);
}

#[tokio::test]
async fn usage_that_no_provider_reports_is_estimated_and_marked() {
    let options = Options {
        omit_usage: true,
        ..Options::default()
    };
    let panel = Panel::open(Script::new(Behaviour::debating().options(options))).await;
    let before = panel.balance().await;
    let ack = panel.convene(&["alpha", "gamma"]).await;
    let round = panel.finished(ack.session_id).await;
    assert_eq!(round.status, RoundStatus::Complete);
    assert_eq!(round.debits.len(), 4);
    assert!(round.debits.iter().all(|debit| debit.usage.estimated));
    panel.audit(before).await;
}

#[tokio::test]
async fn seats_answer_alone_and_then_see_each_other_as_letters() {
    let panel = Panel::open(Script::debate()).await;
    let asked = Convene {
        reference: Some("The pilot failed twice. Nobody wrote down why it did.".to_owned()),
        ..asking(&SEATS)
    };
    let ack = panel.ask::<ConveneSession>(asked).await;
    let round = panel.finished(ack.session_id).await;
    for reader in SEATS {
        let [respond] = &panel.houses.calls_of(reader, Phase::Respond)[..] else {
            panic!("one answer expected")
        };
        assert_eq!(prompts::bodies(respond, "question"), [QUESTION]);
        assert_eq!(prompts::bodies(respond, "reference").len(), 1);
        assert_eq!(prompts::bodies(respond, "answer"), [""; 0]);
        let [react] = &panel.houses.calls_of(reader, Phase::React)[..] else {
            panic!("one reaction expected")
        };
        assert_eq!(prompts::bodies(react, "answer").len(), 2);
        let read = prompts::text(react);
        for other in SEATS.iter().filter(|other| **other != reader) {
            assert!(!read.contains(other), "{reader} was told the name {other}");
            let first = &round
                .answers
                .iter()
                .find(|seat| seat.model == id(other))
                .unwrap();
            let sentence = first.sentences[0];
            let words = &first.text[sentence.start as usize..sentence.end as usize];
            assert!(read.contains(words), "{reader} was not shown {other}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_anything_is_called_or_kept() {
    let panel = Panel::open(Script::debate()).await;
    let long = Convene {
        prompt: "x".repeat(64_001),
        ..asking(&SEATS)
    };
    let empty = Convene {
        prompt: " \n".to_owned(),
        ..asking(&SEATS)
    };
    let large = Convene {
        reference: Some("x".repeat(4 * 1024 * 1024 + 1)),
        ..asking(&SEATS)
    };
    let hasty = Convene {
        deadline_seconds: Some(29),
        ..asking(&SEATS)
    };
    let asked = [
        (long, ErrorCode::InvalidRequest),
        (empty, ErrorCode::InvalidRequest),
        (large, ErrorCode::InvalidRequest),
        (hasty, ErrorCode::InvalidRequest),
        (asking(&["alpha"]), ErrorCode::InvalidRequest),
        (asking(&["alpha", "alpha"]), ErrorCode::InvalidRequest),
        (asking(&["alpha", "delta"]), ErrorCode::UnknownModels),
    ];
    for (convene, code) in asked {
        let refused = panel.refused::<ConveneSession>(convene).await;
        assert_eq!(refused.code, code, "{refused}");
    }
    let listed = panel.ask::<FindSessions>(ListSessions::default()).await;
    assert_eq!((listed.total, panel.houses.calls().len()), (0, 0));
}

#[tokio::test]
async fn a_deleted_session_leaves_its_bookings_behind() {
    let panel = Panel::open(Script::debate()).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let session = SessionRef { session_id };
    panel.ask::<DeleteSession>(session.clone()).await;
    let gone = panel.refused::<DeleteSession>(session).await;
    assert_eq!(gone.code, ErrorCode::NotFound);
    assert_eq!(panel.debits().await.len(), 6);
    panel.audit(before).await;
}

#[tokio::test]
async fn a_second_desk_sees_nothing_of_the_first() {
    let panel = Panel::open(Script::debate()).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let other = Desk::open().await;
    let missing = other
        .refused::<husting_wire::commands::ReadSession>(SessionRef { session_id })
        .await;
    assert_eq!(missing.code, ErrorCode::NotFound);
    panel.finished(session_id).await;
}

fn answer_text<'a>(round: &'a RoundView, model: &str) -> &'a str {
    &crate::desk::answer(round, model).text
}
