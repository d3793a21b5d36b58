//! The ledger's pages, and the whole of it as CSV.

use husting_domain::ids::TenantId;
use husting_domain::ledger::TransactionKind;
use husting_domain::money::MicroUsd;
use husting_store::{LedgerEntry, TransactionFilter};
use husting_wire::errors::Error;
use husting_wire::sessions::Exported;
use husting_wire::wallet::{LedgerPage, LedgerRow, ListLedger};

use crate::Inner;
use crate::errors::Outward;
use crate::{sessions, views};

/// The first line of the CSV.
const HEAD: &str = "settled_at,transaction_id,kind,model,purpose,session,round,agent,tokens_in,tokens_cached,tokens_out,\
                    estimated,cost_usd,charged_usd,bucket_change_usd,balance_after_usd\n";

/// What covers a call where no limit is set, or a lowered one left too little of what was held: nobody changed a limit.
const COVER: &str = "call_cover";

/// A top-up below zero.
const TAKE_BACK: &str = "take_back";

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
        let filter = TransactionFilter {
            query: asked.query,
            before: asked.before,
            // One more tells whether there is a next page.
            limit: limit + 1,
            ..TransactionFilter::default()
        };
        let mut found = self.store.ledger(tenant, &filter).await.outward()?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        Ok(LedgerPage {
            rows: found
                .into_iter()
                .map(|entry| self.ledger_row(entry))
                .collect(),
            more,
        })
    }

    pub(crate) async fn export_ledger(&self, tenant: &TenantId) -> Result<Exported, Error> {
        let mut lines = self.csv_lines(tenant).await?;
        lines.push(HEAD.to_owned());
        // The ledger is read from its newest end, and written from its oldest.
        let text = lines.into_iter().rev().collect();
        let day = self.now().to_string()[..10].to_owned();
        Ok(Exported {
            file_name: format!("husting-ledger-{day}.csv"),
            text,
        })
    }

    /// A line for each booking, newest first.
    async fn csv_lines(&self, tenant: &TenantId) -> Result<Vec<String>, Error> {
        const PAGE: u32 = 1_000;
        let mut lines = Vec::new();
        let mut before = None;
        loop {
            let filter = TransactionFilter {
                before,
                limit: PAGE,
                ..TransactionFilter::default()
            };
            let page = self.store.ledger(tenant, &filter).await.outward()?;
            let is_last = page.len() < PAGE as usize;
            before = page.last().map(|last| last.booking.id);
            let rows = page.into_iter().map(|entry| self.ledger_row(entry));
            lines.extend(rows.map(|row| csv_line(&row)));
            if is_last {
                return Ok(lines);
            }
        }
    }

    fn ledger_row(&self, entry: LedgerEntry) -> LedgerRow {
        let booked = entry.booking;
        let agent = sessions::agent_of(&booked);
        LedgerRow {
            transaction_id: booked.id,
            at: booked.at,
            kind: match &booked.kind {
                _ if entry.covers_call => COVER,
                TransactionKind::TopUp if booked.bucket_change() < MicroUsd::ZERO => TAKE_BACK,
                kind => kind.word(),
            }
            .to_owned(),
            debit: views::debit(&booked),
            session_title: entry.session_title,
            session_id: entry.session,
            agent: agent.map(|id| self.agent_called(Some(id))),
            round_index: entry.round_index,
            round_id: sessions::round_of(&booked),
            change: booked.bucket_change(),
            entries: booked.entries,
            balance_after: entry.balance_after,
        }
    }
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
        row.agent.clone().unwrap_or_default(),
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
