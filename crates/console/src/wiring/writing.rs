//! Writing a client's file.

use std::path::PathBuf;
use std::sync::Arc;

use husting_domain::agents::AgentToken;
use husting_domain::audit::{Action, Entry};
use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, KeyId};
use husting_domain::runs::Wiring;
use husting_store::{RunWrite, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{WiringOf, WriteWiring, WrittenWiring};
use husting_wiring::{Endpoint, Plan, PlanError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::places::file_fault;
use super::showing::{git, off_thread};
use crate::Inner;
use crate::agents::Manager;
use crate::agents::registry::Standing;
use crate::errors::Outward;

/// A file that is to be written: for whom, and what goes into it.
pub(super) struct Asked {
    pub client: Client,
    pub file: PathBuf,
    pub endpoint: Endpoint,
    /// The address in it holds until this program ends.
    pub is_passing: bool,
    pub git_exclude: bool,
}

/// A file that was written, with what is kept of it.
pub(super) struct Done {
    pub written: WrittenWiring,
    pub hash: String,
    /// The address in it, without the token.
    pub url: String,
}

impl Inner {
    /// Writes a client's file with a token or key that was shown once; nothing but the file has it then.
    ///
    /// # Errors
    /// `invalid_token` where the secret is not the one of that agent or key; `client_file` where the file
    /// cannot be written as it stands, which changes nothing.
    pub(crate) async fn write_wiring(
        self: &Arc<Self>,
        asked: WriteWiring,
    ) -> Result<WrittenWiring, Error> {
        self.refuse_while_closing()?;
        let WriteWiring {
            of,
            client,
            transport,
            path,
            secret,
            git_exclude,
        } = asked;
        let secret = SecretString::from(secret);
        let agent = match of {
            WiringOf::Agent { agent_id } => Some((agent_id, self.token_of(agent_id, &secret)?)),
            WiringOf::Key { key_id } => {
                self.is_key(key_id, &secret)?;
                None
            }
            WiringOf::NewAgent {} | WiringOf::NewKey {} => {
                return Err(Error::invalid(
                    "A file is written with the token of an agent or key that is there: make it first.",
                ));
            }
        };
        let file = self.file_meant(client, &path)?;
        self.refuse_anothers_file(of, &file).await?;
        let done = write(Asked {
            client,
            file,
            endpoint: self.endpoint(of, transport, secret)?,
            is_passing: self.has_passing_url(),
            git_exclude,
        })
        .await?;
        if let Some((agent, token)) = agent {
            self.keep_wiring(agent, &token, &done).await?;
        }
        Ok(done.written)
    }

    /// Keeps that a file was written for an agent, and tells it.
    pub(super) async fn keep_wiring(
        &self,
        agent: AgentId,
        token: &AgentToken,
        done: &Done,
    ) -> Result<(), Error> {
        let standing = self.managed(&self.operator_of(agent), agent)?;
        let written = &done.written;
        let wiring = Wiring {
            agent,
            client: written.client,
            path: written.path.clone(),
            hash: done.hash.clone(),
            url: done.url.clone(),
            token_tail: token.tail.clone(),
            written_at: self.now(),
        };
        let detail = json!({ "client": written.client, "path": written.path, "tail": token.tail });
        let wired = Write::Run(RunWrite::Wired(wiring));
        self.keep_told(&standing, Action::Wire, Some(wired), &detail)
            .await
    }

    /// Keeps what became of an agent's file with its row of the audit log, and tells it.
    pub(super) async fn keep_told(
        &self,
        standing: &Standing,
        action: Action,
        change: Option<Write>,
        detail: &serde_json::Value,
    ) -> Result<(), Error> {
        let agent = standing.agent.id;
        let entry = Entry {
            at: self.now(),
            action,
            actor: "operator".to_owned(),
            agent: Some(agent),
            subject: Some(agent.0),
            body: None,
            detail: detail.to_string(),
        };
        let unit = Unit::of(standing.tenant.clone())
            .writes(change)
            .write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        self.tell_agent(agent).await;
        Ok(())
    }

    /// The agent's token that this is; it must open.
    pub(super) fn token_of(
        &self,
        agent: AgentId,
        secret: &SecretString,
    ) -> Result<AgentToken, Error> {
        let manager: Manager = self.operator_of(agent);
        let standing = self.managed(&manager, agent)?;
        let hash = husting_tokens::hash(secret.expose_secret());
        let known = self.agents.tokens(agent);
        let now = self.now();
        let found = known
            .into_iter()
            .find(|token| token.hash == hash && token.opens(now));
        found.ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidToken,
                format!(
                    "This is no token of {name} that still opens. `husting agent rotate {name}` makes a new one.",
                    name = standing.agent.name
                ),
            )
        })
    }

    fn is_key(&self, key: KeyId, secret: &SecretString) -> Result<(), Error> {
        let hash = husting_tokens::hash(secret.expose_secret());
        if self.live_keys.is(key, &hash) {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::InvalidToken,
            "This is not the key by that id, or it was revoked. `husting key create` makes a new one.",
        ))
    }
}

/// Writes the file, and has Git leave it out where that is asked. Git comes first: a secret that was
/// meant to be left out is never in a file that is not.
pub(super) async fn write(asked: Asked) -> Result<Done, Error> {
    off_thread(move || {
        let Asked {
            client,
            file,
            endpoint,
            is_passing,
            git_exclude,
        } = asked;
        let refused = |fault: PlanError| file_fault(&file, &fault);
        let plan = Plan::of(client, &endpoint, &file).map_err(refused)?;
        if git_exclude {
            plan.leave_out()
                .map_err(|fault| refused(PlanError::Git(fault)))?;
        }
        // Before the file has the secret: nothing may fail once it has.
        let standing = husting_wiring::git::standing(&plan.path)
            .map_err(|fault| refused(PlanError::Git(fault)))?;
        let written = plan
            .write()
            .map_err(|fault| refused(PlanError::File(fault)))?;
        Ok(Done {
            hash: written.hash,
            url: endpoint.url.clone(),
            written: WrittenWiring {
                client,
                path: written.path.display().to_string(),
                backup: written.backup.map(|path| path.display().to_string()),
                other_servers: u32::try_from(plan.others).unwrap_or(u32::MAX),
                replaced_anothers: plan.is_anothers,
                made_folder: written.made_folder,
                passing_address: is_passing,
                git: git(&standing),
            },
        })
    })
    .await
}
