//! What became of files that were written for an agent, by the tokens in them: whom one was made for is known for
//! good, also when it opens nothing any more.

use std::path::Path;
use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::ids::AgentId;
use husting_domain::runs::Wiring;
use husting_wire::errors::Error;
use husting_wire::wiring::{WiredFile, WiredState};
use husting_wiring::file::{self, FileError, Present};
use husting_wiring::{Server, Tokens, tokens_in};
use secrecy::{ExposeSecret as _, SecretString};

use super::showing::off_thread;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;

/// Whose is what stands in a client's file under our name, seen from one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// All its tokens are the agent's.
    Own,
    /// It is not the agent's alone, or there is none, and yet a token of the agent's stands in the file: under another
    /// name, beside somebody else's, or in a comment.
    Elsewhere,
    /// It has somebody else's token, or none.
    Anothers,
    /// There is none, and no token of the agent's anywhere.
    Nothing,
}

impl Inner {
    /// Files that were written for an agent, each looked at now.
    pub(crate) async fn wired_files(
        self: &Arc<Self>,
        standing: &Standing,
    ) -> Result<Vec<WiredFile>, Error> {
        let kept = self
            .store
            .wirings(&standing.tenant, standing.agent.id)
            .await
            .outward()?;
        if kept.is_empty() {
            return Ok(Vec::new());
        }
        let (inner, standing) = (self.clone(), standing.clone());
        off_thread(move || {
            let look = |wiring: Wiring| WiredFile {
                client: wiring.client,
                written_at: wiring.written_at,
                state: inner.wired_state(&standing, &wiring),
                path: wiring.path,
            };
            Ok(kept.into_iter().map(look).collect())
        })
        .await
    }

    /// What became of one of an agent's files. Waits for the disk.
    pub(super) fn wired_state(&self, standing: &Standing, wiring: &Wiring) -> WiredState {
        let present = match looked_at(wiring) {
            Ok(present) => present,
            // It is another than was written, and may have the token all the same.
            Err(_) => return WiredState::Changed,
        };
        let Some(text) = present.as_ref().and_then(Present::text) else {
            return WiredState::Gone;
        };
        let tokens = tokens_in(text);
        // Where one is the agent's, what it stands in need not be read.
        if !self.has_any_of(standing.agent.id, &tokens) {
            let is_revoked = standing.agent.status == AgentStatus::Revoked;
            return match self.entry_in(wiring, text) {
                None | Some(Whose::Nothing) => WiredState::Gone,
                // Its client may have the token from elsewhere.
                Some(_) if !is_revoked && tokens.is_empty() => WiredState::Changed,
                Some(_) => WiredState::Anothers,
            };
        }
        let newest = standing.token.as_ref().map(|token| token.hash);
        let has_newest = tokens.iter().any(|token| Some(hash(token)) == newest);
        let base = self.base_url();
        if !has_newest {
            WiredState::OldToken
        } else if base.is_some_and(|base| !wiring.url.starts_with(&base)) {
            WiredState::Moved
        } else if file::hash(text) != wiring.hash {
            WiredState::Changed
        } else {
            WiredState::Current
        }
    }

    /// Whose the entry is in one of an agent's files that has a token of the agent's; `None` for a file that has none.
    /// One that cannot be told apart counts as the agent's: writing it is refused, and says why. Waits for the disk.
    pub(super) fn entry_with_its_token(&self, wiring: &Wiring) -> Result<Option<Whose>, FileError> {
        let present = looked_at(wiring)?;
        let of_its = |text: &&str| self.has_any_of(wiring.agent, &tokens_in(text));
        let text = present.as_ref().and_then(Present::text).filter(of_its);
        Ok(text.map(|text| self.entry_in(wiring, text).unwrap_or(Whose::Own)))
    }

    /// Whose the entry in a text is; `None` where it cannot be told apart.
    fn entry_in(&self, wiring: &Wiring, text: &str) -> Option<Whose> {
        let tokens = Tokens::of(wiring.client, Server::Bus, text).ok()?;
        Some(self.entry_of(wiring.agent, &tokens))
    }

    /// Whose the entry is, by the tokens in its file.
    pub(super) fn entry_of(&self, agent: AgentId, tokens: &Tokens) -> Whose {
        match &tokens.entry {
            Some(entry) if self.are_of(agent, entry) => Whose::Own,
            _ if self.has_any_of(agent, &tokens.all) => Whose::Elsewhere,
            Some(_) => Whose::Anothers,
            None => Whose::Nothing,
        }
    }

    /// Whether there are some, and all of them were made for that agent.
    fn are_of(&self, agent: AgentId, tokens: &[SecretString]) -> bool {
        !tokens.is_empty() && tokens.iter().all(|token| self.is_of(agent, token))
    }

    /// Whether one of these was made for that agent.
    pub(super) fn has_any_of(&self, agent: AgentId, tokens: &[SecretString]) -> bool {
        tokens.iter().any(|token| self.is_of(agent, token))
    }

    fn is_of(&self, agent: AgentId, token: &SecretString) -> bool {
        self.agents.owner_of(&hash(token)) == Some(agent)
    }
}

/// An agent's file as its client reads it; `None` where nobody reads anything.
fn looked_at(wiring: &Wiring) -> Result<Option<Present>, FileError> {
    match file::follow(Path::new(&wiring.path)) {
        Err(fault) if fault.is_absence() => Ok(None),
        read => read.map(Some),
    }
}

fn hash(token: &SecretString) -> [u8; 32] {
    husting_tokens::hash(token.expose_secret())
}
