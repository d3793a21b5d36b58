//! The Discord screen as one view.

use std::cmp::Reverse;

use husting_discord::examination::plain_invitation;
use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState, ReplyState, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::DAY_MILLIS;
use husting_store::ReplyWithPosts;
use husting_wire::discord::{
    BotView, BridgeHealth, DiscordDay, DiscordSetup, DiscordView, OpenQuestion, Origin, RouteView,
    StandingPlace, Traffic, UnplacedReply, WithoutAck,
};
use husting_wire::errors::Error;

use super::origins::{as_edited, ranked};
use super::places::Places;
use super::traffic::{moment, question_traffic};
use crate::Inner;
use crate::errors::Outward;

/// Most of each list.
const MOST: u32 = 100;
/// Questions among which an unplaced reply's is looked for.
const LOOKED_AT: u32 = 500;

impl Inner {
    /// The whole screen but its traffic.
    pub(crate) async fn discord_view(&self) -> Result<DiscordView, Error> {
        let stand = self.bridge_stand().await?;
        let places = self.places().await?;
        let mut view = DiscordView {
            setup: self.setup_view(&places),
            health: self.bridge_health(),
            unplaced: Vec::new(),
            resting: Vec::new(),
            waiting: Vec::new(),
            stops: Vec::new(),
            day: DiscordDay {
                ignored: self.ignored_messages(),
                parked: stand.parked,
                ..DiscordDay::default()
            },
            without_ack: Vec::new(),
            stand,
        };
        if let Some(bot) = self.bridge.setup().bot {
            view.unplaced = self.unplaced(bot.id, &places).await?;
            view.resting = self.resting(bot.id, &places).await?;
            view.waiting = self.waiting(bot.id, &places).await?;
            view.stops = self.stops(bot.id, &places).await?;
            view.health = match view.health {
                Some(health) => Some(self.with_oldest(bot.id, health).await?),
                None => None,
            };
            self.count_into(bot.id, &mut view).await?;
        }
        Ok(view)
    }

    /// How many channels of the map the bot may not do all it needs in, as Discord said when it was asked last.
    pub(crate) fn channels_lacking(&self) -> usize {
        let routes = self.bridge.setup().routes.into_keys();
        let lacking = routes.filter_map(|channel| self.bridge.seen.lacking(channel));
        lacking.filter(|lacking| !lacking.is_empty()).count()
    }

    fn setup_view(&self, places: &Places) -> DiscordSetup {
        let setup = self.bridge.setup();
        let route = |(channel_id, agent): (Snowflake, Name)| RouteView {
            channel_id,
            name: places.name(channel_id),
            agent,
            lacking: self.bridge.seen.lacking(channel_id),
            unseen: self.bridge.seen.is_unseen(channel_id),
        };
        let standing = |(agent, channel_id): (Name, Snowflake)| StandingPlace {
            agent,
            channel_id,
            channel_name: places.name(channel_id),
        };
        DiscordSetup {
            invitation: setup.application_id.map(plain_invitation),
            application_id: setup.application_id,
            bot: setup.bot.map(|bot| BotView {
                id: bot.id,
                name: bot.name,
                token_tail: bot.token_tail,
                tested_at: bot.tested_at,
            }),
            routes: setup.routes.into_iter().map(route).collect(),
            default_agent: setup.default_agent,
            connector: Name::connector(),
            marks: setup.marks,
            own_names: setup.own_names,
            panels_per_day: setup.panels_per_day,
            runs: setup.runs,
            standing_places: setup.standing_places.into_iter().map(standing).collect(),
            sandbox: self.discord.sandbox(),
        }
    }

    async fn unplaced(&self, bot: Snowflake, places: &Places) -> Result<Vec<UnplacedReply>, Error> {
        let unplaced = self.replies_in(bot, ReplyState::Unplaced, MOST).await?;
        if unplaced.is_empty() {
            return Ok(Vec::new());
        }
        let questions = self
            .store
            .discord_questions(&TenantId::local(), bot, LOOKED_AT)
            .await
            .outward()?;
        let questions = as_edited(questions);
        let shown = unplaced.into_iter().map(|ReplyWithPosts { reply, .. }| {
            let origins = ranked(&reply, &questions, places).into_iter();
            let origins =
                origins.map(|likely| origin(likely.question, likely.shared_words, places));
            UnplacedReply {
                reply_id: reply.id,
                origins: origins.collect(),
                agent: reply.agent,
                text: reply.text,
                arrived_at: reply.arrived_at,
                why: reply.fault,
            }
        });
        Ok(shown.collect())
    }

    /// What goes on only when the operator does something, the oldest first.
    async fn resting(&self, bot: Snowflake, places: &Places) -> Result<Vec<Traffic>, Error> {
        let mut questions = self.questions_in(bot, InboundState::Parked, MOST).await?;
        questions.extend(self.questions_in(bot, InboundState::Held, MOST).await?);
        questions.sort_by_key(|question| question.received_at);
        questions.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let mut replies = self.replies_in(bot, ReplyState::Parked, MOST).await?;
        replies.extend(self.replies_in(bot, ReplyState::Barred, MOST).await?);
        replies.sort_by_key(|kept| kept.reply.arrived_at);
        replies.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let mut resting: Vec<_> = questions
            .iter()
            .map(|question| question_traffic(question, places))
            .collect();
        resting.extend(self.replies_shown(&replies, &questions, places).await?);
        resting.sort_by_key(moment);
        Ok(resting)
    }

    async fn waiting(&self, bot: Snowflake, places: &Places) -> Result<Vec<OpenQuestion>, Error> {
        let sent = self.questions_in(bot, InboundState::Sent, MOST).await?;
        let asked = sent
            .into_iter()
            .filter(|question| question.amends.is_none());
        let shown = asked.map(|question| OpenQuestion {
            stopped: places.is_stopped(&question),
            request_id: question.request,
            place: places.shown(question.place),
            agent: question.agent,
            author: question.author.name,
            asked_at: question.received_at,
            read_at: question.read_at,
        });
        Ok(shown.collect())
    }

    /// Health with what the journal knows of it: what waits longest on its way out and in, also what rests.
    async fn with_oldest(
        &self,
        bot: Snowflake,
        health: BridgeHealth,
    ) -> Result<BridgeHealth, Error> {
        let (mut asked, mut arrived) = (Vec::new(), Vec::new());
        for state in [
            InboundState::Journalled,
            InboundState::Parked,
            InboundState::Held,
        ] {
            let oldest = self.questions_in(bot, state, 1).await?;
            asked.extend(oldest.first().map(|question| question.received_at));
        }
        for state in [
            ReplyState::Waiting,
            ReplyState::Parked,
            ReplyState::Barred,
            ReplyState::Unplaced,
        ] {
            let oldest = self.replies_in(bot, state, 1).await?;
            arrived.extend(oldest.first().map(|kept| kept.reply.arrived_at));
        }
        Ok(BridgeHealth {
            oldest_question: asked.into_iter().min(),
            oldest_reply: arrived.into_iter().min(),
            ..health
        })
    }

    async fn count_into(&self, bot: Snowflake, view: &mut DiscordView) -> Result<(), Error> {
        let (tenant, now) = (TenantId::local(), self.now());
        let day = now.plus_millis(-DAY_MILLIS);
        let figures = self
            .store
            .discord_figures(&tenant, bot, day)
            .await
            .outward()?;
        view.day.questions = figures.questions;
        view.day.delivered = figures.delivered;
        let median = figures.median_answer_micros;
        view.day.median_answer_millis = median.map(|micros| micros / 1_000);
        let week = now.plus_millis(-7 * DAY_MILLIS);
        let unnamed = self
            .store
            .discord_unnamed(&tenant, bot, week)
            .await
            .outward()?;
        let is_there = |agent: &str| {
            Name::parse(agent).is_ok_and(|name| self.agents.by_name(&tenant, &name).is_some())
        };
        view.without_ack = unnamed
            .into_iter()
            // Whoever was revoked can be told nothing.
            .filter(|each| is_there(&each.agent))
            .map(|each| WithoutAck {
                agent: each.agent,
                count: each.replies,
            })
            .collect();
        view.without_ack.sort_by_key(|each| Reverse(each.count));
        Ok(())
    }

    async fn replies_in(
        &self,
        bot: Snowflake,
        state: ReplyState,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, Error> {
        self.store
            .discord_replies_in(&TenantId::local(), bot, state, limit)
            .await
            .outward()
    }
}

fn origin(question: &Inbound, shared_words: Vec<String>, places: &Places) -> Origin {
    Origin {
        request_id: question.request,
        place: places.shown(question.place),
        channel_id: question.place.posted_to(),
        author: question.author.name.clone(),
        text: question.text.clone(),
        asked_at: question.received_at,
        agent: question.agent.clone(),
        answered_at: question.answered_at,
        deleted_at: question.deleted_at,
        stopped: places.is_stopped(question),
        shared_words,
    }
}
