//! How each value is read. A value that breaks its rule is noted, and something harmless stands in its
//! place until all faults are told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use husting_domain::agents::{BadName, Name};
use husting_domain::discord::Snowflake;
use reqwest::Url;
use secrecy::SecretString;

use super::map;
use super::{DISCORD_API, LOCAL_BUS, SettingFault, Variables};

/// The longest time between two looks for replies: a day.
const LONGEST_POLL: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads values and notes what is wrong.
pub(super) struct Reader<'v> {
    variables: &'v Variables,
    faults: Vec<SettingFault>,
}

impl<'v> Reader<'v> {
    pub(super) const fn new(variables: &'v Variables) -> Self {
        Self {
            variables,
            faults: Vec::new(),
        }
    }

    pub(super) fn into_faults(self) -> Vec<SettingFault> {
        self.faults
    }

    pub(super) fn required_secret(&mut self, variable: &'static str) -> SecretString {
        if self.variables.get(variable).is_none() {
            self.fault(variable, "it is required and not set", where_from(variable));
        }
        self.optional_secret(variable)
    }

    pub(super) fn optional_secret(&mut self, variable: &'static str) -> SecretString {
        let value = self.variables.get(variable).unwrap_or_default();
        if let Some(rule) = broken_token_rule(value) {
            self.fault(variable, rule, where_from(variable));
        }
        SecretString::from(value)
    }

    pub(super) fn bus_url(&mut self, variable: &'static str) -> Url {
        let text = self.variables.get(variable).unwrap_or(LOCAL_BUS);
        let url = parsed(text, &["http", "https"]);
        let is_known = |url: &Url| url.path().ends_with("/mcp") || url.path().ends_with("/sse");
        if let Some(url) = url.clone().filter(is_known) {
            return url;
        }
        let rule = if url.is_some() {
            "its path must end in /mcp or /sse"
        } else {
            "it must be an http or https URL without a user, password, query or fragment"
        };
        self.fault(variable, rule, format!("write for example {LOCAL_BUS}"));
        harmless_url()
    }

    pub(super) fn agent_map(&mut self, variable: &'static str) -> BTreeMap<Snowflake, Name> {
        let Some(text) = self.variables.get(variable) else {
            return BTreeMap::new();
        };
        map::read(text).unwrap_or_else(|fault| {
            let remedy = "write for example {\"123456789012345678\": \"kasra\"}, each channel once";
            self.fault(variable, fault.to_string(), remedy);
            BTreeMap::new()
        })
    }

    pub(super) fn name(&mut self, variable: &'static str, otherwise: &'static str) -> Name {
        let text = self.variables.get(variable).unwrap_or(otherwise);
        let bare = text.strip_prefix("agent:").unwrap_or(text);
        Name::parse(bare).unwrap_or_else(|BadName| {
            let rule = format!("{} is no agent's name: {BadName}", shown(text));
            self.fault(variable, rule, format!("write for example {otherwise}"));
            harmless_name()
        })
    }

    pub(super) fn seconds(&mut self, variable: &'static str, otherwise: Duration) -> Duration {
        let Some(text) = self.variables.get(variable) else {
            return otherwise;
        };
        let seconds = text.parse::<f64>().ok();
        let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let fits = |span: &Duration| !span.is_zero() && *span <= LONGEST_POLL;
        span.filter(fits).unwrap_or_else(|| {
            let most = LONGEST_POLL.as_secs();
            let text = shown(text);
            let rule = format!("{text} is no number of seconds above 0 and up to {most}");
            self.fault(variable, rule, "write for example 15 or 0.5");
            otherwise
        })
    }

    pub(super) fn switch(&mut self, variable: &'static str, otherwise: bool) -> bool {
        let Some(text) = self.variables.get(variable) else {
            return otherwise;
        };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => true,
            "0" | "false" | "no" | "off" => false,
            _ => {
                self.fault(
                    variable,
                    format!("{} is neither 0 nor 1", shown(text)),
                    "write 0 or 1",
                );
                otherwise
            }
        }
    }

    pub(super) fn path(&mut self, variable: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from(self.variables.get(variable)?);
        if path.is_dir() || path.file_name().is_none() {
            let rule = format!("{} is a folder", path.display());
            self.fault(
                variable,
                rule,
                "name a file in it, for example pending.json",
            );
        }
        Some(path)
    }

    pub(super) fn api_base(&mut self, variable: &'static str) -> String {
        let Some(text) = self.variables.get(variable) else {
            return DISCORD_API.to_owned();
        };
        let text = text.trim_end_matches('/');
        let url = parsed(text, &["http", "https"]).filter(is_loopback);
        if url.is_none_or(|url| !url.path().ends_with("/api/v10")) {
            let rule = "it must be on this machine, or the bot token could be led away, and end in /api/v10";
            self.fault(
                variable,
                rule,
                "write for example http://127.0.0.1:9000/api/v10, or unset it",
            );
        }
        text.to_owned()
    }

    pub(super) fn gateway_url(&mut self, variable: &'static str) -> Option<String> {
        let text = self.variables.get(variable)?;
        if parsed(text, &["ws", "wss"]).filter(is_loopback).is_none() {
            let rule =
                "it must be a ws or wss URL on this machine, or the bot token could be led away";
            self.fault(
                variable,
                rule,
                "write for example ws://127.0.0.1:9000, or unset it",
            );
        }
        Some(text.to_owned())
    }

    /// The bridge would ask itself.
    pub(super) fn answers_itself(&mut self, variable: &'static str) {
        let rule = "it names CONNECTOR_AGENT_NAME, and the bridge does not answer itself";
        self.fault(variable, rule, "name another agent");
    }

    fn fault(
        &mut self,
        variable: &'static str,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(SettingFault {
            variable,
            rule: rule.into(),
            remedy: remedy.into(),
        });
    }
}

/// A value in quotes; of a long one, which may be a token in the wrong place, its length.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 24;
    match text.chars().count() {
        length if length > LONGEST => format!("a text of {length} characters"),
        _ => format!("{text:?}"),
    }
}

/// A URL with one of these schemes and nothing in it that could be a secret.
fn parsed(text: &str, schemes: &[&str]) -> Option<Url> {
    let is_plain = |url: &Url| {
        schemes.contains(&url.scheme())
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    Url::parse(text).ok().filter(is_plain)
}

/// Whether a URL leads to this machine, by its address or by the name that is kept for it.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host == "localhost" || address.parse().is_ok_and(is_loopback)
}

/// Which rule a token breaks; nothing of the token is in it.
#[must_use]
pub fn broken_token_rule(token: &str) -> Option<&'static str> {
    let is_placeholder = token.starts_with("your-") && token.ends_with("-here");
    let is_header_text = token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_placeholder {
        Some("it is still the example's placeholder")
    } else if !is_header_text {
        Some("a token has no spaces, no line breaks and nothing but ASCII in it")
    } else {
        None
    }
}

fn where_from(variable: &str) -> &'static str {
    if variable == "DISCORD_BOT_TOKEN" {
        "copy it from the Bot page at https://discord.com/developers/applications, without \"Bot \" before it"
    } else {
        "run `husting discord token`, which shows one for the bus of this machine; a hosted bus gives its own"
    }
}

/// Stands where a URL was refused; never asked.
fn harmless_url() -> Url {
    // A constant, which a test parses.
    #[allow(clippy::expect_used)]
    Url::parse(LOCAL_BUS).expect("the local bus is a URL")
}

/// Stands where a name was refused; never asked.
fn harmless_name() -> Name {
    #[allow(clippy::expect_used)]
    Name::parse("nobody").expect("it is a name")
}
