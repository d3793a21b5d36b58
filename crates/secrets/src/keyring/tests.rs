//! The keyring's bad days, on a keyring made for tests. The real one is in `tests/keyring.rs`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use keyring_core::mock;

use super::*;

fn no_access() -> Error {
    Error::NoStorageAccess("prompt dismissed".into())
}

fn no_bus() -> Error {
    Error::PlatformFailure("no session bus".into())
}

/// The entry that `name` of namespace `home` has in `system`.
fn entry(system: &Arc<mock::Store>, name: &str) -> Entry {
    let user = format!("home/{name}");
    keyring_core::api::CredentialStoreApi::build(&**system, "husting", &user, None).unwrap()
}

fn fail_next(system: &Arc<mock::Store>, name: &str, fault: Error) {
    let entry = entry(system, name);
    let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    credential.set_error(fault);
}

/// Longer than any test runs, for a keyring that answers.
const LIMIT: Duration = Duration::from_mins(10);

async fn opened_on(system: &Arc<mock::Store>) -> KeyringStore {
    let system = system.clone();
    KeyringStore::open_on(Line::to(move || Ok(system.clone()), LIMIT), "home")
        .await
        .unwrap()
}

#[tokio::test]
async fn the_probe_leaves_nothing_behind() {
    let system = mock::Store::new().unwrap();
    opened_on(&system).await;
    let mut entries = system.inner.lock().unwrap();
    let probes = entries.get_mut();
    assert_eq!(probes.len(), 1, "one entry was written");
    for probe in probes {
        assert!(probe.inner.lock().unwrap().get_mut().secret.is_none());
    }
}

#[tokio::test]
async fn an_entry_is_filed_under_its_namespace() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    let secret = SecretString::from("sk-filed");
    store.put("provider/a", &secret).await.unwrap();
    assert_eq!(
        entry(&system, "provider/a").get_secret().unwrap(),
        b"sk-filed"
    );
}

#[tokio::test]
async fn all_of_a_namespace_go_whatever_their_names_and_no_other_does() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    let others = [
        ("husting", "home2/provider/a"),
        ("husting", "other/home/provider/a"),
        ("husting-notes", "home/provider/a"),
    ];
    let others = others.map(|(service, user)| {
        let entry = keyring_core::api::CredentialStoreApi::build(&*system, service, user, None);
        entry.unwrap()
    });
    for other in &others {
        other.set_secret(b"sk-other").unwrap();
    }
    for name in ["provider/a", "provider/nobody-knows", ".probe-left"] {
        entry(&system, name).set_secret(b"sk-gone").unwrap();
    }
    assert!(store.delete_all().await.unwrap());
    for name in ["provider/a", "provider/nobody-knows", ".probe-left"] {
        assert!(
            matches!(entry(&system, name).get_secret(), Err(Error::NoEntry)),
            "{name} is still there"
        );
    }
    for other in &others {
        assert_eq!(other.get_secret().unwrap(), b"sk-other");
    }
}

#[tokio::test]
async fn one_that_does_not_go_is_no_success() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    entry(&system, "provider/a").set_secret(b"sk").unwrap();
    fail_next(&system, "provider/a", no_access());
    let fault = store.delete_all().await.unwrap_err();
    assert!(
        matches!(fault, SecretsError::KeyringLocked { .. }),
        "{fault:?}"
    );
}

/// A keyring that finds entries by their names alone.
#[derive(Debug)]
struct Unsearched(Arc<mock::Store>);

impl keyring_core::api::CredentialStoreApi for Unsearched {
    fn vendor(&self) -> String {
        self.0.vendor()
    }

    fn id(&self) -> String {
        self.0.id()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        modifiers: Option<&std::collections::HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        self.0.build(service, user, modifiers)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[tokio::test]
async fn a_keyring_that_cannot_be_searched_is_not_said_to_be_empty() {
    let system = mock::Store::new().unwrap();
    let unsearched = Arc::new(Unsearched(system.clone()));
    let store = KeyringStore::open_on(Line::to(move || Ok(unsearched.clone()), LIMIT), "home")
        .await
        .unwrap();
    entry(&system, "provider/a").set_secret(b"sk").unwrap();
    assert!(!store.delete_all().await.unwrap());
    assert!(store.get("provider/a").await.unwrap().is_some());
}

#[tokio::test]
async fn no_keyring_is_not_remembered() {
    let system = mock::Store::new().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let connect = {
        let (system, calls) = (system.clone(), calls.clone());
        move || match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Err(no_bus()),
            _ => Ok(system.clone() as Arc<keyring_core::CredentialStore>),
        }
    };
    let first = KeyringStore::open_on(Line::to(connect.clone(), LIMIT), "home").await;
    let Err(SecretsError::NoKeyring { system_words }) = first else {
        panic!("{first:?}");
    };
    assert_eq!(system_words, "no session bus");
    KeyringStore::open_on(Line::to(connect, LIMIT), "home")
        .await
        .unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn one_that_does_not_answer_is_given_up_and_what_comes_late_is_not_written_to() {
    let system = mock::Store::new().unwrap();
    let (answer, awaited) = channel::<()>();
    let (held, let_go) = channel::<()>();
    let (awaited, late) = (Mutex::new(awaited), system.clone());
    let hung = Line::to(
        move || {
            let _held = &held;
            awaited.lock().unwrap().recv().unwrap();
            Ok(late.clone())
        },
        Duration::from_millis(1),
    );
    let fault = KeyringStore::open_on(hung, "home").await.unwrap_err();
    assert!(
        matches!(fault, SecretsError::KeyringSilent { .. }),
        "{fault:?}"
    );
    answer.send(()).unwrap();
    // Until nobody has the line any more, the thread that brought the answer neither.
    let_go.recv().unwrap_err();
    assert_eq!(system.inner.lock().unwrap().get_mut().len(), 0);
}

#[tokio::test]
async fn a_keyring_that_came_back_is_asked_again() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    let secret = SecretString::from("sk-back");
    store.put("provider/a", &secret).await.unwrap();
    fail_next(&system, "provider/a", no_bus());
    let found = store.get("provider/a").await.unwrap().unwrap();
    assert_eq!(found.expose_secret(), "sk-back");
}

#[tokio::test]
async fn a_locked_keyring_is_not_a_missing_one() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    fail_next(&system, "provider/a", no_access());
    let fault = store.get("provider/a").await.unwrap_err();
    let SecretsError::KeyringLocked { system_words } = fault else {
        panic!("{fault:?}");
    };
    assert_eq!(system_words, "prompt dismissed");
    assert!(
        store.get("provider/a").await.unwrap().is_none(),
        "unlocked again"
    );
}

#[tokio::test]
async fn what_is_not_text_is_refused_without_showing_it() {
    let system = mock::Store::new().unwrap();
    let store = opened_on(&system).await;
    entry(&system, "provider/a").set_secret(b"sk-\xff").unwrap();
    let fault = store.get("provider/a").await.unwrap_err();
    assert!(
        matches!(fault, SecretsError::KeyringRefused { .. }),
        "{fault:?}"
    );
    let shown = format!("{fault} {fault:?}");
    assert!(
        !shown.contains("sk-") && !shown.contains("115, 107"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_fault_does_not_carry_the_secret() {
    let secret = b"sk-inside".to_vec();
    let bytes = format!("{secret:?}");
    for fault in [
        Error::BadEncoding(secret.clone()),
        Error::BadDataFormat(secret.clone(), "padding".into()),
    ] {
        let fault = refused(fault.into());
        let shown = format!("{fault} {fault:?}");
        assert!(
            !shown.contains("sk-inside") && !shown.contains(&bytes),
            "{shown}"
        );
    }
}
