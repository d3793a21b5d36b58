//! Every setting by its one name: `panel.max_seats` in `config.toml` is `HUSTING_PANEL_MAX_SEATS`
//! in the environment and `--panel-max-seats` on the command line.

use std::net::SocketAddr;

use husting_wire::ranges::{self, Range};

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `panel.max_seats`.
    pub name: &'static str,
    /// What it sets, for people.
    pub meaning: &'static str,
    pub(crate) values: Values,
}

/// What a setting may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number.
    Number(Range),
    /// `true` or `false`.
    Switch,
    /// An address with a port; whether it may be listened at is known by whoever does.
    Address,
    /// Read by whoever uses it.
    Text,
}

/// All settings, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        meaning: "Address that `serve` and the window listen on",
        values: Values::Address,
    },
    Setting {
        name: "secrets",
        meaning: "Where provider keys are kept",
        values: Values::Words(&["keyring", "file", "memory"]),
    },
    Setting {
        name: "secrets_key_file",
        meaning: "File of mode 0600 that unlocks the sealed key file",
        values: Values::Text,
    },
    Setting {
        name: "panel.max_seats",
        meaning: "Most seats on a panel",
        values: Values::Number(ranges::MAX_SEATS),
    },
    Setting {
        name: "panel.max_output_tokens",
        meaning: "Most tokens of one answer",
        values: Values::Number(ranges::MAX_OUTPUT_TOKENS),
    },
    Setting {
        name: "panel.deadline_seconds",
        meaning: "Deadline of a call to an API seat",
        values: Values::Number(ranges::DEADLINE_SECONDS),
    },
    Setting {
        name: "rehearsal.tokens_per_second",
        meaning: "Pace of rehearsal seats in window and browser, and by line once it is set; 0 is no pause",
        values: Values::Number(ranges::TOKENS_PER_SECOND),
    },
    Setting {
        name: "retention.partial_days",
        meaning: "Days for which the words of failed calls and of agents' programs are kept",
        values: Values::Number(ranges::PARTIAL_DAYS),
    },
    Setting {
        name: "retention.message_days",
        meaning: "Days for which messages are kept after they have ended; 0 keeps them",
        values: Values::Number(ranges::MESSAGE_DAYS),
    },
    Setting {
        name: "retention.recorder_days",
        meaning: "Days for which the Discord bridge's flight recorder is kept",
        values: Values::Number(ranges::RECORDER_DAYS),
    },
    Setting {
        name: "recap.model",
        meaning: "Models that write recaps, in order, with commas between; or auto",
        values: Values::Text,
    },
    Setting {
        name: "limits.rounds_per_day",
        meaning: "Most rounds of one key and UTC day; 0 for no limit",
        values: Values::Number(ranges::ROUNDS_PER_DAY),
    },
    Setting {
        name: "limits.calls_per_minute",
        meaning: "Calls a minute of one key",
        values: Values::Number(ranges::CALLS_PER_MINUTE),
    },
    Setting {
        name: "limits.burst",
        meaning: "Calls of one key at once",
        values: Values::Number(ranges::BURST),
    },
    Setting {
        name: "limits.open_waits",
        meaning: "Waits and streams that one key may hold open",
        values: Values::Number(ranges::OPEN_WAITS),
    },
    Setting {
        name: "bus.lease_seconds",
        meaning: "Seconds after which unacknowledged mail comes back",
        values: Values::Number(ranges::LEASE_SECONDS),
    },
    Setting {
        name: "agents.turns_per_day",
        meaning: "Most turns of one agent that Husting runs, in a day",
        values: Values::Number(ranges::TURNS_PER_DAY),
    },
    Setting {
        name: "agents.cents_per_day",
        meaning: "Most that they may cost in a day, in US cents",
        values: Values::Number(ranges::CENTS_PER_DAY),
    },
    Setting {
        name: "theme",
        meaning: "Look of the console",
        values: Values::Words(&["system", "dark", "light"]),
    },
    Setting {
        name: "density",
        meaning: "Height of its rows",
        values: Values::Words(&["compact", "comfortable"]),
    },
    Setting {
        name: "single_keys",
        meaning: "Whether single letters and digits act in it",
        values: Values::Switch,
    },
    Setting {
        name: "zoom",
        meaning: "Its zoom in percent",
        values: Values::Number(ranges::ZOOM),
    },
    Setting {
        name: "notify.rounds",
        meaning: "Whether the desktop is told when a round is over",
        values: Values::Switch,
    },
    Setting {
        name: "notify.needs_you",
        meaning: "Whether it is told when something waits for you",
        values: Values::Switch,
    },
    Setting {
        name: "notify.parked",
        meaning: "Whether it is told when a message is parked",
        values: Values::Switch,
    },
    Setting {
        name: "window.close",
        meaning: "What closing the window does where no tray is",
        values: Values::Words(&["ask", "quit", "keep"]),
    },
];

impl Setting {
    /// `HUSTING_PANEL_MAX_SEATS`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("HUSTING_{}", self.field().to_uppercase())
    }

    /// `panel-max-seats`.
    #[must_use]
    pub fn flag(&self) -> String {
        self.field().replace('_', "-")
    }

    /// `panel_max_seats`, as the console's own settings call it.
    #[must_use]
    pub fn field(&self) -> String {
        self.name.replace('.', "_")
    }

    /// What may stand there, for people.
    #[must_use]
    pub fn rule(&self) -> String {
        match self.values {
            Values::Words(words) => words.join(", "),
            Values::Number(Range { least, most }) => format!("a number from {least} to {most}"),
            Values::Switch => "true or false".to_owned(),
            Values::Address => "an address and a port, such as 127.0.0.1:6070".to_owned(),
            Values::Text => "a text".to_owned(),
        }
    }

    /// The value in its type; `None` when it breaks the rule.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<serde_json::Value> {
        match self.values {
            Values::Words(words) => words.contains(&text).then(|| text.into()),
            Values::Number(range) => text
                .parse::<u64>()
                .ok()
                .filter(|number| range.holds(*number))
                .map(Into::into),
            Values::Switch => text.parse::<bool>().ok().map(Into::into),
            Values::Address => is_address(text).then(|| text.into()),
            Values::Text => (!text.is_empty()).then(|| text.into()),
        }
    }
}

fn is_address(text: &str) -> bool {
    match text.strip_prefix("localhost:") {
        Some(port) => port.parse::<u16>().is_ok(),
        None => text.parse::<SocketAddr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use husting_wire::settings::Settings;

    use super::*;

    #[test]
    fn a_setting_has_one_name_everywhere() {
        let seats = SETTINGS
            .iter()
            .find(|setting| setting.name == "panel.max_seats")
            .unwrap();
        assert_eq!(
            (seats.variable().as_str(), seats.flag().as_str()),
            ("HUSTING_PANEL_MAX_SEATS", "panel-max-seats")
        );
    }

    #[test]
    fn every_setting_of_the_console_can_be_set_from_outside() {
        let console = serde_json::to_value(Settings::default()).unwrap();
        for field in console.as_object().unwrap().keys() {
            assert!(
                SETTINGS.iter().any(|setting| setting.field() == *field),
                "{field} has no row"
            );
        }
    }

    #[test]
    fn the_consoles_own_defaults_obey_the_rules() {
        let console = serde_json::to_value(Settings::default()).unwrap();
        for setting in SETTINGS {
            let Some(default) = console.get(setting.field()) else {
                continue;
            };
            let text = default
                .as_str()
                .map_or_else(|| default.to_string(), str::to_owned);
            assert_eq!(
                setting.read(&text).as_ref(),
                Some(default),
                "{}",
                setting.name
            );
        }
    }
}
