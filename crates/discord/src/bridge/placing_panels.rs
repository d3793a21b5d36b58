//! A panel's messages stand where it was asked for, each once: the one that shows the question, a thread
//! made of it where the bot may, and in that the one that shows the panel.

use husting_domain::discord::Snowflake;
use husting_domain::discord_panels::DiscordPanel;
use husting_store::{DiscordWrite, PanelWrite};
use serde_json::Value;
use uuid::Uuid;

use super::Shared;
use super::faults::DiscordStepError;
use super::intake::parsed;
use super::nonces;
use super::shown::Shown;
use crate::interactions::{cut, plain_message, shown_question};
use crate::panels::{brief, heading};
use crate::parts::nonce;
use crate::sender::{Refusal, SendError};

/// Discord's code for a message of which a thread was made.
const HAS_THREAD: u32 = 160_004;
/// Messages among which it is looked for.
const LOOKED_AT: u16 = 100;
/// Most of a thread's name, in UTF-16 code units.
const NAME: usize = 100;

impl Shared {
    /// The panel with all its messages in their places.
    pub(super) async fn placed(
        &self,
        mut panel: DiscordPanel,
    ) -> Result<DiscordPanel, DiscordStepError> {
        if panel.message.is_some() {
            return Ok(panel);
        }
        let answer = self.answer_of_panel(&panel).await?;
        panel.answer = Some(answer);
        let is_plain_channel = panel.place.guild.is_some() && panel.place.thread.is_none();
        if is_plain_channel && panel.thread.is_none() {
            panel.thread = self.thread_of(&panel, answer).await?;
        }
        let found = match nonces::may_be_forgotten(panel.asked_at, self.parties.clock.now()) {
            true => {
                let after = if panel.thread.is_some() {
                    panel.interaction
                } else {
                    answer
                };
                let first = heading(&panel);
                let is_it = |shown: &Shown| shown.content.starts_with(&first);
                self.own_message(panel.shown_in(), after, is_it).await?
            }
            false => None,
        };
        let message = match found {
            Some(message) => message,
            None => {
                let words = brief(&panel, None);
                self.post_once(panel.shown_in(), words, panel.id, 1).await?
            }
        };
        let shown = PanelWrite::Shown {
            panel: panel.id,
            message,
        };
        self.keep([DiscordWrite::Panel(shown)]).await?;
        panel.message = Some(message);
        Ok(panel)
    }

    /// The message that shows the question. One whose id was not noted is found by the command that it
    /// answers; where it never came to stand it is posted.
    pub(super) async fn answer_of_panel(
        &self,
        panel: &DiscordPanel,
    ) -> Result<Snowflake, DiscordStepError> {
        if let Some(answer) = panel.answer {
            return Ok(answer);
        }
        let channel = panel.place.posted_to();
        let first = shown_question(&panel.by, "a panel", &panel.question);
        let first = plain_message(&first);
        let answers = |shown: &Shown| match shown.interaction() {
            Some(interaction) => interaction == panel.interaction,
            None => first["content"] == shown.content.as_str(),
        };
        let found = self
            .own_message(channel, panel.interaction, answers)
            .await?;
        let message = match found {
            Some(message) => message,
            None => self.post_once(channel, first.clone(), panel.id, 0).await?,
        };
        let answered = PanelWrite::Answered {
            panel: panel.id,
            message,
        };
        self.keep([DiscordWrite::Panel(answered)]).await?;
        Ok(message)
    }

    /// A thread made of the message; none where the bot may not, or the channel has none.
    async fn thread_of(
        &self,
        panel: &DiscordPanel,
        answer: Snowflake,
    ) -> Result<Option<Snowflake>, DiscordStepError> {
        let channel = panel.place.channel;
        if !self.thread_bars.may(channel) {
            return Ok(None);
        }
        let name = panel.question.replace('\n', " ");
        let name = cut(&name, NAME);
        let sender = &self.parties.sender;
        let thread = match sender.begin_thread(channel, answer, &name).await {
            Ok(thread) => thread,
            // By a process that died; it has the message's id.
            Err(SendError::Refused {
                code: HAS_THREAD, ..
            }) => answer,
            Err(refused @ SendError::Refused { .. }) => {
                tracing::info!(%channel, fault = %refused, "a panel stays in its channel");
                if refused.means() == Some(Refusal::Forbidden) {
                    self.thread_bars.bar(channel);
                }
                return Ok(None);
            }
            Err(fault) => return Err(fault.into()),
        };
        let threaded = PanelWrite::Threaded {
            panel: panel.id,
            thread,
        };
        self.keep([DiscordWrite::Panel(threaded)]).await?;
        Ok(Some(thread))
    }

    async fn post_once(
        &self,
        channel: Snowflake,
        mut message: Value,
        panel: Uuid,
        part: u32,
    ) -> Result<Snowflake, SendError> {
        message["nonce"] = nonces::posted_under(&nonce(panel, part)).into();
        message["enforce_nonce"] = true.into();
        self.parties.sender.post_whole(channel, message).await
    }

    /// The bot's own message that is like this, after another.
    async fn own_message(
        &self,
        channel: Snowflake,
        after: Snowflake,
        is_it: impl Fn(&Shown) -> bool,
    ) -> Result<Option<Snowflake>, SendError> {
        let sender = &self.parties.sender;
        let messages = match sender.messages_after(channel, after, LOOKED_AT).await {
            // What may not be read back is posted under its nonce.
            Err(SendError::Refused { .. }) => return Ok(None),
            messages => messages?,
        };
        let mut shown = messages
            .iter()
            .filter_map(|message| parsed::<Shown>("a message read back", message));
        let found = shown.find(|shown| shown.is_by(self.bot()) && is_it(shown));
        Ok(found.map(|shown| shown.id))
    }
}
