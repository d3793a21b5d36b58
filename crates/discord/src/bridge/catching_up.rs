//! After a session that could not be resumed: what was written meanwhile is read from the channels.

use std::collections::HashMap;

use husting_domain::discord::{Inbound, InboundState, KnownChannel, Snowflake};
use husting_domain::time::Timestamp;
use husting_store::DiscordWrite;
use serde_json::value::RawValue;
use twilight_model::channel::Message;

use super::Shared;
use super::faults::DiscordStepError;
use super::intake::parsed;
use super::marks;
use super::shown::Shown;
use crate::sender::SendError;

/// Older questions are held until the operator says what becomes of them, in seconds: 15 minutes.
const FRESH_SECONDS: i64 = 15 * 60;
/// Messages of one page; Discord's limit.
const PAGE: u16 = 100;
/// Pages of one channel.
const MOST_PAGES: usize = 10;

/// A page's message, as it is shown and as it was given.
type Read = (Shown, Box<RawValue>);

impl Shared {
    /// Reads every channel in which something was heard before, from there on, and the mapped ones from
    /// when anything was heard last. Threads that began meanwhile are told of by the events of the new
    /// session.
    pub(super) async fn catch_up(&self) -> Result<(), DiscordStepError> {
        let since = self.heard_last().await?;
        self.gap.open(since);
        let mut found = 0;
        for channel in self.channels.all() {
            let is_mapped = self.reins.manner().routes.map.contains_key(&channel.id);
            let after = channel.last_message.or(since.filter(|_| is_mapped));
            if let Some(after) = after {
                found += self.catch_up_in(&channel, after).await?;
            }
        }
        tracing::info!(found, "caught up with what was written meanwhile");
        self.reins.journalled.notify_one();
        Ok(())
    }

    /// Reads the threads of a server, some of which may have begun after the session was lost. Asked
    /// again after a failure it goes on where it was.
    pub(super) async fn catch_up_with_threads(
        &self,
        server: Snowflake,
        channels: &[KnownChannel],
    ) -> Result<(), DiscordStepError> {
        let Some(since) = self.gap.before(server) else {
            return Ok(());
        };
        for thread in channels.iter().filter(|channel| channel.parent.is_some()) {
            let known = self.channels.get(thread.id);
            let after = known.and_then(|known| known.last_message).unwrap_or(since);

            self.catch_up_in(thread, after).await?;
        }
        self.gap.read(server);
        Ok(())
    }

    /// The moment of the last event that was kept, as an id that a message of that moment would have.
    async fn heard_last(&self) -> Result<Option<Snowflake>, DiscordStepError> {
        let store = &self.parties.store;
        let cursor = store
            .discord_cursor(&self.options.tenant, self.bot())
            .await?;
        Ok(cursor.and_then(|cursor| Snowflake::at(cursor.at)))
    }

    async fn catch_up_in(
        &self,
        channel: &KnownChannel,
        mut after: Snowflake,
    ) -> Result<usize, DiscordStepError> {
        let (mut read, mut is_whole) = (Vec::new(), false);
        for _ in 0..MOST_PAGES {
            let page = match self.page_after(channel.id, after).await {
                Ok(page) => page,
                Err(SendError::Refused { code, .. }) => {
                    tracing::info!(channel = %channel.id, code, "a channel cannot be read any more");
                    is_whole = true;
                    break;
                }
                Err(fault) => return Err(fault.into()),
            };
            is_whole = page.len() < usize::from(PAGE);
            if let Some((newest, _)) = page.last() {
                after = newest.id;
            }
            read.extend(page);
            if is_whole {
                break;
            }
        }
        let found = self.take_in_read(read).await?;
        if is_whole {
            return Ok(found);
        }
        // What is fresh is asked, and what lies between is too old for that.
        let fresh = Snowflake::at(self.parties.clock.now().plus_millis(-FRESH_SECONDS * 1_000));
        tracing::warn!(channel = %channel.id, "more was written meanwhile than is read back");
        match fresh.filter(|fresh| *fresh > after) {
            Some(fresh) => Ok(found + Box::pin(self.catch_up_in(channel, fresh)).await?),
            None => Ok(found),
        }
    }

    /// Takes messages in as if they were heard now; gives how many.
    async fn take_in_read(&self, read: Vec<Read>) -> Result<usize, DiscordStepError> {
        let elsewhere = dealt_with(&read, self.bot());
        let mut found = 0;
        for (shown, message) in read {
            let dealt_with = elsewhere.get(&shown.id).copied();
            if dealt_with == Some(DealtWith::Ended) {
                continue;
            }
            let Some(message) = parsed::<Message>("a message read back", &message) else {
                continue;
            };
            found += 1;
            let writes = self.message(message).await?;
            let now = self.parties.clock.now();
            let writes = writes.into_iter().map(|write| match write {
                DiscordWrite::Journal(question) => {
                    DiscordWrite::Journal(Box::new(match dealt_with {
                        Some(_) => read_elsewhere(*question, now),
                        None => held_if_old(*question, now),
                    }))
                }
                write => write,
            });
            self.keep(writes).await?;
        }
        Ok(found)
    }

    /// Oldest first, whatever order they come in.
    async fn page_after(
        &self,
        channel: Snowflake,
        after: Snowflake,
    ) -> Result<Vec<Read>, SendError> {
        let sender = &self.parties.sender;
        let page = sender.messages_after(channel, after, PAGE).await?;
        let numbered = page.into_iter().filter_map(|message| {
            let shown: Shown = parsed("a message read back", &message)?;
            Some((shown, message))
        });
        let mut numbered: Vec<Read> = numbered.collect();
        numbered.sort_by_key(|(shown, _)| shown.id);
        Ok(numbered)
    }
}

/// How far a message came: by this journal, which knows it then, or by a bridge with another one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DealtWith {
    /// Its agent has read it, and may answer.
    Read,
    /// It was answered, or could not be.
    Ended,
}

/// What the bot has answered or marked: nobody is asked twice.
fn dealt_with(read: &[Read], bot: Snowflake) -> HashMap<Snowflake, DealtWith> {
    let mut dealt_with = HashMap::new();
    for (shown, _) in read {
        let marked = shown.own_marks().map(|mark| match mark {
            marks::READ => DealtWith::Read,
            _ => DealtWith::Ended,
        });
        if let Some(how_far) = marked.max() {
            dealt_with.insert(shown.id, how_far);
        }
    }
    let answered = read.iter().filter(|(shown, _)| shown.is_by(bot));
    for message in answered.filter_map(|(shown, _)| shown.replies_to()) {
        dealt_with.insert(message, DealtWith::Ended);
    }
    dealt_with
}

/// It is on the bus under the same id, and its agent's reply is posted in its place.
fn read_elsewhere(question: Inbound, now: Timestamp) -> Inbound {
    Inbound {
        state: InboundState::Sent,
        bus_id: Some(question.request.to_string()),
        sent_at: Some(now),
        read_at: Some(now),
        ..question
    }
}

fn held_if_old(question: Inbound, now: Timestamp) -> Inbound {
    let age = now.as_micros() / 1_000 - question.message.given_at_millis();
    if age <= FRESH_SECONDS * 1_000 {
        return question;
    }
    let minutes = age / 60_000;
    Inbound {
        state: InboundState::Held,
        rested_at: Some(now),
        fault: Some(format!(
            "It was written {minutes} minutes before the bridge heard it."
        )),
        ..question
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::samples::question;

    #[test]
    fn what_was_written_a_quarter_of_an_hour_ago_is_still_asked() {
        let written = Timestamp::from_micros(1_800_000_000_000_000);
        let asked = Inbound {
            message: Snowflake::at(written).unwrap(),
            ..question("Which plan?")
        };
        let minutes = |count: i64| written.plus_millis(count * 60_000);
        for now in [minutes(-5), minutes(0), minutes(15)] {
            assert_eq!(held_if_old(asked.clone(), now), asked);
        }
        let held = held_if_old(asked, minutes(15).plus_millis(1));
        assert_eq!(held.state, InboundState::Held);
        assert_eq!(held.rested_at, Some(minutes(15).plus_millis(1)));
        let why = "It was written 15 minutes before the bridge heard it.";
        assert_eq!(held.fault.as_deref(), Some(why));
    }
}
