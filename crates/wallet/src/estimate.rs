//! What a round will probably cost, as a range beside *Convene*.
//!
//! A past round is compared with a yardstick: what the price table says of typical tokens for
//! its seats and its prompt. What it really cost, against its yardstick, scales the yardstick
//! of the round to come. Without history the range is the table's own, from short to long
//! answers.

use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, Usage};

/// A seat of a past round or of the one to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstimatedSeat {
    /// The model.
    pub model: ModelId,
    /// What it costs today; [`Price::FREE`] for a seat that bills nothing.
    pub price: Price,
    /// Most tokens it may write: the lower of the panel's setting and the model's own cap.
    pub max_output_tokens: u64,
}

/// A round of this wallet that gave all it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRound {
    /// Its seats.
    pub seats: Vec<EstimatedSeat>,
    /// UTF-8 bytes that one seat read before its answer.
    pub prompt_bytes: u64,
    /// What was charged for it.
    pub charged: MicroUsd,
    /// How long it took.
    pub millis: u64,
}

/// The round to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRound {
    /// Its seats.
    pub seats: Vec<EstimatedSeat>,
    /// UTF-8 bytes that one seat reads before its answer.
    pub prompt_bytes: u64,
    /// Hundredths of a percent charged on top of the price.
    pub markup_bps: u32,
}

/// A range of cost and a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Probably not less.
    pub low: MicroUsd,
    /// Probably not more.
    pub high: MicroUsd,
    /// Seconds it will take; `None` without history, as a price says nothing of time.
    pub seconds: Option<u64>,
    /// What it rests on.
    pub basis: Basis,
}

/// What an estimate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The price table alone.
    Prices,
    /// Rounds with the same seats.
    SameSeats {
        /// How many.
        rounds: usize,
    },
    /// Rounds with other seats: as many, and as many of them paid.
    OtherSeats {
        /// How many.
        rounds: usize,
    },
}

/// Tokens that seats typically write.
#[derive(Clone, Copy)]
struct Output {
    answer: u64,
    reaction: u64,
}

const SHORT: Output = Output {
    answer: 400,
    reaction: 150,
};
const TYPICAL: Output = Output {
    answer: 800,
    reaction: 300,
};
const LONG: Output = Output {
    answer: 1_200,
    reaction: 500,
};

/// A range for the round to come.
#[must_use]
pub fn estimate(next: &NextRound, history: &[PastRound]) -> Estimate {
    let same_seats = |past: &&PastRound| models(&past.seats) == models(&next.seats);
    from_history(next, history.iter().filter(same_seats), |rounds| {
        Basis::SameSeats { rounds }
    })
    .or_else(|| {
        // A round of other seats tells nothing of the time that free ones take.
        let paid = paid(&next.seats);
        let alike = |past: &&PastRound| {
            paid > 0 && self::paid(&past.seats) == paid && past.seats.len() == next.seats.len()
        };
        from_history(next, history.iter().filter(alike), |rounds| {
            Basis::OtherSeats { rounds }
        })
    })
    .unwrap_or_else(|| from_prices(next))
}

/// What one seat of a panel of `seats` seats typically costs in a round, reaction included.
#[must_use]
pub fn seat_cost(
    seat: &EstimatedSeat,
    seats: usize,
    prompt_bytes: u64,
    markup_bps: u32,
) -> MicroUsd {
    let others = TYPICAL
        .answer
        .saturating_mul(u64::try_from(seats).unwrap_or(u64::MAX).saturating_sub(1));
    one_seat(seat, others, prompt_bytes, markup_bps, TYPICAL)
}

/// UTF-8 bytes that the seats of a round will probably write, reactions included: not less, and not
/// more.
#[must_use]
pub fn written_bytes(seats: &[EstimatedSeat]) -> (u64, u64) {
    let bytes = |output: Output| -> u64 {
        let capped = |tokens: u64, seat: &EstimatedSeat| tokens.min(seat.max_output_tokens);
        let of_seat = |seat| capped(output.answer, seat) + capped(output.reaction, seat);
        // Four bytes to a token, as everywhere.
        seats.iter().map(of_seat).sum::<u64>() * 4
    };
    (bytes(SHORT), bytes(LONG))
}

/// `None` where these rounds say nothing of what the next one costs.
fn from_history<'a>(
    next: &NextRound,
    rounds: impl Iterator<Item = &'a PastRound>,
    basis: impl FnOnce(usize) -> Basis,
) -> Option<Estimate> {
    let yardstick = round_cost(&next.seats, next.prompt_bytes, 0, TYPICAL);
    let telling = rounds.filter_map(|past| Some((scaled(past, yardstick)?, past.millis)));
    let (mut costs, mut millis): (Vec<_>, Vec<_>) = telling.unzip();
    costs.sort_unstable();
    millis.sort_unstable();
    let outliers = costs.len() / 10;
    let (low, high) = (*costs.get(outliers)?, *costs.iter().nth_back(outliers)?);
    let seconds = millis
        .get(millis.len() / 2)
        .map(|millis| millis.div_ceil(1_000));
    // One or two rounds show no spread of their own.
    let spread = |amount: MicroUsd, quarters| {
        if costs.len() < 3 {
            times(amount, quarters, 4)
        } else {
            amount
        }
    };
    Some(Estimate {
        low: spread(low, 3),
        high: spread(high, 5),
        seconds,
        basis: basis(costs.len()),
    })
}

/// What the past round would have cost at the yardstick of the next; `None` where it was free
/// and the next is not.
fn scaled(past: &PastRound, yardstick: MicroUsd) -> Option<MicroUsd> {
    let own = round_cost(&past.seats, past.prompt_bytes, 0, TYPICAL);
    match (own, yardstick) {
        (_, MicroUsd::ZERO) => Some(MicroUsd::ZERO),
        (MicroUsd::ZERO, _) => None,
        (own, yardstick) => Some(times(past.charged, yardstick.0, own.0)),
    }
}

fn from_prices(next: &NextRound) -> Estimate {
    let cost = |output| round_cost(&next.seats, next.prompt_bytes, next.markup_bps, output);
    Estimate {
        low: cost(SHORT),
        high: cost(LONG),
        seconds: None,
        basis: Basis::Prices,
    }
}

fn round_cost(
    seats: &[EstimatedSeat],
    prompt_bytes: u64,
    markup_bps: u32,
    output: Output,
) -> MicroUsd {
    let answers: u64 = seats
        .iter()
        .map(|seat| output.answer.min(seat.max_output_tokens))
        .sum();
    let cost = |seat: &EstimatedSeat| {
        let others = answers - output.answer.min(seat.max_output_tokens);
        one_seat(seat, others, prompt_bytes, markup_bps, output)
    };
    seats.iter().map(cost).sum()
}

/// An answer, and a reaction where `others` wrote something to react to.
fn one_seat(
    seat: &EstimatedSeat,
    others: u64,
    prompt_bytes: u64,
    markup_bps: u32,
    output: Output,
) -> MicroUsd {
    let context = prompt_bytes.div_ceil(4);
    let cost = |input, output: u64| {
        let output = output.min(seat.max_output_tokens);
        seat.price.charged(
            &Usage {
                input,
                output,
                ..Usage::default()
            },
            markup_bps,
        )
    };
    let answer = cost(context, output.answer);
    if others == 0 {
        answer
    } else {
        answer + cost(context.saturating_add(others), output.reaction)
    }
}

/// How many of the seats bill something.
fn paid(seats: &[EstimatedSeat]) -> usize {
    seats.iter().filter(|seat| !seat.price.is_free()).count()
}

fn models(seats: &[EstimatedSeat]) -> Vec<&ModelId> {
    let mut models: Vec<_> = seats.iter().map(|seat| &seat.model).collect();
    models.sort_unstable();
    models
}

/// `amount × of / whole`, rounded up; `whole` is above zero.
fn times(amount: MicroUsd, of: i64, whole: i64) -> MicroUsd {
    let (product, whole) = (i128::from(amount.0) * i128::from(of), i128::from(whole));
    MicroUsd(i64::try_from((product + whole - 1).div_euclid(whole)).unwrap_or(i64::MAX))
}
