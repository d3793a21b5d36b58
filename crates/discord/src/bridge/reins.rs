//! By what a running bridge is held: how it does its work, and the bells that wake it. The operator's
//! changes reach it here, without a restart.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use tokio::sync::{Notify, watch};

use crate::inbound::Routes;

/// Which marks are put on what people wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarksShown {
    /// None.
    None,
    /// ⚠️ where something rests.
    Trouble,
    /// 👀 as well, when the agent has read it.
    #[default]
    All,
}

/// How the bridge does its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Who is asked where, and which bot it speaks as.
    pub routes: Routes,
    /// Marks on what people wrote.
    pub marks: MarksShown,
    /// Agents speak under their own name where the bot may manage webhooks.
    pub own_names: bool,
    /// Where an agent's replies go that name no question: a channel or thread.
    pub standing_places: BTreeMap<Name, Snowflake>,
    /// What people write is kept, and nothing is asked or posted.
    pub is_paused: bool,
}

impl Manner {
    /// The manner of the public page: marks, the bot's own voice.
    #[must_use]
    pub const fn of(routes: Routes) -> Self {
        Self {
            routes,
            marks: MarksShown::All,
            own_names: false,
            standing_places: BTreeMap::new(),
            is_paused: false,
        }
    }
}

/// Holds one bridge.
#[derive(Debug)]
pub struct Reins {
    manner: watch::Sender<Manner>,
    /// Rung when a question may be sent.
    pub(super) journalled: Notify,
    /// Rung when a reply may be posted.
    pub(super) placed: Notify,
    /// Grows with every unit that is kept.
    journal: watch::Sender<u64>,
    /// Messages of bots and webhooks that were passed over.
    ignored: AtomicU32,
}

impl Reins {
    /// For a bridge that begins in this manner.
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        Self {
            manner: watch::Sender::new(manner),
            journalled: Notify::new(),
            placed: Notify::new(),
            journal: watch::Sender::new(0),
            ignored: AtomicU32::new(0),
        }
    }

    /// How it works now. To be let go before anything is waited for: a change waits for it.
    #[must_use]
    pub fn manner(&self) -> watch::Ref<'_, Manner> {
        self.manner.borrow()
    }

    /// Waits until the bridge is not held.
    pub(super) async fn until_let_go(&self) {
        let mut manner = self.manner.subscribe();
        if manner.wait_for(|manner| !manner.is_paused).await.is_err() {
            // Whoever held it is gone, and it ends.
            std::future::pending().await
        }
    }

    /// Changes how it works, from the next message on.
    pub fn change(&self, change: impl FnOnce(&mut Manner)) {
        self.manner.send_modify(change);
        self.questions_moved();
        self.replies_moved();
    }

    /// Hears when the operator changes how it works.
    pub(super) fn changes(&self) -> watch::Receiver<Manner> {
        self.manner.subscribe()
    }

    /// Hears when the journal moves.
    #[must_use]
    pub fn journal(&self) -> watch::Receiver<u64> {
        self.journal.subscribe()
    }

    /// Messages of bots and webhooks that were passed over since the bridge began.
    #[must_use]
    pub fn ignored(&self) -> u32 {
        self.ignored.load(Ordering::Relaxed)
    }

    pub(super) fn journal_moved(&self) {
        self.journal.send_modify(|moves| *moves += 1);
    }

    pub(super) fn count_ignored(&self) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
    }

    /// The journal has a question that may be sent.
    pub fn questions_moved(&self) {
        self.journalled.notify_one();
    }

    /// The journal has a reply that may be posted.
    pub fn replies_moved(&self) {
        self.placed.notify_one();
    }
}
