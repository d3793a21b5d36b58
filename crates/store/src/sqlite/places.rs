//! Between which places the messages of a stretch of time lie.
//!
//! Messages get their places in the order in which they are committed, which is the order of the
//! moments they carry, but for those that were on their way together and for a clock that was set
//! back a little. So a moment's place is found by halving, without an index of moments that every
//! send would pay for; a margin takes in what is out of order, and whoever asks still compares the
//! moments themselves.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, signed};
use super::faults::fault;
use super::messages::READING;
use crate::errors::StoreError;

/// By how much moments may be out of the order of their places, in milliseconds.
const MARGIN: i64 = 60_000;

/// Places around a stretch of time; `None` where it has no end on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// All of the stretch lie behind this one.
    pub after: Option<u64>,
    /// And before this one.
    pub before: Option<u64>,
}

/// Places around the messages sent between two moments.
pub async fn about(
    db: &SqlitePool,
    tenant: &TenantId,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Places, StoreError> {
    if since.is_none() && until.is_none() {
        return Ok(Places::default());
    }
    let mut db = db.acquire().await.map_err(|error| fault(READING, error))?;
    let after = match since {
        Some(since) => first_at(&mut db, tenant, since.plus_millis(-MARGIN))
            .await?
            .map(|place| place.saturating_sub(1)),
        None => None,
    };
    let before = match until {
        Some(until) => before(&mut db, tenant, until).await?,
        None => None,
    };
    Ok(Places { after, before })
}

/// A place before which lie all messages that were sent before the moment; `None` where there are none.
pub async fn before(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    moment: Timestamp,
) -> Result<Option<u64>, StoreError> {
    first_at(db, tenant, moment.plus_millis(MARGIN)).await
}

pub const NEWEST: &str = "select place from messages indexed by messages_of_tenant \
     where tenant_id = $1 order by place desc limit 1";

pub const AT_OR_BEHIND: &str = "select place, sent_at from messages indexed by messages_of_tenant \
     where tenant_id = $1 and place >= $2 order by place limit 1";

/// The place from which on messages are of the moment or later: one behind the newest where all are
/// earlier, `None` where there are none.
async fn first_at(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    moment: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let reading = |error| fault(READING, error);
    let newest = sqlx::query(NEWEST)
        .bind(tenant.as_str())
        .fetch_optional(&mut *db)
        .await
        .map_err(reading)?;
    let Some(newest) = newest else {
        return Ok(None);
    };
    // Below `low` all are earlier; from `high` on none is.
    let mut low = 0;
    let mut high = Columns(&newest).number::<u64>("place")? + 1;
    while low < high {
        let middle = low + (high - low) / 2;
        let row = sqlx::query(AT_OR_BEHIND)
            .bind(tenant.as_str())
            .bind(signed(middle))
            .fetch_optional(&mut *db)
            .await
            .map_err(reading)?;
        let Some(row) = row else {
            high = middle;
            continue;
        };
        let row = Columns(&row);
        if row.get::<i64>("sent_at")? >= moment.as_micros() {
            high = middle;
        } else {
            low = row.number::<u64>("place")? + 1;
        }
    }
    Ok(Some(low))
}
