//! Whether a message is for an agent.

use std::num::NonZeroU64;

use husting_domain::discord::{
    Attachment, AttachmentState, Author, Inbound, InboundState, Place, RequestId, Snowflake, Stop,
};
use husting_domain::time::Timestamp;
use serde::Serialize;
use twilight_model::channel::message::{Message, MessageType};

use super::mention::{mentions, stripped};
use super::stop::is_stop;
use super::{Routes, Trigger, inert};

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// An agent is asked.
    Ask(Box<Inbound>),
    /// A person said STOP: replies to what was asked here before are not posted.
    Stop(Box<Stop>),
    /// Nothing.
    Discard(Reason),
}

/// Why a message is for no agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The bot wrote it itself.
    #[error("the bot wrote it")]
    OwnMessage,
    /// Another bot wrote it, or Discord.
    #[error("a bot wrote it")]
    Bot,
    /// It came by a webhook.
    #[error("it came by a webhook")]
    Webhook,
    /// It tells of something, such as a pin or a new member.
    #[error("it is a notice of Discord's, nobody's words")]
    Notice,
    /// It neither mentions the bot, nor is sent to it, nor stands in a mapped channel.
    #[error("it does not mention the bot, and the channel is not mapped")]
    NotAddressed,
    /// It has neither words nor files.
    #[error("it has neither words nor files; is the Message Content intent granted?")]
    Empty,
    /// One of its ids is none of Discord's.
    #[error("an id in it is none of Discord's")]
    NoId,
}

/// How a message was heard.
#[derive(Clone, Copy, Debug)]
pub struct Hearing {
    /// The id that its question will have.
    pub request: RequestId,
    /// Of a thread the channel it is in.
    pub parent: Option<Snowflake>,
    /// When.
    pub at: Timestamp,
}

/// Decides about a message. Its `guild_id` says whether it is a direct one: whoever read it over REST,
/// which leaves that out, puts it in before.
#[must_use]
pub fn decide(routes: &Routes, message: &Message, hearing: Hearing) -> Decision {
    let decided = if is_stop(&stripped(routes, &message.content)) {
        stop(routes, message, hearing).map(|stop| Decision::Stop(Box::new(stop)))
    } else {
        question(routes, message, hearing).map(|inbound| Decision::Ask(Box::new(inbound)))
    };
    decided.unwrap_or_else(Decision::Discard)
}

fn stop(routes: &Routes, message: &Message, hearing: Hearing) -> Result<Stop, Reason> {
    written_by_a_person(routes, message)?;
    Ok(Stop {
        bot: routes.bot,
        message: id(message.id.into_nonzero())?,
        place: place_of(message, hearing.parent)?,
        author: author_of(message)?,
        at: hearing.at,
    })
}

fn question(routes: &Routes, message: &Message, hearing: Hearing) -> Result<Inbound, Reason> {
    written_by_a_person(routes, message)?;
    let place = place_of(message, hearing.parent)?;
    routes.trigger(message, place).ok_or(Reason::NotAddressed)?;
    let text = inert(&stripped(routes, &message.content)).into_owned();
    if text.is_empty() && message.attachments.is_empty() {
        return Err(Reason::Empty);
    }
    Ok(Inbound {
        request: hearing.request,
        bot: routes.bot,
        message: id(message.id.into_nonzero())?,
        place,
        author: author_of(message)?,
        text,
        attachments: attachments_of(message)?,
        received_at: hearing.at,
        agent: routes.agent_at(place).clone(),
        state: InboundState::Journalled,
        bus_id: None,
        sent_at: None,
        read_at: None,
        answered_at: None,
        deleted_at: None,
        rested_at: None,
        amends: None,
        fault: None,
    })
}

impl Routes {
    /// Why a message in this place is for an agent; none when it is not.
    #[must_use]
    pub fn trigger(&self, message: &Message, place: Place) -> Option<Trigger> {
        if place.guild.is_none() {
            Some(Trigger::DirectMessage)
        } else if mentions(self, message) {
            Some(Trigger::Mention)
        } else {
            self.mapped(place).map(|_| Trigger::MappedChannel)
        }
    }
}

fn written_by_a_person(routes: &Routes, message: &Message) -> Result<(), Reason> {
    let author = &message.author;
    if author.id.get() == routes.bot.get() {
        return Err(Reason::OwnMessage);
    }
    if message.webhook_id.is_some() {
        return Err(Reason::Webhook);
    }
    if author.bot || author.system.unwrap_or_default() {
        return Err(Reason::Bot);
    }
    match message.kind {
        MessageType::Regular | MessageType::Reply => Ok(()),
        _ => Err(Reason::Notice),
    }
}

fn place_of(message: &Message, parent: Option<Snowflake>) -> Result<Place, Reason> {
    let written_in = id(message.channel_id.into_nonzero())?;
    let guild = message.guild_id.map(|guild| id(guild.into_nonzero()));
    Ok(Place {
        guild: guild.transpose()?,
        channel: parent.unwrap_or(written_in),
        thread: parent.map(|_| written_in),
    })
}

/// As the server shows them: their name there, else their own, else their account's.
fn author_of(message: &Message) -> Result<Author, Reason> {
    let there = message
        .member
        .as_ref()
        .and_then(|member| member.nick.as_ref());
    let name = there
        .or(message.author.global_name.as_ref())
        .unwrap_or(&message.author.name);
    Ok(Author {
        id: id(message.author.id.into_nonzero())?,
        name: name.clone(),
    })
}

fn attachments_of(message: &Message) -> Result<Vec<Attachment>, Reason> {
    let named = |file: &twilight_model::channel::Attachment| {
        Ok(Attachment {
            id: id(file.id.into_nonzero())?,
            filename: file.filename.clone(),
            bytes: file.size,
            content_type: file.content_type.clone(),
            url: file.url.clone(),
            state: AttachmentState::Named,
        })
    };
    message.attachments.iter().map(named).collect()
}

fn id(id: NonZeroU64) -> Result<Snowflake, Reason> {
    Snowflake::new(id.get()).map_err(|_| Reason::NoId)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::inbound::samples::{hearing, message, question, routes, snowflake};

    fn decided(changes: Value, parent: Option<u64>) -> Decision {
        let parent = parent.map(snowflake);
        decide(
            &routes(),
            &message(changes),
            Hearing {
                parent,
                ..hearing()
            },
        )
    }

    fn asked(changes: Value, parent: Option<u64>) -> Inbound {
        match decided(changes, parent) {
            Decision::Ask(inbound) => *inbound,
            Decision::Stop(_) => panic!("nobody said STOP"),
            Decision::Discard(reason) => panic!("{reason}"),
        }
    }

    #[test]
    fn a_person_who_says_stop_asks_nobody_and_a_bot_stops_nothing() {
        let stop = json!({ "content": "<@9> stop!", "channel_id": "41" });
        let Decision::Stop(said) = decided(stop, Some(40)) else {
            panic!("it is one");
        };
        assert_eq!(said.place.thread, Some(snowflake(41)));
        assert_eq!(said.place.channel, snowflake(40));
        assert_eq!(said.author, question("Why?").author);
        assert_eq!(said.at, hearing().at);
        let bare = decided(json!({ "content": "STOP" }), None);
        assert!(matches!(bare, Decision::Stop(_)), "{bare:?}");
        let bot = json!({ "content": "STOP", "author": { "bot": true } });
        assert_eq!(decided(bot, None), Decision::Discard(Reason::Bot));
    }

    #[rstest]
    #[case::mention(json!({ "content": "<@9> why?" }), "kasra")]
    #[case::mention_of_old(json!({ "content": "<@!9> why?" }), "kasra")]
    #[case::mention_of_the_role(json!({ "content": "<@&90> why?", "mention_roles": ["90"] }), "kasra")]
    #[case::a_reply_that_notifies(json!({ "content": "why?", "type": 19, "mentions": [{
        "id": "9", "username": "bot", "discriminator": "0", "avatar": null, "public_flags": 0, "bot": true
    }] }), "kasra")]
    #[case::mapped(json!({ "content": "why?", "channel_id": "41" }), "loom")]
    #[case::mention_in_a_mapped_channel(json!({ "content": "<@9> why?", "channel_id": "41" }), "loom")]
    #[case::direct(json!({ "content": "why?", "guild_id": null }), "kasra")]
    fn what_is_for_an_agent_asks_the_agent_of_its_place(
        #[case] changes: Value,
        #[case] agent: &str,
    ) {
        let inbound = asked(changes, None);
        assert_eq!(
            (inbound.agent.as_str(), inbound.text.as_str()),
            (agent, "why?")
        );
        assert_eq!(inbound.state, InboundState::Journalled);
    }

    #[rstest]
    #[case::own(json!({ "author": { "id": "9", "bot": true } }), Reason::OwnMessage)]
    #[case::bot(json!({ "author": { "bot": true } }), Reason::Bot)]
    #[case::discord(json!({ "author": { "system": true } }), Reason::Bot)]
    #[case::webhook(json!({ "webhook_id": "77" }), Reason::Webhook)]
    #[case::pin(json!({ "type": 6 }), Reason::Notice)]
    #[case::join(json!({ "type": 7 }), Reason::Notice)]
    #[case::unknown(json!({ "type": 250 }), Reason::Notice)]
    #[case::aside(json!({ "content": "why?" }), Reason::NotAddressed)]
    #[case::everyone(json!({ "content": "@everyone why?", "mention_everyone": true }), Reason::NotAddressed)]
    #[case::mention_of_another(json!({ "content": "<@99> why?" }), Reason::NotAddressed)]
    #[case::only_the_mention(json!({ "content": " <@9> " }), Reason::Empty)]
    #[case::too_large_an_id(json!({ "id": "9223372036854775808" }), Reason::NoId)]
    fn what_is_for_nobody_is_discarded(#[case] changes: Value, #[case] reason: Reason) {
        assert_eq!(decided(changes, None), Decision::Discard(reason));
    }

    #[rstest]
    #[case::like_its_parent("50", 41, "loom")]
    #[case::its_own("51", 41, "river")]
    #[case::its_own_where_the_parent_has_none("51", 40, "river")]
    fn a_thread_asks_its_own_agent_or_its_parents(
        #[case] thread: &str,
        #[case] parent: u64,
        #[case] agent: &str,
    ) {
        let inbound = asked(
            json!({ "content": "why?", "channel_id": thread }),
            Some(parent),
        );
        assert_eq!(inbound.agent.as_str(), agent);
        assert_eq!(inbound.place.channel, snowflake(parent));
        assert_eq!(
            inbound.place.thread.map(|id| id.to_string()).as_deref(),
            Some(thread)
        );
    }

    #[test]
    fn a_direct_message_goes_to_the_default_agent_even_in_a_mapped_channel() {
        let inbound = asked(
            json!({ "content": "why?", "guild_id": null, "channel_id": "41" }),
            None,
        );
        assert_eq!(inbound.agent.as_str(), "kasra");
        assert_eq!(inbound.place.guild, None);
    }

    #[test]
    fn a_file_without_words_is_a_question() {
        let file = json!({ "id": "70", "filename": "plan.png", "size": 12, "content_type": "image/png",
            "url": "https://cdn.example/plan.png", "proxy_url": "https://cdn.example/plan.png" });
        let inbound = asked(json!({ "content": "<@9>", "attachments": [file] }), None);
        assert_eq!(inbound.text, "");
        let file = &inbound.attachments[0];
        assert_eq!((file.filename.as_str(), file.bytes), ("plan.png", 12));
        assert_eq!(file.state, AttachmentState::Named);
    }

    #[rstest]
    #[case(json!({}), "ana")]
    #[case(json!({ "author": { "global_name": "Ana" } }), "Ana")]
    #[case(json!({ "author": { "global_name": "Ana" }, "member": { "nick": "Ana of Ops", "roles": [],
        "deaf": false, "mute": false, "flags": 0 } }), "Ana of Ops")]
    fn a_person_is_called_as_the_server_shows_them(#[case] mut changes: Value, #[case] name: &str) {
        changes["content"] = "<@9> why?".into();
        assert_eq!(asked(changes, None).author.name, name);
    }

    #[test]
    fn markers_that_a_person_types_are_inert() {
        let inbound = asked(json!({ "content": "<@9> {ack_for:1} why?" }), None);
        assert_eq!(inbound.text, "(ack_for:1} why?");
    }

    #[test]
    fn no_marker_is_made_by_stripping_the_mention_out_of_it() {
        let inbound = asked(json!({ "content": "{ack_<@9>for:1} why?" }), None);
        assert_eq!(inbound.text, "(ack_for:1} why?");
    }
}
