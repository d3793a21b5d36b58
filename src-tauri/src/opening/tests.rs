//! Opening a console behind a window, refusals included, and its end.

use std::path::Path;

use husting_console::{Caller, Door, KeyChoice};
use husting_home::Instance;
use husting_server::Listener;
use husting_wire::commands::Handlers;
use husting_wire::settings::{EditSettings, Nothing};
use husting_wire::snapshot::Snapshot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

pub(crate) fn opening(home: &Path) -> Opening {
    let home = home.to_owned();
    Opening::new(Drain::default(), move || Ok(start(&home, ANY_PORT)))
}

const ANY_PORT: ListenAddress = ListenAddress { port: 0 };

fn start(home: &Path, listen: ListenAddress) -> Start {
    Start {
        home: Home::find(Some(home)).unwrap(),
        options: options(home),
        listen,
    }
}

fn options(home: &Path) -> Options {
    Options {
        home: home.to_owned(),
        keys: KeyChoice::Memory,
        overrides: EditSettings::default(),
        clock: Arc::new(SystemClock),
        patience: Duration::ZERO,
        bot_locks: home.join("bots"),
        surroundings: husting_console::Surroundings::default(),
    }
}

#[tokio::test]
async fn who_asks_before_the_console_is_open_gets_it_once_it_is() {
    let home = tempfile::tempdir().unwrap();
    let opening = opening(home.path());
    let early = tokio::spawn({
        let opening = opening.clone();
        async move { opening.console().await.is_ok() }
    });
    opening.begin();
    assert!(early.await.unwrap());
    assert!(opening.opened().await.is_some());
}

#[tokio::test]
async fn a_folder_in_use_is_told_in_a_sentence_and_opens_once_it_is_free() {
    let home = tempfile::tempdir().unwrap();
    let owner = Console::open_home(options(home.path())).await.unwrap();
    let opening = opening(home.path());
    opening.begin();

    let refused = opening.console().await.err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    let told = format!("is in use by process {}", std::process::id());
    assert!(refused.message.contains(&told), "{}", refused.message);
    assert!(refused.message.starts_with("The store") && refused.message.ends_with('.'));

    owner.close().await;
    drop(owner);
    assert!(opening.console().await.is_ok(), "the folder is free now");
}

#[tokio::test]
async fn the_end_of_the_program_frees_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let opening = opening(home.path());
    opening.begin();
    assert!(opening.console().await.is_ok());
    assert!(opening.drain.finish(Duration::from_secs(60)).await);
    assert!(opening.console().await.is_err(), "nothing new is taken");
    assert!(Console::open_home(options(home.path())).await.is_ok());
}

#[tokio::test]
async fn commands_find_the_window_while_it_is_open_and_not_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let folder = Home::find(Some(home.path())).unwrap();
    let opening = opening(home.path());
    opening.begin();
    let console = opening.console().await.unwrap();

    let instance = Instance::read(&folder).unwrap().unwrap();
    let address = instance.http.strip_prefix("http://").unwrap();
    assert_eq!(snapshot(&console).await.address.as_deref(), Some(address));
    assert!(TcpStream::connect(address).await.is_ok());

    assert!(opening.drain.finish(Duration::from_secs(60)).await);
    assert!(Instance::read(&folder).unwrap().is_none());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_port_in_use_moves_the_listener_and_the_console_says_whose_it_is() {
    let home = tempfile::tempdir().unwrap();
    let held = Listener::bind(ANY_PORT).await.unwrap();
    let wanted = ListenAddress { port: held.port() };
    let path = home.path().to_owned();
    let opening = Opening::new(Drain::default(), move || Ok(start(&path, wanted)));
    opening.begin();

    let console = opening.console().await.unwrap();
    let snapshot = snapshot(&console).await;
    let address = snapshot.address.unwrap();
    assert_ne!(address, wanted.to_string());
    assert!(TcpStream::connect(address).await.is_ok());
    let note = snapshot.address_note.unwrap();
    assert!(note.contains(&wanted.to_string()), "{note}");
    assert!(opening.drain.finish(Duration::from_secs(60)).await);
}

async fn snapshot(console: &Console) -> Snapshot {
    let caller = Caller::Operator { door: Door::Window };
    console.snapshot(&caller, Nothing {}).await.unwrap()
}

#[tokio::test]
async fn a_window_that_commands_cannot_find_opens_and_is_heard_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    // Where the folder of the instance file belongs.
    std::fs::write(home.path().join("run"), "").unwrap();
    let opening = opening(home.path());
    opening.begin();
    let console = opening.console().await.unwrap();
    let address = snapshot(&console).await.address.unwrap();
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut socket = TcpStream::connect(&address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    assert!(rest(&mut socket).await.starts_with("HTTP/1.1 200 OK\r\n"));

    assert!(opening.drain.finish(Duration::from_secs(60)).await);
    assert!(
        TcpStream::connect(&address).await.is_err(),
        "it ends as well"
    );
}

/// A login whose handler waits for the last byte of its body.
async fn login_under_way(address: &str) -> TcpStream {
    let head = format!(
        "POST /console/login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        LOGIN.len()
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    socket.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100 "), "the body is asked for");
    socket
}

const LOGIN: &str = r#"{"code":"guess"}"#;

async fn rest(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn commands_are_sent_to_no_window_that_is_closing() {
    let home = tempfile::tempdir().unwrap();
    let folder = Home::find(Some(home.path())).unwrap();
    let opening = opening(home.path());
    opening.begin();
    let console = opening.console().await.unwrap();
    let address = snapshot(&console).await.address.unwrap();
    let mut login = login_under_way(&address).await;
    assert!(Instance::read(&folder).unwrap().is_some());

    let drain = opening.drain.clone();
    let ending = tokio::spawn(async move { drain.finish(Duration::from_secs(60)).await });
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    // The file went first: nobody could have read it and then been refused.
    assert!(Instance::read(&folder).unwrap().is_none());
    assert!(!ending.is_finished(), "the listener is still at work");
    login.write_all(LOGIN.as_bytes()).await.unwrap();
    assert!(rest(&mut login).await.starts_with("HTTP/1.1 401 "));
    assert!(ending.await.unwrap());
}

#[tokio::test]
async fn a_connection_that_is_stuck_does_not_keep_the_console_open() {
    let home = tempfile::tempdir().unwrap();
    let opening = opening(home.path());
    opening.begin();
    let console = opening.console().await.unwrap();
    let stuck = login_under_way(&snapshot(&console).await.address.unwrap()).await;

    let drain = opening.drain.clone();
    let ending = tokio::spawn(async move { drain.finish(Duration::from_secs(60)).await });
    let next = Options {
        patience: QUIT_LIMIT,
        ..options(home.path())
    };
    // Another program can have the folder before this one is left behind.
    let opened = Console::open_home(next).await;
    assert!(opened.is_ok(), "{:?}", opened.err());
    assert!(!ending.is_finished(), "the connection is still there");
    drop(stuck);
    assert!(ending.await.unwrap());
}

#[tokio::test]
async fn a_wrong_setting_is_told_like_a_store_that_is_closed() {
    let opening = Opening::new(Drain::default(), || Err(ConfigError::NoUnlock.into()));
    opening.begin();
    let refused = opening.console().await.err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert!(refused.message.starts_with("Secrets = \"file\" needs"));
}

#[test]
fn an_address_that_is_none_is_named_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    for (wrong, said) in [
        (
            "nonsense",
            "must be an address and a port, such as 127.0.0.1:6070",
        ),
        (
            "0.0.0.0:6070",
            "only 127.0.0.1, [::1] and localhost are served",
        ),
    ] {
        let refused = as_configured(Some(home.path()), Some(wrong)).err().unwrap();
        let told = closed(&refused).message;
        for words in ["--listen", wrong, said] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert_eq!(told.matches(wrong).count(), 1, "{told}");
    }
}
