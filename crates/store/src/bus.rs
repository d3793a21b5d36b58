//! What can be written and read of messages, squads and memory.

use async_trait::async_trait;
use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, MessageId, NoteId, TenantId};
use husting_domain::memory::Note;
use husting_domain::messages::{
    AcknowledgedBy, Mailbox, Message, MessageState, Origin, Reach, Sender,
};
use husting_domain::squads::Squad;
use husting_domain::time::Timestamp;

use crate::errors::StoreError;

/// What must hold of the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusRequire {
    /// The agent sent nothing under this idempotency key.
    NoSend(AgentId, String),
    /// The agent is in the squad.
    Member(Name, AgentId),
    /// The message in this mailbox has one of these states.
    State(Mailbox, MessageId, Vec<MessageState>),
}

/// What a fetch does to the plain mail that was given before it and is still leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Whoever fetches again has received it: it ends.
    Ends,
    /// It stays leased until it is acknowledged or answered, or its lease runs out.
    Stays,
}

/// One write to the bus. What it comes to is told in [`crate::Kept`].
#[derive(Clone, Debug, PartialEq)]
pub enum BusWrite {
    /// Puts a message into a mailbox under its next number; refused as [`crate::Constraint::Full`]
    /// where it holds [`husting_domain::messages::MOST_UNREAD`] unread, and where there is no such
    /// agent. The operator's mailbox is always there.
    Send(Dispatch),
    /// Puts a message into the mailbox of every active agent of the tenant, or of the squad's active
    /// members, as they are now, but not of `except`. Full mailboxes are left out and told.
    Broadcast {
        /// Without its recipient.
        dispatch: Dispatch,
        /// The squad; `None` for all agents.
        squad: Option<Name>,
        /// Whoever sends.
        except: Option<AgentId>,
    },
    /// What an idempotency key of a sender stands for.
    PutSend(SendReplay),
    /// Gives unread mail: settles what was given before, takes back what ran out of its lease, and
    /// leases the oldest unread.
    Fetch {
        /// Whose.
        mailbox: Mailbox,
        /// What becomes of what was given before and is still leased.
        earlier: Earlier,
        /// Now.
        at: Timestamp,
        /// Until when what is given is thought to be in work.
        lease_until: Timestamp,
        /// Most messages; never more than 100.
        limit: u32,
    },
    /// Puts back what a fetch gave to a call that nobody heard the answer of, as if it had not been
    /// given, also where the next fetch has ended it; what has another lease by now is left as it is.
    PutBack {
        /// Whose.
        mailbox: Mailbox,
        /// Which.
        messages: Vec<MessageId>,
        /// The lease it was given under.
        leased_until: Timestamp,
    },
    /// Acknowledges these; unknown ones and those that have ended are left as they are. A parked or
    /// unacknowledged one is done then too.
    Acknowledge {
        /// Whose.
        mailbox: Mailbox,
        /// Which.
        messages: Vec<MessageId>,
        /// How.
        by: AcknowledgedBy,
        /// When.
        at: Timestamp,
    },
    /// A message was answered, which acknowledges it.
    Answer {
        /// Whose.
        mailbox: Mailbox,
        /// Which.
        message: MessageId,
        /// By which.
        by: MessageId,
        /// When.
        at: Timestamp,
    },
    /// Takes back, in all mailboxes of all tenants, what ran out of its lease at `at`: it waits again,
    /// rests, or is parked. The unit's tenant is without meaning here.
    Sweep {
        /// Now.
        at: Timestamp,
    },
    /// Has what managed agents were given run out of its lease at `at`, in all tenants: they are a part
    /// of the program, and what it held when it ended nobody holds any more. A [`Self::Sweep`] behind it
    /// takes it back. The unit's tenant is without meaning here.
    EndManagedLeases {
        /// Now.
        at: Timestamp,
    },
    /// Delivers again what is parked, unacknowledged, held or withdrawn, its deliveries counted anew.
    Redeliver {
        /// Whose.
        mailbox: Mailbox,
        /// Which.
        message: MessageId,
    },
    /// Takes back a message that has not ended, or rests.
    Withdraw {
        /// Whose.
        mailbox: Mailbox,
        /// Which.
        message: MessageId,
        /// Only if it waits and was never given to its recipient.
        only_unseen: bool,
        /// When.
        at: Timestamp,
    },
    /// Parks what a mailbox holds unread or in work: its owner is gone.
    ParkAll {
        /// Whose.
        mailbox: Mailbox,
        /// When.
        at: Timestamp,
    },
    /// Erases a message's text in all mailboxes; what is known about it stays, and it is delivered
    /// as before.
    Erase {
        /// Which.
        message: MessageId,
        /// When.
        at: Timestamp,
    },
    /// Deletes the oldest messages that ended before a moment: those that were acknowledged, answered
    /// or withdrawn. What waits for somebody stays.
    ForgetEnded {
        /// When.
        before: Timestamp,
        /// Most messages.
        limit: u32,
    },

    /// Joins a squad, making it; joining again changes the summary.
    Join {
        /// Which.
        squad: Name,
        /// Who.
        agent: AgentId,
        /// What it is there for.
        summary: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Leaves a squad; an empty one is gone. Absent is refused.
    Leave {
        /// Which.
        squad: Name,
        /// Who.
        agent: AgentId,
    },

    /// Stores a note.
    InsertNote(Note),
    /// Forgets a note for good.
    DeleteNote(NoteId),
}

/// A message on its way into a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Its id.
    pub id: MessageId,
    /// Whose mail; of a broadcast without meaning.
    pub mailbox: Mailbox,
    /// Who writes.
    pub from: Sender,
    /// What the recipient is called; of a broadcast without meaning.
    pub to: Name,
    /// What is written.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// See [`Message::request_id`].
    pub request_id: Option<String>,
    /// See [`Message::in_reply_to`].
    pub in_reply_to: Option<MessageId>,
    /// See [`Message::hops`].
    pub hops: u32,
    /// How it arrives.
    pub arrival: Arrival,
}

/// How a message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Unread.
    Waiting,
    /// Given at once to a call that waits for it, leased until then.
    Given(Timestamp),
    /// Held, for the operator to look at.
    Held,
}

/// What a sender's idempotency key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReplay {
    /// Who sent.
    pub agent: AgentId,
    /// The sender's own.
    pub key: String,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// What was sent.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
}

/// What a sweep, or a fetch before it gave anything, took back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Mailboxes in which something waits again.
    pub waiting: Vec<(TenantId, Mailbox)>,
    /// Requests that were given too often and are parked.
    pub parked: Vec<(TenantId, Mailbox, MessageId)>,
    /// Plain messages that rest.
    pub resting: Vec<(TenantId, Mailbox, MessageId)>,
}

/// What a fetch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// What is given, oldest first, as it is now.
    pub messages: Vec<Message>,
    /// Plain messages given before that count as acknowledged now.
    pub ended: Vec<MessageId>,
    /// What ran out of its lease.
    pub taken_back: TakenBack,
    /// Unread ones that did not fit.
    pub left: u32,
}

/// What a broadcast came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// Whom it reached, with its number in their mailbox.
    pub reached: Vec<(AgentId, u64)>,
    /// Whose mailbox is full.
    pub full: Vec<AgentId>,
}

/// Which messages to list, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// From or to this agent.
    pub agent: Option<AgentId>,
    /// To or from the operator.
    pub operator: bool,
    /// In this mailbox.
    pub mailbox: Option<Mailbox>,
    /// Broadcast to this squad.
    pub squad: Option<Name>,
    /// This one, in each mailbox that it is in.
    pub message: Option<MessageId>,
    /// From there.
    pub origin: Option<Origin>,
    /// In one of these states; empty for any.
    pub states: Vec<MessageState>,
    /// Words that all occur in what people read of the text ([`husting_domain::worded`]), in any case.
    pub words: Option<String>,
    /// Sent then or later.
    pub since: Option<Timestamp>,
    /// Sent before.
    pub until: Option<Timestamp>,
    /// Of a broadcast the one with the highest place alone, if it fits.
    pub together: bool,
    /// Only those whose place is below.
    pub before: Option<u64>,
    /// Only those whose place is above.
    pub after: Option<u64>,
    /// Most messages.
    pub limit: u32,
}

/// Messages of an agent that a mailbox was given, all of them after as many others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HopsGiven {
    /// Who wrote them.
    pub from: AgentId,
    /// See [`Message::hops`].
    pub hops: u32,
    /// When the last of them was given.
    pub at: Timestamp,
}

/// What is read of the bus. Every read fails with [`StoreError`] when the engine cannot answer;
/// absence is `None` or empty.
#[async_trait]
pub trait BusReads: Send + Sync + 'static {
    /// A message in a mailbox.
    async fn message(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError>;

    /// The newest request of this id in a mailbox.
    async fn request(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        request_id: &str,
    ) -> Result<Option<Message>, StoreError>;

    /// Mail of all states, leasing nothing: after a number oldest first, without one newest first.
    /// At most `limit` messages and [`husting_domain::messages::MOST_FETCHED_BYTES`] of text, but one
    /// message at the least.
    async fn mail(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// Messages of all mailboxes. A broadcast stands once for each mailbox it reached, or once.
    async fn messages(
        &self,
        tenant: &TenantId,
        filter: &MessageFilter,
    ) -> Result<Vec<Message>, StoreError>;

    /// How far each of these broadcasts came, in any order; whatever is none is left out.
    async fn reach(
        &self,
        tenant: &TenantId,
        broadcasts: &[MessageId],
    ) -> Result<Vec<(MessageId, Reach)>, StoreError>;

    /// How many messages of all mailboxes were sent in each of `bins` equal parts of a stretch, the
    /// earliest first; all 0 where it is empty or ends before it begins.
    async fn histogram(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        until: Timestamp,
        bins: u32,
    ) -> Result<Vec<u32>, StoreError>;

    /// The message with all that it answers and that answers it, however far, each once, oldest first. Where they
    /// are more than `limit`, those that are the fewest answers away from it.
    async fn thread(
        &self,
        tenant: &TenantId,
        message: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// A message that was sent to one mailbox, whosever it is.
    async fn sent(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// The message that a fetch would give first; nothing where none waits.
    async fn next_mail(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
    ) -> Result<Option<Message>, StoreError>;

    /// How many messages wait in each mailbox that has some.
    async fn unread(&self, tenant: &TenantId) -> Result<Vec<(Mailbox, u32)>, StoreError>;

    /// How many messages there are in all mailboxes; a broadcast is one. However many they are, it takes as long.
    async fn message_total(&self, tenant: &TenantId) -> Result<u64, StoreError>;

    /// How many messages rest in each state in which some do: unacknowledged, parked, held, withdrawn.
    async fn resting(&self, tenant: &TenantId) -> Result<Vec<(MessageState, u32)>, StoreError>;

    /// What a mailbox was given by agents since a moment: each agent's hops, with when the last of so
    /// many was given.
    async fn hops_given(
        &self,
        tenant: &TenantId,
        mailbox: Mailbox,
        since: Timestamp,
    ) -> Result<Vec<HopsGiven>, StoreError>;

    /// When the first lease of all tenants runs out.
    async fn next_lease_end(&self) -> Result<Option<Timestamp>, StoreError>;

    /// What this key of a sender stands for.
    async fn send_replay(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        key: &str,
    ) -> Result<Option<SendReplay>, StoreError>;

    /// Squads by name.
    async fn squads(&self, tenant: &TenantId) -> Result<Vec<Squad>, StoreError>;

    /// Notes that match any of the query's words, the best first: rank and age together. An agent's own
    /// where `squad` is `None`, otherwise the squad's. A query is words and never syntax; without a
    /// word it finds nothing.
    async fn recall(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        squad: Option<&Name>,
        query: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Note>, StoreError>;

    /// Notes, newest first: an agent's own, or a squad's.
    async fn notes(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        squad: Option<&Name>,
        limit: u32,
    ) -> Result<Vec<Note>, StoreError>;

    /// One note.
    async fn note(&self, tenant: &TenantId, id: NoteId) -> Result<Option<Note>, StoreError>;
}
