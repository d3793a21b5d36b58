//! Messages of all mailboxes, the newest first, and threads.

use husting_domain::ids::{MessageId, TenantId};
use husting_domain::messages::{Message, MessageState, Reach};
use husting_domain::time::Timestamp;
use husting_domain::worded::Worded;
use sqlx::SqlitePool;

use super::columns::{Columns, hex_list, json, signed};
use super::faults::fault;
use super::messages::{READING, message, text, written};
use super::places;
use super::words::Word;
use crate::bus::MessageFilter;
use crate::errors::StoreError;

/// Most messages that are read at once to find those that people read so.
const MOST_SIFTED: u32 = 512;

/// What every list asks of a message `m`: $2 agent, $3 to or from the operator, $4 mailbox, $5 squad,
/// $6 origin, $7 states, $8 pieces of words, $9 and $10 places, $12 and $13 moments, $14 message, $15 each
/// broadcast once.
macro_rules! asked {
    () => {
        concat!(
            " and ($2 is null or m.mailbox = $2 or m.from_agent = $2) \
              and (not $3 or m.mailbox = zeroblob(16) or m.origin = 'human') \
              and ($4 is null or m.mailbox = $4) and ($5 is null or m.squad = $5) \
              and ($6 is null or m.origin = $6) \
              and ($7 = '[]' or m.state in (select value from json_each($7))) \
              and m.place < coalesce($9, 9223372036854775807) and m.place > coalesce($10, 0) \
              and ($12 is null or m.sent_at >= $12) and ($13 is null or m.sent_at < $13) \
              and ($14 is null or m.message_id = $14) \
              and (not $15 or m.text is not null or not exists (select 1 from messages later \
                  where later.tenant_id = m.tenant_id and later.message_id = m.message_id \
                  and later.text is null and later.place > m.place)) \
              and ($8 = '[]' or not exists (select 1 from json_each($8) as piece where instr(lower(",
            text!("", "''"),
            "), piece.value) = 0))"
        )
    };
}

/// The newest $11 messages `m` of one index.
macro_rules! newest {
    ($from:literal, $order:literal) => {
        concat!(
            "select ",
            written!(),
            " from messages m indexed by ",
            $from,
            asked!(),
            " order by ",
            $order,
            " desc limit $11"
        )
    };
}

/// The newest of two such lists together.
macro_rules! newest_of_both {
    ($received:expr, $sent:expr) => {
        concat!(
            "select * from (select * from (",
            $received,
            ") union select * from (",
            $sent,
            ")) order by place desc limit $11"
        )
    };
}

pub const ALL: &str = newest!("messages_of_tenant where m.tenant_id = $1", "m.place");

pub const OF_MAILBOX: &str = newest!(
    "messages_by_seq where m.tenant_id = $1 and m.mailbox = $4",
    "m.seq"
);

pub const OF_AGENT: &str = newest_of_both!(
    newest!(
        "messages_by_seq where m.tenant_id = $1 and m.mailbox = $2",
        "m.seq"
    ),
    newest!(
        "messages_of_sender where m.tenant_id = $1 and m.from_agent = $2",
        "m.place"
    )
);

pub const OF_OPERATOR: &str = newest_of_both!(
    newest!(
        "messages_by_seq where m.tenant_id = $1 and m.mailbox = zeroblob(16)",
        "m.seq"
    ),
    newest!(
        "messages_of_operator where m.tenant_id = $1 and m.origin = 'human'",
        "m.place"
    )
);

pub const OF_SQUAD: &str = newest!(
    "messages_of_squad where m.tenant_id = $1 and m.squad = $5",
    "m.place"
);

pub const OF_MESSAGE: &str = newest!(
    "messages_by_id where m.tenant_id = $1 and m.message_id = $14",
    "m.place"
);

pub const RESTING: &str = newest!(
    "messages_resting where m.tenant_id = $1 and m.state in ('unacknowledged', 'parked', 'held', 'withdrawn')",
    "m.place"
);

pub const COUNTED: &str = "select state, count(*) as messages from messages indexed by messages_resting \
     where tenant_id = $1 and state in ('unacknowledged', 'parked', 'held', 'withdrawn') group by state";

/// How many rest in each state in which some do.
pub async fn resting(
    db: &SqlitePool,
    tenant: &TenantId,
) -> Result<Vec<(MessageState, u32)>, StoreError> {
    let rows = sqlx::query(COUNTED)
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault("counting messages", error))?;
    let rows = rows.iter().map(Columns);
    rows.map(|row| Ok((row.word("state")?, row.number("messages")?)))
        .collect()
}

// A cross join keeps its order: the engine would rather go through all broadcasts, which are in that of the groups.
pub const REACH: &str = "select m.message_id, count(*) as mailboxes, \
         count(coalesce(m.fetched_at, m.acknowledged_at, m.answered_at)) as fetched, \
         count(coalesce(m.acknowledged_at, m.answered_at)) as acknowledged, count(m.answered_at) as answered, \
         sum(m.state = 'withdrawn') as withdrawn, sum(m.state = 'parked') as parked \
     from json_each($2) as asked cross join messages m indexed by messages_of_broadcast \
         on m.tenant_id = $1 and m.message_id = unhex(asked.value) and m.text is null group by m.message_id";

/// How far broadcasts came.
pub async fn reach(
    db: &SqlitePool,
    tenant: &TenantId,
    broadcasts: &[MessageId],
) -> Result<Vec<(MessageId, Reach)>, StoreError> {
    let rows = sqlx::query(REACH)
        .bind(tenant.as_str())
        .bind(hex_list(broadcasts.iter().map(|id| id.0)))
        .fetch_all(db)
        .await
        .map_err(|error| fault("counting mailboxes", error))?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            let reach = Reach {
                mailboxes: row.number("mailboxes")?,
                fetched: row.number("fetched")?,
                acknowledged: row.number("acknowledged")?,
                answered: row.number("answered")?,
                withdrawn: row.number("withdrawn")?,
                parked: row.number("parked")?,
            };
            Ok((row.id("message_id")?, reach))
        })
        .collect()
}

/// The statement whose index holds the fewest that were not asked for.
fn statement(filter: &MessageFilter) -> &'static str {
    let rests = |state: &MessageState| {
        matches!(
            state,
            MessageState::Unacknowledged
                | MessageState::Parked
                | MessageState::Held
                | MessageState::Withdrawn
        )
    };
    if filter.message.is_some() {
        OF_MESSAGE
    } else if filter.mailbox.is_some() {
        OF_MAILBOX
    } else if filter.agent.is_some() {
        OF_AGENT
    } else if filter.operator {
        OF_OPERATOR
    } else if filter.squad.is_some() {
        OF_SQUAD
    } else if !filter.states.is_empty() && filter.states.iter().all(rests) {
        RESTING
    } else {
        ALL
    }
}

/// The newest first.
pub async fn list(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &MessageFilter,
) -> Result<Vec<Message>, StoreError> {
    let words = Words::of(filter.words.as_deref());
    let mut found = Vec::new();
    let near = places::about(db, tenant, filter.since, filter.until).await?;
    let after = filter.after.max(near.after);
    let mut before = least(filter.before, near.before);
    let mut size = filter.limit;
    loop {
        let page = page(db, tenant, filter, &words, (after, before), size).await?;
        let end = page.len() < size as usize;
        before = page.last().map(|message| message.place);
        found.extend(page.into_iter().filter(|message| words.are_in(message)));
        if end || found.len() >= filter.limit as usize {
            found.truncate(filter.limit as usize);
            return Ok(found);
        }
        // Words of the bus itself stand in many messages where nobody is shown them.
        size = size.max(size.saturating_mul(2).min(MOST_SIFTED));
    }
}

async fn page(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &MessageFilter,
    words: &Words,
    (after, before): (Option<u64>, Option<u64>),
    size: u32,
) -> Result<Vec<Message>, StoreError> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.stored()).collect();
    let rows = sqlx::query(statement(filter))
        .bind(tenant.as_str())
        .bind(filter.agent.map(|agent| agent.0))
        .bind(filter.operator)
        .bind(filter.mailbox.map(|mailbox| mailbox.id().0))
        .bind(filter.squad.as_ref().map(|squad| squad.as_str()))
        .bind(filter.origin.map(Word::stored))
        .bind(json(&states)?)
        .bind(json(&words.pieces())?)
        .bind(before.map(signed))
        .bind(after.map(signed))
        .bind(size)
        .bind(filter.since.map(Timestamp::as_micros))
        .bind(filter.until.map(Timestamp::as_micros))
        .bind(filter.message.map(|message| message.0))
        .bind(filter.together)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| message(&Columns(row))).collect()
}

/// The smaller of two bounds, of which either may be missing.
fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What is looked for, in lower case.
struct Words(Vec<String>);

impl Words {
    fn of(query: Option<&str>) -> Self {
        let words = query.unwrap_or_default().split_whitespace();
        Self(words.map(folded).collect())
    }

    /// The parts of the words whose case the engine knows: it finds no fewer messages by them.
    fn pieces(&self) -> Vec<&str> {
        let pieces = self
            .0
            .iter()
            .flat_map(|word| word.split(|c: char| !c.is_ascii()));
        pieces.filter(|piece| !piece.is_empty()).collect()
    }

    /// Whether all of them occur in what people read of it, in any case of any script.
    fn are_in(&self, message: &Message) -> bool {
        let read = Worded::from(message).words();
        // The engine has looked at the whole text, in what case it knows.
        let is_whole = read.len() == message.text.len();
        if is_whole && self.0.iter().all(|word| word.is_ascii()) {
            return true;
        }
        let read = folded(&read);
        self.0.iter().all(|word| read.contains(word))
    }
}

/// In lower case, and every sigma one, which has two forms there.
fn folded(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// Answers and what they answer, both ways from one message and however far, the nearest of them; of a
/// broadcast the first of its rows.
pub const THREAD: &str = concat!(
    "with recursive linked (id) as (select $2 \
         union select m.in_reply_to from linked join messages m on m.tenant_id = $1 and m.message_id = linked.id \
             where m.in_reply_to is not null \
         union select m.message_id from linked join messages m on m.tenant_id = $1 and m.in_reply_to = linked.id \
         limit $3) select ",
    written!(),
    " from linked join messages m on m.place = \
         (select min(each.place) from messages each where each.tenant_id = $1 and each.message_id = linked.id) \
         order by m.place"
);

/// Oldest first.
pub async fn thread(
    db: &SqlitePool,
    tenant: &TenantId,
    id: MessageId,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(THREAD)
        .bind(tenant.as_str())
        .bind(id.0)
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| message(&Columns(row))).collect()
}
