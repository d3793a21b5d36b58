//! What the suites of this crate share: prompts, a call with its events, a seat that follows orders.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::sync::Arc;

use async_trait::async_trait;
use husting_clock::{ManualClock, SharedClock};
use husting_domain::exchange::{AnswerShape, Message, Prompt, Role, SeatEvent, SeatOutcome};
use husting_domain::time::Timestamp;
use husting_seats::{CallTerms, Seat};
use tokio::sync::mpsc;
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

/// Advances `clock` once `count` waiters stand at it.
pub async fn once_waiting(clock: &ManualClock, count: usize) {
    while clock.waiters() < count {
        tokio::task::yield_now().await;
    }
}

/// A seat whose words are handed to it while it speaks; it ends when `script` is dropped.
pub struct Puppet {
    pub script: tokio::sync::Mutex<mpsc::Receiver<SeatEvent>>,
    pub ending: SeatOutcome,
}

impl Puppet {
    pub fn new(ending: SeatOutcome) -> (mpsc::Sender<SeatEvent>, Arc<Self>) {
        let (strings, script) = mpsc::channel(16);
        (
            strings,
            Arc::new(Self {
                script: tokio::sync::Mutex::new(script),
                ending,
            }),
        )
    }
}

#[async_trait]
impl Seat for Puppet {
    async fn call(&self, _: &Prompt, _: CallTerms, events: mpsc::Sender<SeatEvent>) -> SeatOutcome {
        while let Some(event) = self.script.lock().await.recv().await {
            drop(events.send(event).await);
        }
        self.ending.clone()
    }
}
