//! How answers look on the wire and what is asked for, on every wire and over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use common::{
    KEY, Listener, api_seat, api_seat_at, api_seat_speaking, ask, call_through, clock, kind_of,
};
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{AnswerShape, Message, Prompt, Role, SeatAnswer, SeatEvent};
use husting_domain::providers::ProviderKind;
use husting_seats::api::Dialect;
use husting_test_support::{
    Behaviour, FakeProvider, LineEnd, Options, Script, Slicing, Wire, fingerprint,
};
use rstest::rstest;
use serde_json::{Value, json};

const OPENAI: Wire = Wire::OpenAi;
const RESPONSES: Wire = Wire::Responses;
const ANTHROPIC: Wire = Wire::Anthropic;
const GEMINI: Wire = Wire::Gemini;
const OLLAMA: Wire = Wire::Ollama;
const ANSWER: &str = "Ein Satz über Äpfel,\n漢字 und 🎉.\r\n\n- Noch \"ein\" Satz: <ende>";

/// One answer with `options`, and all the provider saw.
async fn answered(
    wire: Wire,
    options: Options,
    prompt: &Prompt,
) -> (SeatAnswer, Vec<SeatEvent>, FakeProvider) {
    let script = Script::new(Behaviour::answering(ANSWER).options(options)).key(KEY);
    let (provider, clock) = (FakeProvider::start(wire, script).await.unwrap(), clock());
    let called = call_through(api_seat(wire, &provider, &clock), &clock, prompt).await;
    assert_eq!(called.streamed(), called.outcome.as_ref().unwrap().text);
    (called.outcome.unwrap(), called.events, provider)
}

#[rstest]
#[tokio::test]
async fn words_survive_however_the_stream_is_cut(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[values(LineEnd::Lf, LineEnd::CrLf)] line_end: LineEnd,
    #[values(Slicing::Events, Slicing::Bytes(vec![1]), Slicing::Bytes(vec![7, 300]), Slicing::InsideCharacters, Slicing::InsideLineEnds)]
    slicing: Slicing,
) {
    let options = Options {
        line_end,
        slicing,
        pings_every: Some(2),
        reasoning: "Hm, 漢.".into(),
        token_sizes: vec![3, 1, 9],
        ..Options::default()
    };
    let (answer, _, provider) = answered(wire, options, &ask("Why?")).await;
    assert_eq!(answer.text, ANSWER);
    let billed = provider.requests()[0].usage.unwrap();
    assert_eq!(
        (
            answer.usage.input,
            answer.usage.output,
            answer.usage.estimated
        ),
        (billed.input, billed.output, false)
    );
}

#[rstest]
#[tokio::test]
async fn pings_and_reasoning_are_signs_of_life_and_no_words(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let count = |events: &[SeatEvent]| {
        events
            .iter()
            .filter(|event| **event == SeatEvent::Alive)
            .count()
    };
    let (_, plain, _) = answered(wire, Options::default(), &ask("Why?")).await;
    let pings = Options {
        pings_every: Some(4),
        ..Options::default()
    };
    let (answer, pinged, _) = answered(wire, pings, &ask("Why?")).await;
    assert!(
        count(&pinged) > count(&plain),
        "{} {}",
        count(&pinged),
        count(&plain)
    );
    assert_eq!(answer.text, ANSWER);
    let reasoning = Options {
        reasoning: "I think, and think again.".into(),
        reasoning_field: "reasoning".into(),
        ..Options::default()
    };
    let (answer, thought, _) = answered(wire, reasoning, &ask("Why?")).await;
    assert!(count(&thought) > count(&plain));
    assert_eq!(answer.text, ANSWER);
}

#[rstest]
#[tokio::test]
async fn missing_figures_are_estimated_and_marked(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let options = Options {
        omit_usage: true,
        ..Options::default()
    };
    let (answer, ..) = answered(wire, options, &ask("Why, in so many words?")).await;
    assert!(answer.usage.estimated);
    // 19 bytes of system text and 22 of the question, four to a token.
    assert_eq!(
        (answer.usage.input, answer.usage.output),
        (11, (ANSWER.len() as u64).div_ceil(4))
    );
}

/// Ollama caches a prompt's beginning too, but counts it like the rest.
#[rstest]
#[tokio::test]
async fn cached_tokens_are_counted_apart(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI)] wire: Wire,
) {
    let options = Options {
        cached_tokens: 5,
        ..Options::default()
    };
    let (answer, _, provider) = answered(wire, options, &ask("Why, in so many words?")).await;
    let billed = provider.requests()[0].usage.unwrap();
    assert_eq!(
        (answer.usage.cache_read, answer.usage.total_input()),
        (5, billed.input)
    );
}

/// Whatever part of a prompt was cached or written to the cache, and however much was thought: every
/// token is counted once, where it belongs.
#[rstest]
#[tokio::test]
async fn every_token_is_counted_once(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    for seed in 0..12_usize {
        // Multiples of primes are spread over the sizes that matter.
        let options = Options {
            cached_tokens: (seed * 7 % 23) as u64,
            cache_write_tokens: (seed * 5 % 11) as u64,
            reasoning: "Hm. ".repeat(seed * 3 % 8),
            ..Options::default()
        };
        let question = "Why? ".repeat(1 + seed * 13 % 17);
        let (answer, _, provider) = answered(wire, options, &ask(&question)).await;
        let billed = provider.requests()[0].usage.unwrap();
        let counted = answer.usage;
        assert_eq!(
            (counted.total_input(), counted.output, counted.estimated),
            (billed.input, billed.output, false),
            "seed {seed}"
        );
        let (read, written) = match wire {
            Wire::Ollama => (0, 0),
            Wire::Anthropic => (billed.cache_read, billed.cache_write),
            Wire::OpenAi | Wire::Responses | Wire::Gemini => (billed.cache_read, 0),
        };
        assert_eq!(
            (counted.cache_read, counted.cache_write),
            (read, written),
            "seed {seed}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_finish_reason_is_marker_enough(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
) {
    let options = Options {
        omit_done: true,
        ..Options::default()
    };
    assert_eq!(answered(wire, options, &ask("Why?")).await.0.text, ANSWER);
}

fn conversation() -> Prompt {
    let message = |role, text: &str, cache_until_here| Message {
        role,
        text: text.into(),
        cache_until_here,
    };
    let messages = vec![
        message(Role::User, "The document.", true),
        message(Role::Assistant, "My answer.", false),
        message(Role::User, "And now?", false),
    ];
    Prompt {
        messages,
        max_output_tokens: 321,
        ..ask("")
    }
}

#[tokio::test]
async fn a_prompt_reaches_chat_completions_as_it_is() {
    let (_, _, provider) = answered(OPENAI, Options::default(), &conversation()).await;
    let request = &provider.requests()[0];
    assert_eq!(
        request.body["messages"],
        json!([
            {"role": "system", "content": "You are panelist A."},
            {"role": "user", "content": "The document."},
            {"role": "assistant", "content": "My answer."},
            {"role": "user", "content": "And now?"},
        ])
    );
    assert_eq!(
        (&request.body["max_tokens"], &request.body["stream_options"]),
        (&json!(321), &json!({"include_usage": true}))
    );
    assert!(request.headers.contains(&(
        "authorization".into(),
        format!("Bearer {}", fingerprint(KEY))
    )));
}

#[tokio::test]
async fn a_prompt_reaches_openai_with_a_key_for_its_cache() {
    let (_, _, provider) = answered(RESPONSES, Options::default(), &conversation()).await;
    let body = &provider.requests()[0].body;
    assert_eq!(
        body["input"],
        json!([
            {"role": "user", "content": "The document."},
            {"role": "assistant", "content": "My answer."},
            {"role": "user", "content": "And now?"},
        ])
    );
    assert_eq!(body["instructions"], "You are panelist A.");
    assert_eq!(
        (&body["max_output_tokens"], &body["store"]),
        (&json!(321), &json!(false))
    );
    let key = |provider: &FakeProvider| provider.requests()[0].body["prompt_cache_key"].clone();
    let mut later = conversation();
    later.messages.truncate(1);
    let (_, _, same) = answered(RESPONSES, Options::default(), &later).await;
    let (_, _, other) = answered(RESPONSES, Options::default(), &ask("Something else")).await;
    assert_eq!(key(&provider), key(&same));
    assert_ne!(key(&provider), key(&other));
}

#[tokio::test]
async fn a_prompt_reaches_gemini_by_its_own_names() {
    let (_, _, provider) = answered(GEMINI, Options::default(), &conversation()).await;
    let request = &provider.requests()[0];
    assert_eq!(
        request.path,
        "/v1beta/models/fake-model:streamGenerateContent"
    );
    let content = |role: &str, text: &str| json!({"role": role, "parts": [{"text": text}]});
    assert_eq!(
        request.body["contents"],
        json!([
            content("user", "The document."),
            content("model", "My answer."),
            content("user", "And now?"),
        ])
    );
    assert_eq!(
        request.body["systemInstruction"],
        json!({"parts": [{"text": "You are panelist A."}]})
    );
    assert_eq!(
        request.body["generationConfig"],
        json!({"maxOutputTokens": 321})
    );
    assert!(
        request
            .headers
            .contains(&("x-goog-api-key".into(), fingerprint(KEY)))
    );
}

#[tokio::test]
async fn a_prompt_reaches_ollama_with_room_for_all_of_it() {
    let (_, _, provider) = answered(OLLAMA, Options::default(), &conversation()).await;
    let body = &provider.requests()[0].body;
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "You are panelist A."},
            {"role": "user", "content": "The document."},
            {"role": "assistant", "content": "My answer."},
            {"role": "user", "content": "And now?"},
        ])
    );
    assert_eq!(
        body["options"],
        json!({"num_predict": 321, "num_ctx": 4_096})
    );
    assert_eq!(
        (&body["truncate"], &body["shift"]),
        (&json!(false), &json!(false))
    );
    let long = ask(&"word ".repeat(20_000));
    let (_, _, provider) = answered(OLLAMA, Options::default(), &long).await;
    let window = &provider.requests()[0].body["options"]["num_ctx"];
    // 100,000 / 2 + 5 % = 52,500, and 4,096 for the answer.
    assert_eq!(*window, 65_536);
}

#[tokio::test]
async fn an_ollama_configured_for_chat_completions_is_found_all_the_same() {
    let provider = FakeProvider::start(OLLAMA, Script::answering(ANSWER))
        .await
        .unwrap();
    let clock = clock();
    let seat = api_seat_at(ProviderKind::Ollama, provider.base_url(), &clock);
    let called = call_through(seat, &clock, &ask("Why?")).await;
    assert_eq!(called.outcome.unwrap().text, ANSWER);
}

#[tokio::test]
async fn a_prompt_that_gemini_blocks_is_not_asked_again() {
    let data = json!({
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12},
    });
    let listener =
        Listener::start(move |_| (200, "text/event-stream", format!("data: {data}\n\n")));
    let (listener, clock) = (listener.await, clock());
    let seat = api_seat_at(ProviderKind::Gemini, listener.base_url(), &clock);
    let failure = call_through(seat, &clock, &ask("Why?"))
        .await
        .outcome
        .unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::PreStreamProviderError);
    assert!(
        failure.message.ends_with("PROHIBITED_CONTENT"),
        "{}",
        failure.message
    );
    assert_eq!((failure.usage.input, listener.requests().len()), (12, 1));
}

#[tokio::test]
async fn a_prompt_reaches_anthropic_with_its_marks_for_the_cache() {
    let (_, _, provider) = answered(ANTHROPIC, Options::default(), &conversation()).await;
    let request = &provider.requests()[0];
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        request.body["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "The document.", "cache_control": {"type": "ephemeral"}}]},
            {"role": "assistant", "content": [text("My answer.")]},
            {"role": "user", "content": [text("And now?")]},
        ])
    );
    assert_eq!(
        (&request.body["system"], &request.body["max_tokens"]),
        (&json!("You are panelist A."), &json!(321))
    );
    assert!(
        request
            .headers
            .contains(&("x-api-key".into(), fingerprint(KEY)))
    );
}

#[rstest]
#[tokio::test]
async fn data_is_asked_for_by_schema(
    #[values(OPENAI, RESPONSES, ANTHROPIC, GEMINI, OLLAMA)] wire: Wire,
    #[values(AnswerShape::Snippets, AnswerShape::Recap, AnswerShape::Synthesis)] shape: AnswerShape,
) {
    let prompt = Prompt {
        shape,
        ..ask("Say it as data.")
    };
    let (_, _, provider) = answered(wire, Options::default(), &prompt).await;
    let body = &provider.requests()[0].body;
    let schema = match wire {
        Wire::OpenAi => &body["response_format"]["json_schema"]["schema"],
        Wire::Responses => &body["text"]["format"]["schema"],
        Wire::Anthropic => &body["tools"][0]["input_schema"],
        Wire::Gemini => &body["generationConfig"]["responseJsonSchema"],
        Wire::Ollama => &body["format"],
    };
    assert_eq!(*schema, shape.schema().unwrap().1);
}

#[tokio::test]
async fn a_server_that_refuses_a_field_is_asked_without_it() {
    let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"Ja.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let listener = Listener::start(move |body: &Value| match () {
        () if body.get("response_format").is_some() => (
            400,
            "application/json",
            r#"{"error":"response_format is not supported"}"#.into(),
        ),
        () if body.get("stream_options").is_some() => (
            422,
            "application/json",
            r#"{"detail":"extra field: stream_options"}"#.into(),
        ),
        () => (200, "text/event-stream", stream.into()),
    });
    let (listener, clock) = (listener.await, clock());
    let dialect = Dialect::default();
    let seat = || {
        let (kind, base_url) = (ProviderKind::OpenaiCompatible, listener.base_url());
        api_seat_speaking(dialect.clone(), kind, base_url, &clock)
    };
    let prompt = Prompt {
        shape: AnswerShape::Snippets,
        ..ask("React.")
    };
    let called = call_through(seat(), &clock, &prompt).await;
    assert_eq!(called.outcome.unwrap().text, "Ja.");
    assert_eq!(listener.requests().len(), 3);
    let later = call_through(seat(), &clock, &prompt).await;
    assert_eq!(later.outcome.unwrap().text, "Ja.");
    assert_eq!(listener.requests().len(), 4, "it was refused once for all");
    assert_eq!(listener.requests()[2]["max_tokens"], 4_096);
    assert!(
        called
            .events
            .iter()
            .all(|event| !matches!(event, SeatEvent::Retrying { .. }))
    );
}

#[tokio::test]
async fn two_calls_that_are_refused_a_field_at_once_both_ask_without_it() {
    let listener = Listener::after(2, |body: &Value| match body.get("prompt_cache_key") {
        Some(_) => {
            let error = json!({"error": {"message": "Unknown parameter: 'prompt_cache_key'."}});
            (400, "application/json", error.to_string())
        }
        None => (200, "text/event-stream", RESPONSES_JA.into()),
    });
    let (listener, clock) = (listener.await, clock());
    let dialect = Dialect::default();
    let prompt = ask("Why?");
    let calling = || {
        let (kind, base_url) = (ProviderKind::Openai, listener.base_url());
        let seat = api_seat_speaking(dialect.clone(), kind, base_url, &clock);
        call_through(seat, &clock, &prompt)
    };
    let (one, other) = tokio::join!(calling(), calling());
    assert_eq!(one.outcome.unwrap().text, "Ja.");
    assert_eq!(other.outcome.unwrap().text, "Ja.");
    assert_eq!(listener.requests().len(), 4, "each was refused it once");
}

const RESPONSES_JA: &str = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Ja.\"}\n\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n";
const GEMINI_JA: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Ja.\"}]},\"finishReason\":\"STOP\"}]}\n\n";
const OLLAMA_JA: &str =
    "{\"message\":{\"content\":\"Ja.\"},\"done\":true,\"done_reason\":\"stop\"}\n";

#[rstest]
#[case(
    RESPONSES,
    "/text",
    "Unsupported parameter: 'text.format' is not supported with this model.",
    RESPONSES_JA
)]
#[case(
    RESPONSES,
    "/prompt_cache_key",
    "Unknown parameter: 'prompt_cache_key'.",
    RESPONSES_JA
)]
#[case(
    RESPONSES,
    "/reasoning",
    "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
    RESPONSES_JA
)]
#[case(
    GEMINI,
    "/generationConfig/responseJsonSchema",
    "JSON mode is not enabled for models/fake-model",
    GEMINI_JA
)]
#[case(
    GEMINI,
    "/generationConfig/thinkingConfig",
    "Thinking budget is not supported for this model.",
    GEMINI_JA
)]
#[case(
    OLLAMA,
    "/format",
    "json: cannot unmarshal object into Go struct field ChatRequest.format of type string",
    OLLAMA_JA
)]
#[tokio::test]
async fn a_model_that_refuses_a_field_is_asked_without_it_on_its_own_wire(
    #[case] wire: Wire,
    #[case] refused: &'static str,
    #[case] words: &'static str,
    #[case] stream: &'static str,
) {
    let listener = Listener::start(move |body: &Value| match body.pointer(refused) {
        Some(_) => {
            let error = json!({"error": {"code": 400, "message": words}});
            (400, "application/json", error.to_string())
        }
        None => (200, "application/octet-stream", stream.into()),
    });
    let (listener, clock) = (listener.await, clock());
    let seat = api_seat_at(kind_of(wire), listener.base_url(), &clock);
    let prompt = Prompt {
        shape: AnswerShape::Recap,
        ..ask("Sum it up.")
    };
    let called = call_through(seat, &clock, &prompt).await;
    assert_eq!(called.outcome.unwrap().text, "Ja.");
    let [first, second] = &listener.requests()[..] else {
        panic!("it was asked other than twice");
    };
    assert!(first.pointer(refused).is_some() && second.pointer(refused).is_none());
}

#[tokio::test]
async fn an_error_that_names_a_field_need_not_say_it_in_words() {
    let listener = Listener::start(|body: &Value| match body.get("reasoning") {
        Some(_) => {
            let error = json!({"error": {"message": "Not here.", "param": "reasoning.effort"}});
            (400, "application/json", error.to_string())
        }
        None => (200, "text/event-stream", RESPONSES_JA.into()),
    });
    let (listener, clock) = (listener.await, clock());
    let seat = api_seat_at(ProviderKind::Openai, listener.base_url(), &clock);
    let prompt = Prompt {
        shape: AnswerShape::Recap,
        ..ask("Sum it up.")
    };
    let called = call_through(seat, &clock, &prompt).await;
    assert_eq!(called.outcome.unwrap().text, "Ja.");
    let [_, second] = &listener.requests()[..] else {
        panic!("it was asked other than twice");
    };
    assert!(second.get("text").is_some(), "the schema was not refused");
}

/// What holds of one request says nothing of the next one's fields.
#[rstest]
#[tokio::test]
async fn a_refusal_that_names_no_field_is_taken_at_its_word(
    #[values(RESPONSES, GEMINI, OLLAMA, OPENAI)] wire: Wire,
) {
    let words = "We need more information; the prompt has the model reasoning about rethinking.";
    let listener = Listener::start(move |_| {
        let error = json!({"error": {"code": 400, "message": words}});
        (400, "application/json", error.to_string())
    });
    let (listener, clock) = (listener.await, clock());
    let dialect = Dialect::default();
    let prompt = Prompt {
        shape: AnswerShape::Recap,
        ..ask("Sum it up.")
    };
    for _ in 0..2 {
        let (kind, base_url) = (kind_of(wire), listener.base_url());
        let seat = api_seat_speaking(dialect.clone(), kind, base_url, &clock);
        let failure = call_through(seat, &clock, &prompt)
            .await
            .outcome
            .unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (SeatErrorCode::PreStreamProviderError, words)
        );
    }
    let [first, second] = &listener.requests()[..] else {
        panic!("it was asked again");
    };
    assert_eq!(first, second, "nothing was left out");
}

/// Thoughts come out of an answer's limit, which is small for data and all the model's for prose.
#[rstest]
#[case(RESPONSES, "/reasoning/effort", json!("low"))]
#[case(GEMINI, "/generationConfig/thinkingConfig/thinkingBudget", json!(512))]
#[tokio::test]
async fn a_model_thinks_briefly_before_data_and_as_it_likes_before_prose(
    #[case] wire: Wire,
    #[case] field: &str,
    #[case] value: Value,
) {
    for (shape, sent) in [
        (AnswerShape::Prose, None),
        (AnswerShape::Snippets, Some(&value)),
    ] {
        let prompt = Prompt {
            shape,
            ..ask("Say it.")
        };
        let (_, _, provider) = answered(wire, Options::default(), &prompt).await;
        assert_eq!(provider.requests()[0].body.pointer(field), sent);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let (listener, clock) = (
        Listener::start(|_| (307, "text/plain", "Elsewhere.".into())).await,
        clock(),
    );
    let seat = api_seat_at(ProviderKind::Openai, listener.base_url(), &clock);
    let failure = call_through(seat, &clock, &ask("Why?"))
        .await
        .outcome
        .unwrap_err();
    assert_eq!(
        (failure.code, failure.message.as_str()),
        (SeatErrorCode::PreStreamProviderError, "Elsewhere.")
    );
}
