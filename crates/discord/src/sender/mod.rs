//! The sender: everything that is asked of Discord's REST API, within its limits.
//!
//! What is asked on one route of one channel leaves in the order it was asked in, and one after the
//! other; channels do not wait for each other. `limits` says when a request may leave; `asking` waits
//! for it, tries again what got no answer, and stops when the token is not taken.

mod answers;
mod asking;
mod errors;
mod interactions;
mod limits;
mod refusals;
mod requests;
mod views;
mod webhooks;

use std::fmt;
use std::sync::Arc;

use husting_clock::SharedClock;
use husting_domain::discord::Snowflake;
use secrecy::SecretString;
use serde_json::value::RawValue;
use twilight_model::channel::Channel;

use asking::Asking;
use requests::Request;

pub use errors::{SendError, SenderError};
pub use refusals::Refusal;
pub use views::{Application, Bot, GatewayBot, Guild, Member, Role, SessionStarts};
pub use webhooks::{Answered, Speaker, Webhook};

/// Most messages Discord gives at once.
const MESSAGES: u16 = 100;
/// Most servers Discord gives at once.
const GUILDS: usize = 200;

/// One message to post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// At most 2,000 characters.
    pub content: String,
    /// The message it is shown as a reply to; when that one is gone it is posted without.
    pub reply_to: Option<Snowflake>,
    /// A file beside it: its name and words.
    pub file: Option<(String, String)>,
    /// By which Discord knows a second try: at most 25 characters.
    pub nonce: String,
}

/// Asks Discord's REST API as one bot. Its copies share their limits and their token.
#[derive(Clone)]
pub struct Sender {
    asking: Arc<Asking>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl Sender {
    /// Asks at `api_base`, for example `https://discord.com/api/v10`. Nothing is asked yet.
    ///
    /// # Errors
    /// [`SenderError`]: an address that is none, a token no header can carry, no TLS.
    pub fn new(
        token: SecretString,
        api_base: String,
        clock: SharedClock,
    ) -> Result<Self, SenderError> {
        let asking = Arc::new(Asking::new(&token, &api_base, clock)?);
        Ok(Self { asking })
    }

    /// Takes another token. What waited because the old one was not taken has failed by then; what is
    /// asked from now on leaves with the new one.
    ///
    /// # Errors
    /// [`SenderError::Token`].
    pub fn set_token(&self, token: &SecretString) -> Result<(), SenderError> {
        self.asking.set_token(token)
    }

    /// Posts a message; gives Discord's id of it. The same nonce within a few minutes posts nothing new
    /// and gives the same id.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn post(&self, channel: Snowflake, post: &Outgoing) -> Result<Snowflake, SendError> {
        let request = Request::post(channel, post);
        let views::Made { id } = self.asking.json(&request).await?;
        Ok(id)
    }

    /// Puts an emoji under a message as the bot; one that is there already is fine.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn react(
        &self,
        channel: Snowflake,
        message: Snowflake,
        emoji: &str,
    ) -> Result<(), SendError> {
        let request = Request::react(channel, message, emoji);
        self.asking.nothing(&request).await
    }

    /// Takes the bot's emoji away again.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn unreact(
        &self,
        channel: Snowflake,
        message: Snowflake,
        emoji: &str,
    ) -> Result<(), SendError> {
        let request = Request::unreact(channel, message, emoji);
        self.asking.nothing(&request).await
    }

    /// A channel, thread or direct message.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn channel(&self, id: Snowflake) -> Result<Channel, SendError> {
        self.asking.json(&Request::channel(id)).await
    }

    /// Messages of a channel after one, the oldest first and at most 100; each as Discord wrote it, like
    /// the data of `MESSAGE_CREATE`, but without `guild_id` and `member`.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn messages_after(
        &self,
        channel: Snowflake,
        after: Snowflake,
        limit: u16,
    ) -> Result<Vec<Box<RawValue>>, SendError> {
        let request = Request::messages_after(channel, after, limit.clamp(1, MESSAGES));
        let mut newest_first: Vec<Box<RawValue>> = self.asking.json(&request).await?;
        newest_first.reverse();
        Ok(newest_first)
    }

    /// Messages of a channel before one, or the newest; the newest first and at most 100, each as
    /// [`Sender::messages_after`] gives them.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn messages_before(
        &self,
        channel: Snowflake,
        before: Option<Snowflake>,
        limit: u16,
    ) -> Result<Vec<Box<RawValue>>, SendError> {
        let request = Request::messages_before(channel, before, limit.clamp(1, MESSAGES));
        self.asking.json(&request).await
    }

    /// The bot itself.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn me(&self) -> Result<Bot, SendError> {
        self.asking.json(&Request::me()).await
    }

    /// What the portal says of the application: granted intents, an endpoint for interactions.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn application(&self) -> Result<Application, SendError> {
        self.asking.json(&Request::application()).await
    }

    /// Where the gateway is, and how many sessions may still be started.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn gateway_bot(&self) -> Result<GatewayBot, SendError> {
        self.asking.json(&Request::gateway_bot()).await
    }

    /// All servers the bot is in.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn guilds(&self) -> Result<Vec<Guild>, SendError> {
        let mut guilds: Vec<Guild> = Vec::new();
        loop {
            let last = guilds.last().map(|guild| guild.id);
            let page: Vec<Guild> = self.asking.json(&Request::guilds(last, GUILDS)).await?;
            let is_last = page.len() < GUILDS;
            guilds.extend(page);
            if is_last {
                return Ok(guilds);
            }
        }
    }

    /// The channels of a server, without its threads.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn channels_of(&self, guild: Snowflake) -> Result<Vec<Channel>, SendError> {
        self.asking.json(&Request::channels_of(guild)).await
    }

    /// The threads of a server that are not archived.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn threads_of(&self, guild: Snowflake) -> Result<Vec<Channel>, SendError> {
        let views::ActiveThreads { threads } =
            self.asking.json(&Request::threads_of(guild)).await?;
        Ok(threads)
    }

    /// The roles of a server.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn roles_of(&self, guild: Snowflake) -> Result<Vec<Role>, SendError> {
        self.asking.json(&Request::roles_of(guild)).await
    }

    /// A user as a member of a server.
    ///
    /// # Errors
    /// [`SendError`]; 10007 when they are none.
    pub async fn member(&self, guild: Snowflake, user: Snowflake) -> Result<Member, SendError> {
        self.asking.json(&Request::member(guild, user)).await
    }
}
