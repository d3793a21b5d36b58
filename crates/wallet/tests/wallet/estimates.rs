//! The range beside *Convene*.

use husting_domain::money::{MicroUsd, Price};
use husting_wallet::estimate::{Basis, EstimatedSeat, NextRound, PastRound, estimate, seat_cost};

use crate::fixtures::{micro_price, model, price};

fn at_price(name: &str, price: Price) -> EstimatedSeat {
    EstimatedSeat {
        model: model(name),
        price,
        max_output_tokens: 8_192,
    }
}

fn panel() -> Vec<EstimatedSeat> {
    vec![at_price("a", micro_price()), at_price("b", micro_price())]
}

fn next(seats: Vec<EstimatedSeat>) -> NextRound {
    NextRound {
        seats,
        prompt_bytes: 4_000,
        markup_bps: 0,
    }
}

fn past(seats: Vec<EstimatedSeat>, prompt_bytes: u64, charged: i64, millis: u64) -> PastRound {
    PastRound {
        seats,
        prompt_bytes,
        charged: MicroUsd(charged),
        millis,
    }
}

#[test]
fn without_history_the_price_table_gives_the_range() {
    let told = estimate(&next(panel()), &[]);
    // Each seat reads 1,000 tokens and writes 400 to 1,200, then reads the other's answer too and reacts.
    assert_eq!(told.low, MicroUsd(2 * (1_000 + 400 + 1_000 + 400 + 150)));
    assert_eq!(
        told.high,
        MicroUsd(2 * (1_000 + 1_200 + 1_000 + 1_200 + 500))
    );
    assert_eq!((told.seconds, told.basis), (None, Basis::Prices));
}

#[test]
fn a_lone_seat_does_not_react_and_caps_and_markup_count() {
    let mut seat = at_price("a", micro_price());
    seat.max_output_tokens = 500;
    let told = estimate(
        &NextRound {
            markup_bps: 5_000,
            ..next(vec![seat.clone()])
        },
        &[],
    );
    assert_eq!(
        (told.low, told.high),
        (MicroUsd(1_400 * 3 / 2), MicroUsd(1_500 * 3 / 2))
    );
    assert_eq!(seat_cost(&seat, 1, 4_000, 0), MicroUsd(1_500));
    assert_eq!(
        seat_cost(&at_price("a", micro_price()), 2, 4_000, 0),
        MicroUsd(1_800 + 1_800 + 300)
    );
}

#[test]
fn rounds_with_the_same_seats_count_alone_whatever_their_order() {
    let other = vec![at_price("z", price(90, 90)), at_price("b", micro_price())];
    let reversed = panel().into_iter().rev().collect();
    let history = [
        past(panel(), 4_000, 3_000, 41_000),
        past(reversed, 4_000, 5_000, 60_001),
        past(panel(), 4_000, 4_000, 50_000),
        past(other, 4_000, 900_000, 1_000),
    ];
    let told = estimate(&next(panel()), &history);
    assert_eq!((told.low, told.high), (MicroUsd(3_000), MicroUsd(5_000)));
    assert_eq!(
        (told.seconds, told.basis),
        (Some(50), Basis::SameSeats { rounds: 3 })
    );
}

#[test]
fn history_is_scaled_to_the_prompt() {
    let history = vec![past(panel(), 4_000, 7_800, 60_001); 3];
    let grown = NextRound {
        prompt_bytes: 8_000,
        ..next(panel())
    };
    let told = estimate(&grown, &history);
    // The yardstick grows from 2 × 3,900 to 2 × 5,900.
    assert_eq!(
        (told.low, told.high, told.seconds),
        (MicroUsd(11_800), MicroUsd(11_800), Some(61))
    );
}

#[test]
fn a_single_round_is_given_a_spread() {
    let told = estimate(&next(panel()), &[past(panel(), 4_000, 4_000, 1_000)]);
    assert_eq!(
        (told.low, told.high, told.basis),
        (
            MicroUsd(3_000),
            MicroUsd(5_000),
            Basis::SameSeats { rounds: 1 }
        )
    );
}

#[test]
fn two_rounds_have_a_spread_of_their_own_besides() {
    let history = [
        past(panel(), 4_000, 4_000, 1_000),
        past(panel(), 4_000, 8_000, 1_000),
    ];
    let told = estimate(&next(panel()), &history);
    assert_eq!((told.low, told.high), (MicroUsd(3_000), MicroUsd(10_000)));
}

#[test]
fn the_time_is_the_median() {
    let history = [5, 90, 3, 40, 1].map(|seconds| past(panel(), 4_000, 4_000, seconds * 1_000));
    assert_eq!(estimate(&next(panel()), &history).seconds, Some(5));
    let history = [90, 3, 40, 95, 80].map(|seconds| past(panel(), 4_000, 4_000, seconds * 1_000));
    assert_eq!(estimate(&next(panel()), &history).seconds, Some(80));
}

#[test]
fn one_wild_round_in_ten_at_each_end_is_left_out() {
    let costs = [
        1, 4_000, 4_100, 4_200, 4_300, 4_400, 4_500, 4_600, 4_700, 900_000,
    ];
    let history = costs.map(|cost| past(panel(), 4_000, cost, 1_000));
    let told = estimate(&next(panel()), &history);
    assert_eq!((told.low, told.high), (MicroUsd(4_000), MicroUsd(4_700)));
    let told = estimate(&next(panel()), &history[..9]);
    assert_eq!((told.low, told.high), (MicroUsd(1), MicroUsd(4_700)));
}

#[test]
fn rounds_with_other_seats_help_where_there_are_no_others() {
    let dear = vec![at_price("x", price(10, 10)), at_price("y", price(10, 10))];
    let free = vec![at_price("f", Price::FREE), at_price("g", Price::FREE)];
    let history = [
        past(free, 4_000, 0, 9_000),
        past(dear, 4_000, 39_000, 30_000),
    ];
    let told = estimate(&next(panel()), &history);
    // Half of its yardstick, so half of ours, with the spread of a single round.
    assert_eq!((told.low, told.high), (MicroUsd(2_925), MicroUsd(4_875)));
    assert_eq!(
        (told.seconds, told.basis),
        (Some(30), Basis::OtherSeats { rounds: 1 })
    );
}

#[test]
fn rounds_of_another_kind_of_panel_tell_nothing() {
    let paid = |name| at_price(name, micro_price());
    let larger = vec![paid("x"), paid("y"), paid("z")];
    let half_free = vec![paid("x"), at_price("f", Price::FREE)];
    let history = [
        past(larger, 4_000, 9_000, 30_000),
        past(half_free, 4_000, 900, 30_000),
    ];
    assert_eq!(estimate(&next(panel()), &history).basis, Basis::Prices);
}

#[test]
fn a_free_panel_costs_nothing_and_still_knows_its_time() {
    let free = vec![at_price("f", Price::FREE), at_price("g", Price::FREE)];
    let told = estimate(&next(free.clone()), &[past(panel(), 4_000, 4_000, 40_000)]);
    assert_eq!(
        (told.low, told.high, told.seconds),
        (MicroUsd::ZERO, MicroUsd::ZERO, None)
    );
    let told = estimate(&next(free.clone()), &[past(free, 4_000, 0, 2_000)]);
    assert_eq!(
        (told.high, told.seconds, told.basis),
        (MicroUsd::ZERO, Some(2), Basis::SameSeats { rounds: 1 })
    );
}

#[test]
fn a_panel_that_was_free_and_now_has_a_price_goes_by_the_table() {
    let was_free = panel()
        .into_iter()
        .map(|seat| EstimatedSeat {
            price: Price::FREE,
            ..seat
        })
        .collect();
    let told = estimate(&next(panel()), &[past(was_free, 4_000, 0, 2_000)]);
    assert_eq!(told.basis, Basis::Prices);
}
