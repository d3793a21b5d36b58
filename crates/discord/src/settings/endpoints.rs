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
    /// The host and port that play Discord; none where Discord itself is asked.
    #[must_use]
    pub fn sandbox(&self) -> Option<String> {
        let api = (self.api_base != DISCORD_API).then_some(&self.api_base);
        // The gateway is given the bot's token too.
        let (_, rest) = api.or(self.gateway_url.as_ref())?.split_once("://")?;
        Some(rest.split('/').next().unwrap_or(rest).to_owned())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_address_than_discords_own_is_a_sandbox() {
        assert_eq!(Endpoints::default().sandbox(), None);
        let played = Endpoints {
            api_base: "http://127.0.0.1:8321/api/v10".to_owned(),
            gateway_url: None,
        };
        assert_eq!(played.sandbox().as_deref(), Some("127.0.0.1:8321"));
        let heard_elsewhere = Endpoints {
            gateway_url: Some("ws://127.0.0.1:8322/".to_owned()),
            ..Endpoints::default()
        };
        assert_eq!(heard_elsewhere.sandbox().as_deref(), Some("127.0.0.1:8322"));
    }
}
