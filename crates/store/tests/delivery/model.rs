//! Mail by the rules of the specification, as lists in memory.

use husting_domain::ids::MessageId;
use husting_domain::messages::{AcknowledgedBy, MOST_UNREAD, MessageState};
use husting_domain::time::Timestamp;
use husting_store::Earlier;

use crate::step::{How, Kind};

/// Bytes that one answer carries.
const MOST_BYTES: usize = 256 * 1024;

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: MessageId,
    pub kind: Kind,
    pub bytes: usize,
    pub state: MessageState,
    pub deliveries: u32,
    pub fetched_at: Option<Timestamp>,
    pub leased_until: Option<Timestamp>,
    pub acknowledged: Option<(Timestamp, AcknowledgedBy)>,
    pub answered: Option<(Timestamp, MessageId)>,
    pub ended_at: Option<Timestamp>,
}

impl Mail {
    pub fn new(id: MessageId, kind: Kind, bytes: usize, how: How, now: Timestamp) -> Self {
        let mail = Self {
            id,
            kind,
            bytes,
            state: MessageState::Waiting,
            deliveries: 0,
            fetched_at: None,
            leased_until: None,
            acknowledged: None,
            answered: None,
            ended_at: None,
        };
        match how {
            How::Waiting => mail,
            How::Given => Self {
                state: MessageState::Leased,
                deliveries: 1,
                fetched_at: Some(now),
                leased_until: Some(lease_end(now)),
                ..mail
            },
            How::Held => Self {
                state: MessageState::Held,
                ended_at: Some(now),
                ..mail
            },
        }
    }

    fn is_leased(&self) -> bool {
        self.state == MessageState::Leased
    }

    fn has_run_out(&self, now: Timestamp) -> bool {
        self.leased_until.is_some_and(|until| until <= now)
    }

    /// Its recipient can still end it.
    fn is_open(&self) -> bool {
        matches!(
            self.state,
            MessageState::Waiting
                | MessageState::Leased
                | MessageState::Unacknowledged
                | MessageState::Parked
        )
    }

    fn end(&mut self, now: Timestamp, by: AcknowledgedBy) {
        self.state = MessageState::Done;
        self.acknowledged = Some((now, by));
        self.leased_until = None;
        self.ended_at = None;
    }

    /// It was given under this lease, which it has still or the next fetch ended. Of one that has ended no
    /// more is known than that it was before its lease would have run out.
    fn is_given_under(&self, lease: Timestamp) -> bool {
        match self.acknowledged {
            Some((at, AcknowledgedBy::NextFetch)) => self.state == MessageState::Done && at < lease,
            _ => self.is_leased() && self.leased_until == Some(lease),
        }
    }

    /// As it was before it was given.
    fn put_back(&mut self) {
        self.state = MessageState::Waiting;
        self.deliveries -= 1;
        self.leased_until = None;
        self.acknowledged = None;
        if self.deliveries == 0 {
            self.fetched_at = None;
        }
    }

    fn take_back(&mut self, now: Timestamp) {
        self.leased_until = None;
        let (most, then) = match self.kind {
            Kind::Plain => (2, MessageState::Unacknowledged),
            Kind::Request => (5, MessageState::Parked),
        };
        if self.deliveries < most {
            self.state = MessageState::Waiting;
            return;
        }
        self.state = then;
        self.ended_at = (then == MessageState::Parked).then_some(now);
    }
}

/// When a lease that begins now runs out.
pub fn lease_end(now: Timestamp) -> Timestamp {
    now.plus_millis(600_000)
}

/// One mailbox; the message with the number n stands at n - 1.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(pub Vec<Mail>);

/// What a fetch comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub messages: Vec<MessageId>,
    pub ended: Vec<MessageId>,
    pub back: Back,
    pub left: u32,
}

/// What ran out of its lease.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Back {
    pub waiting: bool,
    pub parked: Vec<MessageId>,
    pub resting: Vec<MessageId>,
}

/// What became of messages that were to be put back.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Their lease was ended.
    pub leased: u32,
    /// The next fetch had ended them.
    pub ended: u32,
    /// They were left as they were.
    pub left: u32,
}

impl Mailbox {
    pub fn unread(&self) -> u32 {
        let waiting = self.0.iter();
        let waiting = waiting.filter(|mail| mail.state == MessageState::Waiting);
        u32::try_from(waiting.count()).unwrap()
    }

    /// It takes nothing more in.
    pub fn is_full(&self) -> bool {
        self.unread() >= MOST_UNREAD
    }

    /// Plain mail that is in work.
    pub fn in_work(&mut self, now: Timestamp) -> impl Iterator<Item = &mut Mail> {
        self.0.iter_mut().filter(move |mail| {
            mail.is_leased() && mail.kind == Kind::Plain && !mail.has_run_out(now)
        })
    }

    pub fn fetch(&mut self, earlier: Earlier, limit: u32, now: Timestamp) -> Given {
        let mut ended = Vec::new();
        if earlier == Earlier::Ends {
            for mail in self.in_work(now) {
                mail.end(now, AcknowledgedBy::NextFetch);
                ended.push(mail.id);
            }
        }
        let back = self.sweep(now);
        let messages = self.give(limit, now);
        Given {
            messages,
            ended,
            back,
            left: self.unread(),
        }
    }

    fn give(&mut self, limit: u32, now: Timestamp) -> Vec<MessageId> {
        let (mut given, mut bytes) = (Vec::new(), 0);
        let waiting = self.0.iter_mut();
        for mail in waiting.filter(|mail| mail.state == MessageState::Waiting) {
            bytes += mail.bytes;
            let is_full = given.len() == limit as usize;
            if is_full || (bytes > MOST_BYTES && !given.is_empty()) {
                break;
            }
            mail.state = MessageState::Leased;
            mail.deliveries += 1;
            mail.fetched_at = mail.fetched_at.or(Some(now));
            mail.leased_until = Some(lease_end(now));
            given.push(mail.id);
        }
        given
    }

    pub fn sweep(&mut self, now: Timestamp) -> Back {
        let mut back = Back::default();
        for mail in self.0.iter_mut().filter(|mail| mail.has_run_out(now)) {
            mail.take_back(now);
            match mail.state {
                MessageState::Waiting => back.waiting = true,
                MessageState::Parked => back.parked.push(mail.id),
                _ => back.resting.push(mail.id),
            }
        }
        back
    }

    /// What of these was put back: those it ended again, and those still leased.
    pub fn put_back(&mut self, which: &[MessageId], lease: Timestamp) -> PutBack {
        let mut put = PutBack::default();
        for mail in self.0.iter_mut().filter(|mail| which.contains(&mail.id)) {
            if !mail.is_given_under(lease) {
                put.left += 1;
                continue;
            }
            match mail.state {
                MessageState::Done => put.ended += 1,
                _ => put.leased += 1,
            }
            mail.put_back();
        }
        put
    }

    /// Those that it ended.
    pub fn acknowledge(&mut self, which: &[MessageId], now: Timestamp) -> Vec<MessageId> {
        let mut ended = Vec::new();
        for id in which {
            let mail = self.0.iter_mut().find(|mail| mail.id == *id).unwrap();
            if mail.is_open() {
                mail.end(now, AcknowledgedBy::Ack);
                ended.push(*id);
            }
        }
        ended
    }

    pub fn answer(&mut self, at: usize, by: MessageId, now: Timestamp) {
        let mail = &mut self.0[at];
        mail.answered = mail.answered.or(Some((now, by)));
        if mail.is_open() {
            mail.end(now, AcknowledgedBy::Reply);
        }
    }

    /// Whether it could be.
    pub fn redeliver(&mut self, at: usize) -> bool {
        let mail = &mut self.0[at];
        let may = matches!(
            mail.state,
            MessageState::Parked
                | MessageState::Unacknowledged
                | MessageState::Held
                | MessageState::Withdrawn
        );
        if may {
            mail.state = MessageState::Waiting;
            mail.deliveries = 0;
            mail.ended_at = None;
        }
        may
    }

    /// Whether it could be.
    pub fn withdraw(&mut self, at: usize, now: Timestamp) -> bool {
        let mail = &mut self.0[at];
        let may = mail.is_open() || mail.state == MessageState::Held;
        if may {
            mail.state = MessageState::Withdrawn;
            mail.leased_until = None;
            mail.ended_at = Some(now);
        }
        may
    }

    pub fn park_all(&mut self, now: Timestamp) -> u32 {
        let mut parked = 0;
        for mail in &mut self.0 {
            if matches!(mail.state, MessageState::Waiting | MessageState::Leased) {
                mail.state = MessageState::Parked;
                mail.leased_until = None;
                mail.ended_at = Some(now);
                parked += 1;
            }
        }
        parked
    }
}
