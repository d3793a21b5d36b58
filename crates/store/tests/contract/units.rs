//! Units: whole or not at all, alone or among many.

use std::sync::Arc;

use husting_domain::ids::TenantId;
use husting_store::{CommitError, Constraint, Require, Store, StoreError, Unit, Write};

use crate::values::*;

fn setting(key: &str) -> Write {
    Write::PutSetting {
        key: key.to_owned(),
        value: "true".to_owned(),
    }
}

async fn keys(store: &dyn Store) -> Vec<String> {
    store
        .settings(&tenant())
        .await
        .unwrap()
        .into_iter()
        .map(|setting| setting.key)
        .collect()
}

pub async fn a_refused_unit_leaves_nothing(store: Arc<dyn Store>) {
    let require = Require::RoundInProgress(round_id(1));
    let outcome = store
        .commit(unit().require(require.clone()).write(setting("a")))
        .await;
    assert!(matches!(outcome, Err(CommitError::Refused(refused)) if refused == require));
    assert!(keys(&*store).await.is_empty());
}

pub async fn a_unit_that_breaks_a_rule_leaves_nothing(store: Arc<dyn Store>) {
    // The third write fails: its round is not there.
    let writes = [
        setting("a"),
        Write::InsertSession(session(1)),
        Write::OpenHold(hold(1, 100, 5)),
    ];
    let outcome = store.commit(unit().writes(writes)).await;
    assert!(
        matches!(
            outcome,
            Err(CommitError::Constraint(Constraint::Reference("hold")))
        ),
        "{outcome:?}"
    );
    assert!(keys(&*store).await.is_empty());
    assert_eq!(store.session(&tenant(), session_id(1)).await.unwrap(), None);
    assert_eq!(store.wallet(&tenant()).await.unwrap().version, 0);
}

pub async fn every_precondition_is_checked_before_any_write(store: Arc<dyn Store>) {
    // Its own write would make the precondition true.
    let unit = unit()
        .require(Require::SessionExists(session_id(1)))
        .write(Write::InsertSession(session(1)));
    assert!(matches!(
        store.commit(unit).await,
        Err(CommitError::Refused(_))
    ));
}

pub async fn sixty_four_callers_are_all_kept(store: Arc<dyn Store>) {
    let callers: Vec<_> = (0..64)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .commit(unit().write(setting(&format!("{n:02}"))))
                    .await
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let expected: Vec<String> = (0..64).map(|n| format!("{n:02}")).collect();
    assert_eq!(keys(&*store).await, expected);
}

pub async fn of_callers_that_require_the_same_version_one_is_kept(store: Arc<dyn Store>) {
    let callers: Vec<_> = (0..64)
        .map(|n| {
            let store = store.clone();
            let writes = [Write::Post(top_up(n, 10)), setting(&n.to_string())];
            tokio::spawn(async move {
                store
                    .commit(unit().require(Require::WalletVersion(0)).writes(writes))
                    .await
            })
        })
        .collect();
    let mut kept = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Ok(()) => kept += 1,
            Err(CommitError::Refused(Require::WalletVersion(0))) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(kept, 1);
    assert_eq!(keys(&*store).await.len(), 1);
    assert_eq!(store.ledger_sums(&tenant()).await.unwrap().transactions, 1);
}

pub async fn tenants_do_not_see_each_other(store: Arc<dyn Store>) {
    let other = TenantId::parse("acme").unwrap();
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
            setting("a"),
        ],
    )
    .await;
    assert_eq!(store.session(&other, session_id(1)).await.unwrap(), None);
    assert_eq!(store.round(&other, round_id(100)).await.unwrap(), None);
    assert!(store.settings(&other).await.unwrap().is_empty());
    // Neither can a unit of one tenant write into another, by its row or by a reference.
    let refused = store
        .commit(Unit::of(other.clone()).write(Write::InsertSession(session(2))))
        .await;
    assert!(matches!(
        refused,
        Err(CommitError::Constraint(Constraint::OtherTenant("session")))
    ));
    let refused = store
        .commit(Unit::of(other.clone()).write(Write::InsertRound(round(101))))
        .await;
    assert!(matches!(
        refused,
        Err(CommitError::Constraint(Constraint::Reference("round")))
    ));
    let refused = store
        .commit(Unit::of(other).write(Write::DeleteSession(session_id(1))))
        .await;
    assert!(matches!(
        refused,
        Err(CommitError::Constraint(Constraint::Absent("session")))
    ));
}

pub async fn a_closed_store_says_so(store: Arc<dyn Store>) {
    store.close().await;
    assert!(matches!(
        store.settings(&tenant()).await,
        Err(StoreError::Closed)
    ));
    let outcome = store.commit(unit().write(setting("a"))).await;
    assert!(matches!(
        outcome,
        Err(CommitError::Store(StoreError::Closed))
    ));
}
