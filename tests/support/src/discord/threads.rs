//! The life of a thread: <https://docs.discord.com/developers/topics/threads>.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    id::Id,
    intent::intents,
    model::{Author, Channel, ChannelKind, Reference, Thread, flags, message_type},
    posts::Draft,
    refusal::Refusal,
    render::merge,
    sessions::Place,
    state::State,
};

/// A thread to be started.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) parent: Id,
    pub(crate) owner: Id,
    pub(crate) name: String,
    pub(crate) kind: ChannelKind,
    /// The message it starts from, whose id it takes.
    pub(crate) message: Option<Id>,
    pub(crate) auto_archive_duration: u64,
}

/// What a change of a thread sets; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadChange {
    pub(crate) name: Option<String>,
    pub(crate) archived: Option<bool>,
    pub(crate) locked: Option<bool>,
    pub(crate) auto_archive_duration: Option<u64>,
}

impl State {
    pub(crate) fn start_thread(&mut self, start: Start) -> Result<Id, Refusal> {
        let guild = self.channel(start.parent)?.guild;
        let id = match start.message {
            Some(message) => message,
            None => self.mint.next(),
        };
        if self.channels.contains_key(&id) {
            return Err(Refusal::of(160004));
        }
        let now = Timestamp::now();
        self.channels.insert(
            id,
            Channel {
                id,
                kind: start.kind,
                guild,
                parent: Some(start.parent),
                name: start.name.clone(),
                overwrites: Vec::new(),
                recipients: Vec::new(),
                last_message: None,
                thread: Some(Thread {
                    owner: start.owner,
                    archived: false,
                    locked: false,
                    auto_archive_duration: start.auto_archive_duration,
                    archive_timestamp: now,
                    members: BTreeMap::from([(start.owner, now)]),
                    message_count: 0,
                    total_message_sent: 0,
                }),
            },
        );
        self.announce_thread("THREAD_CREATE", id, json!({"newly_created": true}));
        let pointer = |message_id| {
            Some(Reference {
                message_id,
                channel_id: if message_id.is_some() {
                    start.parent
                } else {
                    id
                },
                guild_id: guild,
            })
        };
        if let Some(message) = start.message {
            let source = self.message_mut(start.parent, message)?;
            source.flags |= flags::HAS_THREAD;
            let source = source.clone();
            self.announce_update(&source);
            let mut first = Draft::new(id, Author::User(start.owner), "");
            first.kind = message_type::THREAD_STARTER_MESSAGE;
            first.reference = pointer(Some(message));
            self.post(first);
        } else if start.kind != ChannelKind::PrivateThread {
            let mut notice = Draft::new(start.parent, Author::User(start.owner), &start.name);
            notice.kind = message_type::THREAD_CREATED;
            notice.reference = pointer(None);
            self.post(notice);
        }
        Ok(id)
    }

    /// Wakes an archived thread for a message and lets its writer in.
    pub(crate) fn rouse(&mut self, channel: Id, writer: Id) {
        let Some(thread) = self.thread_mut(channel) else {
            return;
        };
        let woken = std::mem::replace(&mut thread.archived, false);
        if woken {
            thread.archive_timestamp = Timestamp::now();
            self.announce_thread("THREAD_UPDATE", channel, json!({}));
        }
        self.join(channel, writer);
    }

    /// The same for a webhook, which joins nothing.
    pub(crate) fn unarchive(&mut self, channel: Id) {
        if let Some(thread) = self.thread_mut(channel)
            && std::mem::replace(&mut thread.archived, false)
        {
            thread.archive_timestamp = Timestamp::now();
            self.announce_thread("THREAD_UPDATE", channel, json!({}));
        }
    }

    pub(crate) fn change_thread(&mut self, id: Id, change: ThreadChange) -> Result<(), Refusal> {
        let channel = self
            .channels
            .get_mut(&id)
            .ok_or_else(|| Refusal::of(10003))?;
        if let Some(name) = change.name {
            channel.name = name;
        }
        let Some(thread) = &mut channel.thread else {
            return Err(Refusal::of(50024));
        };
        if change.archived.is_some() || change.auto_archive_duration.is_some() {
            thread.archive_timestamp = Timestamp::now();
        }
        thread.archived = change.archived.unwrap_or(thread.archived);
        thread.locked = change.locked.unwrap_or(thread.locked);
        if let Some(minutes) = change.auto_archive_duration {
            thread.auto_archive_duration = minutes;
        }
        self.announce_thread("THREAD_UPDATE", id, json!({}));
        Ok(())
    }

    /// Lets someone into a thread; nothing happens when they are in it.
    pub(crate) fn join(&mut self, channel: Id, user: Id) {
        let Some(thread) = self.thread_mut(channel) else {
            return;
        };
        if thread.members.contains_key(&user) {
            return;
        }
        thread.members.insert(user, Timestamp::now());
        let added = self.thread_member_object(channel, user);
        if user == self.bot.id {
            self.announce_thread("THREAD_CREATE", channel, json!({}));
        }
        self.announce_members(channel, user, json!({"added_members": [added]}));
    }

    pub(crate) fn leave(&mut self, channel: Id, user: Id) {
        let Some(thread) = self.thread_mut(channel) else {
            return;
        };
        if thread.members.remove(&user).is_some() {
            self.announce_members(channel, user, json!({"removed_member_ids": [user]}));
        }
    }

    fn thread_mut(&mut self, id: Id) -> Option<&mut Thread> {
        self.channels.get_mut(&id)?.thread.as_mut()
    }

    fn announce_thread(&mut self, name: &str, id: Id, extra: Value) {
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let mut data = self.channel_object(channel);
        merge(&mut data, extra);
        let place = Place {
            guild: channel.guild,
            channel: Some(id),
            intent: intents::GUILDS,
        };
        self.publish(name, place, &data);
    }

    /// Of others the app hears only with the intent for members.
    fn announce_members(&mut self, id: Id, who: Id, extra: Value) {
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let count = channel
            .thread
            .as_ref()
            .map_or(0, |thread| thread.members.len());
        let mut data = json!({"id": id, "guild_id": channel.guild, "member_count": count.min(50)});
        merge(&mut data, extra);
        let own = who == self.bot.id;
        let place = Place {
            guild: channel.guild,
            channel: Some(id),
            intent: if own {
                intents::GUILDS
            } else {
                intents::GUILD_MEMBERS
            },
        };
        self.publish("THREAD_MEMBERS_UPDATE", place, &data);
    }
}
