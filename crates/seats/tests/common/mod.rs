//! What the suites of this crate share: prompts, a call with its events, servers to call.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]
#![allow(dead_code, reason = "each suite uses its own part")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use husting_clock::{ManualClock, SharedClock};
use husting_domain::exchange::{AnswerShape, Message, Prompt, Role, SeatEvent, SeatOutcome};
use husting_domain::providers::ProviderKind;
use husting_domain::time::Timestamp;
use husting_seats::api::{ApiSeat, ApiSeatConfig, Dialect, http_client};
use husting_seats::timed::Timed;
use husting_seats::{CallTerms, Seat};
use husting_test_support::{FakeProvider, Wire};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
pub const NONCE: &str = "00112233445566ff";

pub fn clock() -> ManualClock {
    ManualClock::at(NOW)
}

pub fn shared(clock: &ManualClock) -> SharedClock {
    Arc::new(clock.clone())
}

pub fn terms() -> CallTerms {
    CallTerms {
        deadline: NOW.plus_millis(150_000),
        cancel: CancellationToken::new(),
    }
}

pub fn ask(text: &str) -> Prompt {
    let message = Message {
        role: Role::User,
        text: text.to_owned(),
        cache_until_here: false,
    };
    Prompt {
        system: "You are panelist A.".into(),
        messages: vec![message],
        shape: AnswerShape::Prose,
        max_output_tokens: 4_096,
    }
}

/// A prompt about `reference`, fenced as the deliberation fences it.
pub fn ask_about(reference: &str, question: &str, nonce: &str) -> Prompt {
    ask(&format!(
        "<<<reference {nonce}>>>\n{reference}\n<<<end {nonce}>>>\n<<<question {nonce}>>>\n{question}\n<<<end {nonce}>>>"
    ))
}

/// What came of one call.
pub struct Called {
    pub outcome: SeatOutcome,
    pub events: Vec<SeatEvent>,
}

impl Called {
    pub fn streamed(&self) -> String {
        let words = self.events.iter().filter_map(|event| match event {
            SeatEvent::Text(words) => Some(words.as_str()),
            _ => None,
        });
        words.collect()
    }
}

/// Calls `seat` and listens to all it says.
pub async fn call(seat: &dyn Seat, prompt: &Prompt, terms: CallTerms) -> Called {
    let (sender, mut receiver) = mpsc::channel(4);
    let listen = async {
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            events.push(event);
        }
        events
    };
    let (outcome, events) = tokio::join!(seat.call(prompt, terms, sender), listen);
    Called { outcome, events }
}

/// Returns once `count` waiters stand at `clock`.
pub async fn once_waiting(clock: &ManualClock, count: usize) {
    while clock.waiters() < count {
        tokio::task::yield_now().await;
    }
}

/// Calls `seat` in [`Timed`] and lets each pause between its attempts pass at once.
pub async fn call_through(seat: ApiSeat, clock: &ManualClock, prompt: &Prompt) -> Called {
    let seat = Timed::new(Arc::new(seat), shared(clock));
    let (sender, mut receiver) = mpsc::channel(4);
    let listen = async {
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            if let SeatEvent::Retrying { after_millis, .. } = event {
                // The deadline and the pause.
                once_waiting(clock, 2).await;
                clock.advance(Duration::from_millis(after_millis));
            }
            events.push(event);
        }
        events
    };
    let (outcome, events) = tokio::join!(seat.call(prompt, terms(), sender), listen);
    Called { outcome, events }
}

pub const KEY: &str = "fake-key-7f3a9c";

/// A seat at a fake provider.
pub fn api_seat(wire: Wire, provider: &FakeProvider, clock: &ManualClock) -> ApiSeat {
    let (kind, base_url) = address(wire, provider);
    api_seat_at(kind, base_url, clock)
}

/// What speaks this wire.
pub fn kind_of(wire: Wire) -> ProviderKind {
    match wire {
        Wire::OpenAi => ProviderKind::OpenaiCompatible,
        Wire::Responses => ProviderKind::Openai,
        Wire::Anthropic => ProviderKind::Anthropic,
        Wire::Gemini => ProviderKind::Gemini,
        Wire::Ollama => ProviderKind::Ollama,
    }
}

/// A fake provider, as it would be configured.
pub fn address(wire: Wire, provider: &FakeProvider) -> (ProviderKind, String) {
    let base_url = match wire {
        Wire::Anthropic | Wire::Ollama => provider.origin(),
        Wire::OpenAi | Wire::Responses | Wire::Gemini => provider.base_url(),
    };
    (kind_of(wire), base_url)
}

pub fn api_seat_at(kind: ProviderKind, base_url: String, clock: &ManualClock) -> ApiSeat {
    api_seat_speaking(Dialect::default(), kind, base_url, clock)
}

/// A seat that knows what others have learned of its server.
pub fn api_seat_speaking(
    dialect: Dialect,
    kind: ProviderKind,
    base_url: String,
    clock: &ManualClock,
) -> ApiSeat {
    let config = ApiSeatConfig {
        kind,
        base_url,
        key: Some(KEY.into()),
        provider_model: "fake-model".into(),
        http: http_client().unwrap(),
        clock: shared(clock),
        dialect,
    };
    ApiSeat::new(config).with_jitter_seed(7)
}

type Reply = (u16, &'static str, String);

/// A server that answers each request as it is told, for what no vendor documents.
pub struct Listener {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Value>>>,
    serving: JoinHandle<()>,
}

impl Listener {
    pub async fn start(reply: impl Fn(&Value) -> Reply + Send + 'static) -> Self {
        Self::after(1, reply).await
    }

    /// Answers nobody before `count` requests are there.
    pub async fn after(count: usize, reply: impl Fn(&Value) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<Value>>>::default();
        let seen = Arc::clone(&requests);
        let serving = tokio::spawn(async move {
            let mut waiting = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let body = request(&mut socket).await;
                waiting.push((socket, reply(&body)));
                seen.lock().unwrap().push(body);
                if seen.lock().unwrap().len() < count {
                    continue;
                }
                for (mut socket, reply) in waiting.drain(..) {
                    // Whoever has read enough hangs up.
                    socket.write_all(response(reply).as_bytes()).await.ok();
                }
            }
        });
        Self {
            address,
            requests,
            serving,
        }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn response((status, kind, text): Reply) -> String {
    let length = text.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n"
    );
    format!("{head}location: http://127.0.0.1:9/\r\n\r\n{text}")
}

/// The JSON of one request, null where it has none.
async fn request(socket: &mut TcpStream) -> Value {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return serde_json::from_str(body).unwrap_or_default();
            }
        }
        let mut piece = [0; 4_096];
        let count = socket.read(&mut piece).await.unwrap();
        read.extend_from_slice(&piece[..count]);
    }
}
