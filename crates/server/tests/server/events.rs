//! Events as server-sent events.

use std::sync::Arc;

use futures::stream::{self, StreamExt};
use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_wire::events::{Envelope, Event};
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

use crate::fixture::{Fixture, PATIENCE, envelope, started};

/// Reads events one by one, with their ids.
struct Reader {
    response: Response,
    read: String,
}

impl Reader {
    async fn open(server: &Fixture) -> Self {
        let request = server
            .as_operator(Method::GET, "/console/events")
            .header("last-event-id", "1");
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            read: String::new(),
        }
    }

    async fn next(&mut self) -> (u64, Envelope) {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::to_owned)
                };
                if let Some(data) = field("data: ") {
                    assert_eq!(
                        field("event: "),
                        None,
                        "a browser hands these to `onmessage`"
                    );
                    return (
                        field("id: ").unwrap().parse().unwrap(),
                        serde_json::from_str(&data).unwrap(),
                    );
                }
                continue;
            }
            let piece = self.response.chunk().await.unwrap().unwrap();
            self.read.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

#[tokio::test]
async fn events_come_in_order_after_a_greeting_with_the_newest_number() {
    let server = started().await;
    server.host.tell();
    server.host.tell();
    let mut reader = Reader::open(&server).await;
    let (id, hello) = reader.next().await;
    assert_eq!((id, hello.seq, hello.event), (2, 2, Event::Hello {}));
    for seq in 3..=20 {
        assert_eq!(server.host.tell(), seq);
    }
    for seq in 3..=20 {
        let (id, event) = reader.next().await;
        assert_eq!((id, event.seq), (seq, seq));
    }
}

#[tokio::test]
async fn who_comes_again_sees_the_gap_in_the_greeting() {
    let server = started().await;
    let mut reader = Reader::open(&server).await;
    reader.next().await;
    let seen = server.host.tell();
    assert_eq!(reader.next().await.0, seen);
    drop(reader);
    let missed = server.host.tell();
    let mut again = Reader::open(&server).await;
    let (_, hello) = again.next().await;
    assert_eq!(
        hello.seq, missed,
        "nothing is replayed; the greeting tells what was missed"
    );
    let next = server.host.tell();
    assert_eq!(again.next().await.0, next);
}

#[tokio::test]
async fn a_client_that_goes_is_let_go() {
    let server = started().await;
    let mut reader = Reader::open(&server).await;
    reader.next().await;
    assert_eq!(server.host.watchers(), 1);
    drop(reader);
    tokio::time::timeout(PATIENCE, async {
        while server.host.watchers() > 0 {
            server.host.tell();
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_cut_and_holds_up_nobody() {
    let server = started().await;
    let let_go = Arc::new(Notify::new());
    let ended = Dropped(let_go.clone());
    let endless = stream::unfold((0, ended), async |(seq, ended)| {
        // As a real program does: something between one event and the next.
        tokio::task::yield_now().await;
        Some((large(seq), (seq + 1, ended)))
    });
    *server.host.stream.lock().unwrap() = Some(endless.boxed());

    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let head = format!(
        "GET /console/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\r\n",
        server.port,
        server.token.expose_secret()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    tokio::time::timeout(PATIENCE, let_go.notified())
        .await
        .expect("the endless stream is given up");

    // What the system still holds is read to the end; then the connection is gone without a proper end.
    let mut rest = Vec::new();
    let end = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut rest))
        .await
        .unwrap();
    assert!(
        end.is_err() || !rest.ends_with(b"0\r\n\r\n"),
        "the client can tell that it was cut"
    );
    assert_eq!(
        server
            .request(Method::GET, "/health")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        200
    );
}

struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn large(seq: u64) -> Envelope {
    let event = Event::SeatText {
        session_id: SessionId(Default::default()),
        round_id: RoundId(Default::default()),
        model: ModelId::parse("m").unwrap(),
        purpose: Purpose::Respond,
        offset: 0,
        text: "a".repeat(64 * 1024),
    };
    envelope(seq, event)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_that_a_client_reads_is_not_a_reason_to_cut_it() {
    let server = started().await;
    let events = stream::iter((0..100).map(large)).chain(stream::pending());
    *server.host.stream.lock().unwrap() = Some(events.boxed());
    let mut reader = Reader::open(&server).await;
    for seq in 0..100 {
        assert_eq!(reader.next().await.0, seq);
    }
}
