//! All data of a folder, erased.

use std::time::Duration;

use clap::Args;
use husting_wire::commands::EraseEverything;
use husting_wire::settings::Nothing;
use serde_json::json;

use super::confirm::Confirm;
use crate::door::{Door, LocalDoor, RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::inert;

/// How long another command may hold the folder.
const PATIENCE: Duration = Duration::from_secs(5);

const GOES: &str = "the store, backups, logs, settings, the folders that agents work in, and all keys, in the keyring too";
const STAYS: &str = "What stays: files of clients elsewhere, whose tokens open nothing any more; the program itself, and whether it \
                     starts at login. An agent's program in tmux runs on until you end it.";

/// Erase all data of the data folder, and its keys in the keyring
#[derive(Debug, Args)]
pub struct Erase {
    /// Do not ask; needed by scripts
    #[arg(long)]
    yes: bool,
}

impl Erase {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let home = invocation.home.path();
        if !home.exists() {
            return Err(Failure::Usage(format!(
                "{} is not there; nothing was erased",
                home.display()
            )));
        }
        if !self.yes {
            confirm(invocation)?;
        }
        if let Some(instance) = RemoteDoor::find(&invocation.home).await? {
            return ask_for_it(&instance, invocation.json).await;
        }
        let door = LocalDoor::open(invocation).await?;
        let asked = ask::<EraseEverything>(&door, Nothing {}).await;
        door.close().await;
        // The log ends before it is erased.
        drop(door);
        let asked = asked?;
        let erased = husting_console::finish_erasing(home, PATIENCE).await?;
        // Where somebody else took the folder in between, they have ended it.
        let (left, keyring) = match erased {
            Some(erased) => {
                let left = erased.left.iter().map(|path| path.display().to_string());
                (left.collect(), Some(erased.keyring_answered))
            }
            None => (asked.left, None),
        };
        if invocation.json {
            output::json(&json!({ "erased": home, "left": left, "keyring_answered": keyring }))?;
            return Ok(Exit::Done);
        }
        output::line(&format!("Erased in {}: {GOES}.", home.display()))?;
        if keyring == Some(false) {
            output::line(
                "No keyring answered. Keys that were kept in one before are still there.",
            )?;
        }
        tell_of_rest(&left)?;
        Ok(Exit::Done)
    }
}

/// Whoever runs here ends, erases, and begins anew with nothing.
async fn ask_for_it(instance: &RemoteDoor, json: bool) -> Result<Exit, Failure> {
    let asked = ask::<EraseEverything>(instance, Nothing {}).await?;
    if json {
        output::json(&json!({ "begins_anew": instance.pid(), "left": asked.left }))?;
    } else {
        output::line(&format!(
            "Process {} erases all data and begins anew: {GOES}.",
            instance.pid()
        ))?;
        tell_of_rest(&asked.left)?;
    }
    Ok(Exit::Done)
}

fn tell_of_rest(left: &[String]) -> Result<(), Failure> {
    if !left.is_empty() {
        output::line("Left, because Husting did not write it:")?;
    }
    for path in left {
        output::line(&format!("  {}", inert(path)))?;
    }
    output::line(STAYS)?;
    Ok(())
}

fn confirm(invocation: &Invocation) -> Result<(), Failure> {
    let asking = Confirm {
        question: &format!(
            "Erase {GOES}, in {}? Nothing brings it back. {STAYS}",
            invocation.home.path().display()
        ),
        word: "erase",
        refusal: "this erases all data",
    };
    asking.ask(invocation)
}
