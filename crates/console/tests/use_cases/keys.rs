//! A key goes in and never comes out: not in an answer, an error, a file or a log line.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use husting_domain::providers::ProviderKind;
use husting_test_support::{Behaviour, Fault, Script, fingerprint};
use husting_wire::commands::{
    Examine, FindProviders, PutProvider, ReplaceProviderKey, TakeSnapshot, TestProvider,
    WriteBackup, WriteSession,
};
use husting_wire::errors::ErrorCode;
use husting_wire::providers::{AddProvider, ProviderRef, ReplaceKey};
use husting_wire::sessions::{ExportFormat, ExportSession};
use husting_wire::settings::{Backup, Nothing};
use tracing_subscriber::fmt::MakeWriter;

use crate::desk::{Desk, answer};
use crate::panel::{KEY, Panel, WIRES, provider};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

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

fn holds_key(bytes: &[u8]) -> bool {
    bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes())
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

#[tokio::test]
async fn a_key_is_in_no_answer_no_file_and_no_log_even_where_a_provider_repeats_it() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // For this thread, on which the whole test runs.
    let _logging = tracing::subscriber::set_default(subscriber);
    // Call sites that other tests met before us asked nobody whether to log.
    tracing::callsite::rebuild_interest_cache();
    tracing::warn!("the log is open");
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
    let mut shown = vec![
        format!("{:?}", panel.ask::<TakeSnapshot>(Nothing {}).await),
        format!("{:?}", panel.ask::<FindProviders>(Nothing {}).await),
        format!("{:?}", panel.ask::<Examine>(Nothing {}).await),
        format!("{:?}", panel.session(session_id).await),
        format!(
            "{:?}",
            provider("x", ProviderKind::Openai, "http://localhost")
        ),
    ];
    for format in [ExportFormat::Md, ExportFormat::Json] {
        let export = ExportSession { session_id, format };
        shown.push(panel.ask::<WriteSession>(export).await.text);
    }
    assert!(shown.iter().all(|text| !text.contains(KEY)));
    assert!(shown[1].contains("Zq9k"), "its tail is shown");

    let path = panel.home.path().join("copy.db").display().to_string();
    panel.ask::<WriteBackup>(Backup { path }).await;
    panel.console.close().await;
    for (name, bytes) in files(panel.home.path()) {
        assert!(!holds_key(&bytes), "the key is in {name}");
    }
    let logged = log.0.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&logged);
    assert!(
        text.contains("the log is open"),
        "something is logged at all"
    );
    assert!(!holds_key(&logged), "the key is in the log");
    // It did reach the providers, or nothing above would mean anything.
    for call in panel.houses.calls() {
        let sent = call
            .headers
            .iter()
            .any(|(_, value)| value.ends_with(&fingerprint(KEY)));
        assert!(sent, "{:?}", call.headers);
    }
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
