//! Providers, models, settings, drafts, backups.

use std::sync::Arc;

use husting_domain::models::{Model, SeatKind};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::providers::{Provider, ProviderKind, ProviderTest};
use husting_domain::storage::StorageKind;
use husting_store::{BackupError, CommitError, Constraint, Draft, Require, Store, Unit, Write};

use crate::people::acme;
use crate::values::*;

fn provider(name: &str) -> Provider {
    Provider {
        name: name.to_owned(),
        kind: ProviderKind::OpenaiCompatible,
        base_url: "http://127.0.0.1:4010/v1".to_owned(),
        key_tail: Some("f00d".to_owned()),
        created_at: at(3),
        last_test: None,
    }
}

fn entry(id: &str, provider: &str) -> Model {
    Model {
        id: model(id),
        provider: provider.to_owned(),
        provider_model: "gpt:x".to_owned(),
        display_name: "GPT X".to_owned(),
        kind: SeatKind::Api,
        context_window: 200_000,
        max_output_tokens: 64_000,
        enabled: true,
        price_override: Some(Price {
            input: MicroUsd::dollars(3),
            output: MicroUsd::dollars(15),
            cache_read: Some(MicroUsd(300_000)),
            cache_write: None,
            long: None,
        }),
        price_set_at: Some(at(8)),
        minimum: Some(MicroUsd(50_000)),
        deadline_seconds: Some(600),
    }
}

pub async fn providers_read_back_as_written(store: Arc<dyn Store>) {
    let test = ProviderTest {
        at: at(9),
        millis: 412,
        ok: false,
        status: Some(401),
        message: Some("no".to_owned()),
    };
    store
        .commit(
            unit()
                .require(Require::NoProvider("b".to_owned()))
                .write(Write::PutProvider(provider("b"))),
        )
        .await
        .unwrap();
    let again = store
        .commit(unit().require(Require::NoProvider("b".to_owned())))
        .await;
    assert!(matches!(again, Err(CommitError::Refused(_))));
    for (name, is_there) in [("a", false), ("b", true)] {
        let unit = unit().require(Require::Provider(name.to_owned()));
        assert_eq!(store.commit(unit).await.is_ok(), is_there, "{name}");
    }
    keep(&*store, [Write::PutProvider(provider("a"))]).await;
    assert_eq!(
        store.providers(&tenant()).await.unwrap(),
        [provider("a"), provider("b")]
    );

    let found = |name: &str, base_url: &str, key_tail: Option<&str>| Write::SetProviderTest {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        key_tail: key_tail.map(str::to_owned),
        test: Some(test.clone()),
    };
    let Provider {
        base_url: here,
        key_tail: with,
        ..
    } = provider("a");
    let (with, elsewhere) = (with.as_deref(), "https://elsewhere.test/v1");
    let others = [
        found("a", elsewhere, with),
        found("a", &here, Some("0ld5")),
        found("a", &here, None),
        found("gone", &here, with),
    ];
    keep(&*store, others).await;
    assert_eq!(
        store.provider(&tenant(), "a").await.unwrap(),
        Some(provider("a")),
        "what was found elsewhere, or with another key, tells nothing of it"
    );
    let theirs = Unit::of(acme()).write(Write::PutProvider(provider("a")));
    store.commit(theirs).await.unwrap();
    keep(&*store, [found("a", &here, with)]).await;
    assert_eq!(
        store.provider(&acme(), "a").await.unwrap(),
        Some(provider("a")),
        "nor does another's tell of it"
    );
    let tested = Provider {
        last_test: Some(test),
        ..provider("a")
    };
    assert_eq!(store.provider(&tenant(), "a").await.unwrap(), Some(tested));
    let forgotten = Write::SetProviderTest {
        name: "a".to_owned(),
        base_url: here.clone(),
        key_tail: with.map(str::to_owned),
        test: None,
    };
    keep(&*store, [forgotten]).await;
    assert_eq!(
        store.provider(&tenant(), "a").await.unwrap(),
        Some(provider("a")),
        "what a test found can be forgotten"
    );

    let changed = Provider {
        kind: ProviderKind::Anthropic,
        key_tail: None,
        ..provider("a")
    };
    keep(
        &*store,
        [
            Write::PutProvider(changed.clone()),
            Write::DeleteProvider("b".to_owned()),
        ],
    )
    .await;
    assert_eq!(store.providers(&tenant()).await.unwrap(), [changed]);
    let gone = store
        .commit(unit().write(Write::DeleteProvider("b".to_owned())))
        .await;
    assert!(matches!(
        gone,
        Err(CommitError::Constraint(Constraint::Absent("provider")))
    ));
}

pub async fn models_read_back_as_written(store: Arc<dyn Store>) {
    let bare = Model {
        price_override: None,
        price_set_at: None,
        minimum: None,
        deadline_seconds: None,
        enabled: false,
        kind: SeatKind::Rehearsal,
        ..entry("a", "p")
    };
    keep(
        &*store,
        [entry("b:1", "q"), bare.clone()].map(Write::PutModel),
    )
    .await;
    assert_eq!(
        store.models(&tenant()).await.unwrap(),
        [bare.clone(), entry("b:1", "q")]
    );
    let free = Model {
        price_override: Some(Price::FREE),
        ..entry("b:1", "p")
    };
    keep(&*store, [Write::PutModel(free.clone())]).await;
    assert_eq!(
        store.model(&tenant(), &model("b:1")).await.unwrap(),
        Some(free)
    );

    keep(&*store, [Write::DeleteModel(model("b:1"))]).await;
    assert_eq!(store.models(&tenant()).await.unwrap(), [bare]);
}

pub async fn models_off_the_list_keep_their_terms(store: Arc<dyn Store>) {
    let own = Model {
        enabled: false,
        ..entry("b:1", "q")
    };
    keep(&*store, [entry("a", "p"), own.clone()].map(Write::PutModel)).await;
    let remove = |id: &str, seconds| Write::RemoveModel {
        model: model(id),
        at: at(seconds),
    };
    keep(&*store, [remove("a", 1), remove("b:1", 2)]).await;
    assert_eq!(store.models(&tenant()).await.unwrap(), []);
    assert_eq!(store.model(&tenant(), &own.id).await.unwrap(), None);
    let removed = store.removed_models(&tenant()).await.unwrap();
    assert_eq!(removed, [own.clone(), entry("a", "p")]);

    for absent in [remove("a", 3), Write::RestoreModel(model("c"))] {
        let refused = store.commit(unit().write(absent)).await;
        assert!(matches!(
            refused,
            Err(CommitError::Constraint(Constraint::Absent("model")))
        ));
    }
    keep(&*store, [Write::RestoreModel(own.id.clone())]).await;
    assert_eq!(store.models(&tenant()).await.unwrap(), vec![own.clone()]);

    let anew = entry("a", "q");
    keep(&*store, [Write::PutModel(anew.clone())]).await;
    assert_eq!(store.models(&tenant()).await.unwrap(), [anew, own]);
    assert_eq!(store.removed_models(&tenant()).await.unwrap(), []);
}

pub async fn settings_and_drafts_are_put_and_dropped(store: Arc<dyn Store>) {
    let put = |key: &str, value: &str| Write::PutSetting {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    keep(
        &*store,
        [put("b", "1"), put("a", "[2]"), put("b", "3"), put("c", "4")],
    )
    .await;
    keep(
        &*store,
        [
            Write::DeleteSetting("c".to_owned()),
            Write::DeleteSetting("c".to_owned()),
        ],
    )
    .await;
    for (key, value) in [("a", Some("[2]")), ("b", Some("3")), ("c", None)] {
        let stored = store.setting(&tenant(), key).await.unwrap();
        assert_eq!(stored.as_deref(), value, "{key}");
    }

    let draft = |key: &str, body: &str, seconds| Draft {
        key: key.to_owned(),
        body: body.to_owned(),
        at: at(seconds),
    };
    let drafts = [
        draft("new", "{}", 1),
        draft("steer/1", "[]", 2),
        draft("new", "\"x\"", 3),
        draft("old", "1", 0),
    ];
    keep(&*store, drafts.map(Write::PutDraft)).await;
    keep(&*store, [Write::DeleteDraft("old".to_owned())]).await;
    assert_eq!(
        store.draft(&tenant(), "new").await.unwrap(),
        Some(draft("new", "\"x\"", 3))
    );
    assert_eq!(store.draft(&tenant(), "old").await.unwrap(), None);

    for (key, moment, holds) in [
        ("new", Some(at(3)), true),
        ("new", Some(at(1)), false),
        ("new", None, false),
        ("old", None, true),
        ("old", Some(at(0)), false),
    ] {
        let require = Require::DraftAt(key.to_owned(), moment);
        let outcome = store.commit(unit().require(require.clone())).await;
        match outcome {
            Ok(_) => assert!(holds, "{key} {moment:?}"),
            Err(CommitError::Refused(refused)) => {
                assert_eq!((refused, holds), (require, false), "{key} {moment:?}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

pub async fn broken_json_is_refused(store: Arc<dyn Store>) {
    let setting = Write::PutSetting {
        key: "a".to_owned(),
        value: "{".to_owned(),
    };
    let outcome = store.commit(unit().write(setting)).await;
    assert!(matches!(
        outcome,
        Err(CommitError::Constraint(Constraint::Range("setting")))
    ));
    let draft = Write::PutDraft(Draft {
        key: "a".to_owned(),
        body: "no".to_owned(),
        at: at(0),
    });
    let outcome = store.commit(unit().write(draft)).await;
    assert!(matches!(
        outcome,
        Err(CommitError::Constraint(Constraint::Range("draft")))
    ));
}

pub async fn what_is_kept_is_measured_by_kind(store: Arc<dyn Store>) {
    let of = async |kind| {
        let uses = store.bytes().await.unwrap();
        assert!(uses.is_sorted_by_key(|found| found.kind), "{uses:?}");
        assert!(uses.iter().all(|found| found.bytes > 0), "{uses:?}");
        let found = uses.iter().find(|found| found.kind == kind);
        found.map_or(0, |found| found.bytes)
    };
    let before = of(StorageKind::Deliberations).await;
    let audit = of(StorageKind::Audit).await;
    let mut long = round(100);
    long.prompt = "a question ".repeat(100_000);
    let words = long.prompt.len() as u64;
    keep(
        &*store,
        [Write::InsertSession(session(1)), Write::InsertRound(long)],
    )
    .await;
    assert!(of(StorageKind::Deliberations).await >= before + words);
    assert_eq!(of(StorageKind::Audit).await, audit);
    // The room of what is gone is free, and kept for what comes.
    let free = of(StorageKind::Free).await;
    keep(&*store, [Write::DeleteSession(session_id(1))]).await;
    assert!(of(StorageKind::Deliberations).await < before + words);
    assert!(of(StorageKind::Free).await >= free + words / 2);
}

pub async fn a_backup_is_a_whole_store(store: Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    keep(
        &*store,
        [
            Write::InsertSession(session(1)),
            Write::InsertRound(round(100)),
        ],
    )
    .await;
    store.backup(&copy).await.unwrap();
    assert!(matches!(
        store.backup(&copy).await,
        Err(BackupError::Exists { .. })
    ));
    // What came later is not in it.
    keep(&*store, [Write::InsertSession(session(2))]).await;

    let home = folder.path().join("home");
    husting_store::restore(&home, &copy, at(0)).await.unwrap();
    let restored = husting_store::SqliteStore::open(&home, at(0))
        .await
        .unwrap();
    assert_eq!(
        restored.session(&tenant(), session_id(1)).await.unwrap(),
        Some(session(1))
    );
    assert_eq!(
        restored.rounds(&tenant(), session_id(1)).await.unwrap(),
        [round(100)]
    );
    assert_eq!(
        restored.session(&tenant(), session_id(2)).await.unwrap(),
        None
    );
    restored.close().await;
}
