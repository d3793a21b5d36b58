//! What is known from the frames before: who the bot is, which channels are threads, what was asked.

use std::collections::BTreeMap;

use husting_domain::discord::{Inbound, RequestId, Snowflake};
use husting_domain::time::Timestamp;
use serde_json::Value;

use super::frame::{self, Frame};
use super::samples::BOT;
use super::step::{Call, Outcome, Step};
use crate::inbound::{
    Amendment, Decision, Hearing, Routes, Trigger, amended, amends, decide, worded,
};
use crate::settings::{Settings, bot_id};

pub(super) struct Known<'s> {
    settings: &'s Settings,
    routes: Routes,
    /// The channel of each thread.
    parents: BTreeMap<Snowflake, Snowflake>,
    questions: BTreeMap<Snowflake, Inbound>,
}

impl<'s> Known<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        let bot = bot_id(&settings.bot_token).unwrap_or(BOT);
        Self {
            settings,
            routes: Routes::of(settings, bot),
            parents: BTreeMap::new(),
            questions: BTreeMap::new(),
        }
    }

    /// What a line leads to.
    pub(super) fn step(
        &mut self,
        number: usize,
        line: &[u8],
        now: Timestamp,
        ids: &mut impl FnMut() -> RequestId,
    ) -> Step {
        let (event, message_id, outcome) = match frame::frame(line) {
            Err(fault) => (None, None, fault_of(&fault)),
            Ok(frame) => {
                let event = frame.t.clone();
                let about = event
                    .as_deref()
                    .is_some_and(|event| event.starts_with("MESSAGE_"));
                let message = id(&frame.d["id"]).filter(|_| about);
                (event, message, self.outcome(frame, now, ids))
            }
        };
        Step {
            line: number,
            event,
            message_id,
            outcome,
        }
    }

    fn outcome(
        &mut self,
        frame: Frame,
        now: Timestamp,
        ids: &mut impl FnMut() -> RequestId,
    ) -> Outcome {
        let event = frame.t.unwrap_or_default();
        match (frame.op, event.as_str()) {
            (0, "MESSAGE_CREATE") => self.created(frame.d, now, ids()),
            (0, "MESSAGE_UPDATE") => self.updated(&frame.d),
            (0, "MESSAGE_DELETE") => self.deleted(&frame.d),
            (0, "READY") => self.ready(&frame.d),
            (0, "GUILD_CREATE" | "THREAD_LIST_SYNC") => self.guild(&frame.d),
            (0, "THREAD_CREATE" | "THREAD_UPDATE") => self.threads([&frame.d].into_iter()),
            _ => note("nothing for the bridge"),
        }
    }

    fn created(&mut self, data: Value, now: Timestamp, request: RequestId) -> Outcome {
        let message = match frame::message(data) {
            Ok(message) => message,
            Err(fault) => return fault_of(&fault),
        };
        let written_in = Snowflake::new(message.channel_id.get()).ok();
        let parent = written_in.and_then(|id| self.parents.get(&id).copied());
        let hearing = Hearing {
            request,
            parent,
            at: now,
        };
        match decide(&self.routes, &message, hearing) {
            Decision::Stop(_) => note("STOP: replies to what was asked here before are not posted"),
            Decision::Discard(reason) => Outcome::Discard { reason },
            Decision::Ask(inbound) => {
                let trigger = self.routes.trigger(&message, inbound.place);
                self.asked(*inbound, trigger.unwrap_or(Trigger::Mention))
            }
        }
    }

    fn asked(&mut self, inbound: Inbound, trigger: Trigger) -> Outcome {
        let text = worded(&inbound, &self.settings.connector);
        let outcome = Outcome::Ask {
            agent: inbound.agent.clone(),
            trigger,
            request_id: inbound.request,
            bus: Call::send(inbound.agent.clone(), text),
        };
        self.questions.insert(inbound.message, inbound);
        outcome
    }

    fn updated(&mut self, data: &Value) -> Outcome {
        let Some(existing) = self.question(data) else {
            return note("no question was made of it");
        };
        let Some(text) = data["content"].as_str() else {
            return note("its words are the same");
        };
        match amended(existing, text, &self.routes) {
            Amendment::Unchanged => note("its words are the same"),
            Amendment::Emptied => self.deleted(data),
            Amendment::Changed(changed) => {
                let text = amends(&changed, &self.settings.connector);
                let outcome = Outcome::Amend {
                    request_id: changed.request,
                    bus: Call::send(changed.agent.clone(), text),
                };
                self.questions.insert(changed.message, *changed);
                outcome
            }
        }
    }

    fn deleted(&mut self, data: &Value) -> Outcome {
        let question = id(&data["id"]).and_then(|message| self.questions.remove(&message));
        question.map_or_else(
            || note("no question was made of it"),
            |question| Outcome::Withdraw {
                request_id: question.request,
            },
        )
    }

    fn question(&self, data: &Value) -> Option<&Inbound> {
        self.questions.get(&id(&data["id"])?)
    }

    fn ready(&mut self, data: &Value) -> Outcome {
        let Some(bot) = id(&data["user"]["id"]) else {
            return note("it does not say who the bot is");
        };
        self.routes.bot = bot;
        note(&format!("the bot is {bot}"))
    }

    /// Threads of a server, and the role that Discord made for the bot there.
    fn guild(&mut self, data: &Value) -> Outcome {
        let bot = self.routes.bot;
        let is_own = |role: &&Value| id(&role["tags"]["bot_id"]) == Some(bot);
        let roles = data["roles"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(is_own);
        self.routes
            .bot_roles
            .extend(roles.filter_map(|role| id(&role["id"])));
        self.threads(data["threads"].as_array().into_iter().flatten())
    }

    fn threads<'v>(&mut self, threads: impl Iterator<Item = &'v Value>) -> Outcome {
        let known =
            threads.filter_map(|thread| Some((id(&thread["id"])?, id(&thread["parent_id"])?)));
        let known: Vec<_> = known.collect();
        let count = known.len();
        self.parents.extend(known);
        note(&format!("threads known from it: {count}"))
    }
}

fn fault_of(fault: &dyn std::error::Error) -> Outcome {
    Outcome::Fault {
        fault: fault.to_string(),
    }
}

fn note(text: &str) -> Outcome {
    Outcome::Note {
        note: text.to_owned(),
    }
}

fn id(value: &Value) -> Option<Snowflake> {
    value.as_str()?.parse().ok()
}
