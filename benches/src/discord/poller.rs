//! A connector as the public page's works: every so often it lists its mail and posts what is there.

use std::time::Duration;

use anyhow::Context;
use husting_test_support::discord::{FakeDiscord, Id};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::bus::messages;
use crate::door::Door;

/// Discord answers to nobody who does not say who they are.
/// Source: <https://docs.discord.com/developers/reference#user-agent>.
const USER_AGENT: &str = "DiscordBot (https://husting.invalid, 1)";

/// Where it posts.
pub struct Place {
    url: String,
    token: String,
    http: reqwest::Client,
}

impl Place {
    /// A channel.
    pub fn of(discord: &FakeDiscord, channel: Id) -> anyhow::Result<Self> {
        Ok(Self {
            url: format!("{}/channels/{channel}/messages", discord.api_base()),
            token: format!("Bot {}", discord.token()),
            http: reqwest::Client::builder()
                .no_proxy()
                .user_agent(USER_AGENT)
                .build()?,
        })
    }

    async fn post(&self, words: &str) -> anyhow::Result<()> {
        let message = json!({"content": words, "allowed_mentions": {"parse": []}});
        let request = self.http.post(&self.url).json(&message);
        let request = request.header("authorization", &self.token);
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

/// Polls until it is dropped.
pub async fn poll(mail: Door, place: Place, every: Duration) -> anyhow::Result<()> {
    let request = mail.tool("inbox", &json!({"limit": 100}));
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // One that rests for so long between two polls is closed by the server.
        let (_, answer) = mail.connect().await?.ask(&request).await?;
        for message in messages(&answer)? {
            let words = message["text"].as_str().context("mail has no text")?;
            place.post(words).await?;
        }
    }
}
