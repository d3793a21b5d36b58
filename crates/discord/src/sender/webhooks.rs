//! Webhooks: how the bot posts under an agent's name.
//! <https://docs.discord.com/developers/resources/webhook>.

use std::fmt;

use husting_domain::discord::Snowflake;
use secrecy::SecretString;
use serde::Deserialize;

use super::requests::Request;
use super::{Outgoing, SendError, Sender, views};

/// A webhook of the bot's own. Whoever has its token may post by it, so the token is kept in memory
/// alone.
#[derive(Clone)]
pub struct Webhook {
    /// Its id, which is also the author's of what is posted by it.
    pub id: Snowflake,
    /// What it is called where a message names nobody else.
    pub name: String,
    pub(super) token: SecretString,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// As whom a message is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// At most 80 characters, and neither "clyde" nor "discord" in it.
    pub name: String,
    /// Where a picture of it is; none where the webhook's own is its picture.
    pub picture: Option<String>,
    /// The thread of the webhook's channel to post in; none for the channel itself.
    pub thread: Option<Snowflake>,
    /// What it answers, in place of a reply, which a webhook's message cannot be.
    pub answers: Option<Answered>,
}

/// The message that is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Who asked, as people call them.
    pub by: String,
    /// The address of what they wrote.
    pub url: String,
}

/// A webhook, as it is listed. Those of other applications come without a token.
#[derive(Deserialize)]
struct Listed {
    id: Snowflake,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    application_id: Option<Snowflake>,
}

impl Listed {
    fn webhook(self) -> Option<Webhook> {
        Some(Webhook {
            id: self.id,
            name: self.name.unwrap_or_default(),
            token: self.token?.into(),
        })
    }
}

impl Sender {
    /// The webhook that an application made in a channel, if it did; of several the oldest.
    ///
    /// # Errors
    /// [`SendError`]; `Forbidden` where the bot may not manage webhooks.
    pub async fn webhook_in(
        &self,
        channel: Snowflake,
        application: Snowflake,
    ) -> Result<Option<Webhook>, SendError> {
        let request = Request::webhooks_of(channel);
        let listed: Vec<Listed> = self.asking.json(&request).await?;
        let own = listed
            .into_iter()
            .filter(|each| each.application_id == Some(application))
            .filter_map(Listed::webhook);
        Ok(own.min_by_key(|webhook| webhook.id))
    }

    /// Makes a webhook in a channel, with a picture where there is one: `data:image/png;base64,…`.
    ///
    /// # Errors
    /// [`SendError`]; 30007 when the channel has as many as it can.
    pub async fn make_webhook(
        &self,
        channel: Snowflake,
        name: &str,
        picture: Option<&str>,
    ) -> Result<Webhook, SendError> {
        let request = Request::make_webhook(channel, name, picture);
        let made: Listed = self.asking.json(&request).await?;
        let made = made.webhook();
        made.ok_or_else(|| SendError::Unreachable("it made a webhook without a token".to_owned()))
    }

    /// Gives a webhook another name and picture; none takes the picture away.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn change_webhook(
        &self,
        webhook: Snowflake,
        name: &str,
        picture: Option<&str>,
    ) -> Result<(), SendError> {
        let request = Request::change_webhook(webhook, name, picture);
        let views::Made { .. } = self.asking.json(&request).await?;
        Ok(())
    }

    /// Posts a message by a webhook of `channel`; gives its id. Discord knows no nonce here, so that it
    /// is tried once: after [`SendError::Unreachable`] it may stand there or not.
    ///
    /// # Errors
    /// [`SendError`]; 10015 and 50027 when the webhook is gone.
    pub async fn speak(
        &self,
        webhook: &Webhook,
        channel: Snowflake,
        speaker: &Speaker,
        post: &Outgoing,
    ) -> Result<Snowflake, SendError> {
        let request = Request::speak(webhook, channel, speaker, post);
        let views::Made { id } = self.asking.json(&request).await?;
        Ok(id)
    }
}
