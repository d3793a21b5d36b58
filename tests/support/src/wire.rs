//! The dialects a fake provider can speak, one of them chosen when it starts.

use std::{fmt, str::FromStr};

use axum::http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    anthropic,
    asked::{Asked, Reading},
    checks::Invalid,
    gemini, ollama, openai,
    refusal::{Problem, Refusal},
    responses,
    script::{Auth, Behaviour},
    speech::Speech,
};

/// A vendor's HTTP contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// `POST /v1/chat/completions`, as OpenAI documents it and others imitate it.
    OpenAi,
    /// `POST /v1/responses`, as OpenAI documents it.
    Responses,
    /// `POST /v1/messages`, as Anthropic documents it.
    Anthropic,
    /// `POST /v1beta/models/MODEL:streamGenerateContent`, as Google documents it.
    Gemini,
    /// `POST /api/chat`, as Ollama documents it.
    Ollama,
}

impl Wire {
    /// Every wire.
    pub const ALL: [Wire; 5] = [
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama,
    ];

    /// Where answers are asked for.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Wire::OpenAi => "/v1/chat/completions",
            Wire::Responses => "/v1/responses",
            Wire::Anthropic => "/v1/messages",
            Wire::Gemini => "/v1beta/models/{called}",
            Wire::Ollama => "/api/chat",
        }
    }

    /// Where models are listed.
    pub(crate) fn models_path(self) -> &'static str {
        match self {
            Wire::OpenAi | Wire::Responses | Wire::Anthropic => "/v1/models",
            Wire::Gemini => "/v1beta/models",
            Wire::Ollama => "/api/tags",
        }
    }

    /// What a base URL ends with, the way such servers are configured.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Wire::Gemini => "/v1beta",
            _ => "/v1",
        }
    }

    /// The content type of a stream.
    pub(crate) fn stream_type(self) -> &'static str {
        match self {
            Wire::Ollama => "application/x-ndjson",
            Wire::Gemini => "text/event-stream",
            Wire::OpenAi | Wire::Responses | Wire::Anthropic => "text/event-stream; charset=utf-8",
        }
    }

    pub(crate) fn authorise(self, headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
        match self {
            Wire::OpenAi | Wire::Responses => openai::authorise(headers, auth),
            Wire::Anthropic => anthropic::authorise(headers, auth),
            Wire::Gemini => gemini::authorise(headers, auth),
            Wire::Ollama => ollama::authorise(headers, auth),
        }
    }

    pub(crate) fn read(self, body: &Value, uri: &Uri) -> Result<Reading, Invalid> {
        match self {
            Wire::OpenAi => openai::read(body),
            Wire::Responses => responses::read(body),
            Wire::Anthropic => anthropic::read(body),
            Wire::Gemini => gemini::read(body, uri),
            Wire::Ollama => ollama::read(body),
        }
    }

    pub(crate) fn refuse(self, problem: &Problem, number: usize) -> Refusal {
        match self {
            Wire::OpenAi | Wire::Responses => openai::refuse(problem, number),
            Wire::Anthropic => anthropic::refuse(problem, number),
            Wire::Gemini => gemini::refuse(problem),
            Wire::Ollama => ollama::refuse(problem),
        }
    }

    pub(crate) fn headers(self, number: usize) -> Vec<(&'static str, String)> {
        match self {
            Wire::OpenAi | Wire::Responses => openai::headers(number),
            Wire::Anthropic => anthropic::headers(number),
            Wire::Gemini => gemini::headers(),
            Wire::Ollama => Vec::new(),
        }
    }

    pub(crate) fn speech(
        self,
        asked: &Asked,
        behaviour: &Behaviour,
        number: usize,
    ) -> Box<dyn Speech> {
        let options = &behaviour.options;
        match self {
            Wire::OpenAi => Box::new(openai::Chunks::new(asked, options, number)),
            Wire::Responses => Box::new(responses::Events::new(asked, options, number)),
            Wire::Anthropic => Box::new(anthropic::Events::new(asked, options, number)),
            Wire::Gemini => Box::new(gemini::Chunks::new(asked, options, number)),
            Wire::Ollama => Box::new(ollama::Lines::new(asked, options)),
        }
    }

    pub(crate) fn models(self, ids: &[String]) -> Value {
        match self {
            Wire::OpenAi | Wire::Responses => openai::models(ids),
            Wire::Anthropic => anthropic::models(ids),
            Wire::Gemini => gemini::models(ids),
            Wire::Ollama => ollama::models(ids),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Wire::OpenAi => "openai",
            Wire::Responses => "responses",
            Wire::Anthropic => "anthropic",
            Wire::Gemini => "gemini",
            Wire::Ollama => "ollama",
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of a wire.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a wire; choose openai, responses, anthropic, gemini or ollama")]
pub struct UnknownWire(String);

impl FromStr for Wire {
    type Err = UnknownWire;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Wire::ALL
            .into_iter()
            .find(|wire| wire.name() == name)
            .ok_or_else(|| UnknownWire(name.to_owned()))
    }
}
