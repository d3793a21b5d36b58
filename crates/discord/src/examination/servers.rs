//! Servers that a bot is in, with the channels in which it could be written to.

use std::collections::BTreeMap;

use husting_domain::discord::Snowflake;
use twilight_model::channel::{Channel, ChannelType};
use twilight_model::id::Id;
use twilight_model::id::marker::ChannelMarker;

use super::permissions::{Lacking, Server};
use crate::sender::{Guild, SendError, Sender};

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenServer {
    /// Its id.
    pub id: Snowflake,
    /// As it is called.
    pub name: String,
    /// In Discord's order, threads behind their channel.
    pub channels: Vec<SeenChannel>,
}

/// A channel or thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChannel {
    /// Its id.
    pub id: Snowflake,
    /// As it is called.
    pub name: String,
    /// The category that it stands under.
    pub category: Option<String>,
    /// Of a thread the channel it is in.
    pub parent: Option<Snowflake>,
    /// What the bot may not do there.
    pub lacking: Lacking,
}

/// All servers of a bot, by name.
///
/// # Errors
/// [`SendError`] of the first question that gets no answer.
pub async fn servers(sender: &Sender, bot: Snowflake) -> Result<Vec<SeenServer>, SendError> {
    let mut servers = Vec::new();
    for guild in sender.guilds().await? {
        servers.push(server(sender, guild, bot).await?);
    }
    servers.sort_by_cached_key(|server| (server.name.to_lowercase(), server.id));
    Ok(servers)
}

async fn server(sender: &Sender, guild: Guild, bot: Snowflake) -> Result<SeenServer, SendError> {
    let rules = Server::of(sender, guild.id, bot).await?;
    let channels = sender.channels_of(guild.id).await?;
    let threads = sender.threads_of(guild.id).await?;
    Ok(SeenServer {
        id: guild.id,
        name: guild.name,
        channels: in_order(&channels, threads, |channel| rules.lacking(channel)),
    })
}

/// Channels without a category first, then each category's; in it those that are read before those that
/// are heard, by their position.
fn in_order(
    channels: &[Channel],
    mut threads: Vec<Channel>,
    lacking: impl Fn(&Channel) -> Lacking,
) -> Vec<SeenChannel> {
    let categories: BTreeMap<Id<ChannelMarker>, &Channel> = channels
        .iter()
        .filter(|channel| channel.kind == ChannelType::GuildCategory)
        .map(|category| (category.id, category))
        .collect();
    let category_of = |channel: &Channel| categories.get(&channel.parent_id?).copied();
    let mut ordered: Vec<&Channel> = channels
        .iter()
        .filter(|channel| is_written(channel))
        .collect();
    ordered.sort_by_key(|channel| {
        let category = category_of(channel).map(|category| (category.position, category.id));
        (category, is_heard(channel), channel.position, channel.id)
    });
    threads.sort_by_key(|thread| thread.id);
    let mut seen = Vec::new();
    for channel in ordered {
        let category = category_of(channel).and_then(|category| category.name.clone());
        let lacking = lacking(channel);
        let own = threads
            .iter()
            .filter(|thread| thread.parent_id == Some(channel.id));
        let parent = id(channel);
        let of = |shown: &Channel, parent| {
            Some(SeenChannel {
                id: id(shown)?,
                name: shown.name.clone().unwrap_or_default(),
                category: category.clone(),
                parent,
                lacking: Lacking {
                    name: shown.name.clone(),
                    ..lacking.clone()
                },
            })
        };
        seen.extend(of(channel, None));
        seen.extend(own.filter_map(|thread| of(thread, parent)));
    }
    seen
}

fn id(channel: &Channel) -> Option<Snowflake> {
    Snowflake::new(channel.id.get()).ok()
}

/// Whether people write there, or in threads of it.
const fn is_written(channel: &Channel) -> bool {
    matches!(
        channel.kind,
        ChannelType::GuildText
            | ChannelType::GuildAnnouncement
            | ChannelType::GuildForum
            | ChannelType::GuildMedia
            | ChannelType::GuildVoice
            | ChannelType::GuildStageVoice
    )
}

const fn is_heard(channel: &Channel) -> bool {
    matches!(
        channel.kind,
        ChannelType::GuildVoice | ChannelType::GuildStageVoice
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn channel(id: u64, kind: u8, position: i32, parent: Option<u64>) -> Channel {
        let mut shown = json!({ "id": id.to_string(), "type": kind, "position": position, "name": format!("c{id}") });
        shown["parent_id"] = parent.map_or(Value::Null, |parent| json!(parent.to_string()));
        serde_json::from_value(shown).unwrap()
    }

    #[test]
    fn channels_stand_as_discord_shows_them_with_their_threads_behind_them() {
        let (text, voice, category) = (0, 2, 4);
        let channels = [
            channel(1, category, 1, None),
            channel(2, category, 0, None),
            channel(10, voice, 0, Some(1)),
            channel(11, text, 5, Some(1)),
            channel(12, text, 3, Some(1)),
            channel(13, text, 9, Some(2)),
            channel(14, text, 7, None),
        ];
        let threads = vec![
            channel(31, 11, 0, Some(12)),
            channel(30, 11, 0, Some(12)),
            channel(32, 11, 0, Some(99)),
        ];
        let seen = in_order(&channels, threads, |_| Lacking::default());
        let numbers: Vec<_> = seen.iter().map(|each| each.id.get()).collect();
        assert_eq!(numbers, [14, 13, 12, 30, 31, 11, 10]);
        assert_eq!(seen[3].parent.map(Snowflake::get), Some(12));
        assert_eq!(seen[3].category.as_deref(), Some("c1"));
        assert_eq!(seen[0].category, None);
    }
}
