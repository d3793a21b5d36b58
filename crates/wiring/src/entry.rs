//! What stands in a client's file about one server of ours.

use std::fmt;

use serde_json::{Map, Value, json};

use husting_domain::clients::Client;

use crate::endpoint::{Endpoint, Server, Transport};

/// Why a client cannot be given an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The client does not speak the older transport.
    #[error("{0} does not speak SSE; give it the address of Streamable HTTP")]
    NoSse(&'static str),
    /// The deliberation server does not speak the older transport.
    #[error("the deliberation server does not speak SSE; give its address of Streamable HTTP")]
    NoSseThere,
    /// The client starts programs only, and there is none for this server.
    #[error(
        "{0} sends no headers to a server elsewhere, and the program that Husting has for it \
         reaches the bus alone; wire another client to the deliberation server"
    )]
    OnlyTheBus(&'static str),
    /// A path that is no text cannot stand in a file of text.
    #[error("the path of the husting program is not valid UTF-8 and cannot be written into a file")]
    ProgramPath,
}

/// A server's entry in a file: keys and values in the order they are written. It holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Table(Map<String, Value>);

impl Table {
    /// The keys and values.
    #[must_use]
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Map<String, Value>> for Table {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.0.keys().map(String::as_str).collect();
        f.debug_tuple("Table").field(&keys).finish()
    }
}

/// A command that the operator runs. It holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The same as one line for a shell.
    pub text: String,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Command").field(&self.argv.first()).finish()
    }
}

/// What a client is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// For its file.
    Table(Table),
    /// For the operator to run.
    Command(Command),
}

/// What `client` has to be given to reach `endpoint`.
///
/// # Errors
/// [`EntryError`] when the client cannot reach it at all.
pub fn entry(client: Client, endpoint: &Endpoint) -> Result<Entry, EntryError> {
    if endpoint.transport == Transport::Sse {
        if endpoint.server == Server::Deliberation {
            return Err(EntryError::NoSseThere);
        }
        if matches!(client, Client::Codex | Client::Zed | Client::ClaudeDesktop) {
            return Err(EntryError::NoSse(client.title()));
        }
    }
    let url = endpoint.address();
    let typed = |http: &str| match endpoint.transport {
        Transport::Http => json!(http),
        Transport::Sse => json!("sse"),
    };
    let sse = endpoint.transport == Transport::Sse;
    let headers = |key: &'static str| {
        let headers = endpoint.headers(client);
        (!headers.is_empty()).then(|| (key, Value::Object(headers)))
    };
    let pairs: Vec<Option<(&str, Value)>> = match client {
        Client::ClaudeCode => vec![
            Some(("type", typed("http"))),
            Some(("url", url.into())),
            headers("headers"),
            // Its tools stand in the first turn and need not be searched for.
            Some(("alwaysLoad", true.into())),
        ],
        Client::VsCode | Client::Json => vec![
            Some(("type", typed("http"))),
            Some(("url", url.into())),
            headers("headers"),
        ],
        Client::Cline => vec![
            Some(("type", typed("streamableHttp"))),
            Some(("url", url.into())),
            headers("headers"),
        ],
        Client::Codex => vec![
            Some(("url", url.into())),
            match (&endpoint.secret, endpoint.server) {
                (None, Server::Deliberation) => {
                    Some(("bearer_token_env_var", endpoint.server.variable().into()))
                }
                _ => headers("http_headers"),
            },
        ],
        // The name of the address says which transport it is.
        Client::GeminiCli => vec![
            Some((if sse { "url" } else { "httpUrl" }, url.into())),
            headers("headers"),
        ],
        // These find out by themselves which transport it is.
        Client::Cursor | Client::Zed => vec![Some(("url", url.into())), headers("headers")],
        Client::Windsurf => vec![Some(("serverUrl", url.into())), headers("headers")],
        Client::Hermes => vec![
            Some(("url", url.into())),
            sse.then(|| ("transport", "sse".into())),
            headers("headers"),
        ],
        Client::OpenClaw => vec![
            Some(("url", url.into())),
            Some(("transport", typed("streamable-http"))),
            headers("headers"),
        ],
        Client::ClaudeDesktop => started(client, endpoint)?,
    };
    let table: Map<String, Value> = pairs
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    match client {
        Client::OpenClaw => Ok(Entry::Command(command(endpoint, table))),
        _ => Ok(Entry::Table(Table(table))),
    }
}

/// For a client that starts a program and speaks to that.
fn started(
    client: Client,
    endpoint: &Endpoint,
) -> Result<Vec<Option<(&'static str, Value)>>, EntryError> {
    if endpoint.server == Server::Deliberation {
        return Err(EntryError::OnlyTheBus(client.title()));
    }
    let program = match &endpoint.program {
        None => "husting",
        Some(path) => path.to_str().ok_or(EntryError::ProgramPath)?,
    };
    Ok(vec![
        Some(("command", program.into())),
        Some(("args", json!(["channel", "--url", endpoint.url]))),
        // Not among the arguments, which everybody on the machine can read.
        Some((
            "env",
            json!({ endpoint.server.variable(): endpoint.secret() }),
        )),
    ])
}

fn command(endpoint: &Endpoint, table: Map<String, Value>) -> Command {
    let name = endpoint.server.key();
    let definition = Value::Object(table).to_string();
    let argv = ["openclaw", "mcp", "set", name, &definition].map(str::to_owned);
    Command {
        text: shell_words::join(&argv),
        argv: argv.into(),
    }
}
