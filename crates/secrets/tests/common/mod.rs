//! What every store must do, whatever keeps the secrets. `contract!` makes a test of each.

use std::sync::Arc;

use husting_secrets::{SecretStore, SecretsError};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinSet;

/// Runs the whole suite over the store that `$open` gives; beside it may stand what must live as
/// long as the store.
macro_rules! contract {
    ($($open:ident),+) => { $(
        mod $open {
            use super::common::contract;

            contract!(@each super::$open:
                what_is_not_there_is_none,
                a_secret_comes_back_as_it_was,
                a_second_secret_takes_the_place_of_the_first,
                what_is_deleted_is_gone_and_may_be_deleted_again,
                names_are_told_apart,
                a_name_is_wanted,
                writers_at_once_lose_nothing
            );
        }
    )+ };
    (@each $open:path: $($check:ident),+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $check() {
            let (store, _kept) = $open().await;
            crate::common::$check(std::sync::Arc::new(store)).await;
        }
    )+ };
}
pub(crate) use contract;

type Store = Arc<dyn SecretStore>;

pub async fn what_is_not_there_is_none(store: Store) {
    assert_eq!(got(&store, "provider/none").await, None);
}

pub async fn a_secret_comes_back_as_it_was(store: Store) {
    let long = "0123456789abcdef".repeat(512);
    let secrets = [
        "sk-or-v1-plain",
        "clé 鍵 🔑",
        " \"two\\lines\"\r\n ",
        "",
        long.as_str(),
    ];
    for (number, secret) in secrets.into_iter().enumerate() {
        put(&store, &format!("provider/{number}"), secret).await;
    }
    for (number, secret) in secrets.into_iter().enumerate() {
        let found = got(&store, &format!("provider/{number}")).await;
        assert_eq!(found.as_deref(), Some(secret), "secret {number}");
    }
}

pub async fn a_second_secret_takes_the_place_of_the_first(store: Store) {
    put(&store, "provider/openrouter", "the first, which is longer").await;
    put(&store, "provider/openrouter", "the second").await;
    assert_eq!(
        got(&store, "provider/openrouter").await.as_deref(),
        Some("the second")
    );
}

pub async fn what_is_deleted_is_gone_and_may_be_deleted_again(store: Store) {
    put(&store, "provider/gone", "one").await;
    put(&store, "provider/kept", "two").await;
    for _ in 0..2 {
        store.delete("provider/gone").await.unwrap();
        assert_eq!(got(&store, "provider/gone").await, None);
    }
    assert_eq!(got(&store, "provider/kept").await.as_deref(), Some("two"));
}

pub async fn names_are_told_apart(store: Store) {
    let names = [
        "provider",
        "provider/",
        "provider/a",
        "Provider/a",
        "anbieter/ä",
        "a b",
    ];
    for name in names {
        put(&store, name, &format!("secret of {name}")).await;
    }
    for name in names {
        assert_eq!(got(&store, name).await, Some(format!("secret of {name}")));
    }
}

pub async fn a_name_is_wanted(store: Store) {
    let secret = SecretString::from("nameless");
    let refused = [
        store.get("").await.err(),
        store.put("", &secret).await.err(),
        store.delete("").await.err(),
    ];
    for fault in refused {
        assert!(matches!(fault, Some(SecretsError::NoName)), "{fault:?}");
    }
}

pub async fn writers_at_once_lose_nothing(store: Store) {
    let mut writers = JoinSet::new();
    for number in 0..12 {
        let store = store.clone();
        writers.spawn(async move {
            put(&store, &format!("at-once/{number}"), &number.to_string()).await
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    for number in 0..12 {
        assert_eq!(
            got(&store, &format!("at-once/{number}")).await,
            Some(number.to_string())
        );
    }
}

async fn put(store: &Store, name: &str, secret: &str) {
    store.put(name, &SecretString::from(secret)).await.unwrap();
}

async fn got(store: &Store, name: &str) -> Option<String> {
    let found = store.get(name).await.unwrap();
    found.map(|secret| secret.expose_secret().to_owned())
}
