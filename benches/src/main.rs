//! Measures Husting from outside: the real binaries, over real sockets, beside fakes with known
//! rates. Each command keeps one figure; `report` writes them all into `docs/benchmarks.md`.
//! Nothing here is a test: no run fails because of a clock.

mod archive;
mod bare;
mod bus;
mod create;
mod discord;
mod door;
mod figures;
mod first_text;
mod instance;
mod loader;
mod machine;
mod panel;
mod peer;
mod processes;
mod progress;
mod redis;
mod report;
mod rounds;
mod sections;
mod server;
mod sessions;
mod stage;
mod watcher;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::figures::Figure;

/// Repetitions of every measurement, interleaved with those it is compared with.
const REPETITIONS: usize = 5;

/// Benchmarks of Husting; `./dev bench` builds what they need and calls them in order.
#[derive(Parser)]
#[command(name = "husting-benches")]
struct Arguments {
    /// Where figures are kept between the commands.
    #[arg(long, default_value = ".dev/bench")]
    figures: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Rounds of three and eight seats, over their slowest seats.
    Rounds(Built),
    /// From the provider's first word to a client of the event stream.
    FirstText(Built),
    /// The server's start, and what it takes while nothing happens.
    Server(Built),
    /// Polls that find nothing new while three seats stream, beside a bare route.
    Progress(Built),
    /// Deliberations acknowledged over MCP and REST, beside one row a call in Python.
    Create(BesidePython),
    /// Messages taken in a second, and how soon a waiting reader has one, beside other ways to put them
    /// on disk; then memory, and what a million messages change.
    Bus(Bus),
    /// Replies from an agent's `send` to Discord's acceptance: the bridge in the server, over MCP, and a
    /// poller; then memory.
    Discord(Discord),
    /// Lists and reads with 10,000 sessions, beside a store with one.
    Sessions(Built),
    /// Serves bare routes until standard input ends; the first line says where.
    Bare {
        /// Where rows are kept; none are taken without it.
        #[arg(long)]
        rows: Option<PathBuf>,
    },
    /// Prepares a data folder for the window, keeps its fake seats speaking until standard input
    /// ends, and prints what was prepared as JSON.
    Stage(Stage),
    /// Memory and processor time of a process and all below it, as JSON.
    Tree {
        /// The topmost process.
        pid: u32,
    },
    /// Keeps a figure measured elsewhere: `{"id": …, "series": […]}` on standard input.
    Keep,
    /// Writes the page of all kept figures.
    Report {
        /// The page.
        #[arg(long, default_value = "docs/benchmarks.md")]
        page: PathBuf,
    },
}

#[derive(clap::Args)]
struct Built {
    /// The command line's release build.
    #[arg(long, default_value = "target/release/husting")]
    husting: PathBuf,
}

#[derive(clap::Args)]
struct BesidePython {
    #[command(flatten)]
    built: Built,
    /// An interpreter that has the official MCP library.
    #[arg(long, default_value = ".dev/python/bin/python")]
    python: PathBuf,
}

#[derive(clap::Args)]
struct Bus {
    #[command(flatten)]
    beside: BesidePython,
    /// The Redis server.
    #[arg(long, default_value = "redis-server")]
    redis: PathBuf,
}

#[derive(clap::Args)]
struct Discord {
    #[command(flatten)]
    built: Built,
    #[command(flatten)]
    amounts: discord::Amounts,
}

#[derive(clap::Args)]
struct Stage {
    #[command(flatten)]
    built: Built,
    /// The data folder.
    #[arg(long)]
    home: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let keep = |figure: Figure| figure.keep(&arguments.figures);
    match arguments.what {
        What::Rounds(built) => keep(rounds::measure(&built.husting).await?),
        What::FirstText(built) => keep(first_text::measure(&built.husting).await?),
        What::Server(built) => keep(server::measure(&built.husting).await?),
        What::Progress(built) => keep(progress::measure(&built.husting).await?),
        What::Create(create) => keep(create::measure(&create.built.husting, &create.python).await?),
        What::Bus(Bus { beside, redis }) => {
            keep(bus::measure(&beside.built.husting, &beside.python, &redis).await?)
        }
        What::Discord(Discord { built, amounts }) => {
            keep(discord::measure(&built.husting, amounts).await?)
        }
        What::Sessions(built) => keep(sessions::measure(&built.husting).await?),
        What::Bare { rows } => bare::serve(rows.as_deref()).await,
        What::Stage(stage) => stage::hold(&stage.built.husting, &stage.home).await,
        What::Tree { pid } => {
            println!("{}", serde_json::to_string(&processes::Tree::below(pid)?)?);
            Ok(())
        }
        What::Keep => keep(Figure::given(&std::io::read_to_string(std::io::stdin())?)?),
        What::Report { page } => report::write(&arguments.figures, &page)
            .with_context(|| format!("cannot write {}", page.display())),
    }
}
