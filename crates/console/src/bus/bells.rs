//! One bell for each mailbox: whoever waits for mail hears it the moment it is on disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::messages::Mailbox;
use tokio::sync::watch;

/// All bells. A bell counts its rings, so that none is missed between a look and a wait.
#[derive(Default)]
pub(crate) struct Bells(Mutex<HashMap<Mailbox, watch::Sender<u64>>>);

impl Bells {
    /// Mail is there.
    pub fn ring(&self, mailbox: Mailbox) {
        if let Some(bell) = self.lock().get(&mailbox) {
            bell.send_modify(|rings| *rings += 1);
        }
    }

    /// Hears the rings from now on.
    pub fn listen(&self, mailbox: Mailbox) -> watch::Receiver<u64> {
        let mut bells = self.lock();
        // Those that nobody hears any more make room when somebody new comes.
        bells.retain(|_, bell| bell.receiver_count() > 0);
        bells.entry(mailbox).or_default().subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Mailbox, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_between_the_look_and_the_wait_is_heard() {
        let bells = Bells::default();
        let mut heard = bells.listen(Mailbox::Operator);
        bells.ring(Mailbox::Operator);
        heard.changed().await.unwrap();
        assert!(!heard.has_changed().unwrap());
        drop(heard);
        bells.ring(Mailbox::Operator);
        assert!(!bells.listen(Mailbox::Operator).has_changed().unwrap());
        assert_eq!(bells.lock().len(), 1);
    }
}
