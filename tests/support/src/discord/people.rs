//! What people do. They are held to their permissions as the bot is to its own.

use serde_json::{Map, Value, json};

use super::{
    id::Id,
    interactions::{Deed, kind},
    mentions::Allowed,
    model::{Author, ChannelKind, Message, Overwrite, Reference, message_type},
    permissions::bits,
    posts::{Change, Draft, Upload},
    refusal::Refusal,
    sessions::Place,
    state::State,
    threads::{Start, ThreadChange},
};

/// What someone cannot do in this world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cannot {
    /// The API's code for it would be this one.
    #[error("Discord would refuse this with {0}")]
    Refused(u32),
    /// There is no such person.
    #[error("there is nobody with the id {0}")]
    NoPerson(Id),
    /// The message has no such component, or it is disabled.
    #[error("the message has no \"{0}\" that can be used")]
    NoComponent(String),
    /// The app registered no such command here.
    #[error("there is no command /{0} here")]
    NoCommand(String),
    /// The command has no such option, or one that it needs is missing.
    #[error("the option \"{0}\" is wrong or missing")]
    WrongOption(String),
    /// The interaction was not answered with a form.
    #[error("no form was shown")]
    NoForm,
}

impl From<Refusal> for Cannot {
    fn from(refusal: Refusal) -> Self {
        Cannot::Refused(refusal.code)
    }
}

/// Something to say.
#[derive(Clone, Debug, Default)]
pub struct Saying {
    /// The text.
    pub text: String,
    /// The message it answers; its author is notified, as clients do it.
    pub reply_to: Option<Id>,
    /// Files: name, media type and content.
    pub files: Vec<(String, String, Vec<u8>)>,
}

impl Saying {
    /// Just text.
    pub fn text(text: &str) -> Self {
        Saying {
            text: text.to_owned(),
            ..Saying::default()
        }
    }

    /// The same as a reply.
    pub fn reply_to(mut self, message: Id) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// The same with a file.
    pub fn file(mut self, name: &str, content_type: &str, content: &[u8]) -> Self {
        let file = (name.to_owned(), content_type.to_owned(), content.to_vec());
        self.files.push(file);
        self
    }
}

impl State {
    pub(crate) fn say(
        &mut self,
        person: Id,
        channel: Id,
        saying: Saying,
    ) -> Result<Message, Cannot> {
        self.known(person)?;
        let found = self.channel(channel)?;
        let needed = match found.thread {
            Some(_) => bits::SEND_MESSAGES_IN_THREADS,
            None => bits::SEND_MESSAGES,
        };
        let guild_id = found.guild;
        if self.permissions(person, channel) & needed == 0 {
            return Err(Cannot::Refused(50013));
        }
        let mut draft = Draft::new(channel, Author::User(person), &saying.text);
        if let Some(message) = saying.reply_to {
            self.message(channel, message)?;
            draft.kind = message_type::REPLY;
            draft.reference = Some(Reference {
                message_id: Some(message),
                channel_id: channel,
                guild_id,
            });
            let mut allowed = Allowed::in_messages();
            allowed.replied_user = true;
            draft.allowed = allowed;
        }
        let uploads = saying.files.into_iter();
        draft.uploads = uploads
            .map(|(filename, content_type, bytes)| Upload {
                filename,
                description: None,
                content_type: Some(content_type),
                bytes: bytes.into(),
            })
            .collect();
        Ok(self.post(draft))
    }

    pub(crate) fn open_direct(&mut self, person: Id) -> Result<Id, Cannot> {
        self.known(person)?;
        Ok(self.direct_channel(person))
    }

    /// A webhook that is not the app's own.
    pub(crate) fn say_by_webhook(
        &mut self,
        channel: Id,
        name: &str,
        text: &str,
    ) -> Result<Id, Cannot> {
        self.channel(channel)?;
        let author = Author::Webhook {
            id: self.mint.next(),
            username: name.to_owned(),
            avatar_url: None,
        };
        let mut draft = Draft::new(channel, author, text);
        draft.allowed = Allowed::in_webhooks();
        Ok(self.post(draft).id)
    }

    fn known(&self, person: Id) -> Result<(), Cannot> {
        if self.users.contains_key(&person) {
            Ok(())
        } else {
            Err(Cannot::NoPerson(person))
        }
    }

    pub(crate) fn edit_as(
        &mut self,
        person: Id,
        channel: Id,
        message: Id,
        text: &str,
    ) -> Result<(), Cannot> {
        if self.message(channel, message)?.author != Author::User(person) {
            return Err(Cannot::Refused(50005));
        }
        let change = Change {
            content: Some(text.to_owned()),
            ..Change::default()
        };
        self.edit(channel, message, change)?;
        Ok(())
    }

    pub(crate) fn delete_as(&mut self, person: Id, channel: Id, message: Id) -> Result<(), Cannot> {
        let own = self.message(channel, message)?.author == Author::User(person);
        if !own && self.permissions(person, channel) & bits::MANAGE_MESSAGES == 0 {
            return Err(Cannot::Refused(50013));
        }
        self.delete(channel, message)?;
        Ok(())
    }

    pub(crate) fn begin_thread_as(
        &mut self,
        person: Id,
        parent: Id,
        message: Option<Id>,
        name: &str,
    ) -> Result<Id, Cannot> {
        self.known(person)?;
        let start = Start {
            parent,
            owner: person,
            name: name.to_owned(),
            kind: ChannelKind::PublicThread,
            message,
            auto_archive_duration: 4_320,
        };
        Ok(self.start_thread(start)?)
    }

    pub(crate) fn archive(&mut self, thread: Id, locked: bool) -> Result<(), Cannot> {
        let change = ThreadChange {
            archived: Some(true),
            locked: Some(locked),
            ..ThreadChange::default()
        };
        Ok(self.change_thread(thread, change)?)
    }

    /// Presses a button, or chooses `values` of a select menu.
    pub(crate) fn use_component(
        &mut self,
        person: Id,
        channel: Id,
        message: Id,
        custom_id: &str,
        values: &[String],
    ) -> Result<Id, Cannot> {
        self.known(person)?;
        let found = self.message(channel, message)?;
        let component = find_component(&found.components, custom_id);
        let component = component
            .filter(|component| component["disabled"] != true)
            .ok_or_else(|| Cannot::NoComponent(custom_id.to_owned()))?;
        let component_type = component["type"].as_u64().unwrap_or_default();
        let mut data = json!({
            "custom_id": custom_id,
            "component_type": component_type,
            "id": component.get("id").cloned().unwrap_or(json!(0)),
        });
        if component_type != 2 {
            data["values"] = json!(values);
        }
        Ok(self.interact(Deed {
            kind: kind::MESSAGE_COMPONENT,
            user: person,
            channel,
            name: None,
            message: Some(message),
            data,
        }))
    }

    /// Sends the form that answered an interaction.
    pub(crate) fn submit(
        &mut self,
        person: Id,
        interaction: Id,
        values: &[(String, String)],
    ) -> Result<Id, Cannot> {
        let found = self
            .interactions
            .get_mut(&interaction)
            .ok_or(Cannot::NoForm)?;
        let modal = found.modal.take().ok_or(Cannot::NoForm)?;
        let (channel, message) = (found.channel, found.origin.message);
        let mut next_id = 0;
        let components = modal["components"].as_array().cloned().unwrap_or_default();
        let components: Vec<Value> = components
            .iter()
            .map(|row| filled(row, values, &mut next_id))
            .collect();
        let data = json!({"custom_id": modal["custom_id"], "components": components});
        Ok(self.interact(Deed {
            kind: kind::MODAL_SUBMIT,
            user: person,
            channel,
            name: None,
            message,
            data,
        }))
    }

    /// Types a slash command; the options are checked against what the app registered.
    pub(crate) fn use_command(
        &mut self,
        person: Id,
        channel: Id,
        name: &str,
        options: &Map<String, Value>,
    ) -> Result<Id, Cannot> {
        self.known(person)?;
        let guild = self.channel(channel)?.guild;
        let here = |of: Option<Id>| of.is_none() || of == guild;
        let command = self
            .commands
            .values()
            .filter(|command| command.kind == 1 && command.name == name && here(command.guild))
            .max_by_key(|command| command.guild.is_some());
        let no_command = || Cannot::NoCommand(name.to_owned());
        let command = command.ok_or_else(no_command)?.clone();
        let scoped = guild.and_then(|guild| self.guilds.get(&guild));
        if scoped.is_some_and(|guild| !guild.commands_scope) {
            return Err(no_command());
        }
        let mut given = Vec::new();
        for (option, value) in options {
            let declared = command
                .option(option)
                .ok_or_else(|| Cannot::WrongOption(option.clone()))?;
            given.push(json!({"name": option, "type": declared["type"], "value": value}));
        }
        let declared = command.fields.get("options").and_then(Value::as_array);
        for option in declared.into_iter().flatten() {
            let name = option["name"].as_str().unwrap_or_default();
            if option["required"] == true && !options.contains_key(name) {
                return Err(Cannot::WrongOption(name.to_owned()));
            }
        }
        let mut data = json!({"id": command.id, "name": name, "type": 1});
        if !given.is_empty() {
            data["options"] = given.into();
        }
        if let Some(guild) = command.guild {
            data["guild_id"] = json!(guild);
        }
        Ok(self.interact(Deed {
            kind: kind::APPLICATION_COMMAND,
            user: person,
            channel,
            name: Some(name.to_owned()),
            message: None,
            data,
        }))
    }

    /// Types in an option of a slash command; what was typed so far asks for completion.
    pub(crate) fn type_option(
        &mut self,
        person: Id,
        channel: Id,
        (name, option): (&str, &str),
        typed: &str,
    ) -> Result<Id, Cannot> {
        self.known(person)?;
        self.channel(channel)?;
        let command = self.commands.values().find(|command| command.name == name);
        let command = command.ok_or_else(|| Cannot::NoCommand(name.to_owned()))?;
        let declared = command.option(option);
        if declared.is_none_or(|declared| declared["autocomplete"] != true) {
            return Err(Cannot::WrongOption(option.to_owned()));
        }
        let given = json!({"name": option, "type": 3, "value": typed, "focused": true});
        let data = json!({"id": command.id, "name": name, "type": 1, "options": [given]});
        Ok(self.interact(Deed {
            kind: kind::APPLICATION_COMMAND_AUTOCOMPLETE,
            user: person,
            channel,
            name: Some(name.to_owned()),
            message: None,
            data,
        }))
    }

    /// Changes what someone may do in a channel.
    pub(crate) fn set_overwrite(&mut self, channel: Id, overwrite: Overwrite) {
        let Some(found) = self.channels.get_mut(&channel) else {
            return;
        };
        found.overwrites.retain(|held| held.id != overwrite.id);
        found.overwrites.push(overwrite);
        let found = found.clone();
        let data = self.channel_object(&found);
        let place = Place {
            guild: found.guild,
            channel: None, // also to a bot that just lost its view
            intent: super::intent::intents::GUILDS,
        };
        self.publish("CHANNEL_UPDATE", place, &data);
    }

    /// Changes what the bot's role allows.
    pub(crate) fn set_bot_permissions(&mut self, guild: Id, permissions: u64) {
        let Some(found) = self.guilds.get_mut(&guild) else {
            return;
        };
        let position = found.roles.iter().position(|role| role.managed);
        let Some(position) = position else { return };
        found.roles[position].permissions = permissions;
        let role = super::render::role(&found.roles[position], position, self.bot.id);
        let place = Place {
            guild: Some(guild),
            channel: None,
            intent: super::intent::intents::GUILDS,
        };
        let data = json!({"guild_id": guild, "role": role});
        self.publish("GUILD_ROLE_UPDATE", place, &data);
    }

    /// Gives the bot a role. It hears of itself whatever its intents are:
    /// <https://docs.discord.com/developers/events/gateway-events#guild-member-update>.
    pub(crate) fn give_bot_role(&mut self, guild: Id, role: Id) {
        let bot = self.bot.id;
        let Some(found) = self.guilds.get_mut(&guild) else {
            return;
        };
        if let Some(member) = found.members.get_mut(&bot) {
            member.roles.push(role);
        }
        let found = found.clone();
        let mut data = self.member_object(&found, bot, true).unwrap_or_default();
        data["guild_id"] = json!(guild);
        let place = Place {
            guild: Some(guild),
            channel: None,
            intent: 0,
        };
        self.publish("GUILD_MEMBER_UPDATE", place, &data);
    }
}

fn find_component<'a>(components: &'a [Value], custom_id: &str) -> Option<&'a Value> {
    components.iter().find_map(|component| {
        if component["custom_id"] == custom_id {
            return Some(component);
        }
        let children = component.get("components")?.as_array()?;
        find_component(children, custom_id)
    })
}

/// A row of a form as it is sent back, with what was typed.
fn filled(row: &Value, values: &[(String, String)], next_id: &mut u64) -> Value {
    *next_id += 1;
    let id = *next_id;
    let mut answer = |component: &Value| {
        *next_id += 1;
        let custom_id = component["custom_id"].as_str().unwrap_or_default();
        let typed = values.iter().find(|(name, _)| name == custom_id);
        let typed = typed.map(|(_, value)| value.clone());
        let text =
            typed.unwrap_or_else(|| component["value"].as_str().unwrap_or_default().to_owned());
        let mut object = json!({
            "type": component["type"],
            "id": *next_id,
            "custom_id": custom_id,
        });
        if component["type"] == 4 {
            object["value"] = text.into();
        } else {
            object["values"] = json!([text]);
        }
        object
    };
    match row.get("component") {
        Some(component) => {
            json!({"type": row["type"], "id": id, "component": answer(component)})
        }
        None => {
            let children = row["components"].as_array().cloned().unwrap_or_default();
            let children: Vec<Value> = children.iter().map(&mut answer).collect();
            json!({"type": row["type"], "id": id, "components": children})
        }
    }
}
