//! Why an agent that Husting runs leaves its mail for now, as the operator reads it.

use std::sync::Arc;

use husting_domain::addressees::Addressee;
use husting_domain::agents::{Agent, Name};
use husting_domain::ids::AgentId;
use husting_domain::messages::{Message, Sender};
use husting_domain::money::MicroUsd;
use husting_domain::scopes::Scope;
use husting_wallet::turns::TurnRefused;

use crate::Inner;
use crate::agents::{AgentHolder, Left};
use crate::bus::OPERATOR;

/// What keeps an agent from a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// It may not send.
    Scope,
    /// Its seat is not on this machine.
    Seat,
    /// Its seat cannot be asked, for this reason.
    Unfit(String),
    /// It had so many turns today, which are all of them.
    Turns(u32),
    /// What it may be charged in a day is used, or would not cover the turn.
    Money(TurnRefused),
}

impl Hindrance {
    /// What it is and what can be done about it.
    pub fn sentence(&self, agent: &Agent) -> String {
        match self {
            Self::Scope => {
                "It may not send (mcp:send), and so answer nobody. It does once you grant it."
                    .to_owned()
            }
            Self::Seat => format!(
                "Its seat {} is not on this machine. It answers once you choose another.",
                agent.model.as_deref().unwrap_or_default()
            ),
            Self::Unfit(why) => format!(
                "Its seat {} cannot be asked. {why}",
                agent.model.as_deref().unwrap_or_default()
            ),
            Self::Turns(turns) => format!(
                "It had its {turns} turns of today. It goes on tomorrow (UTC), or once Settings allow more."
            ),
            // The next day would change nothing.
            Self::Money(TurnRefused::Day { limit, used }) if *used == MicroUsd::ZERO => format!(
                "One answer of its seat can cost more than the {limit} that it may cost in a day. It answers once Settings \
                 allow more, or on a seat that costs less."
            ),
            Self::Money(TurnRefused::Day { limit, used }) => format!(
                "Of the {limit} that it may cost in a day {used} is used, and the rest does not cover another answer. It goes on \
                 tomorrow (UTC), or once Settings allow more."
            ),
            Self::Money(TurnRefused::Credit(exhausted)) => format!(
                "The wallet must cover an answer before it begins: {exhausted}. It goes on once you raise the limit, or at the reset."
            ),
        }
    }
}

impl Inner {
    /// Leaves a message for now, and says why where that is news. For a scope the operator is asked once
    /// for each message: an agent that looks at its mail anew would otherwise ask again and again.
    pub(super) async fn leave(
        self: &Arc<Self>,
        holder: &AgentHolder,
        agent: &Agent,
        message: &Message,
        hindrance: &Hindrance,
    ) {
        let why = hindrance.sentence(agent);
        let left = Left {
            message: message.id,
            why: why.clone(),
        };
        if !self.agents.leave(agent.id, Some(left)) {
            return;
        }
        tracing::warn!(agent = %agent.name, why, "a managed agent leaves its mail");
        if *hindrance == Hindrance::Scope {
            let to = answered(&message.from);
            self.deny(holder, Scope::Send, "send", to).await;
        }
        self.tell_agent(agent.id).await;
    }

    /// Nothing is left any more.
    pub(super) async fn leave_nothing(&self, agent: AgentId) {
        if self.agents.leave(agent, None) {
            self.tell_agent(agent).await;
        }
    }
}

/// Whom an answer to this sender goes to.
fn answered(sender: &Sender) -> Option<Addressee> {
    let name = match sender {
        Sender::Agent { name, .. } => Some(name.clone()),
        Sender::Operator => Name::parse(OPERATOR).ok(),
        Sender::Discord { .. } | Sender::System => None,
    };
    name.map(Addressee::Agent)
}
