//! A data folder whose agents have written and read much, or remember much; written through the
//! store as the bus writes it.

use std::path::Path;

use futures::{StreamExt, TryStreamExt, stream};
use husting_domain::agents::Name;
use husting_domain::audit::{Action, Entry, body_hash};
use husting_domain::ids::{AgentId, MessageId, NoteId, TenantId};
use husting_domain::memory::Note;
use husting_domain::messages::{Mailbox, Sender};
use husting_domain::time::Timestamp;
use husting_store::{Arrival, BusWrite, Dispatch, Earlier, SqliteStore, Store, Unit, Write};
use uuid::Builder;

use super::words;

/// Units on their way to the store at once.
const AT_ONCE: usize = 512;
/// Messages that one reader takes at once.
const MOST_READ: u32 = 100;
/// How long a reader may take.
const LEASE_MILLIS: i64 = 300_000;
/// Every so many messages or notes say something that the others do not.
pub const RARE: usize = 50;
/// What those say.
pub const RARE_WORD: &str = "heliotrope";

/// Who writes and reads there.
#[derive(Clone)]
pub struct Someone {
    /// Which.
    pub id: AgentId,
    /// What it is called.
    pub name: Name,
}

/// Sends so many messages, each agent to the next, and has all of them read.
pub async fn fill(home: &Path, agents: &[Someone], messages: usize) -> anyhow::Result<()> {
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    let store = SqliteStore::open(home, now).await?;
    let units = (0..messages).map(|nth| sent(agents, nth, now));
    keep(&store, units).await?;
    let fetches = messages.div_ceil(agents.len() * MOST_READ as usize);
    // Each fetch ends what the one before gave; the last one gives nothing.
    for _ in 0..=fetches {
        keep(&store, agents.iter().map(|reader| read(reader, now))).await?;
    }
    closed(store, now).await
}

/// One agent stores so many notes.
pub async fn remember(home: &Path, agent: &Someone, notes: usize) -> anyhow::Result<()> {
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    let store = SqliteStore::open(home, now).await?;
    keep(&store, (0..notes).map(|nth| stored(agent, nth, now))).await?;
    closed(store, now).await
}

async fn keep(store: &SqliteStore, units: impl Iterator<Item = Unit>) -> anyhow::Result<()> {
    stream::iter(units)
        .map(|unit| async move { store.commit(unit).await.map(drop) })
        .buffered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(())
}

async fn closed(store: SqliteStore, now: Timestamp) -> anyhow::Result<()> {
    // Else the first who opens the folder today copies it while it is measured.
    store.daily(now).await?;
    store.close().await;
    Ok(())
}

fn sent(agents: &[Someone], nth: usize, at: Timestamp) -> Unit {
    let (from, to) = (
        &agents[nth % agents.len()],
        &agents[(nth + 1) % agents.len()],
    );
    let id = MessageId(id_of(nth, at));
    let from = Sender::Agent {
        id: from.id,
        name: from.name.clone(),
    };
    let text = text(nth);
    let entry = Entry {
        at,
        action: Action::Send,
        actor: from.to_string(),
        agent: from.agent(),
        subject: Some(id.0),
        body: Some(body_hash(&text)),
        detail: format!("{{\"to\":\"{}\",\"hops\":1}}", to.name),
    };
    let dispatch = Dispatch {
        id,
        mailbox: Mailbox::Agent(to.id),
        from,
        to: to.name.clone(),
        text,
        at,
        request_id: None,
        in_reply_to: None,
        hops: 1,
        arrival: Arrival::Waiting,
    };
    unit()
        .write(Write::Bus(BusWrite::Send(dispatch)))
        .write(Write::Audit(entry))
}

fn read(reader: &Someone, at: Timestamp) -> Unit {
    let entry = Entry {
        at,
        action: Action::Fetch,
        actor: format!("agent:{}", reader.name),
        agent: Some(reader.id),
        subject: None,
        body: None,
        detail: format!("{{\"tool\":\"inbox\",\"limit\":{MOST_READ}}}"),
    };
    let fetch = BusWrite::Fetch {
        earlier: Earlier::Ends,
        mailbox: Mailbox::Agent(reader.id),
        at,
        lease_until: at.plus_millis(LEASE_MILLIS),
        limit: MOST_READ,
    };
    unit().write(Write::Bus(fetch)).write(Write::Audit(entry))
}

fn stored(agent: &Someone, nth: usize, at: Timestamp) -> Unit {
    let note = Note {
        id: NoteId(id_of(nth, at)),
        agent: agent.id,
        squad: None,
        text: text(nth),
        context: None,
        at,
    };
    unit().write(Write::Bus(BusWrite::InsertNote(note)))
}

/// As long as all others, with a number of its own.
fn text(nth: usize) -> String {
    let rare = if nth.is_multiple_of(RARE) {
        RARE_WORD
    } else {
        "fact"
    };
    format!("{nth} {rare} {}", words())
}

fn unit() -> Unit {
    Unit::of(TenantId::local())
}

fn id_of(nth: usize, at: Timestamp) -> uuid::Uuid {
    let millis = at.as_micros().unsigned_abs() / 1_000;
    let mut rest = [0; 10];
    rest[2..].copy_from_slice(&(nth as u64).to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}
