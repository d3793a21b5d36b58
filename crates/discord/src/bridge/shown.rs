//! A message as Discord shows it when channels are read back.

use husting_domain::discord::Snowflake;
use serde::Deserialize;

/// What is read of a message; the rest of it may be anything.
/// Source: <https://docs.discord.com/developers/resources/message#message-object>.
#[derive(Debug, Deserialize)]
pub struct Shown {
    pub id: Snowflake,
    author: Named,
    pub content: String,
    /// The webhook that posted it.
    #[serde(default)]
    pub webhook_id: Option<Snowflake>,
    /// The application whose webhook that is.
    #[serde(default)]
    pub application_id: Option<Snowflake>,
    #[serde(default)]
    message_reference: Option<Reference>,
    #[serde(default)]
    interaction_metadata: Option<Named>,
    #[serde(default)]
    reactions: Vec<Reaction>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: Snowflake,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    message_id: Option<Snowflake>,
}

/// Of all who set a mark, only whether the bot is among them counts.
#[derive(Debug, Deserialize)]
struct Reaction {
    me: bool,
    emoji: Emoji,
}

#[derive(Debug, Deserialize)]
struct Emoji {
    /// None of one that was deleted.
    name: Option<String>,
}

impl Shown {
    /// Whether the bot wrote it, under its own name.
    pub fn is_by(&self, bot: Snowflake) -> bool {
        self.author.id == bot
    }

    /// The message that it is a reply to; none once that was deleted.
    pub fn replies_to(&self) -> Option<Snowflake> {
        let reference = self.message_reference.as_ref()?;
        reference.message_id
    }

    /// The command or button that it answers.
    pub fn interaction(&self) -> Option<Snowflake> {
        let interaction = self.interaction_metadata.as_ref()?;
        Some(interaction.id)
    }

    /// The marks that the bot set on it.
    pub fn own_marks(&self) -> impl Iterator<Item = &str> {
        let own = self.reactions.iter().filter(|reaction| reaction.me);
        own.filter_map(|reaction| reaction.emoji.name.as_deref())
    }
}
