//! The audit log: one link a commit, no gap, nothing of what failed.

use std::sync::Arc;

use husting_domain::audit::{Action, Entry, Head, Seal};
use husting_domain::ids::TenantId;
use husting_store::{AuditFilter, BusWrite, CommitError, Constraint, Require, Store, Unit, Write};
use uuid::Uuid;

use crate::people::*;
use crate::values::*;

/// Agent `of` did something at a moment.
fn entry(seconds: i64, of: u128, action: Action) -> Entry {
    Entry {
        at: at(seconds),
        action,
        actor: format!("agent:agent-{of}"),
        agent: Some(agent_id(of)),
        subject: Some(Uuid::from_u128(77)),
        body: Some([3; 32]),
        detail: r#"{"to":"größe \"x\""}"#.to_owned(),
    }
}

fn plain(seconds: i64) -> Entry {
    Entry {
        actor: "operator".to_owned(),
        agent: None,
        subject: None,
        body: None,
        ..entry(seconds, 1, Action::Pause)
    }
}

/// The chain as it must be, or a panic with what is wrong.
async fn verified(store: &dyn Store, tenant: &TenantId) -> Head {
    let mut head = Head::default();
    for (link, rows) in store.audit_links(tenant, 1, 1_000).await.unwrap() {
        head.follow(tenant.as_str(), &rows, &link).unwrap();
    }
    assert_eq!(store.audit_head(tenant).await.unwrap(), head);
    head
}

pub async fn rows_are_numbered_without_a_gap_and_bound(store: Arc<dyn Store>) {
    assert_eq!(verified(&*store, &tenant()).await, Head::default());
    let first = unit().writes([
        Write::Audit(entry(1, 1, Action::Send)),
        Write::Audit(plain(2)),
    ]);
    assert_eq!(store.commit(first).await.unwrap().rows, Some(1..=2));
    assert_eq!(store.commit(unit()).await.unwrap().rows, None);
    let second = unit().write(Write::Audit(entry(3, 2, Action::Fetch)));
    assert_eq!(store.commit(second).await.unwrap().rows, Some(3..=3));
    let theirs = Unit::of(acme()).write(Write::Audit(plain(4)));
    assert_eq!(store.commit(theirs).await.unwrap().rows, Some(1..=1));

    let head = verified(&*store, &tenant()).await;
    assert_eq!((head.link, head.row), (2, 3));
    assert_eq!(verified(&*store, &acme()).await.row, 1);
    let links = store.audit_links(&tenant(), 2, 10).await.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].1[0].entry, entry(3, 2, Action::Fetch));
    let links = store.audit_links(&tenant(), 1, 1).await.unwrap();
    assert_eq!(links.len(), 1);
    let entries: Vec<_> = links[0].1.iter().map(|row| row.entry.clone()).collect();
    assert_eq!(entries, [entry(1, 1, Action::Send), plain(2)]);
}

pub async fn a_refused_unit_leaves_no_row(store: Arc<dyn Store>) {
    crew(&*store, 1).await;
    let late = unit()
        .require(Require::WalletVersion(7))
        .write(Write::Audit(plain(1)));
    assert!(matches!(
        refusal(&*store, late).await,
        CommitError::Refused(_)
    ));
    let broken = unit()
        .write(Write::Audit(plain(2)))
        .write(send(dispatch(1, 9)));
    assert!(matches!(
        refusal(&*store, broken).await,
        CommitError::Constraint(Constraint::Absent("mailbox"))
    ));
    let kept = unit()
        .write(send(dispatch(2, 1)))
        .write(Write::Audit(plain(3)));
    assert_eq!(store.commit(kept).await.unwrap().rows, Some(1..=1));
    assert_eq!(verified(&*store, &tenant()).await.row, 1);
}

pub async fn many_writers_make_one_chain_for_each_tenant(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let writers: Vec<_> = (0..128_u32)
        .map(|n| {
            let store = store.clone();
            let whose = if n % 4 == 0 { acme() } else { tenant() };
            let mut unit = Unit::of(whose).write(Write::Audit(plain(i64::from(n))));
            if n % 7 == 0 {
                // Breaks a rule after its entry was taken.
                unit = unit.write(Write::Bus(BusWrite::DeleteNote(note_id(u128::from(n)))));
            }
            tokio::spawn(async move { store.commit(unit).await })
        })
        .collect();
    let mut numbers = Vec::new();
    for (n, writer) in writers.into_iter().enumerate() {
        match writer.await.unwrap() {
            Ok(kept) => {
                let row = *kept.rows.unwrap().start();
                numbers.push((n % 4 == 0, row));
            }
            Err(CommitError::Constraint(Constraint::Absent("note"))) => assert_eq!(n % 7, 0),
            Err(other) => panic!("{other}"),
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    // 19 multiples of seven below 128, five of them of four as well.
    assert_eq!(numbers.len(), 128 - 19);
    assert_eq!(verified(&*store, &tenant()).await.row, 96 - 14);
    assert_eq!(verified(&*store, &acme()).await.row, 32 - 5);
}

pub async fn the_newest_seal_of_a_day_is_kept(store: Arc<dyn Store>) {
    let seal = |link: u64, seconds| Seal {
        link,
        hash: [u8::try_from(link).unwrap(); 32],
        at: at(seconds),
        signature: vec![5; 64],
    };
    for seal in [seal(1, 0), seal(4, 60), seal(3, 30), seal(9, 86_400)] {
        keep(&*store, [Write::Seal(seal)]).await;
    }
    let kept = store.audit_seals(&tenant()).await.unwrap();
    assert_eq!(kept, [seal(4, 60), seal(9, 86_400)]);
    assert!(store.audit_seals(&acme()).await.unwrap().is_empty());
}

pub async fn rows_are_listed_by_agent_kind_and_page(store: Arc<dyn Store>) {
    let entries = [
        entry(1, 1, Action::Send),
        entry(2, 2, Action::Send),
        entry(3, 1, Action::Fetch),
        plain(4),
        entry(5, 1, Action::Send),
    ];
    keep(&*store, entries.map(Write::Audit)).await;
    let numbers = async |filter: AuditFilter| {
        let rows = store.audit_rows(&tenant(), &filter).await.unwrap();
        rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let all = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    assert_eq!(numbers(all.clone()).await, [5, 4, 3, 2, 1]);
    let of_one = AuditFilter {
        agent: Some(agent_id(1)),
        ..all.clone()
    };
    assert_eq!(numbers(of_one.clone()).await, [5, 3, 1]);
    let sends = AuditFilter {
        actions: vec![Action::Send],
        ..of_one
    };
    assert_eq!(numbers(sends).await, [5, 1]);
    let two_kinds = AuditFilter {
        actions: vec![Action::Fetch, Action::Pause],
        ..all.clone()
    };
    assert_eq!(numbers(two_kinds).await, [4, 3]);
    let page = AuditFilter {
        before: Some(4),
        limit: 2,
        ..all
    };
    assert_eq!(numbers(page).await, [3, 2]);
}

pub async fn calls_are_counted_behind_a_row(store: Arc<dyn Store>) {
    let (none, count) = store.calls_after(&tenant(), agent_id(1), 0).await.unwrap();
    assert_eq!((none, count), (None, 0));
    let by_the_operator = Entry {
        agent: Some(agent_id(1)),
        ..plain(5)
    };
    let entries = [
        entry(1, 1, Action::Send),
        entry(2, 1, Action::Fetch),
        entry(3, 2, Action::Send),
        entry(4, 1, Action::Deny),
        by_the_operator,
    ];
    keep(&*store, entries.map(Write::Audit)).await;
    let after = async |row| {
        store
            .calls_after(&tenant(), agent_id(1), row)
            .await
            .unwrap()
    };
    let (newest, count) = after(0).await;
    assert_eq!((newest.unwrap().number, count), (2, 2));
    assert_eq!(after(1).await.1, 1);
    assert_eq!(after(2).await.1, 0);
}
