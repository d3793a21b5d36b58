//! Letters that the bridge takes back from the bus by itself. Until the journal has it, the bus tells that
//! such a letter was taken back, and that is no news.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Their ids on the bus.
#[derive(Debug, Default)]
pub struct TakingBack(Mutex<HashSet<String>>);

impl TakingBack {
    /// It is asked for: said before the bus is asked.
    pub fn begin(&self, id: &str) {
        self.set().insert(id.to_owned());
    }

    /// Its agent has it, or the bus did not do it.
    pub fn fail(&self, id: &str) {
        self.set().remove(id);
    }

    /// Whether the bridge takes it back, or did.
    pub fn is_meant(&self, id: &str) -> bool {
        self.set().contains(id)
    }

    /// Those that are known now.
    pub fn all(&self) -> HashSet<String> {
        self.set().clone()
    }

    /// Forgets those of the given that nobody waits for any more.
    pub fn forget<'a>(&self, those: &HashSet<String>, waiting: impl Iterator<Item = &'a String>) {
        let waiting: HashSet<_> = waiting.collect();
        self.set()
            .retain(|id| !those.contains(id) || waiting.contains(id));
    }

    fn set(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_journal_has_is_forgotten_and_what_came_since_is_not() {
        let taking_back = TakingBack::default();
        for id in ["kept in the journal", "on its way"] {
            taking_back.begin(id);
        }
        let known = taking_back.all();
        taking_back.begin("since");
        taking_back.forget(&known, [String::from("on its way")].iter());
        let mut left: Vec<_> = taking_back.all().into_iter().collect();
        left.sort();
        assert_eq!(left, ["on its way", "since"]);
    }

    #[test]
    fn what_was_not_done_can_be_told_by_the_bus_again() {
        let taking_back = TakingBack::default();
        taking_back.begin("one");
        taking_back.fail("one");
        assert!(!taking_back.is_meant("one"));
    }
}
