//! An agent's entry taken out of a client's file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::audit::{Action, Entry};
use husting_domain::ids::AgentId;
use husting_domain::runs::Wiring;
use husting_store::{RunWrite, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{UnwireAgent, UnwiredFile};
use husting_wiring::{PlanError, Removal, Server};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::places::file_fault;
use super::showing::off_thread;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;

impl Inner {
    /// Takes an agent's entry out of a file that was written for it, and forgets that it was. Where the entry, or
    /// the whole file, is gone already, it is forgotten alone.
    ///
    /// # Errors
    /// `invalid_request` where the file was not written for that agent; `client_file` where it cannot be written as it
    /// stands, or its entry has become somebody else's, which changes nothing.
    pub(crate) async fn unwire_agent(
        self: &Arc<Self>,
        asked: UnwireAgent,
    ) -> Result<UnwiredFile, Error> {
        self.refuse_while_closing()?;
        let UnwireAgent { agent_id, path } = asked;
        let standing = self.managed(&self.operator_of(agent_id), agent_id)?;
        let wiring = self.wiring_at(&standing, &path).await?;
        let (client, file) = (wiring.client, PathBuf::from(&wiring.path));
        let found = off_thread(move || {
            Removal::of(client, Server::Bus, &file).map_err(|fault| file_fault(&file, &fault))
        })
        .await?;
        let unwired = match found {
            None => UnwiredFile {
                client,
                path: wiring.path.clone(),
                taken_out: false,
                backup: None,
                other_servers: 0,
            },
            Some(removal) => {
                self.refuse_anothers_entry(agent_id, &removal)?;
                take_out(removal).await?
            }
        };
        self.forget_wiring(&standing, wiring, &unwired).await?;
        Ok(unwired)
    }

    /// The file of the agent's that is meant.
    async fn wiring_at(&self, standing: &Standing, path: &str) -> Result<Wiring, Error> {
        let meant = self.surroundings.path(path);
        let kept = self
            .store
            .wirings(&standing.tenant, standing.agent.id)
            .await
            .outward()?;
        let is_meant = |one: &Wiring| meant.as_deref() == Some(Path::new(&one.path));
        kept.into_iter().find(is_meant).ok_or_else(|| {
            let name = &standing.agent.name;
            let words = format!(
                "{path} was not written for {name}. `husting agent show {name}` names the files that were."
            );
            Error::invalid(words).with(json!({ "field": "path" }))
        })
    }

    /// Refuses an entry that has no token of Husting's, or one that opens the bus as somebody else.
    fn refuse_anothers_entry(&self, agent: AgentId, removal: &Removal) -> Result<(), Error> {
        let path = removal.path.display().to_string();
        let refused = |words: String| {
            Err(Error::new(ErrorCode::ClientFile, words).with(json!({ "path": path })))
        };
        let tokens = removal.tokens();
        if tokens.is_empty() {
            return refused(format!(
                "The entry \"{name}\" in {path} has no token of Husting’s any more, so it may be somebody else’s. If it is \
                 not, take it out by hand.",
                name = Server::Bus.key()
            ));
        }
        let now = self.now();
        for token in tokens {
            let hash = husting_tokens::hash(token.expose_secret());
            let holder = self.agents.let_in(&hash, now);
            if let Some(other) = holder.filter(|other| other.id != agent) {
                return refused(format!(
                    "{path} has the token of {name} now, so its entry stays. Unwire {name} instead.",
                    name = other.name
                ));
            }
        }
        Ok(())
    }

    async fn forget_wiring(
        &self,
        standing: &Standing,
        wiring: Wiring,
        unwired: &UnwiredFile,
    ) -> Result<(), Error> {
        let agent = standing.agent.id;
        let entry = Entry {
            at: self.now(),
            action: Action::Unwire,
            actor: "operator".to_owned(),
            agent: Some(agent),
            subject: Some(agent.0),
            body: None,
            detail: json!({
                "client": wiring.client, "path": wiring.path, "tail": wiring.token_tail, "taken_out": unwired.taken_out,
            })
            .to_string(),
        };
        let gone = RunWrite::Unwired {
            agent,
            path: wiring.path,
        };
        let unit = Unit::of(standing.tenant.clone())
            .write(Write::Run(gone))
            .write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        self.tell_agent(agent).await;
        Ok(())
    }
}

async fn take_out(removal: Removal) -> Result<UnwiredFile, Error> {
    off_thread(move || {
        let written = removal
            .write()
            .map_err(|fault| file_fault(&removal.path, &PlanError::File(fault)))?;
        Ok(UnwiredFile {
            client: removal.client,
            path: written.path.display().to_string(),
            taken_out: true,
            backup: written.backup.map(|path| path.display().to_string()),
            other_servers: u32::try_from(removal.others).unwrap_or(u32::MAX),
        })
    })
    .await
}
