//! What becomes of a question or reply that was set going.

use husting_domain::discord::{InboundState, ReplyState};
use husting_wire::commands::{FollowQuestion, ReadDiscord};
use husting_wire::discord::{BridgeState, DiscordView, TraceQuestion, Traffic};
use husting_wire::settings::Nothing;
use uuid::Uuid;

use super::settling::Settling;
use super::state::{Served, sentence, state};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::plain;

/// Says what became of it, after at most some seconds. `begun` is a view from after it was set going,
/// `settling` one from before, and `more` what else was done.
pub(super) async fn told(
    door: &dyn Door,
    id: Uuid,
    begun: DiscordView,
    settling: Option<Settling>,
    more: &str,
    json: bool,
) -> Result<Exit, Failure> {
    let served = Served::by(door);
    let look = async || message(door, id).await;
    let seen = match (settling, &begun.stand.bridge) {
        (Some(settling), BridgeState::Delivering {}) => settling.until(look, has_arrived).await?,
        _ => look().await?,
    };
    let view = ask::<ReadDiscord>(door, Nothing {}).await?;
    let (said, exit) = outcome(&seen, id, &begun, served);
    output::answer(&view, json, &format!("{said}\n{more}"))?;
    Ok(exit)
}

/// A watcher, where somebody is there to be watched.
pub(super) async fn settling(door: &dyn Door) -> Result<Option<Settling>, Failure> {
    match Served::by(door) {
        Served::Yes => Settling::begin(door).await.map(Some),
        Served::No => Ok(None),
    }
}

/// The question or reply itself; what came with it is left out.
async fn message(door: &dyn Door, id: Uuid) -> Result<Traffic, Failure> {
    let asked = TraceQuestion { id: id.to_string() };
    let trace = ask::<FollowQuestion>(door, asked).await?;
    let mut followers = trace.followed_by.into_iter();
    let follower = followers.find(|one| id_of(one) == Some(id));
    Ok(follower.unwrap_or(trace.question))
}

fn id_of(traffic: &Traffic) -> Option<Uuid> {
    match traffic {
        Traffic::In { request_id, .. } => Some(request_id.0),
        Traffic::Out { reply_id, .. } => Some(*reply_id),
        Traffic::Stop { .. } | Traffic::Panel { .. } => None,
    }
}

fn has_arrived(traffic: &Traffic) -> bool {
    !matches!(
        traffic,
        Traffic::In {
            state: InboundState::Journalled,
            ..
        } | Traffic::Out {
            state: ReplyState::Waiting,
            ..
        }
    )
}

fn outcome(traffic: &Traffic, id: Uuid, view: &DiscordView, served: Served) -> (String, Exit) {
    match traffic {
        Traffic::In {
            state: InboundState::Sent | InboundState::Answered,
            agent,
            ..
        } => (format!("{agent} is asked."), Exit::Done),
        Traffic::Out {
            state: ReplyState::Posted,
            place,
            ..
        } => {
            let place = place.as_deref().map_or("Discord".to_owned(), plain);
            (format!("It is posted: {place}."), Exit::Done)
        }
        Traffic::Stop { .. } => ("A person said STOP there.".to_owned(), Exit::Done),
        Traffic::Panel { .. } => ("A person asked for a panel there.".to_owned(), Exit::Done),
        waiting if !has_arrived(waiting) => (waits(waiting, id, view, served), Exit::Done),
        Traffic::In { fault, .. } | Traffic::Out { fault, .. } => {
            let why = fault.as_deref().map_or_else(String::new, |why| {
                format!(": {}", sentence(why).trim_end_matches('.'))
            });
            let way_on = way_on(traffic).map_or_else(String::new, |way| format!(" {way}"));
            (format!("It rests{why}.{way_on}"), Exit::Partial)
        }
    }
}

/// It is on its way, and cannot go on while the bridge carries nothing.
fn waits(traffic: &Traffic, id: Uuid, view: &DiscordView, served: Served) -> String {
    let done = match traffic {
        Traffic::In { .. } => "asked",
        Traffic::Out { .. } | Traffic::Stop { .. } | Traffic::Panel { .. } => "posted",
    };
    match &view.stand.bridge {
        BridgeState::Delivering {} => {
            format!("It will be {done}; husting discord where {id} says how far it is.")
        }
        _ => format!(
            "It will be {done} when the bridge carries messages. The bridge {}",
            state(view, served)
        ),
    }
}

/// What can be done with a message that goes on by nobody else's doing.
pub(super) fn way_on(traffic: &Traffic) -> Option<String> {
    match traffic {
        Traffic::In {
            request_id,
            state: InboundState::Parked,
            ..
        } => Some(format!(
            "husting discord retry {request_id} asks once more, husting discord release {request_id} --drop \
             lets it go."
        )),
        Traffic::In {
            request_id,
            state: InboundState::Held,
            ..
        } => Some(format!(
            "husting discord release {request_id} asks it, with --drop it is let go."
        )),
        Traffic::Out {
            reply_id,
            state: ReplyState::Unplaced,
            ..
        } => Some(format!(
            "husting discord place {reply_id} QUESTION posts it, husting discord dismiss {reply_id} puts it \
             away."
        )),
        Traffic::Out {
            reply_id,
            state: ReplyState::Parked | ReplyState::Barred,
            ..
        } => Some(format!(
            "husting discord retry {reply_id} tries again, husting discord dismiss {reply_id} puts it away."
        )),
        Traffic::Out {
            reply_id,
            state: ReplyState::Dismissed,
            ..
        } => Some(format!("husting discord restore {reply_id} takes it back.")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::discord::state::samples;

    const ID: &str = "0199d1f0-0000-7000-8000-000000000000";

    fn id() -> Uuid {
        ID.parse().unwrap()
    }

    fn reply(state: ReplyState) -> Traffic {
        let fault = matches!(state, ReplyState::Parked).then_some("A person said STOP.");
        let reply = json!({
            "direction": "out", "reply_id": ID, "request_id": null, "place": "#hq", "agent": "loom",
            "author": null, "text": "So.", "at": "2026-11-20T08:00:00Z", "state": state, "parts": 1,
            "posted": 0, "fault": fault,
        });
        serde_json::from_value(reply).unwrap()
    }

    fn said(state: ReplyState, bridge: BridgeState) -> (String, Exit) {
        outcome(
            &reply(state),
            id(),
            &samples::view(bridge, None),
            Served::Yes,
        )
    }

    #[test]
    fn a_reply_that_was_parked_at_once_is_not_called_posted() {
        let (words, exit) = said(ReplyState::Parked, BridgeState::Delivering {});
        assert_eq!(
            words,
            format!(
                "It rests: A person said STOP. husting discord retry {ID} tries again, husting discord \
                 dismiss {ID} puts it away."
            )
        );
        assert_eq!(exit, Exit::Partial);
    }

    #[test]
    fn nothing_is_said_to_be_done_before_it_is() {
        let posted = said(ReplyState::Posted, BridgeState::Delivering {});
        assert_eq!(posted, ("It is posted: #hq.".to_owned(), Exit::Done));
        let later = "It will be posted when the bridge carries messages. The bridge is";
        for (bridge, expected) in [
            (
                BridgeState::Delivering {},
                format!("It will be posted; husting discord where {ID} says how far it is."),
            ),
            (
                BridgeState::Connecting { after: None },
                format!("{later} connecting to Discord."),
            ),
            (
                BridgeState::Paused {},
                format!("{later} held, and not connected to Discord now: husting discord resume"),
            ),
        ] {
            assert_eq!(said(ReplyState::Waiting, bridge), (expected, Exit::Done));
        }
    }

    #[test]
    fn whatever_waits_for_the_operator_has_a_way_on_and_nothing_else_has() {
        for (state, begins) in [
            (ReplyState::Unplaced, Some("husting discord place")),
            (ReplyState::Barred, Some("husting discord retry")),
            (ReplyState::Dismissed, Some("husting discord restore")),
            (ReplyState::Waiting, None),
            (ReplyState::Posted, None),
        ] {
            let way_on = way_on(&reply(state));
            let command = way_on
                .as_deref()
                .and_then(|way| way.split_once(&format!(" {ID}")));
            assert_eq!(command.map(|(command, _)| command), begins, "{state:?}");
        }
    }
}
