//! What is asked, as Discord wants it.

use husting_domain::discord::Snowflake;
use reqwest::{Method, RequestBuilder, Url, multipart};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};

use super::Outgoing;
use super::limits::{POST, Route};
use super::webhooks::{Speaker, Webhook};

/// One request; it can be sent more than once.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub route: Route,
    pub(super) method: Method,
    /// The path below the API's address, part by part, not escaped.
    pub(super) path: Vec<String>,
    /// A webhook's token, with which the path ends. It stands for the bot's own.
    token: Option<SecretString>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    Json(Value),
    /// JSON with one file of text beside it.
    WithFile(Value, String, String),
}

impl Body {
    fn of(mut fields: Value, post: &Outgoing) -> Self {
        match &post.file {
            None => Self::Json(fields),
            Some((name, words)) => {
                fields["attachments"] = json!([{"id": 0, "filename": name}]);
                Self::WithFile(fields, name.clone(), words.clone())
            }
        }
    }
}

/// What every message has.
fn fields_of(post: &Outgoing) -> Value {
    json!({
        "content": post.content,
        // Nobody is notified, whatever an agent writes.
        "allowed_mentions": {"parse": []},
    })
}

impl Request {
    /// <https://docs.discord.com/developers/resources/message#create-message>.
    pub fn post(channel: Snowflake, post: &Outgoing) -> Self {
        let mut fields = fields_of(post);
        fields["nonce"] = json!(post.nonce);
        fields["enforce_nonce"] = json!(true);
        if let Some(message) = post.reply_to {
            fields["message_reference"] =
                json!({"message_id": message, "fail_if_not_exists": false});
        }
        let mut request = Self::of(Method::POST, POST, Some(channel));
        request.route.posts_in = Some(channel);
        request.path = path(&["channels", &channel.to_string(), "messages"]);
        request.body = Body::of(fields, post);
        request
    }

    /// <https://docs.discord.com/developers/resources/webhook#execute-webhook>. It counts as a message
    /// of the place that it is posted in.
    pub fn speak(
        webhook: &Webhook,
        channel: Snowflake,
        speaker: &Speaker,
        post: &Outgoing,
    ) -> Self {
        let mut fields = fields_of(post);
        fields["username"] = json!(speaker.name);
        if let Some(picture) = &speaker.picture {
            fields["avatar_url"] = json!(picture);
        }
        if let Some(answered) = &speaker.answers {
            let author = json!({"name": format!("↩ {}", answered.by), "url": answered.url});
            fields["embeds"] = json!([{ "author": author }]);
        }
        let name = "POST /webhooks/{webhook.id}/{webhook.token}";
        let mut request = Self::of(Method::POST, name, Some(webhook.id));
        request.route.posts_in = Some(speaker.thread.unwrap_or(channel));
        request.path = path(&["webhooks", &webhook.id.to_string()]);
        request.token = Some(webhook.token.clone());
        request.query = vec![("wait", "true".to_owned())];
        let thread = speaker.thread.map(|thread| thread.to_string());
        request
            .query
            .extend(thread.map(|thread| ("thread_id", thread)));
        request.body = Body::of(fields, post);
        request
    }

    pub fn webhooks_of(channel: Snowflake) -> Self {
        let name = "GET /channels/{channel.id}/webhooks";
        let mut request = Self::of(Method::GET, name, Some(channel));
        request.path = path(&["channels", &channel.to_string(), "webhooks"]);
        request
    }

    pub fn make_webhook(channel: Snowflake, called: &str, picture: Option<&str>) -> Self {
        let name = "POST /channels/{channel.id}/webhooks";
        let mut request = Self::of(Method::POST, name, Some(channel));
        request.path = path(&["channels", &channel.to_string(), "webhooks"]);
        request.body = Body::Json(json!({"name": called, "avatar": picture}));
        request
    }

    pub fn change_webhook(webhook: Snowflake, called: &str, picture: Option<&str>) -> Self {
        let mut request = Self::of(Method::PATCH, "PATCH /webhooks/{webhook.id}", Some(webhook));
        request.path = path(&["webhooks", &webhook.to_string()]);
        request.body = Body::Json(json!({"name": called, "avatar": picture}));
        request
    }

    /// Whether it says who asks by itself, and the bot's token is none of its business.
    pub const fn has_own_token(&self) -> bool {
        self.token.is_some()
    }

    pub fn react(channel: Snowflake, message: Snowflake, emoji: &str) -> Self {
        let name = "PUT /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me";
        let mut request = Self::of(Method::PUT, name, Some(channel));
        request.path = reaction(channel, message, emoji);
        request
    }

    pub fn unreact(channel: Snowflake, message: Snowflake, emoji: &str) -> Self {
        let name = "DELETE /channels/{channel.id}/messages/{message.id}/reactions/{emoji.id}/@me";
        let mut request = Self::of(Method::DELETE, name, Some(channel));
        request.path = reaction(channel, message, emoji);
        request
    }

    pub fn channel(id: Snowflake) -> Self {
        let mut request = Self::of(Method::GET, "GET /channels/{channel.id}", Some(id));
        request.path = path(&["channels", &id.to_string()]);
        request
    }

    pub fn messages_after(channel: Snowflake, after: Snowflake, limit: u16) -> Self {
        let name = "GET /channels/{channel.id}/messages";
        let mut request = Self::of(Method::GET, name, Some(channel));
        request.path = path(&["channels", &channel.to_string(), "messages"]);
        request.query = vec![("after", after.to_string()), ("limit", limit.to_string())];
        request
    }

    /// Messages before one, or the newest.
    pub fn messages_before(channel: Snowflake, before: Option<Snowflake>, limit: u16) -> Self {
        let mut request = Self::messages_after(channel, channel, limit);
        let before = before.map(|before| ("before", before.to_string()));
        request.query = before.into_iter().collect();
        request.query.push(("limit", limit.to_string()));
        request
    }

    pub fn me() -> Self {
        let mut request = Self::of(Method::GET, "GET /users/@me", None);
        request.path = path(&["users", "@me"]);
        request
    }

    pub fn application() -> Self {
        let mut request = Self::of(Method::GET, "GET /applications/@me", None);
        request.path = path(&["applications", "@me"]);
        request
    }

    pub fn gateway_bot() -> Self {
        let mut request = Self::of(Method::GET, "GET /gateway/bot", None);
        request.path = path(&["gateway", "bot"]);
        request
    }

    pub fn guilds(after: Option<Snowflake>, limit: usize) -> Self {
        let mut request = Self::of(Method::GET, "GET /users/@me/guilds", None);
        request.path = path(&["users", "@me", "guilds"]);
        request.query = vec![("limit", limit.to_string())];
        request
            .query
            .extend(after.map(|after| ("after", after.to_string())));
        request
    }

    pub fn channels_of(guild: Snowflake) -> Self {
        let name = "GET /guilds/{guild.id}/channels";
        let mut request = Self::of(Method::GET, name, Some(guild));
        request.path = path(&["guilds", &guild.to_string(), "channels"]);
        request
    }

    /// <https://docs.discord.com/developers/resources/guild#list-active-guild-threads>.
    pub fn threads_of(guild: Snowflake) -> Self {
        let name = "GET /guilds/{guild.id}/threads/active";
        let mut request = Self::of(Method::GET, name, Some(guild));
        request.path = path(&["guilds", &guild.to_string(), "threads", "active"]);
        request
    }

    pub fn roles_of(guild: Snowflake) -> Self {
        let mut request = Self::of(Method::GET, "GET /guilds/{guild.id}/roles", Some(guild));
        request.path = path(&["guilds", &guild.to_string(), "roles"]);
        request
    }

    pub fn member(guild: Snowflake, user: Snowflake) -> Self {
        let name = "GET /guilds/{guild.id}/members/{user.id}";
        let mut request = Self::of(Method::GET, name, Some(guild));
        request.path = path(&["guilds", &guild.to_string(), "members", &user.to_string()]);
        request
    }

    pub(super) const fn of(method: Method, name: &'static str, major: Option<Snowflake>) -> Self {
        Self {
            route: Route {
                name,
                major,
                posts_in: None,
            },
            method,
            path: Vec::new(),
            token: None,
            query: Vec::new(),
            body: Body::None,
        }
    }

    /// Makes it ready to leave, below `base`.
    pub fn build(
        &self,
        client: &reqwest::Client,
        base: &Url,
    ) -> Result<RequestBuilder, reqwest::Error> {
        let mut url = base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(&self.path);
            parts.extend(self.token.as_ref().map(ExposeSecret::expose_secret));
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let builder = client.request(self.method.clone(), url);
        Ok(match &self.body {
            Body::None => builder,
            Body::Json(fields) => builder.json(fields),
            Body::WithFile(fields, name, words) => {
                builder.multipart(with_file(fields, name, words)?)
            }
        })
    }
}

/// <https://docs.discord.com/developers/reference#uploading-files>: a library's default for mentions is
/// lost here, because all fields stand in `payload_json`.
fn with_file(
    fields: &impl Serialize,
    name: &str,
    words: &str,
) -> Result<multipart::Form, reqwest::Error> {
    // A `Value` is always JSON.
    let fields = serde_json::to_string(fields).unwrap_or_default();
    let fields = multipart::Part::text(fields).mime_str("application/json")?;
    let file = multipart::Part::text(words.to_owned())
        .file_name(name.to_owned())
        .mime_str("text/plain; charset=utf-8")?;
    Ok(multipart::Form::new()
        .part("payload_json", fields)
        .part("files[0]", file))
}

fn reaction(channel: Snowflake, message: Snowflake, emoji: &str) -> Vec<String> {
    let (channel, message) = (channel.to_string(), message.to_string());
    path(&[
        "channels",
        &channel,
        "messages",
        &message,
        "reactions",
        emoji,
        "@me",
    ])
}

pub(super) fn path(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[test]
    fn what_a_webhook_says_in_a_thread_counts_there() {
        let webhook = Webhook {
            id: id(9),
            name: "loom".to_owned(),
            token: "secret".into(),
        };
        let post = Outgoing {
            content: "Done.".to_owned(),
            reply_to: None,
            file: None,
            nonce: String::new(),
        };
        for (thread, counts_in) in [(None, 1), (Some(id(2)), 2)] {
            let speaker = Speaker {
                name: "loom".to_owned(),
                picture: None,
                thread,
                answers: None,
            };
            let spoken = Request::speak(&webhook, id(1), &speaker, &post);
            assert_eq!(spoken.route.posts_in, Some(id(counts_in)));
        }
    }
}
