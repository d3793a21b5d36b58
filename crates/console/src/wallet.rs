//! The wallet as the console shows and changes it.

use husting_domain::ids::{SessionId, TenantId};
use husting_domain::ledger::Account;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_store::{Spend, SpendBy, TransactionFilter, Unit, Write};
use husting_wallet::check::LedgerReport;
use husting_wallet::funding::{self, TakeBackError};
use husting_wallet::terms::{AutoRefillTerms, WalletTerms};
use husting_wallet::wallet::Wallet;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::wallet::{
    AutoRefill, BalancePoint, BucketView, LedgerCheck, MoneyBack, SetLimit, SpendRow, TopUp,
    WalletSummary, WalletView,
};

use crate::errors::Outward;
use crate::{Inner, chance};

/// Most points of the burn-down.
const MOST_POINTS: usize = 400;
/// Most that can be added at once, or set as a monthly limit.
const MOST_DOLLARS: i64 = 1_000_000;

impl Inner {
    pub(crate) async fn wallet_summary(&self, tenant: &TenantId) -> Result<WalletSummary, Error> {
        let wallet = self.shown_wallet(tenant).await?;
        self.summary_of(tenant, &wallet).await
    }

    async fn summary_of(&self, tenant: &TenantId, wallet: &Wallet) -> Result<WalletSummary, Error> {
        let now = self.now();
        let spent = async |since: Timestamp| -> Result<MicroUsd, Error> {
            let rows = self
                .store
                .spend_by(tenant, SpendBy::Purpose, since)
                .await
                .outward()?;
            Ok(rows.iter().map(|row| row.amount).sum())
        };
        Ok(WalletSummary {
            balance: wallet.effective_balance(),
            held: wallet.held(),
            monthly_limit: wallet.terms.monthly_grant,
            limit_chosen: wallet.terms.limit_chosen,
            spent_today: spent(now.day_start()).await?,
            spent_month: spent(now.month_start()).await?,
            limit_used: wallet.limit_used(now),
            resets_at: wallet.terms.monthly_grant.map(|_| Wallet::resets_at(now)),
        })
    }

    pub(crate) async fn wallet_view(&self, tenant: &TenantId) -> Result<WalletView, Error> {
        let wallet = self.shown_wallet(tenant).await?;
        let now = self.now();
        let month = now.month_start();
        let spend = async |by| self.store.spend_by(tenant, by, month).await.outward();
        let (models, purposes, sessions, agents) = (
            spend(SpendBy::Model).await?,
            spend(SpendBy::Purpose).await?,
            spend(SpendBy::Session).await?,
            spend(SpendBy::Agent).await?,
        );
        let catalog = self.catalog(tenant).await?;
        let ids = sessions
            .iter()
            .filter_map(|row| row.key.parse::<SessionId>().ok());
        let titles = self.titles(tenant, ids).await?;
        let title = |key: &str| {
            let known = key
                .parse()
                .ok()
                .and_then(|id: SessionId| titles.get(&id).cloned());
            known.unwrap_or_else(|| "a deleted session".to_owned())
        };
        let model =
            |key: &str| ModelId::parse(key).map_or_else(|| key.to_owned(), |id| catalog.name(&id));
        Ok(WalletView {
            summary: self.summary_of(tenant, &wallet).await?,
            buckets: buckets(&wallet, now),
            auto_refill: Some(shown_refill(wallet.terms.auto_refill)),
            refilled_now: MicroUsd::ZERO,
            returnable: funding::can_be_taken_back(&wallet, now),
            overrun: -wallet.balance(Account::Overrun),
            calls_month: purposes
                .iter()
                .map(|row| u32::try_from(row.calls).unwrap_or(u32::MAX))
                .sum(),
            by_model: rows(models, model),
            by_purpose: rows(purposes, str::to_owned),
            by_session: rows(sessions, title),
            by_agent: rows(agents, |key| self.agent_called(key.parse().ok())),
            burn_down: self.burn_down(tenant, &wallet, month, now).await?,
            month_start: month,
            month_end: now.next_month_start(),
            check: self.check_ledger(tenant).await?,
        })
    }

    /// The balance after each booking of this month, walked back from the present one.
    async fn burn_down(
        &self,
        tenant: &TenantId,
        wallet: &Wallet,
        month: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<BalancePoint>, Error> {
        let mut balance = wallet.effective_balance();
        let mut points = vec![BalancePoint { at: now, balance }];
        let mut before = None;
        'pages: loop {
            let filter = TransactionFilter {
                before,
                limit: 500,
                ..TransactionFilter::default()
            };
            let page = self.store.transactions(tenant, &filter).await.outward()?;
            for booked in &page {
                if booked.at < month {
                    break 'pages;
                }
                points.push(BalancePoint {
                    at: booked.at,
                    balance,
                });
                balance = balance - booked.bucket_change();
            }
            match page.last() {
                Some(last) if page.len() == 500 => before = Some(last.id),
                _ => break,
            }
        }
        points.reverse();
        let step = points.len().div_ceil(MOST_POINTS).max(1);
        let last = points.len() - 1;
        Ok(points
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at % step == 0 || *at == last)
            .map(|(_, point)| point)
            .collect())
    }

    pub(crate) async fn check_ledger(&self, tenant: &TenantId) -> Result<LedgerCheck, Error> {
        let sums = self.store.ledger_sums(tenant).await.outward()?;
        let report = LedgerReport::of_sums(
            sums.transactions,
            sums.unbalanced,
            &sums.entries,
            &sums.balances,
        );
        let unbalanced = report
            .unbalanced
            .iter()
            .map(|id| format!("Transaction {id} does not sum to zero."));
        let misstated = report
            .accounts
            .iter()
            .filter(|account| !account.is_sound())
            .map(|account| {
                format!(
                    "{} holds {} but its entries sum to {}.",
                    account.account.word(),
                    account.balance,
                    MicroUsd(i64::try_from(account.entries).unwrap_or(i64::MAX))
                )
            });
        Ok(LedgerCheck {
            at: self.now(),
            ok: report.is_sound(),
            transactions: report.transactions,
            sum: MicroUsd(i64::try_from(report.total).unwrap_or(i64::MAX)),
            faults: unbalanced.chain(misstated).collect(),
        })
    }

    pub(crate) async fn set_limit(
        &self,
        tenant: &TenantId,
        asked: SetLimit,
    ) -> Result<WalletView, Error> {
        if asked
            .monthly
            .is_some_and(|limit| limit < MicroUsd::ZERO || limit > MicroUsd::dollars(MOST_DOLLARS))
        {
            return Err(Error::invalid(
                "A monthly limit lies between $0 and $1,000,000, or is no limit.",
            ));
        }
        let at = self.now();
        self.change_wallet(tenant, |wallet| {
            let change = funding::change_limit(wallet, asked.monthly, chance::transaction_id(), at);
            let terms = terms_write(&change.terms)?;
            Ok((
                Unit::of(tenant.clone())
                    .write(terms)
                    .writes(change.transaction.map(Write::Post)),
                (),
            ))
        })
        .await?;
        self.changed_wallet(tenant).await
    }

    pub(crate) async fn top_up(
        &self,
        tenant: &TenantId,
        asked: TopUp,
    ) -> Result<WalletView, Error> {
        if asked.amount > MicroUsd::dollars(10_000) {
            return Err(Error::invalid("At most $10,000 can be added at once."));
        }
        let at = self.now();
        let booked = funding::top_up(asked.amount, chance::transaction_id(), at)
            .map_err(|_| Error::invalid("The amount to add must be more than zero."))?;
        self.change_wallet(tenant, |_| {
            Ok((
                Unit::of(tenant.clone()).write(Write::Post(booked.clone())),
                (),
            ))
        })
        .await?;
        self.changed_wallet(tenant).await
    }

    pub(crate) async fn take_money_back(
        &self,
        tenant: &TenantId,
        asked: MoneyBack,
    ) -> Result<WalletView, Error> {
        let at = self.now();
        self.change_wallet(tenant, |wallet| {
            let booked = funding::take_back(wallet, asked.amount, chance::transaction_id(), at)
                .map_err(not_taken_back)?;
            Ok((Unit::of(tenant.clone()).write(Write::Post(booked)), ()))
        })
        .await?;
        self.changed_wallet(tenant).await
    }

    pub(crate) async fn set_auto_refill(
        &self,
        tenant: &TenantId,
        asked: AutoRefill,
    ) -> Result<WalletView, Error> {
        // What was due under the old terms is not of the new ones.
        let before = self.shown_wallet(tenant).await?;
        self.change_wallet(tenant, |wallet| {
            let auto_refill = AutoRefillTerms {
                enabled: asked.enabled,
                threshold: asked.threshold,
                amount: asked.amount,
                monthly_ceiling: asked.monthly_ceiling,
            };
            let terms = WalletTerms {
                auto_refill,
                ..wallet.terms.clone()
            };
            terms
                .validate()
                .map_err(|fault| Error::invalid(format!("{fault}.")))?;
            Ok((Unit::of(tenant.clone()).write(terms_write(&terms)?), ()))
        })
        .await?;
        let after = self.shown_wallet(tenant).await?;
        let now = self.now();
        Ok(WalletView {
            refilled_now: after.refilled(now) - before.refilled(now),
            ..self.changed_wallet(tenant).await?
        })
    }

    async fn changed_wallet(&self, tenant: &TenantId) -> Result<WalletView, Error> {
        self.tell_wallet(tenant).await;
        self.tell_models(tenant).await?;
        self.wallet_view(tenant).await
    }
}

fn terms_write(terms: &WalletTerms) -> Result<Write, Error> {
    serde_json::to_string(terms)
        .map(Write::SetWalletTerms)
        .map_err(|fault| Error::invalid(fault.to_string()))
}

fn not_taken_back(fault: TakeBackError) -> Error {
    match fault {
        TakeBackError::Nothing => Error::invalid("The amount to take back must be more than zero."),
        TakeBackError::Empty => Error::new(
            ErrorCode::InvalidState,
            "There is no added money to take back: none was added, or all of it is spent.",
        ),
        TakeBackError::Beyond(MicroUsd::ZERO) => Error::new(
            ErrorCode::InvalidState,
            "Nothing can be taken back: what was added is spent, or held for running calls.",
        ),
        TakeBackError::Beyond(most) => Error::new(
            ErrorCode::InvalidState,
            format!(
                "At most {most} can be taken back: what was added and is neither spent nor held for running calls."
            ),
        ),
        TakeBackError::Refilled(MicroUsd::ZERO) => Error::new(
            ErrorCode::InvalidState,
            "Auto-refill would add it again. Switch that off first.",
        ),
        TakeBackError::Refilled(most) => Error::new(
            ErrorCode::InvalidState,
            format!(
                "Auto-refill would add it again. Switch that off first, or take back at most {most}."
            ),
        ),
    }
}

/// The buckets with what is held, drained in the order of debits.
fn buckets(wallet: &Wallet, now: Timestamp) -> Vec<BucketView> {
    let mut held = wallet.held();
    // After a limit was lowered more is held than there is. The first bucket says so.
    let beyond = match wallet.terms.monthly_grant {
        None => MicroUsd::ZERO,
        Some(_) => (held - wallet.effective_balance()).max(MicroUsd::ZERO),
    };
    let terms = &wallet.terms;
    Account::DEBIT_ORDER
        .into_iter()
        .map(|account| {
            let balance = wallet.balance(account);
            // Without a limit calls are paid by what is granted to the first bucket as they are charged.
            let part = match terms.monthly_grant {
                None => held,
                Some(_) if account == Account::Free => held.min(balance + beyond),
                Some(_) => held.min(balance),
            };
            held = held - part;
            let (full, used) = match account {
                Account::Free => (terms.monthly_grant, true),
                Account::Subscription => (
                    Some(terms.subscription.rollover_cap),
                    terms.subscription.status.is_some() || balance > MicroUsd::ZERO,
                ),
                _ => (None, balance > MicroUsd::ZERO || terms.auto_refill.enabled),
            };
            let changes = account != Account::Refill && full.is_some() && used;
            BucketView {
                account,
                balance,
                held: part,
                full,
                used,
                next_change_at: changes.then(|| Wallet::resets_at(now)),
            }
        })
        .collect()
}

fn shown_refill(terms: AutoRefillTerms) -> AutoRefill {
    AutoRefill {
        enabled: terms.enabled,
        threshold: terms.threshold,
        amount: terms.amount,
        monthly_ceiling: terms.monthly_ceiling,
    }
}

fn rows(spend: Vec<Spend>, label: impl Fn(&str) -> String) -> Vec<SpendRow> {
    spend
        .into_iter()
        .map(|row| SpendRow {
            label: label(&row.key),
            key: row.key,
            amount: row.amount,
            calls: u32::try_from(row.calls).unwrap_or(u32::MAX),
        })
        .collect()
}
