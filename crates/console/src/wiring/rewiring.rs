//! A new token in an agent's files: made, written, tried, and only then the old one ends.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
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
use super::standing::Whose;
use super::writing::{Asked, Done, write};
use crate::Inner;
use crate::errors::Outward;

/// How long the old token goes on where nobody says, in seconds: long enough to write and to try.
const USUAL_OVERLAP: u32 = 60;
/// How long the trial may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Inner {
    /// Gives an agent a new token in a client's file, and in its others that have one of its tokens: a client whose
    /// file has the old one would be cut off. The files are looked at before anything is changed. Where the new token
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
        let _turn = self.rewiring.lock().await;
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
        let others = self.others_with_its_token(agent_id, &file).await?;
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
            is_passing: self.has_passing_url(),
            git_exclude,
        };
        let first = write(asked).await;
        let (mut written, left) = self.rewrite(others, &secret).await;
        let (not_written, answered) = match first {
            Ok(done) => {
                written.insert(0, done);
                (None, self.is_answered(transport, &secret).await)
            }
            Err(fault) => {
                // Nobody else may have it: it is handed out like that of any rotation.
                minted.raw_token = Some(secret.expose_secret().to_owned());
                (Some(fault.message), None)
            }
        };
        // Where a file is left without the new one, its client has the overlap to be given it.
        let ends_old = answered == Some(true) && left.is_empty();
        let old_ended = self.settle(agent_id, &secret, &written, ends_old).await;
        if let Ok(one) = self.one_agent(agent_id).await {
            minted.agent = one.agent;
        }
        let mut written = written.into_iter().map(|done| done.written);
        let wired = if not_written.is_none() {
            written.next()
        } else {
            None
        };
        Ok(RewiredAgent {
            minted,
            wired,
            not_written,
            also: written.collect(),
            left,
            answered,
            old_ended,
        })
    }

    /// The other files of an agent that have one of its tokens, each once, and what stands in them or why that is not
    /// known.
    async fn others_with_its_token(
        self: &Arc<Self>,
        agent: AgentId,
        file: &Path,
    ) -> Result<Vec<(Wiring, Result<Whose, Error>)>, Error> {
        let standing = self.managed(&self.operator_of(agent), agent)?;
        let others = self
            .store
            .wirings(&standing.tenant, agent)
            .await
            .outward()?;
        let (inner, file) = (self.clone(), file.to_owned());
        off_thread(move || {
            // Two paths may lead to one file.
            let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let mut seen = HashSet::from([real(&file)]);
            let with_it = |other: Wiring| {
                let path = Path::new(&other.path);
                if !seen.insert(real(path)) {
                    return None;
                }
                let whose = match inner.entry_with_its_token(&other) {
                    Ok(whose) => Ok(whose?),
                    Err(fault) => Err(file_fault(path, &fault.into())),
                };
                Some((other, whose))
            };
            Ok(others.into_iter().filter_map(with_it).collect())
        })
        .await
    }

    /// Puts a new token into other files of an agent, each over the transport that it had.
    async fn rewrite(
        self: &Arc<Self>,
        others: Vec<(Wiring, Result<Whose, Error>)>,
        secret: &SecretString,
    ) -> (Vec<Done>, Vec<UnwrittenFile>) {
        let (mut written, mut left) = (Vec::new(), Vec::new());
        for (other, whose) in others {
            let done = match whose {
                Ok(whose) => self.rewrite_one(&other, whose, secret).await,
                Err(fault) => Err(fault),
            };
            match done {
                Ok(done) => written.push(done),
                Err(fault) => left.push(UnwrittenFile {
                    path: other.path,
                    why: fault.message,
                }),
            }
        }
        (written, left)
    }

    async fn rewrite_one(
        self: &Arc<Self>,
        other: &Wiring,
        whose: Whose,
        secret: &SecretString,
    ) -> Result<Done, Error> {
        if whose == Whose::Elsewhere {
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
            is_passing: self.has_passing_url(),
            git_exclude: false,
        })
        .await
    }

    /// Keeps what was written, and ends the older tokens where nothing needs them; whether they have ended. The files
    /// have the new one by now, so that what fails here is told in the log.
    async fn settle(
        self: &Arc<Self>,
        agent: AgentId,
        secret: &SecretString,
        written: &[Done],
        ends_old: bool,
    ) -> bool {
        let failed = |fault: &Error| {
            tracing::warn!(%fault, %agent, "a new wiring was not settled");
        };
        let token = match self.token_of(agent, secret) {
            Ok(token) => token,
            Err(fault) => {
                failed(&fault);
                return false;
            }
        };
        for one in written {
            if let Err(fault) = self.keep_wiring(agent, &token, one).await {
                failed(&fault);
            }
        }
        if !ends_old {
            return false;
        }
        let manager = self.operator_of(agent);
        let ended = self.end_older_tokens(&manager, agent, token.id).await;
        ended.inspect_err(failed).is_ok()
    }

    /// Whether the bus answers a call with this token, over the address that stands in the file.
    async fn is_answered(&self, transport: WiringTransport, secret: &SecretString) -> Option<bool> {
        let base = self.base_url()?;
        // The legacy stream would have to be held open to be tried: the same token at the other route
        // shows as much.
        if transport == WiringTransport::Sse {
            tracing::debug!("tried over streamable HTTP");
        }
        let not_tried = |fault: &Error| tracing::warn!(%fault, "the new token was not tried");
        let http = self.http.client().await.inspect_err(not_tried).ok()?;
        let call = http
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
