//! An agent's entry taken out of a client's file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::audit::Action;
use husting_domain::runs::Wiring;
use husting_store::{RunWrite, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{UnwireAgent, UnwiredFile};
use husting_wiring::{Removal, Server};
use serde_json::json;

use super::places::file_fault;
use super::showing::off_thread;
use super::standing::Whose;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;

/// What was done to a file.
struct Done {
    unwired: UnwiredFile,
    /// A token of the agent's still stands in it.
    is_left: bool,
}

impl Inner {
    /// Takes an agent's entry out of a file that was written for it, and of a revoked agent forgets that it was. Where
    /// the entry, or the whole file, is gone already, or the entry is somebody else's, it is forgotten alone.
    ///
    /// # Errors
    /// `invalid_request` where the file was not written for that agent; `invalid_state` where the agent is not revoked
    /// and is not to be cut off; `client_file` where the file cannot be read or written as it stands, which changes
    /// nothing.
    pub(crate) async fn unwire_agent(
        self: &Arc<Self>,
        asked: UnwireAgent,
    ) -> Result<UnwiredFile, Error> {
        self.refuse_while_closing()?;
        let standing = self.managed(&self.operator_of(asked.agent_id), asked.agent_id)?;
        let (wiring, file) = self.wiring_at(&standing, &asked.path).await?;
        let lives = standing.agent.status != AgentStatus::Revoked;
        if lives && !asked.cut_off {
            let name = &standing.agent.name;
            let words = format!(
                "{name} is not revoked, and its client would be cut off. Revoke it first (`husting agent revoke \
                 {name}`), or say that this is meant: `husting unwire {} --yes`.",
                standing.agent.id
            );
            return Err(Error::new(ErrorCode::InvalidState, words));
        }
        let (inner, whose, looked_at) = (self.clone(), standing.clone(), wiring.clone());
        let done = off_thread(move || inner.take_out(&whose, &looked_at, &file)).await?;
        // Of an agent that lives the file is the one that it is wired by, and lacks its entry.
        let forgets = !lives && !done.is_left;
        if !done.unwired.taken_out && !forgets {
            return Ok(done.unwired);
        }
        match self.keep_unwired(&standing, wiring, &done, forgets).await {
            Ok(()) => {}
            // The file has no entry any more: what fails from here on is told in the log, and the file as one whose
            // entry is gone.
            Err(fault) if done.unwired.taken_out => {
                tracing::warn!(%fault, agent = %standing.agent.id, "an unwiring was not kept");
            }
            Err(fault) => return Err(fault),
        }
        Ok(done.unwired)
    }

    /// The file of the agent's that is meant, and where it is: whoever names the file behind a symbolic link means that
    /// file.
    async fn wiring_at(&self, standing: &Standing, path: &str) -> Result<(Wiring, PathBuf), Error> {
        let kept = self
            .store
            .wirings(&standing.tenant, standing.agent.id)
            .await
            .outward()?;
        let placed = kept.into_iter().filter_map(|one| {
            let meant = self.place_meant(one.client, path)?;
            Some((one, meant))
        });
        let (mut meant, mut others): (Vec<(Wiring, PathBuf)>, Vec<_>) =
            placed.partition(|(one, meant)| meant == Path::new(&one.path));
        if meant.is_empty() {
            others.retain(|(one, meant)| {
                std::fs::canonicalize(&one.path).is_ok_and(|real| real == *meant)
            });
            meant = others;
        }
        let name = &standing.agent.name;
        let words = match (meant.pop(), meant.as_slice()) {
            (Some(one), []) => return Ok(one),
            (None, _) => format!(
                "{path} was not written for {name} ({id}). `husting agent show {id}` names the files that were.",
                id = standing.agent.id
            ),
            (Some((one, _)), others) => {
                let others = others.iter().map(|(other, _)| other.path.as_str());
                let all: Vec<_> = others.chain([one.path.as_str()]).collect();
                format!(
                    "In {path} several files were written for {name}. Name one of them: {}.",
                    all.join(", ")
                )
            }
        };
        Err(Error::invalid(words).with(json!({ "field": "path" })))
    }

    /// Takes out what is the agent's. Waits for the disk.
    fn take_out(&self, standing: &Standing, wiring: &Wiring, path: &Path) -> Result<Done, Error> {
        let client = wiring.client;
        let unwired = UnwiredFile {
            client,
            path: path.display().to_string(),
            taken_out: false,
            anothers: false,
            backup: None,
            other_servers: 0,
        };
        let untouched = |anothers| {
            Ok(Done {
                unwired: UnwiredFile {
                    anothers,
                    ..unwired.clone()
                },
                is_left: false,
            })
        };
        let refused = |fault| file_fault(path, &fault);
        let Some(removal) = Removal::of(client, Server::Bus, path).map_err(refused)? else {
            return untouched(false);
        };
        match self.entry_of(standing.agent.id, &removal.tokens) {
            Whose::Nothing => return untouched(false),
            Whose::Anothers => return untouched(true),
            Whose::Elsewhere => return Err(stands_elsewhere(standing, wiring)),
            Whose::Own => {}
        }
        let removed = removal.write().map_err(refused)?;
        let backup = removed.written.backup;
        Ok(Done {
            is_left: self.has_any_of(standing.agent.id, &removed.left),
            unwired: UnwiredFile {
                taken_out: true,
                backup: backup.map(|path| path.display().to_string()),
                other_servers: u32::try_from(removal.others).unwrap_or(u32::MAX),
                ..unwired
            },
        })
    }

    async fn keep_unwired(
        &self,
        standing: &Standing,
        wiring: Wiring,
        done: &Done,
        forgets: bool,
    ) -> Result<(), Error> {
        let detail = json!({
            "client": wiring.client, "path": wiring.path, "tail": wiring.token_tail,
            "taken_out": done.unwired.taken_out,
        });
        let forgotten = forgets.then_some(RunWrite::Unwired {
            agent: wiring.agent,
            path: wiring.path,
            written_at: wiring.written_at,
        });
        let forgotten = forgotten.map(Write::Run);
        self.keep_told(standing, Action::Unwire, forgotten, &detail)
            .await
    }
}

/// What cannot be told from somebody else's is left to its owner.
fn stands_elsewhere(standing: &Standing, wiring: &Wiring) -> Error {
    let path = &wiring.path;
    let words = format!(
        "A token of {name} stands in {path}, but not in an entry \"{key}\" of its own: under another name, beside \
         somebody else’s, or in a comment. Take it out by hand.",
        name = standing.agent.name,
        key = Server::Bus.key(),
    );
    Error::new(ErrorCode::ClientFile, words).with(json!({ "path": path }))
}
