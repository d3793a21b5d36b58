//! Keys to the deliberation contract: for agents over MCP and scripts over REST.

mod naming;
mod text;

use clap::{Args, Subcommand};
use husting_wire::commands::{FindKeys, MakeKey, RevokeOneKey};
use husting_wire::keys::{CreateKey, KeyRef};
use husting_wire::settings::Nothing;
use husting_wire::wiring::WiringOf;

use self::text::{created, listed, revoked};
use super::through;
use super::wiring::{ForClient, hand_out};
use crate::commands::numbers;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Keys for agents and scripts
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key and show it, once
    Create(Create),
    /// List keys
    List,
    /// Revoke a key for good: what it waits for ends, the rounds it asked for finish
    Revoke {
        /// Its name, its id, or as much of the id's beginning as tells it from the others
        key: String,
    },
}

/// A key.
#[derive(Debug, Args)]
pub struct Create {
    /// A name for it, such as that of its agent or machine
    #[arg(long)]
    name: String,
    /// Most rounds of one UTC day, 0 for no limit [default: the setting limits.rounds_per_day]
    #[arg(long, value_name = "N", value_parser = numbers::at_least(0))]
    daily_rounds: Option<u32>,
    /// Whose sessions it opens and whose wallet it spends from [default: your own]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    #[command(flatten)]
    wiring: ForClient,
}

impl Key {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self {
            Self::Create(create) => create.run(invocation).await,
            Self::List => {
                let list = through(invocation, async |door| {
                    ask::<FindKeys>(door, Nothing {}).await
                })
                .await?;
                output::answer(&list, invocation.json, &listed(&list))
            }
            Self::Revoke { key } => revoke(&key, invocation).await,
        }
    }
}

impl Create {
    async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let asked = CreateKey {
            name: self.name,
            daily_rounds: self.daily_rounds,
            tenant_id: self.tenant,
        };
        let json = invocation.json;
        through(invocation, async |door| {
            let planned = self.wiring.plan(door, WiringOf::NewKey {}).await?;
            let made = ask::<MakeKey>(door, asked).await?;
            if let Some(planned) = planned {
                let key_id = made.key.key_id;
                let of = WiringOf::Key { key_id };
                return hand_out(door, (planned, of, None), (&made, &made.raw_key), json).await;
            }
            output::answer(&made, json, &created(&made))
        })
        .await
    }
}

async fn revoke(name: &str, invocation: &Invocation) -> Result<Exit, Failure> {
    let (key, list) = through(invocation, async |door| {
        let known = ask::<FindKeys>(door, Nothing {}).await?;
        let key = naming::find(&known.keys, name)?.clone();
        let asked = KeyRef { key_id: key.key_id };
        Ok((key, ask::<RevokeOneKey>(door, asked).await?))
    })
    .await?;
    output::answer(&list, invocation.json, &revoked(&key))
}
