//! Where Discord is asked and heard.

use super::values::Reader;
use super::{DISCORD_API, SettingFault, Variables};

/// Where Discord is asked and heard: at its own addresses, or at a server on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Discord's REST API, ending in `/api/v10`.
    pub api_base: String,
    /// A gateway on this machine in place of the one that the API names.
    pub gateway_url: Option<String>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            api_base: DISCORD_API.to_owned(),
            gateway_url: None,
        }
    }
}

impl Endpoints {
    /// As `DISCORD_API_BASE` and `DISCORD_GATEWAY_URL` say.
    ///
    /// # Errors
    /// What is wrong with them: another address than one on this machine could lead the bot's token away.
    pub fn read(variables: &Variables) -> Result<Self, Vec<SettingFault>> {
        let mut reader = Reader::new(variables);
        let endpoints = Self::of(&mut reader);
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(endpoints)
        } else {
            Err(faults)
        }
    }

    pub(super) fn of(reader: &mut Reader<'_>) -> Self {
        Self {
            api_base: reader.api_base("DISCORD_API_BASE"),
            gateway_url: reader.gateway_url("DISCORD_GATEWAY_URL"),
        }
    }
}
