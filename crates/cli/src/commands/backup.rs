//! Backups out and in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use husting_clock::{Clock, SystemClock};
use husting_domain::storage::BackupOccasion;
use husting_home::Home;
use husting_wire::commands::{
    ExamineBackup, FindBackups, PutBack, ReadDiscord, TakeSnapshot, WriteBackup,
};
use husting_wire::discord::BridgeState;
use husting_wire::secrets::SecretsView;
use husting_wire::settings::{BackupView, LookAtBackup, Nothing};
use serde_json::json;

use super::confirm::Confirm;
use super::discord::state::{Served, state};
use super::files::new_place;
use super::through;
use crate::door::{LOOK_AGAIN, RemoteDoor, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words;

/// Write a copy of the store to a new file; keys are not in it
#[derive(Debug, Args)]
pub struct Backup {
    /// A file that does not exist yet
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let path = new_place(&self.file)?;
        let asked = husting_wire::settings::Backup {
            path: path.to_string_lossy().into_owned(),
        };
        let written = through(invocation, async |door| {
            ask::<WriteBackup>(door, asked).await
        })
        .await?;
        output::answer(
            &json!({ "file": written.file_name, "holds_keys": false }),
            invocation.json,
            &format!(
                "Written to {}. Provider keys are not in it.\n",
                written.file_name
            ),
        )
    }
}

/// How long another command may hold the folder.
const PATIENCE: Duration = Duration::from_secs(5);

/// What follows for tokens and keys, the books, people in Discord and the audit log.
const AFTERWARDS: &str = "Tokens and keys that were revoked since the backup was made open again until they are revoked once more; where \
                          a token was rotated since, the older one opens again and the newer one does not: rotate it once \
                          more. Settings are as they were then. What was spent since is not in its books, nor counted towards the month's \
                          limit. What people wrote in Discord since is not answered again: what had no answer yet goes to \
                          its agent anew, or, where the replaced store tells nothing, is asked once more. Where the audit log is sealed, `husting doctor` and `husting audit verify` say that it \
                          was put back, until it is accepted: `husting audit accept`.";

/// Put a backup in the store's place; the present store is kept beside it
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `husting backup` or Husting itself wrote
    #[arg(required_unless_present = "list")]
    file: Option<PathBuf>,
    /// List the backups in the data folder, and restore nothing
    #[arg(long, conflicts_with_all = ["file", "look", "yes"])]
    list: bool,
    /// Say what the backup holds, and restore nothing
    #[arg(long, conflicts_with = "yes")]
    look: bool,
    /// Do not ask; needed by scripts where there is a store to replace
    #[arg(long)]
    yes: bool,
}

impl Restore {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let Some(file) = self.file else {
            return list(invocation).await;
        };
        let restoring = Restoring { file };
        refuse_no_backup(&restoring.file)?;
        let instance = RemoteDoor::find(&invocation.home).await?;
        if self.look {
            return restoring.tell(instance.as_ref(), invocation).await;
        }
        restoring.run(instance, self.yes, invocation).await
    }
}

/// Whoever runs is asked, and where nobody does the folder is looked at alone: a store that cannot be opened is
/// what a backup is looked for.
async fn list(invocation: &Invocation) -> Result<Exit, Failure> {
    let found = match RemoteDoor::find(&invocation.home).await? {
        Some(instance) => ask::<FindBackups>(&instance, Nothing {}).await?,
        None => husting_console::kept_backups(invocation.home.path())
            .map_err(|fault| Failure::Unlisted(Box::new(fault)))?,
    };
    if invocation.json {
        output::json(&found)?;
        return Ok(Exit::Done);
    }
    if found.backups.is_empty() {
        output::line("There is no backup in the data folder yet; Husting makes one a day.")?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("WRITTEN", Align::Left),
        ("MADE", Align::Left),
        ("BYTES", Align::Right),
        ("FILE", Align::Left),
    ]);
    for kept in found.backups {
        table.row([
            words::moment(kept.written_at),
            occasion(kept.made).to_owned(),
            words::grouped(kept.bytes),
            kept.path,
        ]);
    }
    output::text(&table.to_string())?;
    Ok(Exit::Done)
}

const fn occasion(made: BackupOccasion) -> &'static str {
    match made {
        BackupOccasion::Daily => "by itself, once a day",
        BackupOccasion::BeforeUpdate => "before an update",
        BackupOccasion::BeforeRestore => "before a restore",
        BackupOccasion::ByHand => "by hand",
    }
}

/// A backup that is to be restored, or looked at.
struct Restoring {
    file: PathBuf,
}

impl Restoring {
    async fn run(
        self,
        instance: Option<RemoteDoor>,
        yes: bool,
        invocation: &Invocation,
    ) -> Result<Exit, Failure> {
        if invocation.home.store_file().exists() && !yes {
            let found = self.looked_at(instance.as_ref(), invocation).await?;
            self.confirm(&found, invocation)?;
        }
        // Who ran may have left while the word was typed, and somebody else have come.
        if let Some(instance) = RemoteDoor::find(&invocation.home).await? {
            return self.ask_for_it(&instance, invocation).await;
        }
        until_free(&invocation.home).await;
        let home = invocation.home.path();
        let beginning = invocation.beginning();
        let restored = husting_console::restore(home, &self.file, SystemClock.now()).await;
        beginning.tell();
        let replaced = restored.map_err(|fault| Failure::Restore(Box::new(fault)))?;
        if invocation.json {
            output::json(&json!({ "restored": self.file, "replaced": replaced }))?;
        } else {
            let before =
                replaced.map(|path| format!(" The store before it is {}.", path.display()));
            let from = self.file.display();
            output::line(&format!(
                "Restored from {from}.{}",
                before.unwrap_or_default()
            ))?;
            output::line(AFTERWARDS)?;
        }
        Ok(Exit::Done)
    }

    /// What the backup holds; whether it can be restored is found out with it.
    async fn looked_at(
        &self,
        instance: Option<&RemoteDoor>,
        invocation: &Invocation,
    ) -> Result<BackupView, Failure> {
        let Some(instance) = instance else {
            let looked = husting_console::look_at_backup(invocation.home.path(), &self.file).await;
            return looked.map_err(|fault| Failure::Unrestorable(Box::new(fault)));
        };
        let asked = LookAtBackup {
            path: self.whole_path()?.to_string_lossy().into_owned(),
        };
        ask::<ExamineBackup>(instance, asked).await
    }

    async fn tell(
        &self,
        instance: Option<&RemoteDoor>,
        invocation: &Invocation,
    ) -> Result<Exit, Failure> {
        let found = self.looked_at(instance, invocation).await?;
        output::answer(
            &found,
            invocation.json,
            &format!("{} {}\n", self.file.display(), holds(&found)),
        )
    }

    /// A running instance works in another folder than we do.
    fn whole_path(&self) -> Result<PathBuf, Failure> {
        std::path::absolute(&self.file).map_err(|source| Failure::File {
            path: self.file.clone(),
            doing: "read",
            source,
        })
    }

    /// Whoever runs here ends, and begins anew with the backup.
    async fn ask_for_it(
        &self,
        instance: &RemoteDoor,
        invocation: &Invocation,
    ) -> Result<Exit, Failure> {
        let path = self.whole_path()?;
        let asked = husting_wire::settings::RestoreBackup {
            path: path.to_string_lossy().into_owned(),
        };
        ask::<PutBack>(instance, asked).await?;
        if invocation.json {
            output::json(&json!({ "staged": path, "begins_anew": instance.pid() }))?;
            return Ok(Exit::Done);
        }
        output::line(&format!(
            "Process {} begins anew with {}. The store before it is kept among the backups.",
            instance.pid(),
            path.display()
        ))?;
        output::line(AFTERWARDS)?;
        // The backup is taken in: that nobody answers afterwards is no failure of the restoration.
        let waits = match instance.anew(&invocation.home).await {
            Ok(Some(anew)) => waiting(&anew, &invocation.home).await.ok(),
            Ok(None) | Err(_) => None,
        };
        let unheard = "It does not answer yet; `husting doctor` says how it is.".to_owned();
        for waits in waits.unwrap_or_else(|| vec![unheard]) {
            output::line(&waits)?;
        }
        Ok(Exit::Done)
    }

    fn confirm(&self, found: &BackupView, invocation: &Invocation) -> Result<(), Failure> {
        let asking = Confirm {
            question: &format!(
                "{} {} Tokens and keys that were revoked since open again, rotated ones and settings are as they were then. Put it in the place of {}?",
                self.file.display(),
                holds(found),
                invocation.home.store_file().display()
            ),
            word: "restore",
            refusal: Some("This replaces the store that is there"),
        };
        asking.ask(invocation)
    }
}

/// What a restore would bring back, and of when.
fn holds(found: &BackupView) -> String {
    let newest = found.newest_at.map_or_else(String::new, |newest| {
        format!(" The newest of them is of {}.", words::moment(newest))
    });
    let update = if found.version < found.known {
        format!(
            ", which a restore brings up to version {} of this Husting",
            found.known
        )
    } else {
        String::new()
    };
    format!(
        "was written {} and holds {}, {} and {}.{newest} Its store has version {}{update}.",
        words::moment(found.written_at),
        words::count(found.sessions, "session"),
        words::count(found.messages, "message"),
        words::count(found.agents, "agent"),
        found.version,
    )
}

/// What does not go on by itself where somebody has begun anew, a sentence each.
async fn waiting(anew: &RemoteDoor, home: &Home) -> Result<Vec<String>, Failure> {
    let mut waits = Vec::new();
    let secrets = ask::<TakeSnapshot>(anew, Nothing {}).await?.secrets;
    if !matches!(secrets, SecretsView::Ready { .. }) {
        waits.push(super::secrets::text(&secrets, true, home.path()));
    }
    let discord = ask::<ReadDiscord>(anew, Nothing {}).await?;
    let goes_on = match discord.stand.bridge {
        BridgeState::NotSetUp {} | BridgeState::Connecting { .. } | BridgeState::Delivering {} => {
            true
        }
        BridgeState::Off {} => discord.setup.runs,
        BridgeState::Paused {} | BridgeState::Elsewhere { .. } | BridgeState::Stopped { .. } => {
            false
        }
    };
    if !goes_on {
        waits.push(format!(
            "The Discord bridge {}",
            state(&discord, Served::Yes)
        ));
    }
    Ok(waits)
}

/// A file that is no database at all, before anybody is asked about it.
fn refuse_no_backup(file: &Path) -> Result<(), Failure> {
    let may_be = husting_console::may_be_backup(file).map_err(|source| Failure::File {
        path: file.to_owned(),
        doing: "read",
        source,
    })?;
    if may_be {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is not a Husting backup; nothing was touched",
        file.display()
    )))
}

/// Returns when nobody works on the folder, or when whoever does has been waited for long enough.
async fn until_free(home: &Home) {
    let leaving = async {
        while home.holder().is_some() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    // Who has not left by then is told by the store's own lock.
    tokio::time::timeout(PATIENCE, leaving).await.ok();
}
