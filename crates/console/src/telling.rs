//! Turns of whoever tells how something stands now: it is read and told in one turn, so that what was read before a
//! change is never told after it.

use tokio::sync::Mutex;

/// One turn for each kind of event that carries a state. Nobody who has one waits for another of them.
#[derive(Default)]
pub(crate) struct Telling {
    pub agents: Mutex<()>,
    pub denials: Mutex<()>,
    pub models: Mutex<()>,
    pub sessions: Mutex<()>,
    pub squads: Mutex<()>,
    pub wallet: Mutex<()>,
}
