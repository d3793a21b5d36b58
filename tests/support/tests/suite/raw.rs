//! The client of these tests: bytes over a socket, and nothing that could be lenient about them.

use husting_test_support::{FakeProvider, Wire};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const KEY: &str = "sk-test-0123456789abcdef";

/// How a connection ended, as the client's kernel saw it.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Reset,
}

/// A response, whole.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub head: String,
    /// The HTTP chunks, border by border.
    pub chunks: Vec<Vec<u8>>,
    /// Whether the last, empty HTTP chunk came.
    pub complete: bool,
    pub end: End,
}

impl Raw {
    pub fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body()).expect("a body of UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).expect("a body of JSON")
    }

    /// The data of every event that is JSON, with either line end; every line where there are no events.
    pub fn events(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.lines().filter_map(|line| {
            let is_json = line.starts_with('{');
            line.strip_prefix("data: ").or(is_json.then_some(line))
        });
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).expect("data of JSON"))
            .collect()
    }

    /// The answer's text, put together from the deltas of any wire.
    pub fn answer(&self) -> String {
        let events = self.events();
        let said = |event: &&Value| {
            event
                .pointer("/candidates/0/content/parts/0/thought")
                .is_none()
                && event["type"] != "response.reasoning_summary_text.delta"
        };
        let deltas = events.iter().filter(said).filter_map(|event| {
            event
                .pointer("/choices/0/delta/content")
                .or_else(|| event.pointer("/delta/text"))
                .or_else(|| event.pointer("/delta/partial_json"))
                .or_else(|| event.pointer("/candidates/0/content/parts/0/text"))
                .or_else(|| event.pointer("/message/content"))
                .or_else(|| event.get("delta"))
        });
        deltas.filter_map(Value::as_str).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }
}

/// A connection with one request on its way.
pub struct Line {
    stream: TcpStream,
    pub seen: Vec<u8>,
}

impl Line {
    pub async fn send(provider: &FakeProvider, request: &[u8]) -> Self {
        let mut stream = TcpStream::connect(provider.address())
            .await
            .expect("a connection");
        stream.write_all(request).await.expect("the request sent");
        Line {
            stream,
            seen: Vec::new(),
        }
    }

    /// Reads until the bytes seen hold `needle`.
    pub async fn until(&mut self, needle: &str) {
        while !self
            .seen
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
        {
            let count = self
                .stream
                .read_buf(&mut self.seen)
                .await
                .expect("more bytes");
            assert!(count > 0, "the connection ended before {needle:?}");
        }
    }

    pub async fn finish(mut self) -> Raw {
        let end = match self.stream.read_to_end(&mut self.seen).await {
            Ok(_) => End::Closed,
            Err(_) => End::Reset,
        };
        parse(&self.seen, end)
    }
}

pub async fn exchange(provider: &FakeProvider, request: &[u8]) -> Raw {
    Line::send(provider, request).await.finish().await
}

pub async fn ask(provider: &FakeProvider, wire: Wire, body: &Value) -> Raw {
    exchange(provider, &post(wire, body)).await
}

pub fn post(wire: Wire, body: &Value) -> Vec<u8> {
    request(path(wire), &auth(wire), &body.to_string())
}

pub fn request(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

pub fn path(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenAi => "/v1/chat/completions",
        Wire::Responses => "/v1/responses",
        Wire::Anthropic => "/v1/messages",
        Wire::Gemini => "/v1beta/models/m:streamGenerateContent?alt=sse",
        Wire::Ollama => "/api/chat",
    }
}

pub fn auth(wire: Wire) -> String {
    match wire {
        Wire::OpenAi | Wire::Responses | Wire::Ollama => format!("authorization: Bearer {KEY}\r\n"),
        Wire::Gemini => format!("x-goog-api-key: {KEY}\r\n"),
        Wire::Anthropic => format!("x-api-key: {KEY}\r\nanthropic-version: 2023-06-01\r\n"),
    }
}

/// A valid streaming request with `prompt` as its only words.
pub fn question(wire: Wire, prompt: &str) -> Value {
    let messages = json!([{"role": "user", "content": prompt}]);
    let streamed = json!({"model": "m", "messages": messages, "stream": true});
    match wire {
        Wire::OpenAi => with(streamed, "stream_options", json!({"include_usage": true})),
        Wire::Responses => json!({"model": "m", "input": messages, "stream": true}),
        Wire::Anthropic => with(streamed, "max_tokens", json!(1024)),
        Wire::Gemini => json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]}),
        Wire::Ollama => streamed,
    }
}

pub fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn parse(seen: &[u8], end: End) -> Raw {
    let Some(split) = find(seen, b"\r\n\r\n") else {
        return Raw {
            status: 0,
            head: String::new(),
            chunks: Vec::new(),
            complete: false,
            end,
        };
    };
    let head = String::from_utf8_lossy(&seen[..split]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("a status");
    let body = &seen[split + 4..];
    let (chunks, complete) = match head.to_lowercase().contains("transfer-encoding: chunked") {
        true => chunks(body),
        false => (vec![body.to_vec()], true),
    };
    Raw {
        status,
        head,
        chunks,
        complete,
        end,
    }
}

fn chunks(mut body: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut chunks = Vec::new();
    while let Some(line) = find(body, b"\r\n") {
        let size = std::str::from_utf8(&body[..line]).expect("a chunk's size");
        let size = usize::from_str_radix(size, 16).expect("a size in hexadecimal");
        if size == 0 {
            return (chunks, true);
        }
        let start = line + 2;
        chunks.push(body[start..start + size].to_vec());
        body = &body[start + size + 2..];
    }
    (chunks, false)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
