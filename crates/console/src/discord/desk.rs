//! What the operator does with what rests in the bridge's journal.

use husting_discord::bridge::posts_of;
use husting_discord::parts::split;
use husting_discord::replies::posted;
use husting_domain::agents::Name;
use husting_domain::audit::{Action, Entry};
use husting_domain::discord::{Inbound, InboundState, Reply, ReplyState, RequestId, Snowflake};
use husting_domain::ids::TenantId;
use husting_store::{CommitError, Constraint, DiscordWrite, Unit, Write};
use husting_wire::discord::{
    AgentNamed, DiscordView, PlaceReply, QuestionRef, ReleaseQuestion, ReplyRef,
};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;
use uuid::Uuid;

use super::refusals::{moved_on, no_bot, question_stands, reply_stands};
use crate::Inner;
use crate::bus::OPERATOR;
use crate::errors::Outward;

impl Inner {
    /// Gives an unplaced reply its place, and with `always` its agent's later ones.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for a reply that has a place or no words, and where a person said STOP
    /// after the question was asked.
    pub(crate) async fn place_reply(&self, asked: PlaceReply) -> Result<DiscordView, Error> {
        let reply = self.reply_meant(asked.reply_id).await?;
        if reply.state != ReplyState::Unplaced {
            return Err(reply_stands(&reply));
        }
        let question = self.question_of_bot(asked.request_id).await?;
        if self.places().await?.is_stopped(&question) {
            return Err(Error::new(
                ErrorCode::InvalidState,
                "A person said STOP there after this was asked: nothing is posted under it. Place the reply \
                 elsewhere, or put it away.",
            ));
        }
        let posts = posts_of(reply.id, split(&posted(reply.ok, &reply.text)));
        if posts.is_empty() {
            return Err(Error::new(
                ErrorCode::InvalidState,
                "This reply has no words to post. Put it away.",
            ));
        }
        let always = match asked.always {
            true => Some(standing_agent(&reply)?),
            false => None,
        };
        let id = reply.id;
        let placed = Reply {
            request: Some(question.request),
            place: Some(question.place),
            reply_to: Some(question.message),
            state: ReplyState::Waiting,
            fault: None,
            ..reply
        };
        let write = DiscordWrite::Place {
            reply: Box::new(placed),
            posts,
        };
        self.done(write, Action::Place, id).await?;
        self.replies_moved();
        if let Some(agent) = always {
            let channel = question.place.posted_to();
            self.change_setup(|setup| {
                setup.standing_places.insert(agent, channel);
                Ok(())
            })
            .await?;
        }
        self.discord_view().await
    }

    /// Puts a reply away that is not posted. Why it rested stays with it.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that is posted, on its way or put away already.
    pub(crate) async fn dismiss_reply(&self, asked: ReplyRef) -> Result<DiscordView, Error> {
        let reply = self.reply_meant(asked.reply_id).await?;
        let rests = [ReplyState::Unplaced, ReplyState::Parked, ReplyState::Barred];
        self.move_reply(reply, &rests, ReplyState::Dismissed, Action::Dismiss)
            .await
    }

    /// Takes that back: a reply without a place is unplaced again, another rests again.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that is not put away.
    pub(crate) async fn restore_reply(&self, asked: ReplyRef) -> Result<DiscordView, Error> {
        let reply = self.reply_meant(asked.reply_id).await?;
        let to = match reply.place {
            None => ReplyState::Unplaced,
            Some(_) => ReplyState::Parked,
        };
        self.move_reply(reply, &[ReplyState::Dismissed], to, Action::Restore)
            .await
    }

    /// Posts a reply once more, as far as it does not stand in Discord.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that does not rest, or has no place, and where a person said
    /// STOP there.
    pub(crate) async fn retry_reply(&self, asked: ReplyRef) -> Result<DiscordView, Error> {
        let mut reply = self.reply_meant(asked.reply_id).await?;
        if reply.place.is_none() {
            return Err(reply_stands(&reply));
        }
        if self.is_silenced(&reply).await? {
            return Err(Error::new(
                ErrorCode::InvalidState,
                "A person said STOP there: it is not posted. Put it away.",
            ));
        }
        reply.fault = None;
        let rests = [ReplyState::Parked, ReplyState::Barred];
        self.move_reply(reply, &rests, ReplyState::Waiting, Action::Redeliver)
            .await
    }

    /// Asks a parked question once more.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that is not parked.
    pub(crate) async fn retry_question(&self, asked: QuestionRef) -> Result<DiscordView, Error> {
        let (from, to) = ([InboundState::Parked], InboundState::Journalled);
        self.move_question(asked.request_id, &from, to, Action::Redeliver)
            .await
    }

    /// Asks a question that was heard late, or lets one go that was heard late or is parked.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that does not rest so.
    pub(crate) async fn release_question(
        &self,
        asked: ReleaseQuestion,
    ) -> Result<DiscordView, Error> {
        let request = asked.request_id;
        if asked.ask {
            let (from, to) = ([InboundState::Held], InboundState::Journalled);
            return self
                .move_question(request, &from, to, Action::Redeliver)
                .await;
        }
        let from = [InboundState::Held, InboundState::Parked];
        self.move_question(request, &from, InboundState::Withdrawn, Action::Withdraw)
            .await
    }

    /// An agent's replies that name no question are unplaced from now on.
    ///
    /// # Errors
    /// `not_found` where it has no place.
    pub(crate) async fn forget_standing_place(
        &self,
        asked: AgentNamed,
    ) -> Result<DiscordView, Error> {
        self.change_setup(|setup| match setup.standing_places.remove(&asked.agent) {
            Some(_) => Ok(()),
            None => Err(Error::new(
                ErrorCode::NotFound,
                format!("Replies of {} have no fixed place.", asked.agent),
            )),
        })
        .await?;
        self.discord_view().await
    }

    async fn move_reply(
        &self,
        reply: Reply,
        from: &[ReplyState],
        to: ReplyState,
        action: Action,
    ) -> Result<DiscordView, Error> {
        if !from.contains(&reply.state) {
            return Err(reply_stands(&reply));
        }
        let write = DiscordWrite::MoveReply {
            reply: reply.id,
            from: reply.state,
            to,
            at: self.now(),
            fault: reply.fault,
        };
        self.done(write, action, reply.id).await?;
        self.replies_moved();
        self.discord_view().await
    }

    async fn move_question(
        &self,
        request: RequestId,
        from: &[InboundState],
        to: InboundState,
        action: Action,
    ) -> Result<DiscordView, Error> {
        let question = self.question_of_bot(request).await?;
        if !from.contains(&question.state) {
            return Err(question_stands(&question));
        }
        let write = DiscordWrite::Move {
            request,
            from: question.state,
            to,
            at: self.now(),
            fault: None,
        };
        self.done(write, action, request.0).await?;
        self.questions_moved();
        self.discord_view().await
    }

    /// Keeps what the operator did beside its row of the log. What has moved on meanwhile stays where
    /// it is.
    async fn done(&self, write: DiscordWrite, action: Action, subject: Uuid) -> Result<(), Error> {
        let entry = Entry {
            at: self.now(),
            action,
            actor: OPERATOR.to_owned(),
            agent: None,
            subject: Some(subject),
            body: None,
            detail: json!({ "on": "discord" }).to_string(),
        };
        let unit = Unit::of(TenantId::local())
            .write(Write::Discord(write))
            .write(Write::Audit(entry));
        match self.store.commit(unit).await {
            Err(CommitError::Constraint(Constraint::Absent(_))) => Err(moved_on(subject)),
            outcome => {
                outcome.outward()?;
                self.bridge.moved.notify_one();
                Ok(())
            }
        }
    }

    /// Whether a person's STOP keeps it from being posted.
    async fn is_silenced(&self, reply: &Reply) -> Result<bool, Error> {
        let places = self.places().await?;
        let question = match reply.request {
            Some(request) => self.kept_question(request).await?,
            None => None,
        };
        Ok(places.holds(reply, question.as_ref()))
    }

    async fn reply_meant(&self, id: Uuid) -> Result<Reply, Error> {
        let bot = self.bot_id()?;
        let found = self
            .store
            .discord_reply(&TenantId::local(), id)
            .await
            .outward()?;
        let reply = found.map(|kept| kept.reply);
        reply
            .filter(|reply| reply.bot == bot)
            .ok_or_else(|| Error::not_found("reply"))
    }

    async fn question_of_bot(&self, request: RequestId) -> Result<Inbound, Error> {
        let bot = self.bot_id()?;
        let found = self.kept_question(request).await?;
        found
            .filter(|question| question.bot == bot)
            .ok_or_else(|| Error::not_found("question"))
    }

    /// Whose journal it is.
    pub(super) fn bot_id(&self) -> Result<Snowflake, Error> {
        let bot = self.bridge.setup().bot;
        bot.map(|bot| bot.id).ok_or_else(no_bot)
    }
}

fn standing_agent(reply: &Reply) -> Result<Name, Error> {
    Name::parse(&reply.agent).map_err(|_| {
        Error::invalid(format!(
            "{} is no name that replies can be sorted by. Place this one alone.",
            reply.agent
        ))
    })
}
