//! `fake-discord`: the fake Discord as a process, for tests in other languages and to play with by
//! hand.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Parser;
use husting_test_support::discord::{Description, FakeDiscord, World};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Serves Discord's gateway and API on a socket of this machine, and at `/` a page on which one plays
/// the people.
#[derive(Parser)]
#[command(name = "fake-discord")]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The world as JSON: token, people, guilds with channels, settings; without one, a small one.
    #[arg(long)]
    world: Option<PathBuf>,
    /// Written once connections are taken, with the same JSON that is printed.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Prints what a bridge has to be told, instead of JSON.
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
    let world = match &arguments.world {
        None => World::sandbox(),
        Some(path) => World::described(&description(path)?),
    };
    let discord = FakeDiscord::start_at(world, arguments.listen)
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    announce(&arguments, &discord)?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn description(path: &Path) -> anyhow::Result<Description> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a world", path.display()))
}

fn announce(arguments: &Arguments, discord: &FakeDiscord) -> anyhow::Result<()> {
    let ready = json!({
        "origin": discord.origin(),
        "api_base": discord.api_base(),
        "gateway_url": discord.gateway_url(),
        "token": discord.token(),
        "application_id": discord.bot(),
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
        println!("Play the people at   {}", discord.origin());
        let told = format!(
            "DISCORD_API_BASE={} DISCORD_GATEWAY_URL={}",
            discord.api_base(),
            discord.gateway_url()
        );
        println!("Start Husting with   {told} ./dev run");
        println!("or, installed, with  {told} husting-desktop   (without a window: husting serve)");
        println!("The bot's token      {}", discord.token());
    } else {
        println!("{ready}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use husting_test_support::guide;

    use super::*;

    /// What the guide shows of `./dev discord-sandbox`, which hands its arguments to this program.
    #[test]
    fn the_guide_shows_what_is_understood() {
        let shown = guide::arguments_of("./dev discord-sandbox");
        assert!(shown.len() > 3, "{shown:?}");
        for line in shown {
            let words = std::iter::once("fake-discord").chain(line.split_whitespace());
            Arguments::try_parse_from(words).expect(line);
        }
        let world = guide::TEXT
            .lines()
            .find(|line| line.starts_with("{\"people\""));
        let world: Description =
            serde_json::from_str(world.expect("it shows a world")).expect("it is a world");
        assert_eq!(world.guilds[0].channels, ["hq", "shipping-ops"]);
    }
}
