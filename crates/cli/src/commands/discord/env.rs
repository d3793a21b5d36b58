//! The set-up as the settings of a bridge that runs alone.

use std::collections::BTreeMap;

use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use husting_wire::commands::{ReadDiscord, TakeSnapshot};
use husting_wire::discord::DiscordSetup;
use husting_wire::settings::Nothing;

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints it; the two tokens are left to whoever runs the bridge.
pub(super) async fn run(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let setup = ask::<ReadDiscord>(door, Nothing {}).await?.setup;
    let address = ask::<TakeSnapshot>(door, Nothing {}).await?.address;
    let lines = lines(&setup, address.as_deref())?;
    let record: BTreeMap<_, _> = lines.iter().cloned().collect();
    let text: String = lines
        .iter()
        .map(|(variable, value)| format!("{variable}={value}\n"))
        .collect();
    output::answer(&record, json, &text)
}

fn lines(
    setup: &DiscordSetup,
    address: Option<&str>,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let map: BTreeMap<Snowflake, &Name> = setup
        .routes
        .iter()
        .map(|route| (route.channel_id, &route.agent))
        .collect();
    let bus = address.map(|address| ("MUMEGA_BUS_URL", format!("http://{address}/mcp")));
    let mut lines = vec![("DISCORD_BOT_TOKEN", "your-bot-token-here".to_owned())];
    lines.extend(bus);
    lines.extend([
        ("MUMEGA_BUS_TOKEN", "your-bus-token-here".to_owned()),
        ("MUMEGA_AGENT_MAP", serde_json::to_string(&map)?),
        ("MUMEGA_DEFAULT_AGENT", setup.default_agent.to_string()),
        ("CONNECTOR_AGENT_NAME", setup.connector.to_string()),
    ]);
    Ok(lines)
}
