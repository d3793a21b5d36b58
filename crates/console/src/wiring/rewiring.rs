//! A new token in a file: made, written, tried, and only then the old one ends.

use std::sync::Arc;
use std::time::Duration;

use husting_domain::ids::AgentId;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wiring::{RewireAgent, RewiredAgent, WiringOf, WiringTransport};
use husting_wiring::{Endpoint, PLACEHOLDER, Plan};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::places::file_fault;
use super::showing::off_thread;
use super::writing::{Asked, Done, write};
use crate::Inner;

/// How long the old token goes on where nobody says, in seconds: long enough to write and to try.
const USUAL_OVERLAP: u32 = 60;
/// How long the trial may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Inner {
    /// Gives an agent a new token in a client's file. The file is looked at before anything is changed.
    /// Where the new token could not be written it is in the answer, and the old one goes on for the
    /// overlap; where it was written and answered, the old one ends at once.
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
                    answered: None,
                });
            }
        };
        let answered = self.is_answered(transport, &secret).await;
        // The file has the token now: what fails from here on is told in the log.
        if let Err(fault) = self.settle(agent_id, &secret, &done, answered).await {
            tracing::warn!(%fault, agent = %agent_id, "a new wiring was not settled");
        }
        if let Ok(one) = self.one_agent(agent_id).await {
            minted.agent = one.agent;
        }
        Ok(RewiredAgent {
            minted,
            wired: Some(done.written),
            not_written: None,
            answered,
        })
    }

    /// Keeps what was written, and ends the older tokens where the new one was answered.
    async fn settle(
        self: &Arc<Self>,
        agent: AgentId,
        secret: &SecretString,
        done: &Done,
        answered: Option<bool>,
    ) -> Result<(), Error> {
        let token = self.token_of(agent, secret)?;
        self.keep_wiring(agent, &token, done).await?;
        if answered == Some(true) {
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
