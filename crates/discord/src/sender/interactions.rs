//! What is asked around interactions: answering them, registering commands, messages with buttons.
//! <https://docs.discord.com/developers/interactions/receiving-and-responding>. An interaction's token is a
//! secret: whoever has it speaks as the bot for a quarter of an hour.

use husting_domain::discord::Snowflake;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::limits::POST;
use super::requests::{Body, Request, path};
use super::{SendError, Sender, views};

/// Discord's answer to an answer.
#[derive(Debug, Deserialize)]
struct Answered {
    interaction: AnsweredWith,
}

#[derive(Debug, Deserialize)]
struct AnsweredWith {
    #[serde(default)]
    response_message_id: Option<Snowflake>,
}

impl Sender {
    /// Answers an interaction, which must be within three seconds of it; gives Discord's id of the message
    /// that it became, where it became one.
    ///
    /// # Errors
    /// [`SendError`]; 10062 when it is too late, 40060 when it was answered before.
    pub async fn answer(
        &self,
        interaction: Snowflake,
        token: &SecretString,
        answer: Value,
    ) -> Result<Option<Snowflake>, SendError> {
        let name = "POST /interactions/{interaction.id}/{interaction.token}/callback";
        let mut request = Request::of(Method::POST, name, Some(interaction));
        let (id, token) = (interaction.to_string(), token.expose_secret());
        request.path = path(&["interactions", &id, token, "callback"]);
        request.query = vec![("with_response", "true".to_owned())];
        request.body = Body::Json(answer);
        let answered: Answered = self.asking.json(&request).await?;
        Ok(answered.interaction.response_message_id)
    }

    /// The message by which an interaction was answered.
    ///
    /// # Errors
    /// [`SendError`]; 10015 or 50027 when there is none or the token is too old.
    pub async fn answer_of(
        &self,
        application: Snowflake,
        token: &SecretString,
    ) -> Result<Snowflake, SendError> {
        let request = original(Method::GET, application, token);
        let views::Made { id } = self.asking.json(&request).await?;
        Ok(id)
    }

    /// Puts other words in the place of an answer, also of one that was deferred.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn change_answer(
        &self,
        application: Snowflake,
        token: &SecretString,
        message: Value,
    ) -> Result<(), SendError> {
        let mut request = original(Method::PATCH, application, token);
        request.body = Body::Json(message);
        let views::Made { .. } = self.asking.json(&request).await?;
        Ok(())
    }

    /// Posts a message as it is given, with its nonce; gives Discord's id of it.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn post_whole(
        &self,
        channel: Snowflake,
        message: Value,
    ) -> Result<Snowflake, SendError> {
        let mut request = Request::of(Method::POST, POST, Some(channel));
        request.path = path(&["channels", &channel.to_string(), "messages"]);
        request.body = Body::Json(message);
        let views::Made { id } = self.asking.json(&request).await?;
        Ok(id)
    }

    /// Changes a message of the bot's.
    ///
    /// # Errors
    /// [`SendError`]; 10008 when it was deleted.
    pub async fn change(
        &self,
        channel: Snowflake,
        message: Snowflake,
        words: Value,
    ) -> Result<(), SendError> {
        let name = "PATCH /channels/{channel.id}/messages/{message.id}";
        let mut request = Request::of(Method::PATCH, name, Some(channel));
        let (channel, message) = (channel.to_string(), message.to_string());
        request.path = path(&["channels", &channel, "messages", &message]);
        request.body = Body::Json(words);
        let views::Made { .. } = self.asking.json(&request).await?;
        Ok(())
    }

    /// Makes a public thread of a message; gives Discord's id of it, which is the message's.
    ///
    /// # Errors
    /// [`SendError`]; 160004 when the message has one.
    pub async fn begin_thread(
        &self,
        channel: Snowflake,
        message: Snowflake,
        name: &str,
    ) -> Result<Snowflake, SendError> {
        let route = "POST /channels/{channel.id}/messages/{message.id}/threads";
        let mut request = Request::of(Method::POST, route, Some(channel));
        let (channel, message) = (channel.to_string(), message.to_string());
        request.path = path(&["channels", &channel, "messages", &message, "threads"]);
        request.body = Body::Json(serde_json::json!({ "name": name }));
        let views::Made { id } = self.asking.json(&request).await?;
        Ok(id)
    }

    /// The application's commands, as they are registered everywhere.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn commands(&self, application: Snowflake) -> Result<Vec<Value>, SendError> {
        let name = "GET /applications/{application.id}/commands";
        let mut request = Request::of(Method::GET, name, None);
        request.path = path(&["applications", &application.to_string(), "commands"]);
        self.asking.json(&request).await
    }

    /// Registers these commands in place of all that were.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn register(&self, application: Snowflake, commands: Value) -> Result<(), SendError> {
        let name = "PUT /applications/{application.id}/commands";
        let mut request = Request::of(Method::PUT, name, None);
        request.path = path(&["applications", &application.to_string(), "commands"]);
        request.body = Body::Json(commands);
        let _registered: Vec<IgnoredAny> = self.asking.json(&request).await?;
        Ok(())
    }
}

fn original(method: Method, application: Snowflake, token: &SecretString) -> Request {
    let name = "/webhooks/{application.id}/{interaction.token}/messages/@original";
    let mut request = Request::of(method, name, None);
    let (application, token) = (application.to_string(), token.expose_secret());
    request.path = path(&["webhooks", &application, token, "messages", "@original"]);
    request
}
