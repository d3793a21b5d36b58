//! The journal, as the loops write it.

use husting_domain::discord::{InboundState, KnownChannel, ReplyState, RequestId, Snowflake};
use husting_store::{CommitError, Constraint, DiscordWrite, Unit, Write};
use uuid::Uuid;

use super::Shared;
use crate::bus::BusError;

/// What a write tells of a channel.
const fn channel_of(write: &DiscordWrite) -> Option<&KnownChannel> {
    match write {
        DiscordWrite::Channel { channel, .. } => Some(channel),
        _ => None,
    }
}

impl Shared {
    /// Which bot the bridge speaks as.
    pub fn bot(&self) -> Snowflake {
        self.options.bot
    }

    /// Tells how the bus stands, where that is news.
    pub fn tell_bus(&self, trouble: Option<BusError>) {
        self.bus_trouble.send_if_modified(|known| {
            let is_news = *known != trouble;
            *known = trouble;
            is_news
        });
    }

    /// Keeps all of it in one unit.
    pub async fn keep(
        &self,
        writes: impl IntoIterator<Item = DiscordWrite>,
    ) -> Result<(), CommitError> {
        let writes: Vec<_> = writes.into_iter().collect();
        let learnt: Vec<_> = writes.iter().filter_map(channel_of).cloned().collect();
        let unit =
            Unit::of(self.options.tenant.clone()).writes(writes.into_iter().map(Write::Discord));
        self.parties.store.commit(unit).await?;
        // Only now: what is tried again begins where the journal is.
        for channel in learnt {
            self.channels.learn(channel);
        }
        self.reins.journal_moved();
        Ok(())
    }

    /// The same for a step that may have been taken already, or is not to be taken any more.
    pub async fn keep_if_still_so(
        &self,
        writes: impl IntoIterator<Item = DiscordWrite>,
    ) -> Result<(), CommitError> {
        match self.keep(writes).await {
            Err(CommitError::Constraint(Constraint::Absent(what))) => {
                tracing::debug!(what, "it has moved on");
                Ok(())
            }
            kept => kept,
        }
    }

    /// Parks a question that cannot be asked, and says so where it was written.
    pub async fn park_question(&self, request: RequestId, why: &str) -> Result<(), CommitError> {
        let parked = DiscordWrite::Move {
            request,
            from: InboundState::Journalled,
            to: InboundState::Parked,
            at: self.parties.clock.now(),
            fault: Some(why.to_owned()),
        };
        self.keep_if_still_so([parked]).await
    }

    /// Moves a reply that waits to be posted elsewhere.
    pub async fn set_aside(
        &self,
        reply: Uuid,
        to: ReplyState,
        why: &str,
    ) -> Result<(), CommitError> {
        let parked = DiscordWrite::MoveReply {
            reply,
            from: ReplyState::Waiting,
            to,
            at: self.parties.clock.now(),
            fault: Some(why.to_owned()),
        };
        self.keep_if_still_so([parked]).await
    }
}
