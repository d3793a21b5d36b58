//! What may be spent and what was.

mod text;

use clap::{ArgGroup, Args, Subcommand};
use husting_console::needs::least_round;
use husting_domain::ids::TransactionId;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{
    AddMoney, ChangeAutoRefill, ChangeLimit, CheckLedger, FindModels, ReadLedger, ReadWallet,
    TakeMoneyBack, WriteLedger,
};
use husting_wire::settings::Nothing;
use husting_wire::wallet::{AutoRefill, ListLedger, MoneyBack, SetLimit, TopUp};

use self::text::{booked, proven, refilled, shown, too_little};
use super::amounts::{self, Limit};
use super::through;
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

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
    /// Take back what was added and is neither spent nor held
    TakeBack {
        /// US dollars
        #[arg(long, value_parser = amounts::taken_back)]
        usd: MicroUsd,
    },
    /// Print or choose what may be spent in a month, top-ups apart
    ///
    /// The whole limit is there again on the 1st of each month (UTC). What top-ups and auto-refill
    /// add lies outside of it: it is spent once the limit is used up, also where it is 0.
    Limit {
        /// US dollars, 0 to 1,000,000; none for no limit at all [default: print the wallet as it is]
        #[arg(long, value_parser = amounts::limit)]
        usd: Option<Limit>,
    },
    /// Top up by itself when the balance falls, at once where it is low already
    AutoRefill(Refill),
    /// Print bookings, newest first
    Ledger(Ledger),
    /// Prove the books: every transaction sums to zero, every balance is the sum of its entries
    Check,
}

/// Terms of auto-refill.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("terms").required(true).multiple(true).args(["threshold", "off"]))]
pub struct Refill {
    /// Below this balance, with --amount and --ceiling…
    #[arg(long, value_name = "USD", value_parser = amounts::refill, requires_all = ["amount", "ceiling"])]
    threshold: Option<MicroUsd>,
    /// …add this much, as often as it takes to reach it…
    #[arg(long, value_name = "USD", value_parser = amounts::refill, requires = "threshold")]
    amount: Option<MicroUsd>,
    /// …at most this much in a month
    #[arg(long, value_name = "USD", value_parser = amounts::refill, requires = "threshold")]
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
    #[arg(long, value_parser = numbers::between(1, 200))]
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
            let mut added = String::new();
            let view = match self {
                Self::Show | Self::Limit { usd: None } => {
                    ask::<ReadWallet>(door, Nothing {}).await?
                }
                Self::TopUp { usd } => ask::<AddMoney>(door, TopUp { amount: usd }).await?,
                Self::TakeBack { usd } => {
                    ask::<TakeMoneyBack>(door, MoneyBack { amount: usd }).await?
                }
                Self::Limit { usd: Some(usd) } => {
                    ask::<ChangeLimit>(door, SetLimit { monthly: usd.0 }).await?
                }
                Self::AutoRefill(refill) => {
                    let view = ask::<ChangeAutoRefill>(door, refill.terms()).await?;
                    added = refilled(&view);
                    view
                }
                Self::Ledger(ledger) => return ledger.run(door, json).await,
                Self::Check => return check(door, json).await,
            };
            if json {
                output::json(&view)?
            } else {
                let models = ask::<FindModels>(door, Nothing {}).await?;
                let short = least_round(&models).and_then(|least| too_little(&view.summary, least));
                output::text(&(shown(&view) + &added + &short.unwrap_or_default()))?
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
