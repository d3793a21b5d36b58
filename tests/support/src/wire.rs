//! The two dialects a fake provider can speak, chosen once when it starts.

use std::{fmt, str::FromStr};

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    anthropic,
    asked::{Asked, Reading},
    checks::Invalid,
    openai,
    refusal::{Problem, Refusal},
    script::{Auth, Behaviour},
    speech::Speech,
};

/// A vendor's HTTP contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// `POST /v1/chat/completions`, as OpenAI documents it and others imitate it.
    OpenAi,
    /// `POST /v1/messages`, as Anthropic documents it.
    Anthropic,
}

impl Wire {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Wire::OpenAi => "/v1/chat/completions",
            Wire::Anthropic => "/v1/messages",
        }
    }

    pub(crate) fn authorise(self, headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
        match self {
            Wire::OpenAi => openai::authorise(headers, auth),
            Wire::Anthropic => anthropic::authorise(headers, auth),
        }
    }

    pub(crate) fn read(self, body: &Value) -> Result<Reading, Invalid> {
        match self {
            Wire::OpenAi => openai::read(body),
            Wire::Anthropic => anthropic::read(body),
        }
    }

    pub(crate) fn refuse(self, problem: &Problem, number: usize) -> Refusal {
        match self {
            Wire::OpenAi => openai::refuse(problem, number),
            Wire::Anthropic => anthropic::refuse(problem, number),
        }
    }

    pub(crate) fn headers(self, number: usize) -> Vec<(&'static str, String)> {
        match self {
            Wire::OpenAi => openai::headers(number),
            Wire::Anthropic => anthropic::headers(number),
        }
    }

    pub(crate) fn speech(
        self,
        asked: &Asked,
        behaviour: &Behaviour,
        number: usize,
    ) -> Box<dyn Speech> {
        match self {
            Wire::OpenAi => Box::new(openai::Chunks::new(asked, &behaviour.options, number)),
            Wire::Anthropic => Box::new(anthropic::Events::new(asked, &behaviour.options, number)),
        }
    }

    pub(crate) fn models(self, ids: &[String]) -> Value {
        match self {
            Wire::OpenAi => openai::models(ids),
            Wire::Anthropic => anthropic::models(ids),
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wire::OpenAi => "openai",
            Wire::Anthropic => "anthropic",
        })
    }
}

/// The name is neither `openai` nor `anthropic`.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a wire; choose openai or anthropic")]
pub struct UnknownWire(String);

impl FromStr for Wire {
    type Err = UnknownWire;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "openai" => Ok(Wire::OpenAi),
            "anthropic" => Ok(Wire::Anthropic),
            other => Err(UnknownWire(other.to_owned())),
        }
    }
}
