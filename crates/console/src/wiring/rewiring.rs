//! A new token in an agent's files: made, written, tried, and only then the old one ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use husting_domain::ids::AgentId;
use husting_domain::runs::Wiring;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{RewireAgent, RewiredAgent, UnwrittenFile, WiringOf, WiringTransport};
use husting_wiring::{Endpoint, PLACEHOLDER, Plan};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::places::file_fault;
use super::showing::off_thread;
use super::standing::Entry;
use super::writing::{Asked, Done, write};
use crate::Inner;
use crate::errors::Outward;

/// How long the old token goes on where nobody says, in seconds: long enough to write and to try.
const USUAL_OVERLAP: u32 = 60;
/// How long the trial may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Inner {
    /// Gives an agent a new token in a client's file, and in its others that have one of its tokens: a client whose
    /// file has the old one would be cut off. The file is looked at before anything is changed. Where the new token
    /// could not be written it is in the answer, and the old one goes on for the overlap; where it was written to all
    /// and answered, the old one ends at once.
    ///
    /// # Errors
    /// As for a rotation; `client_file` where the file cannot be written as it stands, with nothing changed.
    pub(crate) async fn rewire_agent(
        self: &Arc<Self>,
        asked: RewireAgent,
    ) -> Result<RewiredAgent, Error> {
        let RewireAgent {
            agent_id,
            client,
            transport,
            path,
            git_exclude,
            overlap_seconds,
        } = asked;
        let of = WiringOf::Agent { agent_id };
        let file = self.file_meant(client, &path)?;
        self.refuse_anothers_file(of, &file).await?;
        let shown = self.endpoint(of, transport, PLACEHOLDER.into())?;
        let looked_at = file.clone();
        let placed = shown.clone();
        off_thread(move || {
            let plan = Plan::of(client, &placed, &looked_at);
            plan.map(drop)
                .map_err(|fault| file_fault(&looked_at, &fault))
        })
        .await?;
        let overlap = overlap_seconds.unwrap_or(USUAL_OVERLAP).max(1);
        let manager = self.operator_of(agent_id);
        let mut minted = self.rotate_agent(&manager, agent_id, overlap).await?;
        let raw = minted
            .raw_token
            .take()
            .ok_or_else(|| Error::new(ErrorCode::Internal, "A rotation came without its token."))?;
        let secret = SecretString::from(raw);
        let endpoint = Endpoint {
            secret: Some(secret.clone()),
            ..shown
        };
        let asked = Asked {
            client,
            file,
            endpoint,
            git_exclude,
        };
        let done = match write(asked).await {
            Ok(done) => done,
            Err(fault) => {
                // Nobody else has it: it is handed out like that of any rotation.
                minted.raw_token = Some(secret.expose_secret().to_owned());
                return Ok(RewiredAgent {
                    minted,
                    wired: None,
                    not_written: Some(fault.message),
                    also: Vec::new(),
                    left: Vec::new(),
                    answered: None,
                });
            }
        };
        let (others, left) = self.rewrite_others(agent_id, &done, &secret).await;
        let answered = self.is_answered(transport, &secret).await;
        let written: Vec<_> = std::iter::once(done).chain(others).collect();
        // Where it is left somewhere, its client has the overlap to be given the new one.
        let ends_old = answered == Some(true) && left.is_empty();
        // The files have the token now: what fails from here on is told in the log.
        if let Err(fault) = self.settle(agent_id, &secret, &written, ends_old).await {
            tracing::warn!(%fault, agent = %agent_id, "a new wiring was not settled");
        }
        if let Ok(one) = self.one_agent(agent_id).await {
            minted.agent = one.agent;
        }
        let mut written = written.into_iter().map(|done| done.written);
        Ok(RewiredAgent {
            minted,
            wired: written.next(),
            not_written: None,
            also: written.collect(),
            left,
            answered,
        })
    }

    /// Puts a new token into the other files of an agent that have one of its tokens, each over the transport that it
    /// had.
    async fn rewrite_others(
        self: &Arc<Self>,
        agent_id: AgentId,
        first: &Done,
        secret: &SecretString,
    ) -> (Vec<Done>, Vec<UnwrittenFile>) {
        let (mut written, mut left) = (Vec::new(), Vec::new());
        let others = match self
            .others_with_its_token(agent_id, &first.written.path)
            .await
        {
            Ok(others) => others,
            Err(fault) => {
                tracing::warn!(%fault, agent = %agent_id, "an agent's other files were not looked for");
                return (written, left);
            }
        };
        for (other, entry) in others {
            match self.rewrite(&other, entry, secret).await {
                Ok(done) => written.push(done),
                Err(fault) => left.push(UnwrittenFile {
                    path: other.path,
                    why: fault.message,
                }),
            }
        }
        (written, left)
    }

    async fn others_with_its_token(
        self: &Arc<Self>,
        agent: AgentId,
        path: &str,
    ) -> Result<Vec<(Wiring, Entry)>, Error> {
        let standing = self.managed(&self.operator_of(agent), agent)?;
        let mut others = self
            .store
            .wirings(&standing.tenant, agent)
            .await
            .outward()?;
        others.retain(|other| other.path != path);
        let inner = self.clone();
        off_thread(move || {
            let with_it = |other: Wiring| {
                let entry = inner.entry_with_its_token(&other)?;
                Some((other, entry))
            };
            Ok(others.into_iter().filter_map(with_it).collect())
        })
        .await
    }

    async fn rewrite(
        self: &Arc<Self>,
        other: &Wiring,
        entry: Entry,
        secret: &SecretString,
    ) -> Result<Done, Error> {
        if entry == Entry::Elsewhere {
            let words = "Its token stands there under another name, beside somebody else’s, or in a comment. Put the \
                         new one there by hand, from the file that has it.";
            return Err(Error::new(ErrorCode::ClientFile, words));
        }
        let of = WiringOf::Agent {
            agent_id: other.agent,
        };
        write(Asked {
            client: other.client,
            file: PathBuf::from(&other.path),
            endpoint: self.endpoint(of, transport_in(&other.url), secret.clone())?,
            git_exclude: false,
        })
        .await
    }

    /// Keeps what was written, and ends the older tokens where nothing needs them.
    async fn settle(
        self: &Arc<Self>,
        agent: AgentId,
        secret: &SecretString,
        written: &[Done],
        ends_old: bool,
    ) -> Result<(), Error> {
        let token = self.token_of(agent, secret)?;
        for one in written {
            self.keep_wiring(agent, &token, one).await?;
        }
        if ends_old {
            let manager = self.operator_of(agent);
            self.end_other_tokens(&manager, agent, token.id).await?;
        }
        Ok(())
    }

    /// Whether the bus answers a call with this token, over the address that stands in the file.
    async fn is_answered(&self, transport: WiringTransport, secret: &SecretString) -> Option<bool> {
        let base = self.base_url()?;
        // The legacy stream would have to be held open to be tried: the same token at the other route
        // shows as much.
        if transport == WiringTransport::Sse {
            tracing::debug!("tried over streamable HTTP");
        }
        let call = self
            .http
            .post(format!("{base}/mcp"))
            .timeout(PATIENCE)
            .bearer_auth(secret.expose_secret())
            .header("accept", "application/json, text/event-stream")
            .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
        match call.send().await {
            Ok(answer) => Some(answer.status() == StatusCode::OK),
            Err(fault) => {
                tracing::warn!(fault = %fault.without_url(), "the new token was not tried");
                None
            }
        }
    }
}

/// Which of the two routes an address leads to.
fn transport_in(url: &str) -> WiringTransport {
    if url.contains("/sse") {
        WiringTransport::Sse
    } else {
        WiringTransport::Http
    }
}
