//! A server of ours as a client reaches it: where, how, and as whom.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use husting_domain::clients::Client;

use crate::client::ClientFiles;

/// What stands where a secret belongs, while it is not known or not to be shown.
pub const PLACEHOLDER: &str = "<your-token>";

/// The header by which a client asks for denials as results of its calls.
const DENIALS: &str = "X-Husting-Denials";

/// A server of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// The bus, under which agents reach each other.
    Bus,
    /// The deliberation server.
    Deliberation,
}

impl Server {
    /// The key it stands under: skills address its tools by this name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Bus => "sos",
            Self::Deliberation => "mumo",
        }
    }

    /// The environment variable that its secret is looked for in.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Bus => "HUSTING_AGENT_TOKEN",
            Self::Deliberation => "MUMO_API_KEY",
        }
    }
}

/// The way MCP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// HTTP with server-sent events, the older way. Only the bus has it.
    Sse,
}

/// What a client is to reach, and as whom.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The server.
    pub server: Server,
    /// Its address. One of [`Transport::Sse`] that ends in `/sse/<your-token>` takes the secret
    /// there instead of in a header.
    pub url: String,
    /// The way it is spoken to.
    pub transport: Transport,
    /// The token or key; without it a placeholder stands in its place.
    pub secret: Option<SecretString>,
    /// The `husting` program, for a client that can only start one; without it, the one on `PATH`.
    pub program: Option<PathBuf>,
}

impl Endpoint {
    /// The same with [`PLACEHOLDER`] for the secret: what may be shown.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self {
            secret: self.secret.as_ref().map(|_| PLACEHOLDER.into()),
            ..self.clone()
        }
    }

    pub(crate) fn secret(&self) -> &str {
        self.secret
            .as_ref()
            .map_or(PLACEHOLDER, ExposeSecret::expose_secret)
    }

    /// Whether the secret stands in the address.
    fn is_keyed_by_path(&self) -> bool {
        self.transport == Transport::Sse && self.url.contains(PLACEHOLDER)
    }

    pub(crate) fn address(&self) -> String {
        if self.is_keyed_by_path() {
            self.url.replace(PLACEHOLDER, self.secret())
        } else {
            self.url.clone()
        }
    }

    fn bearer(&self, client: Client) -> String {
        match &self.secret {
            None if client == Client::Cursor => {
                format!("Bearer ${{env:{}}}", self.server.variable())
            }
            _ => format!("Bearer {}", self.secret()),
        }
    }

    pub(crate) fn headers(&self, client: Client) -> Map<String, Value> {
        let mut headers = Map::new();
        if self.is_keyed_by_path() {
            return headers;
        }
        headers.insert("Authorization".into(), self.bearer(client).into());
        // On the older transport denials come as results to everybody; scopes are the bus's.
        if client.misreads_denials()
            && self.server == Server::Bus
            && self.transport == Transport::Http
        {
            headers.insert(DENIALS.into(), "result".into());
        }
        headers
    }
}
