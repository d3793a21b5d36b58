//! The end: what is open closes in order, and nothing new comes in.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::SystemClock;
use husting_console::{Console, KeyChoice, Options};
use husting_server::{ListenAddress, Listener, Serving};
use husting_wire::settings::EditSettings;
use reqwest::Method;
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{PATIENCE, started};

#[tokio::test]
async fn streams_end_and_the_port_is_free_again() {
    let server = started().await;
    let stream = server
        .as_operator(Method::GET, "/console/events")
        .send()
        .await
        .unwrap();
    // A connection that is kept alive must not hold up the end.
    server.request(Method::GET, "/health").send().await.unwrap();
    server.shutdown.cancel();
    tokio::time::timeout(PATIENCE, server.running)
        .await
        .unwrap()
        .unwrap();
    let pieces: Vec<_> = stream.bytes_stream().collect().await;
    assert!(pieces.iter().all(Result::is_ok), "the stream ends in order");
    assert!(std::net::TcpListener::bind(("127.0.0.1", server.port)).is_ok());
}

#[tokio::test]
async fn what_is_told_in_the_moment_of_the_end_is_sent_before_a_stream_ends() {
    let server = started().await;
    let stream = server
        .as_operator(Method::GET, "/console/events")
        .send()
        .await
        .unwrap();
    let mut pieces = stream.bytes_stream();
    assert!(pieces.next().await.unwrap().is_ok(), "its greeting");
    // A restore or an erasing is told so, which is why the program ends.
    let seq = server.host.tell();
    server.shutdown.cancel();
    let rest: Vec<_> = pieces.map(Result::unwrap).collect().await;
    let told = String::from_utf8(rest.concat()).unwrap();
    assert!(told.contains(&format!("id: {seq}\n")), "{told}");
}

/// A request whose handler is at work, since it has asked for the body.
async fn under_way(serving: &Serving, body: &str) -> TcpStream {
    let address = serving.http().strip_prefix("http://").unwrap();
    let head = format!(
        "POST /console/rpc HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        serving.token().expose_secret(),
        body.len()
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    socket.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100 "));
    socket
}

async fn console(home: &Path) -> Console {
    let options = Options {
        home: home.to_owned(),
        keys: KeyChoice::Memory,
        overrides: EditSettings::default(),
        clock: Arc::new(SystemClock),
        patience: Duration::ZERO,
        bot_locks: home.join("bots"),
        surroundings: husting_console::Surroundings::default(),
    };
    Console::open_home(options).await.unwrap()
}

#[tokio::test]
async fn what_is_being_answered_is_answered_before_the_end() {
    let home = tempfile::tempdir().unwrap();
    let console = console(home.path()).await;
    let anywhere = ListenAddress { port: 0 };
    let listener = Listener::bind(anywhere).await.unwrap();
    let serving = Serving::on(&console, listener).unwrap();
    let address = serving.http().strip_prefix("http://").unwrap().to_owned();
    let body = r#"{"command":"list_models","args":{}}"#;
    let mut socket = under_way(&serving, body).await;

    let ending = tokio::spawn(serving.end());
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!ending.is_finished(), "nothing new, but not the end yet");
    socket.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let all = socket.read_to_string(&mut answer);
    tokio::time::timeout(PATIENCE, all).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(r#""models":["#), "{answer}");
    tokio::time::timeout(PATIENCE, ending)
        .await
        .unwrap()
        .unwrap();
    console.close().await;
}
