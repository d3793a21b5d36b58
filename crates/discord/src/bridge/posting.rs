//! Replies that have a place are posted: a lane for each channel, in the order in which they arrived.

use std::collections::HashSet;
use std::sync::Arc;

use husting_domain::discord::{Post, Reply, ReplyState, RequestId, Snowflake};
use husting_domain::time::Timestamp;
use husting_store::{CommitError, DiscordWrite, ReplyWithPosts, StoreError};
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::catching_up::id_at;
use super::collecting::posts_of;
use super::faults::DiscordStepError;
use super::intake::parsed;
use super::nonces;
use super::pauses::Pauses;
use crate::parts::without_file;
use crate::replies::posted;
use crate::sender::{Outgoing, Refusal, SendError};

/// Replies of one look at the journal.
const BATCH: u32 = 500;
/// For how long Discord surely knows a nonce ("the past few minutes"), in seconds. A message that may
/// have been posted longer ago is looked for before it is posted.
const NONCE_SECONDS: i64 = 60;
/// How far Discord's clock and ours may be apart, in milliseconds: five minutes.
const CLOCKS_DIFFER_MILLIS: i64 = 5 * 60 * 1_000;
/// Messages among which it is looked for.
const LOOKED_AT: u16 = 100;

/// What is read of a message that stands in Discord.
#[derive(Debug, Deserialize)]
struct Shown {
    id: Snowflake,
    author: Author,
    content: String,
    #[serde(default)]
    message_reference: Option<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    message_id: Option<Snowflake>,
}

impl Shown {
    /// Whether it is shown as a reply to the question, as the first part is; one to a question that was
    /// deleted is shown as none. Others may have the same words.
    fn answers(&self, question: Snowflake, part: u32) -> bool {
        let named = self.message_reference.as_ref();
        let named = named.and_then(|reference| reference.message_id);
        match part {
            0 => named.is_none_or(|named| named == question),
            _ => named.is_none(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Author {
    id: Snowflake,
}

/// Posts what waits, until it is time to end.
pub async fn keep_posting(shared: Arc<Shared>, stop: CancellationToken) {
    let mut lanes = JoinSet::new();
    let mut busy = HashSet::new();
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
        match shared.channels_with_replies().await {
            Ok(channels) => {
                pauses.reset();
                for channel in channels {
                    if busy.insert(channel) {
                        lanes.spawn(lane(shared.clone(), channel, stop.clone()));
                    }
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
            Some(ended) = lanes.join_next() => match ended {
                Ok(channel) => { busy.remove(&channel); }
                Err(fault) => tracing::error!(%fault, "a channel's lane ended badly"),
            },
            () = stop.cancelled() => {}
        }
    }
    while lanes.join_next().await.is_some() {}
}

/// Posts the replies of one channel until none is left.
async fn lane(shared: Arc<Shared>, channel: Snowflake, stop: CancellationToken) -> Snowflake {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    while !stop.is_cancelled() && !shared.reins.manner().is_paused {
        match shared.post_next(channel).await {
            Ok(true) => pauses.reset(),
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
    channel
}

impl Shared {
    async fn waiting(&self) -> Result<Vec<ReplyWithPosts>, StoreError> {
        let (tenant, bot) = (&self.options.tenant, self.bot());
        let store = &self.parties.store;
        store
            .discord_replies_in(tenant, bot, ReplyState::Waiting, BATCH)
            .await
    }

    async fn channels_with_replies(&self) -> Result<HashSet<Snowflake>, StoreError> {
        let waiting = self.waiting().await?;
        let places = waiting.iter().filter_map(|each| each.reply.place);
        Ok(places.map(|place| place.posted_to()).collect())
    }

    /// Posts the oldest reply of a channel, as far as it is not posted. False when there is none.
    async fn post_next(&self, channel: Snowflake) -> Result<bool, DiscordStepError> {
        let waiting = self.waiting().await?;
        let is_here = |each: &ReplyWithPosts| {
            let place = each.reply.place.map(|place| place.posted_to());
            place == Some(channel)
        };
        let Some(ReplyWithPosts { reply, posts }) = waiting.into_iter().find(is_here) else {
            return Ok(false);
        };
        for post in posts.iter().filter(|post| post.message.is_none()) {
            if self.is_stopped(channel, &reply).await? {
                let why = "A person said STOP in the channel after it was asked.";
                self.set_aside(reply.id, ReplyState::Parked, why).await?;
                return Ok(true);
            }
            match self.post(channel, &reply, post, &posts).await {
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
        Ok(true)
    }

    /// Whether a person said STOP there after the question was asked.
    async fn is_stopped(&self, channel: Snowflake, reply: &Reply) -> Result<bool, StoreError> {
        let stopped_at = self
            .channels
            .get(channel)
            .and_then(|known| known.stopped_at);
        let (Some(stopped_at), Some(request)) = (stopped_at, reply.request) else {
            return Ok(false);
        };
        let store = &self.parties.store;
        let question = store
            .discord_question(&self.options.tenant, request)
            .await?;
        Ok(question.is_some_and(|question| question.received_at <= stopped_at))
    }

    async fn post(
        &self,
        channel: Snowflake,
        reply: &Reply,
        post: &Post,
        posts: &[Post],
    ) -> Result<Snowflake, DiscordStepError> {
        if may_be_forgotten(reply, self.parties.clock.now())
            && let Some(message) = self.posted_before(channel, reply, post, posts).await?
        {
            return Ok(message);
        }
        let outgoing = Outgoing {
            content: post.content.clone(),
            // Later parts follow the first one.
            reply_to: reply.reply_to.filter(|_| post.part == 0),
            file: post.file.clone(),
            nonce: nonces::posted_under(&post.nonce),
        };
        Ok(self.parties.sender.post(channel, &outgoing).await?)
    }

    /// The message that a process posted which died before it could note that.
    async fn posted_before(
        &self,
        channel: Snowflake,
        reply: &Reply,
        post: &Post,
        posts: &[Post],
    ) -> Result<Option<Snowflake>, SendError> {
        let Some(question) = reply.reply_to else {
            return Ok(None);
        };
        // It was posted after it arrived, by clocks that may differ.
        let arrived = id_at(reply.arrived_at.plus_millis(-CLOCKS_DIFFER_MILLIS));
        let after = arrived.map_or(question, |arrived| arrived.max(question));
        let sender = &self.parties.sender;
        let messages = sender.messages_after(channel, after, LOOKED_AT).await?;
        let noted: HashSet<_> = posts.iter().filter_map(|post| post.message).collect();
        let mut shown = messages
            .iter()
            .filter_map(|message| parsed::<Shown>("a message read back", message));
        let found = shown.find(|shown| {
            shown.author.id == self.bot()
                && shown.content.trim() == post.content.trim()
                && shown.answers(question, post.part)
                && !noted.contains(&shown.id)
        });
        Ok(found.map(|shown| shown.id))
    }

    /// The bot may be allowed to write where it may attach nothing: the reply becomes as many messages
    /// as it takes.
    async fn post_without_file(&self, reply: &Reply) -> Result<(), CommitError> {
        let aside = DiscordWrite::MoveReply {
            reply: reply.id,
            from: ReplyState::Waiting,
            to: ReplyState::Unplaced,
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
        let (tenant, bot) = (&self.options.tenant, self.bot());
        let store = &self.parties.store;
        let barred = store
            .discord_replies_in(tenant, bot, ReplyState::Barred, BATCH)
            .await?;
        let of_guild = |each: &ReplyWithPosts| {
            let place = each.reply.place;
            guild.is_none() || place.is_some_and(|place| place.guild == guild)
        };
        let again = barred
            .into_iter()
            .filter(of_guild)
            .map(|each| DiscordWrite::MoveReply {
                reply: each.reply.id,
                from: ReplyState::Barred,
                to: ReplyState::Waiting,
                fault: None,
            });
        self.keep_if_still_so(again).await?;
        self.reins.placed.notify_one();
        Ok(())
    }
}

fn may_be_forgotten(reply: &Reply, now: Timestamp) -> bool {
    now.as_micros() - reply.arrived_at.as_micros() > NONCE_SECONDS * 1_000_000
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_reply_itself(Some("5"), 0, true)]
    #[case::a_reply_to_another_question(Some("6"), 0, false)]
    #[case::one_whose_question_was_deleted(None, 0, true)]
    #[case::a_later_part(None, 1, true)]
    #[case::a_first_part_is_no_later_one(Some("5"), 1, false)]
    fn the_same_words_under_another_question_are_another_reply(
        #[case] reference: Option<&str>,
        #[case] part: u32,
        #[case] answers: bool,
    ) {
        let mut message =
            serde_json::json!({ "id": "9", "author": { "id": "1" }, "content": "Done." });
        if let Some(named) = reference {
            message["message_reference"] = serde_json::json!({ "message_id": named });
        }
        let shown: Shown = serde_json::from_value(message).unwrap();
        assert_eq!(shown.answers(Snowflake::new(5).unwrap(), part), answers);
    }
}
