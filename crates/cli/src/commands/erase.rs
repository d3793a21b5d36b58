//! All data of a folder, erased.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use husting_console::Erased;
use husting_wire::commands::EraseEverything;
use husting_wire::settings::{Erasing, Nothing};
use serde_json::json;

use super::confirm::Confirm;
use crate::door::{Door, LocalDoor, RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::inert;

/// How long another command may hold the folder.
const PATIENCE: Duration = Duration::from_secs(5);

const GOES: &str =
    "the store, backups, logs, settings, the folders that agents work in, and all keys";
const STAYS: &str = "What stays: files of clients elsewhere, whose tokens open nothing any more; the program itself, and whether it \
                     starts at login. An agent's program in tmux runs on until you end it.";

/// What erasing leaves where it is.
#[derive(Default)]
struct Stays {
    /// What is somebody else's.
    left: Vec<String>,
    /// What may hold data of Husting's.
    not_removed: Vec<String>,
}

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
            return Err(Failure::NothingToErase(home.to_owned()));
        }
        if !self.yes {
            confirm(invocation)?;
        }
        if let Some(instance) = RemoteDoor::find(&invocation.home).await? {
            return ask_for_it(&instance, invocation).await;
        }
        let (stays, keyring) = erased(invocation).await?;
        if invocation.json {
            output::json(&json!({
                "erased": home,
                "left": stays.left,
                "not_removed": stays.not_removed,
                "keyring_answered": keyring,
            }))?;
            return Ok(stays.exit());
        }
        output::line(&format!("Erased in {}: {}.", home.display(), goes(keyring)))?;
        if keyring == Some(false) {
            output::line(
                "No keyring answered. Keys that were kept in one before are still there.",
            )?;
        }
        stays.tell(invocation)?;
        Ok(stays.exit())
    }
}

/// Erases all data where nobody runs. What stays, and whether a keyring answered, where that is known.
async fn erased(invocation: &Invocation) -> Result<(Stays, Option<bool>), Failure> {
    let home = invocation.home.path();
    let (asked, erased) = match begun(invocation).await {
        Ok(asked) => {
            let erased = husting_console::finish_erasing(home, PATIENCE).await?;
            (asked, erased)
        }
        Err(fault) if fault.is_of_the_store() => {
            if !invocation.json {
                eprintln!("husting: {}", inert(&fault.to_string()));
                eprintln!("husting: that hinders no erasing, for which no store is needed");
            }
            let keys = invocation.configured.keys.clone();
            let erased = husting_console::erase_unopened(home, keys, PATIENCE).await?;
            (Stays::default(), erased)
        }
        Err(fault) => return Err(fault),
    };
    // Where somebody else took the folder in between, they have ended it.
    Ok(match erased {
        Some(erased) => (Stays::of(&erased), Some(erased.keyring_answered)),
        None => (asked, None),
    })
}

/// Writes down what is to go, by way of the store.
async fn begun(invocation: &Invocation) -> Result<Stays, Failure> {
    let door = LocalDoor::open(invocation).await?;
    let asked = ask::<EraseEverything>(&door, Nothing {}).await;
    // With the door the log ends, before it is erased.
    door.close().await;
    asked.map(Stays::from)
}

/// Whoever runs here ends, erases, and begins anew with nothing.
async fn ask_for_it(instance: &RemoteDoor, invocation: &Invocation) -> Result<Exit, Failure> {
    let asked = ask::<EraseEverything>(instance, Nothing {}).await?;
    let stays = Stays::from(asked);
    if invocation.json {
        output::json(&json!({
            "begins_anew": instance.pid(),
            "left": stays.left,
            "not_removed": stays.not_removed,
        }))?;
    } else {
        output::line(&format!(
            "Process {} erases all data and begins anew: {}.",
            instance.pid(),
            goes(None)
        ))?;
        stays.tell(invocation)?;
    }
    Ok(stays.exit())
}

impl From<Erasing> for Stays {
    fn from(Erasing { left, not_removed }: Erasing) -> Self {
        Self { left, not_removed }
    }
}

impl Stays {
    fn of(erased: &Erased) -> Self {
        let shown = |paths: &[PathBuf]| {
            paths
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        };
        Self {
            left: shown(&erased.left),
            not_removed: shown(&erased.not_removed),
        }
    }

    fn exit(&self) -> Exit {
        match self.not_removed.is_empty() {
            true => Exit::Done,
            false => Exit::Partial,
        }
    }

    fn tell(&self, invocation: &Invocation) -> Result<(), Failure> {
        let lists = [
            (
                "Not removed, because a link leads there or the system holds it; it may hold data of Husting's:",
                &self.not_removed,
            ),
            ("Left, because Husting did not write it:", &self.left),
        ];
        for (heading, paths) in lists {
            if !paths.is_empty() {
                output::line(heading)?;
            }
            for path in paths {
                output::line(&format!("  {}", inert(path)))?;
            }
        }
        output::line(&what_stays(invocation))?;
        Ok(())
    }
}

/// What erasing takes with it. Whether a keyring answers is known once it was asked.
fn goes(keyring_answered: Option<bool>) -> String {
    let keys = match keyring_answered {
        Some(true) => ", in the keyring too",
        Some(false) => " in the folder",
        None => ", in the keyring too where one answers",
    };
    format!("{GOES}{keys}")
}

fn what_stays(invocation: &Invocation) -> String {
    let locks = invocation.home.bot_locks();
    format!(
        "{STAYS} Locks with the numbers of Discord bots stay in {}.",
        locks.display()
    )
}

fn confirm(invocation: &Invocation) -> Result<(), Failure> {
    let asking = Confirm {
        question: &format!(
            "Erase {}, in {}? Nothing brings it back. {}",
            goes(None),
            invocation.home.path().display(),
            what_stays(invocation)
        ),
        word: "erase",
        refusal: Some("This erases all data"),
    };
    asking.ask(invocation)
}
