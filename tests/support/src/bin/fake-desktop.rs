//! `fake-desktop`: the fake desktop as a process. Each line in is a question as JSON, each line out its
//! answer; it ends with its input.

use std::path::PathBuf;

use clap::Parser;
use husting_test_support::desktop::{Ask, FakeDesktop};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Shows the tray's icon and notices on the session bus of the environment.
#[derive(Parser)]
#[command(name = "fake-desktop")]
struct Arguments {
    /// Where the pictures are that an icon can have.
    #[arg(long)]
    icons: PathBuf,
    /// Shows notices, but no tray icons before it is told to.
    #[arg(long)]
    no_tray: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let desktop = FakeDesktop::start(!arguments.no_tray).await?;
    println!("\"ready\"");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let ask: Ask = serde_json::from_str(&line)?;
        let answer = desktop.answer(ask, &arguments.icons).await;
        println!("{}", serde_json::to_string(&answer)?);
    }
    Ok(())
}
