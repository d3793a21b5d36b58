//! What the log tells of agents' clients: who opened, and who listed its tools.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use husting_console::BusDoor;
use husting_domain::ids::TokenId;
use serde::Deserialize;
use serde_json::Value;

use super::bearer::AgentBearer;

/// Between two lines about one client's list of tools.
const QUIET: Duration = Duration::from_secs(60);
/// Clients that are remembered before those that have been quiet are forgotten.
const MOST: usize = 4_096;
/// Characters of what a client says of itself.
const LONGEST: usize = 64;

/// A client: its token, and its session where it has one.
type Client = (TokenId, Option<u64>);

/// Clients whose lists were told lately.
pub(super) struct Clients(Option<DefaultKeyedRateLimiter<Client>>);

impl Default for Clients {
    fn default() -> Self {
        let quota = Quota::with_period(QUIET).map(|quota| quota.allow_burst(NonZeroU32::MIN));
        Self(quota.map(RateLimiter::keyed))
    }
}

impl Clients {
    /// Tells that a client listed its tools, once in a while.
    pub(super) fn listed(&self, bearer: &AgentBearer, session: Option<u64>, tools: usize) {
        let Some(told) = &self.0 else { return };
        if told.len() > MOST {
            told.retain_recent();
        }
        if told.check_key(&(bearer.token, session)).is_ok() {
            let (agent, door) = (&bearer.holder.name, name(bearer.holder.door));
            tracing::info!(%agent, door, tools, "a client listed its tools");
        }
    }
}

/// Tells that a client opened, with what it says of itself in `message`.
pub(super) fn opened(bearer: &AgentBearer, message: &[u8]) {
    let said: Opening = serde_json::from_slice(message).unwrap_or_default();
    let (agent, door) = (&bearer.holder.name, name(bearer.holder.door));
    let About { client, protocol } = said.about();
    let (client, version) = (inert(client.name), inert(client.version));
    let protocol = inert(protocol);
    tracing::info!(%agent, client, client_version = version, protocol, door, "a client opened");
}

const fn name(door: BusDoor) -> &'static str {
    match door {
        BusDoor::Http => "http",
        BusDoor::Sse => "sse",
        BusDoor::Inside => "inside",
    }
}

/// `initialize`, or what stands for it in the version without it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Opening {
    params: Params,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Params {
    protocol_version: Option<Value>,
    client_info: Option<Named>,
    #[serde(rename = "_meta")]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    protocol: Option<Value>,
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    client: Option<Named>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: Option<Value>,
    version: Option<Value>,
}

/// What a client says of itself.
struct About {
    client: Named,
    protocol: Option<Value>,
}

impl Opening {
    fn about(self) -> About {
        let Params {
            protocol_version,
            client_info,
            meta,
        } = self.params;
        About {
            client: client_info.or(meta.client).unwrap_or_default(),
            protocol: protocol_version.or(meta.protocol),
        }
    }
}

/// A foreign text for the log: on one line, and no longer than a name is.
fn inert(said: Option<Value>) -> String {
    let text = said.as_ref().and_then(Value::as_str).unwrap_or_default();
    let text = text.replace(char::is_whitespace, " ");
    let shown = text
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c));
    shown.take(LONGEST).collect()
}

/// Zero-width and bidirectional characters.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn about(message: &Value) -> [String; 3] {
        let said: Opening = serde_json::from_value(message.clone()).unwrap_or_default();
        let About { client, protocol } = said.about();
        [client.name, client.version, protocol].map(inert)
    }

    #[test]
    fn a_client_says_who_it_is_in_either_version() {
        let info = json!({"name": "looker", "version": "1.2"});
        let old = json!({"method": "initialize", "params": {"protocolVersion": "2025-06-18", "clientInfo": info}});
        assert_eq!(about(&old), ["looker", "1.2", "2025-06-18"]);
        let new = json!({"method": "server/discover", "params": {"_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientInfo": info,
        }}});
        assert_eq!(about(&new), ["looker", "1.2", "2026-07-28"]);
    }

    #[test]
    fn what_is_no_name_is_told_as_nothing() {
        for message in [
            json!({}),
            json!({"params": []}),
            json!({"params": {"clientInfo": 7}}),
            json!({"params": {"clientInfo": {"name": 7}}}),
        ] {
            assert_eq!(about(&message), ["", "", ""], "{message}");
        }
    }

    #[test]
    fn a_foreign_name_stays_on_its_line_and_is_bounded() {
        let inert = |text: &str| inert(Some(json!(text)));
        assert_eq!(
            inert("a\nINFO b\u{1b}[31m\u{202e}c\u{200b}"),
            "a INFO b[31mc"
        );
        assert_eq!(inert(&"x".repeat(1_000)), "x".repeat(LONGEST));
    }
}
