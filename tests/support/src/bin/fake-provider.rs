//! `fake-provider`: the fakes as a process, for tests in other languages and for demos.

use std::{
    fs::{self, File, OpenOptions},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Parser;
use husting_test_support::{FakeProvider, Script, Wire, sandbox};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Serves a vendor's API from a script, on a socket of this machine.
#[derive(Parser)]
#[command(name = "fake-provider")]
struct Arguments {
    /// openai, responses, anthropic, gemini or ollama.
    #[arg(long, default_value = "openai")]
    wire: Wire,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A second address for `/__control` and `/__requests`, open even while the first refuses connections.
    #[arg(long)]
    control: Option<SocketAddr>,
    /// Written once connections are taken, with the same JSON that is printed.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// The script as JSON; without one it debates.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Pieces of text a second, where the script names no pace.
    #[arg(long)]
    tokens_per_second: Option<u32>,
    /// A line of JSON for each request when it is over.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Say in words how to try it, instead of in JSON; without a script it serves two models that debate.
    #[arg(long)]
    by_hand: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (mut interrupted, mut terminated) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let mut provider =
        FakeProvider::start_at(arguments.wire, script(&arguments)?, arguments.listen)
            .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    if let Some(path) = &arguments.log {
        provider.log_to(log(path)?);
    }
    let control = match arguments.control {
        Some(address) => provider
            .serve_control(address)
            .with_context(|| format!("cannot listen on {address}"))?,
        None => provider.origin(),
    };
    announce(&arguments, &provider, &control)?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn script(arguments: &Arguments) -> anyhow::Result<Script> {
    let script = match &arguments.script {
        None if arguments.by_hand => sandbox::script(),
        None => Script::debate(),
        Some(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is not a script", path.display()))?
        }
    };
    let read_along = arguments.by_hand.then_some(sandbox::PACE);
    Ok(match arguments.tokens_per_second.or(read_along) {
        Some(rate) => script.paced(rate),
        None => script,
    })
}

fn log(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn announce(arguments: &Arguments, provider: &FakeProvider, control: &str) -> anyhow::Result<()> {
    let ready = json!({
        "base_url": provider.base_url(),
        "origin": provider.origin(),
        "control_url": control,
        "wire": arguments.wire,
        "pid": std::process::id(),
    });
    if let Some(path) = &arguments.ready_file {
        // Renamed into place, so that whoever waits for the file reads all of it.
        let part = path.with_extension("part");
        fs::write(&part, ready.to_string())
            .with_context(|| format!("cannot write {}", part.display()))?;
        fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if arguments.by_hand {
        let address = sandbox::address(arguments.wire, provider);
        println!("{:18} {address}, for any key", "It answers at");
        println!("{:18} {}", "Without a keyring", sandbox::WITHOUT_KEYRING);
        for (what, line) in sandbox::steps(arguments.wire, provider) {
            println!("{what:18} {line}");
        }
        println!(
            "{:18} Settings, Providers, Add a provider, with vendor {}; then Models and prices: Add a model, and Set a price in its row",
            "Or in the window",
            sandbox::vendor(arguments.wire)
        );
    } else {
        println!("{ready}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use husting_test_support::guide;

    use super::*;

    /// What the guide shows of `./dev provider-sandbox`, which hands its arguments to this program.
    #[test]
    fn the_guide_shows_what_is_understood() {
        let shown = guide::arguments_of("./dev provider-sandbox");
        assert!(shown.len() > 2, "{shown:?}");
        for line in shown {
            let words = ["fake-provider", "--by-hand"].into_iter();
            let words = words.chain(line.split_whitespace());
            Arguments::try_parse_from(words).expect(line);
        }
    }
}
