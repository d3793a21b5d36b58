//! The bus on standard input and output, for clients that can only start a program, and for those that
//! take word of new mail in the midst of a session.

mod bus;
mod fault;
mod following;
mod place;
mod push;
mod server;
mod stream;
mod token;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use husting_home::Logs;
use reqwest::Url;
use rmcp::serve_server;
use rmcp::service::ServerInitializeError;
use rmcp::transport::io::stdio_pipes;

use self::bus::Bus;
use self::place::Place;
use self::server::Server;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

/// The bus as an MCP server on standard input and output, for clients that start a program
///
/// The agent's token is read from a file of mode 0600 or from HUSTING_AGENT_TOKEN, never from an argument.
/// In Claude Code it is a channel as well: new mail is announced in the session.
#[derive(Debug, Args)]
pub struct Channel {
    /// The bus [default: the running husting's, else http://127.0.0.1:6070/mcp]
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// A file with the agent's token, which nobody else may read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Channel {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        invocation.require_named_home()?;
        let token = token::read(self.token_file.as_deref())?;
        let place = match self.url {
            Some(url) => Place::at(url)?,
            None => Place::Here(invocation.home.clone()),
        };
        // Standard output carries the protocol alone; the log has what happens.
        let _logs = Logs::start(&invocation.home)
            .inspect_err(|fault| eprintln!("husting: nothing is logged: {fault}"))
            .ok();
        let bus = Bus::new(place, token).map_err(|source| Failure::Unreachable {
            http: "the bus".to_owned(),
            source,
        })?;
        let serving = serve_server(Server::new(Arc::new(bus)), stdio_pipes()).await;
        let serving = match serving {
            Ok(serving) => serving,
            // Whoever started this went away before it said anything.
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(Exit::Done),
            Err(fault) => return Err(Failure::Usage(format!("what came is no MCP: {fault}"))),
        };
        // Ends with standard input.
        if let Err(fault) = serving.waiting().await {
            tracing::error!(%fault, "the channel ended badly");
        }
        Ok(Exit::Done)
    }
}
