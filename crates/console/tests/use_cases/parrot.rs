//! A provider that repeats the caller's key in the errors of its streams.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves until it is dropped.
pub struct Parrot {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Parrot {
    /// `speech` makes the body of a stream from the key that was sent.
    pub async fn start(speech: fn(&str) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                answer(socket, speech).await;
            }
        });
        Self { address, serving }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Parrot {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut socket: TcpStream, speech: fn(&str) -> String) {
    let head = request(&mut socket).await;
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let key = header("authorization: Bearer ").or_else(|| header("x-api-key: "));
    let body = speech(key.unwrap());
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(response.as_bytes()).await.unwrap();
}

/// The head of a request, once its body has come too.
async fn request(socket: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return head.to_owned();
            }
        }
        let mut piece = [0; 4_096];
        let count = socket.read(&mut piece).await.unwrap();
        read.extend_from_slice(&piece[..count]);
    }
}
