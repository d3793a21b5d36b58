//! The bridge's token on the bus.

use clap::Args;
use husting_domain::agents::CONNECTOR;
use husting_wire::agents::{ConnectorToken, MintedAgent};
use husting_wire::commands::MakeConnectorToken;

use crate::commands::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// A token.
#[derive(Debug, Args)]
pub struct Token {
    /// What the bridge is called on the bus: CONNECTOR_AGENT_NAME
    #[arg(long, default_value = CONNECTOR)]
    name: String,
}

impl Token {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let asked = ConnectorToken {
            agent_name: Some(self.name),
        };
        let minted = through(invocation, async |door| {
            ask::<MakeConnectorToken>(door, asked).await
        });
        let minted = minted.await?;
        output::answer(&minted, invocation.json, &shown(&minted))
    }
}

/// The token, and the lines that the bridge reads it from.
fn shown(minted: &MintedAgent) -> String {
    let name = &minted.agent.agent_name;
    let raw = minted.raw_token.as_deref().unwrap_or_default();
    format!(
        "MUMEGA_BUS_TOKEN={raw}\nCONNECTOR_AGENT_NAME={name}\n\nThis is the only time that the token of {name} is \
         shown: put these lines into the bridge's\n.env, which only you can read (mode 0600). One before it opens \
         nothing any more.\n"
    )
}
