//! Every way in which a provider fails, over real sockets and on every wire: the code it is told
//! apart by, whether asking again may help, and the words that are kept.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{
    Called, KEY, Listener, api_seat, api_seat_at, ask, call, call_through, clock, kind_of,
    once_waiting, shared, terms,
};
use husting_clock::ManualClock;
use husting_domain::calls::SeatErrorCode::{
    self, InternalDeadlineReached, MaxRetriesExceeded, PreStreamFailure, PreStreamProviderError,
    ProviderAuthFailure, ProviderError, RateLimit, StreamEndedWithoutFinalMarker,
    StreamInterrupted,
};
use husting_domain::calls::{A_PAGE, Spent};
use husting_domain::exchange::{SeatAnswer, SeatEvent, SeatFailure};
use husting_domain::money::Usage;
use husting_domain::providers::ProviderKind;
use husting_seats::Seat;
use husting_seats::timed::Timed;
use husting_test_support::{
    Behaviour, FakeProvider, Fault, Junk, Options, RetryAfter, Script, Wire,
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const OPENAI: Wire = Wire::OpenAi;
const RESPONSES: Wire = Wire::Responses;
const ANTHROPIC: Wire = Wire::Anthropic;
const GEMINI: Wire = Wire::Gemini;
const OLLAMA: Wire = Wire::Ollama;
const ANSWER: &str = "Ein Satz über Äpfel, 漢字 und 🎉. Noch ein Satz, damit es mehr wird.";

/// What the fault leaves of the answer.
enum Kept {
    Nothing,
    /// The beginning, which ends somewhere.
    Beginning,
    Everything,
}

async fn provider(wire: Wire, fault: Fault) -> FakeProvider {
    FakeProvider::start(wire, Script::new(Behaviour::answering(ANSWER).fault(fault)))
        .await
        .unwrap()
}

async fn called(wire: Wire, fault: Fault) -> (Called, FakeProvider) {
    let (provider, clock) = (provider(wire, fault).await, clock());
    let called = call_through(api_seat(wire, &provider, &clock), &clock, &ask("Why?")).await;
    (called, provider)
}

fn failure(called: Called, code: SeatErrorCode, kept: Kept) -> SeatFailure {
    let streamed = called.streamed();
    let failure = called.outcome.unwrap_err();
    assert_eq!(failure.code, code, "{}", failure.message);
    assert_eq!(failure.partial_text, streamed);
    let beginning =
        !streamed.is_empty() && streamed.len() < ANSWER.len() && ANSWER.starts_with(&streamed);
    match kept {
        Kept::Nothing => assert_eq!(streamed, ""),
        Kept::Beginning => assert!(beginning, "{streamed}"),
        Kept::Everything => assert_eq!(streamed, ANSWER),
    }
    assert_eq!(failure.usage.output > 0, !streamed.is_empty());
    assert!(!failure.message.is_empty() && !failure.message.contains(KEY));
    failure
}

fn answer(called: Called) -> SeatAnswer {
    assert_eq!(called.streamed(), called.outcome.as_ref().unwrap().text);
    called.outcome.unwrap()
}

/// Codes, waits and attempts told on the way.
fn retries(called: &Called) -> Vec<(u32, SeatErrorCode, u64)> {
    let told = called.events.iter().filter_map(|event| match event {
        SeatEvent::Retrying {
            attempt,
            code,
            after_millis,
            ..
        } => Some((*attempt, *code, *after_millis)),
        _ => None,
    });
    told.collect()
}

/// A call in the background, by a clock in the foreground.
struct Silent {
    clock: ManualClock,
    call: tokio::task::JoinHandle<Called>,
    _provider: FakeProvider,
}

impl Silent {
    async fn after(wire: Wire, fault: Fault) -> Self {
        let (provider, clock) = (provider(wire, fault).await, clock());
        let seat = Timed::new(Arc::new(api_seat(wire, &provider, &clock)), shared(&clock));
        let call = tokio::spawn(async move { call(&seat, &ask("Why?"), terms()).await });
        provider.until_started(1).await;
        Self {
            clock,
            call,
            _provider: provider,
        }
    }

    /// Lets `seconds` pass once `waiters` stand at the clock: the deadline, and after the first
    /// words the idle limit too.
    async fn ends_after(self, seconds: u64, waiters: usize) -> Called {
        once_waiting(&self.clock, waiters).await;
        self.clock.advance(Duration::from_secs(seconds));
        self.call.await.unwrap()
    }
}

#[rstest]
#[tokio::test]
async fn a_first_byte_that_never_comes_ends_at_the_deadline(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[values(false, true)] headers: bool,
) {
    let called = Silent::after(wire, Fault::NeverFirstByte { headers })
        .await
        .ends_after(150, 1)
        .await;
    let failure = failure(called, InternalDeadlineReached, Kept::Nothing);
    assert!(failure.code.is_transient());
}

#[rstest]
#[tokio::test]
async fn silence_in_mid_stream_ends_at_the_idle_limit(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let called = Silent::after(wire, Fault::SilenceMidStream { after_tokens: 5 })
        .await
        .ends_after(60, 2)
        .await;
    let failure = failure(called, StreamInterrupted, Kept::Beginning);
    assert!(failure.code.is_transient());
}

#[rstest]
#[case(Fault::Cut { after_tokens: 5 })]
#[case(Fault::Truncated { after_tokens: 5 })]
#[tokio::test]
async fn a_cut_stream_is_interrupted(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] fault: Fault,
) {
    let failure = failure(
        called(wire, fault).await.0,
        StreamInterrupted,
        Kept::Beginning,
    );
    assert!(failure.code.is_transient() && failure.usage.input > 0);
    assert!(
        failure.message.starts_with("the connection broke: "),
        "{}",
        failure.message
    );
}

#[rstest]
#[tokio::test]
async fn a_clean_end_without_a_final_marker_is_its_own_code(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let failure = failure(
        called(wire, Fault::NoFinalMarker).await.0,
        StreamEndedWithoutFinalMarker,
        Kept::Everything,
    );
    assert!(failure.code.is_transient());
}

#[rstest]
#[case(Junk::InvalidJson, ProviderError, Kept::Beginning)]
#[case(Junk::NotSse, ProviderError, Kept::Nothing)]
#[case(Junk::HtmlPage, PreStreamProviderError, Kept::Nothing)]
#[tokio::test]
async fn garbage_is_the_providers_error(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] junk: Junk,
    #[case] code: SeatErrorCode,
    #[case] kept: Kept,
) {
    let fault = Fault::Garbage {
        junk,
        after_tokens: 5,
    };
    let failure = failure(called(wire, fault).await.0, code, kept);
    assert_eq!(failure.code.is_transient(), code == ProviderError);
    // A page refuses nothing, and says itself whose it is.
    if junk == Junk::HtmlPage {
        let said = failure.message.strip_prefix(A_PAGE).unwrap();
        assert!(said.contains("Checking your connection"), "{said}");
        let reason = failure.code.reason_of(Some(&failure.message));
        assert_eq!(reason, "answered with a page");
    }
}

#[rstest]
#[case(OPENAI, "length")]
#[case(RESPONSES, "max_output_tokens")]
#[case(ANTHROPIC, "max_tokens")]
#[case(GEMINI, "MAX_TOKENS")]
#[case(OLLAMA, "length")]
#[tokio::test]
async fn a_stop_on_length_is_a_partial_answer(#[case] wire: Wire, #[case] reason: &str) {
    let answer = answer(called(wire, Fault::LengthStop { after_tokens: 5 }).await.0);
    assert_eq!(
        (answer.is_partial, answer.finish_reason.as_str()),
        (true, reason)
    );
    assert!(ANSWER.starts_with(&answer.text) && !answer.text.is_empty());
}

#[rstest]
#[case(Fault::Unauthorized401 { echo_key: false })]
#[case(Fault::Unauthorized401 { echo_key: true })]
#[case(Fault::Forbidden403)]
#[tokio::test]
async fn a_key_that_is_not_taken_is_told_without_it(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] fault: Fault,
) {
    let (called, provider) = called(wire, fault).await;
    let failure = failure(called, ProviderAuthFailure, Kept::Nothing);
    assert!(!failure.code.is_transient());
    assert_eq!(
        (failure.usage, provider.requests().len()),
        (Usage::default(), 1)
    );
}

#[rstest]
#[case(Fault::BadRequest400)]
#[case(Fault::ServerError500 { times: None, status: 501 })]
#[tokio::test]
async fn what_the_provider_will_never_answer_is_not_asked_again(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] fault: Fault,
) {
    let (called, provider) = called(wire, fault).await;
    let failure = failure(called, PreStreamProviderError, Kept::Nothing);
    assert!(!failure.code.is_transient());
    assert_eq!(provider.requests().len(), 1);
}

#[rstest]
#[case(Some(RetryAfter::Seconds(7)), 7_000, 7_000)]
#[case(None, 500, 1_000)]
#[tokio::test]
async fn a_429_is_asked_again_when_the_provider_says(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] retry_after: Option<RetryAfter>,
    #[case] least: u64,
    #[case] most: u64,
) {
    let (called, provider) = called(
        wire,
        Fault::RateLimited429 {
            retry_after,
            times: Some(1),
        },
    )
    .await;
    let retries = retries(&called);
    assert!(
        matches!(retries[..], [(2, RateLimit, wait)] if (least..=most).contains(&wait)),
        "{retries:?}"
    );
    assert_eq!(answer(called).text, ANSWER);
    assert_eq!(provider.requests().len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_429_that_stays_is_a_rate_limit(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let (called, provider) = called(
        wire,
        Fault::RateLimited429 {
            retry_after: None,
            times: None,
        },
    )
    .await;
    assert_eq!(retries(&called).len(), 2);
    let failure = failure(called, RateLimit, Kept::Nothing);
    assert!(
        failure.code.is_transient() && failure.message.to_lowercase().contains("rate limit"),
        "{}",
        failure.message
    );
    assert_eq!(provider.requests().len(), 3);
}

#[rstest]
#[tokio::test]
async fn a_429_for_longer_than_the_call_has_left_ends_it_at_once(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let retry_after = Some(RetryAfter::Seconds(150));
    let (called, provider) = called(
        wire,
        Fault::RateLimited429 {
            retry_after,
            times: None,
        },
    )
    .await;
    failure(called, RateLimit, Kept::Nothing);
    assert_eq!(provider.requests().len(), 1);
}

#[rstest]
#[case(OPENAI, RateLimit)]
#[case(RESPONSES, RateLimit)]
#[case(ANTHROPIC, PreStreamProviderError)]
#[case(GEMINI, RateLimit)]
#[case(OLLAMA, PreStreamProviderError)]
#[tokio::test]
async fn an_empty_account_is_not_asked_again(#[case] wire: Wire, #[case] code: SeatErrorCode) {
    let (called, provider) = called(wire, Fault::QuotaExhausted).await;
    let failure = failure(called, code, Kept::Nothing);
    assert_eq!(provider.requests().len(), 1);
    let (spent, reason) = match wire {
        GEMINI => (Spent::Day, "day's limit there"),
        _ => (Spent::Credit, "no credit there"),
    };
    assert_eq!(Spent::of(Some(&failure.message)), Some(spent));
    assert_eq!(failure.code.reason_of(Some(&failure.message)), reason);
    // What the provider says of it follows.
    let words = failure.message.strip_prefix(spent.said()).unwrap();
    assert!(words.starts_with(": ") && words.len() > 9, "{words}");
}

#[rstest]
#[case(Fault::ServerError500 { times: Some(1), status: 500 })]
#[case(Fault::Overloaded529 { times: Some(2) })]
#[case(Fault::CutBeforeResponse { times: Some(1) })]
#[tokio::test]
async fn a_passing_failure_is_asked_again(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] fault: Fault,
) {
    let (called, _provider) = called(wire, fault).await;
    assert!(
        retries(&called)
            .iter()
            .all(|(_, code, _)| *code == MaxRetriesExceeded)
    );
    assert!(!retries(&called).is_empty());
    assert_eq!(answer(called).text, ANSWER);
}

#[rstest]
#[case(Fault::ServerError500 { times: None, status: 500 })]
#[case(Fault::Overloaded529 { times: None })]
#[case(Fault::CutBeforeResponse { times: None })]
#[tokio::test]
async fn a_failure_that_stays_ends_after_three_attempts(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[case] fault: Fault,
) {
    let (called, provider) = called(wire, fault).await;
    assert_eq!(
        retries(&called)
            .iter()
            .map(|(attempt, ..)| *attempt)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    let failure = failure(called, MaxRetriesExceeded, Kept::Nothing);
    assert!(!failure.code.is_transient());
    assert_eq!(
        (failure.usage, provider.requests().len()),
        (Usage::default(), 3)
    );
}

#[rstest]
#[tokio::test]
async fn a_refused_connection_ends_after_three_attempts(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let script = Script {
        refuse_connections: true,
        ..Script::answering(ANSWER)
    };
    let (provider, clock) = (FakeProvider::start(wire, script).await.unwrap(), clock());
    let called = call_through(api_seat(wire, &provider, &clock), &clock, &ask("Why?")).await;
    assert_eq!(retries(&called).len(), 2);
    let failure = failure(called, MaxRetriesExceeded, Kept::Nothing);
    let host = reqwest::Url::parse(&provider.base_url()).unwrap();
    let host = format!("127.0.0.1:{}", host.port().unwrap());
    let words = format!("{host} was not reached: tcp connect error: Connection refused");
    assert!(failure.message.starts_with(&words), "{}", failure.message);
}

#[rstest]
#[tokio::test]
async fn a_connection_that_is_taken_again_gives_the_answer(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let script = Script {
        refuse_connections: true,
        ..Script::answering(ANSWER)
    };
    let (provider, clock) = (FakeProvider::start(wire, script).await.unwrap(), clock());
    let seat = Timed::new(Arc::new(api_seat(wire, &provider, &clock)), shared(&clock));
    let (sender, mut events) = mpsc::channel(64);
    let running = tokio::spawn(async move { seat.call(&ask("Why?"), terms(), sender).await });
    assert!(matches!(
        events.recv().await,
        Some(SeatEvent::Retrying { attempt: 2, .. })
    ));
    provider.accept_connections().unwrap();
    once_waiting(&clock, 2).await;
    clock.advance(Duration::from_secs(2));
    assert_eq!(running.await.unwrap().unwrap().text, ANSWER);
}

#[rstest]
#[tokio::test]
async fn an_error_in_mid_stream_is_the_providers_error(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let (called, provider) = called(wire, Fault::ErrorEventMidStream { after_tokens: 5 }).await;
    let failure = failure(called, ProviderError, Kept::Beginning);
    assert!(failure.code.is_transient());
    assert_eq!(
        provider.requests().len(),
        1,
        "an answer that has begun is never asked for again"
    );
}

/// A server whose stream is, from the first request on, each of `streams`, and then the last again.
async fn streaming(streams: Vec<String>) -> Listener {
    let asked = AtomicUsize::new(0);
    Listener::start(move |_| {
        let at = asked.fetch_add(1, Ordering::Relaxed).min(streams.len() - 1);
        (200, "text/event-stream", streams[at].clone())
    })
    .await
}

fn lines(data: &[Value]) -> String {
    data.iter().map(|data| format!("{data}\n")).collect()
}

fn events(data: &[Value]) -> String {
    data.iter()
        .map(|data| format!("data: {data}\n\n"))
        .collect()
}

/// A whole answer, "Yes.".
fn yes(wire: Wire) -> String {
    match wire {
        OPENAI => events(&[
            json!({"choices": [{"delta": {"content": "Yes."}}]}),
            json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
        ]),
        ANTHROPIC => events(&[
            json!({"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}}),
            json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Yes."}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
            json!({"type": "message_stop"}),
        ]),
        RESPONSES => events(&[
            json!({"type": "response.output_text.delta", "delta": "Yes."}),
            json!({"type": "response.completed", "response": {"status": "completed"}}),
        ]),
        GEMINI => events(&[
            json!({"candidates": [{"content": {"parts": [{"text": "Yes."}]}}]}),
            json!({"candidates": [{"finishReason": "STOP"}]}),
        ]),
        OLLAMA => lines(&[
            json!({"message": {"content": "Yes."}, "done": false}),
            json!({"message": {"content": ""}, "done": true, "done_reason": "stop"}),
        ]),
    }
}

/// The vendor's error, as the first event of a stream.
fn cannot(wire: Wire, code: SeatErrorCode) -> String {
    let limited = code == RateLimit;
    let error = match wire {
        // As OpenRouter writes it, beside OpenAI's own word.
        OPENAI if limited => json!({"error": {"code": 429, "message": "Busy."}, "choices": []}),
        OPENAI => json!({"error": {"type": "server_error", "code": null, "message": "Busy."}}),
        ANTHROPIC => {
            let kind = if limited {
                "rate_limit_error"
            } else {
                "overloaded_error"
            };
            json!({"type": "error", "error": {"type": kind, "message": "Busy."}})
        }
        RESPONSES => {
            let code = if limited {
                "rate_limit_exceeded"
            } else {
                "server_error"
            };
            json!({"type": "error", "code": code, "message": "Busy.", "param": null})
        }
        GEMINI => {
            let code = if limited { 429 } else { 503 };
            json!({"error": {"code": code, "message": "Busy.", "status": "UNAVAILABLE"}})
        }
        // A word and nothing more: nobody can tell whether it passes.
        OLLAMA => return lines(&[json!({"error": "Busy."})]),
    };
    events(&[error])
}

async fn call_at(wire: Wire, server: &Listener) -> Called {
    let clock = clock();
    let seat = api_seat_at(kind_of(wire), server.base_url(), &clock);
    call_through(seat, &clock, &ask("Why?")).await
}

#[rstest]
#[tokio::test]
async fn a_stream_that_begins_with_a_passing_error_is_asked_for_again(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI)] wire: Wire,
    #[values(RateLimit, MaxRetriesExceeded)] code: SeatErrorCode,
) {
    let server = streaming(vec![cannot(wire, code), yes(wire)]).await;
    let called = call_at(wire, &server).await;
    let retries = retries(&called);
    assert!(
        matches!(retries[..], [(2, told, _)] if told == code),
        "{retries:?}"
    );
    assert_eq!(answer(called).text, "Yes.");
    assert_eq!(server.requests().len(), 2);

    let server = streaming(vec![cannot(wire, code)]).await;
    let failure = failure(call_at(wire, &server).await, code, Kept::Nothing);
    assert_eq!(failure.message, "Busy.");
    assert_eq!(failure.usage, Usage::default(), "nothing was begun");
    assert_eq!(server.requests().len(), 3);
}

/// The vendor's error, quoting the key it was asked with.
fn cannot_with_the_key(wire: Wire, code: SeatErrorCode) -> String {
    let quoting = cannot(wire, code).replace("Busy.", &format!("Busy for {KEY}."));
    assert!(quoting.contains(KEY));
    quoting
}

/// Nothing marks this key as one: only who knows it can take it out.
#[rstest]
#[tokio::test]
async fn a_key_in_the_first_event_is_told_neither_on_the_way_nor_at_the_end(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI)] wire: Wire,
    #[values(RateLimit, MaxRetriesExceeded)] code: SeatErrorCode,
) {
    let server = streaming(vec![cannot_with_the_key(wire, code)]).await;
    let called = call_at(wire, &server).await;
    let told: Vec<_> = called
        .events
        .iter()
        .filter_map(|event| match event {
            SeatEvent::Retrying { message, .. } => Some(message.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["Busy for [secret removed]."; 2]);
    let failure = failure(called, code, Kept::Nothing);
    assert_eq!(failure.message, "Busy for [secret removed].");
}

#[rstest]
#[tokio::test]
async fn a_key_in_an_error_in_mid_stream_is_taken_out(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI)] wire: Wire,
) {
    // Everything up to the words, and then the error.
    let whole = yes(wire);
    let begun: String = whole
        .split_inclusive("\n\n")
        .take(if wire == ANTHROPIC { 2 } else { 1 })
        .collect();
    let server = streaming(vec![begun + &cannot_with_the_key(wire, RateLimit)]).await;
    let called = call_at(wire, &server).await;
    assert_eq!(called.streamed(), "Yes.");
    let failure = called.outcome.unwrap_err();
    assert_eq!(failure.code, ProviderError);
    assert_eq!(failure.message, "Busy for [secret removed].");
    assert_eq!(failure.partial_text, "Yes.");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_error_that_is_not_the_first_event_or_does_not_pass_is_not_asked_again() {
    let begun = events(&[json!({"choices": [{"delta": {"role": "assistant"}}]})]);
    let broke = events(&[json!({"error": {"code": "insufficient_quota", "type": "server_error"}})]);
    let refused = events(&[json!({"error": {"code": 400, "message": "No."}})]);
    for (stream, spent) in [
        (begun + &cannot(OPENAI, RateLimit), None),
        (broke, Some(Spent::Credit)),
        (refused, None),
    ] {
        let server = streaming(vec![stream.clone(), yes(OPENAI)]).await;
        let called = call_at(OPENAI, &server).await;
        let failure = failure(called, ProviderError, Kept::Nothing);
        assert_eq!(Spent::of(Some(&failure.message)), spent);
        assert_eq!(server.requests().len(), 1, "{stream}");
    }
}

#[rstest]
#[tokio::test]
async fn a_provider_that_ignores_the_limit_is_cut_off(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let (provider, clock) = (
        provider(wire, Fault::HugeOutput { bytes: 1_000_000 }).await,
        clock(),
    );
    let mut prompt = ask("Why?");
    prompt.max_output_tokens = 1_000;
    let answer = answer(call_through(api_seat(wire, &provider, &clock), &clock, &prompt).await);
    assert_eq!(
        (
            answer.is_partial,
            answer.finish_reason.as_str(),
            answer.text.len()
        ),
        (true, "length", 16_000)
    );
}

#[rstest]
#[tokio::test]
async fn a_failure_keeps_the_figures_the_provider_gave() {
    let options = Options {
        cached_tokens: 3,
        ..Options::default()
    };
    let behaviour = Behaviour::answering(ANSWER)
        .fault(Fault::Truncated { after_tokens: 5 })
        .options(options);
    let (provider, clock) = (
        FakeProvider::start(ANTHROPIC, Script::new(behaviour))
            .await
            .unwrap(),
        clock(),
    );
    let called = call_through(
        api_seat(ANTHROPIC, &provider, &clock),
        &clock,
        &ask("Why? ".repeat(9).as_str()),
    )
    .await;
    let failure = failure(called, StreamInterrupted, Kept::Beginning);
    let billed = provider.requests()[0].usage.unwrap();
    assert_eq!(
        (failure.usage.input, failure.usage.cache_read),
        (billed.uncached(), 3)
    );
    assert!(
        failure.usage.estimated && failure.usage.output.abs_diff(billed.output) <= 5,
        "{:?} {billed:?}",
        failure.usage
    );
}

#[tokio::test]
async fn without_a_key_nothing_is_called() {
    let clock = clock();
    let seat = husting_seats::api::ApiSeat::new(husting_seats::api::ApiSeatConfig {
        kind: ProviderKind::Anthropic,
        base_url: "http://127.0.0.1:9".into(),
        key: None,
        provider_model: "m".into(),
        http: husting_seats::api::http_client().unwrap(),
        clock: shared(&clock),
        dialect: husting_seats::api::Dialect::default(),
    });
    failure(
        call_through(seat, &clock, &ask("Why?")).await,
        PreStreamFailure,
        Kept::Nothing,
    );
}
