//! Words that were typed and not yet sent.

use husting_domain::ids::TenantId;
use husting_store::{Draft, Write};
use husting_wire::drafts::{DraftView, SaveDraft};
use husting_wire::errors::Error;
use serde::de::IgnoredAny;

use crate::Inner;
use crate::errors::Outward;

/// Most bytes of a draft.
const MOST_BYTES: usize = 5 * 1024 * 1024;

impl Inner {
    pub(crate) async fn draft(&self, tenant: &TenantId, key: &str) -> Result<DraftView, Error> {
        check_key(key)?;
        let draft = self.store.draft(tenant, key).await.outward()?;
        Ok(DraftView {
            body: draft.map(|draft| draft.body),
        })
    }

    pub(crate) async fn save_draft(
        &self,
        tenant: &TenantId,
        asked: SaveDraft,
    ) -> Result<(), Error> {
        check_key(&asked.key)?;
        if asked.body.len() > MOST_BYTES {
            return Err(Error::invalid(
                "A draft has at most 5 MiB; a reference has at most 4.",
            ));
        }
        if !asked.body.is_empty() && serde_json::from_str::<IgnoredAny>(&asked.body).is_err() {
            return Err(Error::invalid("A draft's content is JSON."));
        }
        let write = if asked.body.is_empty() {
            Write::DeleteDraft(asked.key)
        } else {
            Write::PutDraft(Draft {
                key: asked.key,
                body: asked.body,
                at: self.now(),
            })
        };
        self.keep(tenant, [write]).await
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    if (1..=100).contains(&key.len()) {
        return Ok(());
    }
    Err(Error::invalid("A draft's key has 1 to 100 bytes."))
}
