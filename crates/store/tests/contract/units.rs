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

async fn has(store: &dyn Store, key: &str) -> bool {
    store.setting(&tenant(), key).await.unwrap().is_some()
}

pub async fn a_refused_unit_leaves_nothing(store: Arc<dyn Store>) {
    let require = Require::RoundInProgress(round_id(1));
    let outcome = store
        .commit(unit().require(require.clone()).write(setting("a")))
        .await;
    assert!(matches!(outcome, Err(CommitError::Refused(refused)) if refused == require));
    assert!(!has(&*store, "a").await);
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
    assert!(!has(&*store, "a").await);
    assert_eq!(store.session(&tenant(), session_id(1)).await.unwrap(), None);
    assert_eq!(store.wallet(&tenant()).await.unwrap().version, 0);
}

pub async fn every_precondition_is_checked_before_any_write(store: Arc<dyn Store>) {
    // Its own write would make the precondition true.
    let unit = unit()
        .require(Require::SessionStatus(
            session_id(1),
            vec![session(1).status],
        ))
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
    for n in 0..64 {
        assert!(has(&*store, &format!("{n:02}")).await, "{n}");
    }
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
    let mut kept = Vec::new();
    for (n, caller) in callers.into_iter().enumerate() {
        match caller.await.unwrap() {
            Ok(_) => kept.push(n),
            Err(CommitError::Refused(Require::WalletVersion(0))) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(kept.len(), 1);
    for n in 0..64 {
        assert_eq!(has(&*store, &n.to_string()).await, kept.contains(&n));
    }
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
    let rounds = store.rounds(&other, session_id(1)).await.unwrap();
    assert!(rounds.is_empty());
    assert_eq!(store.setting(&other, "a").await.unwrap(), None);
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
        store.setting(&tenant(), "a").await,
        Err(StoreError::Closed)
    ));
    let outcome = store.commit(unit().write(setting("a"))).await;
    assert!(matches!(
        outcome,
        Err(CommitError::Store(StoreError::Closed))
    ));
}
