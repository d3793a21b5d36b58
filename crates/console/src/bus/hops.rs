//! How many agents' messages a message came after: what stops agents that answer each other.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{Mailbox, Message};
use husting_domain::time::Timestamp;
use husting_store::HopsGiven;
use husting_wire::errors::Error;

use super::sending::Letter;
use crate::Inner;
use crate::errors::Outward;

/// For how long what was read counts, in milliseconds.
const COUNTS_MILLIS: i64 = 600_000;

/// What each agent read of each other lately. Looked up in the store once for each agent, then kept.
#[derive(Default)]
pub(crate) struct HopsRead(Mutex<HashMap<AgentId, Known>>);

/// What is known of one agent's reading.
#[derive(Default)]
struct Known {
    read: Vec<HopsGiven>,
    /// What it read before it was first asked about is in there too.
    is_whole: bool,
}

impl Known {
    fn note(&mut self, given: HopsGiven) {
        let mut read = self.read.iter_mut();
        match read.find(|known| known.from == given.from && known.hops == given.hops) {
            Some(known) => known.at = known.at.max(given.at),
            None => self.read.push(given),
        }
    }
}

impl HopsRead {
    /// An agent was given these messages.
    pub fn note(&self, reader: AgentId, messages: &[Message], at: Timestamp) {
        let mut all = self.lock();
        // Nobody has begun to look it up: the store will know these too.
        let Some(known) = all.get_mut(&reader) else {
            return;
        };
        known
            .read
            .retain(|known| at.millis_since(known.at) < COUNTS_MILLIS);
        for message in messages {
            let Some(from) = message.from.agent() else {
                continue;
            };
            let hops = message.hops;
            known.note(HopsGiven { from, hops, at });
        }
    }

    /// An agent that asked was given this answer, past its mailbox.
    pub fn note_answer(&self, letter: &Letter, at: Timestamp) {
        let Mailbox::Agent(reader) = letter.to.mailbox else {
            return;
        };
        let Some(from) = letter.from.agent() else {
            return;
        };
        if let Some(known) = self.lock().get_mut(&reader) {
            let hops = letter.hops;
            known.note(HopsGiven { from, hops, at });
        }
    }

    /// From now on what an agent reads is noted, while the store is asked what it read before: a fetch
    /// that is kept between the store's answer and [`HopsRead::complete`] is in neither otherwise.
    fn begin(&self, reader: AgentId) {
        self.lock().entry(reader).or_default();
    }

    /// What the store knows of it.
    fn complete(&self, reader: AgentId, given: Vec<HopsGiven>) {
        let mut all = self.lock();
        let known = all.entry(reader).or_default();
        known.is_whole = true;
        for given in given {
            known.note(given);
        }
    }

    fn highest(
        &self,
        reader: AgentId,
        from: Option<AgentId>,
        now: Timestamp,
    ) -> Option<Option<u32>> {
        let all = self.lock();
        let known = all.get(&reader).filter(|known| known.is_whole)?;
        let counts = known.read.iter().filter(|known| {
            from.is_none_or(|from| known.from == from) && now.millis_since(known.at) < COUNTS_MILLIS
        });
        Some(counts.map(|known| known.hops).max())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, Known>> {
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
        self.hops.begin(reader);
        let given = self
            .store
            .hops_given(tenant, mailbox, since)
            .await
            .outward()?;
        self.hops.complete(reader, given);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(number: u128) -> AgentId {
        AgentId(uuid::Uuid::from_u128(number))
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(1_795_168_800_000_000).plus_millis(minutes * 60_000)
    }

    fn given(hops: u32, minutes: i64) -> HopsGiven {
        HopsGiven {
            from: agent(2),
            hops,
            at: at(minutes),
        }
    }

    #[test]
    fn what_is_read_while_the_store_is_asked_counts_too() {
        let hops = HopsRead::default();
        let reader = agent(1);
        hops.begin(reader);
        assert_eq!(hops.highest(reader, None, at(0)), None, "it is not known");
        // Kept after the store has answered and before that was heard.
        hops.note(reader, &[letter(5)], at(0));
        hops.complete(reader, vec![given(3, -2)]);
        assert_eq!(hops.highest(reader, None, at(0)), Some(Some(5)));
        assert_eq!(hops.highest(reader, None, at(9)), Some(Some(5)));
    }

    #[test]
    fn what_the_store_tells_counts_from_when_it_was_given() {
        let hops = HopsRead::default();
        let reader = agent(1);
        hops.begin(reader);
        hops.note(reader, &[letter(3)], at(0));
        // The store's answer is older than what was read meanwhile.
        hops.complete(reader, vec![given(3, -2), given(7, -9)]);
        assert_eq!(hops.highest(reader, None, at(0)), Some(Some(7)));
        assert_eq!(hops.highest(reader, None, at(1)), Some(Some(3)));
        assert_eq!(hops.highest(reader, None, at(10)), Some(None));
    }

    fn letter(hops: u32) -> Message {
        let name = |name| husting_domain::agents::Name::parse(name).unwrap();
        Message {
            id: crate::chance::message_id(),
            mailbox: Mailbox::Agent(agent(1)),
            seq: 1,
            place: 1,
            from: husting_domain::messages::Sender::Agent {
                id: agent(2),
                name: name("bruno"),
            },
            to: name("anna"),
            text: "Hello.".to_owned(),
            sent_at: at(0),
            request_id: None,
            in_reply_to: None,
            is_broadcast: false,
            squad: None,
            hops,
            state: husting_domain::messages::MessageState::Leased,
            deliveries: 1,
            fetched_at: None,
            leased_until: None,
            acknowledged: None,
            answered: None,
            ended_at: None,
            erased_at: None,
        }
    }
}
