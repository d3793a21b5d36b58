//! The bus as the bridge needs it: this machine's or another, over MCP.

mod remote;

use std::time::Duration;

use async_trait::async_trait;
use husting_domain::agents::Name;
use husting_domain::discord::RequestId;
use husting_domain::time::Timestamp;

pub use remote::{RemoteBus, RemoteOptions};

/// Who holds the bridge's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it is called on the bus.
    pub name: String,
    /// Whether the bus said so; else it is what the settings say.
    pub is_proved: bool,
}

/// A question on its way to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Who is asked.
    pub to: Name,
    /// The whole text, with its markers.
    pub text: String,
    /// The question's id.
    pub request: RequestId,
    /// Under it a second try sends nothing twice.
    pub key: String,
}

/// Mail to the bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The bus's id of it.
    pub id: String,
    /// Who wrote, as the bus proves: an agent's name, without `agent:`.
    pub from: String,
    /// Its text as written.
    pub text: String,
    /// The bus's id of the message that it was sent as an answer to.
    pub answers: Option<String>,
    /// It was sent to others as well.
    pub is_broadcast: bool,
}

/// Mail that came lately, a page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// Oldest first.
    pub mail: Vec<Mail>,
    /// Before which number there may be older mail; none where there is none, or the bus gives no more.
    pub older: Option<u64>,
}

/// The page of an inbox that ends before a number: behind which number it begins, and how many numbers it
/// has, at most `most`. Those of one inbox have no gaps.
#[must_use]
pub fn page_before(before: u64, most: u32) -> (u64, u32) {
    let last = before.saturating_sub(1);
    let after = last.saturating_sub(most.into());
    let count = u32::try_from(last - after).unwrap_or(most);
    (after, count.max(1))
}

/// An agent of the bus, as far as it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// What it is called.
    pub name: String,
    /// Whether it reads mail now.
    pub active: bool,
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its agent took it, then.
    Taken(Timestamp),
    /// The bus has put it aside, or somebody took it back there, and it is given to nobody: why, as a sentence.
    Parked(String),
}

/// Why the bus did not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// It does not answer, or not now: worth another try.
    #[error("the bus at {address} cannot be reached: {why}")]
    Unreachable {
        /// Its address, without a token.
        address: String,
        /// In words.
        why: String,
        /// When it asks to be tried again.
        retry_after: Option<Duration>,
    },
    /// The inbox of the agent that is written to takes no more now; others may.
    #[error("{0}")]
    InboxFull(String),
    /// It failed at this one thing by a fault of its own, in its own words.
    #[error("the bus failed: {0}")]
    Failed(String),
    /// It holds everybody for a while: nothing is taken or given.
    #[error("{why}")]
    Held {
        /// In its own words.
        why: String,
        /// When it asks to be tried again.
        retry_after: Option<Duration>,
    },
    /// It does not take the token.
    #[error("the bus does not take the token: {0}")]
    Unauthorized(String),
    /// It has a letter under this key already, with other words.
    #[error("the bus has it already")]
    SentBefore,
    /// It refuses this one thing, in its own words.
    #[error("{0}")]
    Refused(String),
}

/// One connection to a bus.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Who holds the token.
    ///
    /// # Errors
    /// [`BusError`].
    async fn whoami(&self) -> Result<Identity, BusError>;

    /// Sends a question; gives the bus's id of it. The same request is sent once, however often this is
    /// called.
    ///
    /// # Errors
    /// [`BusError`]; `Refused` when the agent is not there or reads no mail.
    async fn send(&self, letter: &Letter) -> Result<String, BusError>;

    /// Mail to the bridge, oldest first, as soon as there is any; nothing when there is none for so long.
    /// It comes again until it is acknowledged.
    ///
    /// # Errors
    /// [`BusError`].
    async fn mail(&self, patience: Duration) -> Result<Vec<Mail>, BusError>;

    /// The newest mail before a number that [`Recent::older`] gave, or of all; also what was given before,
    /// but, where the bus tells, not what was acknowledged: this bridge has it, or another with a journal
    /// of its own. Nothing where the bus does not tell. A bus may take mail for read because it gave it,
    /// and a process that dies or a line that breaks with it in hand has not kept it.
    ///
    /// # Errors
    /// [`BusError`].
    async fn recent(&self, before: Option<u64>) -> Result<Recent, BusError>;

    /// Says that mail is kept.
    ///
    /// # Errors
    /// [`BusError`].
    async fn ack(&self, ids: &[String]) -> Result<(), BusError>;

    /// Who is on the bus, where it tells.
    ///
    /// # Errors
    /// [`BusError`].
    async fn peers(&self) -> Result<Vec<Peer>, BusError>;

    /// What became of each of these letters, where anything did and the bus tells; by the bus's ids.
    ///
    /// # Errors
    /// [`BusError`].
    async fn fates(&self, _ids: &[String]) -> Result<Vec<(String, Fate)>, BusError> {
        Ok(Vec::new())
    }

    /// Takes a letter back that its agent has not taken yet. False where it has, or where the bus takes
    /// nothing back.
    ///
    /// # Errors
    /// [`BusError`].
    async fn withdraw(&self, _id: &str) -> Result<bool, BusError> {
        Ok(false)
    }

    /// Waits until a bus that held everybody ([`BusError::Held`]) lets them go on; for ever where the bus
    /// does not tell.
    async fn let_go(&self) {
        std::future::pending().await
    }

    /// Waits until [`Bus::fates`] may tell something new; for ever where the bus does not tell.
    async fn moved(&self) {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::in_the_middle(500, (399, 100))]
    #[case::the_last_whole_one(101, (0, 100))]
    #[case::what_is_left_of_the_beginning(51, (0, 50))]
    #[case::the_first(2, (0, 1))]
    #[case::before_all(1, (0, 1))]
    fn a_page_ends_before_its_number(#[case] before: u64, #[case] page: (u64, u32)) {
        assert_eq!(page_before(before, 100), page);
    }
}
