//! One connection that asks, waits for the whole answer and asks again. It does little besides, so
//! that on few cores the server is what is measured.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    /// What came and was not taken yet.
    read: Vec<u8>,
}

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// Its `ETag`.
    pub tag: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads its answer; returns how long that took as well.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(Duration, Answer)> {
        let begun = Instant::now();
        self.stream.write_all(request).await?;
        let head = loop {
            if let Some(head) = Head::read(&self.read)? {
                break head;
            }
            self.more().await?;
        };
        let end = head.length + head.body;
        self.read.reserve(end.saturating_sub(self.read.len()));
        while self.read.len() < end {
            self.more().await?;
        }
        let took = begun.elapsed();
        let body = self.read[head.length..end].to_vec();
        self.read.drain(..end);
        let answer = Answer {
            status: head.status,
            tag: head.tag,
            body,
        };
        Ok((took, answer))
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        let count = self.stream.read_buf(&mut self.read).await?;
        ensure!(count > 0, "the server hung up");
        Ok(())
    }
}

impl Answer {
    /// Its JSON, where it is a success.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        let text = String::from_utf8_lossy(&self.body);
        ensure!(
            (200..300).contains(&self.status),
            "it answered {}: {text}",
            self.status
        );
        serde_json::from_slice(&self.body).with_context(|| format!("that is no JSON: {text}"))
    }
}

/// What stands before a body.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    tag: Option<String>,
    /// Its own bytes, and those of the body.
    length: usize,
    body: usize,
}

impl Head {
    /// Nothing until it is whole.
    fn read(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok())
            .context("an answer has no status")?;
        let (mut tag, mut body) = (None, None);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("etag") {
                tag = Some(value.trim().to_owned());
            } else if name.eq_ignore_ascii_case("content-length") {
                body = Some(value.trim().parse()?);
            }
        }
        let body = match (status, body) {
            // RFC 9110, 6.4.1: whatever length is given, these have no body.
            (204 | 304, _) => 0,
            (_, Some(length)) => length,
            (_, None) => bail!("an answer of {status} says no length"),
        };
        Ok(Some(Self {
            status,
            tag,
            length: end + 4,
            body,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 200 OK\r\nETag: W/\"r-1\"\r\ncontent-length: 2\r\n\r\n{}";
        for cut in 0..text.len() - 2 {
            assert_eq!(Head::read(&text[..cut]).unwrap(), None, "{cut} bytes");
        }
        let head = Head {
            status: 200,
            tag: Some("W/\"r-1\"".to_owned()),
            length: text.len() - 2,
            body: 2,
        };
        assert_eq!(Head::read(text).unwrap(), Some(head));
    }

    #[test]
    fn an_unchanged_answer_has_no_body_whatever_its_length_says() {
        let text = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 512\r\n\r\n";
        assert_eq!(Head::read(text).unwrap().unwrap().body, 0);
    }

    #[test]
    fn an_answer_whose_end_is_unknown_is_refused() {
        assert!(Head::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
