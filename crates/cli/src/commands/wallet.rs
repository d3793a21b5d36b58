//! What may be spent and what was.

use clap::{ArgGroup, Args, Subcommand};
use husting_domain::ids::TransactionId;
use husting_domain::ledger::Account;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{
    AddMoney, ChangeAutoRefill, ChangeLimit, CheckLedger, ReadLedger, ReadWallet, WriteLedger,
};
use husting_wire::settings::Nothing;
use husting_wire::wallet::{
    AutoRefill, BucketView, LedgerCheck, LedgerPage, ListLedger, SetLimit, TopUp, WalletSummary,
    WalletView,
};

use super::amounts::{self, Limit};
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
    /// Add money that may be spent beside the month's limit
    ///
    /// It goes to the refill bucket, is spent once the limit is used up, and stays when the month ends.
    TopUp {
        /// US dollars, at most 10,000
        #[arg(long, value_parser = amounts::top_up)]
        usd: MicroUsd,
    },
    /// Choose what may be spent in a month, top-ups apart
    ///
    /// The limit fills the free bucket, and fills it again on the 1st of each month (UTC). Top-ups
    /// and automatic refills lie outside of it: they are spent once the limit is used up, also where
    /// it is 0.
    Limit {
        /// US dollars, 0 to 1,000,000; none for no limit at all
        #[arg(long, value_parser = amounts::limit)]
        usd: Limit,
    },
    /// Top up by itself when the balance falls
    AutoRefill(Refill),
    /// Print bookings, newest first
    Ledger(Ledger),
    /// Prove the books: every transaction sums to zero, every balance is the sum of its entries
    Check,
}

/// Terms of the automatic refill.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("terms").required(true).multiple(true).args(["threshold", "off"]))]
pub struct Refill {
    /// Below this balance…
    #[arg(long, value_name = "USD", value_parser = amounts::usd, requires_all = ["amount", "ceiling"])]
    threshold: Option<MicroUsd>,
    /// …add this much…
    #[arg(long, value_name = "USD", value_parser = amounts::usd, requires = "threshold")]
    amount: Option<MicroUsd>,
    /// …at most this much in a month
    #[arg(long, value_name = "USD", value_parser = amounts::usd, requires = "threshold")]
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
            let written = ask::<WriteLedger>(door, Nothing {}).await?;
            output::file(&written, json)?;
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
    let head = summary(view);
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

/// What may be spent, and what was.
fn summary(view: &WalletView) -> String {
    let WalletSummary {
        balance,
        held,
        monthly_limit,
        spent_today,
        spent_month,
        resets_at,
        ..
    } = &view.summary;
    let limit = monthly_limit.map_or_else(
        || "none".to_owned(),
        |limit| format!("{} a month", dollars(limit)),
    );
    let resets = resets_at.map(|at| format!(", reset {}", moment(at)));
    format!(
        "Limit    {limit}{}\n{}Balance  {}, of that held {}\nSpent    {} today, {} this month in {}\n\n",
        resets.unwrap_or_default(),
        beside_the_limit(view),
        dollars(*balance),
        dollars(*held),
        dollars(*spent_today),
        dollars(*spent_month),
        count(view.calls_month.into(), "call"),
    )
}

/// Money that the limit does not bound.
fn beside_the_limit(view: &WalletView) -> String {
    let limited = view.summary.monthly_limit.is_some();
    let outside = |words: &'static str| if limited { words } else { "" };
    let is_refill = |bucket: &&BucketView| bucket.account == Account::Refill;
    let refill = view.buckets.iter().find(is_refill);
    let top_ups = refill
        .map(|bucket| bucket.balance)
        .filter(|balance| *balance > MicroUsd::ZERO);
    let top_ups = top_ups.map(|balance| {
        format!(
            "Top-ups  {}{}\n",
            dollars(balance),
            outside(", outside the limit: spent once it is used up")
        )
    });
    let automatic = view.auto_refill.as_ref().filter(|refill| refill.enabled);
    let automatic = automatic.map(|refill| {
        format!(
            "Refill   {} below {}, at most {} a month{}\n",
            dollars(refill.amount),
            dollars(refill.threshold),
            dollars(refill.monthly_ceiling),
            outside(", outside the limit")
        )
    });
    top_ups.unwrap_or_default() + &automatic.unwrap_or_default()
}

fn booked(page: &LedgerPage) -> String {
    let mut table = Table::new(&[
        ("WHEN", Align::Left),
        ("KIND", Align::Left),
        ("CHANGE", Align::Right),
        ("BALANCE", Align::Right),
        ("MODEL", Align::Left),
        ("FOR", Align::Left),
        ("ID", Align::Left),
    ]);
    for row in &page.rows {
        let debit = row.debit.as_ref();
        table.row([
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
            row.transaction_id.to_string(),
        ]);
    }
    let older = page.rows.last().filter(|_| page.more);
    let more = older
        .map(|row| format!("More are older: --before {}\n", row.transaction_id))
        .unwrap_or_default();
    table.or("No bookings.") + &more
}
