//! What a test sees of Discord at one moment.

use super::{
    Answer, GatewayTally, Id, Message, StrikeId,
    faults::Strike,
    model::{Author, ChannelKind},
    record::{Closed, Frame, Request},
    state::State,
};

/// Everything that can be looked at, at one moment.
#[derive(Clone, Copy)]
pub struct View<'a>(pub(crate) &'a State);

impl View<'_> {
    /// The messages of a channel, the oldest first, ephemeral ones included.
    pub fn messages(&self, channel: Id) -> Vec<Message> {
        let messages = self.0.messages.get(&channel);
        messages.map_or_else(Vec::new, |messages| messages.values().cloned().collect())
    }

    /// Those of them that the bot or one of its webhooks wrote.
    pub fn posted(&self, channel: Id) -> Vec<Message> {
        let mut messages = self.messages(channel);
        messages.retain(|message| match message.author {
            Author::User(id) => id == self.0.bot.id,
            Author::Webhook { id, .. } => self.0.webhooks.contains_key(&id),
        });
        messages
    }

    /// One message.
    pub fn message(&self, channel: Id, id: Id) -> Option<Message> {
        self.0.message(channel, id).ok().cloned()
    }

    /// The threads of a channel.
    pub fn threads(&self, parent: Id) -> Vec<Id> {
        let of_parent = self
            .0
            .channels
            .values()
            .filter(|channel| channel.parent == Some(parent));
        of_parent.map(|channel| channel.id).collect()
    }

    /// Whether a thread is archived.
    pub fn is_archived(&self, thread: Id) -> bool {
        let channel = self.0.channels.get(&thread);
        let thread = channel.and_then(|channel| channel.thread.as_ref());
        thread.is_some_and(|thread| thread.archived)
    }

    /// The direct-message channel with someone, if one is open.
    pub fn direct_channel(&self, person: Id) -> Option<Id> {
        let open = self.0.channels.values().find(|channel| {
            channel.kind == ChannelKind::Dm && channel.recipients.contains(&person)
        });
        open.map(|channel| channel.id)
    }

    /// What became of an interaction.
    pub fn answer(&self, interaction: Id) -> Option<Answer> {
        let found = self.0.interactions.get(&interaction);
        found.map(super::interactions::Interaction::answer)
    }

    /// The names of the registered commands.
    pub fn commands(&self) -> Vec<String> {
        let commands = self.0.commands.values();
        commands.map(|command| command.name.clone()).collect()
    }

    /// Every REST request so far.
    pub fn requests(&self) -> &[Request] {
        &self.0.record.requests
    }

    /// Every frame that came by the gateway so far.
    pub fn frames(&self) -> &[Frame] {
        &self.0.record.frames
    }

    /// Every gateway connection that ended.
    pub fn closed(&self) -> &[Closed] {
        &self.0.record.closed
    }

    /// How gateway connections were begun and kept.
    pub fn gateway(&self) -> GatewayTally {
        self.0.sessions.tally()
    }

    /// The faults that are armed.
    pub fn armed(&self) -> &[(StrikeId, Strike)] {
        self.0.faults.armed()
    }
}
