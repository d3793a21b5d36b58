//! What the gateway makes of an app's frames:
//! <https://docs.discord.com/developers/events/gateway#connections>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    faults::Fault,
    intent::{application_flags, intents},
    opcodes::{close, op},
    render,
    sessions::{Place, Session},
    state::State,
    window::Sliding,
};

/// Larger frames are refused.
const LARGEST_FRAME: usize = 4096;

impl State {
    /// One frame of a connection. Whatever the answer is, it is queued before this returns.
    pub(crate) fn hear(&mut self, connection: u64, text: Option<&str>) {
        let now = Instant::now();
        let limit = self.settings.gateway;
        let Some(known) = self.sessions.connections.get_mut(&connection) else {
            return;
        };
        if known.ending {
            return;
        }
        let in_time = known.sent.note(limit, now);
        let session = known.session.clone();
        let frame = text
            .filter(|text| text.len() <= LARGEST_FRAME)
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        let opcode = frame.as_ref().and_then(|frame| frame.get("op")?.as_u64());
        let data = frame.and_then(|mut frame| frame.get_mut("d").map(Value::take));
        let shown = data.clone().unwrap_or_default();
        self.record.frame(connection, opcode, shown);
        if !in_time {
            return self.refuse(connection, close::RATE_LIMITED);
        }
        let Some(opcode) = opcode else {
            return self.refuse(connection, close::DECODE_ERROR);
        };
        let data = data.unwrap_or_default();
        match opcode {
            op::HEARTBEAT => self.heartbeat(connection, &data),
            op::IDENTIFY | op::RESUME if session.is_some() => {
                self.refuse(connection, close::ALREADY_AUTHENTICATED);
            }
            op::IDENTIFY => self.identify(connection, &data),
            op::RESUME => self.resume(connection, &data),
            // Taken and without effect: nobody looks at the bot's presence or speaks here.
            op::PRESENCE_UPDATE
            | op::VOICE_STATE_UPDATE
            | op::REQUEST_GUILD_MEMBERS
            | op::REQUEST_SOUNDBOARD_SOUNDS
            | op::REQUEST_CHANNEL_INFO => {
                if session.is_none() {
                    self.refuse(connection, close::NOT_AUTHENTICATED);
                }
            }
            _ => self.refuse(connection, close::UNKNOWN_OPCODE),
        }
    }

    fn refuse(&mut self, connection: u64, code: u16) {
        self.sessions.close(connection, code, close::reason(code));
    }

    fn heartbeat(&mut self, connection: u64, data: &Value) {
        if !data.is_null() && !data.is_u64() {
            return self.refuse(connection, close::DECODE_ERROR);
        }
        self.sessions.tally.heartbeats += 1;
        if let Some(known) = self.sessions.connections.get_mut(&connection) {
            known.beats += 1;
        }
        let silent = |fault: &Fault| *fault == Fault::NoHeartbeatAck;
        if self.faults.at_gateway(silent).is_none() {
            self.sessions
                .send(connection, json!({"op": op::HEARTBEAT_ACK}));
        }
    }

    fn identify(&mut self, connection: u64, data: &Value) {
        let fault = self.faults.at_gateway(|fault| {
            matches!(
                fault,
                Fault::HangIdentify | Fault::CloseOnIdentify { .. } | Fault::InvalidOnIdentify
            )
        });
        match fault {
            Some(Fault::HangIdentify) => return,
            Some(Fault::CloseOnIdentify { code }) => return self.refuse(connection, code),
            Some(_) => return self.invalid_session(connection, false),
            None => {}
        }
        let asked = match self.asked(data) {
            Ok(asked) => asked,
            Err(code) => return self.refuse(connection, code),
        };
        if !self.may_start(asked.shard) {
            return self.invalid_session(connection, false);
        }
        if !self
            .sessions
            .starts
            .take(self.settings.session_starts, Instant::now())
        {
            return self.out_of_starts();
        }
        self.begin(connection, asked);
    }

    /// An IDENTIFY's data, or the close code for what is wrong with it.
    fn asked(&self, data: &Value) -> Result<Asked, u16> {
        let token = data.get("token").and_then(Value::as_str);
        let properties = data.get("properties").and_then(Value::as_object);
        let (Some(token), Some(_)) = (token, properties) else {
            return Err(close::DECODE_ERROR);
        };
        if token.strip_prefix("Bot ").unwrap_or(token) != self.token {
            return Err(close::AUTHENTICATION_FAILED);
        }
        let shard = match data.get("shard") {
            None | Some(Value::Null) => None,
            Some(shard) => Some(valid_shard(shard).ok_or(close::INVALID_SHARD)?),
        };
        let shards = shard.map_or(1, |(_, count)| count);
        let guilds = u64::try_from(self.guilds.len()).unwrap_or(u64::MAX);
        let most = u64::try_from(self.settings.guilds_per_shard).unwrap_or(u64::MAX);
        if guilds.div_ceil(shards) > most {
            return Err(close::SHARDING_REQUIRED);
        }
        let wanted = data.get("intents").and_then(Value::as_u64);
        let wanted = wanted.ok_or(if data.get("intents").is_some() {
            close::INVALID_INTENTS
        } else {
            close::DECODE_ERROR
        })?;
        if wanted & !intents::KNOWN != 0 {
            return Err(close::INVALID_INTENTS);
        }
        if wanted & intents::PRIVILEGED & !self.application.granted != 0 {
            return Err(close::DISALLOWED_INTENTS);
        }
        Ok(Asked {
            intents: wanted,
            shard,
        })
    }

    /// Keeps to `max_concurrency` IDENTIFYs in five seconds.
    fn may_start(&mut self, shard: Option<(u64, u64)>) -> bool {
        let limit = self.settings.identifies;
        let key = shard.map_or(0, |(number, _)| number) % u64::from(limit.requests.max(1));
        let one = super::settings::Limit::new(1, limit.window_ms);
        let started: &mut Sliding = self.sessions.identifies.entry(key).or_default();
        if started.count(one, Instant::now()) > 0 {
            return false;
        }
        started.note(one, Instant::now())
    }

    /// The day's starts are spent: every session ends and the token is worth nothing.
    fn out_of_starts(&mut self) {
        self.token = format!("reset.{}", uuid::Uuid::new_v4().simple());
        for connection in self.sessions.open_connections() {
            self.refuse(connection, close::AUTHENTICATION_FAILED);
        }
        self.sessions.list.clear();
    }

    fn begin(&mut self, connection: u64, asked: Asked) {
        let id = uuid::Uuid::new_v4().simple().to_string();
        self.sessions.list.push(Session {
            id: id.clone(),
            intents: asked.intents,
            shard: asked.shard,
            events: Vec::new(),
            connection: Some(connection),
            dropped_at: None,
        });
        self.sessions.tally.identified += 1;
        if let Some(known) = self.sessions.connections.get_mut(&connection) {
            known.session = Some(id.clone());
        }
        let unavailable: Vec<Value> = self
            .guilds
            .keys()
            .map(|guild| json!({"id": guild, "unavailable": true}))
            .collect();
        let mut ready = json!({
            "v": 10,
            "user": render::user(&self.bot),
            "guilds": unavailable,
            "session_id": id,
            "resume_gateway_url": format!("ws://{}/resume", self.host),
            "application": {
                "id": self.bot.id,
                "flags": application_flags(self.application.granted),
            },
        });
        ready["user"]["verified"] = true.into();
        ready["user"]["mfa_enabled"] = true.into();
        ready["user"]["email"] = Value::Null;
        if let Some((number, count)) = asked.shard {
            ready["shard"] = json!([number, count]);
        }
        self.sessions.dispatch(&id, "READY", ready);
        for guild in self.guilds.keys().copied().collect::<Vec<_>>() {
            self.bring(&id, guild);
        }
    }

    /// GUILD_CREATE, for one session.
    fn bring(&mut self, session: &str, guild: super::id::Id) {
        let place = Place {
            guild: Some(guild),
            channel: None,
            intent: intents::GUILDS,
        };
        let Some(found) = self.guilds.get(&guild) else {
            return;
        };
        let data = self.guild_create(found);
        if self.hears(session, place) {
            self.sessions.dispatch(session, "GUILD_CREATE", data);
        }
    }

    fn resume(&mut self, connection: u64, data: &Value) {
        let fault = self.faults.at_gateway(|fault| {
            matches!(
                fault,
                Fault::HangResume
                    | Fault::CloseOnResume { .. }
                    | Fault::InvalidOnResume { .. }
                    | Fault::DropOnResume
            )
        });
        let field = |name: &str| data.get(name).and_then(Value::as_str);
        let seq = data.get("seq").and_then(Value::as_u64);
        let (Some(token), Some(session), Some(seq)) = (field("token"), field("session_id"), seq)
        else {
            return self.refuse(connection, close::DECODE_ERROR);
        };
        match fault {
            Some(Fault::HangResume) => return,
            Some(Fault::DropOnResume) => return self.sessions.drop_connection(connection),
            Some(Fault::CloseOnResume { code }) => {
                self.sessions.forget(session);
                return self.refuse(connection, code);
            }
            Some(Fault::InvalidOnResume { resumable }) => {
                if !resumable {
                    self.sessions.forget(session);
                }
                return self.invalid_session(connection, resumable);
            }
            _ => {}
        }
        if token.strip_prefix("Bot ").unwrap_or(token) != self.token {
            return self.refuse(connection, close::AUTHENTICATION_FAILED);
        }
        let timeout = Duration::from_millis(self.settings.session_timeout_ms);
        self.sessions.expire(timeout);
        let Some(found) = self.sessions.find(session) else {
            return self.invalid_session(connection, false);
        };
        let missed = usize::try_from(seq)
            .ok()
            .and_then(|seen| found.events.get(seen..))
            .map(<[Value]>::to_vec);
        let Some(missed) = missed else {
            self.sessions.forget(session);
            return self.refuse(connection, close::INVALID_SEQ);
        };
        let before = found.connection.replace(connection);
        found.dropped_at = None;
        if let Some(before) = before {
            // Two connections cannot carry one session.
            self.sessions.drop_connection(before);
        }
        self.take_up(connection, session, missed);
    }

    fn take_up(&mut self, connection: u64, session: &str, missed: Vec<Value>) {
        self.sessions.tally.resumed += 1;
        if let Some(known) = self.sessions.connections.get_mut(&connection) {
            known.session = Some(session.to_owned());
            self.sessions.tally.resumed_by_url += usize::from(known.by_resume_url);
        }
        for event in missed {
            self.sessions.send(connection, event);
        }
        self.sessions.dispatch(session, "RESUMED", json!({}));
    }

    fn invalid_session(&mut self, connection: u64, resumable: bool) {
        let payload = json!({"op": op::INVALID_SESSION, "d": resumable});
        self.sessions.send(connection, payload);
    }

    /// Invalidates every session with op 9; without a chance to resume they are gone. A connection has
    /// none any more: what it sends but IDENTIFY, RESUME and heartbeats is closed with 4003.
    pub(crate) fn invalidate(&mut self, resumable: bool) {
        for connection in self.sessions.open_connections() {
            self.invalid_session(connection, resumable);
            self.sessions.part(connection);
            if let Some(known) = self.sessions.connections.get_mut(&connection) {
                known.session = None;
            }
        }
        if !resumable {
            self.sessions.list.clear();
        }
    }

    /// The app ends a connection: with 1000 or 1001 the session is over too.
    pub(crate) fn hang_up(&mut self, connection: u64, code: Option<u16>) {
        let session = self
            .sessions
            .connections
            .get(&connection)
            .and_then(|known| known.session.clone());
        self.sessions.part(connection);
        if let (Some(1000 | 1001), Some(session)) = (code, session) {
            self.sessions.forget(&session);
        }
    }
}

struct Asked {
    intents: u64,
    shard: Option<(u64, u64)>,
}

fn valid_shard(shard: &Value) -> Option<(u64, u64)> {
    match shard.as_array()?.as_slice() {
        [number, count] => {
            let (number, count) = (number.as_u64()?, count.as_u64()?);
            (number < count).then_some((number, count))
        }
        _ => None,
    }
}
