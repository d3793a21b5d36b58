//! Words that were typed and not yet sent.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Draft, Require, Unit, Write};
use husting_wire::drafts::{DraftView, KeptDraft, SaveDraft};
use husting_wire::errors::Error;
use husting_wire::events::Event;
use serde::de::IgnoredAny;

use crate::Inner;
use crate::errors::Outward;

/// Most bytes of a draft.
const MOST_BYTES: usize = 5 * 1024 * 1024;

impl Inner {
    pub(crate) async fn draft(&self, tenant: &TenantId, key: &str) -> Result<DraftView, Error> {
        check_key(key)?;
        let draft = self.store.draft(tenant, key).await.outward()?;
        Ok(draft.map_or_else(DraftView::default, |draft| DraftView {
            revision: Some(revision_of(draft.at)),
            body: Some(draft.body),
        }))
    }

    /// Keeps a draft, unless another one stands where it was written: that is answered then.
    pub(crate) async fn save_draft(
        &self,
        tenant: &TenantId,
        asked: SaveDraft,
    ) -> Result<KeptDraft, Error> {
        check_key(&asked.key)?;
        if asked.body.len() > MOST_BYTES {
            return Err(Error::invalid(
                "A draft has at most 5 MiB; a reference has at most 4.",
            ));
        }
        if !asked.body.is_empty() && serde_json::from_str::<IgnoredAny>(&asked.body).is_err() {
            return Err(Error::invalid("A draft's content is JSON."));
        }
        let key = asked.key;
        let over = asked.over.map(moment_of);
        let (write, at) = if asked.body.is_empty() {
            (Write::DeleteDraft(key.clone()), None)
        } else {
            let at = self.after(over);
            let draft = Draft {
                key: key.clone(),
                body: asked.body,
                at,
            };
            (Write::PutDraft(draft), Some(at))
        };
        let unit = Unit::of(tenant.clone())
            .require(Require::DraftAt(key.clone(), over))
            .write(write);
        match self.store.commit(unit).await {
            Err(CommitError::Refused(Require::DraftAt(..))) => Ok(KeptDraft {
                instead: Some(self.draft(tenant, &key).await?),
                revision: None,
            }),
            kept => {
                kept.outward()?;
                let revision = at.map(revision_of);
                self.tell_of(tenant, Event::DraftChanged { key, revision });
                Ok(KeptDraft {
                    revision,
                    instead: None,
                })
            }
        }
    }

    /// Now; later than that even where the clock stands still or went back: a revision is never had twice.
    fn after(&self, before: Option<Timestamp>) -> Timestamp {
        let next =
            before.map(|before| Timestamp::from_micros(before.as_micros().saturating_add(1)));
        next.map_or_else(|| self.now(), |next| self.now().max(next))
    }
}

/// The moment at which it was kept, in microseconds.
fn revision_of(at: Timestamp) -> u64 {
    at.as_micros().cast_unsigned()
}

fn moment_of(revision: u64) -> Timestamp {
    Timestamp::from_micros(revision.cast_signed())
}

fn check_key(key: &str) -> Result<(), Error> {
    if (1..=100).contains(&key.len()) {
        return Ok(());
    }
    Err(Error::invalid("A draft's key has 1 to 100 bytes."))
}
