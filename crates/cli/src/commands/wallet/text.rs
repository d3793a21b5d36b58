//! The wallet, its books and its ledger, as people read them.

use husting_console::needs::needed_limit;
use husting_domain::ledger::Account;
use husting_domain::money::MicroUsd;
use husting_wire::wallet::{BucketView, LedgerCheck, LedgerPage, WalletSummary, WalletView};

use crate::output::table::{Align, Table};
use crate::output::words::{count, dollars, moment, word};

/// Whether the books are right, and what is wrong with them.
pub(super) fn proven(check: &LedgerCheck) -> String {
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

/// The wallet with its buckets and what each model cost.
pub(super) fn shown(view: &WalletView) -> String {
    let head = summary(view);
    let limited = view.summary.monthly_limit.is_some();
    let mut buckets = Table::new(&[
        ("BUCKET", Align::Left),
        ("BALANCE", Align::Money),
        ("HELD", Align::Money),
    ]);
    // Without a limit its bucket only passes on what is spent.
    let says = |bucket: &&BucketView| bucket.used && (limited || bucket.account != Account::Free);
    for bucket in view.buckets.iter().filter(says) {
        buckets.row([
            bucket_name(bucket.account),
            dollars(bucket.balance),
            dollars(bucket.held),
        ]);
    }
    let mut models = Table::new(&[
        ("MODEL", Align::Left),
        ("CALLS", Align::Right),
        ("SPENT", Align::Money),
    ]);
    for row in &view.by_model {
        models.row([
            row.label.clone(),
            row.calls.to_string(),
            dollars(row.amount),
        ]);
    }
    let buckets = view
        .buckets
        .iter()
        .any(|bucket| says(&bucket))
        .then(|| format!("\n{buckets}"));
    let models = (!view.by_model.is_empty()).then(|| format!("\n{models}"));
    head + &buckets.unwrap_or_default() + &models.unwrap_or_default()
}

/// What is said of a wallet that does not pay a round, which sets aside `least`; `None` of one that does.
pub(super) fn too_little(wallet: &WalletSummary, least: MicroUsd) -> Option<String> {
    let left = wallet.balance - wallet.held;
    if wallet.monthly_limit.is_none() || left >= least {
        return None;
    }
    let left = dollars(left.max(MicroUsd::ZERO));
    let enough = needed_limit(wallet, least);
    Some(format!(
        "\n{left} is left, and a round of two seats sets aside {} at least: from `husting wallet limit --usd {}` on one \
         is paid.\n",
        dollars(least),
        dollars(enough).trim_start_matches('$'),
    ))
}

/// A bucket as the window calls it, too.
fn bucket_name(account: Account) -> String {
    let name = match account {
        Account::Free => "monthly limit",
        other => other.word(),
    };
    name.to_owned()
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
    let left = match monthly_limit {
        // A limit that was lowered leaves calls that run what was held for them.
        Some(_) if held > balance => format!(
            "Balance  {}, all of it held, and {} more for calls that run",
            dollars(*balance),
            dollars(*held - *balance)
        ),
        Some(_) => format!(
            "Balance  {}, of that held {}",
            dollars(*balance),
            dollars(*held)
        ),
        None => format!("Held     {}", dollars(*held)),
    };
    format!(
        "Limit    {limit}{}\n{}{left}\nSpent    {} today, {} this month in {}\n",
        resets.unwrap_or_default(),
        beside_the_limit(view),
        dollars(*spent_today),
        dollars(*spent_month),
        count(view.calls_month.into(), "call"),
    )
}

/// Money that the limit does not bound.
fn beside_the_limit(view: &WalletView) -> String {
    let limited = view.summary.monthly_limit.is_some();
    let outside = |words: &'static str| if limited { words } else { "" };
    let added = Some(refill_in(view)).filter(|balance| *balance > MicroUsd::ZERO);
    let added = added.map(|balance| {
        format!(
            "Refill   {}{}\n",
            dollars(balance),
            outside(", outside the limit: spent once it is used up")
        )
    });
    let automatic = view.auto_refill.as_ref().filter(|refill| refill.enabled);
    let automatic = automatic.map(|refill| {
        format!(
            "Auto-refill below {} adds {}, as often as it takes, at most {} a month{}\n",
            dollars(refill.threshold),
            dollars(refill.amount),
            dollars(refill.monthly_ceiling),
            outside(", outside the limit")
        )
    });
    added.unwrap_or_default() + &automatic.unwrap_or_default()
}

/// What new terms of auto-refill added at once; nothing where they added nothing.
pub(super) fn refilled(view: &WalletView) -> String {
    if view.refilled_now == MicroUsd::ZERO {
        return String::new();
    }
    let added = dollars(view.refilled_now);
    format!("\nAuto-refill added {added} just now.\n")
}

fn refill_in(view: &WalletView) -> MicroUsd {
    let is_refill = |bucket: &&BucketView| bucket.account == Account::Refill;
    let refill = view.buckets.iter().find(is_refill);
    refill.map_or(MicroUsd::ZERO, |bucket| bucket.balance)
}

/// A page of the ledger.
pub(super) fn booked(page: &LedgerPage) -> String {
    let mut table = Table::new(&[
        ("WHEN", Align::Left),
        ("KIND", Align::Left),
        ("CHANGE", Align::Money),
        ("BALANCE", Align::Money),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn view(refilled_now: i64) -> WalletView {
        let at = "2026-11-26T14:00:00Z";
        let view = json!({
            "summary": {
                "balance": 0, "held": 0, "monthly_limit": 0, "limit_chosen": true, "spent_today": 0,
                "spent_month": 0, "limit_used": 0, "resets_at": at,
            },
            "buckets": [], "auto_refill": null, "refilled_now": refilled_now, "returnable": 0, "overrun": 0, "by_model": [],
            "by_purpose": [], "by_session": [], "by_agent": [], "burn_down": [], "month_start": at, "month_end": at,
            "calls_month": 0,
            "check": { "at": at, "ok": true, "transactions": 0, "sum": 0, "faults": [] },
        });
        serde_json::from_value(view).expect("a wallet as the core gives it")
    }

    #[test]
    fn what_is_held_beyond_a_lowered_limit_is_no_part_of_the_balance() {
        let mut view = view(0);
        view.summary.held = MicroUsd(141_256);
        let told = summary(&view);
        assert!(
            told.contains(
                "Balance  $0.00, all of it held, and $0.141256 more for calls that run\n"
            ),
            "{told}"
        );
        view.summary.balance = MicroUsd(50_000);
        let told = summary(&view);
        assert!(
            told.contains("Balance  $0.05, all of it held, and $0.091256 more for"),
            "{told}"
        );
        view.summary.balance = view.summary.held;
        let told = summary(&view);
        assert!(
            told.contains("Balance  $0.141256, of that held $0.141256\n"),
            "{told}"
        );
    }

    #[test]
    fn what_new_terms_of_the_refill_added_at_once_is_told() {
        let told = refilled(&view(9_000_000));
        assert_eq!(told, "\nAuto-refill added $9.00 just now.\n");
        assert_eq!(refilled(&view(0)), "");
    }
}
