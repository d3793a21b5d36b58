//! Mail to the connector becomes replies in the journal, and is acknowledged after that.

use std::sync::Arc;
use std::time::Duration;

use husting_domain::discord::{Inbound, Place, Post, Reply, ReplyState, Snowflake};
use husting_domain::time::Timestamp;
use husting_store::{DiscordWrite, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Shared;
use super::faults::BusStepError;
use super::pauses::{Pauses, wait};
use crate::bus::{Mail, Recent};
use crate::parts::{Part, nonce, split};
use crate::replies::{self, Placing, ReadReply};

/// A bus that answers after so long has waited for mail: none waits longer than two minutes.
const WAITED: Duration = Duration::from_secs(100);

/// Pages of recent mail that are looked through at the most.
const MOST_PAGES: usize = 20;

/// What became of mail that the bus has given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// It is kept.
    Kept,
    /// It was given on a line that broke, or could not be kept.
    PerhapsLost,
    /// A process before this one may have died with it in hand.
    ByAnother,
}

/// Takes mail in as it comes, until it is time to end.
pub async fn keep_collecting(shared: Arc<Shared>, stop: CancellationToken) {
    let clock = shared.parties.clock.clone();
    let mut pauses = Pauses::new(clock.clone());
    let mut given = Given::ByAnother;
    let mut changes = shared.reins.changes();
    loop {
        changes.mark_unchanged();
        let began = clock.now();
        let collected = tokio::select! {
            // First: a bus that ends with the bridge lets its wait go, which is no fault of either.
            biased;
            () = stop.cancelled() => return,
            collected = shared.collect(given) => collected,
        };
        let next = match collected {
            Ok(_) => Given::Kept,
            Err(_) => Given::PerhapsLost,
        };
        let was_unsure = std::mem::replace(&mut given, next) != Given::Kept;
        let goes_on = match collected {
            Ok(0) if !was_unsure => {
                pauses.reset();
                let rest = left_of(shared.options.poll_interval, began, clock.now());
                wait(&clock, rest, &stop).await
            }
            Ok(_) => {
                pauses.reset();
                true
            }
            Err(fault) => {
                if let BusStepError::Bus(fault) = &fault {
                    shared.tell_bus(Some(fault.clone()));
                }
                fault.log("mail waits");
                pauses
                    .wait_for_bus(&*shared.parties.bus, &fault, &mut changes, &stop)
                    .await
            }
        };
        if !goes_on {
            return;
        }
    }
}

/// What is left of an interval: a bus that waits for mail has used it up, or as much of it as it waits at
/// the most; one that does not is asked again when it is over.
fn left_of(interval: Duration, began: Timestamp, now: Timestamp) -> Duration {
    let gone = now.as_micros().saturating_sub(began.as_micros());
    let gone = Duration::from_micros(u64::try_from(gone).unwrap_or(0));
    if gone >= WAITED {
        return Duration::ZERO;
    }
    interval.saturating_sub(gone)
}

impl Shared {
    /// Takes in what there is; gives how much of it is new.
    async fn collect(&self, given: Given) -> Result<usize, BusStepError> {
        let bus = &self.parties.bus;
        let looks_back = match given {
            Given::Kept => false,
            Given::PerhapsLost => true,
            // A journal that has asked nothing waits for nothing of before.
            Given::ByAnother => self.has_asked().await?,
        };
        let mail = if looks_back {
            self.unkept().await?
        } else {
            bus.mail(self.options.poll_interval).await?
        };
        self.tell_bus(None);
        let mut kept = Vec::with_capacity(mail.len());
        let mut new = 0;
        for each in &mail {
            new += usize::from(self.take_in(each).await?);
            kept.push(each.id.clone());
        }
        // Only now: mail that is not kept comes again.
        bus.ack(&kept).await?;
        Ok(new)
    }

    /// Recent mail that is not kept: page by page back, until all of a page is.
    async fn unkept(&self) -> Result<Vec<Mail>, BusStepError> {
        let (mut pages, mut before) = (Vec::new(), None);
        loop {
            let Recent { mail, older } = self.parties.bus.recent(before).await?;
            let unkept = self.without_kept(mail).await?;
            let is_kept = unkept.is_empty();
            pages.push(unkept);
            if is_kept || older.is_none() || pages.len() >= MOST_PAGES {
                break;
            }
            before = older;
        }
        Ok(pages.into_iter().rev().flatten().collect())
    }

    /// Before this one the machine may have had another bot, with the same mailbox.
    async fn without_kept(&self, mail: Vec<Mail>) -> Result<Vec<Mail>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let mut unkept = Vec::new();
        for each in mail {
            if !store.discord_keeps_mail(tenant, &each.id).await? {
                unkept.push(each);
            }
        }
        Ok(unkept)
    }

    async fn has_asked(&self) -> Result<bool, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let newest = store.discord_questions(tenant, self.bot(), 1).await?;
        Ok(!newest.is_empty())
    }

    /// Keeps mail; whether it was not known.
    async fn take_in(&self, mail: &Mail) -> Result<bool, BusStepError> {
        let (tenant, bot, store) = (&self.options.tenant, self.bot(), &self.parties.store);
        if store.discord_has_reply(tenant, bot, &mail.id).await? {
            return Ok(false);
        }
        let mut read = replies::read(mail);
        let question = self.question_of(&mut read, mail).await?;
        // What is said to everybody is nobody's answer, and does not belong in Discord.
        if mail.is_broadcast && question.is_none() {
            return Ok(false);
        }
        let so_far = match &question {
            Some(question) => store.discord_replies_to(tenant, question.request).await?,
            None => 0,
        };
        let now = self.parties.clock.now();
        let placing = replies::place(&read, &mail.from, question.as_ref(), so_far, now);
        let placing = self.or_standing(placing, &mail.from).await?;
        let (reply, posts) = self.reply(mail, read, placing, now);
        if reply.state == ReplyState::Waiting {
            self.voices.took_in(reply.id);
        }
        let kept = DiscordWrite::Reply {
            reply: Box::new(reply),
            posts,
        };
        self.keep([kept]).await?;
        self.reins.placed.notify_one();
        self.asked_or_answered.notify_one();
        Ok(true)
    }

    /// The question that a reply names, by its token or else by an echoed block; else the one that the bus
    /// knows it as an answer to, which is noted in it.
    async fn question_of(
        &self,
        read: &mut ReadReply,
        mail: &Mail,
    ) -> Result<Option<Inbound>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        for request in read.requests() {
            let found = store.discord_question(tenant, request).await?;
            if let Some(question) = found.filter(|question| question.bot == self.bot()) {
                return Ok(Some(question));
            }
        }
        let Some(answered) = &mail.answers else {
            return Ok(None);
        };
        let found = store.discord_question_on_bus(tenant, self.bot(), answered);
        let question = found.await?;
        read.answers = question.as_ref().map(|question| question.request);
        Ok(question)
    }

    /// An agent whose replies have a fixed place needs to name no question there. After a person said STOP
    /// in that place it waits until somebody asks something there again.
    async fn or_standing(&self, placing: Placing, agent: &str) -> Result<Placing, StoreError> {
        let Placing::Unplaced(why) = placing else {
            return Ok(placing);
        };
        let Some(channel) = self.standing_place_of(agent) else {
            return Ok(Placing::Unplaced(why));
        };
        if self.is_silenced(channel).await? {
            let why =
                "a person said STOP where its messages go, and nobody asked anything there since";
            return Ok(Placing::Unplaced(why.to_owned()));
        }
        Ok(Placing::Fixed {
            place: self.place_of(channel),
        })
    }

    fn standing_place_of(&self, agent: &str) -> Option<Snowflake> {
        let manner = self.reins.manner();
        let mut places = manner.standing_places.iter();
        let fixed = places.find(|(name, _)| name.as_str() == agent);
        fixed.map(|(_, channel)| *channel)
    }

    async fn is_silenced(&self, channel: Snowflake) -> Result<bool, StoreError> {
        let known = self.channels.get(channel);
        let Some(stopped_at) = known.and_then(|known| known.stopped_at) else {
            return Ok(false);
        };
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let asked = store.discord_asked_since(tenant, self.bot(), channel, stopped_at);
        Ok(!asked.await?)
    }

    fn place_of(&self, id: Snowflake) -> Place {
        let known = self.channels.get(id);
        let parent = known.as_ref().and_then(|known| known.parent);
        Place {
            guild: known.and_then(|known| known.guild),
            channel: parent.unwrap_or(id),
            thread: parent.map(|_| id),
        }
    }

    fn reply(
        &self,
        mail: &Mail,
        read: ReadReply,
        placing: Placing,
        at: Timestamp,
    ) -> (Reply, Vec<Post>) {
        let (id, posted) = ((self.parties.ids)(), read.posted());
        let mut reply = Reply {
            id,
            bot: self.bot(),
            bus_id: mail.id.clone(),
            agent: mail.from.clone(),
            ok: read.ok,
            text: read.text,
            request: None,
            place: None,
            reply_to: None,
            arrived_at: at,
            state: ReplyState::Unplaced,
            rested_at: None,
            fault: None,
        };
        match placing {
            Placing::At {
                request,
                place,
                reply_to,
            } => {
                let posts = posts_of(id, split(&posted));
                reply.request = Some(request);
                reply.place = Some(place);
                reply.reply_to = Some(reply_to);
                reply.state = state_with(&posts);
                (reply, posts)
            }
            Placing::Fixed { place } => {
                let posts = posts_of(id, split(&posted));
                reply.place = Some(place);
                reply.state = state_with(&posts);
                (reply, posts)
            }
            Placing::Unplaced(why) | Placing::Refused(why) => {
                reply.rested_at = Some(at);
                reply.fault = Some(why);
                (reply, Vec::new())
            }
        }
    }
}

/// An acknowledgement without words has nothing to post.
fn state_with(posts: &[Post]) -> ReplyState {
    match posts.is_empty() {
        true => ReplyState::Posted,
        false => ReplyState::Waiting,
    }
}

/// What a reply is posted as.
#[must_use]
pub fn posts_of(reply: Uuid, parts: Vec<Part>) -> Vec<Post> {
    let parts = (0u32..).zip(parts);
    let posts = parts.map(|(part, words)| Post {
        reply,
        part,
        content: words.content,
        file: words.file,
        nonce: nonce(reply, part),
        message: None,
    });
    posts.collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::answered_at_once(15, 0, 15)]
    #[case::waited(15, 15, 0)]
    #[case::waited_longer(15, 20, 0)]
    #[case::waited_as_long_as_a_bus_waits(600, 120, 0)]
    #[case::answered_at_once_with_a_long_interval(600, 1, 599)]
    #[case::a_clock_that_went_back(15, -100, 15)]
    fn a_bus_that_waits_is_asked_again_at_once_and_another_after_the_interval(
        #[case] interval: u64,
        #[case] gone: i64,
        #[case] left: u64,
    ) {
        let began = Timestamp::from_micros(1_000_000_000);
        let now = began.plus_millis(gone * 1_000);
        let rest = left_of(Duration::from_secs(interval), began, now);
        assert_eq!(rest, Duration::from_secs(left));
    }
}
