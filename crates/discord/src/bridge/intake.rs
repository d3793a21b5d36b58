//! The gateway's events become lines of the journal. What follows from an event is kept in one unit
//! with the event's number.

use async_trait::async_trait;
use husting_domain::discord::{
    Cursor, Inbound, InboundState, KnownChannel, RequestId, Snowflake, Stop,
};
use husting_domain::time::Timestamp;
use husting_store::DiscordWrite;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use twilight_model::application::interaction::Interaction;
use twilight_model::channel::{Channel, Message};
use twilight_model::gateway::payload::incoming::{MessageDelete, MessageDeleteBulk};

use super::Shared;
use super::faults::DiscordStepError;
use crate::gateway::{Heard, ListenError, Listener};
use crate::inbound::{Amendment, Decision, Hearing, Reason, amended, decide, request_of};
use crate::interactions;
use crate::sender::SendError;

/// What is read of a channel or thread.
#[derive(Debug, Deserialize)]
pub(super) struct ChannelShown {
    id: Snowflake,
    #[serde(default)]
    guild_id: Option<Snowflake>,
    #[serde(default)]
    parent_id: Option<Snowflake>,
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "type")]
    kind: u8,
}

impl ChannelShown {
    /// A channel that was asked for.
    pub fn of(id: Snowflake, channel: Channel) -> Self {
        let guild = channel.guild_id;
        let parent = channel.parent_id;
        Self {
            id,
            guild_id: guild.and_then(|id| Snowflake::new(id.get()).ok()),
            parent_id: parent.and_then(|id| Snowflake::new(id.get()).ok()),
            name: channel.name,
            kind: channel.kind.into(),
        }
    }
}

/// What is read of a server, or of its list of threads.
#[derive(Debug, Deserialize)]
struct GuildShown {
    #[serde(default, alias = "guild_id")]
    id: Option<Snowflake>,
    #[serde(default)]
    channels: Vec<serde_json::Value>,
    #[serde(default)]
    threads: Vec<serde_json::Value>,
}

/// The servers of a new session.
#[derive(Debug, Deserialize)]
struct ReadyShown {
    #[serde(default)]
    guilds: Vec<GuildNamed>,
}

#[derive(Debug, Deserialize)]
struct GuildNamed {
    id: Snowflake,
}

/// The server in which something happened.
#[derive(Debug, Deserialize)]
struct GuildOf {
    #[serde(default)]
    guild_id: Option<Snowflake>,
    #[serde(default)]
    id: Option<Snowflake>,
}

impl GuildOf {
    /// An event about a server itself names it as its own id.
    fn guild(self) -> Option<Snowflake> {
        self.guild_id.or(self.id)
    }
}

#[async_trait]
impl Listener for Shared {
    async fn hear(&self, heard: Heard) -> Result<(), ListenError> {
        let kept = self.take_event(heard).await;
        kept.map_err(|fault| self.not_kept(&fault))
    }

    async fn missed(&self) -> Result<(), ListenError> {
        let caught_up = self.catch_up().await;
        caught_up.map_err(|fault| self.not_kept(&fault))
    }
}

impl Shared {
    fn not_kept(&self, fault: &DiscordStepError) -> ListenError {
        if let DiscordStepError::Discord(SendError::Unauthorized) = fault {
            self.rejected.cancel();
        }
        ListenError(fault.to_string())
    }

    async fn take_event(&self, heard: Heard) -> Result<(), DiscordStepError> {
        if let Some(recorder) = &self.parties.recorder {
            recorder.record(&heard);
        }
        let Heard { cursor, name, data } = heard;
        let mut done = None;
        let mut writes = match name.as_str() {
            "INTERACTION_CREATE" => {
                match parsed::<Interaction>(&name, &data).and_then(interactions::heard) {
                    Some(deed) => {
                        let (heard, writes) = self.commanded(deed).await?;
                        done = Some(heard);
                        writes
                    }
                    None => Vec::new(),
                }
            }
            "MESSAGE_CREATE" => match parsed::<Message>(&name, &data) {
                Some(message) => self.message(message).await?,
                None => Vec::new(),
            },
            "MESSAGE_UPDATE" => match parsed::<Message>(&name, &data) {
                Some(message) => self.edited(&message).await?,
                None => Vec::new(),
            },
            "MESSAGE_DELETE" => match parsed::<MessageDelete>(&name, &data) {
                Some(gone) => self.deleted(gone.id.get()).await?,
                None => Vec::new(),
            },
            "MESSAGE_DELETE_BULK" => {
                let mut writes = Vec::new();
                for id in parsed::<MessageDeleteBulk>(&name, &data)
                    .map(|gone| gone.ids)
                    .unwrap_or_default()
                {
                    writes.extend(self.deleted(id.get()).await?);
                }
                writes
            }
            _ => self.learnt(&name, &data).await?,
        };
        writes.push(self.cursor(cursor));
        self.keep(writes).await?;
        self.reins.journalled.notify_one();
        if let Some(done) = done {
            let id = request_of(self.bot(), done.occasion.id).0;
            self.interactions.give(done, id);
        }
        if changes_permissions(&name) {
            self.mark_bars.forget();
            self.voices.forget_bars();
            self.thread_bars.forget();
            self.file_bars.forget();
            self.interactions.permissions_moved.notify_one();
            let at = parsed::<GuildOf>(&name, &data);
            self.try_barred_again(at.and_then(GuildOf::guild)).await?;
        }
        Ok(())
    }

    fn cursor(&self, cursor: Cursor) -> DiscordWrite {
        DiscordWrite::Heard {
            bot: self.bot(),
            cursor,
        }
    }

    /// What a new message comes to: a line of the journal, or nothing, and that the channel was read so
    /// far.
    pub(super) async fn message(
        &self,
        mut message: Message,
    ) -> Result<Vec<DiscordWrite>, DiscordStepError> {
        let Some((channel, id)) = ids_of(&message) else {
            return Ok(Vec::new());
        };
        let known = self.channel(channel).await?;
        if message.guild_id.is_none() {
            // A message that was read from its channel does not name its server.
            message.guild_id = known
                .guild
                .and_then(|guild| twilight_model::id::Id::new_checked(guild.get()));
        }
        // Of a channel that is not shown its messages tell the server: read back, they do not.
        let guild = message
            .guild_id
            .and_then(|id| Snowflake::new(id.get()).ok());
        let known = KnownChannel {
            guild: known.guild.or(guild),
            ..known
        };
        let read_to = KnownChannel {
            last_message: Some(id),
            ..known.clone()
        };

        let mut writes = vec![DiscordWrite::Channel {
            bot: self.bot(),
            channel: read_to,
        }];
        match self.decided(&message, id, known.parent) {
            Decision::Ask(question) => writes.push(DiscordWrite::Journal(question)),
            Decision::Stop(stop) => writes.extend(self.stopped(known, stop)),
            Decision::Discard(reason) => {
                if matches!(reason, Reason::Bot | Reason::Webhook) && !self.is_ours(&message) {
                    self.reins.count_ignored();
                }
                tracing::debug!(message = %id, ?reason, "a message is not for us");
            }
        }
        Ok(writes)
    }

    /// Whether the bridge posted it itself, under an agent's name.
    fn is_ours(&self, message: &Message) -> bool {
        let ours = self.voices.application();
        let by = message.application_id.map(|id| id.get());
        ours.is_some_and(|ours| by == Some(ours.get()))
    }

    /// A person has the last word: replies to what was asked here before are not posted any more.
    fn stopped(&self, known: KnownChannel, stop: Box<Stop>) -> [DiscordWrite; 2] {
        let stopped = KnownChannel {
            stopped_at: Some(stop.at),
            ..known
        };
        tracing::info!(channel = %stopped.id, "a person said STOP");
        self.reins.placed.notify_one();
        let bot = self.bot();
        let channel = stopped;
        [
            DiscordWrite::Channel { bot, channel },
            DiscordWrite::Stop(stop),
        ]
    }

    /// A question's id follows from its message: under it the bus knows the question again, also from a
    /// bridge with another journal.
    fn decided(&self, message: &Message, id: Snowflake, parent: Option<Snowflake>) -> Decision {
        let hearing = Hearing {
            request: request_of(self.bot(), id),
            parent,
            at: self.parties.clock.now(),
        };
        decide(&self.reins.manner().routes, message, hearing)
    }

    /// An edit before the agent has read the question changes it; later ones are told to the agent.
    async fn edited(&self, message: &Message) -> Result<Vec<DiscordWrite>, DiscordStepError> {
        let Some((_, id)) = ids_of(message) else {
            return Ok(Vec::new());
        };
        let Some(question) = self.question_made_of(id).await? else {
            return Ok(Vec::new());
        };
        let amendment = amended(&question, &message.content, &self.reins.manner().routes);
        Ok(match amendment {
            Amendment::Unchanged => Vec::new(),
            Amendment::Changed(changed) => self.changed(&question, changed).await,
            Amendment::Emptied => {
                let now = self.parties.clock.now();
                withdrawn(&question, now).into_iter().collect()
            }
        })
    }

    async fn changed(&self, question: &Inbound, changed: Box<Inbound>) -> Vec<DiscordWrite> {
        if is_open(question) {
            return vec![DiscordWrite::Amend(changed)];
        }
        if question.state == InboundState::Sent && self.taken_back(question).await {
            let again = DiscordWrite::Move {
                request: question.request,
                from: InboundState::Sent,
                to: InboundState::Journalled,
                at: self.parties.clock.now(),
                fault: None,
            };
            return vec![again, DiscordWrite::Amend(changed)];
        }
        vec![DiscordWrite::Journal(Box::new(self.note(*changed)))]
    }

    /// The agent may have read the question already: it is told what became of it.
    pub(super) fn note(&self, changed: Inbound) -> Inbound {
        Inbound {
            amends: Some(changed.amends.unwrap_or(changed.request)),
            request: RequestId((self.parties.ids)()),
            attachments: Vec::new(),
            received_at: self.parties.clock.now(),
            state: InboundState::Journalled,
            bus_id: None,
            sent_at: None,
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            fault: None,
            ..changed
        }
    }

    /// A question that its agent has not read is withdrawn with its message; of another it is known that
    /// nobody sees it any more.
    async fn deleted(&self, id: u64) -> Result<Vec<DiscordWrite>, DiscordStepError> {
        let Ok(id) = Snowflake::new(id) else {
            return Ok(Vec::new());
        };
        let Some(question) = self.question_made_of(id).await? else {
            return Ok(Vec::new());
        };
        let at = self.parties.clock.now();
        let deleted = DiscordWrite::Deleted {
            bot: self.bot(),
            message: id,
            at,
        };
        if question.state == InboundState::Sent && self.taken_back(&question).await {
            let back = DiscordWrite::Move {
                request: question.request,
                from: InboundState::Sent,
                to: InboundState::Withdrawn,
                at,
                fault: None,
            };
            return Ok(vec![deleted, back]);
        }
        let mut writes = vec![deleted];
        writes.extend(withdrawn(&question, at));
        Ok(writes)
    }

    /// Takes a question back from the bus, where the bus does that and nobody has read it.
    async fn taken_back(&self, question: &Inbound) -> bool {
        let Some(bus_id) = &question.bus_id else {
            return false;
        };
        self.taking_back.begin(bus_id);
        let taken_back = self.parties.bus.withdraw(bus_id).await;
        // Its agent reads it then, as with a bus that takes nothing back.
        let is_taken_back = taken_back.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "a question was not taken back");
            false
        });
        if !is_taken_back {
            self.taking_back.fail(bus_id);
        }
        is_taken_back
    }

    async fn question_made_of(
        &self,
        message: Snowflake,
    ) -> Result<Option<Inbound>, DiscordStepError> {
        let (tenant, bot) = (&self.options.tenant, self.bot());
        let store = &self.parties.store;
        Ok(store.discord_question_of(tenant, bot, message).await?)
    }

    /// What other events tell of channels and threads.
    async fn learnt(
        &self,
        name: &str,
        data: &RawValue,
    ) -> Result<Vec<DiscordWrite>, DiscordStepError> {
        if name == "READY"
            && let Some(ready) = parsed::<ReadyShown>(name, data)
        {
            self.gap
                .of_servers(ready.guilds.into_iter().map(|guild| guild.id));
        }
        let shown = match name {
            "GUILD_CREATE" | "THREAD_LIST_SYNC" => parsed::<GuildShown>(name, data)
                .map(channels_of)
                .unwrap_or_default(),
            "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" => {
                let shown = parsed::<ChannelShown>(name, data);
                shown.map(|shown| known(shown, None)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        if name == "GUILD_CREATE"
            && let Some(server) = parsed::<GuildOf>(name, data).and_then(GuildOf::guild)
        {
            self.catch_up_with_threads(server, &shown).await?;
        }
        let news = shown
            .into_iter()
            .filter(|channel| self.channels.would_learn(channel));
        let bot = self.bot();
        let writes = news.map(|channel| DiscordWrite::Channel { bot, channel });
        Ok(writes.collect())
    }
}

/// What takes back a question that is not on the bus yet.
fn withdrawn(question: &Inbound, at: Timestamp) -> Option<DiscordWrite> {
    is_open(question).then_some(DiscordWrite::Move {
        request: question.request,
        from: question.state,
        to: InboundState::Withdrawn,
        at,
        fault: None,
    })
}

/// Not on the bus yet.
fn is_open(question: &Inbound) -> bool {
    matches!(
        question.state,
        InboundState::Journalled | InboundState::Held
    )
}

fn ids_of(message: &Message) -> Option<(Snowflake, Snowflake)> {
    let channel = Snowflake::new(message.channel_id.get()).ok()?;
    Some((channel, Snowflake::new(message.id.get()).ok()?))
}

fn channels_of(guild: GuildShown) -> Vec<KnownChannel> {
    let all = guild.channels.into_iter().chain(guild.threads);
    let shown = all.filter_map(|each| serde_json::from_value::<ChannelShown>(each).ok());
    shown.map(|each| known(each, guild.id)).collect()
}

/// Threads have the types 10 to 12; the parent of any other channel is a category, which routes nothing.
pub(super) fn known(shown: ChannelShown, guild: Option<Snowflake>) -> KnownChannel {
    let is_thread = (10..=12).contains(&shown.kind);
    KnownChannel {
        id: shown.id,
        guild: shown.guild_id.or(guild),
        parent: shown.parent_id.filter(|_| is_thread),
        name: shown.name,
        last_message: None,
        stopped_at: None,
    }
}

/// After these the bot may be allowed what it was not.
fn changes_permissions(name: &str) -> bool {
    matches!(
        name,
        "GUILD_ROLE_CREATE"
            | "GUILD_ROLE_UPDATE"
            | "GUILD_ROLE_DELETE"
            | "GUILD_MEMBER_UPDATE"
            | "GUILD_CREATE"
            | "CHANNEL_UPDATE"
            | "THREAD_UPDATE"
    )
}

/// What cannot be read is told without its words, and the bridge goes on behind it.
pub(super) fn parsed<T: DeserializeOwned>(name: &str, data: &RawValue) -> Option<T> {
    match serde_json::from_str(data.get()) {
        Ok(parsed) => Some(parsed),
        Err(fault) => {
            // The fault's own text may quote what people wrote.
            tracing::error!(
                event = name,
                line = fault.line(),
                column = fault.column(),
                "an event of Discord's could not be read"
            );
            None
        }
    }
}
