//! A request as a script sees it, whichever wire it came over.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fences;

/// Which part of a round a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// An answer in prose.
    Respond,
    /// Reactions to the others' answers, as `{"snippets":[…]}`.
    React,
    /// A summary of a round, as `{"title","tldr","agenda","sections"}`.
    Recap,
    /// A summary of a session, as `{"title","tldr","origin","arcs"}`.
    Synthesis,
}

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The caller.
    User,
    /// The model.
    Assistant,
}

/// One message of the conversation, its text blocks joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

/// What a dialect reads out of a valid body.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub model: String,
    pub stream: bool,
    /// OpenAI: `stream_options.include_usage`. Anthropic always reports.
    pub include_usage: bool,
    pub max_tokens: Option<u64>,
    pub system: String,
    pub turns: Vec<Turn>,
    /// The JSON schema the answer must follow, from whichever field carries it.
    pub schema: Option<Value>,
    /// The tool the answer must be given through (Anthropic).
    pub forced_tool: Option<String>,
}

/// A valid request, with its place among the calls of its model.
#[derive(Clone, Debug)]
pub struct Asked {
    pub(crate) reading: Reading,
    /// Respond or react, by the script's own rule.
    pub phase: Phase,
    /// The how-many-eth call of this model this is, from 1, counted since the start.
    pub call: u32,
    /// The body as sent.
    pub body: Value,
}

impl Asked {
    /// The model's id as the caller wrote it.
    pub fn model(&self) -> &str {
        &self.reading.model
    }

    /// The system text, joined.
    pub fn system(&self) -> &str {
        &self.reading.system
    }

    /// The conversation.
    pub fn turns(&self) -> &[Turn] {
        &self.reading.turns
    }

    /// The newest words of the caller.
    pub fn user(&self) -> &str {
        self.reading.user()
    }

    /// Whether the prompt says `words` anywhere.
    pub fn says(&self, words: &str) -> bool {
        self.system().contains(words) || self.turns().iter().any(|turn| turn.text.contains(words))
    }

    /// Bytes of everything the model has to read.
    pub(crate) fn prompt_bytes(&self) -> usize {
        let schema = self
            .reading
            .schema
            .as_ref()
            .map_or(0, |schema| schema.to_string().len());
        let turns: usize = self.turns().iter().map(|turn| turn.text.len()).sum();
        self.system().len() + turns + schema
    }
}

impl Reading {
    pub(crate) fn user(&self) -> &str {
        self.turns
            .iter()
            .rfind(|turn| turn.role == Role::User)
            .map_or("", |turn| &turn.text)
    }

    /// What is asked for as data names its members: a reaction `snippets`, in its schema or, without one, as a JSON name outside
    /// of what others wrote. The bare word is no sign: a question may speak of snippets.
    pub(crate) fn phase(&self) -> Phase {
        let schema = self.schema.as_ref().map(Value::to_string);
        let outside = fences::read(self.user()).1;
        let named = |name: &str| {
            let name = format!("\"{name}\"");
            schema.as_ref().is_some_and(|schema| schema.contains(&name)) || outside.contains(&name)
        };
        if named("snippets") {
            Phase::React
        } else if named("arcs") {
            Phase::Synthesis
        } else if named("agenda") {
            Phase::Recap
        } else {
            Phase::Respond
        }
    }
}
