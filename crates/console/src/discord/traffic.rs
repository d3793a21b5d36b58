//! What passed through the bridge, and the life of one question.

use std::collections::BTreeMap;

use husting_domain::discord::{Inbound, InboundState, RequestId, Snowflake};
use husting_domain::discord_panels::{DiscordPanel, PanelStage};
use husting_domain::ids::TenantId;
use husting_domain::rounds::RoundStatus;
use husting_domain::time::Timestamp;
use husting_store::ReplyWithPosts;
use husting_wire::discord::{ListTraffic, QuestionTrace, TraceQuestion, Traffic, TrafficPage};
use husting_wire::errors::Error;
use uuid::Uuid;

use super::places::Places;
use super::stops::stop_traffic;
use crate::Inner;
use crate::errors::Outward;
use crate::views::Standing;

/// Messages of a page where nobody says.
const PAGE: u32 = 50;
/// Most messages of a page.
const MOST: u32 = 200;

/// When a message was heard, or arrived.
pub(super) const fn moment(traffic: &Traffic) -> Timestamp {
    match traffic {
        Traffic::In { at, .. }
        | Traffic::Out { at, .. }
        | Traffic::Stop { at, .. }
        | Traffic::Panel { at, .. } => *at,
    }
}

pub(super) fn question_traffic(question: &Inbound, places: &Places) -> Traffic {
    Traffic::In {
        request_id: question.request,
        place: places.shown(question.place),
        author: question.author.name.clone(),
        agent: question.agent.clone(),
        text: question.text.clone(),
        is_note: question.amends.is_some(),
        at: question.received_at,
        state: question.state,
        sent_at: question.sent_at,
        read_at: question.read_at,
        answered_at: question.answered_at,
        deleted_at: question.deleted_at,
        stopped: places.was_silenced(question),
        rested_at: question.rested_at,
        fault: question.fault.clone(),
    }
}

fn reply_traffic(kept: &ReplyWithPosts, answered: Option<&Inbound>, places: &Places) -> Traffic {
    let ReplyWithPosts { reply, posts } = kept;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let posted = posts.iter().filter(|post| post.message.is_some());
    Traffic::Out {
        reply_id: reply.id,
        request_id: reply.request,
        place: reply.place.map(|place| places.shown(place)),
        agent: reply.agent.clone(),
        author: answered.map(|question| question.author.name.clone()),
        text: reply.text.clone(),
        at: reply.arrived_at,
        state: reply.state,
        parts: number(posts.len()),
        posted: number(posted.count()),
        stopped: places.holds(reply, answered),
        rested_at: reply.rested_at,
        fault: reply.fault.clone(),
    }
}

fn panel_traffic(panel: DiscordPanel, places: &Places) -> Traffic {
    Traffic::Panel {
        panel_id: panel.id,
        session_id: panel.session,
        place: places.shown(panel.place),
        author: panel.by.name,
        question: panel.question,
        round: panel.round,
        at: panel.asked_at,
        stage: panel.stage,
        outcome: None,
        fault: panel.fault,
    }
}

/// A page of all kinds, newest first: at least `limit` where there are so many, and all of its last
/// moment. Each kind must be given as far down as `limit` of its own. Beside it what is left over.
fn merged(mut all: Vec<Traffic>, limit: usize) -> (Vec<Traffic>, bool) {
    all.sort_by_key(|traffic| std::cmp::Reverse(moment(traffic)));
    let Some(last) = all.get(limit.saturating_sub(1)).map(moment) else {
        return (all, false);
    };
    let end = all.partition_point(|traffic| moment(traffic) >= last);
    let is_more = end < all.len();
    all.truncate(end);
    (all, is_more)
}

/// Whose life is asked for.
enum Meant {
    /// Of a question.
    Question(Box<Inbound>),
    /// Of a reply that answers none.
    Reply(Box<ReplyWithPosts>),
}

impl Meant {
    fn question(question: Inbound) -> Self {
        Self::Question(Box::new(question))
    }
}

impl Inner {
    /// A page of what passed, newest first. What came in one moment is on one page, so that a page may be
    /// longer than was asked for.
    ///
    /// # Errors
    /// `invalid_request` for a limit out of range.
    pub(crate) async fn traffic(&self, asked: ListTraffic) -> Result<TrafficPage, Error> {
        let limit = asked.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid(format!("`limit` is 1 to {MOST}.")));
        }
        // One more tells whether there are more.
        let all = self.all_before(asked.before, limit + 1).await?;
        let is_cut = all.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut traffic, mut is_more) = merged(all, usize::try_from(limit).unwrap_or(usize::MAX));
        self.tell_how_they_stand(&mut traffic).await?;
        let last = traffic.last().map(moment);
        if is_cut && !is_more {
            // All that was read is of the last moment.
            is_more = !self.all_before(last, 1).await?.is_empty();
        }
        Ok(TrafficPage {
            traffic,
            next: last.filter(|_| is_more),
        })
    }

    /// Says of each panel at rest after which round of its session it is, whoever began that one, and what became of that where
    /// it came to nothing; of each that ended what became of the round it ended with. Its session may be none of those that a
    /// shell has at hand.
    async fn tell_how_they_stand(&self, page: &mut [Traffic]) -> Result<(), Error> {
        for traffic in page {
            let Traffic::Panel {
                session_id: Some(session),
                stage: stage @ (PanelStage::Resting | PanelStage::Ended),
                round,
                outcome,
                ..
            } = traffic
            else {
                continue;
            };
            let row = self.store.session_row(&TenantId::local(), *session).await;
            let Some((row, newest)) = row.outward()?.and_then(|mut row| {
                let newest = row.newest_round.take()?;
                Some((row, newest))
            }) else {
                continue;
            };
            if *stage == PanelStage::Resting {
                let runs = u32::from(newest.status == RoundStatus::InProgress);
                *round = row.round_count.saturating_sub(runs).max(*round);
            }
            let is_told = *stage == PanelStage::Ended || newest.status == RoundStatus::Failed;
            if is_told && row.round_count == *round {
                *outcome = Standing::of(&row.session.models, &newest).outcome();
            }
        }
        Ok(())
    }

    /// The newest of each kind.
    async fn all_before(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Traffic>, Error> {
        let Some(bot) = self.bridge.setup().bot else {
            return Ok(Vec::new());
        };
        let (tenant, places) = (TenantId::local(), self.places().await?);
        let questions = self
            .store
            .discord_questions_before(&tenant, bot.id, before, limit)
            .await
            .outward()?;
        let replies = self
            .store
            .discord_replies_before(&tenant, bot.id, before, limit)
            .await
            .outward()?;
        let stops = self
            .store
            .discord_stops_before(&tenant, bot.id, before, limit)
            .await
            .outward()?;
        let panels = self
            .store
            .discord_panels_before(&tenant, bot.id, before, limit)
            .await
            .outward()?;
        let mut all: Vec<_> = questions
            .iter()
            .map(|question| question_traffic(question, &places))
            .collect();
        all.extend(stops.iter().map(|stop| stop_traffic(stop, &places)));
        all.extend(
            panels
                .into_iter()
                .map(|panel| panel_traffic(panel, &places)),
        );
        all.extend(self.replies_shown(&replies, &questions, &places).await?);
        Ok(all)
    }

    /// Replies beside whom they answer, who is looked up where the questions are not at hand.
    pub(super) async fn replies_shown(
        &self,
        replies: &[ReplyWithPosts],
        at_hand: &[Inbound],
        places: &Places,
    ) -> Result<Vec<Traffic>, Error> {
        let mut questions: BTreeMap<RequestId, Inbound> = at_hand
            .iter()
            .map(|question| (question.request, question.clone()))
            .collect();
        let mut shown = Vec::with_capacity(replies.len());
        for kept in replies {
            if let Some(request) = kept.reply.request
                && !questions.contains_key(&request)
            {
                let found = self.kept_question(request).await?;
                questions.extend(found.map(|question| (request, question)));
            }
            let answered = kept.reply.request.and_then(|id| questions.get(&id));
            shown.push(reply_traffic(kept, answered, places));
        }
        Ok(shown)
    }

    /// A question of the journal, whoever asked.
    pub(super) async fn kept_question(&self, request: RequestId) -> Result<Option<Inbound>, Error> {
        self.store
            .discord_question(&TenantId::local(), request)
            .await
            .outward()
    }

    /// The life of one question: itself, what amends it and what answers it. A reply leads to what it
    /// answers, and stands alone where it answers nothing.
    ///
    /// # Errors
    /// `invalid_request` for what is no id; `not_found`.
    pub(crate) async fn trace_question(
        &self,
        asked: TraceQuestion,
    ) -> Result<QuestionTrace, Error> {
        let tenant = TenantId::local();
        let places = self.places().await?;
        let question = match self.meant(asked.id.trim()).await? {
            Meant::Question(question) => *question,
            Meant::Reply(reply) => {
                return Ok(QuestionTrace {
                    question: reply_traffic(&reply, None, &places),
                    followed_by: Vec::new(),
                });
            }
        };
        let of_message = self
            .store
            .discord_questions_of(&tenant, question.bot, question.message)
            .await
            .outward()?;
        let replies = self
            .store
            .discord_replies_of(&tenant, question.request)
            .await
            .outward()?;
        let notes = of_message
            .iter()
            .filter(|note| note.amends == Some(question.request));
        let mut followed_by: Vec<_> = notes.map(|note| question_traffic(note, &places)).collect();
        let at_hand = std::slice::from_ref(&question);
        followed_by.extend(self.replies_shown(&replies, at_hand, &places).await?);
        followed_by.sort_by_key(moment);
        Ok(QuestionTrace {
            question: question_traffic(&question, &places),
            followed_by,
        })
    }

    /// By our id, or by Discord's of the message. Of a note it is the question that it amends, of a reply
    /// the one that it answers.
    async fn meant(&self, id: &str) -> Result<Meant, Error> {
        let nothing = || Error::not_found("question");
        if let Ok(message) = id.parse::<Snowflake>() {
            let bot = self.bridge.setup().bot.ok_or_else(nothing)?;
            let of_message = self
                .store
                .discord_questions_of(&TenantId::local(), bot.id, message)
                .await
                .outward()?;
            let mut questions = of_message.into_iter();
            return questions
                .find(|question| question.amends.is_none())
                .map(Meant::question)
                .ok_or_else(nothing);
        }
        let id = Uuid::parse_str(id).map_err(|_| {
            Error::invalid(
                "`id` is that of a question or a reply, or Discord's id of a question's message.",
            )
        })?;
        let Some(found) = self.kept_question(RequestId(id)).await? else {
            return self.meant_by_reply(id).await?.ok_or_else(nothing);
        };
        let question = match found.amends {
            None => Some(found),
            Some(amended) => self.kept_question(amended).await?,
        };
        question.map(Meant::question).ok_or_else(nothing)
    }

    async fn meant_by_reply(&self, id: Uuid) -> Result<Option<Meant>, Error> {
        let found = self.store.discord_reply(&TenantId::local(), id).await;
        let Some(kept) = found.outward()? else {
            return Ok(None);
        };
        let answered = match kept.reply.request {
            Some(request) => self.kept_question(request).await?,
            None => None,
        };
        Ok(Some(match answered {
            Some(question) => Meant::question(question),
            None => Meant::Reply(Box::new(kept)),
        }))
    }

    /// Questions of the bot in a state, the oldest first.
    pub(super) async fn questions_in(
        &self,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, Error> {
        self.store
            .discord_questions_in(&TenantId::local(), bot, state, limit)
            .await
            .outward()
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::agents::Name;
    use proptest::prelude::*;

    use super::*;

    fn heard(n: usize, micros: i64) -> Traffic {
        Traffic::In {
            request_id: RequestId(Uuid::from_u128(n as u128)),
            place: "#hq".to_owned(),
            author: "Zoë".to_owned(),
            agent: Name::first_managed(),
            text: String::new(),
            is_note: false,
            at: Timestamp::from_micros(micros),
            state: InboundState::Sent,
            sent_at: None,
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            stopped: false,
            fault: None,
        }
    }

    /// As the journal gives one direction: at least so many, and all of the last moment.
    fn page(direction: &[Traffic], before: Timestamp, limit: usize) -> Vec<Traffic> {
        let older = direction.iter().filter(|each| moment(each) < before);
        let mut older: Vec<_> = older.cloned().collect();
        older.sort_by_key(|each| std::cmp::Reverse(moment(each)));
        if let Some(last) = older.get(limit - 1).map(moment) {
            older.retain(|each| moment(each) >= last);
        }
        older
    }

    proptest! {
        #[test]
        fn pages_of_both_directions_have_everything_once_in_order(
            moments in prop::collection::vec((0..12_i64, any::<bool>()), 0..40),
            limit in 1..9_usize,
        ) {
            let all = moments.iter().enumerate().map(|(n, (at, is_in))| (heard(n, *at), *is_in));
            let (ins, outs): (Vec<_>, Vec<_>) = all.partition(|(_, is_in)| *is_in);
            let [ins, outs] = [ins, outs].map(|each| each.into_iter().map(|(one, _)| one).collect::<Vec<_>>());
            let mut listed = Vec::new();
            let mut before = Timestamp::from_micros(i64::MAX);
            loop {
                let mut both = page(&ins, before, limit + 1);
                both.extend(page(&outs, before, limit + 1));
                let (page, _) = merged(both, limit);
                let Some(last) = page.last() else { break };
                before = moment(last);
                listed.extend(page);
            }
            prop_assert!(listed.is_sorted_by_key(|each| std::cmp::Reverse(moment(each))));
            let ids = |all: &[Traffic]| {
                let mut ids: Vec<_> = all.iter().map(|each| match each {
                    Traffic::In { request_id, .. } => request_id.0,
                    Traffic::Out { reply_id, .. } => *reply_id,
                    Traffic::Stop { message_id, .. } => Uuid::from_u128(message_id.get().into()),
                    Traffic::Panel { panel_id, .. } => *panel_id,
                }).collect();
                ids.sort();
                ids
            };
            let all: Vec<_> = ins.into_iter().chain(outs).collect();
            prop_assert_eq!(ids(&listed), ids(&all));
        }
    }
}
