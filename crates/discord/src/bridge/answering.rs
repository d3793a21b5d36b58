//! Interactions are answered within their three seconds. What takes longer goes on without them.

use std::sync::Arc;

use husting_domain::discord::{Inbound, Snowflake};
use husting_store::{DiscordWrite, PanelWrite};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::commands::Heard;
use super::faults::DiscordStepError;
use crate::inbound::request_of;
use crate::interactions::{
    Deed, Occasion, choices, deferred, hidden, life, plain_message, shown, shown_question,
};
use crate::parts::nonce;
use crate::sender::SendError;

/// Discord's code for an interaction that it does not know any more.
const TOO_LATE: u32 = 10_062;
/// Discord's code for one that was answered before.
const ANSWERED: u32 = 40_060;
/// Questions among which a person's last one is looked for.
const LOOKED_AT: u32 = 500;

/// Answers what people do, until it is time to end.
pub async fn keep_answering(
    shared: Arc<Shared>,
    mut waiting: mpsc::Receiver<Heard>,
    stop: CancellationToken,
) {
    let mut answers = JoinSet::new();
    loop {
        tokio::select! {
            Some(heard) = waiting.recv() => {
                let shared = shared.clone();
                answers.spawn(async move { shared.answer(heard).await });
            }
            Some(ended) = answers.join_next() => if let Err(fault) = ended {
                tracing::error!(%fault, "an interaction's answer ended badly");
            },
            () = stop.cancelled() => return,
        }
    }
}

impl Shared {
    async fn answer(&self, heard: Heard) {
        let id = heard.occasion.id;
        if let Err(fault) = self.answer_one(heard).await {
            if let DiscordStepError::Discord(SendError::Unauthorized) = fault {
                self.rejected.cancel();
            }
            tracing::warn!(%fault, interaction = %id, "an interaction was not answered");
        }
        self.interactions.answered(request_of(self.bot(), id).0);
    }

    async fn answer_one(&self, heard: Heard) -> Result<(), DiscordStepError> {
        let Heard {
            occasion,
            deed,
            refusal,
        } = heard;
        if let Some(why) = refusal {
            return self.respond(&occasion, hidden(&why)).await;
        }
        match deed {
            Deed::Ask { agent, text } => self.show_question(&occasion, &agent, &text).await,
            Deed::Agents => self.tell_agents(&occasion).await,
            Deed::Where { message } => {
                let told = self.whereabouts(&occasion, message.as_deref()).await?;
                self.respond(&occasion, hidden(&told)).await
            }
            Deed::Deliberate { question } => self.show_panel(&occasion, &question).await,
            Deed::Complete { typed } => {
                let names = self.agents(None).await;
                self.respond(&occasion, choices(&names, &typed)).await
            }
            Deed::Press(button) => {
                let answer = self.pressed(&occasion, button).await?;
                self.respond(&occasion, answer).await
            }
            Deed::Send {
                button,
                claim,
                words,
            } => {
                let sent = (claim.as_str(), words.as_str());
                let answer = self.sent_form(&occasion, button, sent).await?;
                self.respond(&occasion, answer).await
            }
            Deed::Unknown => Ok(()),
        }
    }

    /// Answers where that is still possible: what is late or answered is no fault.
    async fn respond(&self, occasion: &Occasion, answer: Value) -> Result<(), DiscordStepError> {
        let sender = &self.parties.sender;
        match sender.answer(occasion.id, &occasion.token, answer).await {
            Err(SendError::Refused { code, .. }) if matches!(code, TOO_LATE | ANSWERED) => {
                tracing::info!(interaction = %occasion.id, code, "an answer came too late");
                Ok(())
            }
            answered => Ok(answered.map(drop)?),
        }
    }

    /// Shows for everybody what was asked; gives the message, where there is one.
    async fn show(
        &self,
        occasion: &Occasion,
        words: &str,
    ) -> Result<Option<Snowflake>, DiscordStepError> {
        let sender = &self.parties.sender;
        let answered = sender
            .answer(occasion.id, &occasion.token, shown(words))
            .await;
        match answered {
            Ok(message) => Ok(message),
            // By a process that died, or on a line that broke.
            Err(SendError::Refused { code: ANSWERED, .. }) => {
                let application = occasion.application;
                match sender.answer_of(application, &occasion.token).await {
                    Err(SendError::Refused { .. }) => Ok(None),
                    found => Ok(Some(found?)),
                }
            }
            Err(SendError::Refused { code: TOO_LATE, .. }) => {
                let mut message = plain_message(words);
                message["nonce"] = nonce(request_of(self.bot(), occasion.id).0, 0).into();
                message["enforce_nonce"] = true.into();
                let channel = occasion.place.posted_to();
                match sender.post_whole(channel, message).await {
                    Err(SendError::Refused { code, .. }) => {
                        tracing::info!(%channel, code, "a question is not shown where it was asked");
                        Ok(None)
                    }
                    posted => Ok(Some(posted?)),
                }
            }
            Err(fault) => Err(fault.into()),
        }
    }

    async fn show_question(
        &self,
        occasion: &Occasion,
        agent: &str,
        text: &str,
    ) -> Result<(), DiscordStepError> {
        let words = shown_question(&occasion.author, agent, text);
        if let Some(message) = self.show(occasion, &words).await? {
            let shown = PanelWrite::QuestionShown {
                request: request_of(self.bot(), occasion.id),
                message,
            };
            self.keep([DiscordWrite::Panel(shown)]).await?;
        }
        Ok(())
    }

    async fn show_panel(
        &self,
        occasion: &Occasion,
        question: &str,
    ) -> Result<(), DiscordStepError> {
        let words = shown_question(&occasion.author, "a panel", question);
        if let Some(message) = self.show(occasion, &words).await? {
            let answered = PanelWrite::Answered {
                panel: request_of(self.bot(), occasion.id).0,
                message,
            };
            self.keep([DiscordWrite::Panel(answered)]).await?;
        }
        Ok(())
    }

    async fn tell_agents(&self, occasion: &Occasion) -> Result<(), DiscordStepError> {
        self.respond(occasion, deferred()).await?;
        let connector = self.options.connector.as_str();
        let peers = self.parties.bus.peers().await;
        // Whoever asks the bridge's own agent asks nobody.
        let others = peers.map(|mut peers| {
            peers.retain(|peer| peer.name != connector);
            peers
        });
        let told = match others {
            Ok(peers) if peers.is_empty() => "The bus does not say who is there.".to_owned(),
            Ok(peers) => {
                let lines = peers.iter().map(|peer| match peer.active {
                    true => format!("- **{}**", peer.name),
                    false => format!("- {} (reads no mail now)", peer.name),
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            Err(fault) => {
                tracing::info!(%fault, "the bus does not say who is there");
                "The bus does not answer now.".to_owned()
            }
        };
        let (sender, application) = (&self.parties.sender, occasion.application);
        let message = plain_message(&told);
        Ok(sender
            .change_answer(application, &occasion.token, message)
            .await?)
    }

    /// Of this channel's questions alone: whoever asks is in it.
    async fn whereabouts(
        &self,
        occasion: &Occasion,
        message: Option<&str>,
    ) -> Result<String, DiscordStepError> {
        let found = match message {
            Some(message) => self.question_of_link(message).await?,
            None => self.last_question(occasion).await?,
        };
        let here = occasion.place.posted_to();
        let found = found.filter(|question| question.place.posted_to() == here);
        let Some(question) = found else {
            let none = match message {
                Some(_) => "Nobody was asked by such a message in this channel.",
                None => "You have asked nobody in this channel.",
            };
            return Ok(none.to_owned());
        };
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let replies = store.discord_replies_to(tenant, question.request).await?;
        Ok(life(&question, replies))
    }

    /// A link to a message ends with its id.
    async fn question_of_link(&self, link: &str) -> Result<Option<Inbound>, DiscordStepError> {
        let id = link.trim().rsplit('/').next().unwrap_or_default();
        let Ok(id) = id.parse() else {
            return Ok(None);
        };
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        Ok(store.discord_question_of(tenant, self.bot(), id).await?)
    }

    async fn last_question(
        &self,
        occasion: &Occasion,
    ) -> Result<Option<Inbound>, DiscordStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let newest = store
            .discord_questions(tenant, self.bot(), LOOKED_AT)
            .await?;
        let here = occasion.place.posted_to();
        let mut theirs = newest.into_iter().filter(|question| {
            question.author.id == occasion.author.id && question.place.posted_to() == here
        });
        Ok(theirs.find(|question| question.amends.is_none()))
    }
}
