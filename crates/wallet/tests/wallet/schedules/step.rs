//! What can happen to a wallet, and how often it is tried.

use proptest::prelude::*;
use proptest::sample::Index;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// A round begins: dollars in and out per million and prompt bytes of each seat.
    Convene {
        seats: Vec<(i64, i64, u64)>,
        session_limit: Option<i64>,
    },
    /// A round is summed up: dollars in and out per million and prompt bytes.
    Recap {
        which: Index,
        writer: (i64, i64, u64),
        session_limit: Option<i64>,
    },
    /// A call ends with this usage, which may be far beyond its hold.
    End {
        which: Index,
        input: u64,
        output: u64,
    },
    /// A call ends without having reached its provider.
    NeverReached {
        which: Index,
    },
    /// A whole round ends with what it has.
    Cancel {
        which: Index,
        output: u64,
    },
    /// A debit is given back in part or in full.
    Refund {
        which: Index,
        part: Option<i64>,
    },
    TopUp(i64),
    Limit(Option<i64>),
    /// Days go by.
    Wait(i64),
    Plan {
        credit: i64,
        cap: i64,
        active: bool,
    },
    AutoRefill {
        threshold: i64,
        amount: i64,
        ceiling: i64,
        on: bool,
    },
    Markup(u32),
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    let seat = (0..4_i64, 0..80_i64, 0..20_000_u64);
    let seats = prop::collection::vec(seat, 1..5);
    let limit = prop_oneof![3 => Just(None), 1 => (0..3_000_000_i64).prop_map(Some)];
    let recap_limit = prop_oneof![6 => Just(None), 1 => (0..200_000_i64).prop_map(Some)];
    let writer = (0..4_i64, 0..80_i64, 1..200_000_u64);
    prop_oneof![
        3 => (any::<Index>(), writer, recap_limit)
            .prop_map(|(which, writer, session_limit)| Step::Recap { which, writer, session_limit }),
        6 => (seats, limit).prop_map(|(seats, session_limit)| Step::Convene { seats, session_limit }),
        10 => (any::<Index>(), 0..40_000_u64, 0..20_000_u64)
            .prop_map(|(which, input, output)| Step::End { which, input, output }),
        2 => any::<Index>().prop_map(|which| Step::NeverReached { which }),
        1 => (any::<Index>(), 0..500_u64).prop_map(|(which, output)| Step::Cancel { which, output }),
        3 => (any::<Index>(), prop::option::of(-5..400_000_i64))
            .prop_map(|(which, part)| Step::Refund { which, part }),
        2 => (1..3_000_000_i64).prop_map(Step::TopUp),
        2 => prop::option::weighted(0.7, 0..5_000_000_i64).prop_map(Step::Limit),
        3 => (0..75_i64).prop_map(Step::Wait),
        1 => (0..2_000_000_i64, 0..3_000_000_i64, any::<bool>())
            .prop_map(|(credit, cap, active)| Step::Plan { credit, cap, active }),
        1 => (0..1_000_000_i64, 1..1_000_000_i64, 0..3_000_000_i64, any::<bool>())
            .prop_map(|(threshold, amount, ceiling, on)| Step::AutoRefill { threshold, amount, ceiling, on }),
        1 => (0..4_000_u32).prop_map(Step::Markup),
    ]
}
