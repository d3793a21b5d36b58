//! Minting.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use husting_clock::{Clock, SystemClock};
use husting_domain::agents::Name;
use husting_domain::scopes::{Grants, Scope};
use husting_domain::time::Timestamp;
use husting_wire::agents::MintAgent;
use husting_wire::commands::MakeAgent;
use husting_wire::wiring::WiringOf;

use super::scopes::scope;
use super::text;
use crate::commands::files;
use crate::commands::spans::End;
use crate::commands::wiring::ForClient;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};

/// An agent.
#[derive(Debug, Args)]
pub struct Mint {
    /// Its name: small letters, digits and hyphens, a letter first
    #[arg(value_parser = Name::parse)]
    name: Name,
    /// What it runs on, in your own words
    #[arg(long)]
    model: Option<String>,
    /// A file that says what it is there for; - is standard input
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// What it may do, such as send,inbox,peers [default: the preset messenger]
    #[arg(long, value_delimiter = ',', value_parser = scope, conflicts_with = "preset")]
    scopes: Option<Vec<Scope>>,
    /// What it may do, by what it is: messenger, member (all but broadcast and deliberate) or full
    #[arg(long, value_enum, hide_possible_values = true)]
    preset: Option<Preset>,
    /// When it ends by itself: a moment such as 2026-12-31T00:00:00Z, or a span such as 7d
    #[arg(long, value_name = "WHEN")]
    expires: Option<End>,
    #[command(flatten)]
    wiring: ForClient,
}

/// Scopes by what an agent is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// Send, inbox, peers.
    Messenger,
    /// All but broadcast and deliberate.
    Member,
    /// Everything.
    Full,
}

impl Mint {
    pub(super) async fn run(mut self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let wiring = std::mem::take(&mut self.wiring);
        let planned = wiring.plan(door, WiringOf::NewAgent {}).await?;
        let minted = ask::<MakeAgent>(door, self.asked()?).await?;
        super::hand_over(door, planned, &minted, text::minted, json).await
    }

    fn asked(self) -> Result<MintAgent, Failure> {
        let charter = self
            .charter
            .map(|file| files::document(&file))
            .transpose()?;
        let preset = self.preset.map(Preset::scopes);
        Ok(MintAgent {
            agent_name: self.name.to_string(),
            model: self.model,
            charter,
            scopes: self.scopes.or(preset),
            expires_at: self.expires.map(|end| end.moment(SystemClock.now())),
        })
    }
}

impl Preset {
    fn scopes(self) -> Vec<Scope> {
        let grants = match self {
            Self::Messenger => Grants::messenger(),
            Self::Member => Grants::member(),
            Self::Full => Grants::full(),
        };
        // None of them ends.
        grants.scopes(Timestamp::from_micros(0)).collect()
    }
}
