//! What all rounds of a session may cost, and whether that pays another one.

use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{ChangeSession, Estimate, ReadSession};
use husting_wire::estimates::EstimateRound;
use husting_wire::sessions::{EditSession, SessionRef, SessionSummary, SessionView};

use super::Named;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::{dollars, plain};

/// Bytes of a prompt that is as short as one can be.
const SHORTEST_PROMPT: u64 = 1;

pub(super) async fn run(
    door: &dyn Door,
    id: Named,
    limit: MicroUsd,
    json: bool,
) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let edit = EditSession {
        session_id,
        title: None,
        tags: None,
        archived: None,
        spend_limit: Some(limit),
    };
    let row = ask::<ChangeSession>(door, edit).await?;
    if json {
        output::json(&row)?;
        return Ok(Exit::Done);
    }
    let told = told(door, &row, limit).await;
    output::text(&told.out)?;
    if let Some(unread) = told.err {
        eprintln!("{unread}");
    }
    Ok(Exit::Done)
}

/// What is said of a limit that was set.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// On standard output.
    out: String,
    /// On standard error: the limit stands whatever cannot be read behind it.
    err: Option<String>,
}

async fn told(door: &dyn Door, row: &SessionSummary, limit: MicroUsd) -> Told {
    let set = format!(
        "{}: all rounds may cost {}\n",
        plain(&row.title),
        dollars(limit)
    );
    match unpaid(door, row.session_id, limit).await {
        Ok(why) => Told {
            out: set + &why.map_or_else(String::new, |why| format!("{why}\n")),
            err: None,
        },
        Err(fault) => Told {
            out: set,
            err: Some(format!(
                "husting: the limit is set; whether it pays a further round could not be read.\n{}",
                fault.told()
            )),
        },
    }
}

/// What is said of the session's new limit where it pays no further round.
async fn unpaid(
    door: &dyn Door,
    session_id: SessionId,
    limit: MicroUsd,
) -> Result<Option<String>, Failure> {
    let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
    let next = EstimateRound {
        session_id: Some(session_id),
        prompt_bytes: SHORTEST_PROMPT,
        ..EstimateRound::default()
    };
    let least = match ask::<Estimate>(door, next).await {
        Ok(estimate) => Some(estimate.least),
        Err(fault) => {
            // A seat may have gone, or its price. The limit is kept, and what was spent of it is told all the same.
            tracing::info!(%fault, "what the next round would take is not known");
            None
        }
    };
    Ok(pays_none(used(&view), limit, least))
}

/// What the session spent, and holds for calls that run: both count.
fn used(view: &SessionView) -> MicroUsd {
    let of = view.rounds.iter();
    of.map(|round| round.summary.charged + round.held).sum()
}

/// What is said of a limit under which no further round is paid; `None` of another one. The next round takes `least`,
/// where that is known.
fn pays_none(used: MicroUsd, limit: MicroUsd, least: Option<MicroUsd>) -> Option<String> {
    let spent = dollars(used);
    match least {
        // Such rounds cost nothing, whatever the limit.
        Some(MicroUsd::ZERO) => None,
        Some(least) if used + least > limit => Some(format!(
            "{spent} is spent or held, and a round sets aside {} at least: no further one is paid below `--usd {}`.",
            dollars(least),
            dollars(used + least).trim_start_matches('$')
        )),
        None if used >= limit => Some(format!(
            "{spent} is spent or held: no further round is paid."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use husting_wire::commands::Request;
    use husting_wire::errors::Error;
    use serde_json::json;
    use serde_json::value::{RawValue, to_raw_value};

    use super::*;
    use crate::door::Scripted;

    const SESSION: &str = "0199d1f0-0000-7000-8000-000000000000";

    /// Keeps the limit, and cannot be read.
    fn unread(request: Request) -> Result<Box<RawValue>, Failure> {
        let Request::edit_session(edit) = request else {
            return Err(Error::not_found("session").into());
        };
        let at = "2026-11-26T14:00:00Z";
        Ok(to_raw_value(&json!({
            "session_id": edit.session_id, "title": "Tea?", "tags": [], "status": "ready", "round_status": "complete",
            "round_count": 1, "seats": [], "contested": 0, "claims": 0, "cost": 0, "rehearsal": false,
            "degraded": false, "failures": [], "archived": false, "source": "cli", "created_at": at, "updated_at": at,
        }))?)
    }

    #[tokio::test]
    async fn a_limit_that_was_set_is_told_also_where_nothing_can_be_read_behind_it() {
        let door = Scripted(unread);
        let session_id = SESSION.parse().unwrap();
        let limit = MicroUsd::dollars(2);
        let ended = run(&door, Named::Id(session_id), limit, false).await;
        assert_eq!(ended.unwrap(), Exit::Done);
        let edit = EditSession {
            session_id,
            title: None,
            tags: None,
            archived: None,
            spend_limit: Some(limit),
        };
        let row = ask::<ChangeSession>(&door, edit).await.unwrap();
        let unread = "husting: the limit is set; whether it pays a further round could not be read.\nhusting: There is no \
                      session by that id here.";
        assert_eq!(
            told(&door, &row, limit).await,
            Told {
                out: "Tea?: all rounds may cost $2.00\n".to_owned(),
                err: Some(unread.to_owned()),
            }
        );
    }

    #[test]
    fn a_limit_that_pays_no_further_round_says_from_which_sum_on_one_is() {
        let told = |used, limit, least: Option<i64>| {
            pays_none(MicroUsd(used), MicroUsd(limit), least.map(MicroUsd))
        };
        let below = "$0.0423 is spent or held, and a round sets aside $0.10 at least: no further one is paid below `--usd \
                     0.1423`.";
        assert_eq!(told(42_300, 10_000, Some(100_000)).unwrap(), below);
        assert_eq!(told(42_300, 142_299, Some(100_000)).unwrap(), below);
        assert_eq!(told(42_300, 142_300, Some(100_000)), None);
        assert_eq!(told(0, 10_000, Some(0)), None, "it costs nothing");
        let unknown = "$0.01 is spent or held: no further round is paid.";
        assert_eq!(told(10_000, 10_000, None).unwrap(), unknown);
        assert_eq!(told(9_999, 10_000, None), None);
    }
}
