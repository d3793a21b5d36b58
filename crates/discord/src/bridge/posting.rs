//! Replies that have a place are posted: a lane for each channel, in the order in which they arrived.

use std::sync::Arc;

use husting_domain::discord::{Post, Reply, ReplyState, RequestId, Snowflake};
use husting_store::{CommitError, DiscordWrite, ReplyWithPosts, StoreError};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::collecting::posts_of;
use super::faults::DiscordStepError;
use super::lanes::{Lanes, rest};
use super::nonces;
use super::pauses::Pauses;
use crate::parts::without_file;
use crate::replies::posted;
use crate::sender::{Outgoing, Refusal, SendError};

/// Looks at one reply that something between here and Discord refuses, before it is set aside.
const MOST_BLOCKED: usize = 5;

/// Posts what waits, until it is time to end.
pub async fn keep_posting(shared: Arc<Shared>, stop: CancellationToken) {
    let mut lanes = Lanes::new();
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    while !stop.is_cancelled() {
        let rung = shared.reins.placed.notified();
        if shared.reins.manner().is_paused {
            tokio::select! {
                () = rung => {}
                () = stop.cancelled() => {}
            }
            continue;
        }
        match shared.places_to_post().await {
            Ok(channels) => {
                pauses.reset();
                for channel in channels {
                    lanes.begin(channel, lane(shared.clone(), channel, stop.clone()));
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "replies wait: the journal cannot be read");
                if !pauses.wait(None, &stop).await {
                    break;
                }
                continue;
            }
        }
        tokio::select! {
            () = rung => {}
            Some((channel, ended)) = lanes.ended() => if let Err(fault) = ended {
                tracing::error!(%fault, %channel, "a channel's lane ended badly");
                lanes.begin(channel, rest(shared.parties.clock.clone(), stop.clone()));
            },
            () = stop.cancelled() => {}
        }
    }
    while lanes.ended().await.is_some() {}
}

/// Posts the replies of one channel until none is left.
async fn lane(shared: Arc<Shared>, channel: Snowflake, stop: CancellationToken) {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    let mut blocked = 0;
    while !stop.is_cancelled() && !shared.reins.manner().is_paused {
        let mut posted = shared.post_next(channel).await;
        if let Err(DiscordStepError::Discord(fault @ SendError::Blocked { .. })) = &posted {
            blocked += 1;
            if blocked >= MOST_BLOCKED {
                posted = shared.give_up_next(channel, fault).await.map(|()| true);
            }
        }
        match posted {
            Ok(true) => {
                blocked = 0;
                pauses.reset();
            }
            Ok(false) => break,
            Err(fault) => {
                if let DiscordStepError::Discord(SendError::Unauthorized) = fault {
                    shared.rejected.cancel();
                }
                tracing::warn!(%fault, %channel, "a reply waits");
                if !pauses.wait(None, &stop).await {
                    break;
                }
            }
        }
    }
}

impl Shared {
    async fn places_to_post(&self) -> Result<Vec<Snowflake>, StoreError> {
        let (tenant, bot) = (&self.options.tenant, self.bot());
        self.parties.store.discord_places_to_post(tenant, bot).await
    }

    async fn next_in(&self, channel: Snowflake) -> Result<Option<ReplyWithPosts>, StoreError> {
        let (tenant, bot) = (&self.options.tenant, self.bot());
        let store = &self.parties.store;
        store.discord_next_reply(tenant, bot, channel).await
    }

    /// Posts the oldest reply of a channel, as far as it is not posted. False when there is none.
    async fn post_next(&self, channel: Snowflake) -> Result<bool, DiscordStepError> {
        let Some(ReplyWithPosts { reply, posts }) = self.next_in(channel).await? else {
            return Ok(false);
        };
        for post in posts.iter().filter(|post| post.message.is_none()) {
            if post.file.is_some() && !self.file_bars.may(channel) {
                self.post_without_file(&reply).await?;
                return Ok(true);
            }
            if self.is_stopped(channel, &reply).await? {
                let why = "A person said STOP in the channel after it was asked or written.";
                self.set_aside(reply.id, ReplyState::Parked, why).await?;
                return Ok(true);
            }
            match self.post(channel, &reply, post).await {
                Ok(message) => {
                    let posted = DiscordWrite::Posted {
                        reply: reply.id,
                        part: post.part,
                        message,
                    };
                    self.keep([posted]).await?;
                }
                Err(DiscordStepError::Discord(refused))
                    if post.file.is_some() && refused.means() == Some(Refusal::Forbidden) =>
                {
                    tracing::info!(%channel, "files cannot be posted in this channel");
                    self.file_bars.bar(channel);
                    self.post_without_file(&reply).await?;
                    return Ok(true);
                }
                Err(DiscordStepError::Discord(refused @ SendError::Refused { .. })) => {
                    self.give_up(channel, &reply, &refused).await?;
                    return Ok(true);
                }
                Err(fault) => return Err(fault),
            }
        }
        self.voices.is_done(reply.id);
        Ok(true)
    }

    /// What something between here and Discord refuses for too long is set aside, so that it does not
    /// stand before all others.
    async fn give_up_next(
        &self,
        channel: Snowflake,
        fault: &SendError,
    ) -> Result<(), DiscordStepError> {
        match self.next_in(channel).await? {
            Some(next) => self.give_up(channel, &next.reply, fault).await,
            None => Ok(()),
        }
    }

    /// Whether a person said STOP there after the question was asked; after the reply itself came, where
    /// it answers none.
    async fn is_stopped(&self, channel: Snowflake, reply: &Reply) -> Result<bool, StoreError> {
        let known = self.channels.get(channel);
        let Some(stopped_at) = known.and_then(|known| known.stopped_at) else {
            return Ok(false);
        };
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let question = match reply.request {
            Some(request) => store.discord_question(tenant, request).await?,
            None => None,
        };
        let began = question.map_or(reply.arrived_at, |question| question.received_at);
        Ok(began <= stopped_at)
    }

    async fn post(
        &self,
        channel: Snowflake,
        reply: &Reply,
        post: &Post,
    ) -> Result<Snowflake, DiscordStepError> {
        let has_own_name = self.reins.manner().own_names && self.knows_own_application().await?;
        let may_have_tried = self.voices.may_have_tried(reply.id, post.part);
        let is_unsure = nonces::may_be_forgotten(reply.arrived_at, self.parties.clock.now())
            || (has_own_name && may_have_tried);
        if is_unsure && let Some(message) = self.posted_before(channel, reply, post).await? {
            return Ok(message);
        }
        let outgoing = Outgoing {
            content: post.content.clone(),
            // Later parts follow the first one.
            reply_to: reply.reply_to.filter(|_| post.part == 0),
            file: post.file.clone(),
            nonce: nonces::posted_under(&post.nonce),
        };
        if has_own_name && let Some(message) = self.speak(reply, &outgoing).await? {
            return Ok(message);
        }
        Ok(self.parties.sender.post(channel, &outgoing).await?)
    }

    /// Without it nothing that a webhook posted could be known again.
    async fn knows_own_application(&self) -> Result<bool, SendError> {
        match self.own_application().await {
            Ok(_) => Ok(true),
            Err(SendError::Refused { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// The bot may be allowed to write where it may attach nothing: the reply becomes as many messages
    /// as it takes.
    async fn post_without_file(&self, reply: &Reply) -> Result<(), CommitError> {
        let aside = DiscordWrite::MoveReply {
            reply: reply.id,
            from: ReplyState::Waiting,
            to: ReplyState::Unplaced,
            at: self.parties.clock.now(),
            fault: None,
        };
        let anew = DiscordWrite::Place {
            reply: Box::new(reply.clone()),
            posts: posts_of(reply.id, without_file(&posted(reply.ok, &reply.text))),
        };
        self.keep([aside, anew]).await
    }

    /// What Discord refuses is set aside with its words, and marked at the question.
    async fn give_up(
        &self,
        channel: Snowflake,
        reply: &Reply,
        refused: &SendError,
    ) -> Result<(), DiscordStepError> {
        let to = match refused.means() {
            Some(Refusal::Forbidden) => ReplyState::Barred,
            _ => ReplyState::Parked,
        };
        tracing::warn!(%channel, reply = %reply.id, fault = %refused, "a reply was set aside");
        self.set_aside(reply.id, to, &refused.to_string()).await?;
        if let Some(request) = reply.request {
            self.mark_question(request).await?;
        }
        Ok(())
    }

    async fn mark_question(&self, request: RequestId) -> Result<(), StoreError> {
        let store = &self.parties.store;
        let question = store
            .discord_question(&self.options.tenant, request)
            .await?;
        if let Some(question) = question {
            self.mark_trouble(&question).await;
        }
        Ok(())
    }

    /// Permissions changed in a server: its replies that were barred are tried once more.
    pub async fn try_barred_again(&self, guild: Option<Snowflake>) -> Result<(), CommitError> {
        let bot = self.bot();
        self.keep([DiscordWrite::Unbar { bot, guild }]).await?;
        self.reins.placed.notify_one();
        Ok(())
    }
}
