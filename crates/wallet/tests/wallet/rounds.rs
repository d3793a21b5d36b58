//! Admitting a round: minimums, holds, lowered caps, refusals with their figures.

use husting_domain::calls::Purpose;
use husting_domain::exchange::REACTION_TOKENS;
use husting_domain::money::{LongPrice, MicroUsd, Price, tokens_from_above};
use husting_wallet::holds::{FundedRound, LEAST_ANSWER_TOKENS, RoundRequest, plan};
use husting_wallet::preflight::{CreditExhausted, SessionSpending, Shortage, budget, preflight};
use husting_wallet::wallet::Wallet;

use crate::fixtures::*;

const SEED_GRANT: i64 = 1_500_000;

fn frontier() -> Vec<husting_wallet::holds::SeatRequest> {
    let cheap = Price {
        input: MicroUsd(1_250_000),
        output: MicroUsd::dollars(10),
        ..Price::default()
    };
    vec![
        seat("a", price(15, 75), 4_000),
        seat("b", price(3, 15), 4_000),
        seat("c", cheap, 4_000),
    ]
}

fn planned(wallet: &Wallet, request: &RoundRequest) -> Result<FundedRound, CreditExhausted> {
    let mut ids = Ids::default();
    plan(wallet, request, november(2), || ids.hold())
}

/// Looks at the minimums alone.
fn admitted(
    wallet: &Wallet,
    session: &SessionSpending,
    minimums: &[MicroUsd],
) -> Result<(), CreditExhausted> {
    preflight(wallet, session, minimums, MicroUsd::ZERO, november(2)).map(|_| ())
}

fn cap(plan: &FundedRound, name: &str) -> u64 {
    plan.call(&model(name), Purpose::Respond)
        .unwrap()
        .max_output_tokens
}

#[test]
fn the_seeds_grant_admits_a_round_of_three_frontier_seats() {
    let (wallet, _) = funded(SEED_GRANT, 0, 0);
    let plan = planned(&wallet, &request(frontier())).unwrap();
    assert_eq!(plan.calls.len(), 6);
    assert!(plan.held() <= MicroUsd(SEED_GRANT), "{plan:?}");
    for name in ["a", "b", "c"] {
        assert!(
            cap(&plan, name) > 7_000,
            "an ordinary prompt leaves nearly the whole answer: {plan:?}"
        );
        let reaction = plan.call(&model(name), Purpose::React).unwrap();
        assert_eq!(
            (reaction.max_output_tokens, reaction.lowered),
            (REACTION_TOKENS, false)
        );
    }
}

#[test]
fn answers_and_reactions_are_held_together() {
    let (wallet, _) = funded(100_000_000, 0, 0);
    let plan = planned(&wallet, &request(frontier())).unwrap();
    let amount = |name, purpose| {
        plan.call(&model(name), purpose)
            .unwrap()
            .hold
            .as_ref()
            .unwrap()
            .amount
            .0
    };
    assert_eq!(amount("b", Purpose::Respond), 129_180);
    // The context and every seat's answer come in, 2,048 tokens go out.
    assert_eq!(
        amount("b", Purpose::React),
        (2_100 + 3 * 8_192) * 3 + 2_048 * 15
    );
    assert_eq!(
        amount("a", Purpose::React),
        (2_100 + 3 * 8_192) * 15 + 2_048 * 75
    );
    assert!(plan.calls.iter().all(|call| !call.lowered));
    let order: Vec<_> = plan
        .calls
        .iter()
        .map(|call| (call.model.as_str(), call.purpose))
        .collect();
    let (answer, react) = (Purpose::Respond, Purpose::React);
    assert_eq!(
        order,
        [
            ("a", answer),
            ("a", react),
            ("b", answer),
            ("b", react),
            ("c", answer),
            ("c", react)
        ]
    );
    let mut ids: Vec<_> = plan.holds().map(|hold| hold.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    assert!(
        plan.holds()
            .all(|hold| hold.occasion.session() == Some(session())
                && hold.occasion.is_round(round()))
    );
    assert!(plan.holds().all(|hold| hold.at == november(2)));
}

#[test]
fn paid_answers_are_lowered_to_one_cap_the_largest_that_fits() {
    let (wallet, _) = funded(800_000, 0, 0);
    let lowered = planned(&wallet, &request(frontier())).unwrap();
    let cap_of_all = cap(&lowered, "a");
    assert!((LEAST_ANSWER_TOKENS..8_192).contains(&cap_of_all));
    assert_eq!([cap(&lowered, "b"), cap(&lowered, "c")], [cap_of_all; 2]);
    assert!(
        lowered
            .calls
            .iter()
            .all(|call| call.lowered == (call.purpose == Purpose::Respond))
    );
    assert!(
        lowered
            .holds()
            .all(|hold| hold.purpose == Purpose::React || hold.max_output_tokens == cap_of_all)
    );
    assert!(lowered.held() <= MicroUsd(800_000));
    assert_eq!(
        lowered,
        planned(&wallet, &request(frontier())).unwrap(),
        "the same again"
    );

    let (rich, _) = funded(100_000_000, 0, 0);
    let one_more = RoundRequest {
        max_output_tokens: cap_of_all + 1,
        ..request(frontier())
    };
    assert!(
        planned(&rich, &one_more).unwrap().held() > MicroUsd(800_000),
        "one token more did not fit"
    );
}

#[test]
fn a_cap_that_fits_exactly_is_given() {
    let (rich, _) = funded(100_000_000, 0, 0);
    for wanted in [513, 514, 700, 3_000, 3_001, 8_191, 8_192] {
        let capped = RoundRequest {
            max_output_tokens: wanted,
            ..request(frontier())
        };
        let held = planned(&rich, &capped).unwrap().held();
        let (exact, _) = funded(held.0, 0, 0);
        let plan = planned(&exact, &request(frontier())).unwrap();
        assert_eq!((cap(&plan, "a"), plan.held()), (wanted, held));
        assert_eq!(plan.calls[0].lowered, wanted < 8_192);
        let (short, _) = funded(held.0 - 1, 0, 0);
        assert_eq!(
            cap(&planned(&short, &request(frontier())).unwrap(), "a"),
            wanted - 1
        );
    }
}

#[test]
fn a_round_is_refused_where_answers_would_be_stubs() {
    let (rich, _) = funded(100_000_000, 0, 0);
    let least = RoundRequest {
        max_output_tokens: LEAST_ANSWER_TOKENS,
        ..request(frontier())
    };
    let needed = planned(&rich, &least).unwrap().held();

    let (enough, _) = funded(needed.0, 0, 0);
    assert_eq!(
        cap(&planned(&enough, &request(frontier())).unwrap(), "a"),
        LEAST_ANSWER_TOKENS
    );
    let (short, _) = funded(needed.0 - 1, 0, 0);
    let refusal = planned(&short, &request(frontier())).unwrap_err();
    assert_eq!(refusal.needed, needed);
    assert_eq!(
        refusal.shortage,
        Shortage::Balance {
            balance: MicroUsd(needed.0 - 1)
        }
    );
}

#[test]
fn a_panel_that_asks_for_short_answers_is_not_refused_for_it() {
    let (rich, _) = funded(100_000_000, 0, 0);
    let short_answers = RoundRequest {
        max_output_tokens: 100,
        ..request(frontier())
    };
    let exact = planned(&rich, &short_answers).unwrap().held();
    let (wallet, _) = funded(exact.0, 0, 0);
    let plan = planned(&wallet, &short_answers).unwrap();
    assert_eq!((cap(&plan, "a"), plan.calls[0].lowered), (100, false));
    let (poor, _) = funded(exact.0 - 1, 0, 0);
    assert_eq!(planned(&poor, &short_answers).unwrap_err().needed, exact);
}

#[test]
fn a_seats_own_cap_and_free_seats_are_left_alone() {
    let (wallet, _) = funded(800_000, 0, 0);
    let mut seats = frontier();
    seats[2].output_cap = 600;
    seats.push(seat("local", Price::FREE, 4_000));
    let plan = planned(&wallet, &request(seats)).unwrap();
    let common = cap(&plan, "a");
    assert!((600..8_192).contains(&common));
    let small = plan.call(&model("c"), Purpose::Respond).unwrap();
    assert_eq!((small.max_output_tokens, small.lowered), (600, false));
    assert_eq!(
        plan.call(&model("c"), Purpose::React)
            .unwrap()
            .max_output_tokens,
        600
    );
    let reaction = plan.call(&model("b"), Purpose::React).unwrap();
    let read = i64::try_from(2_100 + 2 * common + 600 + 8_192).unwrap();
    assert_eq!(
        reaction.hold.as_ref().unwrap().amount.0,
        read * 3 + 2_048 * 15,
        "free answers are read too"
    );
    let free = plan.call(&model("local"), Purpose::Respond).unwrap();
    assert_eq!(
        (free.max_output_tokens, free.lowered, &free.hold),
        (8_192, false, &None)
    );
    assert_eq!(
        plan.call(&model("local"), Purpose::React).unwrap().hold,
        None
    );
}

#[test]
fn a_free_panel_needs_no_money_at_all() {
    let (mut wallet, _) = funded(0, 0, 0);
    running(&mut wallet, &mut Ids::default(), 500, micro_price());
    let seats = vec![seat("x", Price::FREE, 9_000), seat("y", Price::FREE, 9_000)];
    let free = RoundRequest {
        session: spending(Some(0), 10),
        ..request(seats)
    };
    let plan = planned(&wallet, &free).unwrap();
    assert_eq!((plan.calls.len(), plan.holds().count()), (4, 0));
}

#[test]
fn a_retry_holds_only_what_is_called_again() {
    let (wallet, _) = funded(100_000_000, 0, 0);
    let mut seats = frontier();
    seats[0].answers = false;
    seats[1].reacts = false;
    seats.pop();
    let retry = RoundRequest {
        reaction_bytes: 40_000,
        ..request(seats)
    };
    let plan = planned(&wallet, &retry).unwrap();
    let calls: Vec<_> = plan
        .calls
        .iter()
        .map(|call| (call.model.as_str(), call.purpose))
        .collect();
    assert_eq!(calls, [("a", Purpose::React), ("b", Purpose::Respond)]);
    // Only the new answer is read besides what was there.
    let input = i64::try_from(tokens_from_above(40_000)).unwrap() + 8_192;
    assert_eq!(
        plan.calls[0].hold.as_ref().unwrap().amount.0,
        input * 15 + 2_048 * 75
    );
}

#[test]
fn a_prompt_that_may_be_written_to_a_dearer_cache_is_held_at_that_price() {
    let (wallet, _) = funded(100_000_000, 0, 0);
    let cached = Price {
        cache_write: Some(MicroUsd(3_750_000)),
        ..price(3, 15)
    };
    let plan = planned(&wallet, &request(vec![seat("m", cached, 4_000)])).unwrap();
    assert_eq!(
        plan.calls[0].hold.as_ref().unwrap().amount.0,
        2_100 * 15 / 4 + 8_192 * 15
    );
}

#[test]
fn a_prompt_that_may_be_long_is_held_at_the_price_of_long_ones() {
    let (wallet, _) = funded(100_000_000, 0, 0);
    let held = |bytes| {
        let long = LongPrice {
            above: 2_100,
            input: MicroUsd::dollars(6),
            output: MicroUsd(22_500_000),
            cache_read: None,
            cache_write: Some(MicroUsd(7_500_000)),
        };
        let tiered = Price {
            long: Some(long),
            ..price(3, 15)
        };
        let plan = planned(&wallet, &request(vec![seat("m", tiered, bytes)])).unwrap();
        plan.calls[0].hold.as_ref().unwrap().amount.0
    };
    // 4,000 bytes are 2,100 tokens at the most, and two more are one too many.
    assert_eq!(held(4_000), 2_100 * 3 + 8_192 * 15);
    assert_eq!(held(4_002), (2_102 * 15 + 8_192 * 45) / 2);
}

#[test]
fn a_hold_covers_the_markup() {
    let (mut wallet, _) = funded(100_000_000, 0, 0);
    wallet.terms.markup_bps = 1_000;
    let plan = planned(&wallet, &request(vec![seat("m", price(3, 15), 4_000)])).unwrap();
    assert_eq!(
        plan.calls[0].hold.as_ref().unwrap().amount.0,
        129_180 * 11 / 10
    );
}

#[test]
fn without_a_limit_everything_is_admitted_in_full() {
    let (mut wallet, _) = funded(0, 0, 0);
    wallet.terms.monthly_grant = None;
    let plan = planned(&wallet, &request(frontier())).unwrap();
    assert_eq!((cap(&plan, "a"), plan.holds().count()), (8_192, 6));
}

#[test]
fn minimums_are_summed_and_held_against_the_balance() {
    let (wallet, _) = funded(60_000, 20_000, 20_000);
    let minimums = |count| vec![MicroUsd(50_000); count];
    assert_eq!(admitted(&wallet, &spending(None, 0), &minimums(2)), Ok(()));
    let refusal = admitted(&wallet, &spending(None, 0), &minimums(3)).unwrap_err();
    let expected = CreditExhausted {
        effective_balance: MicroUsd(100_000),
        free: MicroUsd(60_000),
        subscription: MicroUsd(20_000),
        refill: MicroUsd(20_000),
        per_model_minimum: MicroUsd(50_000),
        // What plan and refill do not cover.
        enough: Some(MicroUsd(110_000)),
        // The limit and the plan anew, and what is left of plan and refill.
        after_reset: Some(MicroUsd(120_000)),
        next_reset_at: at("2026-12-01T00:00:00Z"),
        needed: MicroUsd(150_000),
        shortage: Shortage::Balance {
            balance: MicroUsd(100_000),
        },
    };
    assert_eq!(refusal, expected);
    assert_eq!(refusal.held(), None);
    assert_eq!(
        refusal.to_string(),
        "this needs $0.15 and the wallet has $0.10"
    );
}

#[test]
fn the_minimums_refuse_a_plan_that_its_holds_alone_would_admit() {
    let (wallet, _) = funded(99_999, 0, 0);
    let seats = vec![seat("a", micro_price(), 100), seat("b", micro_price(), 100)];
    let refusal = planned(&wallet, &request(seats)).unwrap_err();
    assert_eq!(
        (refusal.needed, refusal.per_model_minimum),
        (MicroUsd(100_000), MicroUsd(50_000))
    );
}

#[test]
fn a_refusal_names_what_is_enough_however_little_there_is() {
    for balance in [0, 4_800, 149_999, 160_000] {
        let (poor, _) = funded(balance, 0, 0);
        let needed = planned(&poor, &request(frontier())).unwrap_err().needed;
        let (enough, _) = funded(needed.0, 0, 0);
        let plan = planned(&enough, &request(frontier())).unwrap();
        assert_eq!(cap(&plan, "a"), LEAST_ANSWER_TOKENS, "from {balance}");
        let (short, _) = funded(needed.0 - 1, 0, 0);
        assert_eq!(
            planned(&short, &request(frontier())).unwrap_err().needed,
            needed,
            "from {balance}"
        );
    }
}

#[test]
fn holds_are_named_where_they_are_the_reason() {
    let (mut wallet, _) = funded(100_000, 0, 0);
    running(&mut wallet, &mut Ids::default(), 50_001, micro_price());
    let refusal = admitted(&wallet, &spending(None, 0), &[MicroUsd(50_000)]).unwrap_err();
    assert_eq!(refusal.held(), Some(MicroUsd(50_001)));
    assert_eq!(
        refusal.effective_balance,
        MicroUsd(100_000),
        "holds are not counted in it"
    );
    let refusal = admitted(&wallet, &spending(None, 0), &[MicroUsd(100_001)]).unwrap_err();
    assert_eq!(refusal.held(), None, "the balance alone was too small");
    let refusal = admitted(&wallet, &spending(None, 0), &[MicroUsd(100_000)]).unwrap_err();
    assert_eq!(
        refusal.held(),
        Some(MicroUsd(50_001)),
        "the balance alone was just enough"
    );
}

#[test]
fn a_session_has_a_limit_of_its_own() {
    let (mut wallet, _) = funded(10_000_000, 0, 0);
    running(&mut wallet, &mut Ids::default(), 30_000, micro_price());
    let session = spending(Some(100_000), 20_000);
    assert_eq!(budget(&wallet, &session), Some(MicroUsd(50_000)));
    assert_eq!(admitted(&wallet, &session, &[MicroUsd(50_000)]), Ok(()));
    let refusal = admitted(&wallet, &session, &[MicroUsd(50_001)]).unwrap_err();
    let shortage = Shortage::Session {
        limit: MicroUsd(100_000),
        used: MicroUsd(50_000),
    };
    assert_eq!((refusal.shortage, refusal.held()), (shortage, None));
    assert_eq!(
        refusal.to_string(),
        "this needs $0.050001 and $0.05 of the session's limit of $0.10 is used"
    );

    wallet.terms.monthly_grant = None;
    assert_eq!(
        budget(&wallet, &session),
        Some(MicroUsd(50_000)),
        "also where the wallet has no limit"
    );
    let other = SessionSpending {
        session_id: husting_domain::ids::SessionId(uuid::Uuid::from_u128(77)),
        ..session
    };
    assert_eq!(
        budget(&wallet, &other),
        Some(MicroUsd(80_000)),
        "another session's holds are not its own"
    );
}

#[test]
fn a_sessions_limit_lowers_answers_too() {
    let (wallet, _) = funded(100_000_000, 0, 0);
    let limited = RoundRequest {
        session: spending(Some(900_000), 100_000),
        ..request(frontier())
    };
    let plan = planned(&wallet, &limited).unwrap();
    assert!(plan.calls[0].lowered && plan.held() <= MicroUsd(800_000));
    let (poorer, _) = funded(800_000, 0, 0);
    assert_eq!(plan, planned(&poorer, &request(frontier())).unwrap());
}
