//! Agents and their mail to write: each row complete, none equal to its type's defaults.

use husting_domain::agents::{Agent, AgentKind, AgentStatus, AgentToken, Denial, Name};
use husting_domain::ids::{AgentId, DenialId, MessageId, NoteId, TenantId, TokenId};
use husting_domain::memory::Note;
use husting_domain::messages::{Mailbox, Message, Sender};
use husting_domain::scopes::{Grants, Scope};
use husting_domain::time::Timestamp;
use husting_store::{
    AgentWrite, Arrival, BusWrite, CommitError, Dispatch, Earlier, Fetched, Kept, Require, Sent,
    Store, Unit, Write,
};
use uuid::Uuid;

use crate::values::{at, tenant, unit};

pub fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn agent_id(n: u128) -> AgentId {
    AgentId(Uuid::from_u128(0xa6e_0000_0000 + n))
}

pub fn token_id(n: u128) -> TokenId {
    TokenId(Uuid::from_u128(0x70c_0000_0000 + n))
}

pub fn message_id(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(0x3e5_0000_0000 + n))
}

pub fn denial_id(n: u128) -> DenialId {
    DenialId(Uuid::from_u128(0xde1_0000_0000 + n))
}

pub fn note_id(n: u128) -> NoteId {
    NoteId(Uuid::from_u128(0x107_0000_0000 + n))
}

pub fn mailbox(n: u128) -> Mailbox {
    Mailbox::Agent(agent_id(n))
}

pub fn agent(n: u128) -> Agent {
    Agent {
        id: agent_id(n),
        name: name(&format!("agent-{n}")),
        kind: AgentKind::Custom,
        model: Some("claude-sonnet-4-5".to_owned()),
        charter: Some("You are Bruno's voice.\n".to_owned()),
        status: AgentStatus::Active,
        grants: Grants::member(),
        epoch: 3,
        created_at: at(i64::try_from(n).unwrap()),
        expires_at: Some(at(90_000)),
        last_call_at: None,
        revoked_at: None,
        receipt: None,
    }
}

pub fn token(n: u128, of: u128) -> AgentToken {
    AgentToken {
        id: token_id(n),
        agent: agent_id(of),
        hash: [u8::try_from(n).unwrap(); 32],
        tail: "k3Qz81aB".to_owned(),
        created_at: at(i64::try_from(n).unwrap()),
        ends_at: None,
        ended_at: None,
    }
}

/// One call of agent `of` without `mcp:broadcast`.
pub fn denial(n: u128, of: u128) -> Denial {
    Denial {
        id: denial_id(n),
        agent: agent_id(of),
        scope: Scope::Broadcast,
        tool: "broadcast".to_owned(),
        to: None,
        calls: 1,
        first_at: at(10),
        last_at: at(10),
        decided: None,
    }
}

pub fn revoked(agent: Agent, when: Timestamp) -> Agent {
    Agent {
        status: AgentStatus::Revoked,
        revoked_at: Some(when),
        ..agent
    }
}

/// A note of agent `of`.
pub fn note(n: u128, of: u128, text: &str) -> Note {
    Note {
        id: note_id(n),
        agent: agent_id(of),
        squad: None,
        text: text.to_owned(),
        context: None,
        at: at(i64::try_from(n).unwrap()),
    }
}

/// The plain message `n` from agent 1 to agent `to`.
pub fn dispatch(n: u128, to: u128) -> Dispatch {
    Dispatch {
        id: message_id(n),
        mailbox: mailbox(to),
        from: Sender::Agent {
            id: agent_id(1),
            name: name("agent-1"),
        },
        to: name(&format!("agent-{to}")),
        text: format!("Message {n}: Größe?\n"),
        at: at(i64::try_from(n).unwrap()),
        request_id: None,
        in_reply_to: None,
        hops: 1,
        arrival: Arrival::Waiting,
    }
}

/// The same as a request.
pub fn request(n: u128, to: u128) -> Dispatch {
    Dispatch {
        request_id: Some(format!("r-{n}")),
        ..dispatch(n, to)
    }
}

pub fn send(dispatch: Dispatch) -> Write {
    Write::Bus(BusWrite::Send(dispatch))
}

pub fn insert(agent: Agent) -> Write {
    Write::Agent(AgentWrite::Insert(agent))
}

/// The agents 1 to `count` of the tenant.
pub async fn crew(store: &dyn Store, count: u128) {
    let agents = (1..=count).map(|n| insert(agent(n)));
    store.commit(unit().writes(agents)).await.unwrap();
}

pub async fn told(store: &dyn Store, write: BusWrite) -> Kept {
    store.commit(unit().write(Write::Bus(write))).await.unwrap()
}

pub async fn sent(store: &dyn Store, dispatch: Dispatch) -> Sent {
    told(store, BusWrite::Send(dispatch)).await.sent().unwrap()
}

/// What agent `of` is given at a moment, leased for ten minutes.
pub async fn fetch(store: &dyn Store, of: u128, now: Timestamp, limit: u32) -> Fetched {
    let write = BusWrite::Fetch {
        mailbox: mailbox(of),
        earlier: Earlier::Ends,
        at: now,
        lease_until: now.plus_millis(600_000),
        limit,
    };
    told(store, write).await.fetched().unwrap()
}

pub fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id).collect()
}

pub async fn read(store: &dyn Store, of: u128, n: u128) -> Message {
    let found = store.message(&tenant(), mailbox(of), message_id(n)).await;
    found.unwrap().unwrap()
}

/// Whether the precondition holds now.
pub async fn holds(store: &dyn Store, require: Require) -> bool {
    match store.commit(unit().require(require.clone())).await {
        Ok(_) => true,
        Err(CommitError::Refused(refused)) if refused == require => false,
        Err(other) => panic!("{other}"),
    }
}

pub async fn refusal(store: &dyn Store, unit: Unit) -> CommitError {
    store.commit(unit).await.unwrap_err()
}
