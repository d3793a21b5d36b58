//! What a frame would lead to, for people and for scripts.

use std::fmt;

use husting_domain::agents::Name;
use husting_domain::discord::{RequestId, Snowflake};
use serde::Serialize;

use crate::inbound::{Reason, Trigger};

/// What a line would lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The line, from 1.
    pub line: usize,
    /// The event, where the line is a frame.
    pub event: Option<String>,
    /// The message that it is about.
    pub message_id: Option<Snowflake>,
    /// What would be done.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Outcome {
    /// An agent would be asked.
    Ask {
        /// Which.
        agent: Name,
        /// Why.
        trigger: Trigger,
        /// The question's id.
        request_id: RequestId,
        /// The call.
        bus: Call,
    },
    /// Nothing, because it is for no agent.
    Discard {
        /// Why.
        reason: Reason,
    },
    /// A question would be amended: its words replaced where the agent has not read them, else by this
    /// note.
    Amend {
        /// Which.
        request_id: RequestId,
        /// The note.
        bus: Call,
    },
    /// A question would be withdrawn where the agent has not read it.
    Withdraw {
        /// Which.
        request_id: RequestId,
    },
    /// Nothing, but that something is known from now on, or that the bridge does not need it.
    Note {
        /// What.
        note: String,
    },
    /// The line is no frame.
    Fault {
        /// Why.
        fault: String,
    },
}

/// A call of the bus's tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The tool: `send`.
    pub tool: &'static str,
    /// Who is written to.
    pub to: Name,
    /// The whole text.
    pub text: String,
}

impl Call {
    pub(super) const fn send(to: Name, text: String) -> Self {
        Self {
            tool: "send",
            to,
            text,
        }
    }
}

impl fmt::Display for Step {
    /// A line, and below it the call, whose text is indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(event) = &self.event {
            write!(f, ", {event}")?;
        }
        if let Some(message) = self.message_id {
            write!(f, ", message {message}")?;
        }
        writeln!(f, ": {}", self.outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask {
                agent,
                trigger,
                bus,
                ..
            } => write!(f, "asks {agent} ({})\n{bus}", in_words(*trigger)),
            Self::Discard { reason } => write!(f, "discarded: {reason}"),
            Self::Amend { request_id, bus } => {
                write!(f, "amends {request_id}; once it was read by this\n{bus}")
            }
            Self::Withdraw { request_id } => write!(f, "withdraws {request_id} unless it was read"),
            Self::Note { note } => f.write_str(note),
            Self::Fault { fault } => write!(f, "no frame: {fault}"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  bus {} to {}:", self.tool, self.to)?;
        self.text
            .lines()
            .try_for_each(|line| write!(f, "\n    {line}"))
    }
}

const fn in_words(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::DirectMessage => "a direct message",
        Trigger::Mention => "it mentions the bot",
        Trigger::MappedChannel => "the channel is mapped",
    }
}
