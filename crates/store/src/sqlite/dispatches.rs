//! How messages come into the table `messages`: one, or a broadcast to many.

use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{MOST_UNREAD, Mailbox, MessageState};
use husting_domain::time::Timestamp;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};

use super::columns::{Columns, json};
use super::faults::Explain;
use super::mailboxes;
use super::words::Word;
use crate::bus::{Arrival, Cast, Dispatch};
use crate::errors::{CommitError, Constraint, StoreError};
use crate::kept::Sent;

const NOUN: &str = "message";

/// A row for each mailbox `b` that is not full; all but the mailbox and its owner's name is one for all.
macro_rules! arrive {
    ($recipient:literal, $returning:literal; $($to:tt)+) => {
        concat!(
            "insert into messages (tenant_id, mailbox, seq, message_id, from_agent, sender, origin, recipient, text, \
                 sent_at, request_id, in_reply_to, squad, hops, state, deliveries, fetched_at, leased_until, ended_at) \
             select b.tenant_id, b.mailbox, b.last_seq + 1, $3, $4, $5, $6, ",
            $recipient,
            ", $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18 from ",
            $($to)+,
            " and b.unread < $19 returning ",
            $returning
        )
    };
}

/// The active agents `a` of the tenant $1, or of the squad $12, but $2, with their mailboxes `b`.
macro_rules! audience {
    () => {
        "agents a join mailboxes b on b.tenant_id = a.tenant_id and b.mailbox = a.agent_id \
         where a.tenant_id = $1 and a.status = 'active' and a.agent_id is not $2 and ($12 is null \
             or a.agent_id in (select agent_id from members where tenant_id = $1 and squad = $12))"
    };
}

pub const SEND: &str = arrive!(
    "$7", "seq, place"; "mailboxes b where b.tenant_id = $1 and b.mailbox = $2"
);

const CAST: &str = arrive!("a.name", "mailbox, seq"; audience!());

const FULL: &str = concat!(
    "select b.mailbox from ",
    audience!(),
    " and b.unread >= $19 order by b.mailbox"
);

/// Refused where the mailbox is full, or nobody's.
pub async fn send(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    dispatch: &Dispatch,
) -> Result<Sent, CommitError> {
    let mailbox = dispatch.mailbox;
    if let Some(sent) = arrive(db, tenant, dispatch).await? {
        return Ok(sent);
    }
    if mailboxes::is_there(db, tenant, mailbox).await? {
        return Err(Constraint::Full(mailbox).into());
    }
    if mailbox != Mailbox::Operator {
        return Err(Constraint::Absent("mailbox").into());
    }
    // Nobody ever wrote to this tenant's operator.
    mailboxes::open(db, tenant, mailbox).await?;
    let sent = arrive(db, tenant, dispatch).await?;
    sent.ok_or_else(|| Constraint::Full(mailbox).into())
}

async fn arrive(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    dispatch: &Dispatch,
) -> Result<Option<Sent>, CommitError> {
    let mail = Mail {
        to: Some(dispatch.mailbox.id()),
        name: Some(&dispatch.to),
        text: Some(&dispatch.text),
        squad: None,
    };
    let row = bound(SEND, tenant, dispatch, mail)?
        .fetch_optional(db)
        .await
        .explain(NOUN)?;
    Ok(row.map(|row| sent(&Columns(&row))).transpose()?)
}

fn sent(row: &Columns<'_>) -> Result<Sent, StoreError> {
    Ok(Sent {
        seq: row.number("seq")?,
        place: row.number("place")?,
    })
}

/// Into all mailboxes of the audience that are not full.
pub async fn broadcast(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    dispatch: &Dispatch,
    squad: Option<&Name>,
    except: Option<AgentId>,
) -> Result<Cast, CommitError> {
    let mail = Mail {
        to: except,
        name: None,
        text: None,
        squad,
    };
    // Those that are full now: the last place of a mailbox may go to this very message.
    let full = bound(FULL, tenant, dispatch, mail)?
        .fetch_all(&mut *db)
        .await
        .explain(NOUN)?;
    let reached = bound(CAST, tenant, dispatch, mail)?
        .fetch_all(&mut *db)
        .await
        .explain(NOUN)?;
    keep_text(db, tenant, dispatch).await?;
    Ok(cast(&full, &reached)?)
}

fn cast(full: &[SqliteRow], reached: &[SqliteRow]) -> Result<Cast, StoreError> {
    let reached = reached.iter().map(Columns);
    let mut reached = reached
        .map(|row| Ok((row.id("mailbox")?, row.number("seq")?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    reached.sort_unstable();
    Ok(Cast {
        reached,
        full: full
            .iter()
            .map(|row| Columns(row).id("mailbox"))
            .collect::<Result<_, _>>()?,
    })
}

/// Once for all whom it reached.
async fn keep_text(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    dispatch: &Dispatch,
) -> Result<(), CommitError> {
    sqlx::query("insert into broadcasts (tenant_id, message_id, text) values ($1, $2, $3)")
        .bind(tenant.as_str())
        .bind(dispatch.id.0)
        .bind(&dispatch.text)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// What differs between one message and a broadcast.
#[derive(Clone, Copy)]
struct Mail<'d> {
    /// Whose; of a broadcast who is left out.
    to: Option<AgentId>,
    name: Option<&'d Name>,
    text: Option<&'d str>,
    squad: Option<&'d Name>,
}

/// The statement with all its values, of which each statement here takes those that it names.
fn bound<'d>(
    sql: &'static str,
    tenant: &'d TenantId,
    dispatch: &'d Dispatch,
    mail: Mail<'d>,
) -> Result<Query<'d, Sqlite, SqliteArguments>, StoreError> {
    let arrival = Arrived::by(dispatch);
    Ok(sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(mail.to.map(|id| id.0))
        .bind(dispatch.id.0)
        .bind(dispatch.from.agent().map(|id| id.0))
        .bind(json(&dispatch.from)?)
        .bind(dispatch.from.origin().stored())
        .bind(mail.name.map(Name::as_str))
        .bind(mail.text)
        .bind(dispatch.at.as_micros())
        .bind(dispatch.request_id.as_deref())
        .bind(dispatch.in_reply_to.map(|id| id.0))
        .bind(mail.squad.map(Name::as_str))
        .bind(dispatch.hops)
        .bind(arrival.state.stored())
        .bind(arrival.deliveries)
        .bind(arrival.fetched_at.map(Timestamp::as_micros))
        .bind(arrival.leased_until.map(Timestamp::as_micros))
        .bind(arrival.ended_at.map(Timestamp::as_micros))
        .bind(MOST_UNREAD))
}

/// The columns that follow from how a message arrives.
pub struct Arrived {
    pub state: MessageState,
    pub deliveries: u32,
    pub fetched_at: Option<Timestamp>,
    pub leased_until: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl Arrived {
    pub fn by(dispatch: &Dispatch) -> Self {
        let waiting = Self {
            state: MessageState::Waiting,
            deliveries: 0,
            fetched_at: None,
            leased_until: None,
            ended_at: None,
        };
        match dispatch.arrival {
            Arrival::Waiting => waiting,
            Arrival::Given(until) => Self {
                state: MessageState::Leased,
                deliveries: 1,
                fetched_at: Some(dispatch.at),
                leased_until: Some(until),
                ..waiting
            },
            Arrival::Held => Self {
                state: MessageState::Held,
                ended_at: Some(dispatch.at),
                ..waiting
            },
        }
    }
}
