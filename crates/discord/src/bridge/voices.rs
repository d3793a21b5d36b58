//! In whose voice a reply is posted: under the agent's own name where the bot may manage webhooks, else
//! in the bot's.
//!
//! Discord knows no nonce for a webhook's message. What may have been tried before, by this process or
//! by one that died, is therefore looked for first; see `standing`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::discord::{Place, Reply, Snowflake};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Shared;
use crate::portrait::data_uri;
use crate::sender::{Answered, Outgoing, Refusal, SendError, Speaker, Webhook};

/// What a webhook is called by which more than one agent speaks.
const SHARED_NAME: &str = "Agents";
/// Most characters of a name: <https://docs.discord.com/developers/resources/webhook#execute-webhook>.
const MOST_CHARACTERS: usize = 80;
/// Discord's own pictures, in six colours, for agents that share a webhook.
const PICTURES: &str = "https://cdn.discordapp.com/embed/avatars";

/// The webhooks, and what may have been said by them.
#[derive(Debug, Default)]
pub struct Voices {
    webhooks: Mutex<HashMap<Snowflake, Known>>,
    /// Whoever looks for a channel's webhook stands in its turn, so that its threads make no second one.
    turns: Mutex<HashMap<Snowflake, Arc<tokio::sync::Mutex<()>>>>,
    application: OnceCell<Snowflake>,
    /// Of each reply that this process took in, how many of its messages it may have tried.
    tried: Mutex<HashMap<Uuid, u32>>,
}

/// What is known of a channel.
#[derive(Clone, Debug)]
enum Known {
    /// It has a webhook of ours.
    Webhook(Webhook),
    /// There can be none: learnt once, and forgotten when permissions change.
    Barred,
}

impl Voices {
    /// Permissions may have changed.
    pub fn forget_bars(&self) {
        locked(&self.webhooks).retain(|_, known| matches!(known, Known::Webhook(_)));
    }

    /// A reply was taken in just now: nothing of it was tried.
    pub fn took_in(&self, reply: Uuid) {
        locked(&self.tried).insert(reply, 0);
    }

    /// Nothing more is tried of a reply.
    pub fn is_done(&self, reply: Uuid) {
        locked(&self.tried).remove(&reply);
    }

    /// A message of a reply is tried now; whether it may have been before.
    pub fn may_have_tried(&self, reply: Uuid, part: u32) -> bool {
        match locked(&self.tried).get_mut(&reply) {
            Some(tried) if *tried <= part => {
                *tried = part + 1;
                false
            }
            _ => true,
        }
    }

    /// Our application, once anything was asked for it.
    pub fn application(&self) -> Option<Snowflake> {
        self.application.get().copied()
    }

    fn turn(&self, channel: Snowflake) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(locked(&self.turns).entry(channel).or_default())
    }

    fn learn(&self, channel: Snowflake, known: Known) {
        locked(&self.webhooks).insert(channel, known);
    }
}

impl Shared {
    /// Posts under the agent's own name. None where that is not possible, and nothing was posted.
    pub(super) async fn speak(
        &self,
        reply: &Reply,
        post: &Outgoing,
    ) -> Result<Option<Snowflake>, SendError> {
        let Some((place, speaker)) = self.speaker(reply).await else {
            return Ok(None);
        };
        let Some(webhook) = self.webhook(place.channel).await? else {
            return Ok(None);
        };
        let speaker = Speaker {
            answers: speaker.answers.filter(|_| post.reply_to.is_some()),
            ..speaker
        };
        let sender = &self.parties.sender;
        let spoken = sender.speak(&webhook, place.channel, &speaker, post).await;
        match spoken {
            Ok(message) => Ok(Some(message)),
            Err(refused @ SendError::Refused { .. }) => {
                tracing::info!(channel = %place.channel, fault = %refused, "the bot speaks in its own voice");
                if refused.means() == Some(Refusal::Gone) {
                    // Somebody deleted it; the next message has a new one.
                    locked(&self.voices.webhooks).remove(&place.channel);
                }
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Learns which application is ours, by which its messages are known again.
    pub(super) async fn own_application(&self) -> Result<Snowflake, SendError> {
        let ask = async || Ok(self.parties.sender.application().await?.id);
        self.voices.application.get_or_try_init(ask).await.copied()
    }

    async fn speaker(&self, reply: &Reply) -> Option<(Place, Speaker)> {
        let place = reply.place.filter(|place| place.guild.is_some())?;
        let name = speakable(&reply.agent)?;
        let is_alone = self.only_agent_in(place.channel).as_deref() == Some(&reply.agent);
        let speaker = Speaker {
            picture: (!is_alone).then(|| one_of_six(&reply.agent)),
            thread: place.thread,
            answers: self.answered(reply, place).await,
            name,
        };
        Some((place, speaker))
    }

    /// Whom it answers; what cannot be read is left out.
    async fn answered(&self, reply: &Reply, place: Place) -> Option<Answered> {
        let (guild, message) = (place.guild?, reply.reply_to?);
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let question = store
            .discord_question(tenant, reply.request?)
            .await
            .ok()??;
        let channel = place.posted_to();
        Some(Answered {
            by: question.author.name,
            url: format!("https://discord.com/channels/{guild}/{channel}/{message}"),
        })
    }

    /// The agent of a channel and its threads, where it is one alone.
    fn only_agent_in(&self, channel: Snowflake) -> Option<String> {
        let manner = self.reins.manner();
        let is_here = |id: &Snowflake| {
            let parent = self.channels.get(*id).and_then(|known| known.parent);
            *id == channel || parent == Some(channel)
        };
        let agents = manner.routes.map.iter().filter(|(id, _)| is_here(id));
        let agents: BTreeSet<_> = agents.map(|(_, agent)| agent.as_str()).collect();
        let agent = agents.first().filter(|_| agents.len() == 1)?;
        Some((*agent).to_owned())
    }

    /// The webhook of a channel, found again or made; none where there can be none.
    async fn webhook(&self, channel: Snowflake) -> Result<Option<Webhook>, SendError> {
        let turn = self.voices.turn(channel);
        let _turn = turn.lock().await;
        let agent = self.only_agent_in(channel);
        let name = agent.as_deref().and_then(speakable);
        let name = name.unwrap_or_else(|| SHARED_NAME.to_owned());
        let known = locked(&self.voices.webhooks).get(&channel).cloned();
        match known {
            // Its name says whose picture it bears; the channel may be another agent's by now.
            Some(Known::Webhook(webhook)) if webhook.name == name => return Ok(Some(webhook)),
            Some(Known::Barred) => return Ok(None),
            _ => {}
        }
        match self.found_or_made(channel, &name, agent.as_deref()).await {
            Ok(webhook) => {
                self.voices.learn(channel, Known::Webhook(webhook.clone()));
                Ok(Some(webhook))
            }
            Err(SendError::Refused { code, message, .. }) => {
                tracing::warn!(%channel, code, message, "agents have no name of their own in this channel");
                self.voices.learn(channel, Known::Barred);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The webhook of a channel with this name, and the picture of its agent where it has one alone.
    async fn found_or_made(
        &self,
        channel: Snowflake,
        name: &str,
        agent: Option<&str>,
    ) -> Result<Webhook, SendError> {
        let (sender, application) = (&self.parties.sender, self.own_application().await?);
        let picture = agent.and_then(picture_of);
        let mut webhook = match sender.webhook_in(channel, application).await? {
            None => {
                sender
                    .make_webhook(channel, name, picture.as_deref())
                    .await?
            }
            Some(found) => {
                if found.name != name {
                    let picture = picture.as_deref();
                    sender.change_webhook(found.id, name, picture).await?;
                }
                found
            }
        };
        name.clone_into(&mut webhook.name);
        Ok(webhook)
    }
}

fn picture_of(agent: &str) -> Option<String> {
    data_uri(agent)
        .inspect_err(|fault| tracing::warn!(%fault, "an agent has no picture"))
        .ok()
}

/// Always the same one.
fn one_of_six(agent: &str) -> String {
    let number = Sha256::digest(agent.as_bytes())[0] % 6;
    format!("{PICTURES}/{number}.png")
}

/// An agent's name as Discord takes it; none of a blank one. Discord takes no name that has its own or
/// its old helper's in it: a dot is put there, and it can still be read.
fn speakable(agent: &str) -> Option<String> {
    let mut name: String = agent.trim().chars().take(MOST_CHARACTERS).collect();
    for (word, at) in [("discord", 3), ("clyde", 3)] {
        while let Some(found) = name.to_ascii_lowercase().find(word) {
            name.insert(found + at, '·');
        }
    }
    let name: String = name.chars().take(MOST_CHARACTERS).collect();
    let is_name =
        |name: &String| !name.is_empty() && !["everyone", "here"].contains(&name.as_str());
    Some(name).filter(is_name)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("kasra", Some("kasra"))]
    #[case::of_discord("my-discord-bot", Some("my-dis·cord-bot"))]
    #[case::in_capitals("ClydeClyde", Some("Cly·deCly·de"))]
    #[case::blank("  ", None)]
    #[case::everyone("everyone", None)]
    fn a_name_is_one_that_discord_takes(#[case] agent: &str, #[case] name: Option<&str>) {
        assert_eq!(speakable(agent).as_deref(), name);
    }

    #[test]
    fn a_long_name_is_cut() {
        let name = speakable(&"clyde".repeat(30)).unwrap();
        assert_eq!(name.chars().count(), 80, "{name}");
    }

    #[test]
    fn a_message_is_surely_untried_once_and_only_of_what_was_taken_in_here() {
        let voices = Voices::default();
        let [here, before] = [1, 2].map(Uuid::from_u128);
        voices.took_in(here);
        let tries = [(here, 0), (here, 0), (here, 1), (here, 1), (before, 0)];
        let may_have = tries.map(|(reply, part)| voices.may_have_tried(reply, part));
        assert_eq!(may_have, [false, true, false, true, true]);
        voices.is_done(here);
        assert!(voices.may_have_tried(here, 2));
    }
}
