//! Emoji under messages, whoever put them there:
//! <https://docs.discord.com/developers/events/gateway-events#message-reaction-add>.

use serde_json::{Value, json};

use super::{
    id::Id,
    intent::intents,
    model::{Author, Reaction},
    refusal::Refusal,
    render,
    sessions::Place,
    state::State,
};

impl State {
    pub(crate) fn react(
        &mut self,
        channel: Id,
        id: Id,
        user: Id,
        emoji: &str,
    ) -> Result<(), Refusal> {
        let message = self.message_mut(channel, id)?;
        let kinds = message.reactions.len();
        let known = message
            .reactions
            .iter_mut()
            .find(|reaction| reaction.emoji == emoji);
        match known {
            Some(reaction) if reaction.users.contains(&user) => return Ok(()),
            Some(reaction) => reaction.users.push(user),
            None if kinds >= 20 => return Err(Refusal::of(30010)),
            None => message.reactions.push(Reaction {
                emoji: emoji.to_owned(),
                users: vec![user],
            }),
        }
        let author = message.author.clone();
        let mut data = self.reaction_event(channel, id, user, emoji);
        if let Author::User(author) = author {
            data["message_author_id"] = json!(author);
        }
        let guild = self.channel(channel)?.guild;
        if let Some(guild) = guild.and_then(|guild| self.guilds.get(&guild))
            && let Some(member) = self.member_object(guild, user, true)
        {
            data["member"] = member;
        }
        self.publish("MESSAGE_REACTION_ADD", self.reaction_place(channel), &data);
        Ok(())
    }

    pub(crate) fn unreact(
        &mut self,
        channel: Id,
        id: Id,
        user: Id,
        emoji: &str,
    ) -> Result<(), Refusal> {
        let message = self.message_mut(channel, id)?;
        let mut held = false;
        for reaction in &mut message.reactions {
            held |= reaction.emoji == emoji && reaction.users.contains(&user);
            if reaction.emoji == emoji {
                reaction.users.retain(|reacted| *reacted != user);
            }
        }
        message
            .reactions
            .retain(|reaction| !reaction.users.is_empty());
        if held {
            let data = self.reaction_event(channel, id, user, emoji);
            let place = self.reaction_place(channel);
            self.publish("MESSAGE_REACTION_REMOVE", place, &data);
        }
        Ok(())
    }

    fn reaction_place(&self, channel: Id) -> Place {
        self.place_of(
            channel,
            intents::GUILD_MESSAGE_REACTIONS,
            intents::DIRECT_MESSAGE_REACTIONS,
        )
    }

    fn reaction_event(&self, channel: Id, id: Id, user: Id, emoji: &str) -> Value {
        let mut data = json!({
            "user_id": user,
            "channel_id": channel,
            "message_id": id,
            "emoji": render::emoji(emoji),
            "burst": false,
            "type": 0,
        });
        let guild = self
            .channels
            .get(&channel)
            .and_then(|channel| channel.guild);
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        data
    }
}
