//! The ledger's pages, and the whole of it as CSV.

use std::collections::HashMap;

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::ledger::{Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_store::TransactionFilter;
use husting_wire::errors::Error;
use husting_wire::sessions::Exported;
use husting_wire::wallet::{LedgerPage, LedgerRow, ListLedger};

use crate::Inner;
use crate::errors::Outward;
use crate::{sessions, views};

impl Inner {
    pub(crate) async fn ledger(
        &self,
        tenant: &TenantId,
        asked: ListLedger,
    ) -> Result<LedgerPage, Error> {
        let limit = asked.limit.unwrap_or(100);
        if !(1..=200).contains(&limit) {
            return Err(Error::invalid("limit lies between 1 and 200."));
        }
        let all = self.all_transactions(tenant).await?;
        let balances = balances_after(&all);
        let query = asked
            .query
            .map(|query| query.trim().to_lowercase())
            .filter(|query| !query.is_empty());
        let titles = self
            .titles(tenant, all.iter().filter_map(session_of))
            .await?;
        let indexes = self.round_indexes(tenant, &all).await?;
        let start = asked
            .before
            .and_then(|id| all.iter().position(|booked| booked.id == id))
            .map_or(0, |at| at + 1);
        let mut rows = all[start..]
            .iter()
            .map(|booked| row(booked, &titles, &indexes, &balances))
            .filter(|row| query.as_ref().is_none_or(|query| matches(row, query)));
        let page: Vec<LedgerRow> = rows.by_ref().take(limit as usize).collect();
        Ok(LedgerPage {
            more: rows.next().is_some(),
            rows: page,
        })
    }

    pub(crate) async fn export_ledger(&self, tenant: &TenantId) -> Result<Exported, Error> {
        let all = self.all_transactions(tenant).await?;
        let titles = self
            .titles(tenant, all.iter().filter_map(session_of))
            .await?;
        let indexes = self.round_indexes(tenant, &all).await?;
        let balances = balances_after(&all);
        let mut text = String::from(
            "settled_at,transaction_id,kind,model,purpose,session,round,tokens_in,tokens_cached,tokens_out,estimated,cost_usd,charged_usd,bucket_change_usd,balance_after_usd\n",
        );
        for booked in all.iter().rev() {
            text.push_str(&csv_line(&row(booked, &titles, &indexes, &balances)));
        }
        let day = self.now().to_string()[..10].to_owned();
        Ok(Exported {
            file_name: format!("husting-ledger-{day}.csv"),
            text,
        })
    }

    /// The whole ledger, newest first.
    async fn all_transactions(&self, tenant: &TenantId) -> Result<Vec<Transaction>, Error> {
        const PAGE: u32 = 1_000;
        let mut all: Vec<Transaction> = Vec::new();
        loop {
            let before = all.last().map(|last| (last.at, last.id));
            let filter = TransactionFilter {
                before,
                limit: PAGE,
                ..TransactionFilter::default()
            };
            let page = self.store.transactions(tenant, &filter).await.outward()?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn round_indexes(
        &self,
        tenant: &TenantId,
        booked: &[Transaction],
    ) -> Result<HashMap<RoundId, u32>, Error> {
        let mut indexes = HashMap::new();
        let sessions: std::collections::BTreeSet<SessionId> =
            booked.iter().filter_map(session_of).collect();
        for session in sessions {
            for round in self.store.rounds(tenant, session).await.outward()? {
                indexes.insert(round.id, round.index);
            }
        }
        Ok(indexes)
    }
}

/// The sum of the buckets after each booking, newest first; the oldest stands on zero.
fn balances_after(all: &[Transaction]) -> HashMap<husting_domain::ids::TransactionId, MicroUsd> {
    let mut balance = MicroUsd::ZERO;
    all.iter()
        .rev()
        .map(|booked| {
            balance += booked.bucket_change();
            (booked.id, balance)
        })
        .collect()
}

fn session_of(booked: &Transaction) -> Option<SessionId> {
    match &booked.kind {
        TransactionKind::Debit(debit) => Some(debit.session_id),
        _ => None,
    }
}

fn row(
    booked: &Transaction,
    titles: &HashMap<SessionId, String>,
    indexes: &HashMap<RoundId, u32>,
    balances: &HashMap<husting_domain::ids::TransactionId, MicroUsd>,
) -> LedgerRow {
    let (session_id, round_id) = (session_of(booked), sessions::round_of(booked));
    LedgerRow {
        transaction_id: booked.id,
        at: booked.at,
        kind: booked.kind.word().to_owned(),
        debit: views::debit(booked),
        session_title: session_id.and_then(|id| titles.get(&id).cloned()),
        session_id,
        round_index: round_id.and_then(|id| indexes.get(&id).copied()),
        round_id,
        entries: booked.entries.clone(),
        change: booked.bucket_change(),
        balance_after: balances.get(&booked.id).copied().unwrap_or_default(),
    }
}

/// Whether every word of the query is in the row: kind, model, purpose, session or amount.
fn matches(row: &LedgerRow, query: &str) -> bool {
    let debit = row.debit.as_ref();
    let text = [
        row.kind.clone(),
        debit
            .map(|debit| debit.model.to_string())
            .unwrap_or_default(),
        debit
            .and_then(|debit| debit.purpose)
            .map(|purpose| purpose.word().to_owned())
            .unwrap_or_default(),
        row.session_title.clone().unwrap_or_default(),
        row.change.to_usd_string(),
        row.transaction_id.to_string(),
    ]
    .join(" ")
    .to_lowercase();
    query
        .split_whitespace()
        .all(|word| text.contains(word.trim_start_matches('$')))
}

fn csv_line(row: &LedgerRow) -> String {
    let debit = row.debit.as_ref();
    let usage = debit.map(|debit| debit.usage).unwrap_or_default();
    let fields = [
        row.at.to_string(),
        row.transaction_id.to_string(),
        row.kind.clone(),
        debit
            .map(|debit| debit.model.to_string())
            .unwrap_or_default(),
        debit
            .and_then(|debit| debit.purpose)
            .map(|purpose| purpose.word().to_owned())
            .unwrap_or_default(),
        row.session_title.clone().unwrap_or_default(),
        row.round_index
            .map(|index| (index + 1).to_string())
            .unwrap_or_default(),
        usage.input.to_string(),
        (usage.cache_read + usage.cache_write).to_string(),
        usage.output.to_string(),
        usage.estimated.to_string(),
        debit
            .map(|debit| debit.cost.to_usd_string())
            .unwrap_or_default(),
        debit
            .map(|debit| debit.amount.to_usd_string())
            .unwrap_or_default(),
        row.change.to_usd_string(),
        row.balance_after.to_usd_string(),
    ];
    format!("{}\n", fields.map(|field| csv_field(&field)).join(","))
}

/// Quoted where it must be; a title that a spreadsheet would run as a formula is made inert.
fn csv_field(text: &str) -> String {
    let is_number = text.parse::<i64>().is_ok() || MicroUsd::parse_usd(text).is_ok();
    let inert = if !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if inert.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", inert.replace('"', "\"\""))
    } else {
        inert
    }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn fields_are_quoted_and_formulas_made_inert() {
        assert_eq!(csv_field("a,b"), "\"a,b\"");
        assert_eq!(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(csv_field("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(csv_field("-0.013"), "-0.013");
    }
}
