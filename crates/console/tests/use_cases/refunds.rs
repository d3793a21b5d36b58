//! Money back for calls that gave nothing usable, where the wallet's terms owe it.

use std::sync::Arc;

use husting_clock::{Clock, SystemClock};
use husting_domain::ids::TenantId;
use husting_domain::money::MicroUsd;
use husting_store::{SqliteStore, Store, Unit, Write};
use husting_test_support::{Behaviour, Fault, Phase, Script};
use husting_wire::rounds::RoundView;
use husting_wire::wallet::DebitView;
use serde_json::{Value, json};

use crate::desk::{Desk, answer};
use crate::panel::{Houses, Panel, SEATS};

/// Gamma breaks off its answer, beta its reaction; both had cost something by then.
fn breaking() -> Script {
    let cut = Behaviour::debating().fault(Fault::Cut { after_tokens: 5 });
    let script = Script::debate().for_phase("gamma", Phase::Respond, cut.clone());
    script.for_phase("beta", Phase::React, cut)
}

/// One round under terms with this `refund_failed_calls`, and what the wallet paid for it.
async fn round_under(owed: bool) -> (RoundView, MicroUsd) {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), SystemClock.now())
        .await
        .unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let desk = Desk::over(store.clone(), home, Arc::new(SystemClock)).await;
    let panel = Panel::furnished(desk, Houses::open(breaking()).await).await;
    let tenant = TenantId::local();
    let terms = store.wallet(&tenant).await.unwrap().terms.unwrap();
    let mut terms: Value = serde_json::from_str(&terms).unwrap();
    terms["refund_failed_calls"] = json!(owed);
    let write = Write::SetWalletTerms(terms.to_string());
    store.commit(Unit::of(tenant).write(write)).await.unwrap();
    let before = panel.balance().await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    let wallet = panel.wallet().await;
    assert!(wallet.check.ok, "{:?}", wallet.check.faults);
    assert_eq!(wallet.summary.held, MicroUsd::ZERO);
    (round, before - wallet.summary.balance)
}

fn refunds(round: &RoundView) -> Vec<&DebitView> {
    let debits = round.debits.iter();
    debits.filter(|debit| debit.refund_of.is_some()).collect()
}

#[tokio::test]
async fn what_a_failed_call_cost_is_given_back_once_and_in_full_where_it_is_owed() {
    let (round, paid) = round_under(true).await;
    let refunds = refunds(&round);
    let mut models: Vec<_> = refunds.iter().map(|refund| refund.model.as_str()).collect();
    models.sort_unstable();
    assert_eq!(models, ["beta", "gamma"], "one for each call that failed");
    let mut given_back = MicroUsd::ZERO;
    for refund in &refunds {
        let of = |debit: &&DebitView| Some(debit.transaction_id) == refund.refund_of;
        let debit = round.debits.iter().find(of).unwrap();
        assert_eq!((&debit.model, debit.refund_of), (&refund.model, None));
        assert!(debit.amount > MicroUsd::ZERO);
        assert_eq!(refund.amount, -debit.amount);
        given_back += debit.amount;
    }
    assert_eq!(round.summary.charged, paid);
    // The provider keeps what it was paid.
    assert_eq!(round.summary.cost, paid + given_back);
    assert!(answer(&round, "gamma").cost > MicroUsd::ZERO);
}

#[tokio::test]
async fn on_the_operators_own_keys_what_the_provider_charged_stays_booked() {
    let (round, paid) = round_under(false).await;
    assert_eq!(refunds(&round), Vec::<&DebitView>::new());
    assert_eq!((round.summary.charged, round.summary.cost), (paid, paid));
}
