//! Titles, tags and limits changed; sessions put away and deleted.

use husting_deliberation::hygiene::cleaned;
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_store::{Require, Unit, Write};
use husting_wire::drafts;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::lengths;
use husting_wire::sessions::{EditSession, SessionSummary};

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    pub(crate) async fn edit_session(
        &self,
        tenant: &TenantId,
        edit: EditSession,
    ) -> Result<SessionSummary, Error> {
        let (session, at) = (edit.session_id, self.now());
        self.store
            .session(tenant, session)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        let mut writes = Vec::new();
        if let Some(title) = edit.title {
            let title = line_of(&title);
            if !(1..=lengths::TITLE).contains(&title.chars().count()) {
                let words = format!("A title has 1 to {} characters.", lengths::TITLE);
                return Err(Error::invalid(words));
            }
            writes.push(Write::SetSessionTitle { session, title, at });
        }
        if let Some(tags) = edit.tags {
            let tags = checked_tags(&tags)?;
            writes.push(Write::SetSessionTags { session, tags, at });
        }
        if let Some(limit) = edit.spend_limit {
            if limit <= MicroUsd::ZERO {
                return Err(Error::invalid(
                    "A session's spending limit is more than zero.",
                ));
            }
            writes.push(Write::SetSpendLimit {
                session,
                limit: Some(limit),
                at,
            });
        }
        if let Some(archived) = edit.archived {
            writes.push(Write::ArchiveSession { session, archived });
        }
        self.keep(tenant, writes).await?;
        self.tell_session(tenant, session).await;
        self.session_summary(tenant, session)
            .await?
            .ok_or_else(|| Error::not_found("session"))
    }

    /// Deletes the session; what it cost stays in the ledger.
    pub(crate) async fn delete_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<(), Error> {
        self.store
            .session(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        if self.live.of(id).is_some() {
            return Err(Error::new(
                ErrorCode::SessionBusy,
                "A round of this session is running. Cancel it first.",
            ));
        }
        if self.summaries.is_at_work(id) {
            return Err(Error::new(
                ErrorCode::SessionBusy,
                "A summary of this session is being written. Delete it once that is over.",
            ));
        }
        let unit = Unit::of(tenant.clone())
            .require(Require::NoRoundInProgress(id))
            .write(Write::DeleteSession(id))
            .writes(drafts::of_session(id).map(Write::DeleteDraft));
        self.store.commit(unit).await.outward()?;
        self.finished.forget(id);
        self.journals.end(id);
        self.tell_of(tenant, Event::SessionRemoved { session_id: id });
        Ok(())
    }
}

/// Tags as they are kept: each once, whatever its case.
fn checked_tags(asked: &[String]) -> Result<Vec<String>, Error> {
    let mut tags: Vec<String> = Vec::new();
    for tag in asked.iter().map(|tag| line_of(tag)) {
        let is_new = |kept: &String| kept.to_lowercase() != tag.to_lowercase();
        if tags.iter().all(is_new) {
            tags.push(tag);
        }
    }
    let fits = |tag: &String| (1..=lengths::TAG).contains(&tag.chars().count());
    if tags.len() > lengths::TAGS || !tags.iter().all(fits) {
        return Err(Error::invalid(format!(
            "A session has at most {} tags of 1 to {} characters.",
            lengths::TAGS,
            lengths::TAG
        )));
    }
    Ok(tags)
}

/// What is shown on one line, without what is not seen or turns a line around.
fn line_of(text: &str) -> String {
    cleaned(text).replace(['\n', '\t'], " ").trim().to_owned()
}
