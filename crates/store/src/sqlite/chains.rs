//! The audit log as the writer keeps it: where each tenant's chain ends, and what a batch adds to it.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use husting_domain::audit::{Entry, Head, Link, Row};
use husting_domain::ids::TenantId;
use sqlx::SqliteConnection;
use uuid::fmt::Simple;

use super::audit;
use super::columns::{hex, json};
use super::faults::fault;
use super::words::Word;
use crate::errors::StoreError;
use crate::unit::{Unit, Write};

/// Where chains end on disk, of the tenants that were asked for. Nobody else writes them.
#[derive(Debug, Default)]
pub struct Chains(HashMap<TenantId, Head>);

/// What a batch adds.
#[derive(Debug, Default)]
pub struct Gathered(Vec<Chain>);

#[derive(Debug)]
struct Chain {
    tenant: TenantId,
    /// Before the batch.
    head: Head,
    entries: Vec<Entry>,
}

impl Chains {
    /// Takes the ends of a batch that is on disk.
    pub fn move_on(&mut self, ends: Vec<(TenantId, Head)>) {
        self.0.extend(ends);
    }

    /// Nothing is known for certain any more: a batch was lost.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    async fn head(&self, db: &mut SqliteConnection, tenant: &TenantId) -> Result<Head, StoreError> {
        match self.0.get(tenant) {
            Some(head) => Ok(*head),
            None => audit::head(db, tenant).await,
        }
    }
}

impl Gathered {
    /// Takes the entries of a unit that was written; the numbers they will have.
    pub async fn add(
        &mut self,
        db: &mut SqliteConnection,
        chains: &Chains,
        unit: &Unit,
    ) -> Result<Option<RangeInclusive<u64>>, StoreError> {
        let mut entries = unit.writes.iter().filter_map(entry).peekable();
        if entries.peek().is_none() {
            return Ok(None);
        }
        let chain = self.chain(db, chains, &unit.tenant).await?;
        let before = chain.last();
        chain.entries.extend(entries.cloned());
        Ok(Some(before + 1..=chain.last()))
    }

    async fn chain(
        &mut self,
        db: &mut SqliteConnection,
        chains: &Chains,
        tenant: &TenantId,
    ) -> Result<&mut Chain, StoreError> {
        let known = self.0.iter().position(|chain| chain.tenant == *tenant);
        let at = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Chain {
                tenant: tenant.clone(),
                head: chains.head(db, tenant).await?,
                entries: Vec::new(),
            });
        }
        Ok(&mut self.0[at])
    }

    /// Gives all entries their places: one link for each tenant, with its rows.
    pub fn bind(self) -> Bound {
        let mut bound = Bound::default();
        for mut chain in self.0 {
            if let Some((rows, link)) = chain.head.bind(chain.tenant.as_str(), chain.entries) {
                bound.links.push((chain.tenant.clone(), rows, link));
                bound.ends.push((chain.tenant, chain.head));
            }
        }
        bound
    }
}

fn entry(write: &Write) -> Option<&Entry> {
    match write {
        Write::Audit(entry) => Some(entry),
        _ => None,
    }
}

impl Chain {
    /// The number of its last row.
    fn last(&self) -> u64 {
        self.head.row + self.entries.len() as u64
    }
}

/// What a batch adds, in its place.
#[derive(Debug, Default)]
pub struct Bound {
    links: Vec<(TenantId, Vec<Row>, Link)>,
    /// Where the chains end once this is on disk.
    pub ends: Vec<(TenantId, Head)>,
}

/// Writes rows and their links.
macro_rules! record {
    ($rows:literal, $links:literal) => {
        concat!(
            "insert or fail into audit_rows \
                 (tenant_id, number, at, action, actor, agent_id, subject, body, detail) \
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, unhex(value ->> 5), \
                 unhex(value ->> 6), unhex(value ->> 7), value ->> 8 from json_each(",
            $rows,
            "); insert or fail into audit_links (tenant_id, number, first_row, last_row, hash) \
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4) from json_each(",
            $links,
            ")"
        )
    };
}
pub(super) use record;

/// All rows of a batch, their links, and the commit, in one go.
const COMMIT: &str = concat!(record!("$1", "$2"), "; commit");

impl Bound {
    /// Writes it, and commits all that the batch wrote.
    pub async fn commit(&self, db: &mut SqliteConnection) -> Result<(), StoreError> {
        let commit = if self.links.is_empty() {
            sqlx::query("commit")
        } else {
            sqlx::query(COMMIT).bind(self.rows()?).bind(self.links()?)
        };
        let committed = commit.execute(db).await.map(drop);
        committed.map_err(|error| fault("committing changes", error))
    }

    /// The rows, as the statement above reads them.
    pub fn rows(&self) -> Result<String, StoreError> {
        let rows = self.links.iter().flat_map(|(tenant, rows, _)| {
            let tenant = tenant.as_str();
            rows.iter().map(move |row| columns(tenant, row))
        });
        json(&rows.collect::<Vec<_>>())
    }

    /// The links, as the statement above reads them.
    pub fn links(&self) -> Result<String, StoreError> {
        let links = self.links.iter().map(|(tenant, _, link)| {
            let Link {
                number,
                first,
                last,
                hash,
            } = link;
            (tenant.as_str(), number, first, last, hex(hash))
        });
        json(&links.collect::<Vec<_>>())
    }
}

/// A row as [`record`] reads it.
type Columns<'r> = (
    &'r str,
    u64,
    i64,
    &'static str,
    &'r str,
    Option<Simple>,
    Option<Simple>,
    Option<String>,
    &'r str,
);

fn columns<'r>(tenant: &'r str, row: &'r Row) -> Columns<'r> {
    let Row { number, entry } = row;
    (
        tenant,
        *number,
        entry.at.as_micros(),
        entry.action.stored(),
        &entry.actor,
        entry.agent.map(|id| id.0.simple()),
        entry.subject.map(|id| id.simple()),
        entry.body.map(|hash| hex(&hash)),
        &entry.detail,
    )
}
