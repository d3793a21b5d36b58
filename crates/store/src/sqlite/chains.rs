//! The audit log as the writer keeps it: where each tenant's chain ends, and what a batch adds to it.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use husting_domain::audit::{Entry, Head, Link, Row};
use husting_domain::ids::TenantId;
use sqlx::SqliteConnection;

use super::audit;
use super::columns::{hex, json, signed};
use super::faults::fault;
use super::words::Word;
use crate::errors::StoreError;
use crate::unit::{Unit, Write};

const WRITING: &str = "writing the audit log";

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

    /// Writes one link for each tenant, with its rows; where the chains end then.
    pub async fn write(
        self,
        db: &mut SqliteConnection,
    ) -> Result<Vec<(TenantId, Head)>, StoreError> {
        let mut ends = Vec::with_capacity(self.0.len());
        for Chain {
            tenant,
            mut head,
            entries,
        } in self.0
        {
            if let Some((rows, link)) = head.bind(tenant.as_str(), entries) {
                write(db, &tenant, &rows, &link).await?;
                ends.push((tenant, head));
            }
        }
        Ok(ends)
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

/// All rows of a link, and the link, in one go.
const WRITE: &str = "insert into audit_rows (tenant_id, number, at, action, actor, agent_id, subject, body, detail) \
     select $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), unhex(value ->> 5), \
         unhex(value ->> 6), value ->> 7 from json_each($2); \
     insert into audit_links (tenant_id, number, first_row, last_row, hash) values ($1, $3, $4, $5, $6)";

async fn write(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    rows: &[Row],
    link: &Link,
) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(columns).collect();
    sqlx::query(WRITE)
        .bind(tenant.as_str())
        .bind(json(&rows)?)
        .bind(signed(link.number))
        .bind(signed(link.first))
        .bind(signed(link.last))
        .bind(link.hash.as_slice())
        .execute(db)
        .await
        .map_err(|error| fault(WRITING, error))?;
    Ok(())
}

/// A row's columns behind its tenant, as JSON has them.
type Written<'r> = (
    u64,
    i64,
    &'static str,
    &'r str,
    Option<String>,
    Option<String>,
    Option<String>,
    &'r str,
);

fn columns(row: &Row) -> Written<'_> {
    let Row { number, entry } = row;
    (
        *number,
        entry.at.as_micros(),
        entry.action.stored(),
        &entry.actor,
        entry.agent.map(|id| id.0.simple().to_string()),
        entry.subject.map(|id| id.simple().to_string()),
        entry.body.map(|hash| hex(&hash)),
        &entry.detail,
    )
}
