//! How many agents' messages a message came after: what stops agents that answer each other.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{Mailbox, Message};
use husting_domain::time::Timestamp;
use husting_wire::errors::Error;

use super::sending::Letter;
use crate::Inner;
use crate::errors::Outward;

/// For how long what was read counts, in milliseconds.
const COUNTS_MILLIS: i64 = 600_000;

/// What each agent read of each other lately. Looked up in the store once for each agent, then kept.
#[derive(Default)]
pub(crate) struct HopsRead(Mutex<HashMap<AgentId, Vec<Read>>>);

#[derive(Clone, Copy)]
struct Read {
    from: AgentId,
    hops: u32,
    at: Timestamp,
}

fn note(read: &mut Vec<Read>, from: Option<AgentId>, hops: u32, at: Timestamp) {
    let Some(from) = from else { return };
    match read
        .iter_mut()
        .find(|known| known.from == from && known.hops == hops)
    {
        Some(known) => known.at = at,
        None => read.push(Read { from, hops, at }),
    }
}

impl HopsRead {
    /// An agent was given these messages.
    pub fn note(&self, reader: AgentId, messages: &[Message], at: Timestamp) {
        let mut all = self.lock();
        // Not looked up yet: the store will know these too.
        let Some(read) = all.get_mut(&reader) else {
            return;
        };
        read.retain(|known| at.millis_since(known.at) < COUNTS_MILLIS);
        for message in messages {
            note(read, message.from.agent(), message.hops, at);
        }
    }

    /// An agent that asked was given this answer, past its mailbox.
    pub fn note_answer(&self, letter: &Letter, at: Timestamp) {
        let Mailbox::Agent(reader) = letter.to.mailbox else {
            return;
        };
        if let Some(read) = self.lock().get_mut(&reader) {
            note(read, letter.from.agent(), letter.hops, at);
        }
    }

    fn highest(
        &self,
        reader: AgentId,
        from: Option<AgentId>,
        now: Timestamp,
    ) -> Option<Option<u32>> {
        let all = self.lock();
        let read = all.get(&reader)?.iter();
        let counts = read.filter(|known| {
            from.is_none_or(|from| known.from == from) && now.millis_since(known.at) < COUNTS_MILLIS
        });
        Some(counts.map(|known| known.hops).max())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, Vec<Read>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The hops of what an agent writes: one more than the highest it read from that peer lately, or of
    /// what it answers. To several, of all peers.
    pub(crate) async fn hops_of(
        &self,
        tenant: &TenantId,
        writer: AgentId,
        to: Option<Mailbox>,
        answers: Option<&Message>,
    ) -> Result<u32, Error> {
        let peer = match to {
            // Nobody answers the operator by themselves.
            Some(Mailbox::Operator) => return Ok(answers.map_or(0, |message| message.hops) + 1),
            Some(Mailbox::Agent(id)) => Some(id),
            None => None,
        };
        let now = self.now();
        let read = match self.hops.highest(writer, peer, now) {
            Some(read) => read,
            None => {
                self.look_up_hops(tenant, writer, now).await?;
                self.hops.highest(writer, peer, now).flatten()
            }
        };
        let highest = read.max(answers.map(|message| message.hops));
        Ok(highest.map_or(0, |hops| hops + 1).max(1))
    }

    async fn look_up_hops(
        &self,
        tenant: &TenantId,
        reader: AgentId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let since = now.plus_millis(-COUNTS_MILLIS);
        let mailbox = Mailbox::Agent(reader);
        let given = self
            .store
            .hops_given(tenant, mailbox, since)
            .await
            .outward()?;
        let read = given.into_iter().map(|(from, hops)| Read {
            from,
            hops,
            at: now,
        });
        self.hops
            .lock()
            .entry(reader)
            .or_insert_with(|| read.collect());
        Ok(())
    }
}
