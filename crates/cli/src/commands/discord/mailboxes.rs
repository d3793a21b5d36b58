//! Whether those whom the settings ask read mail, as far as this machine knows without Discord.

use husting_discord::settings::{Settings, Warning};
use husting_server::ListenAddress;

use super::agents::Agents;
use crate::door::{Door, LocalDoor, RemoteDoor};
use crate::exit::Failure;
use crate::invocation::Invocation;

/// A warning for each of them that reads none.
///
/// # Errors
/// In words, why nobody here knows.
pub(super) async fn warnings(
    settings: &Settings,
    invocation: &Invocation,
) -> Result<Vec<Warning>, Unknown> {
    let door = at_hand(settings, invocation).await?;
    let agents = Agents::of(door.as_ref()).await;
    door.close().await;
    Ok(asleep(settings, &agents?))
}

/// Why nobody here knows it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    #[error("the bus is not on this machine")]
    Elsewhere,
    #[error("Husting is at {at}, and MUMEGA_BUS_URL names another bus")]
    Other { at: String },
    #[error("no Husting has run on this data folder yet")]
    Nothing,
    #[error("{0}")]
    Failed(#[from] Failure),
}

/// The bus that the settings name, where it is the one of this data folder.
async fn at_hand(settings: &Settings, invocation: &Invocation) -> Result<Box<dyn Door>, Unknown> {
    if !settings.has_local_bus() {
        return Err(Unknown::Elsewhere);
    }
    let port = settings.bus_url.port_or_known_default();
    if let Some(remote) = RemoteDoor::find(&invocation.home).await? {
        return match remote.port() == port {
            true => Ok(Box::new(remote)),
            false => Err(Unknown::Other {
                at: remote.http().to_owned(),
            }),
        };
    }
    if !invocation.home.store_file().exists() {
        return Err(Unknown::Nothing);
    }
    let listen = invocation.configured.given("listen");
    let listen = ListenAddress::from_setting(listen.map(|given| given.value.as_str()));
    match listen {
        Ok(listen) if Some(listen.port) != port => Err(Unknown::Other {
            at: listen.to_string(),
        }),
        _ => Ok(Box::new(LocalDoor::open(invocation).await?)),
    }
}

fn asleep(settings: &Settings, agents: &Agents) -> Vec<Warning> {
    let mapped = agents
        .troubles(settings.agent_map.values())
        .into_iter()
        .map(|(agent, trouble)| warning("MUMEGA_AGENT_MAP", agent.as_str(), &trouble));
    let elsewhere = agents
        .troubles([&settings.default_agent])
        .into_iter()
        .map(|(agent, trouble)| warning("MUMEGA_DEFAULT_AGENT", agent.as_str(), &trouble));
    mapped.chain(elsewhere).collect()
}

fn warning(variable: &str, agent: &str, trouble: &str) -> Warning {
    Warning {
        subject: variable.to_owned(),
        text: format!("{agent} does not answer: {trouble}"),
    }
}
