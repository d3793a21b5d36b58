//! What every kind of seat does alike, over real sockets where it has them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::{Called, NOW, api_seat, ask, call, clock, shared, terms};
use husting_clock::ManualClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{AnswerShape, Prompt, SeatAnswer, SeatEvent, SeatOutcome};
use husting_domain::models::ModelId;
use husting_domain::money::Usage;
use husting_seats::rehearsal::RehearsalSeat;
use husting_seats::timed::Timed;
use husting_seats::{CallTerms, Seat, SharedSeat};
use husting_test_support::{Behaviour, FakeProvider, GatePoint, Outcome, Phase, Script, Wire};
use rstest::rstest;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Api(Wire),
    Rehearsal,
    /// In-process, and deaf to `terms.cancel`.
    Scripted,
}

const OPENAI: Kind = Kind::Api(Wire::OpenAi);
const RESPONSES: Kind = Kind::Api(Wire::Responses);
const ANTHROPIC: Kind = Kind::Api(Wire::Anthropic);
const GEMINI: Kind = Kind::Api(Wire::Gemini);
const OLLAMA: Kind = Kind::Api(Wire::Ollama);
const REHEARSAL: Kind = Kind::Rehearsal;
const SCRIPTED: Kind = Kind::Scripted;

/// A seat that says a few words and then stands still, if it is told to, until it is let on.
struct Subject {
    seat: SharedSeat,
    clock: ManualClock,
    provider: Option<FakeProvider>,
    gate: Arc<Semaphore>,
}

const WORDS: &str = "One word after another, and the 漢字 at the end. ";
const GATE: &str = "gate";

impl Subject {
    async fn new(kind: Kind, held: bool) -> Self {
        let (clock, gate) = (clock(), Arc::new(Semaphore::new(if held { 0 } else { 99 })));
        let provider = match kind {
            Kind::Api(wire) => Some(FakeProvider::start(wire, script(held)).await.unwrap()),
            _ => None,
        };
        let inner: SharedSeat = match (kind, &provider) {
            (Kind::Api(wire), Some(provider)) => Arc::new(api_seat(wire, provider, &clock)),
            (Kind::Rehearsal, _) => {
                let model = ModelId::parse("rehearsal-skeptic").unwrap();
                Arc::new(RehearsalSeat::new(
                    &model,
                    held.then_some(60),
                    shared(&clock),
                ))
            }
            _ => Arc::new(Scripted {
                gate: Arc::clone(&gate),
            }),
        };
        let seat = Arc::new(Timed::new(inner, shared(&clock)));
        Self {
            seat,
            clock,
            provider,
            gate,
        }
    }

    fn start(&self, prompt: Prompt, terms: CallTerms) -> Running {
        let (sender, events) = mpsc::channel(1_024);
        let seat = Arc::clone(&self.seat);
        let call = tokio::spawn(async move { seat.call(&prompt, terms, sender).await });
        Running {
            events,
            heard: Vec::new(),
            call,
        }
    }

    /// A call that has said its first words and stands still.
    async fn held(&self, prompt: Prompt, terms: CallTerms) -> Running {
        let mut running = self.start(prompt, terms);
        // The rehearsal seat's first words are due by the clock.
        common::once_waiting(&self.clock, 1).await;
        self.clock.advance(Duration::from_secs(1));
        running.hear_words().await;
        running
    }
}

fn script(held: bool) -> Script {
    let answer = Behaviour::with_words(|asked| match asked.phase {
        Phase::Respond => WORDS.repeat(4),
        Phase::React => r#"{"snippets":[]}"#.to_owned(),
        Phase::Recap | Phase::Synthesis => r#"{"title":"T"}"#.to_owned(),
    });
    Script::new(if held {
        answer.gate(GATE, GatePoint::BeforeToken(5))
    } else {
        answer
    })
}

struct Running {
    events: mpsc::Receiver<SeatEvent>,
    heard: Vec<SeatEvent>,
    call: JoinHandle<SeatOutcome>,
}

impl Running {
    async fn hear_words(&mut self) {
        while let Some(event) = self.events.recv().await {
            self.heard.push(event);
            if matches!(self.heard.last(), Some(SeatEvent::Text(_))) {
                return;
            }
        }
    }

    async fn end(mut self) -> Called {
        while let Some(event) = self.events.recv().await {
            self.heard.push(event);
        }
        Called {
            outcome: self.call.await.unwrap(),
            events: self.heard,
        }
    }
}

struct Scripted {
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Seat for Scripted {
    async fn call(
        &self,
        prompt: &Prompt,
        _: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        let words = if prompt.shape == AnswerShape::Snippets {
            r#"{"snippets":[]} "#
        } else {
            WORDS
        };
        let mut text = String::new();
        for word in words.split_inclusive(' ') {
            drop(events.send(SeatEvent::Text(word.to_owned())).await);
            text.push_str(word);
            drop(self.gate.acquire().await);
        }
        let usage = Usage {
            input: 10,
            output: 10,
            ..Usage::default()
        };
        Ok(SeatAnswer {
            text,
            usage,
            finish_reason: "end".into(),
            is_partial: false,
        })
    }
}

#[rstest]
#[tokio::test]
async fn an_answer_streams_and_comes_again_whole(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, false).await;
    let called = call(&*subject.seat, &ask("Which one is it?"), terms()).await;
    let answer = called.outcome.as_ref().unwrap();
    assert!(!answer.text.is_empty());
    assert_eq!(called.streamed(), answer.text);
    assert!(
        called
            .events
            .iter()
            .filter(|event| matches!(event, SeatEvent::Text(_)))
            .count()
            > 1
    );
}

#[rstest]
#[tokio::test]
async fn an_answer_says_what_it_used_and_why_it_ended(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, false).await;
    let answer = call(&*subject.seat, &ask("Which one is it?"), terms())
        .await
        .outcome
        .unwrap();
    assert!(
        answer.usage.input > 0 && answer.usage.output > 0,
        "{:?}",
        answer.usage
    );
    assert_eq!(answer.usage.estimated, kind == Kind::Rehearsal);
    assert!(!answer.finish_reason.is_empty() && !answer.is_partial);
    if let Some(provider) = subject.provider {
        let billed = provider.requests()[0].usage.unwrap();
        assert_eq!(
            (answer.usage.input, answer.usage.output),
            (billed.input, billed.output)
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_reaction_has_the_asked_for_shape(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, false).await;
    let prompt = Prompt {
        shape: AnswerShape::Snippets,
        ..ask("React.")
    };
    let called = call(&*subject.seat, &prompt, terms()).await;
    let answer = called.outcome.as_ref().unwrap();
    assert_eq!(called.streamed(), answer.text);
    let snippets: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert!(snippets["snippets"].is_array());
}

#[rstest]
#[tokio::test]
async fn a_stopped_call_ends_at_once_and_keeps_its_words(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, true).await;
    let terms = terms();
    let running = subject.held(ask("Which one is it?"), terms.clone()).await;
    terms.cancel.cancel();
    fails_with_words(running.end().await, SeatErrorCode::Cancelled);
    if let Some(provider) = subject.provider {
        provider.until_ended(1).await;
        assert_eq!(provider.requests()[0].outcome, Outcome::Abandoned);
    }
}

#[rstest]
#[tokio::test]
async fn a_call_ends_at_its_deadline_and_keeps_its_words(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, true).await;
    let terms = CallTerms {
        deadline: NOW.plus_millis(2_000),
        ..terms()
    };
    let running = subject.held(ask("Which one is it?"), terms).await;
    subject.clock.advance(Duration::from_secs(1));
    fails_with_words(running.end().await, SeatErrorCode::InternalDeadlineReached);
}

fn fails_with_words(called: Called, code: SeatErrorCode) {
    let streamed = called.streamed();
    let failure = called.outcome.unwrap_err();
    assert_eq!(failure.code, code);
    assert!(!failure.partial_text.is_empty());
    assert_eq!(failure.partial_text, streamed);
    assert!(
        failure.usage.input > 0 && failure.usage.output > 0,
        "{:?}",
        failure.usage
    );
}

#[rstest]
#[tokio::test]
async fn a_reader_that_goes_away_does_no_harm(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, false).await;
    let mut running = subject.start(ask("Which one is it?"), terms());
    running.hear_words().await;
    drop(running.events);
    let answer = running.call.await.unwrap().unwrap();
    assert_eq!(
        answer.text,
        call(&*subject.seat, &ask("Which one is it?"), terms())
            .await
            .outcome
            .unwrap()
            .text
    );
}

#[rstest]
#[tokio::test]
async fn two_calls_at_once_do_not_mix(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, false).await;
    let prompt = ask("Which one is it?");
    let (one, other) = tokio::join!(
        call(&*subject.seat, &prompt, terms()),
        call(&*subject.seat, &prompt, terms())
    );
    assert_eq!(one.streamed(), other.streamed());
    assert_eq!(one.outcome.unwrap().text, other.outcome.unwrap().text);
}

#[rstest]
#[tokio::test]
async fn a_call_that_is_let_on_finishes(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA, REHEARSAL, SCRIPTED)] kind: Kind,
) {
    let subject = Subject::new(kind, true).await;
    let running = subject.held(ask("Which one is it?"), terms()).await;
    subject.gate.add_permits(99);
    if let Some(provider) = &subject.provider {
        provider.open(GATE);
    }
    subject.clock.advance(Duration::from_secs(50));
    let called = running.end().await;
    assert_eq!(called.streamed(), called.outcome.unwrap().text);
}

#[rstest]
#[case::openai(OPENAI, "length")]
#[case::responses(RESPONSES, "max_output_tokens")]
#[case::anthropic(ANTHROPIC, "max_tokens")]
#[case::gemini(GEMINI, "MAX_TOKENS")]
#[case::ollama(OLLAMA, "length")]
#[case::rehearsal(REHEARSAL, "length")]
#[tokio::test]
async fn the_token_limit_is_kept_and_told(#[case] kind: Kind, #[case] reason: &str) {
    let subject = Subject::new(kind, false).await;
    let prompt = Prompt {
        // The least that OpenAI lets anybody ask for.
        max_output_tokens: 16,
        ..ask("Which one is it?")
    };
    let answer = call(&*subject.seat, &prompt, terms())
        .await
        .outcome
        .unwrap();
    assert_eq!(
        (answer.is_partial, answer.finish_reason.as_str()),
        (true, reason)
    );
    assert!(!answer.text.is_empty() && answer.text.len() <= 64);
}

#[rstest]
#[tokio::test]
async fn dropping_a_call_stops_it_at_the_provider(
    #[values(
        Wire::OpenAi,
        Wire::Responses,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Ollama
    )]
    wire: Wire,
) {
    let subject = Subject::new(Kind::Api(wire), true).await;
    let running = subject.held(ask("Which one is it?"), terms()).await;
    running.call.abort();
    let provider = subject.provider.unwrap();
    provider.until_ended(1).await;
    assert_eq!(provider.requests()[0].outcome, Outcome::Abandoned);
}
