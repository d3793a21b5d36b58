//! What can happen to mail, and how often it is tried.

use husting_store::Earlier;
use proptest::prelude::*;
use proptest::sample::Index;

/// Mailboxes of agents; one more is the operator's.
pub const AGENTS: u8 = 3;
/// The mailbox of a further agent, which is all but full.
pub const FULL: u8 = AGENTS + 1;

/// Something that happens. Mailboxes are numbers up to [`FULL`], messages places in a mailbox.
#[derive(Clone, Debug)]
pub enum Step {
    Send {
        to: u8,
        kind: Kind,
        arrival: How,
        heavy: bool,
    },
    Broadcast {
        kind: Kind,
        squad: bool,
        except: u8,
    },
    Fetch {
        of: u8,
        earlier: Earlier,
        limit: u32,
    },
    /// What one of the mailbox's last fetches gave was not heard of; each is put back once at the most.
    PutBack {
        of: u8,
        which: Index,
    },
    Acknowledge {
        of: u8,
        which: Vec<Index>,
    },
    Answer {
        of: u8,
        which: Index,
    },
    /// Seconds go by.
    Wait(i64),
    Sweep,
    Redeliver {
        of: u8,
        which: Index,
    },
    Withdraw {
        of: u8,
        which: Index,
    },
    Park {
        of: u8,
    },
    /// The store is closed and opened again.
    Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Request,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Waiting,
    Given,
    Held,
}

impl Step {
    /// The mailboxes that it may change.
    pub fn touches(&self) -> std::ops::RangeInclusive<u8> {
        match self {
            Self::Send { to: of, .. }
            | Self::Fetch { of, .. }
            | Self::PutBack { of, .. }
            | Self::Acknowledge { of, .. }
            | Self::Answer { of, .. }
            | Self::Redeliver { of, .. }
            | Self::Withdraw { of, .. }
            | Self::Park { of } => *of..=*of,
            Self::Broadcast { .. } | Self::Wait(_) | Self::Sweep | Self::Restart => 0..=FULL,
        }
    }
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    let mailbox = 0..=AGENTS;
    let agent = 0..AGENTS;
    let kind = prop_oneof![2 => Just(Kind::Plain), 1 => Just(Kind::Request)];
    let how = prop_oneof![10 => Just(How::Waiting), 1 => Just(How::Given), 1 => Just(How::Held)];
    let earlier = prop_oneof![3 => Just(Earlier::Ends), 1 => Just(Earlier::Stays)];
    let heavy = prop::bool::weighted(0.45);
    let which = any::<Index>;
    // Often around the end of a lease of ten minutes.
    let seconds = prop_oneof![3 => 1..60_i64, 3 => Just(600_i64), 2 => 300..900_i64];
    let recipient = prop_oneof![4 => mailbox.clone(), 1 => Just(FULL)];
    let reader = prop_oneof![14 => mailbox.clone(), 1 => Just(FULL)];
    let unheard = prop_oneof![5 => mailbox.clone(), 1 => Just(FULL)];
    prop_oneof![
        24 => (recipient, kind.clone(), how, heavy)
            .prop_map(|(to, kind, arrival, heavy)| Step::Send { to, kind, arrival, heavy }),
        5 => (kind, any::<bool>(), agent)
            .prop_map(|(kind, squad, except)| Step::Broadcast { kind, squad, except }),
        24 => (reader, earlier, 1..9_u32)
            .prop_map(|(of, earlier, limit)| Step::Fetch { of, earlier, limit }),
        8 => (unheard, which()).prop_map(|(of, which)| Step::PutBack { of, which }),
        10 => (mailbox.clone(), prop::collection::vec(which(), 0..5))
            .prop_map(|(of, which)| Step::Acknowledge { of, which }),
        6 => (mailbox.clone(), which()).prop_map(|(of, which)| Step::Answer { of, which }),
        18 => seconds.prop_map(Step::Wait),
        5 => Just(Step::Sweep),
        6 => (mailbox.clone(), which()).prop_map(|(of, which)| Step::Redeliver { of, which }),
        3 => (mailbox.clone(), which()).prop_map(|(of, which)| Step::Withdraw { of, which }),
        1 => mailbox.prop_map(|of| Step::Park { of }),
        1 => Just(Step::Restart),
    ]
}

/// What happened in all schedules, so that none of it is missed in silence.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub given: u32,
    pub cut_by_size: u32,
    pub ended_by_next_fetch: u32,
    pub left_leased: u32,
    pub put_back: u32,
    pub put_back_ended: u32,
    pub not_put_back: u32,
    pub refused: u32,
    pub passed_by: u32,
    pub returned: u32,
    pub rested: u32,
    pub parked: u32,
    pub acknowledged: u32,
    pub acknowledged_late: u32,
    pub answered: u32,
    pub redelivered: u32,
    pub withdrawn: u32,
    pub broadcast: u32,
    pub restarts: u32,
}

impl Seen {
    pub fn add(&mut self, other: &Self) {
        self.given += other.given;
        self.cut_by_size += other.cut_by_size;
        self.ended_by_next_fetch += other.ended_by_next_fetch;
        self.left_leased += other.left_leased;
        self.put_back += other.put_back;
        self.put_back_ended += other.put_back_ended;
        self.not_put_back += other.not_put_back;
        self.refused += other.refused;
        self.passed_by += other.passed_by;
        self.returned += other.returned;
        self.rested += other.rested;
        self.parked += other.parked;
        self.acknowledged += other.acknowledged;
        self.acknowledged_late += other.acknowledged_late;
        self.answered += other.answered;
        self.redelivered += other.redelivered;
        self.withdrawn += other.withdrawn;
        self.broadcast += other.broadcast;
        self.restarts += other.restarts;
    }

    pub fn assert_everything_happened(&self) {
        println!("{self:?}");
        for (count, what) in [
            (self.given, "given"),
            (self.cut_by_size, "cut by size"),
            (self.ended_by_next_fetch, "ended by the next fetch"),
            (self.left_leased, "left leased by a fetch"),
            (self.put_back, "put back"),
            (self.put_back_ended, "put back after the next fetch"),
            (self.not_put_back, "left as it was by a put-back"),
            (self.refused, "refused by a full mailbox"),
            (self.passed_by, "passed by in a broadcast"),
            (self.returned, "returned"),
            (self.rested, "rested"),
            (self.parked, "parked"),
            (self.acknowledged, "acknowledged"),
            (self.acknowledged_late, "acknowledged late"),
            (self.answered, "answered"),
            (self.redelivered, "redelivered"),
            (self.withdrawn, "withdrawn"),
            (self.broadcast, "broadcast"),
            (self.restarts, "restarts"),
        ] {
            assert!(count > 0, "never {what}: {self:?}");
        }
    }
}
