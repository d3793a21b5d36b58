//! What may be spent and what was.

use clap::{ArgGroup, Args, Subcommand};
use husting_domain::ids::TransactionId;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{
    AddMoney, ChangeAutoRefill, ChangeLimit, CheckLedger, ReadLedger, ReadWallet, WriteLedger,
};
use husting_wire::settings::Nothing;
use husting_wire::wallet::{
    AutoRefill, LedgerCheck, LedgerPage, ListLedger, SetLimit, TopUp, WalletView,
};

use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{count, dollars, moment, word};

/// What may be spent and what was
#[derive(Debug, Subcommand)]
pub enum Wallet {
    /// Print buckets and this month's spending
    Show,
    /// Add money to the refill bucket
    TopUp {
        /// US dollars
        #[arg(long, value_parser = MicroUsd::parse_usd)]
        usd: MicroUsd,
    },
    /// Choose what may be spent in a month
    Limit {
        /// US dollars, or none
        #[arg(long, value_parser = limit)]
        usd: Limit,
    },
    /// Refill by itself when the balance falls
    AutoRefill(Refill),
    /// Print bookings, newest first
    Ledger(Ledger),
    /// Prove the books: every transaction sums to zero, every balance is the sum of its entries
    Check,
}

/// A month's limit, or none.
#[derive(Clone, Copy, Debug)]
pub struct Limit(Option<MicroUsd>);

fn limit(text: &str) -> Result<Limit, husting_domain::money::AmountError> {
    if text == "none" {
        Ok(Limit(None))
    } else {
        MicroUsd::parse_usd(text).map(|amount| Limit(Some(amount)))
    }
}

/// Terms of the automatic refill.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("terms").required(true).multiple(true).args(["threshold", "off"]))]
pub struct Refill {
    /// Below this balance…
    #[arg(long, value_name = "USD", value_parser = MicroUsd::parse_usd, requires_all = ["amount", "ceiling"])]
    threshold: Option<MicroUsd>,
    /// …add this much…
    #[arg(long, value_name = "USD", value_parser = MicroUsd::parse_usd, requires = "threshold")]
    amount: Option<MicroUsd>,
    /// …at most this much in a month
    #[arg(long, value_name = "USD", value_parser = MicroUsd::parse_usd, requires = "threshold")]
    ceiling: Option<MicroUsd>,
    /// Do not refill
    #[arg(long, conflicts_with_all = ["threshold", "amount", "ceiling"])]
    off: bool,
}

/// Which bookings.
#[derive(Debug, Args)]
pub struct Ledger {
    /// Words in model, purpose, session title or kind, or an amount
    #[arg(long)]
    query: Option<String>,
    /// At most this many, 1 to 200
    #[arg(long)]
    limit: Option<u32>,
    /// Older than this transaction
    #[arg(long, value_name = "ID")]
    before: Option<TransactionId>,
    /// The whole ledger as CSV
    #[arg(long, conflicts_with_all = ["query", "limit", "before"])]
    csv: bool,
}

impl Wallet {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| {
            let view = match self {
                Self::Show => ask::<ReadWallet>(door, Nothing {}).await?,
                Self::TopUp { usd } => ask::<AddMoney>(door, TopUp { amount: usd }).await?,
                Self::Limit { usd } => {
                    ask::<ChangeLimit>(door, SetLimit { monthly: usd.0 }).await?
                }
                Self::AutoRefill(refill) => ask::<ChangeAutoRefill>(door, refill.terms()).await?,
                Self::Ledger(ledger) => return ledger.run(door, json).await,
                Self::Check => return check(door, json).await,
            };
            if json {
                output::json(&view)?
            } else {
                output::text(&shown(&view))?
            }
            Ok(Exit::Done)
        })
        .await
    }
}

impl Refill {
    fn terms(&self) -> AutoRefill {
        AutoRefill {
            enabled: !self.off,
            threshold: self.threshold.unwrap_or_default(),
            amount: self.amount.unwrap_or_default(),
            monthly_ceiling: self.ceiling.unwrap_or_default(),
        }
    }
}

impl Ledger {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        if self.csv {
            output::text(&ask::<WriteLedger>(door, Nothing {}).await?.text)?;
            return Ok(Exit::Done);
        }
        let Ledger {
            query,
            limit,
            before,
            ..
        } = self;
        let page = ask::<ReadLedger>(
            door,
            ListLedger {
                query,
                limit,
                before,
            },
        )
        .await?;
        if json {
            output::json(&page)?
        } else {
            output::text(&booked(&page))?
        }
        Ok(Exit::Done)
    }
}

async fn check(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let check = ask::<CheckLedger>(door, Nothing {}).await?;
    if json {
        output::json(&check)?
    } else {
        output::text(&proven(&check))?
    }
    Ok(if check.ok { Exit::Done } else { Exit::Failed })
}

fn proven(check: &LedgerCheck) -> String {
    if check.ok {
        return format!(
            "The books are right: {}, sum zero.\n",
            count(check.transactions, "transaction")
        );
    }
    let faults: String = check
        .faults
        .iter()
        .map(|fault| format!("  {fault}\n"))
        .collect();
    format!("The books are wrong:\n{faults}")
}

fn shown(view: &WalletView) -> String {
    let summary = &view.summary;
    let limit = summary
        .monthly_limit
        .map_or_else(|| "no limit".to_owned(), dollars);
    let resets = summary
        .resets_at
        .map(|at| format!(", reset {}", moment(at)))
        .unwrap_or_default();
    let head = format!(
        "Limit    {limit} a month{resets}\nBalance  {}, of that held {}\nSpent    {} today, {} this month in {}\n\n",
        dollars(summary.balance),
        dollars(summary.held),
        dollars(summary.spent_today),
        dollars(summary.spent_month),
        count(view.calls_month.into(), "call"),
    );
    let mut buckets = Table::new(&[
        ("BUCKET", Align::Left),
        ("BALANCE", Align::Right),
        ("HELD", Align::Right),
    ]);
    for bucket in view.buckets.iter().filter(|bucket| bucket.used) {
        buckets.row([
            bucket.account.word().to_owned(),
            dollars(bucket.balance),
            dollars(bucket.held),
        ]);
    }
    let mut models = Table::new(&[
        ("MODEL", Align::Left),
        ("CALLS", Align::Right),
        ("SPENT", Align::Right),
    ]);
    for row in &view.by_model {
        models.row([
            row.label.clone(),
            row.calls.to_string(),
            dollars(row.amount),
        ]);
    }
    if view.by_model.is_empty() {
        format!("{head}{buckets}")
    } else {
        format!("{head}{buckets}\n{models}")
    }
}

fn booked(page: &LedgerPage) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("WHEN", Align::Left),
        ("KIND", Align::Left),
        ("CHANGE", Align::Right),
        ("BALANCE", Align::Right),
        ("MODEL", Align::Left),
        ("FOR", Align::Left),
    ]);
    for row in &page.rows {
        let debit = row.debit.as_ref();
        table.row([
            row.transaction_id.to_string(),
            moment(row.at),
            row.kind.replace('_', " "),
            dollars(row.change),
            dollars(row.balance_after),
            debit
                .map(|debit| debit.model.to_string())
                .unwrap_or_default(),
            debit
                .and_then(|debit| debit.purpose)
                .map(|purpose| word(&purpose))
                .unwrap_or_default(),
        ]);
    }
    let older = page.rows.last().filter(|_| page.more);
    let more = older
        .map(|row| format!("More are older: --before {}\n", row.transaction_id))
        .unwrap_or_default();
    table.or("No bookings.") + &more
}
