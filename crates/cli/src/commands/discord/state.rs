//! How the console's bridge stands, in words that go on from its name, with what to do next.

use husting_domain::system_words::without_os_numbers;
use husting_wire::discord::{BridgeState, DiscordView};

use crate::door::Door;
use crate::output::words::plain;

/// Whether an instance runs that carries the bridge; a command alone does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    Yes,
    No,
}

impl Served {
    pub fn by(door: &dyn Door) -> Self {
        match door.outlives_us() {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

/// `carries messages.`, `is off: husting discord start`
pub fn state(view: &DiscordView, served: Served) -> String {
    let is_connected = view
        .health
        .as_ref()
        .is_some_and(|health| health.connected_since.is_some());
    match &view.stand.bridge {
        BridgeState::NotSetUp {} => "has no bot: husting discord bot --token-stdin".to_owned(),
        BridgeState::Off {} => off(view.setup.runs, served).to_owned(),
        BridgeState::Connecting { after: None } => "is connecting to Discord.".to_owned(),
        BridgeState::Connecting { after: Some(why) } => {
            format!("is connecting to Discord again: {}", sentence(why))
        }
        BridgeState::Delivering {} => "carries messages.".to_owned(),
        BridgeState::Paused {} if is_connected => "is held: husting discord resume".to_owned(),
        BridgeState::Paused {} => {
            "is held, and not connected to Discord now: husting discord resume".to_owned()
        }
        BridgeState::Elsewhere { holder } => format!(
            "does not run here, because {} runs the bot: end that one, and it begins by itself.",
            plain(holder)
        ),
        BridgeState::Stopped { why } if view.stand.waits_for_keys => {
            format!("waits for the keys: {}", sentence(why))
        }
        BridgeState::Stopped { why } => format!(
            "has stopped: {} After that, husting discord start tries again.",
            sentence(why)
        ),
    }
}

const fn off(runs: bool, served: Served) -> &'static str {
    match (runs, served) {
        (false, _) => "is off: husting discord start",
        (true, Served::Yes) => "is about to begin.",
        (true, Served::No) => "is on, but Husting does not run: husting serve, or open the window",
    }
}

/// Words of somebody else, with a full stop and without the system's own numbers.
pub fn sentence(words: &str) -> String {
    let words = without_os_numbers(&plain(words));
    match words.ends_with(['.', '!', '?']) {
        true => words,
        false => words + ".",
    }
}

#[cfg(test)]
pub mod samples {
    use serde_json::{Value, json};

    use super::*;

    /// A bridge that is set up and to run, in this state; connected, where it is said since when.
    pub fn view(bridge: BridgeState, connected_since: Option<&str>) -> DiscordView {
        let health = json!({
            "connected_since": connected_since, "last_event": null, "last_heartbeat": null,
            "oldest_question": null, "oldest_reply": null, "resumed": 0, "identifies_left": null,
            "content_granted": true, "portal_url": null,
        });
        let setup = json!({
            "application_id": "123456789012345678", "bot": null, "routes": [], "default_agent": "kasra",
            "connector": "discord-connector", "marks": "on", "own_names": false, "panels_per_day": 10,
            "runs": true, "standing_places": [], "invitation": null,
        });
        let stand = json!({
            "bridge": bridge, "bot_name": null, "unplaced": 0, "parked": 0, "held": 0, "bus_trouble": null,
        });
        let day = json!({
            "questions": 0, "delivered": 0, "median_answer_millis": null, "ignored": 0, "parked": 0,
        });
        let none: [Value; 0] = [];
        let view = json!({
            "stand": stand, "setup": setup, "health": health, "unplaced": none, "resting": none,
            "waiting": none, "day": day, "without_ack": none,
        });
        serde_json::from_value(view).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::samples::view;
    use super::*;

    const SINCE: Option<&str> = Some("2026-11-20T08:00:00Z");

    #[test]
    fn each_state_is_told_with_what_to_do_next() {
        let connecting = |after: Option<&str>| BridgeState::Connecting {
            after: after.map(str::to_owned),
        };
        let elsewhere = BridgeState::Elsewhere {
            holder: "husting discord (process 7)".to_owned(),
        };
        let stopped = BridgeState::Stopped {
            why: "Discord does not take the token: give another".to_owned(),
        };
        for (bridge, since, said) in [
            (
                BridgeState::NotSetUp {},
                None,
                "has no bot: husting discord bot --token-stdin",
            ),
            (connecting(None), None, "is connecting to Discord."),
            (
                connecting(Some("It is away")),
                None,
                "is connecting to Discord again: It is away.",
            ),
            (BridgeState::Delivering {}, SINCE, "carries messages."),
            (
                BridgeState::Paused {},
                SINCE,
                "is held: husting discord resume",
            ),
            (
                BridgeState::Paused {},
                None,
                "is held, and not connected to Discord now: husting discord resume",
            ),
            (
                elsewhere,
                None,
                "does not run here, because husting discord (process 7) runs the bot: end that one, and it \
                 begins by itself.",
            ),
            (
                stopped,
                None,
                "has stopped: Discord does not take the token: give another. After that, husting discord start tries again.",
            ),
        ] {
            assert_eq!(state(&view(bridge, since), Served::Yes), said);
        }
    }

    #[test]
    fn the_systems_own_numbers_are_left_out_of_a_sentence() {
        let told = sentence("Discord cannot be reached: Connection refused (os error 111)");
        assert_eq!(told, "Discord cannot be reached: Connection refused.");
        assert_eq!(sentence("no end (os error 5"), "no end (os error 5.");
    }

    #[test]
    fn a_bridge_whose_keys_are_locked_is_not_told_to_start_again() {
        let why = "The file is locked: unlock it".to_owned();
        let mut view = view(BridgeState::Stopped { why }, None);
        view.stand.waits_for_keys = true;
        assert_eq!(
            state(&view, Served::Yes),
            "waits for the keys: The file is locked: unlock it."
        );
    }

    #[test]
    fn a_bridge_that_is_on_while_nothing_runs_is_not_called_off() {
        let mut view = view(BridgeState::Off {}, None);
        assert_eq!(
            state(&view, Served::No),
            "is on, but Husting does not run: husting serve, or open the window"
        );
        assert_eq!(state(&view, Served::Yes), "is about to begin.");
        view.setup.runs = false;
        for served in [Served::Yes, Served::No] {
            assert_eq!(state(&view, served), "is off: husting discord start");
        }
    }
}
