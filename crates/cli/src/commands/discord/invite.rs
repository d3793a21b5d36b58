//! The address at which the bot is invited to a server.

use clap::{Args, ValueEnum};
use husting_discord::examination::{Extra, extended_invitation};
use husting_wire::commands::ReadDiscord;
use husting_wire::discord::{DiscordSetup, Marks};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;
use serde_json::json;

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;

/// With what the bot is invited.
#[derive(Debug, Args)]
pub struct Invite {
    /// What it may do beside its four permissions: reactions, files, threads, webhooks, or none
    /// [default: what `husting discord set` makes use of]
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "EXTRAS",
        hide_possible_values = true
    )]
    with: Option<Vec<With>>,
}

/// A permission by what it is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum With {
    Reactions,
    Files,
    Threads,
    Webhooks,
    None,
}

impl Invite {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let setup = ask::<ReadDiscord>(door, Nothing {}).await?.setup;
        let application = setup.application_id.ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidState,
                "The application's id is not known: `husting discord set --application ID` keeps it, and \
                 `husting discord bot --token-stdin` finds it out.",
            )
        })?;
        if let Some(host) = &setup.sandbox {
            let words = format!(
                "{host} plays Discord here, and application {application} is its own: discord.com knows no such \
                 invitation."
            );
            return Err(Error::new(ErrorCode::InvalidState, words).into());
        }
        let extras = match self.with {
            Some(named) => named.into_iter().filter_map(With::extra).collect(),
            None => used_by(&setup),
        };
        let address = extended_invitation(application, extras);
        output::answer(
            &json!({ "invitation": address }),
            json,
            &format!("{address}\n"),
        )
    }
}

/// What the chosen manner makes use of.
fn used_by(setup: &DiscordSetup) -> Vec<Extra> {
    let used = [
        (setup.marks != Marks::Off, Extra::Reactions),
        (true, Extra::Files),
        (setup.panels_per_day > 0, Extra::Threads),
        (setup.own_names, Extra::Webhooks),
    ];
    let used = used.into_iter().filter(|(is_used, _)| *is_used);
    used.map(|(_, extra)| extra).collect()
}

impl With {
    const fn extra(self) -> Option<Extra> {
        match self {
            Self::Reactions => Some(Extra::Reactions),
            Self::Files => Some(Extra::Files),
            Self::Threads => Some(Extra::Threads),
            Self::Webhooks => Some(Extra::Webhooks),
            Self::None => None,
        }
    }
}
