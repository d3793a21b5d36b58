//! How the bridge stands.

use husting_wire::discord::{BridgeStand, BridgeState};
use husting_wire::settings::Finding;

use super::finding;

pub(super) const DISCORD: &str = "discord";

/// What is known beside how it stands.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// The bridge is to run whenever Husting does.
    pub is_on: bool,
    /// Discord gives it what people write.
    pub hears: bool,
    /// Channels of the map in which it may not do all it needs.
    pub lacking: usize,
}

/// None where no bot was ever set up.
pub(super) fn examined(stand: &BridgeStand, known: Known) -> Option<Finding> {
    if stand.token_lost {
        let lost = "the bot’s token is not where keys are kept now: give it again";
        let gives = "`husting discord bot --token-stdin` takes it";
        return Some(found(Told::wrong(lost).by(gives)));
    }
    Some(found(match &stand.bridge {
        BridgeState::NotSetUp {} => return None,
        BridgeState::Off {} if known.is_on => Told::good("runs whenever Husting does"),
        BridgeState::Off {} => Told::good("is off").by("`husting discord start` lets it run"),
        BridgeState::Connecting { after: None } => Told::good("is connecting to Discord"),
        BridgeState::Connecting { after: Some(why) } => Told::wrong(why),
        BridgeState::Delivering {} => delivering(stand, known),
        BridgeState::Paused {} => {
            Told::good("is held").by("`husting discord resume` lets it go on")
        }
        BridgeState::Elsewhere { holder } => Told::wrong(&format!(
            "is run by {holder}: end that one, and it begins here by itself"
        )),
        BridgeState::Stopped { why } => Told::wrong(why),
    }))
}

fn delivering(stand: &BridgeStand, known: Known) -> Told {
    const STATUS: &str = "`husting discord status` says which";
    if let Some(trouble) = &stand.bus_trouble {
        return Told::wrong(trouble);
    }
    if !known.hears {
        return Told::wrong(
            "is connected, and Discord does not give it what people write: grant the bot Message Content",
        );
    }
    if stand.agents_paused {
        let paused = "is connected, and your agents are paused";
        return Told::good(paused).by("`husting resume` lets them go on");
    }
    let rests = resting(stand);
    if known.lacking > 0 {
        let lacks = "`husting discord status` says what is lacking, and what waits";
        return Told::wrong(&format!("{}{rests}", shut_out(known.lacking))).by(lacks);
    }
    let told = Told::good(&format!("carries messages{rests}"));
    match rests.is_empty() {
        true => told,
        false => Told {
            waits: true,
            ..told.by(STATUS)
        },
    }
}

/// A finding before it has its subject.
struct Told {
    ok: bool,
    waits: bool,
    message: String,
    command: Option<&'static str>,
}

impl Told {
    fn good(message: &str) -> Self {
        Self {
            ok: true,
            waits: false,
            message: message.to_owned(),
            command: None,
        }
    }

    fn wrong(message: &str) -> Self {
        Self {
            ok: false,
            ..Self::good(message)
        }
    }

    fn by(self, command: &'static str) -> Self {
        Self {
            command: Some(command),
            ..self
        }
    }
}

fn found(told: Told) -> Finding {
    Finding {
        waits: told.waits,
        command: told.command.map(str::to_owned),
        ..finding(DISCORD, told.ok, told.message)
    }
}

fn shut_out(channels: usize) -> String {
    let channels = match channels {
        1 => "1 channel".to_owned(),
        _ => format!("{channels} channels"),
    };
    format!("carries messages, but may not do all it needs in {channels} of the map")
}

/// What goes on only when the operator does something, as the end of a sentence.
fn resting(stand: &BridgeStand) -> String {
    match stand.parked + stand.held + stand.unplaced {
        0 => String::new(),
        1 => "; 1 message waits for you".to_owned(),
        count => format!("; {count} messages wait for you"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(bridge: BridgeState) -> BridgeStand {
        BridgeStand {
            bridge,
            bot_name: None,
            unplaced: 0,
            parked: 0,
            held: 0,
            to_ask: 0,
            to_post: 0,
            to_convene: 0,
            bus_trouble: None,
            agents_paused: false,
            token_lost: false,
            token_refused: false,
            waits_for_keys: false,
        }
    }

    fn command(found: Finding) -> String {
        found.command.unwrap_or_default()
    }

    const WELL: Known = Known {
        is_on: true,
        hears: true,
        lacking: 0,
    };

    fn seen(bridge: BridgeState, is_on: bool) -> Option<(bool, String)> {
        examined(&stand(bridge), Known { is_on, ..WELL }).map(|found| (found.ok, found.message))
    }

    #[test]
    fn a_token_that_is_gone_and_a_bus_that_takes_nothing_are_wrong_however_it_stands() {
        for bridge in [BridgeState::Off {}, BridgeState::Delivering {}] {
            let lost = BridgeStand {
                token_lost: true,
                ..stand(bridge)
            };
            let found = examined(&lost, WELL).filter(|found| !found.ok);
            assert!(found.is_some_and(|found| command(found).contains("discord bot")));
        }
        let cut = BridgeStand {
            bus_trouble: Some("The connector is revoked.".to_owned()),
            ..stand(BridgeState::Delivering {})
        };
        let found = examined(&cut, WELL).map(|found| (found.ok, found.message));
        assert_eq!(found, Some((false, "The connector is revoked.".to_owned())));
    }

    #[test]
    fn what_keeps_it_from_carrying_messages_is_wrong_and_what_the_operator_chose_is_not() {
        let why = || "Discord does not take the token: give another".to_owned();
        assert_eq!(seen(BridgeState::NotSetUp {}, false), None);
        let good = |bridge, is_on| seen(bridge, is_on).filter(|(ok, _)| *ok).is_some();
        assert!(good(BridgeState::Off {}, false));
        assert!(good(BridgeState::Off {}, true));
        assert!(good(BridgeState::Connecting { after: None }, true));
        assert_eq!(
            seen(BridgeState::Delivering {}, true),
            Some((true, "carries messages".to_owned()))
        );
        let rests = BridgeStand {
            parked: 1,
            held: 1,
            ..stand(BridgeState::Delivering {})
        };
        let told = examined(&rests, WELL);
        assert!(told.is_some_and(|told| {
            told.waits
                && told.message == "carries messages; 2 messages wait for you"
                && command(told).contains("discord status")
        }));
        assert!(good(BridgeState::Paused {}, true));
        for (lacking, told) in [(1, "in 1 channel of"), (2, "in 2 channels of")] {
            let found = examined(&rests, Known { lacking, ..WELL });
            let found =
                found.filter(|found| !found.ok && found.message.contains("2 messages wait"));
            assert!(found.is_some_and(|found| found.message.contains(told)));
        }
        let deaf = Known {
            hears: false,
            lacking: 1,
            ..WELL
        };
        let deaf = examined(&stand(BridgeState::Delivering {}), deaf);
        assert!(deaf.is_some_and(|found| !found.ok && found.message.contains("Message Content")));
        let paused = BridgeStand {
            agents_paused: true,
            ..stand(BridgeState::Delivering {})
        };
        let lacking = 1;
        let told = examined(&paused, Known { lacking, ..WELL }).map(command);
        assert!(told.is_some_and(|told| told.contains("`husting resume`")));
        let elsewhere = BridgeState::Elsewhere {
            holder: "another".to_owned(),
        };
        assert!(!good(elsewhere, true));
        let after = BridgeState::Connecting { after: Some(why()) };
        assert_eq!(seen(after, true), Some((false, why())));
        assert_eq!(
            seen(BridgeState::Stopped { why: why() }, true),
            Some((false, why()))
        );
    }

    #[test]
    fn a_bridge_that_is_on_is_told_from_one_that_is_off() {
        let said = |is_on| seen(BridgeState::Off {}, is_on).unwrap_or_default().1;
        assert_eq!(said(true), "runs whenever Husting does");
        assert_eq!(said(false), "is off");
        let off = Known {
            is_on: false,
            ..WELL
        };
        let way = examined(&stand(BridgeState::Off {}), off).map(command);
        assert_eq!(way.as_deref(), Some("`husting discord start` lets it run"));
    }
}
