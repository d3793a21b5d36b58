//! What a round would cost, before anybody is asked.

use husting_domain::money::MicroUsd;
use husting_wire::commands::Estimate;
use husting_wire::estimates::{EstimateRound, EstimateView};

use super::forwarded::unsaid;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{count, dollars};

/// Prints the estimate, and ends as the round would: refused, or with fewer than two answers.
pub(super) async fn told(
    door: &dyn Door,
    asked: EstimateRound,
    json: bool,
) -> Result<Exit, Failure> {
    let with_recap = asked.recap_round || asked.recap_session;
    let with_synthesis = asked.recap_session;
    let is_first = asked.session_id.is_none();
    let forwarded = asked.snippets.clone();
    let view = ask::<Estimate>(door, asked).await?;
    if json {
        output::json(&view)?;
    } else {
        for sentence in unsaid(&forwarded, &view.snippets) {
            eprintln!("husting: {sentence}");
        }
        output::text(&text(&view, with_recap, with_synthesis))?;
        output::text(&obstacle(&view, is_first))?;
    }
    Ok(match (is_refused(&view), readers(&view)) {
        (true, _) => Exit::Refused,
        (false, 0) => Exit::Failed,
        (false, 1) => Exit::Partial,
        (false, _) => Exit::Done,
    })
}

const fn is_refused(view: &EstimateView) -> bool {
    !view.affordable || view.hindrance.is_some()
}

/// Seats whose window holds what they would read.
fn readers(view: &EstimateView) -> usize {
    view.seats.iter().filter(|seat| seat.fits).count()
}

/// What stands in the way of the round beside money, as sentences; nothing where it would be held.
fn obstacle(view: &EstimateView, is_first: bool) -> String {
    if let Some(why) = &view.hindrance {
        return format!("It would be refused. {why}\n");
    }
    if readers(view) >= 2 {
        return String::new();
    }
    // As the window has it.
    let way = match is_first {
        true => " Shorten the reference, or seat models with a larger window.",
        // What was read and said before stays.
        false => "",
    };
    format!("Fewer than two of these seats can read all of this.{way}\n")
}

/// The seats' parts, what is asked for beside them, and what all come to.
fn text(view: &EstimateView, with_recap: bool, with_synthesis: bool) -> String {
    let mut table = Table::new(&[
        ("SEAT", Align::Left),
        ("LOW", Align::Money),
        ("HIGH", Align::Money),
        ("HELD", Align::Money),
        ("", Align::Left),
    ]);
    let held = |amount| match view.affordable {
        true => dollars(amount),
        false => "–".to_owned(),
    };
    for seat in &view.seats {
        let fits = if seat.fits {
            ""
        } else {
            "its window is too small"
        };
        table.row([
            seat.model.to_string(),
            dollars(seat.low),
            dollars(seat.high),
            held(seat.hold),
            fits.to_owned(),
        ]);
    }
    // What is written afterwards is held then.
    let recap = view.recap.as_ref().filter(|_| with_recap);
    let synthesis = view.synthesis.as_ref().filter(|_| with_synthesis);
    let written = [("recap", recap), ("synthesis", synthesis)];
    for (what, one) in written {
        let Some(one) = one else { continue };
        let (low, high) = (dollars(one.low), dollars(one.high));
        table.row([what.to_owned(), low, high, String::new(), String::new()]);
    }
    table.row([
        "together".to_owned(),
        dollars(view.total_low),
        dollars(view.total_high),
        held(view.hold),
        String::new(),
    ]);
    let basis = match view.basis_rounds {
        0 => "the seats' prices and typical lengths".to_owned(),
        rounds => format!("{} like it", count(rounds.into(), "round")),
    };
    let took = view
        .seconds
        .map(|seconds| format!(", about {}", count(seconds.into(), "second")));
    // As the refusal has it: the wallet's own lack is told before the session's.
    let is_covered = view.available.is_none_or(|free| free >= view.least);
    let session_left = view
        .session_left
        .filter(|left| is_covered && *left < view.least);
    let stands = match (view.affordable, view.available, session_left) {
        // The refusal that comes first is told alone.
        _ if view.hindrance.is_some() => String::new(),
        (true, None, _) => String::new(),
        (true, Some(free), _) => format!("{} is free to spend.\n", dollars(free)),
        (false, _, Some(left)) => format!(
            "It would be refused: {} is left of the session's limit.\n",
            dollars(left)
        ),
        (false, free, None) => format!(
            "It would be refused: {} is free to spend.\n",
            dollars(free.unwrap_or_default())
        ),
    };
    let hold = match view.affordable {
        true => format!("{} is held until the round ends", dollars(view.hold)),
        false => format!("{} at least would be held", dollars(view.hold)),
    };
    // An instance of an earlier version names no sum.
    let is_cut = view.least < view.hold || view.lowered_output_tokens.is_some();
    let least = match is_cut && view.least > MicroUsd::ZERO {
        true => format!("; below {} nothing is called", dollars(view.least)),
        false => String::new(),
    };
    let lowered = match view.lowered_output_tokens {
        Some(tokens) => format!(
            "Answers would be cut to {tokens} tokens, which is what the wallet covers{least}.\n"
        ),
        // What is refused, or costs nothing, is not cut.
        None if !view.affordable || least.is_empty() => String::new(),
        None => {
            format!("With less free, or under a lower limit, answers are cut shorter{least}.\n")
        }
    };
    let took = took.unwrap_or_default();
    if view.hold == MicroUsd::ZERO && view.total_high == MicroUsd::ZERO {
        return format!("{table}\nIt costs nothing{took}.\n");
    }
    format!(
        "{table}\nProbably {} to {}{took}, by {basis}; {hold}.\n{stands}{lowered}",
        dollars(view.total_low),
        dollars(view.total_high),
    )
}
