//! How a letter arrives: held, given to the call that waits for it, or waiting in its mailbox.

use husting_domain::messages::MOST_HOPS;
use husting_domain::time::Timestamp;
use husting_store::Arrival;

use super::asking::Asker;
use super::sending::Letter;
use crate::Inner;

/// A letter that is being kept.
pub(crate) struct Underway {
    /// The call that waits for it.
    asker: Option<Asker>,
    pub arrival: Arrival,
    pub at: Timestamp,
}

impl Inner {
    /// Decides how a letter arrives; a call that waits for it is taken until it is kept or not.
    pub(crate) fn underway(&self, letter: &Letter) -> Underway {
        let at = self.now();
        // What is held for the operator is given to nobody.
        let is_held = letter.hops >= MOST_HOPS;
        let asker = (!is_held).then(|| self.askers.of(letter)).flatten();
        let arrival = if is_held {
            Arrival::Held
        } else if asker.is_some() {
            Arrival::Given(self.lease_end(at))
        } else {
            Arrival::Waiting
        };
        Underway { asker, arrival, at }
    }

    /// The letter is on disk, under this number in its mailbox.
    pub(crate) fn arrived(&self, underway: Underway, letter: &Letter, seq: u64) {
        if let Some(asker) = underway.asker {
            self.hops.note_answer(letter, underway.at);
            asker.hand_over(letter, seq, underway.at);
            self.leases_changed.notify_one();
        } else if underway.arrival == Arrival::Waiting {
            self.bells.ring(letter.to.mailbox);
        }
    }

    /// The letter was not kept: whoever waits for it goes on waiting.
    pub(crate) fn came_back(&self, underway: Underway) {
        if let Some(asker) = underway.asker {
            self.askers.put_back(asker);
        }
    }
}
