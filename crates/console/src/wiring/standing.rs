//! What became of files that were written for an agent.

use std::path::Path;
use std::sync::Arc;

use husting_domain::runs::Wiring;
use husting_wire::errors::Error;
use husting_wire::wiring::{WiredFile, WiredState};
use husting_wiring::{ClientFiles as _, Server, file, merge};

use super::showing::off_thread;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;

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
        let tail = standing.token.as_ref().map(|token| token.tail.clone());
        let base = self.base_url();
        off_thread(move || {
            let look = |one: &Wiring| found(one, tail.as_deref(), base.as_deref());
            Ok(kept.iter().map(look).collect())
        })
        .await
    }
}

fn found(wiring: &Wiring, tail: Option<&str>, base: Option<&str>) -> WiredFile {
    // What cannot be read is not there for its client either.
    let present = file::read(Path::new(&wiring.path)).ok();
    let text = present.as_ref().and_then(|present| present.text());
    let hash = text.map(|text| (file::hash(text), text));
    // As it was written it has our entry, and need not be read.
    let has_ours = |(hash, text): &(String, &str)| *hash == wiring.hash || has_entry(wiring, text);
    let state = match hash.filter(has_ours).map(|(hash, _)| hash) {
        None => WiredState::Gone,
        Some(_) if tail != Some(&wiring.token_tail) => WiredState::OldToken,
        Some(_) if base.is_some_and(|base| !wiring.url.starts_with(base)) => WiredState::Moved,
        Some(hash) if hash != wiring.hash => WiredState::Changed,
        Some(_) => WiredState::Current,
    };
    WiredFile {
        client: wiring.client,
        path: wiring.path.clone(),
        written_at: wiring.written_at,
        state,
    }
}

/// Whether our entry is in it. One that is no longer what its format asks for may have it still.
fn has_entry(wiring: &Wiring, text: &str) -> bool {
    let (format, root) = (wiring.client.format(), wiring.client.root());
    merge::has(text, format, root, Server::Bus.key()).unwrap_or(true)
}
