//! What a client's file says, before anything is written.

use std::path::PathBuf;
use std::sync::Arc;

use husting_domain::clients::Client;
use husting_domain::ids::AgentId;
use husting_wire::errors::Error;
use husting_wire::wiring::{
    GitStanding, ShowWiring, WiringFormat, WiringOf, WiringTarget, WiringTransport, WiringView,
};
use husting_wiring::git::{Said, Standing};
use husting_wiring::{ClientFiles, Format, PLACEHOLDER, Plan};

use super::places::file_fault;
use crate::agents::Manager;
use crate::{Console, Inner};

impl Console {
    /// What a client's file says for an agent of a tenant, with a placeholder for the token. Files of this
    /// machine are the operator's: none is named.
    ///
    /// # Errors
    /// `agent_not_found`; `invalid_request` where the client cannot be wired so.
    pub async fn agent_wiring(
        &self,
        manager: &Manager,
        agent_id: AgentId,
        client: Client,
        transport: WiringTransport,
    ) -> Result<WiringView, Error> {
        self.0.managed(manager, agent_id)?;
        let asked = ShowWiring {
            of: WiringOf::Agent { agent_id },
            client,
            transport,
            path: None,
        };
        let view = self.0.show_wiring(asked).await?;
        Ok(WiringView {
            user_file: None,
            ..view
        })
    }
}

impl Inner {
    /// What a client's file says, with a placeholder for the secret; and how the file stands that
    /// it would go into, if one is named.
    pub(crate) async fn show_wiring(
        self: &Arc<Self>,
        asked: ShowWiring,
    ) -> Result<WiringView, Error> {
        let ShowWiring {
            of,
            client,
            transport,
            path,
        } = asked;
        let endpoint = self.endpoint(of, transport, PLACEHOLDER.into())?;
        let text = husting_wiring::snippet(client, &endpoint)
            .map_err(|fault| Error::invalid(format!("{fault}.")))?;
        let target = match path {
            Some(path) => {
                let file = self.file_meant(client, &path)?;
                self.refuse_anothers_file(of, &file).await?;
                let looked_at = move || {
                    Plan::of(client, &endpoint, &file).map_err(|fault| file_fault(&file, &fault))
                };
                Some(target(&off_thread(looked_at).await?))
            }
            None => None,
        };
        let user_file = self
            .user_places()
            .and_then(|places| client.user_file(&places))
            .map(|file| self.surroundings.written(&self.profile(of, client, file)));
        Ok(WiringView {
            client,
            title: client.title().to_owned(),
            page: (client != Client::Json).then(|| client.page().to_owned()),
            text,
            format: format(client.format()),
            project_file: client.project_file().map(|path| path.display().to_string()),
            user_file,
            target,
        })
    }
}

impl Inner {
    /// Codex is told which of its profiles to take by the agent's name, so that many agents stand beside
    /// one another; what its own file holds is everybody's.
    fn profile(&self, of: WiringOf, client: Client, file: PathBuf) -> PathBuf {
        let WiringOf::Agent { agent_id } = of else {
            return file;
        };
        let standing = self
            .agents
            .standing(agent_id)
            .filter(|_| client == Client::Codex);
        match standing {
            Some(standing) => file.with_file_name(format!("{}.config.toml", standing.agent.name)),
            None => file,
        }
    }
}

/// Files are looked at where nobody waits for the disk.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|fault| {
        tracing::error!(%fault, "a file was not looked at");
        Error::new(
            husting_wire::errors::ErrorCode::Internal,
            "Looking at the file failed; the log has the cause.",
        )
    })?
}

fn target(plan: &Plan) -> WiringTarget {
    WiringTarget {
        path: plan.path.display().to_string(),
        exists: plan.exists(),
        other_servers: u32::try_from(plan.others).unwrap_or(u32::MAX),
        replaces: plan.replaces,
        anothers: plan.is_anothers,
        git: git(&plan.git),
    }
}

/// How a file stands with Git; none outside of a work tree.
pub(super) fn git(standing: &Standing) -> Option<GitStanding> {
    let Standing::Inside { said, .. } = standing else {
        return None;
    };
    Some(match said {
        Said::Open => GitStanding::Untracked,
        Said::Tracked => GitStanding::Tracked,
        Said::LeftOut => GitStanding::Ignored,
        Said::Unknown => GitStanding::Unknown,
    })
}

fn format(format: Format) -> WiringFormat {
    match format {
        Format::Json => WiringFormat::Json,
        Format::Jsonc => WiringFormat::Jsonc,
        Format::Toml => WiringFormat::Toml,
        Format::Yaml => WiringFormat::Yaml,
        Format::Command => WiringFormat::Command,
    }
}
