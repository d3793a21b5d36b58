//! The commands, one file for each group.

mod agent;
mod amounts;
mod audit;
mod backup;
mod bus;
mod channel;
mod clients;
mod completions;
mod config;
mod confirm;
mod console;
mod deliberate;
mod discord;
mod doctor;
mod erase;
mod estimate;
mod files;
mod forwarded;
mod key;
mod models;
mod numbers;
mod pause;
mod provider;
mod run;
mod search;
mod secrets;
mod serve;
mod session;
mod spans;
mod storage;
mod tenant;
mod typed;
mod unwire;
mod wallet;
mod wire;
mod wiring;

use clap::Subcommand;

use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run without a window: the browser console and the door for other commands
    Serve(serve::Serve),
    /// The browser console of a running instance
    #[command(subcommand)]
    Console(console::Console),
    /// Put a question to a panel of models and wait for its claim map
    Deliberate(deliberate::Deliberate),
    /// Deliberations that were held
    #[command(subcommand, aliases = ["sessions", "deliberations"])]
    Session(session::Session),
    /// Look for words in titles, in what was said in deliberations, and in messages
    Search(search::Search),
    /// Models that can be seated, their prices, the default panel
    #[command(subcommand)]
    Models(models::Models),
    /// Providers and their keys
    #[command(subcommand, alias = "providers")]
    Provider(provider::Provider),
    /// Where providers' keys are kept: print it, choose it, unlock it
    Secrets(secrets::Secrets),
    /// Keys for agents over MCP and scripts over REST
    #[command(subcommand, alias = "keys")]
    Key(key::Key),
    /// Agents on the bus: minted, changed while they work, cut off at once
    #[command(subcommand, alias = "agents")]
    Agent(agent::Agent),
    /// Tenants, how many agents each may mint, and their tokens
    #[command(subcommand, alias = "tenants")]
    Tenant(tenant::Tenant),
    /// The file that puts a client on the bus: shown, or written with a new token
    Wire(wire::Wire),
    /// Take an agent's entry out of the files that were written for it
    Unwire(unwire::Unwire),
    /// Clients of MCP that are on this machine
    Clients,
    /// Start an agent's program: for one task, or in tmux
    Run(run::Run),
    /// Messages between agents and you, with what became of them
    #[command(subcommand)]
    Bus(bus::Bus),
    /// The bus as an MCP server on standard input and output, for clients that start a program
    Channel(channel::Channel),
    /// The bridge between Discord and agents on the bus
    Discord(discord::Discord),
    /// Pause all agents: their calls are told to come back later, their mail queues
    Pause,
    /// Let agents go on after a pause
    Resume,
    /// End all rounds with what they have and suspend all agents
    StopAll,
    /// What was done, in a log that shows every change to it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What may be spent and what was
    #[command(subcommand)]
    Wallet(wallet::Wallet),
    /// Write a copy of the store to a new file; keys are not in it
    Backup(backup::Backup),
    /// Put a backup in the store's place; the present store is kept beside it
    Restore(backup::Restore),
    /// Erase all data of the data folder, and its keys in the keyring
    Erase(erase::Erase),
    /// How much room each kind of what is kept takes
    Storage,
    /// Look at everything that can be wrong
    #[command(alias = "status")]
    Doctor(doctor::Doctor),
    /// Print the settings in force, with the address of a Husting that runs, or change one
    Config(config::Config),
    /// Print a shell's completion script
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`], which knows its exit code.
    pub async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self {
            Self::Serve(command) => command.run(invocation).await,
            Self::Console(command) => command.run(invocation).await,
            Self::Deliberate(command) => command.run(invocation).await,
            Self::Session(command) => command.run(invocation).await,
            Self::Search(command) => command.run(invocation).await,
            Self::Models(command) => command.run(invocation).await,
            Self::Provider(command) => command.run(invocation).await,
            Self::Secrets(command) => command.run(invocation).await,
            Self::Key(command) => command.run(invocation).await,
            Self::Agent(command) => command.run(invocation).await,
            Self::Tenant(command) => command.run(invocation).await,
            Self::Wire(command) => command.run(invocation).await,
            Self::Unwire(command) => command.run(invocation).await,
            Self::Clients => clients::run(invocation).await,
            Self::Run(command) => command.run(invocation).await,
            Self::Bus(command) => command.run(invocation).await,
            Self::Channel(command) => command.run(invocation).await,
            Self::Discord(command) => command.run(invocation).await,
            Self::Pause => pause::set(true, invocation).await,
            Self::Resume => pause::set(false, invocation).await,
            Self::StopAll => pause::stop_all(invocation).await,
            Self::Audit(command) => command.run(invocation).await,
            Self::Wallet(command) => command.run(invocation).await,
            Self::Backup(command) => command.run(invocation).await,
            Self::Restore(command) => command.run(invocation).await,
            Self::Erase(command) => command.run(invocation).await,
            Self::Storage => storage::run(invocation).await,
            Self::Doctor(command) => command.run(invocation).await,
            Self::Config(command) => command.run(invocation).await,
            Self::Completions(command) => command.run(invocation.json),
        }
    }
}

/// Runs `work` through the way in and leaves it again, whatever came of it.
async fn through<T>(
    invocation: &Invocation,
    work: impl AsyncFnOnce(&dyn Door) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let door = door::open(invocation).await?;
    let outcome = work(door.as_ref()).await;
    door.close().await;
    outcome
}
