//! What is asked, as Discord wants it.

use husting_domain::discord::Snowflake;
use reqwest::{Method, RequestBuilder, Url, multipart};
use serde::Serialize;
use serde_json::{Value, json};

use super::Outgoing;
use super::limits::{POST, Route};

/// One request; it can be sent more than once.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub route: Route,
    method: Method,
    /// The path below the API's address, part by part, not escaped.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Json(Value),
    /// JSON with one file of text beside it.
    WithFile(Value, String, String),
}

impl Request {
    /// <https://docs.discord.com/developers/resources/message#create-message>.
    pub fn post(channel: Snowflake, post: &Outgoing) -> Self {
        let mut fields = json!({
            "content": post.content,
            "nonce": post.nonce,
            "enforce_nonce": true,
            // Nobody is notified, whatever an agent writes.
            "allowed_mentions": {"parse": []},
        });
        if let Some(message) = post.reply_to {
            fields["message_reference"] =
                json!({"message_id": message, "fail_if_not_exists": false});
        }
        let body = match &post.file {
            None => Body::Json(fields),
            Some((name, words)) => {
                fields["attachments"] = json!([{"id": 0, "filename": name}]);
                Body::WithFile(fields, name.clone(), words.clone())
            }
        };
        let mut request = Self::of(Method::POST, POST, Some(channel));
        request.path = path(&["channels", &channel.to_string(), "messages"]);
        request.body = body;
        request
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

    const fn of(method: Method, name: &'static str, major: Option<Snowflake>) -> Self {
        Self {
            route: Route { name, major },
            method,
            path: Vec::new(),
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

fn path(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}
