//! Interactions as Discord keeps them:
//! <https://docs.discord.com/developers/interactions/receiving-and-responding>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    id::Id,
    model::{InteractionOrigin, message_type},
    render,
    sessions::Place,
    state::State,
};

pub(crate) mod kind {
    pub(crate) const APPLICATION_COMMAND: u8 = 2;
    pub(crate) const MESSAGE_COMPONENT: u8 = 3;
    pub(crate) const APPLICATION_COMMAND_AUTOCOMPLETE: u8 = 4;
    pub(crate) const MODAL_SUBMIT: u8 = 5;
}

#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) origin: InteractionOrigin,
    pub(crate) channel: Id,
    pub(crate) begun: Instant,
    /// The callback type it was answered with.
    pub(crate) answered: Option<u64>,
    /// The answer's message.
    pub(crate) original: Option<Id>,
    /// The form that was shown, waiting to be sent.
    pub(crate) modal: Option<Value>,
    /// What was offered for an option that is being typed.
    pub(crate) choices: Option<Value>,
    /// The event as it was told.
    pub(crate) told: Value,
    /// Later messages of the same token.
    pub(crate) follow_ups: Vec<Id>,
}

/// What one sees of an interaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The callback's type, if it came in time.
    pub callback: Option<u64>,
    /// The answer's message.
    pub original: Option<Id>,
    /// The form that was shown.
    pub modal: Option<Value>,
    /// What was offered for an option that is being typed.
    pub choices: Option<Value>,
    /// Later messages.
    pub follow_ups: Vec<Id>,
}

impl Interaction {
    pub(crate) fn answer(&self) -> Answer {
        Answer {
            callback: self.answered,
            original: self.original,
            modal: self.modal.clone(),
            choices: self.choices.clone(),
            follow_ups: self.follow_ups.clone(),
        }
    }

    /// The type of the message that answers it.
    pub(crate) fn message_type(&self) -> u8 {
        match self.origin.kind {
            kind::APPLICATION_COMMAND => message_type::CHAT_INPUT_COMMAND,
            _ => message_type::DEFAULT,
        }
    }
}

/// What someone did.
pub(crate) struct Deed {
    pub(crate) kind: u8,
    pub(crate) user: Id,
    pub(crate) channel: Id,
    pub(crate) name: Option<String>,
    /// The message whose component it was, or whose component opened the form.
    pub(crate) message: Option<Id>,
    pub(crate) data: Value,
}

impl State {
    /// Begins an interaction and tells the app of it, unless its endpoint URL takes them away from the
    /// gateway.
    pub(crate) fn interact(&mut self, deed: Deed) -> Id {
        let id = self.mint.next();
        let token = format!("aW50{}", uuid::Uuid::new_v4().simple());
        let mut interaction = Interaction {
            id,
            token,
            origin: InteractionOrigin {
                id,
                kind: deed.kind,
                user: deed.user,
                name: deed.name,
                message: deed.message,
            },
            channel: deed.channel,
            begun: Instant::now(),
            answered: None,
            original: None,
            modal: None,
            choices: None,
            told: Value::Null,
            follow_ups: Vec::new(),
        };
        let data = self.interaction_object(&interaction, deed.data);
        interaction.told = data;
        self.interactions.insert(id, interaction);
        self.tell_interaction(id);
        id
    }

    /// Tells the app of an interaction, perhaps once more.
    pub(crate) fn tell_interaction(&mut self, id: Id) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        if self.application.interactions_endpoint_url.is_some() {
            return;
        }
        let (data, channel) = (interaction.told.clone(), interaction.channel);
        let channel = self.channels.get(&channel);
        let place = Place {
            guild: channel.and_then(|channel| channel.guild),
            channel: None,
            intent: 0,
        };
        self.publish("INTERACTION_CREATE", place, &data);
    }

    fn interaction_object(&self, interaction: &Interaction, data: Value) -> Value {
        let user = interaction.origin.user;
        let held = self.permissions(self.bot.id, interaction.channel);
        let mut object = json!({
            "id": interaction.id,
            "application_id": self.bot.id,
            "type": interaction.origin.kind,
            "data": data,
            "token": interaction.token,
            "version": 1,
            "channel_id": interaction.channel,
            "app_permissions": held.to_string(),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": self.settings.file_size,
        });
        if let Some(channel) = self.channels.get(&interaction.channel) {
            object["channel"] = self.channel_object(channel);
        }
        if let Some(message) = interaction.origin.message
            && let Ok(message) = self.message(interaction.channel, message)
        {
            object["message"] = self.message_object(message, true);
        }
        let guild = self
            .channels
            .get(&interaction.channel)
            .and_then(|channel| channel.guild);
        let extra = match guild.and_then(|guild| self.guilds.get(&guild)) {
            Some(guild) => {
                let mut member = self.member_object(guild, user, true).unwrap_or_default();
                let permissions = self.permissions(user, interaction.channel);
                member["permissions"] = permissions.to_string().into();
                json!({
                    "guild_id": guild.id,
                    "guild": {"id": guild.id, "locale": "en-US", "features": []},
                    "guild_locale": "en-US",
                    "member": member,
                    "context": 0,
                    "authorizing_integration_owners": {"0": guild.id},
                })
            }
            None => json!({
                "user": self.users.get(&user).map(render::user),
                "context": 1,
                "authorizing_integration_owners": {"0": "0"},
            }),
        };
        render::merge(&mut object, extra);
        object
    }

    /// Whether the first answer would come in time.
    pub(crate) fn is_in_time(&self, interaction: &Interaction) -> bool {
        let deadline = Duration::from_millis(self.settings.interaction_deadline_ms);
        interaction.begun.elapsed() <= deadline
    }

    /// Whether the token still works: for a quarter of an hour, if the first answer was in time.
    pub(crate) fn is_token_good(&self, interaction: &Interaction) -> bool {
        let lasts = Duration::from_millis(self.settings.interaction_token_ms);
        interaction.begun.elapsed() <= lasts
            && (interaction.answered.is_some() || self.is_in_time(interaction))
    }
}
