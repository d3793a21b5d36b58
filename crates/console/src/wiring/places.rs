//! Where a client's file is, what it reaches, and faults of files as they leave.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::clients::Client;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{WiringOf, WiringTransport};
use husting_wiring::{ClientFiles, Endpoint, Os, Places, PlanError, Server, Transport, file};
use secrecy::SecretString;
use serde_json::json;

use super::showing::off_thread;
use crate::errors::Outward;
use crate::{Inner, Surroundings};

impl Inner {
    /// What a file of this kind reaches, with that secret in it.
    pub(super) fn endpoint(
        &self,
        of: WiringOf,
        transport: WiringTransport,
        secret: SecretString,
    ) -> Result<Endpoint, Error> {
        let base = self
            .base_url()
            .or_else(|| self.surroundings.usual_url.clone());
        let base = base.ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidState,
                "Husting listens nowhere now, so a file would lead nowhere. Open the window or start \
                 `husting serve`, then try again.",
            )
        })?;
        let (server, transport) = match (of, transport) {
            (WiringOf::Key { .. } | WiringOf::NewKey {}, _) => {
                (Server::Deliberation, Transport::Http)
            }
            (_, WiringTransport::Http) => (Server::Bus, Transport::Http),
            (_, WiringTransport::Sse) => (Server::Bus, Transport::Sse),
        };
        let url = match (server, transport) {
            (Server::Deliberation, _) => format!("{base}/api/mcp"),
            (Server::Bus, Transport::Http) => self.bus_addresses_at(&base).http_url,
            (Server::Bus, Transport::Sse) => self.bus_addresses_at(&base).sse_url,
        };
        Ok(Endpoint {
            server,
            url,
            transport,
            secret: Some(secret),
            program: self.surroundings.program.clone(),
        })
    }

    /// The user's folders; none where the environment names no home.
    pub(super) fn user_places(&self) -> Option<Places> {
        user_places(&self.surroundings)
    }

    /// The file that somebody means by a path; a folder stands for the client's own file in it. The client's
    /// folder is made where it is missing, and no other: of the user's own file all folders are the client's.
    pub(super) fn file_meant(&self, client: Client, path: &str) -> Result<PathBuf, Error> {
        if self.surroundings.path(path).is_none() {
            let words = "`path` must begin with / or ~/: from elsewhere Husting would look in another folder.";
            return Err(Error::invalid(words).with(json!({ "field": "path" })));
        }
        let meant = self.place_meant(client, path).ok_or_else(|| {
            Error::invalid(format!(
                "{} is wired by a command, not by a file: leave the file out, and the command is shown.",
                client.title()
            ))
        })?;
        let own = self
            .user_places()
            .and_then(|places| client.user_file(&places));
        if own.as_ref() != Some(&meant) {
            file::refuse_far(&meant)
                .and_then(|()| file::refuse_folder_like(&meant, client.own_file()))
                .map_err(|fault| file_fault(&meant, &fault.into()))?;
        }
        Ok(meant)
    }

    /// The same, wherever it is; none for what is no whole path, and of a client without a file.
    pub(super) fn place_meant(&self, client: Client, path: &str) -> Option<PathBuf> {
        let absolute = self.surroundings.path(path)?;
        // What ends on a slash is a folder, also where it is not there yet.
        let is_folder = path.ends_with('/') && !absolute.is_dir();
        match client.own_file().file_name().filter(|_| is_folder) {
            Some(name) => client.file_at(&absolute.join(name)),
            None => client.file_at(&absolute),
        }
    }
}

/// The user's folders, of surroundings that no console has.
pub(super) fn user_places(surroundings: &Surroundings) -> Option<Places> {
    Some(Places {
        home: surroundings.home()?,
        config: surroundings.config()?,
        os: Os::here(),
    })
}

impl Inner {
    /// Refuses a file that has another agent's token: whoever starts with it would be the other one.
    pub(super) async fn refuse_anothers_file(
        self: &Arc<Self>,
        of: WiringOf,
        file: &Path,
    ) -> Result<(), Error> {
        let own = match of {
            WiringOf::Agent { agent_id } => Some(agent_id),
            WiringOf::NewAgent {} => None,
            // A key stands under another name in the same file.
            WiringOf::Key { .. } | WiringOf::NewKey {} => return Ok(()),
        };
        let path = file.display().to_string();
        let written = self.store.wirings_at(&path).await.outward()?;
        let Some(newest) = written.first().filter(|newest| Some(newest.agent) != own) else {
            return Ok(());
        };
        let holder = self.agents.standing(newest.agent);
        let lives = holder.filter(|standing| standing.agent.status != AgentStatus::Revoked);
        let Some(other) = lives else {
            return Ok(());
        };
        let (inner, standing, newest) = (self.clone(), other.clone(), newest.clone());
        let state = off_thread(move || Ok(inner.wired_state(&standing, &newest))).await?;
        if !state.has_entry() {
            return Ok(());
        }
        let words = format!(
            "{path} has the token of {name}, and one file has one agent. Choose another file, or revoke {name} and \
             take its entry out of this one first (`husting unwire {id}`).",
            name = other.agent.name,
            id = other.agent.id,
        );
        Err(Error::new(ErrorCode::ClientFile, words).with(json!({ "path": path })))
    }
}

/// A file that cannot be written as it stands. The sentence is the crate's, which tells nothing of
/// what is in the file.
pub(super) fn file_fault(path: &Path, fault: &PlanError) -> Error {
    let code = match fault {
        PlanError::Entry(_) => ErrorCode::InvalidRequest,
        _ => ErrorCode::ClientFile,
    };
    let path = path.display().to_string();
    Error::new(code, format!("{fault}.")).with(json!({ "path": path }))
}
