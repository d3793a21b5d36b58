//! How an agent's own program is wired to the bus, started and ended.

use serde::{Deserialize, Serialize};

use crate::clients::Client;
use crate::ids::{AgentId, RunId};
use crate::time::Timestamp;

/// Most starts by mail of one agent in a UTC day, where nobody chose another number.
pub const USUAL_WAKES_PER_DAY: u32 = 50;
/// How long mail is gathered before it starts an agent, in seconds, where nobody chose otherwise.
pub const USUAL_WAKE_BATCH_SECONDS: u32 = 10;
/// How much of what a program said is kept once it ended, in bytes.
pub const MOST_TAIL: usize = 16_384;

/// A client's file that was written for an agent. What it holds is known by its hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Whose token stands in it.
    pub agent: AgentId,
    /// Which program reads it.
    pub client: Client,
    /// Where it is; absolute.
    pub path: String,
    /// SHA-256 of the whole file as it was written, in hexadecimal digits.
    pub hash: String,
    /// The address in it.
    pub url: String,
    /// The last eight characters of the token in it.
    pub token_tail: String,
    /// When.
    pub written_at: Timestamp,
}

/// In which way a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum RunHow {
    /// In a tmux session of its own, which outlives Husting and to which a person can attach.
    Tmux,
    /// As a child of Husting, for one task; it ends with Husting.
    Once,
}

/// What started a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum RunCause {
    /// The operator.
    Operator,
    /// It had failed and was started again.
    Restart,
    /// Mail that came.
    Mail,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum RunExit {
    /// By itself, with this code.
    Code {
        /// 0 says that it did what it was asked.
        code: i32,
    },
    /// By a signal.
    Signal {
        /// Its number.
        signal: i32,
    },
    /// Nobody saw it: it ended while Husting was not running.
    Unseen,
    /// It never ran: the system refused it.
    NotStarted,
}

impl RunExit {
    /// Whether it did what it was asked.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Code { code: 0 })
    }
}

/// What follows the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunSequel {
    /// Nothing: it goes on, did what it was asked, was stopped, is not to be started again, or was already.
    #[default]
    Nothing,
    /// It failed and is started again.
    Restart {
        /// Not sooner; later where everything is paused then, or Husting does not run.
        at: Timestamp,
    },
    /// It failed too often to be started again by itself.
    GivenUp,
}

/// One start of an agent's program, to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Whose.
    pub agent: AgentId,
    /// In which way.
    pub how: RunHow,
    /// What started it.
    pub cause: RunCause,
    /// The program and its arguments, quoted for reading. No secret stands in it.
    pub command: String,
    /// Where it runs.
    pub directory: String,
    /// Which process it is, told apart from a later one of the same number; none where the system has
    /// no such mark.
    pub process: Option<String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When the agent first asked the bus who it is.
    pub booted_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub exit: Option<RunExit>,
    /// Somebody stopped it, or its token ended.
    pub stopped: bool,
    /// Whether it is started again when it fails.
    pub restarts: bool,
    /// What follows its end.
    pub sequel: RunSequel,
    /// The end of what it said, at most [`MOST_TAIL`] bytes, secrets removed.
    pub tail: String,
}

/// How an agent is run from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSetup {
    /// Whose.
    pub agent: AgentId,
    /// The command for one task that the operator has seen and confirmed; mail starts this one.
    pub once: Option<ConfirmedCommand>,
    /// The same for tmux.
    pub tmux: Option<ConfirmedCommand>,
    /// Whether mail starts it.
    pub wake: WakeRule,
}

/// A command that the operator confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedCommand {
    /// The program and its arguments, quoted for reading.
    pub command: String,
    /// Where it runs.
    pub directory: String,
}

/// When mail starts an agent that is not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WakeRule {
    /// Whether it does.
    pub on: bool,
    /// Requests alone, or plain mail too.
    pub requests_only: bool,
    /// How long mail is gathered after the first message, in seconds.
    pub batch_seconds: u32,
    /// Most starts in one UTC day.
    pub per_day: u32,
}

impl Default for WakeRule {
    fn default() -> Self {
        Self {
            on: false,
            requests_only: false,
            batch_seconds: USUAL_WAKE_BATCH_SECONDS,
            per_day: USUAL_WAKES_PER_DAY,
        }
    }
}
