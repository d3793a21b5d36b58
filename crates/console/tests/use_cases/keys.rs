//! A key goes in and never comes out: not in an answer, an error, a file or a log line.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use futures::StreamExt;
use husting_clock::{SharedClock, SystemClock};
use husting_console::{KeyChoice, Keys, Surroundings, Unopened};
use husting_domain::ids::SessionId;
use husting_domain::models::{SeatKind, UnavailableReason};
use husting_domain::money::Price;
use husting_domain::providers::ProviderKind;
use husting_store::SqliteStore;
use husting_test_support::{Behaviour, FakeProvider, Fault, Script, Wire, fingerprint};
use husting_wire::commands::{
    ChangeModel, ConveneSession, DropProvider, Examine, FindModels, FindProviders, OpenSecrets,
    PutModel, PutProvider, ReplaceProviderKey, TakeSnapshot, TestProvider, WriteBackup,
    WriteSession,
};
use husting_wire::errors::ErrorCode;
use husting_wire::events::Event;
use husting_wire::models::EditModel;
use husting_wire::providers::{AddProvider, KeptIn, ProviderRef, ReplaceKey};
use husting_wire::secrets::{ChooseSecrets, Opener, SecretsView};
use husting_wire::sessions::{ExportFormat, ExportSession};
use husting_wire::settings::{Backup, LookAround, Nothing};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::desk::{Desk, answer, hand_clock, id};
use crate::doctor::finding;
use crate::panel::{KEY, Panel, WIRES, asking, model_of, provider, set_price};
use crate::parrot::Parrot;

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// How many lines say so.
    pub fn lines_with(&self, words: &str) -> usize {
        let logged = self.0.lock().unwrap();
        let logged = String::from_utf8_lossy(&logged);
        logged.lines().filter(|line| line.contains(words)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn holds(bytes: &[u8], key: &str) -> bool {
    bytes.windows(key.len()).any(|part| part == key.as_bytes())
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}

/// Everything this thread logs from now on, on which a whole test runs.
pub fn listening() -> (Log, tracing::subscriber::DefaultGuard) {
    // Call sites that a test meets which listens to nothing ask whoever is there for all, and are silent for us as well
    // where that is nobody.
    static FOR_ALL: Once = Once::new();
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    FOR_ALL.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    });
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    tracing::warn!("the log is open");
    (log, guard)
}

/// `key` is in nothing that is shown or exported, in no file of the folder and in no line of the
/// log. Closes the desk.
async fn assert_nowhere(desk: &Desk, session_id: SessionId, key: &str, log: &Log) {
    let mut shown = vec![
        format!("{:?}", desk.ask::<TakeSnapshot>(Nothing {}).await),
        format!("{:?}", desk.ask::<FindProviders>(Nothing {}).await),
        format!("{:?}", desk.ask::<Examine>(LookAround::default()).await),
        format!("{:?}", desk.session(session_id).await),
    ];
    for format in [ExportFormat::Md, ExportFormat::Json] {
        let export = ExportSession { session_id, format };
        shown.push(desk.ask::<WriteSession>(export).await.text);
    }
    assert!(shown.iter().all(|text| !text.contains(key)));
    assert!(
        shown[1].contains(&key[key.len() - 4..]),
        "its tail is shown"
    );

    let path = desk.home.path().join("copy.db").display().to_string();
    desk.ask::<WriteBackup>(Backup { path }).await;
    desk.console.close().await;
    for (name, bytes) in files(desk.home.path()) {
        assert!(!holds(&bytes, key), "the key is in {name}");
    }
    let logged = log.0.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&logged);
    assert!(
        text.contains("the log is open"),
        "something is logged at all"
    );
    assert!(!holds(&logged, key), "the key is in the log");
}

#[tokio::test]
async fn a_key_is_in_no_answer_no_file_and_no_log_even_where_a_provider_repeats_it() {
    let (log, _listening) = listening();
    let echoing = Behaviour::default().fault(Fault::Unauthorized401 { echo_key: true });
    let panel = Panel::open(Script::new(echoing)).await;
    let session_id = panel.convene(&WIRES).await.session_id;
    let round = panel.finished(session_id).await;
    for model in WIRES {
        let said = answer(&round, model).error_message.clone().unwrap();
        assert!(!said.is_empty() && !said.contains(KEY), "{said}");
    }
    for name in ["east", "west"] {
        let name = name.to_owned();
        panel.ask::<TestProvider>(ProviderRef { name }).await;
    }
    let asked = provider("x", ProviderKind::Openai, "http://localhost");
    assert!(!format!("{asked:?}").contains(KEY));
    assert_nowhere(&panel, session_id, KEY, &log).await;
    // It did reach the providers, or nothing above would mean anything.
    for call in panel.houses.calls() {
        let sent = call
            .headers
            .iter()
            .any(|(_, value)| value.ends_with(&fingerprint(KEY)));
        assert!(sent, "{:?}", call.headers);
    }
}

/// No vendor's: it begins like no key that is known, so that only knowing it takes it out.
const ODD_KEY: &str = "Operator7Qx2ZkV9uPw4";

#[tokio::test]
async fn a_key_of_no_known_form_is_taken_out_of_errors_inside_a_stream() {
    let (log, _listening) = listening();
    // After words, and in their place with a pause before it is asked again.
    let after_words = Parrot::start(|key| {
        let words = json!({"choices": [{"delta": {"content": "Seats are "}}]});
        let error = json!({"error": {"message": format!("The key {key} is spent."), "param": key}});
        format!("data: {words}\n\ndata: {error}\n\n")
    })
    .await;
    let at_once = Parrot::start(|key| {
        let error = json!({"type": "overloaded_error", "message": format!("Too much for {key}.")});
        format!("data: {}\n\n", json!({"type": "error", "error": error}))
    })
    .await;
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    desk.limit(20).await;
    for (name, kind, house) in [
        ("east", ProviderKind::OpenaiCompatible, &after_words),
        ("west", ProviderKind::Anthropic, &at_once),
    ] {
        let key = Some(ODD_KEY.to_owned());
        let add = provider(name, kind, &house.origin());
        desk.ask::<PutProvider>(AddProvider { key, ..add }).await;
        desk.ask::<PutModel>(model_of(name, name)).await;
        set_price(&desk, name, Price::FREE).await;
    }
    let asked = asking(&["east", "west"]);
    let session_id = desk.ask::<ConveneSession>(asked).await.session_id;
    let notes = RefCell::new(Vec::new());
    let round = desk
        .once(session_id, |round| {
            if let Some(note) = &answer(round, "west").retrying
                && !notes.borrow().contains(note)
            {
                clock.advance(Duration::from_millis(note.after_ms));
                notes.borrow_mut().push(note.clone());
            }
            round.status.is_terminal()
        })
        .await;
    let said = |model| answer(&round, model).error_message.clone().unwrap();
    assert_eq!(said("east"), "The key [secret removed] is spent.");
    assert_eq!(answer(&round, "east").text, "Seats are ");
    assert_eq!(said("west"), "Too much for [secret removed].");
    let notes = notes.into_inner();
    assert_eq!(notes.len(), 2, "two pauses were shown");
    for note in notes {
        assert_eq!(note.message, "Too much for [secret removed].");
    }
    assert_nowhere(&desk, session_id, ODD_KEY, &log).await;
}

#[tokio::test]
async fn a_replaced_key_is_the_one_that_is_sent() {
    let panel = Panel::open(Script::debate().key("sk-another-key-of-the-operator")).await;
    let session = panel.convene(&WIRES).await.session_id;
    let refused = panel.finished(session).await;
    assert!(refused.can_retry && refused.summary.answered == 0);
    for name in ["east", "west"] {
        let list = panel
            .ask::<ReplaceProviderKey>(ReplaceKey {
                name: name.to_owned(),
                key: " sk-another-key-of-the-operator\n".to_owned(),
            })
            .await;
        let view = list.providers.iter().find(|view| view.name == name);
        assert_eq!(view.unwrap().key_tail.as_deref(), Some("ator"));
    }
    assert_eq!(panel.retried(session).await.summary.answered, 2);
}

#[tokio::test]
async fn keys_and_addresses_that_cannot_be_right_are_refused() {
    let desk = Desk::open().await;
    let good = provider(
        "east",
        ProviderKind::OpenaiCompatible,
        "https://example.test/v1",
    );
    let asked = [
        AddProvider {
            key: Some("two words".to_owned()),
            ..good.clone()
        },
        AddProvider {
            key: Some(String::new()),
            ..good.clone()
        },
        AddProvider {
            base_url: Some("http://example.test/v1".to_owned()),
            ..good.clone()
        },
        AddProvider {
            base_url: Some("https://user:word@example.test".to_owned()),
            ..good.clone()
        },
        AddProvider {
            base_url: Some("file:///etc/passwd".to_owned()),
            ..good.clone()
        },
        AddProvider {
            name: "East".to_owned(),
            ..good.clone()
        },
        AddProvider {
            name: "rehearsal".to_owned(),
            ..good.clone()
        },
        AddProvider {
            key: None,
            kind: ProviderKind::Anthropic,
            ..good
        },
    ];
    for add in asked {
        let refused = desk.refused::<PutProvider>(add).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
    assert!(
        desk.ask::<FindProviders>(Nothing {})
            .await
            .providers
            .is_empty()
    );
}

#[tokio::test]
async fn a_key_that_went_with_its_process_is_known_to_be_gone_until_it_is_pasted_again() {
    let panel = Panel::open(Script::debate()).await;
    panel.console.close().await;
    let desk = Desk::open_in(panel.home.clone(), Arc::new(SystemClock)).await;
    let readable = async || -> Vec<bool> {
        let list = desk.ask::<FindProviders>(Nothing {}).await;
        list.providers
            .iter()
            .map(|each| each.key_readable)
            .collect()
    };
    assert_eq!(readable().await, [false, false]);
    let panel = desk.ask::<TakeSnapshot>(Nothing {}).await.panel;
    assert!(panel.waits_for_keys && panel.seats.is_empty(), "{panel:?}");
    let models = desk.ask::<FindModels>(Nothing {}).await.models;
    let api = models.iter().filter(|model| model.kind == SeatKind::Api);
    for model in api {
        assert_eq!(model.unavailable_reason, Some(UnavailableReason::NoKey));
        let why = model.unavailable_message.as_deref().unwrap_or_default();
        let again = format!("`husting provider key {}`", model.provider);
        assert!(why.contains(&again) && !why.contains("locked"), "{why}");
    }
    desk.ask::<ReplaceProviderKey>(ReplaceKey {
        name: "east".to_owned(),
        key: KEY.to_owned(),
    })
    .await;
    assert_eq!(readable().await, [true, false]);
}

#[tokio::test]
async fn a_key_that_is_gone_is_missed_until_its_provider_is_gone_as_well() {
    let panel = Panel::open(Script::debate()).await;
    panel.console.close().await;
    let desk = Desk::open_in(panel.home.clone(), Arc::new(SystemClock)).await;
    let missed = async || match desk.ask::<TakeSnapshot>(Nothing {}).await.secrets {
        SecretsView::Ready { left, .. } => left.map(|left| left.count),
        other => panic!("memory is always there: {other:?}"),
    };
    assert_eq!(missed().await, Some(2));
    for (name, left) in [("east", Some(1)), ("west", None)] {
        let name = name.to_owned();
        desk.ask::<DropProvider>(ProviderRef { name }).await;
        assert_eq!(missed().await, left);
    }
}

/// The same folder in a new process, which is told of no passphrase.
async fn begun_anew(desk: Desk) -> Desk {
    begun_anew_with(desk, KeyChoice::Found).await
}

async fn begun_anew_with(desk: Desk, choice: KeyChoice) -> Desk {
    desk.console.close().await;
    let clock: SharedClock = Arc::new(SystemClock);
    let store = SqliteStore::open(desk.home.path(), clock.now());
    let keys = Keys::open(desk.home.path(), choice).await;
    let store = Arc::new(store.await.unwrap());
    Desk::with_keys(store, desk.home.clone(), clock, keys).await
}

fn key_file(folder: &Path, name: &str, byte: u8) -> KeyChoice {
    let path = folder.join(name);
    fs::write(&path, [byte; 32]).unwrap();
    let own = fs::Permissions::from_mode(0o600);
    fs::set_permissions(&path, own).unwrap();
    KeyChoice::KeyFile(path)
}

const PASSPHRASE: &str = "correct horse battery";

fn passphrase() -> KeyChoice {
    KeyChoice::Passphrase(PASSPHRASE.to_owned().into())
}

/// What is said of a sealed file that is locked, and what opens it.
async fn locked(desk: &Desk) -> (String, Opener) {
    match desk.ask::<TakeSnapshot>(Nothing {}).await.secrets {
        SecretsView::Locked { message, opener } => (message, opener),
        other => panic!("{other:?}"),
    }
}

/// A folder whose sealed file keeps one provider's key, with nobody in it.
async fn sealed_by(choice: KeyChoice) -> Desk {
    let desk = begun_anew_with(Desk::open().await, choice).await;
    let east = provider("east", ProviderKind::Openai, "http://localhost:9");
    desk.ask::<PutProvider>(east).await;
    desk
}

/// What is told to whoever needs the key.
async fn told_of_east(desk: &Desk) -> String {
    let name = "east".to_owned();
    let refused = desk.refused::<TestProvider>(ProviderRef { name });
    refused.await.message
}

fn given(passphrase: &str, make: bool) -> ChooseSecrets {
    ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some(passphrase.to_owned()),
        make,
    }
}

#[tokio::test]
async fn a_file_that_a_key_file_sealed_waits_for_no_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let key = |name, byte| key_file(folder.path(), name, byte);
    let mut desk = sealed_by(key("right", 1)).await;
    for (choice, why) in [
        (KeyChoice::Found, "name it in HUSTING_SECRETS_KEY_FILE"),
        (key("wrong", 2), "name the one it was sealed with"),
        (passphrase(), "name it in HUSTING_SECRETS_KEY_FILE"),
    ] {
        desk = begun_anew_with(desk, choice).await;
        let (message, opener) = locked(&desk).await;
        assert!(message.contains(why), "{message}");
        assert_eq!(opener, Opener::Restart, "{message}");
        let told = told_of_east(&desk).await;
        assert!(!told.contains("passphrase-stdin"), "{told}");
        assert!(told.ends_with("Then start Husting again."), "{told}");
        let typed = desk.refused::<OpenSecrets>(given(PASSPHRASE, false)).await;
        assert_eq!(typed.code, ErrorCode::SecretsUnavailable);
        assert_eq!(
            typed.message,
            "A key file opens the sealed file, and no passphrase does; nothing was changed. Name the one it was sealed \
             with in HUSTING_SECRETS_KEY_FILE, and start Husting again."
        );
    }
    let desk = begun_anew_with(desk, key("right", 1)).await;
    assert!(desk.ask::<FindProviders>(Nothing {}).await.providers[0].key_readable);
}

#[tokio::test]
async fn while_keys_are_shut_a_provider_that_needs_none_is_asked_all_the_same() {
    let house = FakeProvider::start(Wire::Ollama, Script::debate());
    let house = house.await.unwrap();
    let desk = sealed_by(passphrase()).await;
    let here = AddProvider {
        key: None,
        ..provider("here", ProviderKind::Ollama, &house.origin())
    };
    desk.ask::<PutProvider>(here).await;
    let desk = begun_anew_with(desk, KeyChoice::Found).await;
    locked(&desk).await;

    let east = finding(&desk, "provider east").await;
    assert!(east.untested, "{east:?}");
    assert_eq!(east.message, "was not asked: keys cannot be read now");
    let here = finding(&desk, "provider here").await;
    assert!(here.ok && !here.untested, "{here:?}");
    assert!(here.message.starts_with("answered in "), "{here:?}");
}

#[tokio::test]
async fn a_file_that_a_passphrase_sealed_is_opened_by_it_although_a_key_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let other = || key_file(folder.path(), "other", 3);
    let desk = begun_anew_with(sealed_by(passphrase()).await, other()).await;
    let (message, opener) = locked(&desk).await;
    assert_eq!(opener, Opener::Passphrase, "{message}");
    desk.ask::<OpenSecrets>(given(PASSPHRASE, false)).await;
    assert!(desk.ask::<FindProviders>(Nothing {}).await.providers[0].key_readable);
    desk.console.close().await;

    // A command that goes alone is told what is set and in the way.
    let alone = Unopened {
        home: desk.home.path().to_owned(),
        seen: Vec::new(),
        keys: Some(other()),
        surroundings: Surroundings::default(),
    };
    let findings = alone.examine().await.findings;
    let keys = findings.iter().find(|each| each.subject == "keys").unwrap();
    let parts = [
        "HUSTING_SECRETS_KEY_FILE",
        "unset it",
        "Give it in HUSTING_PASSPHRASE",
    ];
    assert!(
        parts.iter().all(|part| keys.message.contains(part)),
        "{keys:?}"
    );
}

#[tokio::test]
async fn a_sealed_file_that_something_is_wrong_with_waits_for_no_passphrase() {
    let mut desk = sealed_by(passphrase()).await;
    let path = desk.home.path().join("secrets.sealed");
    let whole = fs::read(&path).unwrap();
    let newer = String::from_utf8_lossy(&whole).replacen("\"version\":1", "\"version\":2", 1);
    let wrongs: [(&[u8], u32, &str); 3] = [
        (b"{}", 0o600, "is damaged"),
        (newer.as_bytes(), 0o600, "it says version 2"),
        (&whole, 0o644, "has mode 0644"),
    ];
    for (bytes, mode, why) in wrongs {
        desk.console.close().await;
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        desk = begun_anew(desk).await;
        let (message, opener) = locked(&desk).await;
        assert!(message.contains(why), "{message}");
        assert_eq!(opener, Opener::Restart, "{message}");
    }

    desk.console.close().await;
    fs::rename(&path, desk.home.path().join("away")).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    desk = begun_anew(desk).await;
    let (message, opener) = locked(&desk).await;
    assert_eq!(
        opener,
        Opener::Restart,
        "a link that leads nowhere: {message}"
    );

    desk.console.close().await;
    fs::rename(desk.home.path().join("away"), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let desk = begun_anew(desk).await;
    let waits = locked(&desk).await;
    assert_eq!(waits.1, Opener::Passphrase, "it was mended: {}", waits.0);
    desk.ask::<OpenSecrets>(given(PASSPHRASE, false)).await;
}

#[tokio::test]
async fn a_file_that_could_not_be_made_is_not_called_locked_and_is_made_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let lost = KeyChoice::KeyFile(folder.path().join("lost"));
    let short = KeyChoice::Passphrase("short".to_owned().into());
    for (choice, why) in [(short, "at least 12 characters"), (lost, "lost")] {
        let desk = begun_anew_with(Desk::open().await, choice).await;
        let secrets = desk.ask::<TakeSnapshot>(Nothing {}).await.secrets;
        let SecretsView::NoFile { message } = secrets else {
            panic!("{secrets:?}")
        };
        assert!(message.contains(why), "{message}");
        let east = provider("east", ProviderKind::Openai, "http://localhost:9");
        let told = desk.refused::<PutProvider>(east.clone()).await.message;
        assert!(told.contains("`husting secrets file --new`"), "{told}");
        desk.ask::<OpenSecrets>(given(PASSPHRASE, true)).await;
        desk.ask::<PutProvider>(east).await;
        assert!(desk.ask::<FindProviders>(Nothing {}).await.providers[0].key_readable);
    }
}

/// What is said of a model that cannot be seated.
async fn why_unseated(desk: &Desk, name: &str) -> String {
    let models = desk.ask::<FindModels>(Nothing {}).await.models;
    let model = models.into_iter().find(|model| model.id == id(name));
    model.unwrap().unavailable_message.unwrap()
}

#[tokio::test]
async fn who_watches_is_told_of_every_key_that_an_unlocked_file_gives_back() {
    let choice = |passphrase: Option<&str>| ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: passphrase.map(str::to_owned),
        make: true,
    };
    let desk = Desk::open().await;
    let phrase = Some("correct horse battery");
    desk.ask::<OpenSecrets>(choice(phrase)).await;
    let east = provider("east", ProviderKind::Openai, "http://localhost:9");
    desk.ask::<PutProvider>(east).await;
    for name in ["alpha", "beta"] {
        desk.ask::<PutModel>(model_of("east", name)).await;
        set_price(&desk, name, Price::FREE).await;
    }
    let open = desk.ask::<TakeSnapshot>(Nothing {}).await.panel;
    assert_eq!((open.seats.len(), open.waits_for_keys), (2, false));
    let desk = begun_anew(desk).await;
    let panel = desk.ask::<TakeSnapshot>(Nothing {}).await.panel;
    assert!(panel.waits_for_keys && !panel.rehearsal, "{panel:?}");
    assert_eq!(panel.seats, [], "rehearsal seats are no substitute");
    let shut = desk.ask::<FindProviders>(Nothing {}).await.providers;
    assert_eq!((shut[0].kept_in, shut[0].key_readable), (None, false));
    let why = why_unseated(&desk, "alpha").await;
    assert!(
        why.contains("`husting secrets file --passphrase-stdin`"),
        "{why}"
    );

    let refused = desk
        .refused::<OpenSecrets>(choice(Some("correct horse buttery")))
        .await;
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    assert!(
        refused.message.starts_with("This passphrase does not open"),
        "{}",
        refused.message
    );

    let mut watched = desk.console.watch();
    desk.ask::<OpenSecrets>(choice(phrase)).await;
    let mut told = (None, None);
    while told.0.is_none() || told.1.is_none() {
        match watched.next().await.unwrap().event {
            Event::ProvidersChanged { providers } => {
                let east = &providers.providers[0];
                told.0 = Some((east.kept_in, east.key_readable));
            }
            Event::ModelsChanged { models, panel } => {
                assert_eq!((panel.seats.len(), panel.waits_for_keys), (2, false));
                let alpha = models
                    .models
                    .into_iter()
                    .find(|model| model.id == id("alpha"));
                told.1 = Some(alpha.unwrap().available);
            }
            // The last that is told of it.
            Event::SecretsChanged { .. } => break,
            _ => {}
        }
    }
    assert_eq!(told, (Some((Some(KeptIn::SealedFile), true)), Some(true)));
}

#[tokio::test]
async fn keys_in_memory_move_to_the_place_that_is_chosen_and_are_there_at_the_next_start() {
    let desk = Desk::open().await;
    let east = provider("east", ProviderKind::Openai, "http://localhost:9");
    desk.ask::<PutProvider>(east).await;
    let kept = async |desk: &Desk| {
        let list = desk.ask::<FindProviders>(Nothing {}).await.providers;
        (list[0].kept_in, list[0].key_readable)
    };
    assert_eq!(kept(&desk).await, (Some(KeptIn::Memory), true));
    let memory = ChooseSecrets {
        keep_in: KeptIn::Memory,
        passphrase: None,
        make: false,
    };
    desk.ask::<OpenSecrets>(memory.clone()).await;
    assert_eq!(
        kept(&desk).await,
        (Some(KeptIn::Memory), true),
        "memory chosen once more is the same memory"
    );
    let short = desk.refused::<OpenSecrets>(given("short", true)).await;
    assert_eq!(short.code, ErrorCode::InvalidRequest);
    assert_eq!(
        kept(&desk).await,
        (Some(KeptIn::Memory), true),
        "a choice that is refused leaves them where they are"
    );
    let view = desk.ask::<OpenSecrets>(given(PASSPHRASE, true)).await;
    assert_eq!(
        view,
        SecretsView::Ready {
            kept_in: KeptIn::SealedFile,
            left: None
        }
    );
    assert_eq!(kept(&desk).await, (Some(KeptIn::SealedFile), true));
    let desk = begun_anew(desk).await;
    assert_eq!(kept(&desk).await, (None, false));
    desk.ask::<OpenSecrets>(given(PASSPHRASE, false)).await;
    assert_eq!(kept(&desk).await, (Some(KeptIn::SealedFile), true));

    // Who goes the other way means to have none kept.
    desk.ask::<OpenSecrets>(memory).await;
    assert!(!kept(&desk).await.1);
    let view = desk.ask::<OpenSecrets>(given(PASSPHRASE, false)).await;
    assert!(
        matches!(view, SecretsView::Ready { left: None, .. }),
        "{view:?}"
    );
}

#[tokio::test]
async fn a_panel_waits_only_for_keys_that_would_seat_two() {
    let desk = Desk::open().await;
    let choice = ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some("correct horse battery".to_owned()),
        make: true,
    };
    desk.ask::<OpenSecrets>(choice).await;
    let east = provider("east", ProviderKind::Openai, "http://localhost:9");
    desk.ask::<PutProvider>(east).await;
    for name in ["alpha", "beta", "unpriced"] {
        desk.ask::<PutModel>(model_of("east", name)).await;
    }
    for name in ["alpha", "beta"] {
        set_price(&desk, name, Price::FREE).await;
    }
    let switch = async |desk: &Desk, enabled| {
        let edit = EditModel {
            id: id("beta"),
            enabled: Some(enabled),
            deadline_seconds: None,
        };
        desk.ask::<ChangeModel>(edit).await;
        let panel = desk.ask::<TakeSnapshot>(Nothing {}).await.panel;
        (panel.rehearsal, panel.waits_for_keys, panel.seats.len())
    };
    assert_eq!(switch(&desk, false).await, (true, false, 3));
    let desk = begun_anew(desk).await;
    assert_eq!(
        switch(&desk, false).await,
        (true, false, 3),
        "one has a price and is on"
    );
    assert_eq!(switch(&desk, true).await, (false, true, 0));
}
