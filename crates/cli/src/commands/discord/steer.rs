//! Letting the console's bridge run, and holding it.

use clap::Subcommand;
use husting_wire::commands::{HoldBridge, ReadDiscord, StartBridge, StopBridge};
use husting_wire::discord::{BridgeStand, BridgeState, DiscordView, PauseBridge, RouteView};
use husting_wire::settings::Nothing;

use super::settling::Settling;
use super::state::{Served, state};
use super::status::{lacking, mapped};
use crate::commands::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Whether the console's bridge runs.
#[derive(Debug, Subcommand)]
pub enum Steer {
    /// Let the console's bridge run, now and whenever Husting does
    Start,
    /// End the console's bridge
    Stop,
    /// Hold the bridge: what people write is kept, nothing is asked or posted
    Pause,
    /// Let the bridge go on
    Resume,
}

impl Steer {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        through(invocation, async |door| {
            let served = Served::by(door);
            let mut exit = Exit::Done;
            let (view, said) = match self {
                Self::Start => {
                    let view = start(door, served).await?;
                    let said = started(&view, served);
                    exit = exit_of(&view.stand);
                    (view, said)
                }
                Self::Stop => {
                    let ran = ask::<ReadDiscord>(door, Nothing {}).await?.setup.runs;
                    let view = ask::<StopBridge>(door, Nothing {}).await?;
                    (view, stopped(ran, served).to_owned())
                }
                Self::Pause => {
                    let view = ask::<HoldBridge>(door, PauseBridge { paused: true }).await?;
                    let said = held(&view, served);
                    (view, said)
                }
                Self::Resume => {
                    let view = ask::<HoldBridge>(door, PauseBridge { paused: false }).await?;
                    let said = let_go(&view, served);
                    (view, said)
                }
            };
            output::answer(&view, invocation.json, &format!("{said}\n"))?;
            Ok(exit)
        })
        .await
    }
}

/// Whether it carries messages is known a moment after it was begun.
async fn start(door: &dyn Door, served: Served) -> Result<DiscordView, Failure> {
    if served == Served::No {
        return ask::<StartBridge>(door, Nothing {}).await;
    }
    let settling = Settling::begin(door).await?;
    ask::<StartBridge>(door, Nothing {}).await?;
    let look = async || ask::<ReadDiscord>(door, Nothing {}).await;
    let is_settled = |view: &DiscordView| match view.stand.bridge {
        BridgeState::Off {} | BridgeState::Connecting { after: None } => false,
        // Discord is asked about the channels once it is connected.
        BridgeState::Delivering {} => view.setup.routes.iter().all(|it| it.lacking.is_some()),
        _ => true,
    };
    settling.until(look, is_settled).await
}

/// How a start ends: a bridge that tries again by itself has begun; one that waits for something or somebody else is
/// switched on, and has not.
const fn exit_of(stand: &BridgeStand) -> Exit {
    match &stand.bridge {
        BridgeState::Elsewhere { .. } => Exit::Refused,
        BridgeState::Stopped { .. } if stand.token_refused || stand.token_lost => Exit::Refused,
        BridgeState::Stopped { .. } => Exit::Failed,
        BridgeState::NotSetUp {}
        | BridgeState::Off {}
        | BridgeState::Connecting { .. }
        | BridgeState::Delivering {}
        | BridgeState::Paused {} => Exit::Done,
    }
}

fn started(view: &DiscordView, served: Served) -> String {
    match &view.stand.bridge {
        BridgeState::Delivering {} => {
            let shut_out = view.setup.routes.iter().filter_map(shut_out);
            let lines = std::iter::once("It runs, and carries messages.".to_owned());
            lines.chain(shut_out).collect::<Vec<_>>().join("\n")
        }
        _ => format!("The bridge {}", state(view, served)),
    }
}

/// A channel of the map in which it may not do what it needs.
fn shut_out(route: &RouteView) -> Option<String> {
    lacking(route).map(|told| format!("{}\n{told}", mapped(route)))
}

fn stopped(ran: bool, served: Served) -> &'static str {
    match (ran, served) {
        (false, _) => "It is off already: husting discord start lets it run.",
        (true, Served::Yes) => "It ends now.",
        (true, Served::No) => "It is switched off.",
    }
}

fn held(view: &DiscordView, served: Served) -> String {
    match &view.stand.bridge {
        BridgeState::Paused {} => {
            "Nothing is asked or posted from now on; what people write is kept. husting discord resume lets \
             it go on."
                .to_owned()
        }
        _ => format!("Whenever it runs it is held. The bridge {}", state(view, served)),
    }
}

fn let_go(view: &DiscordView, served: Served) -> String {
    match &view.stand.bridge {
        BridgeState::Delivering {} => "It goes on.".to_owned(),
        _ => format!("It is held no more. The bridge {}", state(view, served)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::samples::view;
    use super::*;

    #[test]
    fn a_bridge_that_waits_for_something_has_not_begun() {
        let why = || "Discord is away".to_owned();
        let stand = |bridge| view(bridge, None).stand;
        let elsewhere = BridgeState::Elsewhere { holder: why() };
        assert_eq!(exit_of(&stand(elsewhere)), Exit::Refused);
        let stopped = stand(BridgeState::Stopped { why: why() });
        assert_eq!(exit_of(&stopped), Exit::Failed);
        let refused = BridgeStand {
            token_refused: true,
            ..stopped
        };
        assert_eq!(exit_of(&refused), Exit::Refused);
        for begins in [
            BridgeState::Off {},
            BridgeState::Connecting { after: Some(why()) },
            BridgeState::Delivering {},
            BridgeState::Paused {},
        ] {
            assert_eq!(exit_of(&stand(begins)), Exit::Done);
        }
    }
}
