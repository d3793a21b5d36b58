//! Gateway sessions and the connections that carry them:
//! <https://docs.discord.com/developers/events/gateway#connections>.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    id::Id,
    intent::intents,
    model::Message,
    state::State,
    window::{Sliding, Window},
};

/// What a connection's task is told to do, in this order.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Frame(Value),
    Close(u16, &'static str),
    /// Without a word, as when a machine on the way dies.
    Drop,
}

pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) intents: u64,
    pub(crate) shard: Option<(u64, u64)>,
    /// Every dispatch, in order; the first has the number 1.
    pub(crate) events: Vec<Value>,
    pub(crate) connection: Option<u64>,
    pub(crate) dropped_at: Option<Instant>,
}

pub(crate) struct Connection {
    pub(crate) wire: UnboundedSender<Outgoing>,
    pub(crate) session: Option<String>,
    pub(crate) sent: Sliding,
    /// Heartbeats heard of it.
    pub(crate) beats: u64,
    /// Whether it asked for the address of READY.
    pub(crate) by_resume_url: bool,
    /// A close or drop is on its way: nothing more is heard.
    pub(crate) ending: bool,
}

/// How gateway connections were begun and kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GatewayTally {
    /// Connections taken.
    pub connections: usize,
    /// Sessions begun with IDENTIFY.
    pub identified: usize,
    /// Sessions taken up again with RESUME.
    pub resumed: usize,
    /// Those of them that came by READY's `resume_gateway_url`.
    pub resumed_by_url: usize,
    /// Heartbeats heard.
    pub heartbeats: usize,
    /// Connections open now.
    pub open: usize,
    /// Sessions with a connection now.
    pub live: usize,
}

pub(crate) struct Sessions {
    pub(crate) list: Vec<Session>,
    pub(crate) connections: BTreeMap<u64, Connection>,
    pub(crate) tally: GatewayTally,
    pub(crate) starts: Window,
    pub(crate) identifies: BTreeMap<u64, Sliding>,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions {
            list: Vec::new(),
            connections: BTreeMap::new(),
            tally: GatewayTally::default(),
            starts: Window::new(Instant::now()),
            identifies: BTreeMap::new(),
        }
    }
}

impl Sessions {
    pub(crate) fn tally(&self) -> GatewayTally {
        GatewayTally {
            open: self.connections.len(),
            live: self
                .list
                .iter()
                .filter(|session| session.connection.is_some())
                .count(),
            ..self.tally
        }
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Session> {
        self.list.iter_mut().find(|session| session.id == id)
    }

    pub(crate) fn send(&self, connection: u64, payload: Value) {
        self.tell(connection, Outgoing::Frame(payload));
    }

    pub(crate) fn close(&mut self, connection: u64, code: u16, reason: &'static str) {
        self.tell(connection, Outgoing::Close(code, reason));
        self.end(connection);
    }

    pub(crate) fn drop_connection(&mut self, connection: u64) {
        self.tell(connection, Outgoing::Drop);
        self.end(connection);
    }

    fn end(&mut self, connection: u64) {
        if let Some(ended) = self.connections.get_mut(&connection) {
            ended.ending = true;
        }
        self.part(connection);
    }

    fn tell(&self, connection: u64, outgoing: Outgoing) {
        if let Some(connection) = self.connections.get(&connection)
            && !connection.ending
        {
            // A task that is gone has nobody to tell.
            drop(connection.wire.send(outgoing));
        }
    }

    /// Takes the session off its connection, so that it can be resumed by another.
    pub(crate) fn part(&mut self, connection: u64) {
        for session in &mut self.list {
            if session.connection == Some(connection) {
                session.connection = None;
                session.dropped_at = Some(Instant::now());
            }
        }
    }

    pub(crate) fn forget(&mut self, session: &str) {
        self.list.retain(|kept| kept.id != session);
    }

    /// Forgets what can no longer be resumed.
    pub(crate) fn expire(&mut self, timeout: Duration) {
        self.list
            .retain(|session| session.dropped_at.is_none_or(|at| at.elapsed() < timeout));
    }

    pub(crate) fn open_connections(&self) -> Vec<u64> {
        self.connections.keys().copied().collect()
    }

    /// Adds one dispatch to a session and sends it where somebody listens.
    pub(crate) fn dispatch(&mut self, session: &str, name: &str, data: Value) {
        let Some(found) = self.find(session) else {
            return;
        };
        let payload = json!({"t": name, "s": found.events.len() + 1, "op": 0, "d": data});
        found.events.push(payload.clone());
        if let Some(connection) = found.connection {
            self.send(connection, payload);
        }
    }
}

/// Where an event happened and which intent it needs (0: none).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) guild: Option<Id>,
    pub(crate) channel: Option<Id>,
    pub(crate) intent: u64,
}

impl State {
    /// Dispatches an event to every session that may have it.
    pub(crate) fn publish(&mut self, name: &str, place: Place, data: &Value) {
        for (session, _) in self.audience(place) {
            self.sessions.dispatch(&session, name, data.clone());
        }
    }

    /// The same for an event that carries a message, whose content not every session may read.
    pub(crate) fn publish_message(&mut self, name: &str, place: Place, message: &Message) {
        for (session, held) in self.audience(place) {
            let may_read = held & intents::MESSAGE_CONTENT != 0;
            let data = self.message_event(message, place.guild, may_read);
            self.sessions.dispatch(&session, name, data);
        }
    }

    pub(crate) fn hears(&self, session: &str, place: Place) -> bool {
        self.audience(place).iter().any(|(id, _)| id == session)
    }

    fn audience(&self, place: Place) -> Vec<(String, u64)> {
        let hidden = place
            .channel
            .is_some_and(|channel| self.permissions(self.bot.id, channel) == 0);
        if hidden {
            return Vec::new();
        }
        let listening = self.sessions.list.iter().filter(|session| {
            let wanted = place.intent == 0 || session.intents & place.intent != 0;
            wanted && is_of_shard(session.shard, place.guild)
        });
        listening
            .map(|session| (session.id.clone(), session.intents))
            .collect()
    }

    /// What MESSAGE_CREATE and MESSAGE_UPDATE add to a message:
    /// <https://docs.discord.com/developers/events/gateway-events#message-create>.
    fn message_event(&self, message: &Message, guild: Option<Id>, may_read: bool) -> Value {
        let mut object = self.message_object(message, may_read);
        let Some(channel) = self.channels.get(&message.channel_id) else {
            return object;
        };
        object["channel_type"] = (channel.kind as u8).into();
        let guild = guild.and_then(|guild| self.guilds.get(&guild));
        let Some(guild) = guild.filter(|_| !message.is_ephemeral()) else {
            return object;
        };
        object["guild_id"] = json!(guild.id);
        if let super::model::Author::User(author) = message.author
            && let Some(member) = self.member_object(guild, author, false)
        {
            object["member"] = member;
        }
        object
    }
}

/// Sharding's formula; what is in no guild goes to shard 0.
fn is_of_shard(shard: Option<(u64, u64)>, guild: Option<Id>) -> bool {
    match (shard, guild) {
        (None, _) => true,
        (Some((number, _)), None) => number == 0,
        (Some((number, count)), Some(guild)) => (guild.get() >> 22) % count == number,
    }
}
