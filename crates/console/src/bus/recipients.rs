//! Who is meant by a name on the bus.

use std::sync::Arc;

use husting_deliberation::hygiene::is_blank;
use husting_domain::agents::{Agent, AgentKind, AgentStatus, Name};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{MOST_TEXT, Mailbox, Message};
use husting_wire::errors::{Error, ErrorCode};

use crate::Inner;

/// What the operator is called.
pub(crate) const OPERATOR: &str = "operator";

/// Somebody who reads mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pub mailbox: Mailbox,
    pub name: Name,
}

/// Who reads a refusal: each is told what they can do themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// With tools.
    Agent,
    /// With a command line.
    Operator,
}

impl Inner {
    /// Who is called so in a tenant, and reads mail.
    ///
    /// # Errors
    /// `agent_not_found`; `invalid_state` for one that reads no mail now.
    pub(crate) fn reader(
        &self,
        tenant: &TenantId,
        name: &str,
        writer: Writer,
    ) -> Result<Reader, Error> {
        let name = name.trim();
        if let Some(bridge) = self.bridge_to(tenant, name) {
            return reading(&bridge, writer);
        }
        let name = name.strip_prefix("agent:").unwrap_or(name);
        let name = name
            .strip_prefix("human:")
            .filter(|rest| *rest == OPERATOR)
            .unwrap_or(name);
        let name = Name::parse(name).map_err(|_| nobody(name, writer))?;
        if name.as_str() == OPERATOR {
            if *tenant != TenantId::local() {
                return Err(Error::new(
                    ErrorCode::AgentNotFound,
                    "The operator reads no mail of this tenant. Nothing was sent; write to an agent of it: `peers` lists them.",
                ));
            }
            return Ok(Reader {
                mailbox: Mailbox::Operator,
                name,
            });
        }
        let found = self.agents.by_name(tenant, &name);
        let agent = found.ok_or_else(|| nobody(name.as_str(), writer))?.agent;
        reading(&agent, writer)
    }

    /// Whoever wrote a message, to be answered. Agents are found by their id: another may have the name
    /// by now.
    ///
    /// # Errors
    /// As [`Inner::reader`].
    pub(crate) fn writer_of(&self, tenant: &TenantId, message: &Message) -> Result<Reader, Error> {
        let Some(id) = message.from.agent() else {
            return self.reader(tenant, OPERATOR, Writer::Agent);
        };
        let agent = self.not_revoked(id);
        let agent = agent.ok_or_else(|| nobody(&message.from.to_string(), Writer::Agent))?;
        reading(&agent, Writer::Agent)
    }

    /// Whether whoever wrote a message was revoked, and reads no answer to it.
    pub(crate) fn is_writer_gone(&self, message: &Message) -> bool {
        let id = message.from.agent();
        id.is_some_and(|id| self.not_revoked(id).is_none())
    }

    /// Whoever writes to a person in Discord by the name before their words, writes to the bridge; none
    /// where there are several.
    fn bridge_to(&self, tenant: &TenantId, name: &str) -> Option<Arc<Agent>> {
        name.strip_prefix("discord:")?;
        let agents = self.agents.of_tenant(tenant).into_iter();
        let agents = agents.map(|standing| standing.agent);
        let mut bridges = agents.filter(|agent| {
            agent.kind == AgentKind::Connector && agent.status != AgentStatus::Revoked
        });
        let bridge = bridges.next()?;
        bridges.next().is_none().then_some(bridge)
    }

    fn not_revoked(&self, id: AgentId) -> Option<Arc<Agent>> {
        let agent = self.agents.standing(id)?.agent;
        (agent.status != AgentStatus::Revoked).then_some(agent)
    }
}

/// An agent as a reader, if it reads mail now.
fn reading(agent: &Agent, writer: Writer) -> Result<Reader, Error> {
    if agent.status != AgentStatus::Active {
        return Err(reads_no_mail(&agent.name, writer));
    }
    Ok(Reader {
        mailbox: Mailbox::Agent(agent.id),
        name: agent.name.clone(),
    })
}

/// A squad's name.
///
/// # Errors
/// `invalid_body` with the rule.
pub(super) fn squad_name(name: &str) -> Result<Name, Error> {
    Name::parse(name.trim()).map_err(|_| {
        Error::new(
            ErrorCode::InvalidBody,
            "A squad's name has 1 to 63 of a-z, 0-9 and hyphens, and begins with a letter.",
        )
    })
}

/// A text that may be sent.
///
/// # Errors
/// `invalid_body` for one without a word, or one that is too long.
pub(super) fn sendable(text: &str) -> Result<(), Error> {
    let length = text.chars().count();
    if is_blank(text) {
        return Err(Error::new(
            ErrorCode::InvalidBody,
            "The message is empty. Nothing was sent.",
        ));
    }
    if (1..=MOST_TEXT).contains(&length) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::InvalidBody,
        format!(
            "A message has 1 to {MOST_TEXT} characters; this one has {length}. Send it in parts."
        ),
    ))
}

pub(super) fn reads_no_mail(name: &Name, writer: Writer) -> Error {
    let way = match writer {
        Writer::Agent => "its operator can enable it".to_owned(),
        Writer::Operator => format!("`husting agent enable {name}` lets it read again"),
    };
    Error::new(
        ErrorCode::InvalidState,
        format!("{name} is disabled and reads no mail. Nothing was sent; {way}."),
    )
}

fn nobody(name: &str, writer: Writer) -> Error {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    let list = match writer {
        Writer::Agent => {
            format!("`peers` lists who is, and whoever runs Husting reads as `{OPERATOR}`")
        }
        Writer::Operator => "`husting agent list` lists who is".to_owned(),
    };
    Error::new(
        ErrorCode::AgentNotFound,
        match shown.trim() {
            "" => format!("The message names no reader. {list}; nothing was sent."),
            name => format!("There is no agent called {name} here. {list}; nothing was sent."),
        },
    )
}
