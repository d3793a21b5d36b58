//! Saying that mail arrived.

use husting_domain::audit::Action;
use husting_domain::ids::MessageId;
use husting_domain::messages::{AcknowledgedBy, Mailbox};
use husting_domain::scopes::Scope;
use husting_store::{BusWrite, Write};
use husting_wire::bus::calls;
use husting_wire::bus::results::Acknowledged;
use husting_wire::errors::Error;
use serde_json::json;

use super::Told;
use crate::agents::{AgentHolder, invalid_body};
use crate::errors::Outward;
use crate::{Console, Inner};

/// Most messages of one call.
const MOST: usize = 100;

impl Console {
    /// Acknowledges messages of an agent's own inbox; doing it again changes nothing.
    ///
    /// # Errors
    /// `insufficient_scope`; `invalid_body` for no ids or too many.
    pub async fn ack(
        &self,
        holder: &AgentHolder,
        asked: calls::Ack,
    ) -> Result<Told<Acknowledged>, Error> {
        let call = self.0.let_in(holder, Some(Scope::Inbox), "ack").await?;
        if !(1..=MOST).contains(&asked.ids.len()) {
            return Err(invalid_body("ids", &format!("1 to {MOST} ids of messages")));
        }
        let unknown = self.0.unknown_of(holder, &asked.ids).await?;
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Acknowledge {
                mailbox: Mailbox::Agent(holder.agent),
                messages: asked.ids.clone(),
                by: AcknowledgedBy::Ack,
                at: self.0.now(),
            }))
            .write(Write::Audit(call.entry(
                &self.0,
                Action::Acknowledge,
                None,
                json!({ "ids": asked.ids }),
            )));
        let kept = self.0.keep_as(&call, unit).await?;
        let count = u32::try_from(kept.acknowledged().len()).unwrap_or(u32::MAX);
        if count > 0 {
            self.0.news_of(&holder.tenant);
        }
        Ok(Told {
            text: text(count, unknown.len()),
            record: Acknowledged {
                acknowledged: count,
                unknown,
            },
        })
    }
}

impl Inner {
    /// Ids that are no message of the agent's inbox.
    async fn unknown_of(
        &self,
        holder: &AgentHolder,
        ids: &[MessageId],
    ) -> Result<Vec<MessageId>, Error> {
        let mailbox = Mailbox::Agent(holder.agent);
        let mut unknown = Vec::new();
        for id in ids {
            let found = self
                .store
                .message(&holder.tenant, mailbox, *id)
                .await
                .outward()?;
            if found.is_none() {
                unknown.push(*id);
            }
        }
        Ok(unknown)
    }
}

fn text(count: u32, unknown: usize) -> String {
    if unknown == 0 {
        return format!("Acknowledged {count}.");
    }
    format!("Acknowledged {count}. {unknown} of these ids are no message of your inbox.")
}
